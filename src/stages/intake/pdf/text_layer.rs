//! The text that a PDF page carries, as words with places: an earlier recogniser's invisible
//! layer or a born-digital page's own letters.
//!
//! hayro's interpreter is run with a device that paints nothing and takes down each letter
//! with its place. Whether the words are any good is not judged here (that takes a reading
//! of the page: `recognize::reuse`), save for what no reading is needed to know: letters in
//! fonts of the old Vietnamese codes mean other letters than they say.

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};
use hayro::kurbo::{Affine, BezPath, Point as Place};

use crate::formats::vietnamese::compose;
use crate::model::{Confidence, PageText, Point, PxBox, Word};

/// A page packed with small print has some 10,000 letters; more is no page to be read.
const MOST_LETTERS: usize = 100_000;
/// Letters reach about so far above and below the baseline, in parts of the type size.
const ABOVE: f64 = 0.75;
const BELOW: f64 = 0.2;
/// A gap wider than this part of the type size parts two words; a space is 0.25.
const WORD_GAP: f64 = 0.17;
/// A letter set back further than this starts a new word: recognisers' widths overlap a little.
const SET_BACK: f64 = 0.4;
/// Baselines further apart than this part of the type size are two lines.
const LINE_SHIFT: f64 = 0.4;
/// Sine of the slant up to which a line counts as running across the page: ten degrees.
const LEVEL_SINE: f64 = 0.17;
/// Words among the last so many are looked at for one painted twice (shadows, false bold).
const PAINTED_TWICE_WITHIN: usize = 40;
/// A page of more lines is left in painting order: putting lines in order takes their square.
const MOST_LINES: usize = 4_000;

/// Where the upright page image lies on the page: from points (origin top left) to pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) width_px: u32,
    pub(super) height_px: u32,
    pub(super) dpi: u32,
    /// From points of the page to pixels of its upright image.
    pub(super) to_px: Affine,
}

/// Takes down the letters of a page while it is interpreted in points from the top left.
#[derive(Default)]
pub(super) struct Letters {
    letters: Vec<Letter>,
    overflow: bool,
}

struct Letter {
    /// Nothing where the font does not say which character it is.
    text: String,
    start: Place,
    end: Place,
    /// Type size in points, as it stands on the page.
    size: f64,
}

impl Letters {
    /// The words in the frame of the page image; `None` where there are none of use.
    pub(super) fn into_text(self, frame: &Frame) -> Option<PageText> {
        if self.overflow {
            return None;
        }
        let mut words: Vec<Painted> = Vec::new();
        let mut open: Option<Painted> = None;
        for letter in self.letters {
            match &mut open {
                Some(word) if word.goes_on_with(&letter) => word.push(letter),
                _ => {
                    close(open.take(), &mut words);
                    open = Painted::new(letter);
                }
            }
        }
        close(open, &mut words);
        let lines = in_reading_order(lines(words));
        let numbered = lines.iter().zip(0u32..);
        let words = numbered.flat_map(|(line, number)| line.iter().map(move |w| (w, number)));
        let words: Vec<_> = words
            .filter_map(|(w, line)| w.as_word(line, frame))
            .collect();
        (!words.is_empty()).then_some(PageText {
            width_px: frame.width_px,
            height_px: frame.height_px,
            dpi: frame.dpi,
            symbols: Vec::new(),
            words,
        })
    }

    fn take(&mut self, glyph: &Glyph<'_>, to_page: Affine) {
        if self.letters.len() >= MOST_LETTERS {
            self.overflow = true;
            return;
        }
        let advance = match glyph {
            Glyph::Outline(outline) => outline.advance_width(),
            Glyph::Type3(drawn) => drawn.advance_width(),
        };
        let text = match glyph.as_unicode() {
            Some(BfString::Char(letter)) => letter.to_string(),
            Some(BfString::String(letters)) => letters,
            None => char::REPLACEMENT_CHARACTER.to_string(),
        };
        let start = to_page * Place::ZERO;
        let up = to_page * Place::new(0.0, 1000.0) - start;
        let letter = Letter {
            text,
            start,
            end: to_page * Place::new(f64::from(advance.unwrap_or(500.0)), 0.0),
            size: up.hypot(),
        };
        let along = letter.end - letter.start;
        let level = along.y.abs() <= LEVEL_SINE * along.hypot() && along.x >= 0.0 && up.y < 0.0;
        // Letters that run another way are no part of the page as it is read.
        if level && letter.size.is_finite() && start.is_finite() && letter.end.is_finite() {
            self.letters.push(letter);
        }
    }
}

/// A word as painted, in points of the page.
struct Painted {
    text: String,
    start: Place,
    end: Place,
    size: f64,
}

