//! Pages read once and kept, so that cutting and describing are tried again without the engine.

use std::fs;
use std::path::PathBuf;

use super::{Effort, PageFound, PageReader, PageTask, ReadFault, reading};
use crate::formats::barcode::{self, Mark};
use crate::model::Digest;
use crate::model::manifest::SealRecord;
use crate::run::Plan;
use crate::stages::intake::{self, Contents, IntakeFault, ScanFile};
use crate::stages::recognize::{EngineIdentity, RecognizeFault};

/// Gives back what was found on pages from a folder, `<sha256 of the scan>-<index>.json` each; a page
/// that is not there is read by another reader, where there is one, and kept.
///
/// A page from the folder leaves no image in the spool: this is for trials, not for runs.
pub struct KeptPages<'a> {
    /// Where they lie.
    pub folder: PathBuf,
    /// Reads what is not there.
    pub reader: Option<&'a dyn PageReader>,
    /// Within these limits.
    pub plan: &'a Plan,
}

impl KeptPages<'_> {
    fn path(&self, task: &PageTask<'_>) -> PathBuf {
        let name = format!("{}-{}.json", task.scan.sha256, task.index);
        self.folder.join(name)
    }

    fn kept(&self, task: &PageTask<'_>) -> Option<PageFound> {
        let bytes = fs::read(self.path(task)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Under a name of its own first: a page of the final name is always a whole one.
    fn keep(&self, task: &PageTask<'_>, found: &PageFound) -> Result<(), ReadFault> {
        let path = self.path(task);
        let half = path.with_added_extension("part");
        let bytes = serde_json::to_vec(found).expect("words have only string keys");
        let written = fs::write(&half, bytes).and_then(|()| fs::rename(&half, &path));
        written.map_err(|cause| ReadFault::Spool { path, cause })
    }
}

impl PageReader for KeptPages<'_> {
    fn identity(&self) -> EngineIdentity {
        let kept = || EngineIdentity {
            name: "kept".to_owned(),
            model: Digest::of(b"kept"),
        };
        self.reader.map_or_else(kept, |reader| reader.identity())
    }

    fn open_file(&self, scan: &ScanFile) -> Result<Contents, IntakeFault> {
        match self.reader {
            Some(reader) => reader.open_file(scan),
            None => intake::open_file(scan, &self.plan.intake),
        }
    }

    fn judge_signatures(&self, scan: &ScanFile) -> Result<SealRecord, IntakeFault> {
        match self.reader {
            Some(reader) => reader.judge_signatures(scan),
            None => reading::judge_signatures(scan, self.plan),
        }
    }

    fn look(&self, scan: &ScanFile, index: u32) -> Result<Vec<Mark>, IntakeFault> {
        match self.reader {
            Some(reader) => reader.look(scan, index),
            None => Ok(barcode::marks_of(
                &scan.load_raster(index, &self.plan.intake)?,
            )),
        }
    }

    fn read_page(&self, task: &PageTask<'_>) -> Result<PageFound, ReadFault> {
        if let Some(found) = self.kept(task) {
            return Ok(found);
        }
        let Some(reader) = self.reader else {
            let name = self.path(task).display().to_string();
            return Err(RecognizeFault::NoRecording { name }.into());
        };
        let found = reader.read_page(task)?;
        // What was read with less is no measure of what can be read.
        if task.effort == Effort::Full {
            self.keep(task, &found)?;
        }
        Ok(found)
    }
}
