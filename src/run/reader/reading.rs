//! One page read in this process: taken out of its file, cleaned, recognised; its image spooled.

use std::fs;
use std::path::Path;
use std::time::Instant;

use image::{GrayImage, RgbImage};

use super::overlooked::{Ink, is_textless};
use super::stamps;
use super::{Effort, PageFound, PageTask, ReadFault};
use crate::formats::barcode;
use crate::formats::raster::{Dpi, EncodedImage, Pixels, Raster};
use crate::model::manifest::SealRecord;
use crate::model::{Affine, Confidence, PageText, Point, PxBox, Secrecy, Symbol, Word};
use crate::run::Plan;
use crate::stages::clean::{self, CleanPage};
use crate::stages::compare::Sketch;
use crate::stages::intake::{self, IntakeFault, ScanFile};
use crate::stages::recognize::{PageKey, Picture, RecognizeFault, Recognizer, cut_out, reuse};
use crate::verify;

/// Resolution for reading with less effort: half the pixels of the usual 200 dpi.
const LESS_READING_DPI: u32 = 150;

/// Longest time for another engine's reading of the whole page, in milliseconds. Photographs and drawings take it 0.4 to
/// 1 s, a photograph in dots of black and white 8 s (docs/benchmarks.md): it gets no more.
const OTHERWISE_MS: u32 = 10_000;

/// Reads a page; `decoded` is told once the decoders are through with it.
pub fn read_page(
    task: &PageTask<'_>,
    engine: &dyn Recognizer,
    plan: &Plan,
    decoded: impl FnOnce(),
) -> Result<PageFound, ReadFault> {
    let began = Instant::now();
    let scanned = task.scan.load_page(task.index, &plan.intake)?;
    decoded();
    let luma = scanned.raster.pixels.luma();
    let page = clean_page(&scanned.raster, &luma, task.effort, plan);
    let seen = (!page.blank).then(|| barcode::seen_in(&scanned.raster, &luma));
    drop(luma);
    let marks = seen.as_ref().map_or_else(Vec::new, barcode::judge::marks);
    let is_sheet = plan.cut.sign(&marks).is_sheet();
    // A layer of a page that clean has turned lies another way than the page.
    let layer = scanned.text_layer;
    let layer = layer.filter(|_| page.orientation == scanned.raster.orientation);
    let (mut from_text_layer, mut read_otherwise) = (false, false);
    let (page, mut text, secrecy) = if page.blank || is_sheet || task.effort == Effort::ImageOnly {
        let text = without_words(&page);
        (page, text, None)
    } else {
        let reader = Reader {
            engine,
            plan,
            task,
            colors: match &scanned.raster.pixels {
                Pixels::Color(colors) => Some(colors),
                _ => None,
            },
            began,
        };
        let (page, mut text) = match reader.reuse(&page, layer.as_ref())? {
            Some(text) => {
                from_text_layer = true;
                (page, text)
            }
            None => {
                let read = reader.read_upright(page)?;
                read_otherwise = read.otherwise;
                (read.page, read.text)
            }
        };
        text.words.extend(reader.read_frames(&page, &text)?);
        let secrecy = reader.struck_by_hand(&page, &scanned.raster)?;
        (page, text, secrecy)
    };
    text.symbols = seen.map_or_else(Vec::new, |seen| symbols(&seen, &page));
    let sketch = (!text.words.is_empty()).then(|| Sketch::of(&page.reading, &text));
    // A page for which there was no time gets no more of it: nothing was read on it, and that is told.
    let is_unread = task.effort == Effort::ImageOnly;
    let textless = !page.blank && !is_sheet && (is_unread || is_textless(&page, &text));
    let image = (!page.blank).then(|| spool(scanned.image, task.spool));
    Ok(PageFound {
        blank: page.blank,
        marks,
        sketch,
        text,
        secrecy,
        from_text_layer,
        read_otherwise,
        textless,
        dpi_estimated: page.dpi_estimated,
        orientation: page.orientation,
        stored_dpi: stored_dpi(&page),
        image: image.transpose()?,
    })
}

/// The QR codes that are none of ours, at their places on the upright page.
fn symbols(seen: &barcode::judge::Seen, page: &CleanPage) -> Vec<Symbol> {
    let foreign = seen.codes.iter().filter(|code| code.is_of_a_paper());
    let symbol = |code: &barcode::Code| Symbol {
        text: code.text.clone(),
        bounds: code
            .place
            .upright(page.orientation, page.width_px, page.height_px),
    };
    foreign.map(symbol).collect()
}

