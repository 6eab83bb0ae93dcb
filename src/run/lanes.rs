//! Lanes: how many dossiers are open at a time.
//!
//! Each lane is a plain thread that takes one dossier after the other; the pages
//! of all open dossiers meet in one rayon pool. So memory is bounded by lanes ×
//! the largest dossier, whatever the batch holds. (Measured: a `par_iter` over
//! dossiers with one over pages inside opens dossiers without bound.)

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use super::events::{Way, Ways};
use super::road::{self, Ending};
use super::streams::Lot;
use super::{Event, RunFault, Tools};
use crate::model::manifest::Outcome;
use crate::stages::intake::Entry;
use crate::stages::package::Store;

/// Takes all entries down the road; stops taking new ones at the first fault that stops the
/// run, and when it is asked to end.
pub fn drive(lots: Vec<Lot>, tools: &Tools<'_>, store: &Store) -> Result<Ways, RunFault> {
    let taken = lots.len() as u64;
    let waiting = Mutex::new(lots.into_iter());
    let done = Mutex::new((Ways::default(), None));
    thread::scope(|scope| {
        for _ in 0..tools.plan.run.lanes(tools.pool.current_num_threads()) {
            scope.spawn(|| lane(&waiting, &done, tools, store));
        }
    });
    match done
        .into_inner()
        .expect("no lane panics while it holds the sums")
    {
        (_, Some(fault)) => Err(fault),
        (mut ways, None) => {
            if tools.stop.asked().is_some() {
                ways.left = taken - ways.total();
            }
            Ok(ways)
        }
    }
}

type Done = Mutex<(Ways, Option<RunFault>)>;

fn lane(waiting: &Mutex<impl Iterator<Item = Lot>>, done: &Done, tools: &Tools<'_>, store: &Store) {
    let sums = || done.lock().expect("no lane panics while it holds the sums");
    while sums().1.is_none() && tools.stop.asked().is_none() {
        let next = waiting
            .lock()
            .expect("no lane panics while it takes an entry")
            .next();
        let Some(lot) = next else { return };
        match one(&lot, tools, store) {
            Ok(Some(ending)) => {
                announce(&lot.entry, &ending, tools);
                sums().0.count(ending.way);
            }
            Ok(None) => {}
            Err(fault) => {
                sums().1.get_or_insert(fault);
            }
        }
    }
}

/// One dossier; a bug of ours stops that dossier and not the night.
fn one(lot: &Lot, tools: &Tools<'_>, store: &Store) -> Result<Option<Ending>, RunFault> {
    let travelled = catch_unwind(AssertUnwindSafe(|| road::travel(lot, tools, store)));
    travelled.unwrap_or_else(|_| road::set_aside_after_bug(&lot.entry, store).map(Some))
}

fn announce(entry: &Entry, ending: &Ending, tools: &Tools<'_>) {
    debug_assert!(ending.way != Way::SetAside || ending.record.outcome == Outcome::SetAside);
    (tools.report)(Event::Ended {
        folder: &entry.name,
        way: ending.way,
        pages: ending.record.pages.len() as u64,
        reasons: &ending.record.reasons,
    });
}
