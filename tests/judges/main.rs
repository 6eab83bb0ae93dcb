//! Programs that others wrote judge what ours writes: veraPDF, pyHanko, EU DSS, qpdf, Poppler, MuPDF, OpenSSL.
//!
//! Each judge fails loudly where its tool is missing; scripts/test installs them.

#[path = "../authority/mod.rs"]
mod authority;
#[path = "../keys/mod.rs"]
mod keys;
#[path = "../tls_servers/mod.rs"]
mod tls_servers;

mod attacks;
mod dss;
mod elsewhere;
mod foreign;
mod https;
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
