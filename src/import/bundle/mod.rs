//! Bundles for weak lines: a delivery, or only what of it the receiver lacks, as files of a given size.
//!
//! A bundle is the package's own files in a TAR packed by gzip, cut into parts. Each part begins with a line
//! of JSON that says which bundle and which part it is, whether it is the last, where it lies in the stream
//! and what digest its bytes have: so a part that is missing, cut off or damaged is known by its number, and
//! sending that one again is enough. Header, signature and manifest travel whole, so what is unpacked is a
//! delivery that the auditor judges like any other; the part's own line proves nothing and need not.

mod fault;
mod part;
mod read;
mod write;

pub use fault::BundleFault;
pub use part::{EXTENSION, PartHead};
pub use read::{Bundle, found_in};
pub use write::{LEAST_PART_BYTES, Packed, Packing, pack};
