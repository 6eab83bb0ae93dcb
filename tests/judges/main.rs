//! Foreign judges (temporary list of modules; the lead joins them).
mod intake;
