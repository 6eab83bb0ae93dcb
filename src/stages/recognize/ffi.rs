//! The few C functions that tesseract-rs 0.4 leaves out, each behind a safe door.
//!
//! The only unsafe code of the project. Nothing here outlives the call: an
//! iterator used after its engine was dropped aborts the process, and a thread
//! that has not switched OpenMP off reads eight times slower (both measured,
//! see ARCHITECTURE.md, "Recognition").

#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicU64, Ordering};

use tesseract_rs::{ResultIterator, TessPageIteratorLevel, TesseractAPI};

#[link(name = "lept")]
unsafe extern "C" {
    fn pixWriteMemPnm(data: *mut *mut u8, size: *mut usize, pix: *mut c_void) -> c_int;
}

#[link(name = "gomp")]
unsafe extern "C" {
    fn omp_set_max_active_levels(levels: c_int);
}

unsafe extern "C" {
    fn TessMonitorCreate() -> *mut c_void;
    fn TessMonitorDelete(monitor: *mut c_void);
    fn TessMonitorSetDeadlineMSecs(monitor: *mut c_void, deadline_ms: c_int);
    fn TessBaseAPIRecognize(engine: *mut c_void, monitor: *mut c_void) -> c_int;
    fn TessPageIteratorIsAtBeginningOf(iterator: *mut c_void, level: c_int) -> c_int;
    fn TessPageIteratorBaseline(
        iterator: *mut c_void,
        level: c_int,
        x1: *mut c_int,
        y1: *mut c_int,
        x2: *mut c_int,
        y2: *mut c_int,
    ) -> c_int;
}

/// Makes OpenMP run its loops on the calling thread alone.
///
/// Tesseract asks for four threads a page; with one page a worker that only
/// fights over the cores. The setting is per thread and must be made in each.
pub fn keep_openmp_to_this_thread() {
    // SAFETY: takes a number, touches only this thread's OpenMP settings.
    unsafe { omp_set_max_active_levels(0) }
}

/// Recognises the image set before; false where the deadline passed or the engine gave up.
pub fn recognize_until(engine: &TesseractAPI, deadline_ms: u32) -> bool {
    let Ok(engine) = engine.handle.lock() else {
        return false;
    };
    let deadline_ms = c_int::try_from(deadline_ms).unwrap_or(c_int::MAX);
    // SAFETY: the engine is alive while its lock is held; the monitor is made,
    // used and deleted here, and the engine keeps no pointer to it.
    unsafe {
        let monitor = TessMonitorCreate();
        TessMonitorSetDeadlineMSecs(monitor, deadline_ms);
        let status = TessBaseAPIRecognize(*engine, monitor);
        TessMonitorDelete(monitor);
        status == 0
    }
}

/// True where the word under the iterator is the first of its line or block.
pub fn begins(iterator: &ResultIterator, level: TessPageIteratorLevel) -> bool {
    let Ok(handle) = iterator.handle.lock() else {
        return false;
    };
    // SAFETY: a ResultIterator is a PageIterator in Tesseract's class tree; alive under the lock.
    unsafe { TessPageIteratorIsAtBeginningOf(*handle, level as c_int) != 0 }
}

/// Both ends of the baseline of the word under the iterator, in pixels of the picture.
pub fn word_baseline(iterator: &ResultIterator) -> Option<[(f32, f32); 2]> {
    let handle = iterator.handle.lock().ok()?;
    let (mut x1, mut y1, mut x2, mut y2) = (0, 0, 0, 0);
    let level = TessPageIteratorLevel::RIL_WORD as c_int;
    // SAFETY: as above; the four numbers are ours for the length of the call.
    let found =
        unsafe { TessPageIteratorBaseline(*handle, level, &mut x1, &mut y1, &mut x2, &mut y2) };
    (found != 0).then_some([(x1 as f32, y1 as f32), (x2 as f32, y2 as f32)])
}

static LINE_IMAGES: AtomicU64 = AtomicU64::new(0);

/// How many line images Tesseract has handed itself through memory since the start.
pub fn line_images() -> u64 {
    LINE_IMAGES.load(Ordering::Relaxed)
}

/// Takes the place of Leptonica's function of this name for libtesseract.
///
/// Tesseract packs the image of every line as PNG and unpacks it at once, which
/// is a fifth of its time and buys nothing (TECH, Part II). As the program
/// exports this symbol (build.rs), the call lands here and the line travels as
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
    pix: *mut c_void,
    _format: c_int,
) -> c_int {
    LINE_IMAGES.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the caller's promises are passed on unchanged.
    unsafe { pixWriteMemPnm(data, size, pix) }
}
