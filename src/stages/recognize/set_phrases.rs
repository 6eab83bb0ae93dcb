//! Tone marks misread in the set phrases of official papers: `tố chức` is no word, `tổ chức` is meant.
//!
//! The hook, the tilde and the acute are the marks most often taken for each other, and the model's word list knows
//! syllables, not phrases. Only phrases stand here that are another phrase with no other tone on the word in question, and only a tone is
//! ever changed: letters, their vowel marks, numbers and names stay as they were read.

use unicode_normalization::UnicodeNormalization;

use crate::model::Word;

/// Two words that belong together, in small letters. Left out is what is another phrase or a name with another tone:
/// `bản sao` (`Ủy ban sao lục`), `kết quả` (`liên kết qua`), `văn bản` (`Trần Văn Ban`).
const PHRASES: [(&str, &str); 28] = [
    ("kể", "từ"),
    ("tổ", "chức"),
    ("chi", "nhánh"),
    ("ủy", "ban"),
    ("ủy", "quyền"),
    ("ủy", "viên"),
    ("chủ", "tịch"),
    ("thủ", "trưởng"),
    ("thủ", "tục"),
    ("giải", "quyết"),
    ("kiểm", "tra"),
    ("kiểm", "soát"),
    ("thời", "điểm"),
    ("địa", "điểm"),
    ("bổ", "sung"),
    ("tổng", "hợp"),
    ("tổng", "cộng"),
    ("cụ", "thể"),
    ("tập", "thể"),
    ("phổ", "biến"),
    ("sử", "dụng"),
    ("sở", "hữu"),
    ("sửa", "đổi"),
    ("chuyển", "nhượng"),
    ("chuyển", "đổi"),
    ("thực", "tiễn"),
    ("điều", "khoản"),
    ("cổ", "phần"),
];

/// Gives the words of set phrases their own tones. Both words stand beside each other on one line.
pub fn mend(words: &mut [Word]) {
    for at in 1..words.len() {
        let (before, after) = words.split_at_mut(at);
        let (first, second) = (&mut before[at - 1], &mut after[0]);
        if first.line != second.line {
            continue;
        }
        if is_name(&first.text) && is_name(&second.text) {
            continue;
        }
        let meant = PHRASES.iter().find_map(|(one, other)| {
            let one = with_tones_of(&first.text, one)?;
            let other = with_tones_of(&second.text, other)?;
            // Where neither was read so, nothing says that the phrase is meant.
            (one == first.text || other == second.text).then_some((one, other))
        });
        if let Some((one, other)) = meant {
            (first.text, second.text) = (one, other);
        }
    }
}

/// True of what begins with a capital and goes on in small letters.
fn is_name(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    letters.next().is_some_and(char::is_uppercase) && letters.any(char::is_lowercase)
}

/// The word as read with the tones of the one meant; none where they differ in anything else but what stands around.
fn with_tones_of(read: &str, meant: &str) -> Option<String> {
    let bare = read.trim_matches(|c: char| !c.is_alphabetic());
    let (before, behind) = read.split_once(bare)?;
    let mended: Option<String> = bare
        .chars()
        .zip(meant.chars())
        .map(|(read, meant)| letter_meant(read, meant))
        .collect();
    let same_length = bare.chars().count() == meant.chars().count();
    Some([before, &mended?, behind].concat()).filter(|_| same_length)
}

/// The letter meant in the case of the one read, where the two differ by their tone at most.
fn letter_meant(read: char, meant: char) -> Option<char> {
    let is_capital = read.is_uppercase();
    let small = read.to_lowercase().next()?;
    let differs_by_tone = small == meant || without_tone(small).eq(without_tone(meant));
    let meant = match is_capital {
        true => meant.to_uppercase().next()?,
        false => meant,
    };
    differs_by_tone.then_some(meant)
}

fn without_tone(letter: char) -> impl Iterator<Item = char> {
    let apart = std::iter::once(letter).nfd();
    apart.filter(|mark| {
        !matches!(
            mark,
            '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{PHRASES, mend};
    use crate::model::{Confidence, Point, PxBox, Word};

    fn mended(line: &str) -> String {
        let word = |text: &str| Word {
            text: text.to_owned(),
            bounds: PxBox {
                x_px: 0,
                y_px: 0,
                w_px: 1,
                h_px: 1,
            },
            baseline_start: Point {
                x_px: 0.0,
                y_px: 0.0,
            },
            baseline_end: Point {
                x_px: 1.0,
                y_px: 0.0,
            },
            confidence: Confidence::from_pct(90),
            block: 0,
            line: 0,
            leads_on: false,
        };
        let mut words: Vec<Word> = line.split(' ').map(word).collect();
        mend(&mut words);
        let texts: Vec<String> = words.into_iter().map(|word| word.text).collect();
        texts.join(" ")
    }

    #[test]
    fn tones_of_set_phrases_are_mended_in_any_case() {
        assert_eq!(
            mended("hiệu lực kế từ ngày ký, Chỉ nhánh và tố chức."),
            "hiệu lực kể từ ngày ký, Chi nhánh và tổ chức."
        );
        assert_eq!(mended("UY BAN NHÂN DÂN"), "ỦY BAN NHÂN DÂN");
        assert_eq!(mended("GIAI QUYẾT:"), "GIẢI QUYẾT:");
    }

    #[test]
    fn other_words_names_and_letters_misread_stay() {
        for line in [
            "chỉ nhận hồ sơ",
            "ông Tô Chức",
            "Ủy ban sao lục",
            "to chưc",
            "kế tư 12",
            "tố cáo",
            "",
        ] {
            assert_eq!(mended(line), line);
        }
    }

    #[test]
    fn every_phrase_stays_as_it_is() {
        for (one, other) in PHRASES {
            let phrase = format!("{one} {other}");
            assert_eq!(mended(&phrase), phrase);
        }
    }
}
