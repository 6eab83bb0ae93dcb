//! What comes out of an archive, counted as it comes.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::ContainerFault;

const PIECE_BYTES: usize = 1 << 16;

/// Below this no ratio is judged: small files of one colour pack very well.
const UNJUDGED_BYTES: u64 = 1 << 20;

/// What an archive may unpack to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of all members together.
    pub max_bytes: u64,
    /// Most members, folders counted.
    pub max_members: u64,
    /// Most bytes that come out for each byte of the archive, from the first MiB on.
    pub max_ratio: u64,
}

/// Shared with whoever waits: how far the work is, and whether it is still wanted.
#[derive(Default)]
pub struct Progress {
    steps: AtomicU64,
    cancelled: AtomicBool,
}

impl Progress {
    /// Grows for as long as the work goes on.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// Asks the work to end.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// Counts members and bytes against the limits.
pub struct Meter {
    limits: Limits,
    archive_bytes: u64,
    members: u64,
    bytes: u64,
    progress: Arc<Progress>,
}

impl Meter {
    pub(super) fn new(limits: Limits, archive_bytes: u64, progress: Arc<Progress>) -> Self {
        Self {
            limits,
            archive_bytes,
            members: 0,
            bytes: 0,
            progress,
        }
    }

    /// One member more.
    pub(super) fn count_member(&mut self) -> Result<(), ContainerFault> {
        self.members += 1;
        self.step()?;
        let limit = self.limits.max_members;
        if self.members > limit {
            return Err(ContainerFault::TooManyMembers { limit });
        }
        Ok(())
    }

    /// A fault where an archive itself says that it has more members than allowed.
    pub(super) fn refuse_members(&self, stated: u64) -> Result<(), ContainerFault> {
        let limit = self.limits.max_members;
        match stated > limit {
            true => Err(ContainerFault::TooManyMembers { limit }),
            false => Ok(()),
        }
    }

    /// So many bytes more, whether anyone keeps them or not.
    pub(super) fn count_bytes(&mut self, bytes: u64) -> Result<(), ContainerFault> {
        self.bytes = self.bytes.saturating_add(bytes);
        self.step()?;
        let Limits {
            max_bytes,
            max_ratio,
            ..
        } = self.limits;
        if self.bytes > max_bytes {
            return Err(ContainerFault::TooLarge {
                limit_bytes: max_bytes,
            });
        }
        let fair = self.archive_bytes.saturating_mul(max_ratio);
        if self.bytes > UNJUDGED_BYTES.max(fair) {
            return Err(ContainerFault::RatioTooHigh { limit: max_ratio });
        }
        Ok(())
    }

    fn step(&self) -> Result<(), ContainerFault> {
        self.progress.steps.fetch_add(1, Ordering::Relaxed);
        if self.progress.cancelled.load(Ordering::Relaxed) {
            return Err(ContainerFault::damaged("given up"));
        }
        Ok(())
    }
}

/// The content of one member, read once and metered.
pub struct Content<'a> {
    pub(super) reader: &'a mut dyn Read,
    pub(super) meter: &'a mut Meter,
}

impl Content<'_> {
    /// Pours all of it into a writer and gives the number of bytes.
    pub fn pour(&mut self, sink: &mut dyn Write) -> Result<u64, ContainerFault> {
        let mut piece = vec![0; PIECE_BYTES];
        let mut poured = 0;
        loop {
            let length = match self.reader.read(&mut piece) {
                Ok(0) => return Ok(poured),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(ContainerFault::of_reading(error)),
            };
            poured += length as u64;
            self.meter.count_bytes(length as u64)?;
            sink.write_all(&piece[..length])
                .map_err(ContainerFault::Sink)?;
        }
    }
}
