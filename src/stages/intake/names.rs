//! Names as strangers wrote them, made fit for showing.

use std::ffi::OsStr;

use unicode_normalization::UnicodeNormalization;

/// The name in NFC.
pub(super) fn shown(name: &OsStr) -> String {
    name.to_string_lossy().nfc().collect()
}

/// A name below a folder; the empty name is the folder itself.
pub(super) fn join(within: &str, name: &str) -> String {
    match (within, name) {
        ("", name) => name.to_owned(),
        (within, "") => within.to_owned(),
        (within, name) => format!("{within}/{name}"),
    }
}
