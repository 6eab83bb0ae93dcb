//! What was recognised, word by word.

#![allow(unsafe_code)]

use std::ffi::c_int;
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::c;
use crate::engine::{Engine, take_text};

/// Parts of a page, numbered as `TessPageIteratorLevel` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Level {
    /// `RIL_BLOCK`.
    Block = 0,
    /// `RIL_TEXTLINE`.
    Line = 2,
    /// `RIL_WORD`.
    Word = 3,
}

/// Stands on one word after the other; holds its engine, because Tesseract's iterator lives in the engine's page.
#[derive(Debug)]
pub struct Words<'e> {
    at: NonNull<c::ResultIterator>,
    engine: PhantomData<&'e mut Engine>,
}

impl Words<'_> {
    /// Stands on the first word. Only [`Engine::words`] calls this, and binds it to itself.
    pub(crate) fn over(at: NonNull<c::ResultIterator>) -> Self {
        Self {
            at,
            engine: PhantomData,
        }
    }

    /// Goes on to the next word; false where there is none.
    pub fn go_on(&mut self) -> bool {
        // SAFETY: the iterator is alive until `drop`, its engine until the borrow ends.
        unsafe { c::TessResultIteratorNext(self.at.as_ptr(), Level::Word as c_int) != 0 }
    }

    /// True where this word is the first of its line or block.
    pub fn begins(&self, level: Level) -> bool {
        // SAFETY: as above.
        unsafe { c::TessPageIteratorIsAtBeginningOf(self.at.as_ptr(), level as c_int) != 0 }
    }

    /// The word's letters; none where they are no UTF-8.
    pub fn text(&self) -> Option<String> {
        // SAFETY: as above; the text is ours, and `take_text` frees it.
        unsafe {
            let text = c::TessResultIteratorGetUTF8Text(self.at.as_ptr(), Level::Word as c_int);
            take_text(text).ok()
        }
    }

    /// How sure the engine is of this word, 0 to 100.
    pub fn confidence(&self) -> f32 {
        // SAFETY: as above.
        unsafe { c::TessResultIteratorConfidence(self.at.as_ptr(), Level::Word as c_int) }
    }

    /// Left, top, right and bottom of the word, in pixels of the picture.
    pub fn bounds(&self) -> Option<[i32; 4]> {
        let (mut left, mut top, mut right, mut bottom) = (0, 0, 0, 0);
        // SAFETY: as above; the four numbers are ours for the length of the call.
        let found = unsafe {
            c::TessPageIteratorBoundingBox(
                self.at.as_ptr(),
                Level::Word as c_int,
                &mut left,
                &mut top,
                &mut right,
                &mut bottom,
            )
        };
        (found != 0).then_some([left, top, right, bottom])
    }

    /// Both ends of the word's baseline, in pixels of the picture.
    pub fn baseline(&self) -> Option<[(i32, i32); 2]> {
        let (mut x1, mut y1, mut x2, mut y2) = (0, 0, 0, 0);
        // SAFETY: as for `bounds`.
        let found = unsafe {
            c::TessPageIteratorBaseline(
                self.at.as_ptr(),
                Level::Word as c_int,
                &mut x1,
                &mut y1,
                &mut x2,
                &mut y2,
            )
        };
        (found != 0).then_some([(x1, y1), (x2, y2)])
    }
}

impl Drop for Words<'_> {
    fn drop(&mut self) {
        // SAFETY: made by TessBaseAPIGetIterator and deleted only here, while the engine is borrowed.
        unsafe { c::TessResultIteratorDelete(self.at.as_ptr()) }
    }
}
