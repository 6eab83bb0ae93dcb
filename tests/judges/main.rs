//! Programs that others wrote judge what ours writes: veraPDF, pyHanko, EU DSS, qpdf, Poppler, MuPDF, OpenSSL.
//!
//! Each judge fails loudly where its tool is missing; scripts/test installs them.

#[path = "../authority/mod.rs"]
mod authority;
#[path = "../keys/mod.rs"]
mod keys;

mod attacks;
mod dss;
mod elsewhere;
mod foreign;
mod intake;
mod jbig2;
mod kept;
mod lasting;
mod levels;
mod mark;
mod network;
mod pades;
mod pdfa;
mod record;
mod road;
mod scans;
mod sheets;
mod tlog;
mod tokens;
mod tools;
mod verify;
