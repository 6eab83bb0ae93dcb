//! Số, ký hiệu (ô 3 of Nghị định 30/2020): `Số: 30/QĐ-UBND`.

use std::sync::LazyLock;

use regex::Regex;

use crate::formats::vietnamese::{Pattern, fold};
use crate::model::document::Field;
use crate::model::{Confidence, Word};

use super::case::{Case, field};
use super::fields::{may_be_digit, only_reading};
use super::layout::{Layout, Line, mean_confidence_pct};
use super::marks::Marks;
use super::type_table::{TypeRow, TypeTable};

/// Down to here the number is looked for.
const ZONE: f32 = 0.5;
/// What a number of one digit is worth at most.
pub const LONE_DIGIT_PCT: u8 = 35;
/// A number takes no more words than this, however the recogniser tore it.
const MAX_WORDS: usize = 8;

/// `Số:` as recognisers give it: any vowel, 0 or 6 behind an S, the colon as any point.
static LABEL: LazyLock<Regex> =
    LazyLock::new(|| constant(r"(?i)^\W{0,3}(?:S[\p{L}06]|5\p{L})[:;.,]*"));

/// The whole number (DOMAIN section 3); O, I and l, with marks or not, are accepted for digits,
/// to be repaired.
static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    constant(concat!(
        r"^([0-9OoIl|QÒÓÔÕÖỌỎƠỜỚỞỠỢÌÍÎÏĨỈỊ]{1,6}[a-z]?)(?:/([12][0-9]{3}))?",
        r"(/?)((?:[A-ZĐƯ][A-Za-zĐđƯư0]{0,11})(?:[-/.&][A-ZĐƯ0-9][A-Za-z0-9ĐđƯưÂâÔôƠơÊê&.]{0,15}){0,5})$"
    ))
});

/// A notation whose number was written by hand or left open: dots, strokes or junk before it.
static NO_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"^.{0,12}?/((?:[A-ZĐƯ][A-Za-zĐđ]{0,7})(?:-[A-ZĐƯ][A-Za-z0-9ĐđƯư&]{0,15}){1,4})$")
});

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant and compiles")
}

/// A number line taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Notation<'a> {
    /// The number with its year, repaired; absent where none could be read.
    pub number: Option<String>,
    /// Parts of the notation: `QĐ`, `UBND`; the separators stay in front of each but the first.
    pub signs: String,
    /// Letters repaired.
    pub repaired: u32,
    /// The words it was read from.
    pub words: &'a [Word],
    /// Number of its line.
    pub line: usize,
    /// True where `Số:` stands before it.
    pub labelled: bool,
}

impl Notation<'_> {
    /// The type its first sign stands for; none where several types fold to it.
    pub fn kind<'t>(&self, types: &'t TypeTable) -> Option<&'t TypeRow> {
        let first = self.signs.split(['-', '/', '.', '&']).next()?;
        let exact = |row: &&TypeRow| row.abbreviation.as_deref() == Some(first);
        let folded = fold(first);
        let mut rows: Vec<&TypeRow> = types.by_folded_abbreviation(&folded).collect();
        if rows.len() > 1 {
            rows.retain(exact);
        }
        rows.first().copied()
    }
}

/// The number line of a first page; a full number wins over one without digits.
pub fn find_notation<'a>(
    layout: &Layout<'a>,
    types: &TypeTable,
    marks: &Marks,
    heading: Option<&TypeRow>,
) -> Option<Notation<'a>> {
    let speller = Speller {
        types,
        marks,
        heading,
    };
    let lines = layout.lines.iter().enumerate();
    let mut found = lines
        .filter(|(_, line)| layout.down(line) < ZONE)
        .filter_map(|(number, line)| read_line(number, line, &speller));
    let first = found.next()?;
    if first.number.is_some() {
        return Some(first);
    }
    Some(found.find(|n| n.number.is_some()).unwrap_or(first))
}

