//! Programs that others wrote judge what ours writes: veraPDF, pyHanko, qpdf, Poppler, MuPDF, OpenSSL.
//!
//! Each judge fails loudly where its tool is missing; scripts/test installs them.

mod intake;
mod pades;
mod pdfa;
mod road;
mod tools;
mod verify;
