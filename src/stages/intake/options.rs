//! The limits and rules of intake, as they stand in the plan.

use serde::{Deserialize, Serialize};

use super::layout::Layouts;

/// Limits against hostile or broken input, and the rule of what is passed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Which folders and files are dossiers.
    pub layouts: Layouts,
    /// Largest page in pixels.
    pub max_page_pixels: u64,
    /// Largest file in bytes.
    pub max_file_bytes: u64,
    /// Most pages in one file.
    pub max_file_pages: u32,
    /// Most files in one dossier.
    pub max_dossier_files: u32,
    /// Most bytes that the compressed parts of one PDF page may unpack to.
    pub max_unpacked_bytes: u64,
    /// Longest time for opening one file or decoding one page, in milliseconds.
    pub max_decode_ms: u64,
    /// Resolution at which PDF pages are drawn that are no plain scans.
    pub drawn_page_dpi: u32,
    /// Most bytes that one archive may unpack to.
    pub max_archive_bytes: u64,
    /// Most bytes that all archives of one dossier may unpack to.
    pub max_dossier_unpacked_bytes: u64,
    /// Most members of one archive, folders counted.
    pub max_archive_members: u32,
    /// Most archives in each other.
    pub max_archive_nesting: u32,
    /// Most bytes out of an archive for each of its own, from the first MiB on.
    pub max_archive_ratio: u32,
    /// Most parts of a path in an archive.
    pub max_path_parts: u32,
    /// Longest path in an archive, in bytes.
    pub max_path_bytes: u32,
    /// Names passed over without a word: what operating systems and Office leave behind.
    ///
    /// Letter case does not count; one `*` may stand at the start or the end.
    pub ignored_names: Vec<String>,
}

/// What operating systems, storage boxes and Office leave in folders; none is ever a scan.
const IGNORED_NAMES: [&str; 11] = [
    ".*",
    "~$*",
    "Thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "@eaDir",
    "__MACOSX",
    "$RECYCLE.BIN",
    "System Volume Information",
    "#recycle",
    "@Recycle",
];

impl Default for Options {
    fn default() -> Self {
        Self {
            layouts: Layouts::default(),
            max_page_pixels: 120_000_000,
            max_file_bytes: 1 << 30,
            max_file_pages: 5_000,
            max_dossier_files: 5_000,
            max_unpacked_bytes: 512 << 20,
            max_decode_ms: 30_000,
            drawn_page_dpi: 300,
            max_archive_bytes: 64 << 30,
            max_dossier_unpacked_bytes: 8 << 30,
            max_archive_members: 200_000,
            max_archive_nesting: 3,
            max_archive_ratio: 250,
            max_path_parts: 32,
            max_path_bytes: 1_024,
            ignored_names: IGNORED_NAMES.map(str::to_owned).to_vec(),
        }
    }
}

impl Options {
    /// True where the rule passes this file or folder name over.
    pub fn ignores(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.ignored_names.iter().any(|rule| {
            let rule = rule.to_lowercase();
            match (rule.strip_prefix('*'), rule.strip_suffix('*')) {
                (Some(end), _) => name.ends_with(end),
                (None, Some(start)) => name.starts_with(start),
                (None, None) => name == rule,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_passed_over_and_scans_are_not() {
        let options = Options::default();
        for name in [
            ".DS_Store",
            "thumbs.DB",
            "Desktop.ini",
            "~$don.docx",
            ".git",
            "System Volume Information",
            "#recycle",
            "@Recycle",
        ] {
            assert!(options.ignores(name), "{name}");
        }
        for name in [
            "H10.12-221013-0001",
            "trang 1.tif",
            "Thumbs.db.tif",
            "a.DS_Store",
            "lost+found",
        ] {
            assert!(!options.ignores(name), "{name}");
        }
    }

    #[test]
    fn a_star_may_stand_first() {
        let options = Options {
            ignored_names: vec!["*.TMP".into()],
            ..Options::default()
        };
        assert!(options.ignores("scan.tmp") && !options.ignores("scan.tmp.tif"));
    }
}
