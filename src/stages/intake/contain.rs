//! Keeps a decoder's trouble inside: panics, endless work and deep recursion.
//!
//! Each decoder runs in a thread of its own. A panic ends that thread and becomes a
//! fault; a deep recursion has a larger stack than a rayon worker's; and what does not
//! come back in time is given up. Rust cannot kill a thread: one that is given up goes
//! on until it ends by itself, which costs a core but neither the page's dossier nor the
//! run. Memory is not contained here: sizes are checked before each decoder is called.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// The name of these threads; a panic hook can know by it that the panic is contained.
pub const THREAD_NAME: &str = "sohoa-decoder";

/// hayro interprets up to 50 nested forms, lopdf 100 nested arrays.
const STACK_BYTES: usize = 32 << 20;

/// How a decoder failed to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// It panicked.
    Panicked,
    /// It was still at work when its time was over.
    TimedOut,
    /// No thread could be started.
    NoThread,
}

/// Runs `work` in a thread of its own and waits at most `limit_ms` for it.
pub(super) fn contain<T: Send + 'static>(
    limit_ms: u64,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Escape> {
    contain_moving(limit_ms, || 0, work)
}

/// Runs `work` in a thread of its own and waits for it as long as `steps` grows within each
/// `limit_ms`: unpacking a large archive takes its time, standing still does not.
pub(super) fn contain_moving<T: Send + 'static>(
    limit_ms: u64,
    steps: impl Fn() -> u64,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Escape> {
    let (sender, receiver) = sync_channel(1);
    let spawned = thread::Builder::new()
        .name(THREAD_NAME.to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            // Whatever the decoder held is dropped here; nothing half-done is looked at again.
            let outcome = catch_unwind(AssertUnwindSafe(work));
            // Nobody may be waiting any more.
            let _ = sender.send(outcome.map_err(|_| ()));
        });
    if spawned.is_err() {
        return Err(Escape::NoThread);
    }
    loop {
        let before = steps();
        match receiver.recv_timeout(Duration::from_millis(limit_ms)) {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(())) | Err(RecvTimeoutError::Disconnected) => return Err(Escape::Panicked),
            Err(RecvTimeoutError::Timeout) if steps() == before => return Err(Escape::TimedOut),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_in_time_is_given_back() {
        assert_eq!(contain(10_000, || 7), Ok(7));
    }

    #[test]
    fn a_panic_stays_inside() {
        let outcome: Result<(), _> = contain(10_000, || panic!("a decoder's bug"));
        assert_eq!(outcome, Err(Escape::Panicked));
    }

    #[test]
    fn endless_work_is_given_up() {
        let outcome = contain(20, || thread::sleep(Duration::from_secs(5)));
        assert_eq!(outcome, Err(Escape::TimedOut));
    }

    #[test]
    fn work_that_goes_on_is_waited_for() {
        let asked = std::cell::Cell::new(0);
        let steps = || {
            asked.set(asked.get() + 1);
            asked.get()
        };
        let outcome = contain_moving(5, steps, || {
            thread::sleep(Duration::from_millis(60));
            7
        });
        assert_eq!(outcome, Ok(7));
    }
}