/// True where the line begins with `Số:`, whatever follows.
pub fn is_number_line(line: &Line) -> bool {
    let first = &line.words[0].text;
    first.ends_with([':', ';']) && LABEL.is_match(first)
}

/// Field `so_ky_hieu`.
pub fn number(case: &Case, notation: Option<&Notation>) -> Option<Field> {
    let notation = notation?;
    let number = notation.number.as_ref()?;
    let value = format!("{number}/{}", notation.signs);
    let mut found = whole_field(case, notation, value, "nd30.so_ky_hieu")?;
    // Numbers under 10 bear one leading zero (NĐ 30): a lone digit has most likely lost its
    // neighbour, and a second zero is a dotted one read twice.
    let lone = number.chars().take_while(char::is_ascii_digit).count() == 1;
    if lone || number.starts_with("00") {
        found.confidence = found.confidence.min(Confidence::from_pct(LONE_DIGIT_PCT));
    }
    Some(found)
}

/// Field `ky_hieu`: only where the number itself could not be read.
pub fn signs_only(case: &Case, notation: Option<&Notation>) -> Option<Field> {
    let notation = notation.filter(|n| n.number.is_none())?;
    whole_field(case, notation, notation.signs.clone(), "nd30.ky_hieu")
}

fn whole_field(case: &Case, notation: &Notation, value: String, rule: &str) -> Option<Field> {
    let evidence = case.first().evidence(notation.words)?;
    let sure_pct = mean_confidence_pct(notation.words);
    Some(field(value, sure_pct, notation.repaired, evidence, rule))
}

fn read_line<'a>(number: usize, line: &Line<'a>, speller: &Speller) -> Option<Notation<'a>> {
    let first = &line.words[0].text;
    let label = LABEL.find(first).map_or(0, |label| label.end());
    if label == 0 && !first.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut read = String::new();
    let mut best = None;
    for (at, word) in line.words.iter().take(MAX_WORDS).enumerate() {
        let text = if at == 0 {
            &word.text[label..]
        } else {
            &word.text
        };
        let goes_on =
            read.ends_with(['-', '/', '&']) || text.starts_with(['-', '/', '&', '–', '—']);
        if best.is_some() && !goes_on {
            break;
        }
        // The rule under the number is read as an underscore behind it, and joins nothing.
        read.extend(text.trim_end_matches('_').chars().filter_map(plain));
        best = speller.take_apart(&read).map(|n| (n, at + 1)).or(best);
    }
    let ((digits, signs, repaired), words) = best?;
    // Without the label only a whole number counts; a fraction in a table does not.
    (label > 0 || digits.is_some()).then(|| Notation {
        number: digits,
        signs,
        repaired,
        words: &line.words[..words],
        line: number,
        labelled: label > 0,
    })
}

/// One shape for all dashes, Đ for its look-alikes, nothing for quotation marks and the like.
fn plain(c: char) -> Option<char> {
    match c {
        '–' | '—' | '−' | '‐' | '‑' | '_' | '~' => Some('-'),
        'Ð' | 'Ɖ' => Some('Đ'),
        '⁄' | '∕' => Some('/'),
        '“' | '”' | '"' | '\'' | '‘' | '’' | ':' | ';' | ',' | '*' => None,
        other => Some(other),
    }
}

/// Spells the parts of a notation as the tables do.
struct Speller<'t> {
    types: &'t TypeTable,
    marks: &'t Marks,
    heading: Option<&'t TypeRow>,
}

type Parts = (Option<String>, String, u32);

