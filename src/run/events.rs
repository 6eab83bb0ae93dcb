//! What happens during a run, told to whoever shows or records it.

use serde::{Deserialize, Serialize};

use crate::model::manifest::{Fate, Reading, Reason};
use crate::model::{Confidence, Digest};
use crate::stages::seal::SealFault;

/// One thing that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A run that was killed left the end of its history half written, or the disk damaged lines of it.
    HistoryMended {
        /// Bytes cut off at the end.
        cut_bytes: u64,
        /// Damaged lines before that; they are passed over.
        damaged_lines: u64,
    },
    /// The drop was listed.
    Started {
        /// The run's name in the history.
        run: &'a str,
        /// Entries found: folders and stray files.
        dossiers: u64,
        /// Names above the dossiers that the plan's rule passes over.
        passed_over: &'a [String],
    },
    /// One page of a stream was looked at for separator sheets.
    PageLooked,
    /// A stream was cut; each piece of it is an entry of its own from here on.
    StreamCut {
        /// The stream's name below the drop.
        stream: &'a str,
        /// Its pages.
        pages: u64,
        /// The pieces: dossiers, and pages set aside.
        pieces: u64,
    },
    /// A dossier was opened and its pages counted.
    Taken {
        /// Its name below the drop.
        folder: &'a str,
        /// SHA-256 over inputs, plan and software.
        key: Digest,
        /// Its pages.
        pages: u64,
    },
    /// A page was cleaned and read, or could not be.
    PageRead {
        /// The dossier's name.
        folder: &'a str,
        /// The scan's name below it.
        scan: &'a str,
        /// The page in that scan, from 1.
        page: u32,
        /// What was found; absent where the page could not be read.
        found: Option<PageSeen>,
        /// How long it took, in milliseconds.
        ms: u64,
    },
    /// A file was signed.
    Signed {
        /// The dossier's name.
        folder: &'a str,
        /// How long its thread was at it, in milliseconds: the key, the time stamp, and waiting for either.
        ms: u64,
    },
    /// A dossier ended.
    Ended {
        /// The dossier's name.
        folder: &'a str,
        /// SHA-256 over inputs, plan and software; absent after a bug of ours.
        key: Option<Digest>,
        /// How it ended.
        way: Way,
        /// Pages in it.
        pages: u64,
        /// Why it was set aside, or waits for a person; empty otherwise.
        reasons: &'a [Reason],
        /// How long it took, in milliseconds.
        ms: u64,
    },
    /// The key did not sign: this dossier, or the batch's header, is left waiting for signature.
    KeyFailed {
        /// The dossier's name, or the header's.
        place: &'a str,
        /// Why.
        fault: &'a SealFault,
    },
    /// A dossier is left for the next run, because this one was asked to end or its time is short.
    Left {
        /// The dossier's name.
        folder: &'a str,
    },
}

/// What was found on a page, without a word of it.
#[derive(Clone, Copy, Debug)]
pub struct PageSeen {
    /// What becomes of it.
    pub fate: Fate,
    /// How it was read.
    pub reading: Reading,
    /// Mean confidence of its words.
    pub confidence_pct: Confidence,
}

/// How a dossier ended in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Its files were made and stand in the package.
    Packaged,
    /// An earlier run had done it from the same scans.
    AlreadyDone,
    /// It could not be done; the reasons are written down.
    SetAside,
    /// Its files stand in the package, and a person has to look at some of them.
    WaitingForReview,
}

impl Way {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Way::Packaged => "packaged",
            Way::AlreadyDone => "already_done",
            Way::SetAside => "set_aside",
            Way::WaitingForReview => "waiting_for_review",
        }
    }
}

/// How many dossiers ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    /// Made now.
    pub packaged: u64,
    /// Made by an earlier run.
    pub already_done: u64,
    /// Set aside.
    pub set_aside: u64,
    /// In the package, made now or before, and waiting for a person.
    #[serde(default)]
    pub waiting_for_review: u64,
    /// Not done, because the run was asked to end; the next run takes them.
    pub left: u64,
}

impl Ways {
    /// All that ended.
    pub fn total(&self) -> u64 {
        self.packaged + self.already_done + self.set_aside + self.waiting_for_review
    }

    /// Counts one more.
    pub fn count(&mut self, way: Way) {
        match way {
            Way::Packaged => self.packaged += 1,
            Way::AlreadyDone => self.already_done += 1,
            Way::SetAside => self.set_aside += 1,
            Way::WaitingForReview => self.waiting_for_review += 1,
        }
    }
}
