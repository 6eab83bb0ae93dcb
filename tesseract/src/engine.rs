//! The engine: a handle of libtesseract, freed with its owner.

#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::NonNull;

use crate::c;
use crate::words::Words;

/// Why the engine did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No model of this language stands in the folder, or it is none.
    #[error("Failed to initialize Tesseract")]
    Init,
    /// There is no such variable, or it does not take this value.
    #[error("Failed to set variable")]
    Variable,
    /// A picture without width or height, or larger than libtesseract can count.
    #[error("Invalid dimensions")]
    Dimensions,
    /// Fewer bytes than width and height say.
    #[error("Invalid image data")]
    Pixels,
    /// Nothing was read.
    #[error("OCR operation failed")]
    Recognize,
    /// What was read is no UTF-8.
    #[error("Invalid UTF-8 in Tesseract output")]
    Text,
}

/// An engine with a model. It stays on the thread that made it: libtesseract asks for no more, but the setting
/// of [`keep_openmp_to_this_thread`] holds for one thread alone.
#[derive(Debug)]
pub struct Engine {
    api: NonNull<c::Api>,
}

impl Engine {
    /// An engine with the model `language.traineddata` of this folder.
    pub fn open(folder: &Path, language: &str) -> Result<Self, Fault> {
        let folder = CString::new(folder.as_os_str().as_bytes()).map_err(|_| Fault::Init)?;
        let language = CString::new(language).map_err(|_| Fault::Init)?;
        // SAFETY: takes nothing; what it gives is ours until `drop`.
        let api = unsafe { c::TessBaseAPICreate() };
        let engine = Self {
            api: NonNull::new(api).ok_or(Fault::Init)?,
        };
        // SAFETY: the handle is alive, both texts end in NUL and are copied by the call.
        let status =
            unsafe { c::TessBaseAPIInit3(engine.handle(), folder.as_ptr(), language.as_ptr()) };
        if status == 0 {
            Ok(engine)
        } else {
            Err(Fault::Init)
        }
    }

    /// Sets one of Tesseract's variables.
    pub fn set_variable(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        let name = CString::new(name).map_err(|_| Fault::Variable)?;
        let value = CString::new(value).map_err(|_| Fault::Variable)?;
        // SAFETY: as in `open`.
        let set =
            unsafe { c::TessBaseAPISetVariable(self.handle(), name.as_ptr(), value.as_ptr()) };
        if set == 1 {
            Ok(())
        } else {
            Err(Fault::Variable)
        }
    }

    /// From now on each picture is taken for one line and read as it is.
    pub fn take_pictures_for_lines(&mut self) {
        // SAFETY: the handle is alive; the number is one of the enumeration's.
        unsafe { c::TessBaseAPISetPageSegMode(self.handle(), c::PSM_RAW_LINE) }
    }

    /// The picture to read, in shades of grey, a byte a pixel, row by row.
    pub fn set_picture(&mut self, pixels: &[u8], width: u32, height: u32) -> Result<(), Fault> {
        let number = |pixels: u32| c_int::try_from(pixels).map_err(|_| Fault::Dimensions);
        let (across, down) = (number(width)?, number(height)?);
        // Tesseract counts bytes in an int as well.
        if across == 0 || down == 0 || across.checked_mul(down).is_none() {
            return Err(Fault::Dimensions);
        }
        if pixels.len() < width as usize * height as usize {
            return Err(Fault::Pixels);
        }
        // SAFETY: the handle is alive, the slice holds all rows, and the call copies them.
        unsafe {
            c::TessBaseAPISetImage(self.handle(), pixels.as_ptr(), across, down, 1, across);
        }
        Ok(())
    }

    /// How many dots of the picture make an inch.
    pub fn set_resolution(&mut self, dpi: u32) {
        let dpi = c_int::try_from(dpi).unwrap_or(c_int::MAX);
        // SAFETY: the handle is alive.
        unsafe { c::TessBaseAPISetSourceResolution(self.handle(), dpi) }
    }

    /// Recognises the picture set before; false where the deadline passed or the engine gave up.
    pub fn recognize_until(&mut self, deadline_ms: u32) -> bool {
        let deadline_ms = c_int::try_from(deadline_ms).unwrap_or(c_int::MAX);
        // SAFETY: the engine is alive; the monitor is made, used and deleted here, and the engine keeps
        // no pointer to it.
        unsafe {
            let monitor = c::TessMonitorCreate();
            c::TessMonitorSetDeadlineMSecs(monitor, deadline_ms);
            let status = c::TessBaseAPIRecognize(self.handle(), monitor);
            c::TessMonitorDelete(monitor);
            status == 0
        }
    }

    /// The words that were recognised, in reading order; none where nothing was found.
    pub fn words(&mut self) -> Option<Words<'_>> {
        // SAFETY: the engine is alive; what it gives is deleted by `Words`, which holds the engine borrowed.
        let words = unsafe { c::TessBaseAPIGetIterator(self.handle()) };
        NonNull::new(words).map(Words::over)
    }

    /// The text of the picture set before, recognised where it was not.
    pub fn text(&mut self) -> Result<String, Fault> {
        // SAFETY: the engine is alive; the text is ours and goes to `take_text`, which frees it.
        unsafe { take_text(c::TessBaseAPIGetUTF8Text(self.handle())) }
    }

    /// Lets go of the picture and of what was read in it.
    pub fn clear(&mut self) {
        // SAFETY: the engine is alive, and no `Words` is: it would hold the engine borrowed.
        unsafe { c::TessBaseAPIClear(self.handle()) }
    }

    fn handle(&self) -> *mut c::Api {
        self.api.as_ptr()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: made by TessBaseAPICreate and deleted only here.
        unsafe { c::TessBaseAPIDelete(self.handle()) }
    }
}

/// Copies a text that libtesseract made and frees it.
///
/// # Safety
///
/// `text` is null, or a text that ends in NUL and was given to the caller by libtesseract.
pub(crate) unsafe fn take_text(text: *mut c_char) -> Result<String, Fault> {
    if text.is_null() {
        return Err(Fault::Recognize);
    }
    // SAFETY: the caller's promise; the bytes are copied before they are freed, once.
    unsafe {
        let copy = CStr::from_ptr(text).to_str().map(str::to_owned);
        c::TessDeleteText(text);
        copy.map_err(|_| Fault::Text)
    }
}

/// libtesseract's version, such as `5.3.0`.
pub fn version() -> String {
    // SAFETY: a constant text of the library that ends in NUL.
    let version = unsafe { CStr::from_ptr(c::TessVersion()) };
    version.to_string_lossy().into_owned()
}

/// Makes OpenMP run its loops on the calling thread alone.
///
/// Tesseract asks for four threads a page; with one page a worker that only
/// fights over the cores. The setting is per thread and must be made in each.
pub fn keep_openmp_to_this_thread() {
    // SAFETY: takes a number, touches only this thread's OpenMP settings.
    unsafe { c::omp_set_max_active_levels(0) }
}
