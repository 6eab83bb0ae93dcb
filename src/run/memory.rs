//! The byte budget that pages are admitted against before they are decoded.
//!
//! Lanes bound how many dossiers are open, threads how many pages: neither knows that
//! one page may be a map of 100 million pixels. A page waits until the budget has room
//! for it; one larger than the whole budget waits until it is alone.

use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes taken while a page of so many pixels is decoded, cleaned and read. (Measured by
/// `scripts/bench readers` over an idle reader: 8.2 a pixel for 9 million pixels, the
/// engine's own share with them, 5.7 for 118 million. JPEG 2000 takes more.)
const BYTES_A_PIXEL: u64 = 9;

/// A budget of bytes that pages share.
pub struct Budget {
    total: u64,
    taken: Mutex<u64>,
    given_back: Condvar,
}

/// A page's share, given back when dropped.
pub struct Share<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Budget {
    /// A budget of so many bytes.
    pub fn new(total: u64) -> Self {
        Self {
            total,
            taken: Mutex::new(0),
            given_back: Condvar::new(),
        }
    }

    /// Waits until a page of so many pixels fits, and takes its share.
    pub fn admit(&self, pixels: u64) -> Share<'_> {
        let bytes = pixels.saturating_mul(BYTES_A_PIXEL).min(self.total);
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = self
            .given_back
            .wait_while(taken, |taken| *taken + bytes > self.total)
            .unwrap_or_else(PoisonError::into_inner);
        *taken += bytes;
        Share {
            budget: self,
            bytes,
        }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut taken = self
            .budget
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *taken -= self.bytes;
        self.budget.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn no_more_pages_are_open_than_fit() {
        let budget = Budget::new(3 * BYTES_A_PIXEL * 1_000);
        let (open, most) = (AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _share = budget.admit(1_000);
                        let now = open.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        thread::yield_now();
                        open.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!((1..=3).contains(&most.into_inner()));
    }

    #[test]
    fn a_page_larger_than_the_budget_is_taken_alone() {
        let budget = Budget::new(100);
        drop(budget.admit(u64::MAX));
        let _all = budget.admit(1_000_000);
    }
}
