//! The engine of our own: finds the lines of a page, reads each, and puts the words back on the page.

use std::ops::Range;
#[cfg(any(test, feature = "onnx"))]
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sohoa_lines::find::{
    Bounds, ColorAt, Found, LinePicture, Power, TextLine, Tick, dark_on_light, find_lines_in_colors,
};
use sohoa_lines::lstm::{LineImage, LineReader, LineWord, Processor, ReadLine, Symbol};
use unicode_normalization::UnicodeNormalization;

use super::model_file::ModelFile;
#[cfg(any(test, feature = "onnx"))]
use super::onnx::OnnxReader;
use super::{EngineIdentity, Options, Picture, RecognizeFault, Recognizer};
use super::{
    again, leader_points, lookalikes, metre, pen, spaces, tick_box, tones, upward, word_box,
};
use crate::model::{Confidence, Digest, PageText, Point, PxBox, Word};

/// Lines read before the clock is looked at again: two of the reader's dozens.
const LINES_AT_A_TIME: usize = 24;
/// A line whose characters are less sure than this in the mean is a stroke of a seal or a signature. Measured
/// on 21 pages (1,171 lines found): 33 of the 94 that are no text fall below, and no line of text.
const TEXT_FROM_PCT: f32 = 50.0;
/// What stands in a seal alone is a name, or the strokes of a pen over it: these are read as letters more often than elsewhere.
const TEXT_IN_SEAL_FROM_PCT: f32 = 70.0;
/// Unless so large a share of the page reads so badly: then the page lies otherwise than it was read.
const DOUBTFUL_PAGE: f32 = 0.25;

/// Reads pages line by line.
pub struct Linewise {
    reader: Reader,
    identity: EngineIdentity,
}

/// What reads the lines that were found.
enum Reader {
    /// Tesseract's model in our own arithmetic.
    Lstm(Box<LineReader>),
    /// A network that somebody brought, and its path.
    #[cfg(any(test, feature = "onnx"))]
    Network(Box<OnnxReader>, PathBuf),
}

impl Reader {
    fn is_own(&self) -> bool {
        matches!(self, Self::Lstm(_))
    }

    fn read(&self, pictures: &[&LinePicture]) -> Result<Vec<ReadLine>, RecognizeFault> {
        match self {
            Self::Lstm(reader) => {
                let images: Vec<LineImage<'_>> =
                    pictures.iter().map(|picture| image_of(picture)).collect();
                Ok(reader.read_lines(&images))
            }
            #[cfg(any(test, feature = "onnx"))]
            Self::Network(reader, path) => {
                let unusable = |flaw| RecognizeFault::unusable_onnx(path, flaw);
                let read = |picture: &&LinePicture| reader.read(picture).map_err(unusable);
                pictures.iter().map(read).collect()
            }
        }
    }
}

impl Linewise {
    /// Finds and loads the model, for the fastest arithmetic that this machine has.
    pub fn open(options: &Options) -> Result<Self, RecognizeFault> {
        Self::open_for(options, Processor::best())
    }

    /// The same for one kind of arithmetic; all read the same.
    pub fn open_for(options: &Options, processor: Processor) -> Result<Self, RecognizeFault> {
        let model = ModelFile::read(options)?;
        let reader = LineReader::with(&model.bytes, processor).map_err(|fault| model.has(fault))?;
        Ok(Self {
            reader: Reader::Lstm(Box::new(reader.dark_on_light())),
            identity: EngineIdentity {
                name: format!("sohoa {}", env!("CARGO_PKG_VERSION")),
                model: Digest::of(&model.bytes),
            },
        })
    }

    /// With a network in place of our own reader.
    #[cfg(any(test, feature = "onnx"))]
    pub fn with_network(reader: OnnxReader, path: &Path, identity: EngineIdentity) -> Self {
        Self {
            reader: Reader::Network(Box::new(reader), path.to_owned()),
            identity,
        }
    }

    /// What stands in each line, in the order of the lines.
    fn read_lines(
        &self,
        pictures: &[LinePicture],
        max_ms: u32,
        began: Instant,
    ) -> Result<Vec<ReadLine>, RecognizeFault> {
        // Lines of like width go together, so that the reader wastes nothing on the shorter ones.
        let mut order: Vec<usize> = (0..pictures.len()).collect();
        order.retain(|number| pictures[*number].width_px > 0);
        order.sort_by_key(|number| std::cmp::Reverse(pictures[*number].width_px));
        let mut read = vec![ReadLine::default(); pictures.len()];
        for numbers in order.chunks(LINES_AT_A_TIME) {
            in_time(began, max_ms)?;
            let together: Vec<&LinePicture> =
                numbers.iter().map(|number| &pictures[*number]).collect();
            for (number, line) in numbers.iter().zip(self.reader.read(&together)?) {
                read[*number] = line;
            }
        }
        Ok(read)
    }

