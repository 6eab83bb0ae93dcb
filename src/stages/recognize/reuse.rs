//! Whether the words that a page brought along can stand in place of a reading of it.
//!
//! Archives hold scans that were recognised before, some well, many badly: letters without
//! their marks, words beside their ink, another page's text. Only a reading of the page can
//! tell, and reading a part of it is enough: a band with a quarter of its words. There the
//! layer must hold the words that the engine is sure of, letter for letter at their places,
//! and must hold nothing where the engine sees nothing.
//!
//! Measured on 12 pages (three scan profiles): layers without marks, 20 px off or of another
//! page reach 31 % of the sure words at most, layers with every tenth word wrong 41 to 91 %,
//! sound ones 83 to 100 % but for two old, yellowed pages (45 and 73 %). At 92 % no bad one
//! passes, and 7 of the 11 sound ones do; the others are read anew, which harms nobody.

use std::ops::Range;

use image::GrayImage;

use super::{Options, Picture, cut_out};
use crate::formats::vietnamese::comparison_key;
use crate::model::{Affine, Confidence, PageText, PxBox, Word};

/// A layer of fewer words is no page's text; reading such a page costs little.
const FEWEST_WORDS: usize = 30;
/// The band starts below this part of the words (letterheads are set in two columns and
/// capitals) and holds this part of them.
const BAND_FROM: f64 = 0.3;
const BAND_PART: f64 = 0.25;
/// From here on the engine's words are right more than 97 times in a hundred.
const SURE: u8 = 80;
/// With fewer sure words the share of those found is chance.
const FEWEST_SURE: usize = 8;
/// How far a word's ends and baseline may be off, in parts of its height: at 300 dpi and 12
/// points some 15 px, so that a layer 20 px off does not pass.
const OFF: f32 = 0.35;
/// Of the layer's words in the band, the engine must see so many at all.
const LEAST_SEEN_PCT: u8 = 80;

/// How a layer and a reading of the same band agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Of the words the engine is sure of, whole percent that the layer has alike.
    pub found_pct: u8,
    /// Of the layer's words, whole percent that the engine sees at all.
    pub seen_pct: u8,
}

/// The band of the page to read for comparison: all its width, about a quarter of its words.
///
/// `None` where the layer has too few words to be a page's text.
pub fn band(layer: &PageText) -> Option<PxBox> {
    let mut words: Vec<&Word> = layer.words.iter().filter(|w| is_word(w)).collect();
    if words.len() < FEWEST_WORDS {
        return None;
    }
    words.sort_by_key(|word| centre_px(&word.bounds));
    let from = (words.len() as f64 * BAND_FROM) as usize;
    let part = (words.len() as f64 * BAND_PART).ceil() as usize;
    let held = words.iter().skip(from).take(part).map(|word| word.bounds);
    let held = held.reduce(|all, bounds| all.union(&bounds))?;
    // Marks above capitals and tails below reach out of the words' boxes.
    let margin_px = words[from].bounds.h_px / 2;
    let top_px = held.y_px.saturating_sub(margin_px);
    let bottom_px = held
        .bottom_px()
        .saturating_add(margin_px)
        .min(layer.height_px);
    Some(PxBox {
        x_px: 0,
        y_px: top_px,
        w_px: layer.width_px,
        h_px: bottom_px.saturating_sub(top_px),
    })
}

/// The part of a picture that shows a band of the upright page, and its way back to the page.
pub fn cut_to(picture: &Picture<'_>, band: PxBox) -> Option<(GrayImage, Affine)> {
    let (width_px, height_px) = picture.pixels.dimensions();
    let rows = rows_of(&picture.to_page, band, height_px)?;
    let part = PxBox {
        x_px: 0,
        y_px: rows.start,
        w_px: width_px,
        h_px: rows.end - rows.start,
    };
    Some(cut_out(picture.pixels, &picture.to_page, part))
}

/// The rows of a picture that hold all of a band; `None` where it shows none of it.
fn rows_of(to_page: &Affine, band: PxBox, height_px: u32) -> Option<Range<u32>> {
    let Affine { a, b, c, d, e, f } = *to_page;
    let area = a * d - b * c;
    // From the page back to the picture: the second row of the inverse.
    let row = |x_px: u32, y_px: u32| (a * (y_px as f32 - f) - b * (x_px as f32 - e)) / area;
    let (right, bottom) = (band.right_px(), band.bottom_px());
    let corners = [
        row(band.x_px, band.y_px),
        row(right, band.y_px),
        row(band.x_px, bottom),
        row(right, bottom),
    ];
    let top = corners
        .iter()
        .copied()
        .fold(f32::INFINITY, f32::min)
        .floor();
    let end = corners.iter().copied().fold(0.0, f32::max).ceil();
    // `as` saturates: what lies off the picture is cut.
    let rows = (top as u32).min(height_px)..(end as u32).min(height_px);
    (area != 0.0 && !rows.is_empty()).then_some(rows)
}