/// Says in what state the signatures of a PDF are that came signed.
pub fn judge_signatures(scan: &ScanFile, plan: &Plan) -> Result<SealRecord, IntakeFault> {
    let bytes = intake::read_file(scan, &plan.intake)?;
    Ok(verify::signed_pdf(&bytes))
}

fn clean_page(raster: &Raster, luma: &GrayImage, effort: Effort, plan: &Plan) -> CleanPage {
    let options = match effort {
        Effort::Full => plan.clean.clone(),
        Effort::Less | Effort::ImageOnly => clean::Options {
            black_and_white: true,
            least_reading_dpi: LESS_READING_DPI,
            most_reading_dpi: LESS_READING_DPI,
            ..plan.clean.clone()
        },
    };
    clean::clean_seen(raster, luma, &options)
}

/// Puts the image's bytes on the disk and gives back the rest.
fn spool(mut image: EncodedImage, path: &Path) -> Result<EncodedImage, ReadFault> {
    let bytes = std::mem::take(&mut image.bytes);
    fs::write(path, bytes).map_err(|cause| ReadFault::Spool {
        path: path.to_owned(),
        cause,
    })?;
    Ok(image)
}

/// Pages with fewer words may lie on their side unseen. (Measured: trying all four ways on
/// every doubtful page cost a tenth more CPU on 42 pages and mended none of them.)
const FEW_WORDS: usize = 100;

/// A page as it was read.
struct Read {
    page: CleanPage,
    text: PageText,
    /// By another engine.
    otherwise: bool,
}

impl Read {
    fn own(page: CleanPage, text: PageText) -> Self {
        Self::otherwise(page, None, text)
    }

    /// With another engine's words, where there are some.
    fn otherwise(page: CleanPage, words: Option<PageText>, own: PageText) -> Self {
        Self {
            page,
            otherwise: words.is_some(),
            text: words.unwrap_or(own),
        }
    }
}

struct Reader<'a> {
    engine: &'a dyn Recognizer,
    plan: &'a Plan,
    task: &'a PageTask<'a>,
    /// The image as it is stored, where it is in colour.
    colors: Option<&'a RgbImage>,
    began: Instant,
}

