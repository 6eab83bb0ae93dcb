//! What happens during a run, told to whoever shows or records it.

use crate::model::manifest::Reason;

/// One thing that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The drop was listed.
    Started {
        /// Entries found: folders and stray files.
        dossiers: u64,
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
        /// Its pages.
        pages: u64,
    },
    /// One page was cleaned and read.
    PageRead {
        /// The dossier's name.
        folder: &'a str,
        /// True where nothing is written on it.
        blank: bool,
    },
    /// A dossier ended.
    Ended {
        /// The dossier's name.
        folder: &'a str,
        /// How it ended.
        way: Way,
        /// Pages in it.
        pages: u64,
        /// Why it was set aside; empty otherwise.
        reasons: &'a [Reason],
    },
}

/// How a dossier ended in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Its files were made and stand in the package.
    Packaged,
    /// An earlier run had done it from the same scans.
    AlreadyDone,
    /// It could not be done; the reasons are written down.
    SetAside,
}

/// How many dossiers ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// Made now.
    pub packaged: u64,
    /// Made by an earlier run.
    pub already_done: u64,
    /// Set aside.
    pub set_aside: u64,
    /// Not done, because the run was asked to end; the next run takes them.
    pub left: u64,
}

impl Ways {
    /// All that ended.
    pub fn total(&self) -> u64 {
        self.packaged + self.already_done + self.set_aside
    }

    /// Counts one more.
    pub fn count(&mut self, way: Way) {
        match way {
            Way::Packaged => self.packaged += 1,
            Way::AlreadyDone => self.already_done += 1,
            Way::SetAside => self.set_aside += 1,
        }
    }
}
