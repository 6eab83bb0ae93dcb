//! Clean: from the page image as stored to one that is easy to read; blank pages told apart.
//!
//! The archived image is never changed: what is made here is only for reading.

use image::GrayImage;
use serde::{Deserialize, Serialize};

use crate::formats::raster::{Dpi, Pixels, Raster};
use crate::model::{Affine, Orientation};

mod blank;
mod frames;
mod marks;
mod negative;
mod paper;
mod reading;
mod red;
mod resample;
mod resolution;
mod seals;
mod sketch;
mod skew;
mod stamps;

pub use frames::frames;
pub use red::{red_layer, upper_half};
pub use stamps::{
    LEVEL_DEG, StampFrame, StampPlace, level_place, stamp_places, take_frame_out, without_print,
};

use blank::Origin;
use marks::Marks;
use paper::Paper;
use resolution::Resolution;
use sketch::Sketch;

/// What clean may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Look for pages on which nothing is written. Without it no page is blank.
    pub find_blank: bool,
    /// Turn pages whose lines run down the page.
    pub turn_sideways: bool,
    /// Lines that slant by at least so many degrees are levelled for reading.
    pub level_from_deg: f32,
    /// Pages are enlarged for reading up to this resolution.
    pub least_reading_dpi: u32,
    /// Pages are reduced for reading down to this resolution. Measured on 39 pages of 300 dpi:
    /// at 200 the error rate is 9.2 % and reading takes 1.04 s, at 300 9.8 % and 1.33 s.
    pub most_reading_dpi: u32,
    /// Hand over black and white only, instead of grey. At 200 dpi reading is 6 % faster; the
    /// error rate goes from 8.9 to 4.1 % on clean colour pages (one framed form is laid out
    /// better), but from 14.1 to 22.6 % on yellowed ones.
    pub black_and_white: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            find_blank: true,
            turn_sideways: true,
            level_from_deg: 0.15,
            least_reading_dpi: 200,
            most_reading_dpi: 200,
            black_and_white: false,
        }
    }
}

/// A page made ready for reading.
pub struct CleanPage {
    /// The picture to read: upright as far as known, skew taken out, dark ink on white.
    /// Of a blank page only the reduced picture the decision was made on.
    pub reading: GrayImage,
    /// Resolution of `reading`.
    pub reading_dpi: u32,
    /// From pixels of `reading` to pixels of the upright page.
    pub to_page: Affine,
    /// From the stored image to the upright page.
    pub orientation: Orientation,
    /// Width of the upright page in pixels.
    pub width_px: u32,
    /// Height of the upright page in pixels.
    pub height_px: u32,
    /// Resolution of the upright page (the smaller, where the axes differ).
    pub dpi: u32,
    /// Resolution along each axis of the upright page.
    pub axes_dpi: Dpi,
    /// True where the file said no resolution and it was estimated from the page's size.
    pub dpi_estimated: bool,
    /// Slant of the lines in degrees, positive where they sink towards the right; zero where
    /// none was found.
    pub skew_deg: f32,
    /// True where nothing is written on the page.
    pub blank: bool,
    /// What the decision on `blank` rests on.
    pub ink: InkEvidence,
}

/// How much was found on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InkEvidence {
    /// Marks that may be writing: the size of a letter or larger, and no hole, staple, fold or border.
    pub marks: u32,
    /// Their share of the page's area, in parts per million.
    pub ink_ppm: u32,
}

/// Makes a page ready for reading.
pub fn clean(raster: &Raster, options: &Options) -> CleanPage {
    clean_seen(raster, &raster.pixels.luma(), options)
}

/// Makes a page ready for reading whose brightness ([`Pixels::luma`]) was asked for already.
pub fn clean_seen(raster: &Raster, luma: &GrayImage, options: &Options) -> CleanPage {
    let positive = negative::is_negative(luma).then(|| negative::positive(luma));
    let luma = positive.as_ref().unwrap_or(luma);
    let (width_px, height_px) = raster.pixels.size();
    let resolution = resolution::resolve(raster.dpi, width_px, height_px);
    let sketch = sketch::sketch(luma, &resolution);
    let paper = Paper::of(&sketch.luma);
    let marks = Marks::find(&sketch, &paper, blank::least_darkness(&raster.pixels));
    let origins = blank::origins(&marks, &sketch);
    let blank =
        options.find_blank && blank::nothing_written(&raster.pixels, &sketch, &marks, &origins);
    let mut page = bare_page(
        raster,
        &resolution,
        &sketch,
        InkEvidence::of(&marks, &origins, &sketch),
    );
    if blank {
        page.blank = true;
        page.show(reading::turn(sketch.luma, page.orientation));
        return page;
    }
    let ink = skew::Ink::of_letters(&marks, &origins, sketch.px_per_mm, raster.orientation);
    let (lines, sideways) = skew::lines_and_turn(&ink, options.turn_sideways);
    page.skew_deg = lines.map_or(0.0, |lines| lines.skew_deg);
    if sideways {
        page.turn_by(1);
    }
    let washed = match positive {
        None => seals::washed(&raster.pixels, luma, &resolution),
        Some(_) => None,
    };
    let luma = washed.as_ref().unwrap_or(luma);
    let is_uneven = !matches!(raster.pixels, Pixels::Bilevel(_)) && !paper.is_even_and_white();
    let stored = page.reading_size(options);
    let grey = reading::grey(luma, stored, &sketch, is_uneven.then_some(&paper));
    page.make_reading(grey, options);
    page
}

