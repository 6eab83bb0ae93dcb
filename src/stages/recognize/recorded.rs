//! Recordings instead of an engine, for tests where reading is not the point.

use std::path::PathBuf;

use super::{EngineIdentity, Picture, RecognizeFault, Recognizer};
use crate::model::{Digest, PageText};

/// Gives back page texts that lie in a folder as `<sha256 of the scan>-<index>.json`.
pub struct Recorded {
    folder: PathBuf,
}

impl Recorded {
    /// Reads recordings from this folder.
    pub fn open(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }
}

impl Recognizer for Recorded {
    fn identity(&self) -> EngineIdentity {
        EngineIdentity {
            name: "recorded".to_owned(),
            model: Digest::of(b"recorded"),
        }
    }

    fn read(&self, picture: &Picture<'_>) -> Result<PageText, RecognizeFault> {
        let name = format!("{}-{}.json", picture.key.scan, picture.key.index);
        let missing = || RecognizeFault::NoRecording { name: name.clone() };
        let bytes = std::fs::read(self.folder.join(&name)).map_err(|_| missing())?;
        serde_json::from_slice(&bytes).map_err(|error| RecognizeFault::Engine {
            cause: format!("{name}: {error}"),
        })
    }
}
