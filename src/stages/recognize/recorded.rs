//! Recordings in place of an engine: page texts that were read before, on this machine or another. Nothing is recognised.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{EngineIdentity, Picture, RecognizeFault, Recognizer};
use crate::model::{Digest, Digester, Orientation, PageText};

/// A page of ten thousand words takes some two megabytes.
const MAX_BYTES: u64 = 32 << 20;

/// Gives back page texts that lie in a folder as `<sha256 of the scan>-<index>.json`.
///
/// `sohoa evaluate --words FOLDER` writes such a folder; the page's text alone is a recording as well.
pub struct Recorded {
    folder: PathBuf,
}

/// A recording: what `evaluate` keeps of a page, of which two things matter here, or the text alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Recording {
    /// With the way up in which it was read.
    Page {
        text: PageText,
        orientation: Orientation,
    },
    /// Of a page that lies as it should.
    Text(PageText),
}

impl Recorded {
    /// Reads recordings from this folder, which must be there.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, RecognizeFault> {
        let folder = folder.into();
        match folder.is_dir() {
            true => Ok(Self { folder }),
            false => Err(RecognizeFault::NoRecordings {
                folder: folder.display().to_string(),
            }),
        }
    }

    fn recording(&self, name: &str) -> Result<Recording, RecognizeFault> {
        let path = self.folder.join(name);
        let bad = |cause: String| RecognizeFault::BadRecording {
            name: name.to_owned(),
            cause,
        };
        let told = match std::fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let name = name.to_owned();
                return Err(RecognizeFault::NoRecording { name });
            }
            told => told.map_err(|error| bad(error.to_string()))?,
        };
        if !told.is_file() || told.len() > MAX_BYTES {
            return Err(bad(format!("> {} MiB", MAX_BYTES >> 20)));
        }
        let bytes = std::fs::read(&path).map_err(|error| bad(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))
    }
}

impl Recognizer for Recorded {
    /// The digest is over names and contents: other recordings are another model, and pages read with them are read anew.
    fn identity(&self) -> EngineIdentity {
        EngineIdentity {
            name: "recorded".to_owned(),
            // Nothing that cannot be read is given back as a page's text, so it need not be told apart.
            model: digest_of(&self.folder).unwrap_or_else(|_| Digest::of(b"")),
        }
    }

    /// Nothing where the page does not lie as it was read: then the reader turns it.
    fn read(&self, picture: &Picture<'_>) -> Result<PageText, RecognizeFault> {
        let name = format!("{}-{}.json", picture.key.scan, picture.key.index);
        let size = (picture.page_width_px, picture.page_height_px);
        let text = match self.recording(&name)? {
            Recording::Page { text, orientation } if orientation != picture.orientation => {
                return Ok(PageText {
                    width_px: size.0,
                    height_px: size.1,
                    dpi: picture.page_dpi,
                    words: Vec::new(),
                    symbols: text.symbols,
                });
            }
            Recording::Page { text, .. } | Recording::Text(text) => text,
        };
        match (text.width_px, text.height_px) == size {
            true => Ok(text),
            false => Err(RecognizeFault::BadRecording {
                name,
                cause: format!(
                    "{} × {} ≠ {} × {}",
                    text.width_px, text.height_px, size.0, size.1
                ),
            }),
        }
    }
}

fn digest_of(folder: &Path) -> io::Result<Digest> {
    let entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let paths = entries.into_iter().map(|entry| entry.path());
    let is_recording = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
    let mut paths: Vec<PathBuf> = paths.filter(is_recording).collect();
    paths.sort();
    let mut digester = Digester::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        digester.update(&(name.len() as u64).to_be_bytes());
        digester.update(name);
        let content = std::fs::read(&path).unwrap_or_default();
        digester.update(Digest::of(&content).to_string().as_bytes());
    }
    Ok(digester.finish())
}

#[cfg(test)]
mod tests {
    use image::GrayImage;

    use super::super::PageKey;
    use super::*;
    use crate::model::{Affine, Coded};

    fn text(width_px: u32) -> PageText {
        PageText {
            width_px,
            height_px: 20,
            dpi: 200,
            ..PageText::default()
        }
    }

    fn read(folder: &Path, orientation: Orientation) -> Result<PageText, RecognizeFault> {
        let pixels = GrayImage::new(10, 20);
        let recorded = Recorded::open(folder)?;
        recorded.read(&Picture {
            key: PageKey {
                scan: Digest::of(b"scan"),
                index: 3,
            },
            pixels: &pixels,
            colors: None,
            dpi: 200,
            to_page: Affine::IDENTITY,
            page_width_px: 10,
            page_height_px: 20,
            page_dpi: 200,
            orientation,
            max_ms: 1000,
        })
    }

    fn write(folder: &Path, content: &str) {
        let name = format!("{}-3.json", Digest::of(b"scan"));
        std::fs::write(folder.join(name), content).expect("written");
    }

    fn code(read: Result<PageText, RecognizeFault>) -> &'static str {
        read.expect_err("a fault").code()
    }

    #[test]
    fn what_is_missing_or_of_another_page_is_a_fault() {
        let folder = tempfile::tempdir().expect("a folder");
        let up = Orientation::UPRIGHT;
        assert_eq!(code(read(&folder.path().join("none"), up)), "OCR-010");
        assert_eq!(code(read(folder.path(), up)), "OCR-006");
        write(folder.path(), "{\"width_px\": ");
        assert_eq!(code(read(folder.path(), up)), "OCR-009");
        write(
            folder.path(),
            &serde_json::to_string(&text(11)).expect("JSON"),
        );
        assert_eq!(code(read(folder.path(), up)), "OCR-009");
        write(
            folder.path(),
            &serde_json::to_string(&text(10)).expect("JSON"),
        );
        assert_eq!(read(folder.path(), up), Ok(text(10)));
    }

    #[test]
    fn a_page_that_was_read_turned_has_words_only_when_it_is_turned() {
        let folder = tempfile::tempdir().expect("a folder");
        let turned = Orientation::UPRIGHT.turned(2);
        let mut page = serde_json::json!({"blank": false, "orientation": turned});
        let mut words = serde_json::to_value(text(10)).expect("JSON");
        words["dpi"] = 199.into();
        page["text"] = words;
        write(folder.path(), &page.to_string());
        assert_eq!(read(folder.path(), turned).expect("read").dpi, 199);
        assert_eq!(
            read(folder.path(), Orientation::UPRIGHT)
                .expect("empty")
                .dpi,
            200
        );
    }

    #[test]
    fn other_recordings_are_another_model() {
        let folder = tempfile::tempdir().expect("a folder");
        let identity = || Recorded::open(folder.path()).expect("there").identity();
        let empty = identity();
        write(folder.path(), "{}");
        let one = identity();
        write(folder.path(), "{ }");
        assert!(empty != one && one != identity());
    }
}