/// The page as the file says it stands, still without a picture to read.
fn bare_page(
    raster: &Raster,
    resolution: &Resolution,
    sketch: &Sketch,
    ink: InkEvidence,
) -> CleanPage {
    let (width_px, height_px) = raster.pixels.size();
    let (dpi_x, dpi_y) = (resolution.dpi.x, resolution.dpi.y);
    let mut page = CleanPage {
        reading: GrayImage::new(0, 0),
        reading_dpi: (sketch.px_per_mm.0 * 25.4).round() as u32,
        to_page: Affine::IDENTITY,
        orientation: Orientation {
            quarter_turns: 0,
            ..raster.orientation
        },
        width_px,
        height_px,
        dpi: dpi_x.min(dpi_y).round() as u32,
        axes_dpi: resolution.dpi,
        dpi_estimated: resolution.estimated,
        skew_deg: 0.0,
        blank: false,
        ink,
    };
    page.turn_by(raster.orientation.quarter_turns);
    page
}

impl InkEvidence {
    fn of(marks: &Marks, origins: &[Origin], sketch: &Sketch) -> InkEvidence {
        let area_mm2 = |px: u32, per_mm: f32| px as f32 / per_mm;
        let page_mm2 = area_mm2(sketch.luma.width(), sketch.px_per_mm.0)
            * area_mm2(sketch.luma.height(), sketch.px_per_mm.1);
        let written = marks.marks.iter().zip(origins);
        let areas = written
            .filter(|(_, origin)| matches!(origin, Origin::Ink | Origin::Small))
            .map(|(mark, _)| mark.area_mm2);
        let (count, ink_mm2) = areas.fold((0, 0.0), |(n, sum), area| (n + 1, sum + area));
        InkEvidence {
            marks: count,
            ink_ppm: (ink_mm2 / page_mm2.max(1.0) * 1e6) as u32,
        }
    }
}

impl CleanPage {
    /// The same page turned clockwise with its picture, for pages that read badly as they are.
    pub fn turned(&self, quarter_turns: u8) -> CleanPage {
        match quarter_turns % 4 {
            0 => CleanPage {
                reading: self.reading.clone(),
                ..*self
            },
            1 => self.turned_once(),
            more => self.turned_once().turned(more - 1),
        }
    }

    fn turned_once(&self) -> CleanPage {
        let (page_h, reading_h) = (self.height_px as f32, self.reading.height() as f32);
        let old = self.to_page;
        let mut page = CleanPage {
            reading: image::imageops::rotate90(&self.reading),
            // (x, y) of the page goes to (height − y, x); the picture's pixels likewise.
            to_page: Affine {
                a: old.d,
                b: -old.c,
                c: -old.b,
                d: old.a,
                e: page_h - (old.d * reading_h + old.f),
                f: old.c * reading_h + old.e,
            },
            ..*self
        };
        page.turn_by(1);
        page
    }

    /// Turns the page, not its picture, clockwise.
    fn turn_by(&mut self, quarter_turns: u8) {
        self.orientation = self.orientation.turned(quarter_turns);
        if quarter_turns % 2 == 1 {
            (self.width_px, self.height_px) = (self.height_px, self.width_px);
            self.axes_dpi = Dpi {
                x: self.axes_dpi.y,
                y: self.axes_dpi.x,
            };
        }
    }

    /// Brings the page to the resolution that reads best; the stored image's size there.
    fn reading_size(&mut self, options: &Options) -> (u32, u32) {
        let finest = self.axes_dpi.x.max(self.axes_dpi.y);
        let least = options.least_reading_dpi.max(1) as f32;
        let dpi = finest
            .max(least)
            .min((options.most_reading_dpi as f32).max(least));
        self.reading_dpi = dpi.round() as u32;
        let side = |px: u32, axis_dpi: f32| ((px as f32 * dpi / axis_dpi).round() as u32).max(1);
        let (width, height) = (
            side(self.width_px, self.axes_dpi.x),
            side(self.height_px, self.axes_dpi.y),
        );
        match self.orientation.swaps_sides() {
            true => (height, width),
            false => (width, height),
        }
    }

    /// From the grey picture of the stored image to the one to read.
    fn make_reading(&mut self, grey: GrayImage, options: &Options) {
        let upright = reading::turn(grey, self.orientation);
        if self.skew_deg.abs() < options.level_from_deg {
            self.show(upright);
        } else {
            let (levelled, to_upright) = reading::level(&upright, self.skew_deg);
            self.show(upright);
            self.to_page = to_upright.scaled(self.to_page.a, self.to_page.d);
            self.reading = levelled;
        }
        if options.black_and_white {
            reading::threshold(&mut self.reading);
        }
    }

    /// Takes a picture of the whole upright page.
    fn show(&mut self, picture: GrayImage) {
        self.to_page = Affine {
            a: self.width_px as f32 / picture.width().max(1) as f32,
            d: self.height_px as f32 / picture.height().max(1) as f32,
            ..Affine::IDENTITY
        };
        self.reading = picture;
    }
}

#[cfg(test)]
mod tests;