impl Reader<'_> {
    /// Reads a page. One that reads badly is tried the other ways up, and the best reading is kept; what then is no text
    /// yet, or little beside what stands on the page, another engine reads that lays pages out by itself.
    fn read_upright(&self, page: CleanPage) -> Result<Read, RecognizeFault> {
        let text = self.read(&page)?;
        if self.task.effort != Effort::Full {
            return Ok(Read::own(page, text));
        }
        if self.is_sure(&text) {
            let overlooked =
                text.words.len() < FEW_WORDS && Ink::of(&page, &text).is_mostly_unread();
            let otherwise = match overlooked {
                true => self.read_otherwise(&page, &text)?,
                false => None,
            };
            return Ok(Read::otherwise(page, otherwise, text));
        }
        let turned = self.read_turned(&page, &text)?;
        let best = turned.as_ref().map_or(&text, |(_, text)| text);
        if !self.is_sure(best)
            && let Some(otherwise) = self.read_otherwise(&page, best)?
        {
            return Ok(Read::otherwise(page, Some(otherwise), text));
        }
        let (page, text) = turned.unwrap_or((page, text));
        Ok(Read::own(page, text))
    }

    fn is_sure(&self, text: &PageText) -> bool {
        text.confidence() >= Confidence::from_pct(self.plan.recognize.doubt_below_pct)
    }

    /// The page the other way up, where it reads better so.
    ///
    /// Clean sees whether lines run across the page, but not which end is up, and on a
    /// page of a few words not even that: only the letters tell.
    fn read_turned(
        &self,
        page: &CleanPage,
        text: &PageText,
    ) -> Result<Option<(CleanPage, PageText)>, RecognizeFault> {
        // Where there are many words, clean has seen which way the lines run.
        let turns: &[u8] = if text.words.len() < FEW_WORDS {
            &[2, 1, 3]
        } else {
            &[2]
        };
        let mut better: Option<(CleanPage, PageText)> = None;
        for &quarter_turns in turns {
            let turned = page.turned(quarter_turns);
            let turned_text = match self.read(&turned) {
                // A reading is there: that no better one was found in time costs nothing.
                Err(RecognizeFault::OutOfTime { .. }) => break,
                read => read?,
            };
            let best_text = better.as_ref().map_or(text, |(_, text)| text);
            if sureness(&turned_text) > sureness(best_text) {
                let found = self.is_sure(&turned_text);
                better = Some((turned, turned_text));
                if found {
                    break;
                }
            }
        }
        Ok(better)
    }

    /// The page as another engine reads it, where that reading is sure and has more sure letters than this one.
    fn read_otherwise(
        &self,
        page: &CleanPage,
        text: &PageText,
    ) -> Result<Option<PageText>, RecognizeFault> {
        let Ok(picture) = self.picture(page) else {
            // No time is left; the page is read as far as it is.
            return Ok(None);
        };
        let picture = Picture {
            max_ms: picture.max_ms.min(OTHERWISE_MS),
            ..picture
        };
        let otherwise = match self.engine.read_otherwise(&picture) {
            None | Some(Err(RecognizeFault::OutOfTime { .. })) => return Ok(None),
            Some(read) => read?,
        };
        let better = self.is_sure(&otherwise) && sureness(&otherwise) > sureness(text);
        Ok(better.then_some(otherwise))
    }

    /// The page's own text layer, where a reading of a band of the page agrees with it.
    fn reuse(
        &self,
        page: &CleanPage,
        layer: Option<&PageText>,
    ) -> Result<Option<PageText>, RecognizeFault> {
        let options = &self.plan.recognize;
        let wanted = options.reuse_text_layer && self.task.effort == Effort::Full;
        let same_frame = |layer: &&PageText| {
            wanted && (layer.width_px, layer.height_px) == (page.width_px, page.height_px)
        };
        let Some(layer) = layer.filter(same_frame) else {
            return Ok(None);
        };
        let whole = self.picture(page)?;
        let band = reuse::band(layer);
        let Some((band, (pixels, to_page))) =
            band.and_then(|band| Some((band, reuse::cut_to(&whole, band)?)))
        else {
            return Ok(None);
        };
        let own = self.engine.read(&Picture {
            pixels: &pixels,
            to_page,
            ..whole
        })?;
        let text = reuse::agrees(layer, &own, band, options);
        Ok(text.map(|text| PageText {
            dpi: page.dpi,
            ..text
        }))
    }

    /// The words in small frames that the engine passed over; behind all others, a line a frame.
    fn read_frames(&self, page: &CleanPage, text: &PageText) -> Result<Vec<Word>, RecognizeFault> {
        let mut framed: Vec<Word> = Vec::new();
        for frame in clean::frames(&page.reading, page.reading_dpi) {
            let (pixels, to_page) = cut_out(&page.reading, &page.to_page, frame);
            let around = on_page(&to_page, pixels.dimensions(), page);
            let mut known = text.words.iter().chain(&framed);
            if known.any(|word| is_read_by(&around, word)) {
                continue;
            }
            let read = self.picture(page).and_then(|whole| {
                self.engine.read(&Picture {
                    pixels: &pixels,
                    colors: None,
                    to_page,
                    ..whole
                })
            });
            let found = match read {
                // The page itself is read: a stamp that takes too long is not worth losing it.
                Err(RecognizeFault::OutOfTime { .. }) => break,
                read => read?,
            };
            let above = framed.last().or(text.words.last());
            let (block, line) = above.map_or((0, 0), |word| (word.block + 1, word.line + 1));
            let words = found.words.into_iter();
            let inside = words.filter(|word| holds(&around, &word.bounds));
            framed.extend(inside.map(|word| Word {
                block,
                line,
                ..word
            }));
        }
        Ok(framed)
    }

    /// The degree of secrecy of a stamp struck by hand, which lies as it will.
    fn struck_by_hand(
        &self,
        page: &CleanPage,
        raster: &Raster,
    ) -> Result<Option<Secrecy>, RecognizeFault> {
        let read = |pixels: &GrayImage, to_page: Affine| {
            let whole = self.picture(page)?;
            let around = on_page(&to_page, pixels.dimensions(), page);
            let mut found = self.engine.read(&Picture {
                pixels,
                colors: None,
                to_page,
                ..whole
            })?;
            found.words.retain(|word| holds(&around, &word.bounds));
            Ok(found)
        };
        stamps::secrecy(page, raster, &read)
    }

    fn read(&self, page: &CleanPage) -> Result<PageText, RecognizeFault> {
        self.engine.read(&self.picture(page)?)
    }

    /// The page as the engine sees it, with what is left of its time.
    fn picture<'p>(&'p self, page: &'p CleanPage) -> Result<Picture<'p>, RecognizeFault> {
        let max_page_ms = self.task.effort.share_ms(self.plan.recognize.max_page_ms);
        let spent_ms = self.began.elapsed().as_millis();
        let left_ms = u128::from(max_page_ms).saturating_sub(spent_ms) as u32;
        if left_ms == 0 {
            return Err(RecognizeFault::OutOfTime { max_page_ms });
        }
        Ok(Picture {
            key: PageKey {
                scan: self.task.scan.sha256,
                index: self.task.index,
            },
            pixels: &page.reading,
            colors: self.colors,
            dpi: page.reading_dpi,
            to_page: page.to_page,
            page_width_px: page.width_px,
            page_height_px: page.height_px,
            page_dpi: page.dpi,
            orientation: page.orientation,
            max_ms: left_ms,
        })
    }
}

