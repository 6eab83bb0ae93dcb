//! BYTES, not archives: file formats that would be the same in any program.

pub mod barcode;
pub mod cms;
pub mod containers;
pub mod ers;
#[cfg(test)]
pub(crate) mod fictional_signer;
pub mod foreign_signature;
pub mod jws;
pub mod merkle;
pub mod pades;
pub mod pdfa;
pub mod proof;
pub mod raster;
pub mod revocation;
pub mod sheets;
pub mod signer;
pub mod timestamp;
pub mod tlog;
pub mod tls;
mod typeface;
pub mod vietnamese;
pub mod x509;
