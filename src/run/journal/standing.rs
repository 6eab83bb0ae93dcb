//! How a whole package stands: what is done, waiting, set aside and left.

use std::collections::BTreeMap;

use super::history::{History, Seen};
use super::line::Ended;
use crate::run::events::Way;

/// Every dossier that the last run found or an earlier one ended, by how it stands.
#[derive(Debug, Default)]
pub struct Standing<'a> {
    /// Dossiers in the package that nobody has to look at.
    pub done: u64,
    /// Dossiers in the package that wait for a person, with the reasons.
    pub review: Vec<&'a Ended>,
    /// Found by the last run, never opened so far.
    pub waiting: u64,
    /// Opened and left, because the run was asked to end or its time was short.
    pub left: u64,
    /// Opened and not ended: in work now, or when the run died.
    pub open: Vec<&'a str>,
    /// Set aside, with the reasons.
    pub set_aside: Vec<&'a Ended>,
    /// How many dossiers were set aside or wait for a person, for each code.
    pub codes: BTreeMap<&'a str, u64>,
}

impl<'a> Standing<'a> {
    /// Adds up the history and the names of the last listing.
    pub fn of(history: &'a History, listing: &[String]) -> Self {
        let mut standing = Self::default();
        let unseen = |name: &&String| !history.dossiers.contains_key(*name);
        standing.waiting = listing.iter().filter(unseen).count() as u64;
        for (name, seen) in &history.dossiers {
            match seen {
                Seen::Open { .. } => standing.open.push(name),
                Seen::Left => standing.left += 1,
                Seen::Ended(ended) if ended.way == Way::SetAside => {
                    standing.count_codes(ended);
                    standing.set_aside.push(ended);
                }
                Seen::Ended(ended) if ended.way == Way::WaitingForReview => {
                    standing.count_codes(ended);
                    standing.review.push(ended);
                }
                Seen::Ended(_) => standing.done += 1,
            }
        }
        standing
    }

    fn count_codes(&mut self, ended: &'a Ended) {
        for code in ended.codes.keys() {
            *self.codes.entry(code).or_default() += 1;
        }
    }
}
