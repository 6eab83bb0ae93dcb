//! Labels of forms (`Mã số thuế:`, `Ngày hẹn trả`), read from `labels.toml`, and where they stand on the pages.

use std::ops::Range;

use serde::Deserialize;

use crate::formats::vietnamese::{Folded, Pattern, fold};

use super::super::layout::{Layout, Line};

const EMBEDDED: &str = include_str!("labels.toml");
/// One edit is allowed for so many letters of a label.
const LETTERS_AN_EDIT: usize = 7;
/// Nor more than so many.
const MAX_EDITS: usize = 2;
/// A label of fewer letters is one only at the head of its part or before a colon.
const SHORT_LETTERS: usize = 6;
/// So many words at the end of a line and at the head of the next may be one label …
const BROKEN_WORDS: usize = 4;
/// … of at least so many letters, where the line ends so near to the right edge, as a share of the text's width.
const BROKEN_LETTERS: usize = 8;
const FULL_LINE: f32 = 0.2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    version: String,
    #[serde(rename = "field")]
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    labels: Vec<String>,
}

#[derive(Debug)]
struct Label {
    field: usize,
    pattern: Pattern,
    max_edits: u32,
    pairs: Pairs,
}

/// All labels, ready for searching.
#[derive(Debug)]
pub struct Labels {
    /// The version of the data.
    pub version: String,
    ids: Vec<String>,
    labels: Vec<Label>,
}

/// A label found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Index of its page in the document.
    pub page: usize,
    /// Number of its line on the page.
    pub line: usize,
    /// Number of the first word behind it on that line (may be the number of words).
    pub behind: usize,
    /// Bytes of that word's text which belong to the label: `sinh:21/07/1954`.
    pub glued_bytes: usize,
    field: usize,
    letters: Range<usize>,
}

/// All labels of a document, in reading order.
#[derive(Debug)]
pub struct Hits<'l> {
    labels: &'l Labels,
    hits: Vec<Hit>,
}

impl Labels {
    /// The labels that come with the program.
    pub fn embedded() -> Self {
        let sheet: Sheet = toml::from_str(EMBEDDED).expect("a test parses the embedded labels");
        let numbered = sheet.rows.iter().enumerate();
        let labels = numbered.flat_map(|(field, row)| {
            row.labels.iter().map(move |label| {
                let letters = fold(label);
                Label {
                    field,
                    max_edits: (letters.len() / LETTERS_AN_EDIT).min(MAX_EDITS) as u32,
                    pairs: Pairs::of(&letters),
                    pattern: Pattern::new(&letters).expect("labels have 1 to 64 letters"),
                }
            })
        });
        let labels = labels.collect();
        Self {
            version: sheet.version,
            ids: sheet.rows.into_iter().map(|row| row.id).collect(),
            labels,
        }
    }

    /// Where labels stand on these pages.
    pub fn on(&self, pages: &[Layout]) -> Hits<'_> {
        let mut hits = Vec::new();
        for (page, layout) in pages.iter().enumerate() {
            for (number, line) in layout.lines.iter().enumerate() {
                if number > 0 {
                    hits.extend(self.broken(page, layout, number));
                }
                hits.extend(self.on_line(page, number, line));
            }
        }
        Hits { labels: self, hits }
    }

    /// The label that begins at the end of the line above: `…, tờ / bản đồ số: 54`.
    fn broken(&self, page: usize, layout: &Layout, number: usize) -> Option<Hit> {
        let (upper, line) = (&layout.lines[number - 1], &layout.lines[number]);
        if !goes_on(layout, upper, line) {
            return None;
        }
        let above = &upper.words[upper.words.len().saturating_sub(BROKEN_WORDS)..];
        let below = &line.words[..line.words.len().min(BROKEN_WORDS)];
        let words = above.iter().chain(below).map(|word| word.text.as_str());
        let folded = Folded::of(words);
        let pairs = Pairs::of(folded.letters());
        let long = |label: &&Label| label.pattern.len() >= BROKEN_LETTERS;
        let likely = self.labels.iter().filter(long);
        let likely = likely.filter(|label| label.pairs.missing_in(pairs) <= 2 * label.max_edits);
        let found = likely.filter_map(|label| {
            let hit = label.pattern.find(folded.letters(), label.max_edits)?;
            let taken = folded.words_in(hit.start..hit.end);
            let whole =
                (hit.start == 0 || folded.ends_word(hit.start)) && folded.ends_word(hit.end);
            let broken = taken.start < above.len() && taken.end > above.len();
            (whole && broken).then(|| (label, taken.end - above.len()))
        });
        let (label, behind) = found.max_by_key(|(label, behind)| (*behind, label.pattern.len()))?;
        Some(Hit {
            page,
            line: number,
            behind,
            glued_bytes: 0,
            field: label.field,
            letters: 0..line.folded.letters_of(behind - 1).end,
        })
    }

    /// Labels of one line from left to right; where two overlap, the longer one.
    fn on_line(&self, page: usize, number: usize, line: &Line) -> Vec<Hit> {
        let pairs = Pairs::of(line.folded.letters());
        let likely = self.labels.iter();
        let likely = likely.filter(|label| label.pairs.missing_in(pairs) <= 2 * label.max_edits);
        let found = likely.filter_map(|label| label.find(page, number, line));
        let mut found: Vec<Hit> = found.collect();
        let mut kept: Vec<Hit> = Vec::new();
        // The longest first, so that `Số định danh cá nhân` is not cut at `Số định danh`.
        found.sort_by_key(|hit| std::cmp::Reverse(hit.letters.len()));
        for hit in found {
            let apart = |other: &Hit| {
                hit.letters.end <= other.letters.start || other.letters.end <= hit.letters.start
            };
            if kept.iter().all(apart) {
                kept.push(hit);
            }
        }
        kept.sort_by_key(|hit| hit.letters.start);
        kept
    }
}

