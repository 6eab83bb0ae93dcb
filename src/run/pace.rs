//! How fast pages are read, and whether a dossier can still be done in the time left.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// From so many pages on this run's own speed counts: fewer say little.
const TELLING_PAGES: u64 = 20;

/// The speed of a run and the pages it has taken on.
#[derive(Debug)]
pub struct Pace {
    /// Pages a minute that earlier runs read.
    expected_per_minute: f64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the first dossier was taken on.
    began: Option<Instant>,
    pages_read: u64,
    /// Pages of the dossiers that are open.
    pages_open: u64,
}

/// The pages of an open dossier, given back when dropped.
pub struct Share<'a> {
    pace: &'a Pace,
    pages: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self::expecting(f64::INFINITY)
    }
}

impl Pace {
    /// Takes this for the speed until the run has measured its own.
    pub fn expecting(pages_per_minute: f64) -> Self {
        Self {
            expected_per_minute: pages_per_minute,
            state: Mutex::default(),
        }
    }

    /// Takes on so many pages, where they and all that is open can be read in the time left.
    ///
    /// An open dossier counts with all its pages until it ends: what was read of it is
    /// still to be assembled and signed.
    pub fn take_on(&self, pages: u64, time_left: Option<Duration>) -> Option<Share<'_>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let worked = now.duration_since(*state.began.get_or_insert(now));
        if let Some(left) = time_left {
            let speed = self.per_minute(state.pages_read, worked);
            let needed_s = (state.pages_open + pages) as f64 * 60.0 / speed;
            if needed_s > left.as_secs_f64() || left.is_zero() {
                return None;
            }
        }
        state.pages_open += pages;
        Some(Share { pace: self, pages })
    }

    /// Counts a page that was read.
    pub fn page_was_read(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.pages_read += 1;
    }

    fn per_minute(&self, pages_read: u64, worked: Duration) -> f64 {
        if pages_read < TELLING_PAGES || worked.is_zero() {
            return self.expected_per_minute;
        }
        pages_read as f64 * 60.0 / worked.as_secs_f64()
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut state = self
            .pace
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        state.pages_open -= self.pages;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

    #[test]
    fn open_dossiers_count_against_the_time_left() {
        let pace = Pace::expecting(100.0);
        let first = pace.take_on(60, MINUTE).expect("60 of 100 pages fit");
        assert!(pace.take_on(60, MINUTE).is_none(), "120 do not");
        assert!(pace.take_on(40, MINUTE).is_some(), "100 do");
        drop(first);
        assert!(pace.take_on(60, MINUTE).is_some());
    }

    #[test]
    fn without_an_end_everything_fits_and_at_the_end_nothing() {
        let pace = Pace::expecting(0.001);
        assert!(pace.take_on(u64::from(u32::MAX), None).is_some());
        assert!(Pace::default().take_on(0, Some(Duration::ZERO)).is_none());
    }

    #[test]
    fn the_speed_of_this_run_outweighs_that_of_others() {
        let pace = Pace::expecting(100.0);
        let minute = Duration::from_secs(60);
        assert_eq!(pace.per_minute(TELLING_PAGES - 1, minute), 100.0);
        assert_eq!(pace.per_minute(30, minute), 30.0);
    }
}
