//! `sohoa run --watch`: a hot folder, taken in as it comes, until somebody says stop.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::clock::wall_clock;
use super::night::Night;
use super::{Exit, say};
use crate::messages::Language;
use crate::model::Coded;
use crate::model::manifest::iso_8601;
use crate::run::events::{Event, Way};
use crate::run::watch::{Claims, Hold, Settling, WatchFault};
use crate::run::{StopReason, Tools};

/// How long a signal may wait for an answer while nothing is to do.
const SIGNALS_EVERY: Duration = Duration::from_millis(200);

/// Watches until a signal or the end of the window; looks every so often.
pub fn run(drop: &Path, every: Duration, night: &Night<'_>, tools: &Tools<'_>) -> Exit {
    let language = night.shown.language;
    match watch(drop, every, night, tools) {
        Ok(exit) => exit,
        Err(fault) => {
            say::fault(&fault, &drop.display().to_string(), language);
            exit_of(&fault)
        }
    }
}

/// The exit for a drop that cannot be watched.
pub fn exit_of(fault: &WatchFault) -> Exit {
    match fault {
        WatchFault::Held { .. } => Exit::Locked,
        WatchFault::Unusable { .. } => Exit::SourceUnreadable,
    }
}

fn watch(
    drop: &Path,
    every: Duration,
    night: &Night<'_>,
    tools: &Tools<'_>,
) -> Result<Exit, WatchFault> {
    let _hold = Hold::take(drop, &iso_8601(wall_clock()))?;
    let claims = Claims::open(drop)?;
    let mut settling = Settling::new(&tools.plan.watch);
    // What a watcher before us claimed and did not finish comes first.
    let mut to_do = !claims.is_empty()?;
    loop {
        if to_do && let Some(exit) = take_in(&claims, night, tools)? {
            return Ok(exit);
        }
        if let Some(why) = tools.stop.asked() {
            return Ok(exit_when(why));
        }
        to_do = false;
        for item in settling.look(drop, &tools.plan.intake, Instant::now())? {
            to_do |= claims.claim(&item)?;
        }
        if !to_do {
            wait(every, tools);
        }
    }
}

/// One run over what is claimed; gives the exit where it is the last.
fn take_in(
    claims: &Claims,
    night: &Night<'_>,
    tools: &Tools<'_>,
) -> Result<Option<Exit>, WatchFault> {
    let ended = Mutex::new(BTreeMap::new());
    let report = |event: Event<'_>| {
        if let Event::Ended { folder, way, .. } = event {
            let mut ended = ended.lock().expect("taking down an ending does not panic");
            ended.insert(folder.to_owned(), way);
        }
        (tools.report)(event);
    };
    let listening = Tools {
        report: &report,
        ..*tools
    };
    let exit = night.run(&claims.folder(), &listening);
    let ended: BTreeMap<String, Way> = ended
        .into_inner()
        .expect("taking down an ending does not panic");
    let goes_on = matches!(exit, Exit::Done | Exit::ReviewNeeded | Exit::SomeSetAside);
    for scans in claims.put_away(&ended, goes_on && tools.stop.asked().is_none())? {
        tell_where(&scans, night.shown.language);
    }
    Ok((!goes_on).then_some(exit))
}

fn tell_where(scans: &Path, language: Language) {
    let lie = say::by(
        language,
        "Bản quét để riêng nằm ở",
        "Scans set aside lie in",
    );
    // Standard error may be closed; there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "{lie} {}", scans.display());
}

fn exit_when(stopped: StopReason) -> Exit {
    match stopped {
        StopReason::Interrupt => Exit::Interrupted,
        StopReason::Terminate => Exit::Terminated,
        // Everything claimed is done: the end of the window cuts nothing off.
        StopReason::Window => Exit::Done,
    }
}

fn wait(every: Duration, tools: &Tools<'_>) {
    let until = Instant::now() + every;
    while tools.stop.asked().is_none() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::sleep(left.min(SIGNALS_EVERY));
    }
}

/// Somebody watches this drop and moves what lies in it: no run may read there meanwhile.
pub fn refuse_watched(drop: &Path, language: Language) -> Result<(), Exit> {
    let Some(owner) = crate::run::watch::holder(drop) else {
        return Ok(());
    };
    let fault = WatchFault::Held { owner };
    say::fault(&fault as &dyn Coded, &drop.display().to_string(), language);
    Err(Exit::Locked)
}
