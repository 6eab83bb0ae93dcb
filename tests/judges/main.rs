//! Programs that others wrote judge what ours writes: veraPDF, pyHanko, qpdf, Poppler, MuPDF, OpenSSL.
//!
//! Each judge fails loudly where its tool is missing; scripts/test installs them.

#[path = "../keys/mod.rs"]
mod keys;

mod intake;
mod jbig2;
mod kept;
mod levels;
mod pades;
mod pdfa;
mod road;
mod scans;
mod sheets;
mod tools;
mod verify;
