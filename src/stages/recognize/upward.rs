//! Words that run up or down the page in cells of a table, as the heads of narrow columns do.
//!
//! A cell that may be written so is read turned both ways, and what is surest of what stands in it is kept.

use sohoa_lines::find::{Bounds, TallCell};

use super::{Picture, RecognizeFault, cut_out};
use crate::model::{Affine, Confidence, PageText, Point, PxBox, Word};

/// A cell is read level where its words are so sure, and have as many letters as it has pieces of ink, but for this share.
const SURE: Confidence = Confidence::from_pct(85);
const LEAST_SHARE: f32 = 0.7;
/// Turned readings are believed from here on.
const BELIEVED: Confidence = Confidence::from_pct(75);

/// Puts the words of cells that are written up or down in the place of what was read there level; behind all others, a cell a
/// block. What finds no time is left as it is.
pub fn read_cells(
    picture: &Picture<'_>,
    cells: &[TallCell],
    text: &mut PageText,
    read: impl Fn(&Picture<'_>) -> Result<PageText, RecognizeFault>,
) -> Result<(), RecognizeFault> {
    for cell in cells {
        let place = on_page(cell.inside, picture);
        let own = |word: &&Word| has_middle_in(word, &place);
        let level: Vec<Word> = text.words.iter().filter(own).cloned().collect();
        if is_read(&level, cell.letters) {
            continue;
        }
        let mut best = level.clone();
        for way in [Way::Up, Way::Down] {
            let found = match read_turned(picture, cell.inside, way, &read) {
                Err(RecognizeFault::OutOfTime { .. }) => return Ok(()),
                found => found?,
            };
            if confidence(&found) >= BELIEVED && sureness(&found) > sureness(&best) {
                best = found;
            }
            if is_read(&best, cell.letters) {
                break;
            }
        }
        if best != level {
            text.words.retain(|word| !own(&word));
            append(text, best);
        }
    }
    Ok(())
}

/// Which way a line runs.
#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}

/// The words of a cell that is turned so that what runs this way runs level.
fn read_turned(
    picture: &Picture<'_>,
    cell: Bounds,
    way: Way,
    read: impl Fn(&Picture<'_>) -> Result<PageText, RecognizeFault>,
) -> Result<Vec<Word>, RecognizeFault> {
    let (pixels, to_page) = cut_out(picture.pixels, &picture.to_page, boxed(cell));
    let (width, height) = (pixels.width() as f32, pixels.height() as f32);
    let (turned, back) = match way {
        Way::Up => (
            image::imageops::rotate90(&pixels),
            quarter(1.0, 0.0, height),
        ),
        Way::Down => (
            image::imageops::rotate270(&pixels),
            quarter(-1.0, width, 0.0),
        ),
    };
    let found = read(&Picture {
        pixels: &turned,
        to_page: back.then(&to_page),
        ..*picture
    })?;
    Ok(found.words)
}

/// From a turned cell back to the cell: columns become rows, one of them reversed.
fn quarter(rows: f32, e: f32, f: f32) -> Affine {
    Affine {
        a: 0.0,
        b: -rows,
        c: rows,
        d: 0.0,
        e,
        f,
    }
}

fn boxed(bounds: Bounds) -> PxBox {
    PxBox {
        x_px: bounds.x_px,
        y_px: bounds.y_px,
        w_px: bounds.w_px,
        h_px: bounds.h_px,
    }
}

/// Where a part of the picture lies on the page.
fn on_page(part: Bounds, picture: &Picture<'_>) -> PxBox {
    let (left, top) = (part.x_px as f32, part.y_px as f32);
    let (right, bottom) = (part.right_px() as f32, part.bottom_px() as f32);
    let corners = [(left, top), (right, top), (left, bottom), (right, bottom)];
    let corners = corners.map(|(x_px, y_px)| picture.to_page.map(Point { x_px, y_px }));
    PxBox::around(&corners, picture.page_width_px, picture.page_height_px)
}

fn has_middle_in(word: &Word, place: &PxBox) -> bool {
    let bounds = &word.bounds;
    let (x_px, y_px) = (bounds.x_px + bounds.w_px / 2, bounds.y_px + bounds.h_px / 2);
    (place.x_px..place.right_px()).contains(&x_px)
        && (place.y_px..place.bottom_px()).contains(&y_px)
}

/// Whether these words are sure, and all that so many pieces of ink say.
fn is_read(words: &[Word], pieces: usize) -> bool {
    confidence(words) >= SURE && letters(words) as f32 >= LEAST_SHARE * pieces as f32
}

fn letters(words: &[Word]) -> usize {
    words.iter().map(letters_of).sum()
}

fn letters_of(word: &Word) -> usize {
    word.text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Letters weighed by how sure they are.
fn sureness(words: &[Word]) -> usize {
    let weigh = |word: &Word| letters_of(word) * usize::from(word.confidence.pct());
    words.iter().map(weigh).sum()
}

/// The mean sureness of the letters.
fn confidence(words: &[Word]) -> Confidence {
    let mean = sureness(words).checked_div(letters(words)).unwrap_or(0);
    Confidence::from_pct(mean as u8)
}

/// Puts words behind all others of the page.
fn append(text: &mut PageText, words: Vec<Word>) {
    let (block, line) = match text.words.last() {
        Some(last) => (last.block + 1, last.line + 1),
        None => (0, 0),
    };
    let (first_block, first_line) = words.first().map_or((0, 0), |word| (word.block, word.line));
    text.words.extend(words.into_iter().map(|word| Word {
        block: block + word.block - first_block,
        line: line + word.line - first_line,
        ..word
    }));
}