impl Painted {
    fn new(letter: Letter) -> Option<Self> {
        let text = letter.text.trim_matches(invisible).to_owned();
        (!text.is_empty()).then_some(Self {
            text,
            start: letter.start,
            end: letter.end,
            size: letter.size,
        })
    }

    fn goes_on_with(&self, letter: &Letter) -> bool {
        let gap = letter.start.x - self.end.x;
        let size = self.size.max(letter.size);
        !letter.text.chars().all(invisible)
            && gap <= WORD_GAP * size
            && gap >= -SET_BACK * size
            && (letter.start.y - self.end.y).abs() <= LINE_SHIFT * size
    }

    fn push(&mut self, letter: Letter) {
        self.text.push_str(&letter.text);
        if letter.end.x > self.end.x {
            self.end = letter.end;
        }
        self.size = self.size.max(letter.size);
    }

    /// True where the other word stands to the right on the same baseline.
    fn shares_line_with(&self, next: &Painted) -> bool {
        let size = self.size.max(next.size);
        (next.start.y - self.end.y).abs() <= LINE_SHIFT * size
            && next.start.x >= self.end.x - SET_BACK * size
    }

    fn is_painted_again(&self, again: &Painted) -> bool {
        let near = 0.15 * self.size;
        let off = again.start - self.start;
        self.text == again.text && off.x.abs() <= near && off.y.abs() <= near
    }

    fn as_word(&self, line: u32, frame: &Frame) -> Option<Word> {
        let kept: String = self.text.chars().filter(|c| !invisible(*c)).collect();
        let point = |place: Place| {
            let px = frame.to_px * place;
            Point {
                x_px: px.x as f32,
                y_px: px.y as f32,
            }
        };
        let corners = [
            Place::new(self.start.x, self.start.y - ABOVE * self.size),
            Place::new(self.end.x, self.end.y - ABOVE * self.size),
            Place::new(self.start.x, self.start.y + BELOW * self.size),
            Place::new(self.end.x, self.end.y + BELOW * self.size),
        ];
        let bounds = PxBox::around(&corners.map(point), frame.width_px, frame.height_px);
        // Off the page's edge, or of no size.
        let seen = bounds.w_px > 0 && bounds.h_px > 0 && !kept.is_empty();
        seen.then(|| Word {
            text: compose(&kept).into_owned(),
            bounds,
            baseline_start: point(self.start),
            baseline_end: point(self.end),
            confidence: Confidence::default(),
            block: 0,
            line,
            leads_on: false,
        })
    }
}

/// Spaces part words; controls and soft hyphens are no letters.
fn invisible(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{FEFF}')
}

fn close(word: Option<Painted>, words: &mut Vec<Painted>) {
    let Some(word) = word else { return };
    let mut last = words.iter().rev().take(PAINTED_TWICE_WITHIN);
    if !last.any(|before| before.is_painted_again(&word)) {
        words.push(word);
    }
}

fn lines(words: Vec<Painted>) -> Vec<Vec<Painted>> {
    let mut lines: Vec<Vec<Painted>> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.last().is_some_and(|last| last.shares_line_with(&word)) => {
                line.push(word);
            }
            _ => lines.push(vec![word]),
        }
    }
    lines
}

/// Painting order is reading order in what recognisers and word processors write, but for
/// headers and stamps painted last: a line is moved before those that it stands above.
fn in_reading_order(lines: Vec<Vec<Painted>>) -> Vec<Vec<Painted>> {
    if lines.len() > MOST_LINES {
        return lines;
    }
    let mut ordered: Vec<Vec<Painted>> = Vec::with_capacity(lines.len());
    for line in lines {
        let place = ordered.iter().position(|other| stands_above(&line, other));
        ordered.insert(place.unwrap_or(ordered.len()), line);
    }
    ordered
}

/// True where a line lies wholly above another and over some of its width.
fn stands_above(line: &[Painted], other: &[Painted]) -> bool {
    let (Some(first), Some(last)) = (line.first(), line.last()) else {
        return false;
    };
    let (Some(below), Some(end)) = (other.first(), other.last()) else {
        return false;
    };
    let over = first.start.x < end.end.x && last.end.x > below.start.x;
    over && first.start.y.max(last.end.y) <= below.start.y.min(end.end.y) - below.size * 0.8
}

impl<'a> Device<'a> for Letters {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        // Letters both filled and stroked come twice; these are the second time.
        if matches!(mode, DrawMode::Stroke(_)) {
            return;
        }
        for glyph in run.glyphs() {
            self.take(glyph, props.transform * glyph.transform());
        }
    }

    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn pop_clip(&mut self) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_transparency_group(&mut self) {}
}