impl Label {
    fn find(&self, page: usize, number: usize, line: &Line) -> Option<Hit> {
        let letters = line.folded.letters();
        let hit = self.pattern.find(letters, self.max_edits)?;
        let first = line.folded.word_at(hit.start)?;
        let starts = hit.start == 0
            || line.folded.ends_word(hit.start)
            || letters.as_bytes()[hit.start - 1].is_ascii_digit();
        let (behind, glued_bytes) = match line.folded.ends_word(hit.end) {
            true => (line.folded.words_in(hit.start..hit.end).end, 0),
            // `sinh:21/07/1954`: the colon tells where the label ends.
            false => {
                let word = line.folded.word_at(hit.end)?;
                let text = &line.words[word].text;
                (word, text.find(':').map(|colon| colon + 1)?)
            }
        };
        // A name of one short word may stand alone in its line: `bà Phạm Bích / Quyên`.
        let short = self.pattern.len() < SHORT_LETTERS;
        let heads = first == 0 && behind < line.words.len();
        let colon = line.words[..behind]
            .last()
            .is_some_and(|w| w.text.ends_with(':'));
        let shown = !short || heads || colon || glued_bytes > 0 || is_capital_label(line, first);
        (starts && shown).then_some(Hit {
            page,
            line: number,
            behind,
            glued_bytes,
            field: self.field,
            letters: hit.start..hit.end,
        })
    }
}

/// True where the upper line is full and the other goes on below it, at the left.
fn goes_on(layout: &Layout, upper: &Line, line: &Line) -> bool {
    let width_px = layout.right_px.saturating_sub(layout.left_px) as f32;
    let full = upper.bounds.right_px() as f32 >= layout.right_px as f32 - FULL_LINE * width_px;
    let lower = line.bounds.y_px > upper.bounds.y_px + upper.bounds.h_px / 2;
    let gap_px = line.bounds.y_px.saturating_sub(upper.bounds.bottom_px());
    full && lower && gap_px <= 2 * upper.height_px && line.bounds.x_px <= upper.bounds.x_px
}

/// `CCCD`, `CMND`, `MST` are labels wherever they stand.
fn is_capital_label(line: &Line, word: usize) -> bool {
    let text = &line.words[word].text;
    text.chars()
        .filter(|c| c.is_alphabetic())
        .all(char::is_uppercase)
}

impl Hits<'_> {
    /// The hits of this field's labels, in reading order.
    pub fn of<'h>(&'h self, id: &'h str) -> impl Iterator<Item = &'h Hit> {
        self.hits
            .iter()
            .filter(move |hit| self.labels.ids[hit.field] == id)
    }

    /// Where on the hit's line the next label begins, as the number of its first word.
    pub fn next_label(&self, hit: &Hit, line: &Line) -> usize {
        let next = self.hits.iter().filter(|other| {
            (other.page, other.line) == (hit.page, hit.line)
                && other.letters.start >= hit.letters.end
        });
        let starts = next.filter_map(|other| line.folded.word_at(other.letters.start));
        starts.min().unwrap_or(line.words.len())
    }

    /// True where a label begins this line.
    pub fn begins(&self, page: usize, line: usize) -> bool {
        self.hits
            .iter()
            .any(|hit| (hit.page, hit.line) == (page, line) && hit.letters.start == 0)
    }
}