impl Speller<'_> {
    fn take_apart(&self, read: &str) -> Option<Parts> {
        let read = read.trim_end_matches('.');
        self.whole(read).or_else(|| self.signs_alone(read))
    }

    fn whole(&self, read: &str) -> Option<Parts> {
        let parts = WHOLE.captures(read)?;
        let (mut digits, mut repaired) = repair_digits(&parts[1])?;
        if let Some(year) = parts.get(2) {
            digits = format!("{digits}/{}", year.as_str());
        }
        if parts[3].is_empty() {
            // The stroke was lost: only a sign of the tables proves where it stood.
            let first = parts[4].split(['-', '/', '.', '&']).next()?;
            self.right_spelling(first, true)?;
            repaired += 1;
        }
        let (signs, respelled) = self.spell(&parts[4]);
        Some((Some(digits), signs, repaired + respelled))
    }

    /// A number left open, or of letters alone (`I/QĐ-SYT`): its signs stay, and a person reads the paper.
    fn signs_alone(&self, read: &str) -> Option<Parts> {
        let parts = NO_NUMBER.captures(read)?;
        // Behind junk only a sign of the tables counts.
        self.right_spelling(parts[1].split('-').next()?, true)?;
        let (signs, repaired) = self.spell(&parts[1]);
        Some((None, signs, repaired))
    }

    /// Each sign in the spelling of the tables where it folds alike; others stay as read.
    fn spell(&self, signs: &str) -> (String, u32) {
        let mut spelled = String::with_capacity(signs.len() + 4);
        let mut repaired = 0;
        for (at, part) in signs.split_inclusive(['-', '/', '.', '&']).enumerate() {
            let sign = part.trim_end_matches(['-', '/', '.', '&']);
            let right = self.right_spelling(sign, at == 0);
            repaired += u32::from(right.is_some_and(|right| right != sign));
            spelled.push_str(right.unwrap_or(sign));
            spelled.push_str(&part[sign.len()..]);
        }
        (spelled, repaired)
    }

    fn right_spelling(&self, sign: &str, first: bool) -> Option<&str> {
        let folded = fold(sign).replace('0', "O");
        if !first {
            return self.organ_sign(&folded);
        }
        // Tesseract's `vie` model often doubles the Đ of QĐ and CĐ; no type's sign has two.
        self.type_sign(&folded)
            .or_else(|| self.organ_sign(&folded))
            .or_else(|| self.type_sign(&folded.replace("DD", "D")))
            .or_else(|| self.sign_of_heading(&folded))
    }

    /// The heading proves a sign that is one letter off its own (`TIr` under TỜ TRÌNH).
    fn sign_of_heading(&self, folded: &str) -> Option<&str> {
        let own = self.heading?.abbreviation.as_deref()?;
        let near = Pattern::new(folded).ok()?.distance(&fold(own)) == 1;
        (near && folded.len() == fold(own).len()).then_some(own)
    }

    /// `HD` and `DA` belong to two types each: the heading decides, else they stay as read.
    fn type_sign(&self, folded: &str) -> Option<&str> {
        let mut rows: Vec<&TypeRow> = self.types.by_folded_abbreviation(folded).collect();
        if rows.len() > 1 {
            rows.retain(|row| self.heading.is_some_and(|heading| heading.id == row.id));
        }
        rows.first()?.abbreviation.as_deref()
    }

    fn organ_sign(&self, folded: &str) -> Option<&str> {
        let organ = self.marks.organs.iter().find(|(own, _)| own == folded)?;
        Some(&organ.1)
    }
}

/// The number with letters taken for the digits they resemble; a small letter may end it (`12a`).
fn repair_digits(read: &str) -> Option<(String, u32)> {
    let (digits, letter) =
        match read.strip_suffix(|c: char| c.is_ascii_lowercase() && !may_be_digit(c)) {
            Some(digits) => (digits, &read[digits.len()..]),
            None => (read, ""),
        };
    if !digits.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let counts = |digits: &str| digits.parse::<u32>().is_ok_and(|number| number > 0);
    let fits = |digits: &str| counts(digits).then(|| digits.to_owned());
    let (digits, repaired) = only_reading(digits, fits)?;
    Some((digits + letter, repaired))
}
