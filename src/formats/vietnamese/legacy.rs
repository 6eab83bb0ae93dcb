//! Text from before Unicode: TCVN3 (ABC), VNI, code page 1258, and what became of it since.
//!
//! A name carries no word of its encoding. All tables are tried, and the reading is kept
//! whose words look most like Vietnamese syllables ([`is_syllable`]); text that is
//! Unicode already is only touched where its own reading makes no sense and another does.

use std::cmp::Reverse;

use unicode_normalization::UnicodeNormalization;

use super::compose;
use super::syllable::is_syllable;

/// An encoding that names of files were seen in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Unicode in UTF-8.
    Utf8,
    /// TCVN 5712:1993 VN3, the fonts called `.Vn…` (ABC).
    Tcvn3,
    /// VNI for Windows, two bytes a letter with a mark.
    Vni,
    /// Windows 1258, tones as loose marks.
    Windows1258,
    /// DOS 437, what ZIP says of names without a flag.
    Dos437,
    /// Windows 1252, Latin letters of western Europe.
    Windows1252,
}

/// The other encodings, the likeliest first.
const OLD: [Encoding; 5] = [
    Encoding::Tcvn3,
    Encoding::Vni,
    Encoding::Windows1258,
    Encoding::Windows1252,
    Encoding::Dos437,
];

/// TCVN3 from A1 to FE; the holes are unused or loose marks. Capitals with a tone do not
/// exist: their fonts draw small letters large.
const TCVN3: &str = "ĂÂÊÔƠƯĐăâêôơưđ\u{FFFD}\u{300}\u{309}\u{303}\u{301}\u{323}àảãáạ\u{FFFD}ằẳẵắ\
    \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}ặầẩẫấậè\u{FFFD}ẻẽéẹềểễếệìỉ\u{FFFD}\u{FFFD}\
    \u{FFFD}ĩíịò\u{FFFD}ỏõóọồổỗốộờởỡớợù\u{FFFD}ủũúụừửữứựỳỷỹýỵ";

/// DOS 437 from 80 to FF.
const DOS_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";

/// VNI letters that stand alone, small ones.
const VNI_ALONE: [(char, char); 9] = [
    ('ñ', 'đ'),
    ('ô', 'ơ'),
    ('ö', 'ư'),
    ('ì', 'ì'),
    ('í', 'í'),
    ('æ', 'ỉ'),
    ('ó', 'ĩ'),
    ('ò', 'ị'),
    ('î', 'ỵ'),
];

/// VNI marks, written behind a, e, o, u, y or the letters ơ (ô) and ư (ö): the marks they mean.
const VNI_MARKS: [(char, &str); 17] = [
    ('ø', "\u{300}"),
    ('ù', "\u{301}"),
    ('û', "\u{309}"),
    ('õ', "\u{303}"),
    ('ï', "\u{323}"),
    ('â', "\u{302}"),
    ('à', "\u{302}\u{300}"),
    ('á', "\u{302}\u{301}"),
    ('å', "\u{302}\u{309}"),
    ('ã', "\u{302}\u{303}"),
    ('ä', "\u{302}\u{323}"),
    ('ê', "\u{306}"),
    ('è', "\u{306}\u{300}"),
    ('é', "\u{306}\u{301}"),
    ('ú', "\u{306}\u{309}"),
    ('ü', "\u{306}\u{303}"),
    ('ë', "\u{306}\u{323}"),
];

/// The likeliest reading of a name's bytes, in NFC, with the encoding that gave it.
///
/// Bytes that are UTF-8 are taken for that: chance hardly ever makes valid UTF-8 of old
/// Vietnamese. Never fails: Windows 1252 reads everything.
pub fn read_bytes(bytes: &[u8]) -> (String, Encoding) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return mended(text).unwrap_or_else(|| (compose(text).into_owned(), Encoding::Utf8));
    }
    let readings = OLD.map(|encoding| (decode(bytes, encoding), encoding));
    // Of equals the first; Windows 1252 before the other where nothing is Vietnamese.
    let best = readings.into_iter().min_by_key(|(text, encoding)| {
        let looks = Looks::of(text);
        let stranger = looks.syllables == 0 && *encoding != Encoding::Windows1252;
        (looks.odd, stranger, Reverse(looks.syllables))
    });
    best.expect("there are five readings")
}

