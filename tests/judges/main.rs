//! Programs that others wrote judge what ours writes: veraPDF, pyHanko, EU DSS, qpdf, Poppler, MuPDF, OpenSSL.
//!
//! Each judge fails loudly where its tool is missing; scripts/test installs them.

#[path = "../keys/mod.rs"]
mod keys;

mod dss;
mod intake;
mod jbig2;
mod kept;
mod levels;
mod mark;
mod pades;
mod pdfa;
mod road;
mod scans;
mod sheets;
mod tlog;
mod tokens;
mod tools;
mod verify;
