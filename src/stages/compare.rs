//! Compare: which pages of a dossier are the same sheet of paper, scanned twice.
//!
//! Such pages are told, never removed: only a person may throw a page away. Two forms of
//! one template look alike and share most words; what tells them apart is what was filled
//! in, so numbers decide first.

use image::GrayImage;
use image::imageops::{FilterType, resize};
use serde::{Deserialize, Serialize};

use crate::formats::raster::block_means;
use crate::formats::vietnamese::fold;
use crate::model::{Digest, PageText};

/// The page seen from afar is so many cells wide and high.
const SIDE_CELLS: u32 = 16;
/// Blocks along a side of a cell.
const BLOCKS_A_CELL: u32 = 8;
/// Two scans of one sheet agree in layout at least so well (correlation of the ink's places).
const SAME_LAYOUT: f32 = 0.80;
/// … and share so many of their words, read with the errors of two scans.
const SAME_WORDS: f32 = 0.80;
/// … and so many of their numbers.
const SAME_NUMBERS: f32 = 0.75;
/// A number is a word of so many digits; shorter ones stand on every page.
const DIGITS_OF_NUMBER: usize = 3;
/// With fewer numbers on a page only nearly all of its words can tell.
const FEW_NUMBERS: usize = 3;
const NEARLY_ALL_WORDS: f32 = 0.95;
/// A page of fewer words says too little to be compared.
const FEW_WORDS: usize = 12;

/// What is remembered of a page for comparing: a kilobyte or two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sketch {
    /// Darkness of each cell, row by row.
    cells: Vec<u8>,
    /// Folded words without digits, by the first bytes of their digests, sorted.
    words: Vec<u32>,
    /// Words of digits, likewise.
    numbers: Vec<u32>,
}

impl Sketch {
    /// Of the picture that was read and of what was read in it.
    pub fn of(picture: &GrayImage, text: &PageText) -> Self {
        let small = from_afar(picture);
        let digits = |word: &str| word.chars().filter(char::is_ascii_digit).count();
        let texts = text.words.iter().map(|word| fold(&word.text));
        let (numbers, words): (Vec<_>, Vec<_>) = texts
            .filter(|word| !word.is_empty())
            .partition(|word| digits(word) >= DIGITS_OF_NUMBER);
        Self {
            cells: small.pixels().map(|pixel| 255 - pixel[0]).collect(),
            words: hashed(&words),
            numbers: hashed(&numbers),
        }
    }

    /// True where both are most likely scans of the same sheet.
    pub fn is_like(&self, other: &Self) -> bool {
        let fewest = self.words.len().min(other.words.len());
        if fewest < FEW_WORDS || correlation(&self.cells, &other.cells) < SAME_LAYOUT {
            return false;
        }
        let words = shared(&self.words, &other.words);
        let few_numbers = self.numbers.len().max(other.numbers.len()) < FEW_NUMBERS;
        match few_numbers {
            true => words >= NEARLY_ALL_WORDS,
            false => words >= SAME_WORDS && shared(&self.numbers, &other.numbers) >= SAME_NUMBERS,
        }
    }
}

/// For each page the first one before it that is the same sheet; `None` where there is none.
pub fn find_twins(pages: &[Option<&Sketch>]) -> Vec<Option<usize>> {
    let twin = |at: usize| {
        let page = pages[at]?;
        let before = pages[..at].iter();
        before
            .clone()
            .position(|other| other.is_some_and(|other| other.is_like(page)))
    };
    (0..pages.len()).map(twin).collect()
}

/// The page as cells. They reach over into each other, so that a sheet which lies a little otherwise still looks the
/// same; that is done on means of small blocks, for the page itself has four million pixels.
fn from_afar(picture: &GrayImage) -> GrayImage {
    let block = |side: u32| (side / (SIDE_CELLS * BLOCKS_A_CELL)).max(1);
    let blocks = block_means(picture, (block(picture.width()), block(picture.height())));
    resize(&blocks, SIDE_CELLS, SIDE_CELLS, FilterType::Triangle)
}