/// Unicode text that someone made of old bytes by a wrong table, read by the right one.
///
/// `None` where the text makes sense as it is, or no table makes sense of it.
pub fn mended(text: &str) -> Option<(String, Encoding)> {
    if text.is_ascii() || Looks::of(text).odd == 0 {
        return None;
    }
    let text: String = text.nfc().collect();
    let tables = [Encoding::Windows1252, Encoding::Dos437];
    let bytes = tables.iter().filter_map(|&table| encode(&text, table));
    let readings = bytes.flat_map(|bytes| {
        let utf8 = std::str::from_utf8(&bytes)
            .ok()
            .map(|text| (compose(text).into_owned(), Encoding::Utf8));
        let old = OLD[..3]
            .iter()
            .map(move |&encoding| (decode(&bytes, encoding), encoding));
        utf8.into_iter().chain(old.collect::<Vec<_>>())
    });
    let sound = |(text, _): &(String, Encoding)| {
        let looks = Looks::of(text);
        looks.odd == 0 && looks.syllables > 0
    };
    readings
        .filter(sound)
        .min_by_key(|(text, _)| Reverse(Looks::of(text).syllables))
}

/// How the words beyond ASCII look.
struct Looks {
    /// Words that are Vietnamese syllables.
    syllables: usize,
    /// Words that are not, or hold what is no letter.
    odd: usize,
}

impl Looks {
    fn of(text: &str) -> Self {
        let parts = text.split(|c: char| c.is_ascii() && !c.is_ascii_alphabetic());
        let mut looks = Self {
            syllables: 0,
            odd: 0,
        };
        for word in parts.filter(|word| !word.is_ascii()) {
            if is_syllable(word) {
                looks.syllables += 1;
            } else {
                looks.odd += 1;
            }
        }
        looks
    }
}

/// Bytes by one table, in NFC; what a table does not know becomes U+FFFD.
fn decode(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::Utf8 => compose(&String::from_utf8_lossy(bytes)).into_owned(),
        Encoding::Tcvn3 => large_where_all_is_large(&by_table(bytes, 0xA1, TCVN3)),
        Encoding::Vni => vni(&decode(bytes, Encoding::Windows1252)),
        Encoding::Windows1258 => {
            let text = encoding_rs::WINDOWS_1258
                .decode_without_bom_handling(bytes)
                .0;
            compose(&text).into_owned()
        }
        Encoding::Dos437 => by_table(bytes, 0x80, DOS_437).nfc().collect(),
        Encoding::Windows1252 => {
            let text = encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0;
            text.into_owned()
        }
    }
}

fn by_table(bytes: &[u8], first: u8, table: &str) -> String {
    let letters: Vec<char> = table.chars().collect();
    let letter = |&byte: &u8| match byte {
        ascii if ascii.is_ascii() => char::from(ascii),
        byte => {
            let at = byte.checked_sub(first).map(usize::from);
            at.and_then(|at| letters.get(at).copied())
                .unwrap_or(char::REPLACEMENT_CHARACTER)
        }
    };
    bytes.iter().map(letter).collect()
}

/// Text back to the bytes it was made of; `None` where the table has no byte for a letter.
fn encode(text: &str, table: Encoding) -> Option<Vec<u8>> {
    if table == Encoding::Dos437 {
        let letters: Vec<char> = DOS_437.chars().collect();
        let byte = |c: char| match u8::try_from(c) {
            Ok(byte) if byte.is_ascii() => Some(byte),
            _ => letters
                .iter()
                .position(|&letter| letter == c)
                .map(|at| at as u8 + 0x80),
        };
        return text.chars().map(byte).collect();
    }
    // Bytes 80 to 9F are often passed on as the control characters of Latin-1.
    let byte = |c: char| match u8::try_from(c) {
        Ok(byte) => Some(byte),
        Err(_) => {
            let mut letter = [0; 4];
            let (bytes, _, unknown) = encoding_rs::WINDOWS_1252.encode(c.encode_utf8(&mut letter));
            (!unknown).then(|| bytes.first().copied()).flatten()
        }
    };
    text.chars().map(byte).collect()
}

/// Joins VNI's pairs of letter and mark.
fn vni(latin: &str) -> String {
    let mut letters = String::with_capacity(latin.len());
    // The letter that a mark may still follow.
    let mut open = false;
    for c in latin.chars() {
        let small = c.to_lowercase().next().unwrap_or(c);
        let mark = VNI_MARKS.iter().find(|(letter, _)| *letter == small);
        let alone = VNI_ALONE.iter().find(|(letter, _)| *letter == small);
        match (mark, alone) {
            (Some((_, marks)), _) if open => {
                letters.push_str(marks);
                open = false;
            }
            (_, Some(&(_, letter))) => {
                let large = small != c;
                letters.extend(if large {
                    letter.to_uppercase().next()
                } else {
                    Some(letter)
                });
                open = matches!(letter, 'ơ' | 'ư');
            }
            _ => {
                letters.push(c);
                open = matches!(small, 'a' | 'e' | 'o' | 'u' | 'y');
            }
        }
    }
    compose(&letters).into_owned()
}

