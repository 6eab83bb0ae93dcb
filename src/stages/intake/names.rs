//! Names as strangers wrote them, made fit for showing; none is ever used as a path of ours.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::formats::vietnamese;

/// The name in its likeliest reading, NFC, with what cannot be seen made visible.
pub(super) fn shown(name: &OsStr) -> String {
    shown_bytes(name.as_bytes())
}

/// The same for a name in an archive.
pub(super) fn shown_bytes(name: &[u8]) -> String {
    let (text, _) = vietnamese::read_bytes(name);
    if text.chars().any(is_unseen) {
        text.chars().map(visible).collect()
    } else {
        text
    }
}

/// Characters that move the cursor, turn the line around or show nothing.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

/// The picture of a control character (`␊`), the number of another that shows nothing.
fn visible(c: char) -> String {
    match c {
        '\0'..='\u{1F}' => char::from_u32(0x2400 + c as u32).map_or_else(String::new, String::from),
        '\u{7F}' => '␡'.to_string(),
        c if is_unseen(c) => format!("\\u{{{:04X}}}", c as u32),
        c => c.to_string(),
    }
}

/// A name below a folder; the empty name is the folder itself.
pub(super) fn join(within: &str, name: &str) -> String {
    match (within, name) {
        ("", name) => name.to_owned(),
        (within, "") => within.to_owned(),
        (within, name) => format!("{within}/{name}"),
    }
}

/// Names given out so far, each once.
#[derive(Default)]
pub(super) struct Given(HashSet<String>);

impl Given {
    /// The name, or where it is given already the name with a number before its ending.
    pub fn unique(&mut self, name: String) -> String {
        if self.0.insert(name.clone()) {
            return name;
        }
        let start_of_last = name.rfind('/').map_or(0, |slash| slash + 1);
        let dot = name[start_of_last..]
            .rfind('.')
            .map(|dot| start_of_last + dot);
        // `H10.12-221013-0001` has a dot and no ending.
        let ending = dot.filter(|&dot| dot > start_of_last && name.len() - dot <= 6);
        let (stem, ending) = name.split_at(ending.unwrap_or(name.len()));
        let numbered = (2..).map(|number| format!("{stem} ({number}){ending}"));
        let mut free = numbered.skip_while(|name| !self.0.insert(name.clone()));
        free.next().expect("numbers do not end")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown() {
        for (name, shown) in [
            (&b"trang\n1.tif"[..], "trang␊1.tif"),
            (b"a\x7F\x1Bb", "a␡␛b"),
            ("a\u{202E}fit.exe".as_bytes(), "a\\u{202E}fit.exe"),
            ("ho\u{302}\u{300} so\u{31b}".as_bytes(), "hồ sơ"),
            (b"H\xE5 s\xAC", "Hồ sơ"),
            ("-rf".as_bytes(), "-rf"),
        ] {
            assert_eq!(shown_bytes(name), shown);
        }
    }

    #[test]
    fn a_name_given_twice_gets_a_number_before_its_ending() {
        let mut given = Given::default();
        let names = [
            "1.tif",
            "1.tif",
            "1 (2).tif",
            "1.tif",
            "a.b/c",
            "a.b/c",
            ".x",
            ".x",
        ];
        let unique = names.map(|name| given.unique(name.to_owned()));
        let expected = [
            "1.tif",
            "1 (2).tif",
            "1 (2) (2).tif",
            "1 (3).tif",
            "a.b/c",
            "a.b/c (2)",
            ".x",
            ".x (2)",
        ];
        assert_eq!(unique, expected);
    }

    proptest! {
        #[test]
        fn nothing_unseen_is_left_and_no_two_names_are_one(
            names in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..12), 0..20),
        ) {
            let mut given = Given::default();
            let mut all = HashSet::new();
            for name in names {
                let shown = shown_bytes(&name);
                prop_assert!(!shown.chars().any(is_unseen), "{shown:?}");
                prop_assert!(all.insert(given.unique(shown)));
            }
        }
    }
}