/// The box on the page that a picture of this size shows.
fn on_page(to_page: &Affine, (width_px, height_px): (u32, u32), page: &CleanPage) -> PxBox {
    let corners = [(0, 0), (width_px, 0), (0, height_px), (width_px, height_px)];
    let corners = corners.map(|(x_px, y_px)| {
        to_page.map(Point {
            x_px: x_px as f32,
            y_px: y_px as f32,
        })
    });
    PxBox::around(&corners, page.width_px, page.height_px)
}

/// True where the middle of the one box lies in the other.
fn holds(around: &PxBox, inner: &PxBox) -> bool {
    let (x_px, y_px) = (inner.x_px + inner.w_px / 2, inner.y_px + inner.h_px / 2);
    (around.x_px..around.right_px()).contains(&x_px)
        && (around.y_px..around.bottom_px()).contains(&y_px)
}

/// True where a word was read in a frame or through it: the boxes of a form's date are frames, and its year is no word
/// of its own.
fn is_read_by(frame: &PxBox, word: &Word) -> bool {
    holds(frame, &word.bounds) || holds(&word.bounds, frame)
}

/// Letters read, weighed by confidence: a page read upright has many sure ones.
fn sureness(text: &PageText) -> usize {
    let weigh = |word: &crate::model::Word| {
        word.text.chars().filter(|c| c.is_alphanumeric()).count()
            * usize::from(word.confidence.pct())
    };
    text.words.iter().map(weigh).sum()
}

/// Resolution along the axes of the stored image, from that of the upright page.
fn stored_dpi(page: &CleanPage) -> Dpi {
    let Dpi { x, y } = page.axes_dpi;
    if page.orientation.swaps_sides() {
        Dpi { x: y, y: x }
    } else {
        Dpi { x, y }
    }
}

fn without_words(page: &CleanPage) -> PageText {
    PageText {
        width_px: page.width_px,
        height_px: page.height_px,
        dpi: page.dpi,
        symbols: Vec::new(),
        words: vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn px_box(x_px: u32, y_px: u32, w_px: u32, h_px: u32) -> PxBox {
        PxBox {
            x_px,
            y_px,
            w_px,
            h_px,
        }
    }

    fn word(bounds: PxBox) -> Word {
        let point = Point {
            x_px: 0.0,
            y_px: 0.0,
        };
        Word {
            text: "09/08/1969".to_owned(),
            bounds,
            baseline_start: point,
            baseline_end: point,
            confidence: Confidence::from_pct(90),
            block: 0,
            line: 0,
            leads_on: false,
        }
    }

    #[test]
    fn the_frames_of_a_date_in_boxes_are_read_with_its_one_word_and_a_stamp_beside_it_is_not() {
        let date = word(px_box(200, 42, 200, 22));
        let [day, month, year, stamp] = [(200, 44), (256, 44), (310, 88), (420, 90)]
            .map(|(x_px, w_px)| px_box(x_px, 40, w_px, 26));
        for frame in [day, month, year] {
            assert!(is_read_by(&frame, &date));
        }
        assert!(!is_read_by(&stamp, &date));
        let below = px_box(200, 70, 200, 40);
        assert!(!is_read_by(&below, &date));
    }
}
