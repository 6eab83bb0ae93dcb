//! Stamps struck by hand: looked for in what is red, in what is paler than the print, and in all ink, and read
//! against the few words that stand on stamps.
//!
//! What is near a degree of secrecy counts: a false alarm costs a look, a miss costs a secret. A frame in which nothing is
//! read does not: two of 50 pages of the fixtures bear none and show one (half a seal, spaced italics).

use image::GrayImage;

use crate::formats::raster::{Pixels, Raster};
use crate::formats::vietnamese::fold;
use crate::model::{Affine, PageText, PxBox, Secrecy, Word};
use crate::stages::clean::{self, CleanPage, LEVEL_DEG, StampPlace};
use crate::stages::describe::{Struck, struck};
use crate::stages::recognize::RecognizeFault;

/// A frame that is not red is of lines drawn through for so much: two lines of print make one that is broken between its
/// letters. On 180 drawn pages the frames of stamps that were read had 4.2 mm and more, most of the print 1.5 to 2.8.
const LEAST_UNBROKEN_MM: f32 = 3.0;

/// Reads a levelled picture, which has this way to the page; gives the words on it.
pub(super) type Read<'r> = &'r dyn Fn(&GrayImage, Affine) -> Result<PageText, RecognizeFault>;

/// What a picture of the page shows.
#[derive(Clone, Copy, PartialEq)]
enum Layer {
    /// What is red: nothing of it is print.
    Red,
    /// What is paler than the print; where the print is faded, it too.
    Pale,
    /// Everything.
    All,
}

/// The degree of secrecy that a stamp struck by hand says.
pub(super) fn secrecy(
    page: &CleanPage,
    raster: &Raster,
    read: Read<'_>,
) -> Result<Option<Secrecy>, RecognizeFault> {
    let mut seen: Vec<(PxBox, Struck)> = Vec::new();
    for (layer, picture) in layers(page, raster) {
        for place in clean::stamp_places(&picture, page.reading_dpi) {
            let is_known = |(bounds, _): &(PxBox, Struck)| bounds.overlaps(&place.bounds);
            if seen.iter().any(is_known) {
                continue;
            }
            let stamp = at_place(layer, &picture, page, &place, read)?;
            if stamp != Struck::Unread {
                seen.push((place.bounds, stamp));
            }
        }
    }
    let degrees = seen.iter().filter_map(|(_, stamp)| match stamp {
        Struck::Secrecy(level) => Some(*level),
        Struck::Other | Struck::Unread => None,
    });
    Ok(degrees.max())
}

fn layers(page: &CleanPage, raster: &Raster) -> Vec<(Layer, GrayImage)> {
    let all = clean::upper_half(&page.reading);
    let mut layers = Vec::new();
    match clean::red_layer(raster, page) {
        Some(red) => layers.push((Layer::Red, red)),
        None if matches!(raster.pixels, Pixels::Bilevel(_)) => {}
        None => layers.push((Layer::Pale, clean::without_print(&all))),
    }
    layers.push((Layer::All, all));
    layers
}

/// The stamp at a place.
fn at_place(
    layer: Layer,
    picture: &GrayImage,
    page: &CleanPage,
    place: &StampPlace,
    read: Read<'_>,
) -> Result<Struck, RecognizeFault> {
    // Print has a likeliest angle, its own: level. Any other is found in the white between its letters.
    let angles = match layer {
        Layer::Red => place.turns_deg.as_slice(),
        Layer::Pale | Layer::All => &place.turns_deg[..place.turns_deg.len().min(1)],
    };
    let mut best = Struck::Unread;
    for turn_deg in angles.iter().copied() {
        let lies_level = turn_deg.abs() < LEVEL_DEG;
        // Level frames in all ink are those of forms, and found by their lines.
        if layer == Layer::All && lies_level {
            continue;
        }
        let dpi = page.reading_dpi;
        let (mut level, to_layer) = clean::level_place(picture, dpi, place.bounds, turn_deg);
        let frame = clean::take_frame_out(&mut level, dpi);
        let is_drawn = frame.is_some_and(|frame| frame.unbroken_mm >= LEAST_UNBROKEN_MM);
        if !is_drawn && layer != Layer::Red {
            continue;
        }
        let stamp = match read(&level, to_layer.then(&page.to_page)) {
            // The page itself is read: a stamp that takes too long is not worth losing it.
            Err(RecognizeFault::OutOfTime { .. }) => return Ok(best),
            found => stamp_in(&found?, frame.is_some()),
        };
        match stamp {
            Struck::Secrecy(_) => return Ok(stamp),
            Struck::Other => best = stamp,
            Struck::Unread => {}
        }
    }
    Ok(best)
}

/// The stamp that one of the lines is, or all of them together. Without a frame `MẬT` must be read as it is: many a short
/// word, and the letters of a seal, are one letter off; and so must it be in a frame where it is no word of capitals, for
/// the cells of a table are frames too (`Mẫu`, a given name).
fn stamp_in(text: &PageText, framed: bool) -> Struck {
    let reading = |words: &[Word]| {
        let line: String = words.iter().map(|word| word.text.as_str()).collect();
        match struck(&line) {
            Struck::Secrecy(Secrecy::Mat)
                if fold(&line) != "MAT" && !(framed && is_in_capitals(&line)) =>
            {
                Struck::Unread
            }
            stamp => stamp,
        }
    };
    let mut readings: Vec<Struck> = text.lines().map(reading).collect();
    readings.push(reading(&text.words));
    let is_secret = |stamp: &Struck| matches!(stamp, Struck::Secrecy(_));
    let known = readings.iter().find(|stamp| is_secret(stamp));
    let known = known.or(readings.iter().find(|stamp| **stamp == Struck::Other));
    known.copied().unwrap_or(Struck::Unread)
}

/// True where at most one letter is a small one that is like no capital: a worn stamp's letter may be misread.
fn is_in_capitals(read: &str) -> bool {
    let is_small = |c: &char| c.is_lowercase() && !matches!(c, 'l' | 'i' | 'ı');
    read.chars().filter(is_small).count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Confidence, Point};

    fn read(line: &str) -> PageText {
        let word = |text: &str| Word {
            text: text.to_owned(),
            bounds: PxBox {
                x_px: 10,
                y_px: 10,
                w_px: 60,
                h_px: 20,
            },
            baseline_start: Point {
                x_px: 10.0,
                y_px: 30.0,
            },
            baseline_end: Point {
                x_px: 70.0,
                y_px: 30.0,
            },
            confidence: Confidence::from_pct(70),
            block: 0,
            line: 0,
            leads_on: false,
        };
        PageText {
            words: line.split(' ').map(word).collect(),
            ..PageText::default()
        }
    }

    #[test]
    fn a_worn_stamp_in_a_frame_counts_and_a_name_in_a_cell_does_not() {
        let secret = Struck::Secrecy(Secrecy::Mat);
        for worn in ["MẬT", "Mật", "MẬI", "Mậl", "MẠ T", "NẬT"] {
            assert_eq!(stamp_in(&read(worn), true), secret, "{worn}");
        }
        for name in ["Mẫu", "Mặc", "Hát"] {
            assert_eq!(stamp_in(&read(name), true), Struck::Unread, "{name}");
        }
        assert_eq!(stamp_in(&read("MẬT"), false), secret);
        assert_eq!(stamp_in(&read("MẬI"), false), Struck::Unread);
    }
}
