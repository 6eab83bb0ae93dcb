//! Looks at what a page paints: one image over all of it, or more than that.
//!
//! hayro's interpreter is run with a device that paints nothing and remembers. So forms,
//! clips, layers and graphics states are judged exactly as they would be drawn.

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask,
};
use hayro::hayro_syntax::object::Stream;
use hayro::kurbo::{Affine, BezPath, Point, Rect, Shape};

use super::fonts::Fonts;

/// How far an image's edges may lie from the page's: producers round boxes to points, and
/// scanners leave a margin of up to an eighth of an inch. On small pages it is less.
const EDGE_TOLERANCE_PT: f64 = 9.0;
const EDGE_TOLERANCE_PART: f64 = 0.02;
/// Sine of the angle up to which an image counts as upright: a tenth of a degree.
const UPRIGHT_SINE: f64 = 0.0018;
/// Images that cover less of the page, all together, say nothing of its resolution.
const TELLING_AREA: f64 = 0.1;
/// In layered scans the letters are stencils, cut to the written lines of a page that may
/// have few of them: their area counts so many times.
const STENCIL_WEIGHT: f64 = 10.0;

/// A glyph's outline is at most so long, in units of the text, when dashes are counted.
const GLYPH_LENGTH: f64 = 1000.0;

/// Where and how an image lies on the page: from its pixels to points, origin top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placement {
    /// Which of the page's images it is, from 0 in painting order.
    pub(super) index: usize,
    /// The upright box that it covers, in points from the page's top left corner.
    pub(super) area: Rect,
    /// Points covered along the stored image's rows and columns.
    pub(super) size_pt: (f64, f64),
    /// Flipped left and right before turning.
    pub(super) mirrored: bool,
    /// Clockwise quarter turns as it lies.
    pub(super) quarter_turns: u8,
    /// True where the paper behind it stays visible (a stencil).
    pub(super) see_through: bool,
}

/// What a page paints.
#[derive(Debug, Default)]
pub(super) struct Look {
    page: Rect,
    images: usize,
    covering: Option<Placement>,
    other_marks: bool,
    clips: Vec<Option<Rect>>,
    groups: Vec<bool>,
    /// Each image as a layer, in painting order.
    layers: Vec<Layer>,
    letters: bool,
    lost_letters: bool,
    /// Dashes of all lines; infinite where a pattern of dashes is no such thing.
    pub(super) dashes: f64,
}

/// An image as a layer of the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layer {
    /// Dots per inch of the page's units, its mask's where that is finer.
    pub(super) dpi: f64,
    /// Where its pixels lie; `None` where they lie askew.
    pub(super) grid: Option<Grid>,
    weight: f64,
}

/// Where the pixels of an upright image lie on the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    /// A corner of a pixel, in points from the page's top left corner.
    pub(super) origin_pt: Point,
    /// Pixels a point, across and down the page.
    pub(super) px_per_pt: (f64, f64),
}

impl Look {
    /// To be used on a page of this size in points, with a transform to points from the top left.
    pub(super) fn new(width_pt: f64, height_pt: f64) -> Self {
        Self {
            page: Rect::new(0.0, 0.0, width_pt, height_pt),
            ..Self::default()
        }
    }

    /// The image that is all one can see of the page.
    pub(super) fn only_image(&self) -> Option<Placement> {
        self.covering.filter(|_| !self.other_marks)
    }

    /// True where letters are seen of the page that are not those of its file: its image was not
    /// all of it, and a font is not there.
    pub(super) fn has_lost_letters(&self, fonts: Fonts) -> bool {
        let lost = (fonts.missing && self.lost_letters) || (fonts.unreadable && self.letters);
        lost && self.only_image().is_none()
    }

    fn tolerance_pt(&self) -> f64 {
        let shorter = self.page.width().min(self.page.height());
        EDGE_TOLERANCE_PT.min(shorter * EDGE_TOLERANCE_PART)
    }

    fn covers(&self, area: Rect) -> bool {
        let tolerance_pt = self.tolerance_pt();
        let near = |a: f64, b: f64| (a - b).abs() <= tolerance_pt;
        near(area.x0, self.page.x0)
            && near(area.y0, self.page.y0)
            && near(area.x1, self.page.x1)
            && near(area.y1, self.page.y1)
    }

    fn mark(&mut self) {
        self.other_marks = true;
    }

    /// Nothing between the image and the page: no clip that cuts it, no group that tints it.
    fn unhindered(&self) -> bool {
        let within = self.page.inset(-self.tolerance_pt());
        let leaves_all =
            |clip: &Option<Rect>| clip.is_some_and(|clip| self.covers(clip.intersect(within)));
        self.clips.iter().all(leaves_all) && self.groups.iter().all(|&plain| plain)
    }

