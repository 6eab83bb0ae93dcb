//! The system's libtesseract, as far as the program calls it.
//!
//! A package of its own, so that the program stays free of unsafe code. [`Engine`] is a handle that is freed
//! with its owner, [`Words`] an iterator that cannot outlive its engine: one that does aborts the process
//! (measured; ARCHITECTURE.md, "Recognition"). What C declares stands in `c.rs`, and only there; what takes
//! the place of a function of Leptonica in `line_images.rs`.

#![deny(unsafe_code, unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]

mod c;
mod engine;
mod line_images;
#[cfg(test)]
mod tests;
mod words;

pub use engine::{Engine, Fault, keep_openmp_to_this_thread, version};
pub use line_images::line_images;
pub use words::{Level, Words};