    /// Puts a second reading in the place of the first where that is doubtful and the second surer.
    fn read_doubtful_again(
        &self,
        pictures: &[LinePicture],
        read: &mut [ReadLine],
        max_ms: u32,
        began: Instant,
    ) -> Result<(), RecognizeFault> {
        let doubtful = again::doubtful(read);
        let pictures = doubtful.iter().map(|number| &pictures[*number]);
        let pictures: Vec<LinePicture> = pictures.map(again::with_margin).collect();
        let second = self.read_lines(&pictures, max_ms, began)?;
        for (number, second) in doubtful.into_iter().zip(second) {
            if again::is_surer(&second, &read[number]) {
                read[number] = second;
            }
        }
        Ok(())
    }
}

/// The columns of the page's picture between two of a line's own.
fn columns(cut: &LinePicture, left_px: u32, right_px: u32) -> Range<u32> {
    let from_px = cut.on_page(left_px);
    from_px..cut.on_page(right_px).max(from_px + 1)
}

fn image_of(picture: &LinePicture) -> LineImage<'_> {
    LineImage::whole(&picture.pixels, picture.width_px, picture.height_px)
}

fn in_time(began: Instant, max_page_ms: u32) -> Result<(), RecognizeFault> {
    if began.elapsed() >= Duration::from_millis(max_page_ms.into()) {
        return Err(RecognizeFault::OutOfTime { max_page_ms });
    }
    Ok(())
}

impl Recognizer for Linewise {
    fn identity(&self) -> EngineIdentity {
        self.identity.clone()
    }

    fn read(&self, picture: &Picture<'_>) -> Result<PageText, RecognizeFault> {
        let (mut text, found) = self.read_level(picture)?;
        let cells = found.tall_cells(picture.dpi);
        upward::read_cells(picture, &cells, &mut text, |cell| {
            self.read_level(cell).map(|(text, _)| text)
        })?;
        Ok(text)
    }
}

impl Linewise {
    /// The words of level lines, and what they were found by.
    fn read_level(&self, picture: &Picture<'_>) -> Result<(PageText, Found), RecognizeFault> {
        let began = Instant::now();
        let turned = dark_on_light(picture.pixels, picture.dpi);
        let pixels = turned.as_ref().unwrap_or(picture.pixels);
        let colors = picture.colors.filter(|colors| !colors.is_empty());
        let color_at = colors.map(|colors| |x, y| picture.color_at(colors, x, y));
        let color_at = color_at.as_ref().map(|color_at| color_at as ColorAt<'_>);
        let found = find_lines_in_colors(pixels, picture.dpi, color_at);
        let cut = |(number, line): (usize, &TextLine)| match line.tick {
            Some(_) => tick_box::nothing_to_read(line),
            None => found.cut(pixels, number),
        };
        let pictures: Vec<LinePicture> = found.lines.iter().enumerate().map(cut).collect();
        let mut read = self.read_lines(&pictures, picture.max_ms, began)?;
        // What that gains was measured for our own reader; a network's margins are its owner's choice.
        if self.reader.is_own() {
            self.read_doubtful_again(&pictures, &mut read, picture.max_ms, began)?;
        }
        for ((line, cut), read) in found.lines.iter().zip(&pictures).zip(&mut read) {
            mend(&found, line, cut, read);
        }
        in_time(began, picture.max_ms)?;
        let text = PageText {
            width_px: picture.page_width_px,
            height_px: picture.page_height_px,
            dpi: picture.page_dpi,
            symbols: Vec::new(),
            words: words(picture, &found, &pictures, &read),
        };
        Ok((text, found))
    }
}

/// Letters in boxes are one word but where a box is empty.
fn space_by_boxes(found: &Found, line: &TextLine, cut: &LinePicture, read: &mut ReadLine) {
    let middle = |symbol: &Symbol| cut.on_page(u32::midpoint(symbol.left_px, symbol.right_px));
    let mut last: Option<u32> = None;
    for word in &mut read.words {
        let (Some(first), Some(end)) = (word.symbols.first(), word.symbols.last()) else {
            continue;
        };
        if let Some(last) = last {
            word.space_before = found.is_spaced(line, last, middle(first));
        }
        last = Some(middle(end));
    }
}

/// Puts right in a line what its ink and the neighbours of its letters tell.
fn mend(found: &Found, line: &TextLine, cut: &LinePicture, read: &mut ReadLine) {
    leader_points::take_out(read, line.dotted, |symbol| {
        let own = columns(cut, symbol.left_px, symbol.right_px);
        found.ink_between(line, own.start, own.end).is_some()
    });
    if cut.closed_up.is_some() {
        space_by_boxes(found, line, cut, read);
    } else {
        let ink = spaces::Ink {
            pieces: &found.pieces(line),
            left_px: cut.left_px,
            height_px: line.height_px,
        };
        spaces::mend(read, &ink);
    }
    tones::mend(read);
}

/// The words of all lines; pieces of one row count as one line, blocks and lines are numbered without gaps.
fn words(
    picture: &Picture<'_>,
    found: &Found,
    pictures: &[LinePicture],
    read: &[ReadLine],
) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut last: Option<(u32, u32)> = None;
    let are_text = are_text(read, found).into_iter().zip(&found.lines);
    let are_text = are_text.map(|(is_text, line)| is_text || line.tick.is_some());
    let lines = found.lines.iter().zip(pictures).zip(read);
    for (((line, cut), read), _) in lines.zip(are_text).filter(|(_, is_text)| *is_text) {
        let (block, number) = match (last, words.last()) {
            (Some(place), Some(word)) if place == (line.block, line.row) => (word.block, word.line),
            (Some((block, _)), Some(word)) => {
                (word.block + u32::from(block != line.block), word.line + 1)
            }
            _ => (0, 0),
        };
        let of_line = OfLine {
            picture,
            found,
            line,
            cut,
        };
        let own = in_one_piece(&read.words);
        let own = own.iter();
        words.extend(own.filter_map(|parts| of_line.word(parts, (block, number))));
        words.extend(
            line.tick
                .map(|tick| of_line.tick_box(tick, (block, number))),
        );
        if let Some(word) = words.last_mut().filter(|word| word.line == number) {
            word.leads_on = line.leads_on;
            last = Some((line.block, line.row));
        }
    }
    lookalikes::count_on(&mut words);
    words
}

