//! A box to tick among the words of a page. No model knows the sign; the finder tells it by its frame, so nothing is read.

use sohoa_lines::find::{LinePicture, TextLine, Tick};

use crate::model::{Confidence, EMPTY_BOX, TICKED_BOX};

/// A box with so little in it that it may be dust, or a hook that missed it, is a guess.
const UNSURE_PCT: f32 = 50.0;
/// How many were found on 13 pages drawn and worn, and told rightly, stands in docs/benchmarks.md.
const SURE_PCT: f32 = 95.0;

/// The sign of a box.
pub fn sign(tick: Tick) -> char {
    match tick.ticked {
        true => TICKED_BOX,
        false => EMPTY_BOX,
    }
}

/// How sure it is.
pub fn confidence(tick: Tick) -> Confidence {
    Confidence::from_pct_f32(match tick.sure {
        true => SURE_PCT,
        false => UNSURE_PCT,
    })
}

/// The picture of a line that is a box.
pub fn nothing_to_read(line: &TextLine) -> LinePicture {
    LinePicture {
        pixels: Vec::new(),
        width_px: 0,
        height_px: 0,
        left_px: line.bounds.x_px,
        closed_up: None,
    }
}
