//! Labels of tokens and keys: the same words are the same label, however they are written down.

use unicode_normalization::UnicodeNormalization;

/// Bytes of a token's label (PKCS#11 2.40, 3.2, `CK_TOKEN_INFO`); longer ones are cut.
const TOKEN_LABEL_BYTES: usize = 32;

/// True where both say the same; Vietnamese letters may be composed or not.
pub(super) fn same(wanted: &str, found: &str) -> bool {
    let plain = |text: &str| text.trim().nfc().collect::<String>();
    plain(wanted) == plain(found)
}

/// True where a token of this label is the one wanted, whose label the token may have cut.
pub(super) fn names_token(wanted: &str, found: &str) -> bool {
    let wanted = wanted.trim();
    let composed: String = wanted.nfc().collect();
    let decomposed: String = wanted.nfd().collect();
    same(wanted, found) || [composed, decomposed].iter().any(|form| cut(form, found))
}

/// True where `found` is the beginning of a label too long for a token. A letter cut in two
/// comes as the sign of replacement.
fn cut(wanted: &str, found: &str) -> bool {
    let kept = found.trim_end_matches('\u{fffd}').trim_end();
    let room = TOKEN_LABEL_BYTES - 3; // a letter of four bytes may have found no room
    wanted.len() > TOKEN_LABEL_BYTES && kept.len() >= room && wanted.starts_with(kept)
}

/// The bytes that hexadecimal digits write, in pairs with or without colons.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.trim().bytes().filter(|byte| *byte != b':').collect();
    let pair = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok()?;
        let whole = pair.len() == 2 && pair.iter().all(u8::is_ascii_hexdigit);
        whole.then(|| u8::from_str_radix(text, 16).ok())?
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(pair).collect();
    bytes.filter(|bytes| !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_and_decomposed_letters_are_the_same_label() {
        let composed = "Dấu số hóa";
        let decomposed: String = composed.nfd().collect();
        assert_ne!(composed, decomposed);
        assert!(same(composed, &decomposed) && same(&decomposed, composed));
        assert!(names_token(composed, &format!("{decomposed}  ")));
        assert!(!same(composed, "Dau so hoa"));
    }

    #[test]
    fn a_label_that_found_no_room_is_known_by_its_beginning() {
        let long = "Ủy ban nhân dân xã Thử Nghiệm, tỉnh Thử Nghiệm";
        let found = String::from_utf8_lossy(&long.as_bytes()[..32]).into_owned();
        assert!(names_token(long, &found));
        assert!(!names_token(long, "Ủy ban"));
        assert!(!names_token("Ủy ban nhân dân", "Ủy ban"));
    }

    #[test]
    fn a_key_may_be_named_by_its_number() {
        assert_eq!(hex("0a:FF").as_deref(), Some(&[0x0a, 0xff][..]));
        assert_eq!(hex("01"), Some(vec![1]));
        for text in ["", "1", "khóa", "0g", "+1"] {
            assert_eq!(hex(text), None, "{text}");
        }
    }
}