fn hashed(words: &[String]) -> Vec<u32> {
    let first_bytes = |word: &String| {
        let [a, b, c, d, ..] = *Digest::of(word.as_bytes()).as_bytes();
        u32::from_be_bytes([a, b, c, d])
    };
    let mut hashed: Vec<u32> = words.iter().map(first_bytes).collect();
    hashed.sort_unstable();
    hashed
}

/// The share of what both have in common (Dice), of two sorted lists.
fn shared(left: &[u32], right: &[u32]) -> f32 {
    let (mut l, mut r, mut both) = (0, 0, 0);
    while let (Some(a), Some(b)) = (left.get(l), right.get(r)) {
        both += usize::from(a == b);
        l += usize::from(a <= b);
        r += usize::from(b <= a);
    }
    2.0 * both as f32 / (left.len() + right.len()).max(1) as f32
}

/// Pearson's correlation of two lists of one length; zero where one of them is even.
fn correlation(left: &[u8], right: &[u8]) -> f32 {
    let count = left.len().max(1) as f32;
    let mean = |cells: &[u8]| cells.iter().map(|&cell| f32::from(cell)).sum::<f32>() / count;
    let (mean_l, mean_r) = (mean(left), mean(right));
    let (mut both, mut own_l, mut own_r) = (0.0, 0.0, 0.0);
    for (&l, &r) in left.iter().zip(right) {
        let (l, r) = (f32::from(l) - mean_l, f32::from(r) - mean_r);
        both += l * r;
        own_l += l * l;
        own_r += r * r;
    }
    let own = (own_l * own_r).sqrt();
    if own > 0.0 { both / own } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Confidence, Point, PxBox, Word};

    fn word(text: &str) -> Word {
        let at = Point {
            x_px: 0.0,
            y_px: 0.0,
        };
        Word {
            text: text.to_owned(),
            bounds: PxBox::around(&[at], 10, 10),
            baseline_start: at,
            baseline_end: at,
            confidence: Confidence::from_pct(90),
            block: 0,
            line: 0,
            leads_on: false,
        }
    }

    fn text(words: &str) -> PageText {
        PageText {
            width_px: 100,
            height_px: 140,
            dpi: 200,
            symbols: Vec::new(),
            words: words.split_whitespace().map(word).collect(),
        }
    }

    /// Lines of ink on the upper part of a page, moved down by so many pixels.
    fn picture(moved_px: u32) -> GrayImage {
        GrayImage::from_fn(320, 452, |x, y| {
            let line = (y + 452 - moved_px) % 452;
            let ink = line < 260 && line % 20 < 8 && x > 30 && x < 250 + (line / 20 * 37) % 60;
            image::Luma([if ink { 30 } else { 245 }])
        })
    }

    const FORM: &str = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập Tự do Hạnh phúc ĐƠN ĐỀ NGHỊ \
        cấp giấy phép xây dựng Kính gửi Ủy ban nhân dân xã Tên tôi là";

    fn form(filled_in: &str, moved_px: u32) -> Sketch {
        Sketch::of(&picture(moved_px), &text(&format!("{FORM} {filled_in}")))
    }

    #[test]
    fn two_scans_of_one_sheet_are_alike_in_spite_of_reading_errors() {
        let first = form("Lê Văn Thử số 079203001234 ngày 2023 thửa 1187 tờ 305", 0);
        let second = form("Lê Vãn Thữ sô 079203001234 ngáy 2023 thứa 1187 tờ 306", 5);
        assert!(first.is_like(&second) && second.is_like(&first));
        assert_eq!(
            find_twins(&[Some(&first), None, Some(&second)]),
            [None, None, Some(0)]
        );
    }

    #[test]
    fn two_forms_of_one_template_are_not() {
        let first = form("Lê Văn Thử số 079203001234 ngày 2023 thửa 1187 tờ 305", 0);
        let second = form("Trần Thị Mẫu số 079188004321 ngày 2024 thửa 42 tờ 118", 0);
        assert!(!first.is_like(&second));
        let unnumbered = |name| form(name, 0);
        assert!(!unnumbered("Lê Văn Thử").is_like(&unnumbered("Trần Thị Mẫu Phạm Quang Giả")));
    }

    #[test]
    fn pages_that_say_little_are_not_compared() {
        let page = Sketch::of(&picture(0), &text("Trang 2"));
        assert!(!page.is_like(&page));
    }
}