    /// The sharpest layer: the images at least so sharp are a telling part of the page.
    /// Scanners cut pages into strips, each of which alone is small.
    pub(super) fn sharpest_layer(&self) -> Option<Layer> {
        let mut layers = self.layers.clone();
        layers.sort_by(|l, r| r.dpi.total_cmp(&l.dpi));
        let telling = self.page.area() * TELLING_AREA;
        let mut covered = 0.0;
        layers.into_iter().find(|layer| {
            covered += layer.weight;
            covered >= telling
        })
    }

    fn count_dashes(&mut self, mode: &DrawMode, length: impl FnOnce() -> f64) {
        let (DrawMode::Stroke(stroke) | DrawMode::FillAndStroke(_, stroke)) = mode else {
            return;
        };
        let pattern = &stroke.dash_array;
        if pattern.is_empty() {
            return;
        }
        let period: f64 = pattern.iter().map(|&part| f64::from(part)).sum();
        let dashes = length() / period * pattern.len() as f64;
        let sound = pattern.iter().all(|&part| part >= 0.0) && dashes.is_finite();
        self.dashes += if sound { dashes } else { f64::INFINITY };
    }

    fn note_layer(&mut self, image: &Image<'_, '_>, transform: Affine, area: Rect) {
        let [a, b, ..] = transform.as_coeffs();
        // Points along the row of one pixel, however the image is turned.
        let dpi = 72.0 / a.hypot(b);
        // The letters of a layered scan may be the mask of a coarse picture of their colours.
        let (weight, finer) = match image {
            Image::Stencil(_) => (STENCIL_WEIGHT, 1.0),
            Image::Raster(raster) => (1.0, mask_sharpness(raster.stream())),
        };
        let seen = area.intersect(self.page).area();
        if dpi.is_finite() && seen > 0.0 {
            self.layers.push(Layer {
                dpi: dpi * finer,
                grid: grid(transform, area, finer),
                weight: seen * weight,
            });
        }
    }
}

/// How an upright or quarter-turned image lies; `None` at any other angle.
fn placement(transform: Affine, width_px: u32, height_px: u32) -> Option<Placement> {
    let [a, b, c, d, _, _] = transform.as_coeffs();
    let (along_row, along_column) = (a.hypot(b), c.hypot(d));
    let mirrored = a * d - b * c < 0.0;
    // What is left to turn once the flip is undone.
    let (a, b) = if mirrored { (-a, -b) } else { (a, b) };
    let straight = |across: f64, along: f64| across.abs() <= UPRIGHT_SINE * along;
    let quarter_turns = if straight(b, along_row) && straight(c, along_column) {
        if a > 0.0 { 0 } else { 2 }
    } else if straight(a, along_row) && straight(d, along_column) {
        // Rows that run down the page: a quarter turn clockwise.
        if b > 0.0 { 1 } else { 3 }
    } else {
        return None;
    };
    Some(Placement {
        index: 0,
        area: area(transform, width_px, height_px),
        size_pt: (
            along_row * f64::from(width_px),
            along_column * f64::from(height_px),
        ),
        mirrored,
        quarter_turns,
        see_through: false,
    })
}

/// The grid of an upright or quarter-turned image's pixels, each cut into `finer` ones a side.
fn grid(transform: Affine, area: Rect, finer: f64) -> Option<Grid> {
    let turns = placement(transform, 1, 1)?.quarter_turns;
    let [a, b, c, d, ..] = transform.as_coeffs();
    let (along_row, along_column) = (finer / a.hypot(b), finer / c.hypot(d));
    Some(Grid {
        origin_pt: area.origin(),
        px_per_pt: match turns % 2 {
            0 => (along_row, along_column),
            _ => (along_column, along_row),
        },
    })
}

/// The upright box around an image of this size.
fn area(transform: Affine, width_px: u32, height_px: u32) -> Rect {
    let (width, height) = (f64::from(width_px), f64::from(height_px));
    let corners = [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)];
    let [first, rest @ ..] = corners.map(|(x, y)| transform * Point::new(x, y));
    let start = Rect::from_points(first, first);
    rest.into_iter().fold(start, |area, p| area.union_pt(p))
}

