//! What tesseract/capi.h (5.0 and later), leptonica/allheaders.h and omp.h declare, of that what we call.

// Declaring what is foreign counts as unsafe; nothing is called here.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_float, c_int, c_uchar};

/// `TessBaseAPI`, seen only through pointers.
#[repr(C)]
pub struct Api {
    _opaque: [u8; 0],
}

/// `TessResultIterator`. In Tesseract's class tree it is a `TessPageIterator` too, at the same address
/// (single inheritance), so the functions of both take it.
#[repr(C)]
pub struct ResultIterator {
    _opaque: [u8; 0],
}

/// `ETEXT_DESC`.
#[repr(C)]
pub struct Monitor {
    _opaque: [u8; 0],
}

/// Leptonica's `Pix`.
#[repr(C)]
pub struct Pix {
    _opaque: [u8; 0],
}

/// `PSM_RAW_LINE` of `TessPageSegMode`.
pub const PSM_RAW_LINE: c_int = 13;

unsafe extern "C" {
    pub fn TessVersion() -> *const c_char;
    pub fn TessDeleteText(text: *const c_char);

    pub fn TessBaseAPICreate() -> *mut Api;
    pub fn TessBaseAPIDelete(api: *mut Api);
    pub fn TessBaseAPIInit3(api: *mut Api, folder: *const c_char, language: *const c_char)
    -> c_int;
    pub fn TessBaseAPISetVariable(
        api: *mut Api,
        name: *const c_char,
        value: *const c_char,
    ) -> c_int;
    pub fn TessBaseAPISetPageSegMode(api: *mut Api, mode: c_int);
    pub fn TessBaseAPISetImage(
        api: *mut Api,
        pixels: *const c_uchar,
        width: c_int,
        height: c_int,
        bytes_per_pixel: c_int,
        bytes_per_line: c_int,
    );
    pub fn TessBaseAPISetSourceResolution(api: *mut Api, dpi: c_int);
    pub fn TessBaseAPIRecognize(api: *mut Api, monitor: *mut Monitor) -> c_int;
    pub fn TessBaseAPIGetIterator(api: *mut Api) -> *mut ResultIterator;
    pub fn TessBaseAPIGetUTF8Text(api: *mut Api) -> *mut c_char;
    pub fn TessBaseAPIClear(api: *mut Api);

    pub fn TessMonitorCreate() -> *mut Monitor;
    pub fn TessMonitorDelete(monitor: *mut Monitor);
    pub fn TessMonitorSetDeadlineMSecs(monitor: *mut Monitor, deadline_ms: c_int);

    pub fn TessResultIteratorDelete(words: *mut ResultIterator);
    pub fn TessResultIteratorNext(words: *mut ResultIterator, level: c_int) -> c_int;
    pub fn TessResultIteratorGetUTF8Text(words: *const ResultIterator, level: c_int)
    -> *mut c_char;
    pub fn TessResultIteratorConfidence(words: *const ResultIterator, level: c_int) -> c_float;
    pub fn TessPageIteratorIsAtBeginningOf(words: *const ResultIterator, level: c_int) -> c_int;
    pub fn TessPageIteratorBoundingBox(
        words: *const ResultIterator,
        level: c_int,
        left: *mut c_int,
        top: *mut c_int,
        right: *mut c_int,
        bottom: *mut c_int,
    ) -> c_int;
    pub fn TessPageIteratorBaseline(
        words: *const ResultIterator,
        level: c_int,
        x1: *mut c_int,
        y1: *mut c_int,
        x2: *mut c_int,
        y2: *mut c_int,
    ) -> c_int;

    pub fn pixWriteMemPnm(data: *mut *mut u8, size: *mut usize, pix: *mut Pix) -> c_int;

    pub fn omp_set_max_active_levels(levels: c_int);
}