/// Which lines are text; strokes that were taken for lines are not.
fn are_text(read: &[ReadLine], found: &Found) -> Vec<bool> {
    let characters =
        |line: &ReadLine| -> usize { line.words.iter().map(|word| word.symbols.len()).sum() };
    let all: usize = read.iter().map(characters).sum();
    let unsure = read.iter().filter(|line| !is_sure(line));
    let unsure: usize = unsure.map(characters).sum();
    let page_is_sure = (unsure as f32) < DOUBTFUL_PAGE * all as f32;
    let is_stroke = |line: &ReadLine, found: &TextLine| {
        found.in_seal && again::mean_pct(line) < TEXT_IN_SEAL_FROM_PCT
    };
    let is_text = |(line, found): (&ReadLine, &TextLine)| {
        is_written(line) && !is_stroke(line, found) && (is_sure(line) || !page_is_sure)
    };
    read.iter().zip(&found.lines).map(is_text).collect()
}

/// Bars of a code are read as so many letters of one stroke, or as no other.
const LEAST_BARS: usize = 6;

/// Strokes are often read as signs, and bars as letters; a dash is what stands in the empty cells of a table.
fn is_written(line: &ReadLine) -> bool {
    let symbols = || line.words.iter().flat_map(|word| &word.symbols);
    let lone_dash = symbols().count() == 1 && symbols().all(|symbol| symbol.text == "-");
    let is_bar = |symbol: &Symbol| matches!(symbol.text.as_str(), "I" | "l" | "U" | "|" | "!");
    let bars = symbols().count() >= LEAST_BARS && symbols().all(is_bar);
    lone_dash || (!bars && symbols().any(|symbol| symbol.text.contains(char::is_alphanumeric)))
}

fn is_sure(line: &ReadLine) -> bool {
    let is_empty = line.words.iter().all(|word| word.symbols.is_empty());
    is_empty || again::mean_pct(line) >= TEXT_FROM_PCT
}

/// The reader parts words from punctuation that the dictionary knows apart; what no space parts is one word.
fn in_one_piece(words: &[LineWord]) -> Vec<&[LineWord]> {
    words.chunk_by(|_, next| !next.space_before).collect()
}

/// What a word needs to find its place.
struct OfLine<'a> {
    picture: &'a Picture<'a>,
    found: &'a Found,
    line: &'a TextLine,
    cut: &'a LinePicture,
}

