//! How the image of a line goes from one part of Tesseract to the other: raw.

#![allow(unsafe_code)]

use std::ffi::c_int;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::c;

static LINE_IMAGES: AtomicU64 = AtomicU64::new(0);

/// How many line images Tesseract has handed itself through memory since the start.
pub fn line_images() -> u64 {
    LINE_IMAGES.load(Ordering::Relaxed)
}

/// Takes the place of Leptonica's function of this name for libtesseract.
///
/// Tesseract packs the image of every line as PNG and unpacks it at once, which
/// is a fifth of its time and buys nothing (TECH, Part II). Where the program
/// exports this symbol (its build.rs), the call lands here and the line travels as
/// raw PNM: the same pixels, so the same text. Were the symbol not exported,
/// Leptonica's own would be called and reading would only be slower.
///
/// # Safety
///
/// As for Leptonica's: `pix` is a valid image, `data` and `size` can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pixWriteMem(
    data: *mut *mut u8,
    size: *mut usize,
    pix: *mut c::Pix,
    _format: c_int,
) -> c_int {
    LINE_IMAGES.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the caller's promises are passed on unchanged.
    unsafe { c::pixWriteMemPnm(data, size, pix) }
}
