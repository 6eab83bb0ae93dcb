//! Files opened and pages read in this process.

use super::{PageFound, PageReader, PageTask, ReadFault, reading};
use crate::formats::barcode::{self, Mark};
use crate::model::manifest::SealRecord;
use crate::run::Plan;
use crate::stages::intake::{self, Contents, IntakeFault, ScanFile};
use crate::stages::recognize::{EngineIdentity, Recognizer};

/// Reads here, with this engine. What makes the engine abort ends the process.
pub struct InProcess<'a> {
    /// Reads the pages.
    pub engine: &'a dyn Recognizer,
    /// Within these limits.
    pub plan: &'a Plan,
}

impl PageReader for InProcess<'_> {
    fn identity(&self) -> EngineIdentity {
        self.engine.identity()
    }

    fn open_file(&self, scan: &ScanFile) -> Result<Contents, IntakeFault> {
        intake::open_file(scan, &self.plan.intake)
    }

    fn judge_signatures(&self, scan: &ScanFile) -> Result<SealRecord, IntakeFault> {
        reading::judge_signatures(scan, self.plan)
    }

    fn look(&self, scan: &ScanFile, index: u32) -> Result<Vec<Mark>, IntakeFault> {
        let raster = scan.load_raster(index, &self.plan.intake)?;
        Ok(barcode::marks_of(&raster))
    }

    fn read_page(&self, task: &PageTask<'_>) -> Result<PageFound, ReadFault> {
        reading::read_page(task, self.engine, self.plan, || {})
    }
}
