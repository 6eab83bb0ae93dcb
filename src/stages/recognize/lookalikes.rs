//! Signs read for others that look alike: what no Vietnamese paper bears, and letters among digits.
//!
//! Seen on 198 drawn pages of eighteen makes (docs/benchmarks.md): the Đ of `QĐ` is read `ĐÐ` with the Icelandic
//! letter, a slash `⁄/`, the 1 of a narrow cell `l`, the dotted 0 of a typewriter `Ø`. Names and words of letters
//! alone are left as they were read.

use sohoa_lines::find::Bounds;

use crate::model::Word;

/// Letters that a 1 is taken for.
const LIKE_ONE: [char; 3] = ['I', 'l', '|'];

/// The word as it was meant.
pub fn meant(text: &str) -> String {
    // Two of them where one stands: `QĐÐ`. Elsewhere both stand there: `VPĐKĐĐ` is an office.
    let text = text.replace("QĐÐ", "QĐ").replace('Ð', "Đ");
    let text = text.replace("m°", "m²");
    let text = slashes(&text);
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return text;
    }
    text.split_inclusive(['-', '/', '.', ','])
        .map(|part| digits(part, &text))
        .collect()
}

/// The fraction slash is a slash, and one that was read as both is one.
fn slashes(text: &str) -> String {
    match text.contains('⁄') {
        true => text.replace('⁄', "/").replace("//", "/"),
        false => text.to_owned(),
    }
}

/// A part of a number between its points, dashes and slashes, with the sign that ends it.
fn digits(part: &str, whole: &str) -> String {
    let bare = part.trim_end_matches(['-', '/', '.', ',']);
    let digits = bare.chars().filter(char::is_ascii_digit).count();
    let is_number = |like: fn(char) -> bool| bare.chars().all(|c| c.is_ascii_digit() || like(c));
    // The first part of a number and notation: `Ø1/TTr-SNNMT`; `Ø20` in a drawing is a diameter.
    let is_of_notation = part.len() > bare.len() && part.ends_with('/') && whole.starts_with(part);
    if digits > 0 && is_number(|c| LIKE_ONE.contains(&c) || c == '§') {
        bare_as(part, |c| if c == '§' { '8' } else { one(c) })
    } else if digits > 0 && is_of_notation && is_number(|c| c == 'Ø' || c == '@') {
        bare_as(part, |c| if c == 'Ø' || c == '@' { '0' } else { c })
    } else if !bare.is_empty() && bare.chars().all(|c| c == 'l' || c == '|') {
        bare_as(part, one)
    } else {
        part.to_owned()
    }
}

fn bare_as(part: &str, meant: impl Fn(char) -> char) -> String {
    part.chars().map(meant).collect()
}

fn one(read: char) -> char {
    if LIKE_ONE.contains(&read) { '1' } else { read }
}

/// The strokes of a Roman number are as high as a capital, to this share of it, and each with its feet about so wide.
const STROKE_OFF: f32 = 0.15;
const STROKE: f32 = 0.5;

/// A Roman number up to III by its strokes: of letters that are alike and touch the network makes one too few. None where the
/// word is no such number, or its ink says no more than was read.
pub fn roman(read: &str, ink: impl Iterator<Item = Bounds>, capital_px: f32) -> Option<String> {
    let sign = read.trim_start_matches('I');
    let ones = read.len() - sign.len();
    if !(1..3).contains(&ones) || !matches!(sign, "" | "." | ")" | ":") {
        return None;
    }
    let is_high =
        |piece: &Bounds| (piece.h_px as f32 - capital_px).abs() <= STROKE_OFF * capital_px;
    let strokes = |piece: Bounds| (piece.w_px as f32 / (STROKE * capital_px)).round().max(1.0);
    let strokes = ink.filter(is_high).map(strokes).sum::<f32>() as usize;
    (ones < strokes && strokes <= 3).then(|| "I".repeat(strokes) + sign)
}

/// Puts ones for letters in cells that stand alone in their line: a lone `l` is no word, and a lone `I` or `II` is a number
/// where the cell above or below counts on from it (Roman numbers count on in Roman).
pub fn count_on(words: &mut [Word]) {
    let alone: Vec<usize> = (0..words.len())
        .filter(|&at| is_alone(words, at) && words[at].text.chars().all(|c| LIKE_ONE.contains(&c)))
        .collect();
    for at in alone {
        let ones: String = words[at].text.chars().map(one).collect();
        if matches!(words[at].text.as_str(), "l" | "|") || is_counted(words, at, &ones) {
            words[at].text = ones;
        }
    }
}

/// True where no word of its line stands near. Cells of one row count as one line.
fn is_alone(words: &[Word], at: usize) -> bool {
    let word = &words[at];
    let (before, after) = (words[..at].last(), words.get(at + 1));
    let is_near = |other: &Word| {
        let left_px = word.bounds.x_px.max(other.bounds.x_px);
        let right_px = word.bounds.right_px().min(other.bounds.right_px());
        (other.block, other.line) == (word.block, word.line)
            && left_px.saturating_sub(right_px) < 2 * word.bounds.h_px
    };
    !before.is_some_and(is_near) && !after.is_some_and(is_near)
}

