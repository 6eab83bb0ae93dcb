//! Intake: what lies in the drop folder, file by file, page by page; nothing is left unmentioned.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::formats::raster::{EncodedImage, Raster};
use crate::model::Digest;

/// Limits against hostile or broken input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Largest page in pixels.
    pub max_page_pixels: u64,
    /// Largest file in bytes.
    pub max_file_bytes: u64,
    /// Most pages in one file.
    pub max_file_pages: u32,
    /// Most files in one dossier.
    pub max_dossier_files: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_page_pixels: 120_000_000,
            max_file_bytes: 1 << 30,
            max_file_pages: 5_000,
            max_dossier_files: 5_000,
        }
    }
}

/// One entry of the drop: a folder that should be a dossier, or a stray file beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The name below the drop, NFC.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// Lists the drop in natural order (2 before 10): every folder, and every stray file.
pub fn list(_drop: &Path) -> Result<Vec<Folder>, IntakeFault> {
    todo!()
}

/// What a folder holds.
pub struct Survey {
    /// The scans in natural order, hashed and counted.
    pub files: Vec<ScanFile>,
    /// Everything that keeps the dossier from being done, with the place below the drop.
    pub faults: Vec<(String, IntakeFault)>,
}

/// Hashes and opens every file of the folder.
pub fn survey(_folder: &Folder, _options: &Options) -> Survey {
    todo!()
}

/// One scan file of a dossier.
pub struct ScanFile {
    /// The path below the dossier's folder, NFC, `/` between its parts.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Length in bytes.
    pub bytes: u64,
    /// Pages in it.
    pub pages: u32,
}

/// One page taken in.
pub struct ScannedPage {
    /// The pixels, for reading.
    pub raster: Raster,
    /// The image as it will stand in the PDF: the scanner's own bytes where possible, else lossless.
    pub image: EncodedImage,
}

impl ScanFile {
    /// Takes out one page, counted from 0.
    pub fn load_page(&self, _index: u32, _options: &Options) -> Result<ScannedPage, IntakeFault> {
        todo!()
    }
}

/// Why something could not be taken in.
#[derive(Debug, thiserror::Error)]
pub enum IntakeFault {}
