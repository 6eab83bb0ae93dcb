//! What reading costs the processes that do it, in pages and processor time.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::evaluate::report::ReadingCost;
use crate::formats::barcode::Mark;
use crate::model::manifest::SealRecord;
use crate::run::PageReader;
use crate::run::reader::{PageFound, PageTask, ReadFault};
use crate::stages::intake::{Contents, IntakeFault, ScanFile};
use crate::stages::recognize::EngineIdentity;

/// Processor time in /proc is told in ticks of a hundredth of a second: USER_HZ, which Linux keeps the same for
/// programs whatever its own clock does (proc(5)).
const TICKS_PER_SECOND: f64 = 100.0;

/// Counts from its making on.
pub struct Meter {
    pages: AtomicU64,
    ticks_before: Option<u64>,
}

impl Meter {
    /// Begins to count.
    pub fn start() -> Self {
        Self {
            pages: AtomicU64::new(0),
            ticks_before: ticks_of_children(),
        }
    }

    /// What was spent; to be asked when the reading processes have ended, because the system
    /// counts a child when it is gone. `None` where the system does not tell.
    pub fn cost(&self) -> Option<ReadingCost> {
        let ticks = ticks_of_children()?.checked_sub(self.ticks_before?)?;
        Some(ReadingCost {
            pages: self.pages.load(Ordering::Relaxed),
            cpu_seconds: ticks as f64 / TICKS_PER_SECOND,
        })
    }
}

/// User and system time of all children that have ended: fields 16 and 17 of proc(5)'s stat.
fn ticks_of_children() -> Option<u64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in brackets and may hold anything.
    let (_, behind_name) = stat.rsplit_once(") ")?;
    let mut fields = behind_name.split(' ').skip(16 - 3);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

/// Another reader, whose pages are counted.
pub struct CountedReader<'a> {
    /// Reads.
    pub reader: &'a dyn PageReader,
    /// Counts.
    pub meter: &'a Meter,
}

impl PageReader for CountedReader<'_> {
    fn identity(&self) -> EngineIdentity {
        self.reader.identity()
    }

    fn open_file(&self, scan: &ScanFile) -> Result<Contents, IntakeFault> {
        self.reader.open_file(scan)
    }

    fn judge_signatures(&self, scan: &ScanFile) -> Result<SealRecord, IntakeFault> {
        self.reader.judge_signatures(scan)
    }

    fn look(&self, scan: &ScanFile, index: u32) -> Result<Vec<Mark>, IntakeFault> {
        self.reader.look(scan, index)
    }

    fn read_page(&self, task: &PageTask<'_>) -> Result<PageFound, ReadFault> {
        let found = self.reader.read_page(task)?;
        self.meter.pages.fetch_add(1, Ordering::Relaxed);
        Ok(found)
    }
}