/// Which pairs of neighbouring letters occur in a text, as bits: a text without most pairs of a
/// label cannot hold the label, and looking that up costs a hundredth of measuring edits.
#[derive(Clone, Copy, Debug)]
struct Pairs(u128);

impl Pairs {
    fn of(letters: &str) -> Self {
        let bits = letters.as_bytes().windows(2).map(|pair| {
            let place = (u32::from(pair[0]) * 37 + u32::from(pair[1])) % 128;
            1u128 << place
        });
        Self(bits.fold(0, |all, bit| all | bit))
    }

    /// Pairs of this text that the other lacks; one edit takes away two at most.
    fn missing_in(self, other: Self) -> u32 {
        (self.0 & !other.0).count_ones()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::setting::{Page, Place::*};
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let page = Page::new().line(Margin, text).read();
        let layouts = [Layout::of(1, &page)];
        let labels = Labels::embedded();
        let hits = labels.on(&layouts);
        let ids = hits.hits.iter().map(|hit| labels.ids[hit.field].clone());
        ids.collect()
    }

    #[test]
    fn labels_are_found_through_misread_letters() {
        assert_eq!(found("Ngày sính: 21/07/1954"), ["ngay_sinh"]);
        assert_eq!(found("2. Ngày sinh:21/07/1954"), ["ngay_sinh"]);
        assert_eq!(found("Sế định danh cá nhán: 0981"), ["so_dinh_danh"]);
        assert_eq!(found("Thời qian trá kết quả: 08 giờ"), ["ngay_hen_tra"]);
    }

    #[test]
    fn of_two_labels_at_one_place_the_longer_wins() {
        assert_eq!(
            found("Thời gian trả kết quả giải quyết hồ sơ:"),
            ["ngay_hen_tra"]
        );
        assert_eq!(found("Số CMND/CCCD: 098"), ["so_dinh_danh"]);
    }

    #[test]
    fn several_labels_of_a_line_stand_in_their_order() {
        let line = "Ngày sinh: 1/2/1990 Giới tính: Nam Số CCCD: 098";
        assert_eq!(found(line), ["ngay_sinh", "gioi_tinh", "so_dinh_danh"]);
    }

    #[test]
    fn a_label_may_be_broken_at_the_end_of_a_line() {
        let page = Page::new()
            .line(
                Indented,
                "Thông tin thửa đất có thay đổi: Thửa đất số: 739, tờ",
            )
            .line(Margin, "bản đồ số: 54, diện tích 289,8 m2")
            .line(
                Indented,
                "tài sản gắn liền với đất của hộ gia đình theo số phát",
            )
            .line(
                Margin,
                "hành GCN: CK 836192 và trang bổ sung kèm theo đã được",
            )
            .line(Indented, "Số phát")
            .line(Margin, "hành GCN ở đây không phải là nhãn")
            .read();
        let layouts = [Layout::of(1, &page)];
        let labels = Labels::embedded();
        let hits = labels.on(&layouts);
        let behind = |id| -> Vec<&str> {
            let words = hits
                .of(id)
                .map(|hit| &layouts[0].lines[hit.line].words[hit.behind]);
            words.map(|word| word.text.as_str()).collect()
        };
        assert_eq!(behind("so_to_ban_do"), ["54,"]);
        assert_eq!(behind("so_phat_hanh"), ["CK"]);
    }

    #[test]
    fn no_label_is_lost_to_the_quick_look() {
        let labels = Labels::embedded();
        for label in &labels.labels {
            assert!(label.pattern.len() >= 2);
        }
        proptest::proptest!(|(before in "[A-Z0-9]{0,20}", at in 0usize..8, letter in "[A-Z0-9]")| {
            let mut text = "NGAYTIEPNHAN".to_owned();
            text.replace_range(at..=at, &letter);
            let pairs = Pairs::of(&(before + &text));
            proptest::prop_assert!(Pairs::of("NGAYTIEPNHAN").missing_in(pairs) <= 2);
        });
    }
}