/// TCVN3 has no capitals with a tone: in words of capitals its small letters stand for them.
fn large_where_all_is_large(text: &str) -> String {
    let composed = compose(text);
    let words = composed.split_inclusive(|c: char| !c.is_alphabetic());
    words
        .map(|word| {
            let large = word.chars().filter(char::is_ascii_uppercase).count();
            let small = word.chars().any(|c| c.is_ascii_lowercase());
            if large >= 2 && !small {
                word.to_uppercase()
            } else {
                word.to_owned()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "Hồ sơ cấp giấy chứng nhận quyền sử dụng đất ở thửa số 15 phường Tân Đồng";

    /// The bytes of a text by a table, letter by letter.
    fn tcvn3(text: &str) -> Vec<u8> {
        let table: Vec<char> = TCVN3.chars().collect();
        let byte = |c: char| match table.iter().position(|&letter| letter == c) {
            Some(at) => at as u8 + 0xA1,
            None => u8::try_from(c).expect("ASCII"),
        };
        text.chars().map(byte).collect()
    }

    #[test]
    fn the_tables_have_their_length_and_well_known_letters() {
        assert_eq!(
            (TCVN3.chars().count(), DOS_437.chars().count()),
            (0xFE - 0xA1 + 1, 128)
        );
        assert_eq!(decode(b"\xAE\xB8\xFE\xE5\xAC", Encoding::Tcvn3), "đáỵồơ");
        assert_eq!(decode(b"\x82\x8A\xE1", Encoding::Dos437), "éèß");
    }

    #[test]
    fn the_right_table_is_found_by_the_words() {
        for (bytes, text, encoding) in [
            (tcvn3(TEXT), TEXT, Encoding::Tcvn3),
            (b"H\xE5 s\xAC".to_vec(), "Hồ sơ", Encoding::Tcvn3),
            (
                b"QUY\xD5T \xA7\xDENH".to_vec(),
                "QUYẾT ĐỊNH",
                Encoding::Tcvn3,
            ),
            (b"H\xF4\xCC s\xF5".to_vec(), "Hồ sơ", Encoding::Windows1258),
            (
                b"gia\xE1y ch\xF6\xF9ng nha\xE4n".to_vec(),
                "giấy chứng nhận",
                Encoding::Vni,
            ),
            (TEXT.as_bytes().to_vec(), TEXT, Encoding::Utf8),
            (b"trang \xFF".to_vec(), "trang ÿ", Encoding::Windows1252),
        ] {
            assert_eq!(read_bytes(&bytes), (text.to_owned(), encoding));
        }
    }

    #[test]
    fn capitals_of_vni_are_capitals() {
        let latin = "QUYEÁT ÑÒNH CAÁP GIAÁY ÖÔÙC";
        assert_eq!(vni(latin), "QUYẾT ĐỊNH CẤP GIẤY ƯỚC");
    }

    #[test]
    fn text_that_was_decoded_wrongly_is_mended() {
        for (wrong, right) in [
            ("Hå s¬", "Hồ sơ"),
            ("giaáy chöùng nhaän", "giấy chứng nhận"),
            ("Há»“ sÆ¡", "Hồ sơ"),
            ("Hß╗ô s╞í", "Hồ sơ"),
        ] {
            assert_eq!(
                mended(wrong).map(|(text, _)| text).as_deref(),
                Some(right),
                "{wrong}"
            );
        }
    }

    #[test]
    fn text_that_makes_sense_is_left_alone() {
        for text in [
            TEXT,
            "hoà thuận",
            "café.jpg",
            "Müller",
            "naïve",
            "档案",
            "trang 1.tif",
            "Phòng №1",
        ] {
            assert_eq!(mended(text), None, "{text}");
        }
        let decomposed: String = TEXT.nfd().collect();
        assert_eq!(read_bytes(decomposed.as_bytes()).0, TEXT);
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_reading_in_nfc(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let (text, _) = read_bytes(&bytes);
            prop_assert!(unicode_normalization::is_nfc(&text));
            prop_assert_eq!(read_bytes(&bytes).0, text);
        }

        #[test]
        fn words_in_tcvn3_come_back(at in 0usize..12, length in 2usize..6) {
            let words: Vec<&str> = TEXT.split(' ').skip(at).take(length).collect();
            let text = words.join(" ");
            prop_assert_eq!(read_bytes(&tcvn3(&text)).0, text);
        }
    }
}
