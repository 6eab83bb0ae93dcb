//! Whether a word could be a Vietnamese syllable: onset, rhyme and tone that go together.
//!
//! Vietnamese writes syllables apart and has few of them (some 7,000 in use), so chance
//! seldom makes one: the surest sign that bytes were decoded by the right table.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::compose::is_tone;

/// Longest first, so that `ngh` is not taken for `n`.
const ONSETS: [&str; 28] = [
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g",
    "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "",
];

/// Every rhyme without its tone, by the vowels it starts with.
const RHYMES: &str = "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt \
    âc âm ân âng âp ât âu ây e ec em en eng eo ep et ê êch êm ên ênh êp êt êu \
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu \
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet \
    oi om on ong op ot ooc oong ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt \
    u ua uân uâng uât uây uc ui um un ung uôc uôi uôm uôn uông uôt up ut uê uêch uênh uêt uơ \
    uy uya uych uyên uyêt uyn uynh uyp uyt uyu ư ưa ưc ưi ưm ưng ươc ươi ươm ươn ương ươp ươt \
    ươu ưt ưu y yêm yên yêng yêt yêu";

/// Vowels with a mark of their own; the tone stands on the last of them, where there is one.
const MARKED: [char; 6] = ['ă', 'â', 'ê', 'ô', 'ơ', 'ư'];

/// True for one syllable in any case: `Hồ`, `ĐƯỜNG`, `gì`.
pub fn is_syllable(word: &str) -> bool {
    let Some((plain, tone)) = take_tone(word) else {
        return false;
    };
    let letters = plain.chars().enumerate();
    let last_marked = letters.filter(|(_, c)| MARKED.contains(c)).last();
    if let (Some((_, bearer)), Some((place, _))) = (tone, last_marked)
        && bearer != place
    {
        return false;
    }
    let tone = tone.map(|(mark, _)| mark);
    let splits = ONSETS.iter().filter_map(|onset| plain.strip_prefix(onset));
    // `gi` may be onset and vowel at once: gì, giếng.
    let shared_i = plain.strip_prefix('g').filter(|rest| rest.starts_with('i'));
    splits
        .chain(shared_i)
        .any(|rhyme| is_rhyme(rhyme) && bears(rhyme, tone))
}

/// The word in small letters without its tone, and the tone with the place of its letter; `None`
/// where there are two, or where a capital stands behind a small letter.
fn take_tone(word: &str) -> Option<(String, Option<(char, usize)>)> {
    let (mut tone, mut bases, mut small) = (None, 0, false);
    let mut plain = String::with_capacity(word.len());
    for c in word.nfd() {
        if is_tone(c) {
            if tone.replace((c, usize::checked_sub(bases, 1)?)).is_some() {
                return None;
            }
            continue;
        }
        if !is_combining_mark(c) {
            bases += 1;
            if small && c.is_uppercase() {
                return None;
            }
            small |= c.is_lowercase();
        }
        plain.extend(c.to_lowercase());
    }
    Some((plain.nfc().collect(), tone))
}

fn is_rhyme(text: &str) -> bool {
    !text.is_empty() && RHYMES.split_ascii_whitespace().any(|rhyme| rhyme == text)
}

/// A syllable that ends in a stop has the rising or the heavy tone, or is written without.
fn bears(rhyme: &str, tone: Option<char>) -> bool {
    let stopped = rhyme.ends_with(['c', 'p', 't']) || rhyme.ends_with("ch");
    !stopped || matches!(tone, None | Some('\u{301}' | '\u{323}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_offices_are_syllables() {
        let text = "Quyết định về việc cấp giấy chứng nhận quyền sử dụng đất Ủy ban nhân dân \
            HUYỆN ĐỒNG PHÚ hồ sơ khai sinh nguyễn thị ngọc gì giếng thuở quốc tịch khuỷu nghĩa \
            trưởng phòng kế hoạch tài nguyên môi trường yêu cầu hưởng uỷ thủy hoà hòa";
        for word in text.split_whitespace() {
            assert!(is_syllable(word), "{word}");
        }
    }

    #[test]
    fn words_that_only_look_like_it_are_none() {
        for word in [
            "",
            "Hå",
            "s¬",
            "café",
            "Müller",
            "señor",
            "tàc",
            "áà",
            "Sóo",
            "bcd",
            "trường1",
        ] {
            assert!(!is_syllable(word), "{word}");
        }
    }
}