/// Compares a layer with the engine's own reading of the band.
///
/// `None` where the engine is sure of too little to judge by.
pub fn agreement(layer: &PageText, own: &PageText, band: PxBox) -> Option<Agreement> {
    let sure: Vec<_> = own
        .words
        .iter()
        .filter(|w| is_sure(w) && lies_in(w, band))
        .collect();
    if sure.len() < FEWEST_SURE {
        return None;
    }
    let layered: Vec<_> = layer
        .words
        .iter()
        .filter(|w| is_word(w) && lies_in(w, band))
        .collect();
    let near = |word: &Word| {
        let near = layer.words.iter().filter(|other| is_at(other, word));
        near.map(|other| letters(&other.text)).collect::<Vec<_>>()
    };
    let found = sure
        .iter()
        .filter(|word| near(word).contains(&letters(&word.text)));
    let seen = layered
        .iter()
        .filter(|word| own.words.iter().any(|o| touches(o, word)));
    Some(Agreement {
        found_pct: pct(found.count(), sure.len()),
        seen_pct: pct(seen.count(), layered.len()),
    })
}

/// The layer as the page's text, each word as sure as the layer has proved; `None` where it
/// is not good enough and the page must be read.
pub fn agrees(
    layer: &PageText,
    own: &PageText,
    band: PxBox,
    options: &Options,
) -> Option<PageText> {
    let agreement = agreement(layer, own, band)?;
    let good =
        agreement.found_pct >= options.reuse_agreement_pct && agreement.seen_pct >= LEAST_SEEN_PCT;
    let confidence = Confidence::from_pct(agreement.found_pct);
    good.then(|| {
        let mut text = layer.clone();
        text.words
            .iter_mut()
            .for_each(|word| word.confidence = confidence);
        text
    })
}

/// Letters and digits, whatever their case and wherever their tone mark is put.
fn letters(text: &str) -> String {
    let kept: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    comparison_key(&kept.to_lowercase())
}

fn is_word(word: &Word) -> bool {
    word.text.chars().any(char::is_alphanumeric)
}

fn is_sure(word: &Word) -> bool {
    word.confidence.pct() >= SURE && is_word(word)
}

fn centre_px(bounds: &PxBox) -> u32 {
    bounds.y_px + bounds.h_px / 2
}

/// Words that the band's edge cuts are left out on both sides.
fn lies_in(word: &Word, band: PxBox) -> bool {
    word.bounds.y_px >= band.y_px && word.bounds.bottom_px() <= band.bottom_px()
}

/// True where both words start, end and stand at the same place.
fn is_at(word: &Word, other: &Word) -> bool {
    let off_px = OFF * word.bounds.h_px.max(other.bounds.h_px) as f32;
    let near = |l: f32, r: f32| (l - r).abs() <= off_px;
    near(word.bounds.x_px as f32, other.bounds.x_px as f32)
        && near(
            word.bounds.right_px() as f32,
            other.bounds.right_px() as f32,
        )
        && near(word.baseline_start.y_px, other.baseline_start.y_px)
}

/// True where one box covers a good part of the other.
fn touches(word: &Word, other: &Word) -> bool {
    let (l, r) = (word.bounds, other.bounds);
    let across = l
        .right_px()
        .min(r.right_px())
        .saturating_sub(l.x_px.max(r.x_px));
    let down = l
        .bottom_px()
        .min(r.bottom_px())
        .saturating_sub(l.y_px.max(r.y_px));
    let smaller =
        (u64::from(l.w_px) * u64::from(l.h_px)).min(u64::from(r.w_px) * u64::from(r.h_px));
    u64::from(across) * u64::from(down) * 3 >= smaller.max(1)
}

fn pct(part: usize, whole: usize) -> u8 {
    // A layer without words in the band was not seen there.
    (part * 100).checked_div(whole).unwrap_or(0) as u8
}

#[cfg(test)]
mod tests;