impl OfLine<'_> {
    fn word(&self, parts: &[LineWord], (block, line): (u32, u32)) -> Option<Word> {
        let power = self.power(parts);
        let text: String = parts
            .iter()
            .flat_map(|part| part.symbols.iter())
            .enumerate()
            .flat_map(|(n, symbol)| {
                let power = power.filter(|(place, _)| *place == n).map(|(_, sign)| sign);
                let read = match (power, symbol.text.as_str()) {
                    (Some(_), read) if read != "m" => "",
                    (_, read) => read,
                };
                read.chars().chain(power.unwrap_or_default().chars())
            })
            .filter(|c| !c.is_whitespace())
            .nfc()
            .collect();
        let columns = columns(self.cut, parts.first()?.left_px(), parts.last()?.right_px());
        let pieces = self
            .found
            .pieces_between(self.line, columns.start, columns.end);
        let strokes = lookalikes::roman(&text, pieces, self.line.height_px);
        let text = strokes.unwrap_or_else(|| lookalikes::meant(&text));
        let place = self.place(columns, text.contains(char::is_alphanumeric));
        let (left, right) = (place.x_px as f32, place.right_px() as f32);
        let (top, bottom) = (place.y_px as f32, place.bottom_px() as f32);
        let corners = [(left, top), (right, top), (left, bottom), (right, bottom)];
        let corners = corners.map(|(x, y)| self.on_page(x, y));
        let picture = self.picture;
        let bounds = PxBox::around(&corners, picture.page_width_px, picture.page_height_px);
        let mut symbols = parts.iter().flat_map(|part| &part.symbols);
        // A raised ² stands apart in print, too.
        let by_pen = symbols.any(|symbol| self.is_by_pen(symbol)) && power.is_none();
        let most = match by_pen {
            true => pen::MOST_PCT,
            false => 100.0,
        };
        let least = parts.iter().map(LineWord::confidence_pct);
        let baseline = &self.line.baseline;
        (!text.is_empty() && bounds.w_px > 0 && bounds.h_px > 0).then(|| Word {
            text,
            bounds,
            baseline_start: self.on_page(left, baseline.at(left)),
            baseline_end: self.on_page(right, baseline.at(right)),
            confidence: Confidence::from_pct_f32(least.fold(most, f32::min)),
            block,
            line,
            leads_on: false,
        })
    }

    /// A box to tick as a word.
    fn tick_box(&self, tick: Tick, (block, line): (u32, u32)) -> Word {
        let place = self.line.bounds;
        let (left, right) = (place.x_px as f32, place.right_px() as f32);
        let (top, bottom) = (place.y_px as f32, place.bottom_px() as f32);
        let corners = [(left, top), (right, top), (left, bottom), (right, bottom)];
        let corners = corners.map(|(x, y)| self.on_page(x, y));
        let picture = self.picture;
        Word {
            text: tick_box::sign(tick).to_string(),
            bounds: PxBox::around(&corners, picture.page_width_px, picture.page_height_px),
            baseline_start: self.on_page(left, self.line.baseline.at(left)),
            baseline_end: self.on_page(right, self.line.baseline.at(right)),
            confidence: tick_box::confidence(tick),
            block,
            line,
            leads_on: false,
        }
    }

    /// The power behind the m of a square or cubic metre, where its ink stands raised: which symbol it was read as, or behind which
    /// it was overlooked.
    fn power(&self, parts: &[LineWord]) -> Option<(usize, &'static str)> {
        let symbols: Vec<&Symbol> = parts.iter().flat_map(|part| &part.symbols).collect();
        let signs: Vec<&str> = symbols.iter().map(|symbol| symbol.text.as_str()).collect();
        let metre = metre::metre(&signs)?;
        let from_px = self.cut.on_page(symbols[metre.first].left_px);
        let end_px = self.cut.on_page(symbols[metre.end].right_px);
        let sign = match self.found.power_between(self.line, from_px, end_px)? {
            Power::Square => "²",
            Power::Cube => "³",
        };
        Some((metre.last, sign))
    }

    /// True for a digit that does not stand as the print of its line.
    fn is_by_pen(&self, symbol: &Symbol) -> bool {
        let is_digit = |text: &str| text.len() == 1 && text.as_bytes()[0].is_ascii_digit();
        let own = columns(self.cut, symbol.left_px, symbol.right_px);
        let ink =
            is_digit(&symbol.text).then(|| self.found.ink_between(self.line, own.start, own.end));
        ink.flatten().is_some_and(|ink| {
            let middle_px = ink.x_px as f32 + ink.w_px as f32 / 2.0;
            let baseline_px = self.line.baseline.at(middle_px);
            pen::stands_apart(ink, baseline_px, self.line.height_px)
        })
    }

    /// The box of a word in the picture: around its ink, and where none is found as high as the line.
    fn place(&self, columns: Range<u32>, is_lettered: bool) -> PxBox {
        let line = self.line;
        let ink = self.found.ink_between(line, columns.start, columns.end);
        let ink = ink.unwrap_or(Bounds {
            x_px: columns.start,
            w_px: columns.end - columns.start,
            ..line.bounds
        });
        let baseline_px = line.baseline.at((columns.start + columns.end) as f32 / 2.0);
        let place = match is_lettered {
            true => word_box::of_letters(ink, columns, baseline_px, line.height_px),
            false => ink,
        };
        PxBox {
            x_px: place.x_px,
            y_px: place.y_px,
            w_px: place.w_px,
            h_px: place.h_px,
        }
    }

    fn on_page(&self, x_px: f32, y_px: f32) -> Point {
        self.picture.to_page.map(Point { x_px, y_px })
    }
}
