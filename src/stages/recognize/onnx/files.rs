//! The files of a line model: the network, how it is driven, its characters. Read whole, within a budget.

use std::fs::File;
use std::io::Read;
use std::path::Path;
#[cfg(test)]
use std::path::PathBuf;

use super::OnnxFlaw;
use super::settings::Settings;
use crate::model::{Digest, Digester};

/// Ten times the largest line model that is known.
const MAX_MODEL_BYTES: u64 = 256 << 20;
/// Of each of the two files beside it.
const MAX_TEXT_BYTES: u64 = 1 << 20;
/// More characters than Unicode has Chinese ones in its first plane.
const MOST_CHARACTERS: usize = 65_536;

/// What lies on the disk, read but not yet understood by a runtime.
pub struct Files {
    /// The network.
    pub model: Vec<u8>,
    /// How it is driven.
    pub settings: Settings,
    /// What its classes stand for, without the blank.
    pub characters: Vec<String>,
    /// Digest over settings and characters, which decide what is read as the network does.
    pub driven_by: Digest,
}

impl Files {
    /// Reads the model at this path, the `.toml` of its name where there is one, and its characters.
    pub fn read(path: &Path) -> Result<Self, OnnxFlaw> {
        let model = read(path, MAX_MODEL_BYTES)?;
        let beside = path.with_extension("toml");
        let told = match beside.exists() {
            true => text(&beside)?,
            false => String::new(),
        };
        let settings = Settings::read(&told).map_err(|cause| bad(&beside, cause))?;
        let list = match settings.characters.as_os_str().is_empty() {
            true => path.with_extension("txt"),
            false => path.with_file_name("").join(&settings.characters),
        };
        let listed = text(&list)?;
        let characters = characters(&listed).map_err(|cause| bad(&list, cause))?;
        let mut driven_by = Digester::new();
        for part in [&told, &listed] {
            driven_by.update(&(part.len() as u64).to_be_bytes());
            driven_by.update(part.as_bytes());
        }
        Ok(Self {
            model,
            settings,
            characters,
            driven_by: driven_by.finish(),
        })
    }
}

fn bad(file: &Path, cause: impl Into<String>) -> OnnxFlaw {
    OnnxFlaw::BadSettings {
        file: file.display().to_string(),
        cause: cause.into(),
    }
}

/// The characters, one a line. Nothing is trimmed: a line of one space is the space.
fn characters(listed: &str) -> Result<Vec<String>, String> {
    let listed = listed.strip_prefix('\u{FEFF}').unwrap_or(listed);
    let characters: Vec<String> = listed.lines().map(str::to_owned).collect();
    match characters.iter().position(String::is_empty) {
        _ if characters.is_empty() => Err("0".to_owned()),
        _ if characters.len() > MOST_CHARACTERS => Err(format!("> {MOST_CHARACTERS}")),
        Some(at) => Err(format!("{}: \"\"", at + 1)),
        None => Ok(characters),
    }
}

fn text(path: &Path) -> Result<String, OnnxFlaw> {
    let bytes = read(path, MAX_TEXT_BYTES)?;
    String::from_utf8(bytes).map_err(|error| bad(path, error.to_string()))
}

/// A regular file's bytes: a pipe or a device would never end.
fn read(path: &Path, max_bytes: u64) -> Result<Vec<u8>, OnnxFlaw> {
    let file = path.display().to_string();
    let unreadable = |cause: String| OnnxFlaw::Unreadable {
        file: path.display().to_string(),
        cause,
    };
    let told = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !told.is_file() {
        return Err(unreadable(std::io::ErrorKind::InvalidInput.to_string()));
    }
    let opened = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    let taken = opened.take(max_bytes + 1).read_to_end(&mut bytes);
    taken.map_err(|error| unreadable(error.to_string()))?;
    match bytes.len() as u64 > max_bytes {
        true => Err(OnnxFlaw::TooLarge { file, max_bytes }),
        false => Ok(bytes),
    }
}

/// The three files of a model in this folder, for tests.
#[cfg(test)]
pub fn write(folder: &Path, model: &[u8], settings: &str, characters: &str) -> PathBuf {
    let path = folder.join("line.onnx");
    std::fs::write(&path, model).expect("written");
    std::fs::write(path.with_extension("toml"), settings).expect("written");
    std::fs::write(path.with_extension("txt"), characters).expect("written");
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(path: &Path) -> OnnxFlaw {
        Files::read(path).err().expect("a flaw")
    }

    #[test]
    fn a_line_of_one_space_is_the_space_and_windows_line_ends_are_none() {
        let read = characters("\u{FEFF}a\r\nb\r\n \r\nạ\r\n").expect("a list");
        assert_eq!(read, ["a", "b", " ", "ạ"]);
        assert!(characters("a\n\nb").is_err() && characters("").is_err());
    }

    #[test]
    fn what_decides_the_reading_changes_the_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        let read = |settings, list| {
            let path = write(folder.path(), b"model", settings, list);
            Files::read(&path).expect("read").driven_by
        };
        let first = read("", "a\nb");
        let path = write(folder.path(), b"model", "ink = 0.0", "a\nb");
        let files = Files::read(&path).expect("read");
        assert_eq!((&files.model[..], files.settings.ink), (&b"model"[..], 0.0));
        assert_eq!(files.characters, ["a", "b"]);
        assert_eq!(first, read("", "a\nb"));
        assert_ne!(first, read("", "b\na"));
        assert_ne!(first, read("ink = 0.0", "a\nb"));
    }

    #[test]
    fn a_missing_list_a_folder_and_a_wrong_setting_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = write(folder.path(), b"model", "hight_px = 3", "a");
        assert_eq!(flaw(&path).code(), "OCR-024");
        std::fs::remove_file(path.with_extension("toml")).expect("there");
        std::fs::remove_file(path.with_extension("txt")).expect("there");
        let OnnxFlaw::Unreadable { file, .. } = flaw(&path) else {
            panic!("read without its characters");
        };
        assert!(file.ends_with("line.txt"));
        assert_eq!(flaw(folder.path()).code(), "OCR-022");
    }

    #[test]
    fn a_list_larger_than_is_allowed_is_refused_unread() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = write(folder.path(), b"model", "", "a");
        let list = File::create(path.with_extension("txt")).expect("made");
        list.set_len(MAX_TEXT_BYTES + 1).expect("a sparse file");
        assert_eq!(flaw(&path).code(), "OCR-023");
    }
}
