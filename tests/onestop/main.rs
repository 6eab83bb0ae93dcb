//! What passes between the digitized package and the one-stop system, in one binary.

#[path = "../keys/mod.rs"]
mod keys;
#[allow(dead_code, reason = "the promises of tests/suite use the rest of it")]
#[path = "../suite/support.rs"]
mod support;

mod manifest;
