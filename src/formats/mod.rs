//! BYTES, not archives: file formats that would be the same in any program.

pub mod merkle;
pub mod pades;
pub mod pdfa;
pub mod raster;
pub mod vietnamese;
