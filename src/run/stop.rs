//! Asking a run to end early: open pages are finished, open dossiers are left for the next run.

use std::sync::atomic::{AtomicU8, Ordering};

/// Why a run ends before all its dossiers did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum StopReason {
    /// Ctrl-C at the terminal (SIGINT).
    Interrupt = 1,
    /// The system asked (SIGTERM).
    Terminate = 2,
    /// The hour given by `--until` is near.
    Window = 3,
}

/// Whether the run was asked to end. The first to ask is remembered.
#[derive(Debug, Default)]
pub struct Stop(AtomicU8);

impl Stop {
    /// Asks. Only touches an atomic number, so a signal handler may call it.
    pub fn ask(&self, reason: StopReason) {
        let first = Ordering::Relaxed;
        let _ = self.0.compare_exchange(0, reason as u8, first, first);
    }

    /// Why the run was asked to end, where it was.
    pub fn asked(&self) -> Option<StopReason> {
        match self.0.load(Ordering::Relaxed) {
            1 => Some(StopReason::Interrupt),
            2 => Some(StopReason::Terminate),
            3 => Some(StopReason::Window),
            _ => None,
        }
    }
}
