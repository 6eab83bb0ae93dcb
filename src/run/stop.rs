//! Asking a run to end early: open pages are finished, open dossiers are left for the next run.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::pace::{Pace, Share};

/// Why a run ends before all its dossiers did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum StopReason {
    /// Ctrl-C at the terminal (SIGINT).
    Interrupt = 1,
    /// The system asked (SIGTERM).
    Terminate = 2,
    /// The hour given by `--until` is near.
    Window = 3,
}

/// Whether the run was asked to end, and until when it may work. The first to ask is remembered.
#[derive(Debug, Default)]
pub struct Stop {
    asked: AtomicU8,
    ends: Option<Instant>,
    pace: Pace,
}

impl Stop {
    /// For a run that ends at this instant, and was seen to read so many pages a minute before.
    ///
    /// An instant and not an hour: a clock that is set during the night moves no deadline.
    pub fn at(ends: Option<Instant>, pages_per_minute: f64) -> Self {
        Self {
            asked: AtomicU8::new(0),
            ends,
            pace: Pace::expecting(pages_per_minute),
        }
    }

    /// Asks. Only touches an atomic number, so a signal handler may call it.
    pub fn ask(&self, reason: StopReason) {
        let first = Ordering::Relaxed;
        let _ = self.asked.compare_exchange(0, reason as u8, first, first);
    }

    /// Why the run was asked to end, where it was or its time is over.
    pub fn asked(&self) -> Option<StopReason> {
        if self.time_left() == Some(Duration::ZERO) {
            self.ask(StopReason::Window);
        }
        match self.asked.load(Ordering::Relaxed) {
            1 => Some(StopReason::Interrupt),
            2 => Some(StopReason::Terminate),
            3 => Some(StopReason::Window),
            _ => None,
        }
    }

    /// Time until the run ends; `None` where it may work as long as there is work.
    pub fn time_left(&self) -> Option<Duration> {
        let ends = self.ends?;
        Some(ends.saturating_duration_since(Instant::now()))
    }

    /// Takes on so many pages more, where by the speed measured so far they end in time.
    pub fn take_on(&self, pages: u64) -> Option<Share<'_>> {
        self.pace.take_on(pages, self.time_left())
    }

    /// Counts a page that was read, for the speed.
    pub fn page_was_read(&self) {
        self.pace.page_was_read();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_to_ask_is_remembered() {
        let stop = Stop::default();
        assert_eq!(stop.asked(), None);
        stop.ask(StopReason::Terminate);
        stop.ask(StopReason::Interrupt);
        assert_eq!(stop.asked(), Some(StopReason::Terminate));
    }

    #[test]
    fn a_run_whose_time_is_over_is_asked_to_end() {
        let over = Stop::at(Some(Instant::now()), 100.0);
        assert_eq!(over.asked(), Some(StopReason::Window));
        assert!(over.take_on(1).is_none());
        let long = Stop::at(Some(Instant::now() + Duration::from_secs(3_600)), 100.0);
        assert_eq!(long.asked(), None);
        assert!(long.take_on(1_000).is_some() && long.take_on(10_000).is_none());
    }
}