/// True where the next cell of the column above is one less, or the next below one more.
fn is_counted(words: &[Word], at: usize, ones: &str) -> bool {
    let Ok(number) = ones.parse::<u32>() else {
        return false;
    };
    let cell = words[at].bounds;
    let in_column = |word: &&Word| word.bounds.x_px.abs_diff(cell.x_px) <= cell.h_px;
    let column = || words.iter().filter(in_column);
    let above = column()
        .filter(|word| word.bounds.bottom_px() <= cell.y_px)
        .max_by_key(|word| word.bounds.y_px);
    let below = column()
        .filter(|word| word.bounds.y_px >= cell.bottom_px())
        .min_by_key(|word| word.bounds.y_px);
    let reads = |word: Option<&Word>, number: u32| {
        word.is_some_and(|word| word.text.trim_end_matches('.').parse() == Ok(number))
    };
    reads(above, number.wrapping_sub(1)) || reads(below, number + 1)
}

#[cfg(test)]
mod tests {
    use super::{Bounds, count_on, meant, roman};
    use crate::model::{Confidence, Point, PxBox, Word};

    #[test]
    fn letters_among_digits_are_digits() {
        for (read, is) in [
            ("I758/QĐ-SNNMT", "1758/QĐ-SNNMT"),
            ("57I", "571"),
            ("l3", "13"),
            ("l-5", "1-5"),
            ("§28", "828"),
            ("I5/0l/2023)", "15/01/2023)"),
            ("Ø1/TTr-SNNMT", "01/TTr-SNNMT"),
            ("@7/TTr-SNNMT", "07/TTr-SNNMT"),
        ] {
            assert_eq!(meant(read), is);
        }
    }

    #[test]
    fn a_roman_number_has_as_many_ones_as_strokes() {
        // Boxes as wide and high as these, of type whose capitals are 23 px high.
        let read = |text: &str, pieces: &[(u32, u32)]| {
            let pieces = pieces.iter().map(|(w_px, h_px)| Bounds {
                x_px: 0,
                y_px: 0,
                w_px: *w_px,
                h_px: *h_px,
            });
            roman(text, pieces, 23.0)
        };
        // The second and the third touch with their feet.
        let three = [(11, 23), (23, 23), (4, 4)];
        assert_eq!(read("II.", &three).as_deref(), Some("III."));
        assert_eq!(read("II", &[(5, 23); 3]).as_deref(), Some("III"));
        assert_eq!(read("II.", &[(11, 23), (11, 24), (4, 4)]), None);
        assert_eq!(read("I", &[(48, 23)]), None, "four strokes are no number");
        assert_eq!(read("IV", &three), None);
        assert_eq!(read("In", &three), None);
    }

    #[test]
    fn signs_of_other_languages_are_what_they_look_like() {
        assert_eq!(meant("06/QĐÐ-UBND"), "06/QĐ-UBND");
        assert_eq!(meant("Ðộc"), "Độc");
        assert_eq!(meant("03/VPĐKĐÐ-TH"), "03/VPĐKĐĐ-TH");
        assert_eq!(meant("933⁄/TTr-UBND"), "933/TTr-UBND");
        assert_eq!(meant("(m°)"), "(m²)");
    }

    #[test]
    fn words_codes_and_roman_numbers_stay_as_they_were_read() {
        for read in [
            "Il",
            "II.",
            "I.1",
            "III.2.",
            "H10.33",
            "Ø20",
            "a@b.vn",
            "http://vn",
            "25°",
            "Internet",
            "IVNM0980<<",
            "B1",
            "03/VPĐKĐĐ-TH",
        ] {
            assert_eq!(meant(read), read);
        }
    }

    fn cell(text: &str, x_px: u32, y_px: u32, line: u32) -> Word {
        let bounds = PxBox {
            x_px,
            y_px,
            w_px: 12,
            h_px: 20,
        };
        let point = Point {
            x_px: x_px as f32,
            y_px: y_px as f32,
        };
        Word {
            text: text.to_owned(),
            bounds,
            baseline_start: point,
            baseline_end: point,
            confidence: Confidence::from_pct(60),
            block: 0,
            line,
            leads_on: false,
        }
    }

    fn counted(texts: &[&str]) -> Vec<String> {
        let numbered = texts.iter().zip(0..);
        let mut words: Vec<Word> = numbered
            .map(|(text, line)| cell(text, 100, 40 * line, line))
            .collect();
        count_on(&mut words);
        words.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn a_cell_that_the_next_counts_on_from_is_a_number() {
        assert_eq!(counted(&["10", "II", "12"]), ["10", "11", "12"]);
        assert_eq!(counted(&["I", "2"]), ["1", "2"]);
        assert_eq!(counted(&["l", "Lê"]), ["1", "Lê"]);
    }

    #[test]
    fn roman_numbers_of_headings_stay() {
        assert_eq!(counted(&["I", "II", "III"]), ["I", "II", "III"]);
        let mut words = vec![
            cell("MỤC", 60, 0, 0),
            cell("I", 100, 0, 0),
            cell("2", 100, 40, 1),
        ];
        count_on(&mut words);
        assert_eq!(words[1].text, "I", "words stand beside it");
    }
}