/// How many times finer than the picture its mask is, at least once.
fn mask_sharpness(stream: &Stream<'_>) -> f64 {
    let dict = stream.dict();
    let mask = dict
        .get::<Stream<'_>>("SMask")
        .or_else(|| dict.get::<Stream<'_>>("Mask"));
    let mask_px = mask.and_then(|mask| mask.dict().get::<u32>("Width"));
    let finer = mask_px.zip(dict.get::<u32>("Width"));
    finer
        .map_or(1.0, |(mask, picture)| {
            f64::from(mask) / f64::from(picture.max(1))
        })
        .max(1.0)
}

/// True where the image lets the page show through.
fn has_mask(stream: &Stream<'_>) -> bool {
    let dict = stream.dict();
    let masks: [&[u8]; 3] = [b"SMask", b"Mask", b"SMaskInData"];
    masks.iter().any(|key| dict.contains_key(key))
}

fn is_black(paint: &Paint<'_>) -> bool {
    match paint {
        Paint::Color(color) => color.to_rgba().to_rgba8() == [0, 0, 0, 255],
        Paint::Pattern(_) => false,
    }
}

impl<'a> Device<'a> for Look {
    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let index = self.images;
        self.images += 1;
        let (width_px, height_px) = (image.width(), image.height());
        let area = area(props.transform, width_px, height_px);
        let placed = placement(props.transform, width_px, height_px);
        self.note_layer(&image, props.transform, area);
        let (see_through, plain) = match &image {
            Image::Stencil(stencil) => (true, stencil_is_black(stencil)),
            Image::Raster(raster) => (false, !has_mask(raster.stream())),
        };
        let plain = plain
            && props.soft_mask.is_none()
            && props.blend_mode == BlendMode::Normal
            && self.unhindered()
            && self.covers(area);
        let bare = !self.other_marks && self.covering.is_none();
        match placed {
            // What an opaque image covers is not to be seen any more.
            Some(placed) if plain && (bare || !see_through) => {
                self.other_marks = false;
                self.covering = Some(Placement {
                    index,
                    see_through,
                    ..placed
                });
            }
            _ => self.mark(),
        }
    }

    fn draw_path(&mut self, path: &BezPath, _: DrawProps<'a>, mode: &DrawMode) {
        self.count_dashes(mode, || path.perimeter(1.0));
        self.mark();
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, _: DrawProps<'a>, mode: &DrawMode) {
        self.count_dashes(mode, || run.glyphs().len() as f64 * GLYPH_LENGTH);
        // Invisible text is an earlier recogniser's; it is read anew.
        if !matches!(mode, DrawMode::Invisible) && !run.glyphs().is_empty() {
            self.mark();
            self.letters = true;
            self.lost_letters |= run.glyphs().iter().any(|glyph| is_lost(glyph));
        }
    }

    fn push_clip_path(&mut self, _: &ClipPath) {
        self.clips.push(None);
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.clips.push(Some(*rect));
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn push_transparency_group(
        &mut self,
        opacity: f32,
        mask: Option<SoftMask<'a>>,
        blend_mode: BlendMode,
    ) {
        let plain = opacity >= 1.0 && mask.is_none() && blend_mode == BlendMode::Normal;
        self.groups.push(plain);
    }

    fn pop_transparency_group(&mut self) {
        self.groups.pop();
    }
}

/// True for a letter or digit that nothing is drawn for.
fn is_lost(glyph: &Glyph<'_>) -> bool {
    let Glyph::Outline(outline) = glyph else {
        return false;
    };
    let is_letter = match glyph.as_unicode() {
        Some(BfString::Char(letter)) => letter.is_alphanumeric(),
        Some(BfString::String(letters)) => letters.chars().any(char::is_alphanumeric),
        None => false,
    };
    is_letter && outline.outline().elements().is_empty()
}

fn stencil_is_black(stencil: &hayro::hayro_interpret::StencilImage<'_, '_>) -> bool {
    // The paint is only to be had together with the decoded stencil.
    let mut black = false;
    stencil.with_stencil(|_, paint| black = is_black(paint), None);
    black
}

#[cfg(test)]
mod tests {
    use super::*;
    use hayro::hayro_interpret::StrokeProps;

    #[test]
    fn dashes_are_counted_before_anyone_draws_them() {
        let mut look = Look::new(100.0, 100.0);
        let mut stroke = |pattern: &[f32]| {
            let stroke = StrokeProps {
                dash_array: pattern.into(),
                ..StrokeProps::default()
            };
            look.count_dashes(&DrawMode::Stroke(stroke), || 100.0);
            look.dashes
        };
        assert_eq!(stroke(&[]), 0.0);
        assert_eq!(stroke(&[3.0, 1.0]), 50.0);
        assert!(stroke(&[1e-9]) > 1e10);
        assert!(stroke(&[2.0, -1.0]).is_infinite());
    }

    #[test]
    fn quarter_turns_are_read_from_the_matrix() {
        // Rows along x; down along y.
        let turned =
            |m: [f64; 6]| placement(Affine::new(m), 10, 20).map(|p| (p.mirrored, p.quarter_turns));
        assert_eq!(turned([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]), Some((false, 0)));
        assert_eq!(turned([0.0, 1.0, -1.0, 0.0, 0.0, 0.0]), Some((false, 1)));
        assert_eq!(turned([-1.0, 0.0, 0.0, -1.0, 0.0, 0.0]), Some((false, 2)));
        assert_eq!(turned([0.0, -1.0, 1.0, 0.0, 0.0, 0.0]), Some((false, 3)));
        assert_eq!(turned([-1.0, 0.0, 0.0, 1.0, 0.0, 0.0]), Some((true, 0)));
        assert_eq!(turned([1.0, 0.0, 0.0, -1.0, 0.0, 0.0]), Some((true, 2)));
        assert_eq!(turned([0.9, 0.1, -0.1, 0.9, 0.0, 0.0]), None);
    }
}
