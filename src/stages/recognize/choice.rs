//! Which engine is to read, as the plan and `--engine` name it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What stands before the folder of recordings.
const RECORDED: &str = "recorded:";
/// How the name of a line model in ONNX ends.
const ONNX: &str = "onnx";

/// The engines that can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EngineName {
    /// `sohoa`, our own: finds the lines, then reads them with Tesseract's model.
    #[default]
    Sohoa,
    /// `tesseract`: libtesseract, which gets whole pages.
    Tesseract,
    /// `recorded:FOLDER`: page texts that were read before; nothing is recognised.
    Recorded(PathBuf),
    /// `FILE.onnx`: our own finder, then a line model of somebody's.
    Onnx(PathBuf),
}

/// A name that is no engine's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}: sohoa | tesseract | recorded:THƯ_MỤC | TỆP.onnx")]
pub struct NoSuchEngine(String);

impl FromStr for EngineName {
    type Err = NoSuchEngine;

    fn from_str(name: &str) -> Result<Self, NoSuchEngine> {
        let is_onnx = |path: &PathBuf| {
            let ending = path.extension();
            ending.is_some_and(|ending| ending.eq_ignore_ascii_case(ONNX))
        };
        match (name, name.strip_prefix(RECORDED)) {
            ("sohoa", _) => Ok(Self::Sohoa),
            ("tesseract", _) => Ok(Self::Tesseract),
            (_, Some(folder)) if !folder.is_empty() => Ok(Self::Recorded(folder.into())),
            _ => Some(PathBuf::from(name))
                .filter(is_onnx)
                .map(Self::Onnx)
                .ok_or_else(|| NoSuchEngine(name.to_owned())),
        }
    }
}

impl fmt::Display for EngineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sohoa => f.write_str("sohoa"),
            Self::Tesseract => f.write_str("tesseract"),
            Self::Recorded(folder) => write!(f, "{RECORDED}{}", folder.display()),
            Self::Onnx(file) => write!(f, "{}", file.display()),
        }
    }
}

impl TryFrom<String> for EngineName {
    type Error = NoSuchEngine;

    fn try_from(name: String) -> Result<Self, NoSuchEngine> {
        name.parse()
    }
}

impl From<EngineName> for String {
    fn from(name: EngineName) -> Self {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_is_named_as_it_is_parsed() {
        for (name, engine) in [
            ("sohoa", EngineName::Sohoa),
            ("tesseract", EngineName::Tesseract),
            ("recorded:đọc rồi", EngineName::Recorded("đọc rồi".into())),
            (
                "mô hình/rec.ONNX",
                EngineName::Onnx("mô hình/rec.ONNX".into()),
            ),
        ] {
            assert_eq!(name.parse(), Ok(engine.clone()));
            assert_eq!(engine.to_string(), name);
        }
    }

    #[test]
    fn what_names_no_engine_is_refused_with_those_there_are() {
        for name in ["", "recorded:", "Sohoa", "onnx", "rec.onnx.txt"] {
            let refused = name.parse::<EngineName>().expect_err(name);
            assert!(refused.to_string().contains("recorded:"), "{name}");
        }
    }
}
