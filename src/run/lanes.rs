//! Lanes: how many dossiers are open at a time.
//!
//! Each lane is a plain thread that takes one dossier after the other; the pages
//! of all open dossiers meet in one rayon pool. So memory is bounded by lanes ×
//! the largest dossier, whatever the batch holds. (Measured: a `par_iter` over
//! dossiers with one over pages inside opens dossiers without bound.)

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;
use std::{thread, vec};

use super::events::{Way, Ways};
use super::journal::Journal;
use super::road::{self, Ending};
use super::streams::Lot;
use super::{Event, RunFault, Tools};
use crate::model::Retry;
use crate::model::manifest::{Outcome, Reason};
use crate::stages::intake::{DropFolder, Entry};
use crate::stages::package::Store;

/// Takes all entries down the road; stops taking new ones at the first fault that stops the
/// run, and when it is asked to end.
pub fn drive(
    lots: Vec<Lot>,
    drop: &DropFolder,
    tools: &Tools<'_>,
    store: &Store,
    journal: &Journal,
) -> Result<Ways, RunFault> {
    let road = Road {
        waiting: Mutex::new(lots.into_iter()),
        done: Mutex::default(),
        drop,
        tools,
        store,
        journal,
    };
    thread::scope(|scope| {
        for _ in 0..tools.plan.run.lanes(tools.pool.current_num_threads()) {
            scope.spawn(|| road.lane());
        }
    });
    let unheld = "no lane panics while it holds this";
    let waiting = road.waiting.into_inner().expect(unheld);
    match road.done.into_inner().expect(unheld) {
        (_, Some(fault)) => Err(fault),
        (mut ways, None) => {
            ways.left += waiting.len() as u64;
            Ok(ways)
        }
    }
}

/// What all lanes share.
struct Road<'a> {
    waiting: Mutex<vec::IntoIter<Lot>>,
    done: Mutex<(Ways, Option<RunFault>)>,
    drop: &'a DropFolder,
    tools: &'a Tools<'a>,
    store: &'a Store,
    journal: &'a Journal,
}

impl Road<'_> {
    /// One dossier after the other, until there are none or the run is to end.
    fn lane(&self) {
        while self.done().1.is_none() && self.tools.stop.asked().is_none() {
            let Some(lot) = self.next() else { return };
            let ended = self.drive_one(&lot);
            let mut done = self.done();
            match ended {
                Ok(Some(way)) => done.0.count(way),
                Ok(None) => done.0.left += 1,
                Err(fault) => {
                    done.1.get_or_insert(fault);
                }
            }
        }
    }

    fn next(&self) -> Option<Lot> {
        let waiting = self.waiting.lock();
        waiting
            .expect("no lane panics while it takes an entry")
            .next()
    }

    fn done(&self) -> MutexGuard<'_, (Ways, Option<RunFault>)> {
        self.done
            .lock()
            .expect("no lane panics while it holds the sums")
    }

    /// How one dossier ended, written down and told; `None` where it was left.
    fn drive_one(&self, lot: &Lot) -> Result<Option<Way>, RunFault> {
        let began = Instant::now();
        let entry = &lot.entry;
        let Some(ending) = one(lot, self.tools, self.store)? else {
            self.journal.left(&entry.name)?;
            (self.tools.report)(Event::Left {
                folder: &entry.name,
            });
            return Ok(None);
        };
        if ending
            .record
            .reasons
            .iter()
            .any(|r| r.retry != Retry::Never)
        {
            // Where the whole share is gone, the next ten thousand are not to be set aside for it.
            self.drop.still_there()?;
        }
        let ms = began.elapsed().as_millis() as u64;
        self.journal.ended(ending.way, &ending.record, ms)?;
        announce(entry, &ending, ms, self.tools);
        Ok(Some(ending.way))
    }
}

/// One dossier; a bug of ours stops that dossier and not the night.
fn one(lot: &Lot, tools: &Tools<'_>, store: &Store) -> Result<Option<Ending>, RunFault> {
    let travelled = catch_unwind(AssertUnwindSafe(|| road::travel(lot, tools, store)));
    travelled.unwrap_or_else(|_| road::set_aside_after_bug(&lot.entry, store).map(Some))
}

fn announce(entry: &Entry, ending: &Ending, ms: u64, tools: &Tools<'_>) {
    debug_assert!(ending.way != Way::SetAside || ending.record.outcome == Outcome::SetAside);
    let reasons: Vec<Reason> = ending.record.told().cloned().collect();
    (tools.report)(Event::Ended {
        folder: &entry.name,
        key: ending.record.content_key,
        way: ending.way,
        pages: ending.record.pages.len() as u64,
        reasons: &reasons,
        ms,
    });
}
