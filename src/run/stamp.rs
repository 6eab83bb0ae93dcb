//! The time stamp of a batch: one for all its pages and files, kept as an evidence record.
//!
//! `OUT/batch.ers` is the record of `batch.json` (RFC 4998). It goes with the header that it is for: a
//! run that changes the package takes it away, and the package then waits for a new one. A network
//! that is away is no harm: the same command later does it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::prove::{self, ProveFault};
use super::renew::Which;
use crate::formats::ers::{self, EvidenceRecord};
use crate::formats::merkle::{Join, StoredTree};
use crate::formats::proof::Proof;
use crate::formats::timestamp::{TimestampFault, Timestamper};
use crate::model::{Coded, Digest, Params, Retry};
use crate::stages::package::{PackageFault, RECORD, StoredLevels, durable};

/// Why a batch could not be stamped, or the record of a file not be made.
#[derive(Debug, thiserror::Error)]
pub enum StampFault {
    /// The authority gave no time stamp.
    #[error(transparent)]
    Timestamp(#[from] TimestampFault),
    /// The package has no evidence record for its header.
    #[error("{} has no evidence record for its header", path.display())]
    NoRecord {
        /// The package.
        path: PathBuf,
    },
    /// The package, its header or trees.
    #[error(transparent)]
    Prove(#[from] ProveFault),
}

impl From<PackageFault> for StampFault {
    fn from(fault: PackageFault) -> Self {
        Self::Prove(fault.into())
    }
}

impl Coded for StampFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Timestamp(fault) => fault.code(),
            Self::NoRecord { .. } => "EVD-005",
            Self::Prove(fault) => fault.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Timestamp(fault) => fault.params(),
            Self::NoRecord { path } => Params::from([("path", path.display().to_string())]),
            Self::Prove(fault) => fault.params(),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Timestamp(fault) => fault.retry(),
            Self::NoRecord { .. } => Retry::AfterPerson,
            Self::Prove(fault) => fault.retry(),
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamped {
    /// The batch has its first time stamp now.
    First(OffsetDateTime),
    /// It has one more, which covers those before.
    Renewed(OffsetDateTime),
    /// It had one already, and none more was asked for.
    Already,
}

/// Stamps a batch that has no time stamp for its header; with `renew`, one that has gets one more.
pub fn stamp(out: &Path, by: &dyn Timestamper, renew: bool) -> Result<Stamped, StampFault> {
    stamp_where(out, by, &|_| renew)
}

/// The same; one more time stamp where the newest one lapses soon.
pub fn stamp_due(
    out: &Path,
    by: &dyn Timestamper,
    which: Which,
    at: OffsetDateTime,
) -> Result<Stamped, StampFault> {
    stamp_where(out, by, &|record| {
        let newest = record.stamps().last();
        newest.is_some_and(|newest| which.takes_in(&newest.token, at))
    })
}

fn stamp_where(
    out: &Path,
    by: &dyn Timestamper,
    is_due: &dyn Fn(&EvidenceRecord) -> bool,
) -> Result<Stamped, StampFault> {
    let (header, digest) = prove::header_of(out)?;
    let tree = record_root(out, header.merkle.leaves)?;
    let (record, stamped) = match present(out, digest, tree) {
        Some(record) if !is_due(&record) => return Ok(Stamped::Already),
        Some(mut record) => {
            let token = by.stamp(&record.renewal_imprint(&digest))?;
            let at = token.at();
            record.renew(digest, token.into_der());
            (record, Stamped::Renewed(at))
        }
        None => {
            let token = by.stamp(&ers::imprint(&digest, &tree))?;
            let at = token.at();
            let record = EvidenceRecord::of_batch(digest, tree, token.into_der());
            (record, Stamped::First(at))
        }
    };
    let place = out.join(RECORD);
    let half = place.with_added_extension("new");
    durable::write_new(&half, &record.to_der())?;
    durable::rename(&half, &place)?;
    Ok(stamped)
}

/// The evidence record of what a proof is about: a file, or the line of a page.
pub fn record_of(out: &Path, proof: &Proof) -> Result<Vec<u8>, StampFault> {
    let no_tree = || ProveFault::NoTree {
        path: out.to_owned(),
    };
    let tree = record_root(out, proof.leaves)?;
    let record = present(out, proof.batch, tree).ok_or_else(|| StampFault::NoRecord {
        path: out.to_owned(),
    })?;
    let stored = StoredLevels::of(out, Join::Rfc4998);
    let found = levels(&stored, proof.leaves).inclusion(proof.index);
    let path = found.map_err(|_| no_tree())?;
    let object = object_of(&proof.leaf);
    Ok(record.of_leaf(object, &path, proof.batch).to_der())
}

/// The file's digest, which its line ends in; of a page, the digest of the line.
fn object_of(leaf: &str) -> Digest {
    let last = leaf.rsplit(' ').next().unwrap_or_default();
    match last.parse() {
        Ok(digest) if !leaf.starts_with("sohoa.v1 page ") => digest,
        _ => Digest::of(leaf.as_bytes()),
    }
}

/// The record in the package, where it is for this header and tree.
fn present(out: &Path, header: Digest, tree: Digest) -> Option<EvidenceRecord> {
    let record = EvidenceRecord::read(&fs::read(out.join(RECORD)).ok()?).ok()?;
    let said = [header.min(tree), header.max(tree)];
    let first = record.stamps().first()?;
    (first.groups == [said.to_vec()]).then_some(record)
}

fn record_root(out: &Path, leaves: u64) -> Result<Digest, StampFault> {
    let stored = StoredLevels::of(out, Join::Rfc4998);
    let root: io::Result<Digest> = levels(&stored, leaves).root();
    let no_tree = |_| ProveFault::NoTree {
        path: out.to_owned(),
    };
    Ok(root.map_err(no_tree)?)
}

fn levels(stored: &StoredLevels, leaves: u64) -> StoredTree<'_> {
    StoredTree {
        stored,
        join: Join::Rfc4998,
        leaves,
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::formats::fictional_signer::Authority;
    use crate::formats::timestamp::fictional::{DeadLine, FictionalAuthority};

    const AT: OffsetDateTime = datetime!(2026-11-25 12:00 UTC);

    /// A package of three leaves, of which nothing but header and trees is there.
    fn package() -> (tempfile::TempDir, Vec<String>) {
        let out = tempfile::tempdir().expect("a temporary folder");
        let digest = Digest::of(b"file");
        let lines = vec![
            format!("sohoa.v1 scan H10.12-261120-0001 1 {digest}"),
            "sohoa.v1 page H10.12-261120-0001 1 1 blank - - - -".to_owned(),
            format!("sohoa.v1 file H10.12-261120-0001 1 {}", Digest::of(b"pdf")),
        ];
        let objects: Vec<u8> = lines
            .iter()
            .flat_map(|l| *object_of(l).as_bytes())
            .collect();
        fs::create_dir(out.path().join("tree")).expect("a folder");
        fs::write(out.path().join("tree/rfc4998.0"), objects).expect("written");
        let header = serde_json::json!({
            "v": 1, "created": "2026-11-21T09:00:00+07:00", "documents": 1,
            "software": { "name": "sohoa", "version": "0", "engine": "-", "model_sha256": digest },
            "plan_sha256": digest,
            "manifest": { "file": "manifest.jsonl", "sha256": digest, "lines": 1 },
            "dossiers": { "total": 1, "packaged": 1, "set_aside": 0 },
            "pages": { "scanned": 1, "published": 0, "blank": 1, "separator": 0, "rejected": 0 },
            "merkle": { "root": digest, "leaves": 3 },
        });
        fs::write(out.path().join("batch.json"), header.to_string()).expect("written");
        (out, lines)
    }

    #[test]
    fn a_batch_is_stamped_once_and_renewed_when_asked() {
        let (out, lines) = package();
        let by = FictionalAuthority::below(&Authority::root(), AT);
        let done = |renew| stamp(out.path(), &by, renew).expect("an honest authority");
        assert_eq!(done(false), Stamped::First(AT));
        assert_eq!(done(false), Stamped::Already);
        assert_eq!(done(true), Stamped::Renewed(AT));
        let bytes = fs::read(out.path().join(RECORD)).expect("a record");
        let record = EvidenceRecord::read(&bytes).expect("a record");
        assert_eq!(record.stamps().len(), 2);
        // The record of a leaf leads up to the same imprint.
        let (_, batch) = prove::header_of(out.path()).expect("a header");
        for (index, line) in (0..).zip(&lines) {
            let proof = Proof {
                batch,
                leaf: line.clone(),
                bytes: None,
                index,
                leaves: 3,
                path: Vec::new(),
            };
            let own = record_of(out.path(), &proof).expect("a record");
            let own = EvidenceRecord::read(&own).expect("a record");
            let groups = &own.stamps()[0].groups;
            assert!(groups[0].contains(&object_of(line)), "{line}");
            let up = |node, group: &Vec<Digest>| Join::Rfc4998.of(&node, &group[0]);
            let first = Join::Rfc4998.of(&groups[0][0], &groups[0][1]);
            let [of_batch] = record.stamps()[0].groups.as_slice() else {
                panic!("one group");
            };
            let said = Join::Rfc4998.of(&of_batch[0], &of_batch[1]);
            assert_eq!(groups[1..].iter().fold(first, up), said, "{line}");
        }
    }

    #[test]
    fn a_batch_whose_newest_time_stamp_lapses_soon_gets_one_more() {
        let (out, _) = package();
        let by = FictionalAuthority::below(&Authority::root(), AT);
        let due = |which| stamp_due(out.path(), &by, which, AT).expect("an honest authority");
        let days = |days| Which::Within(time::Duration::days(days));
        assert_eq!(due(days(365)), Stamped::First(AT));
        assert_eq!(due(days(365)), Stamped::Already);
        // The fictional authority's certificate ends in 2060.
        assert_eq!(due(days(365 * 40)), Stamped::Renewed(AT));
        assert_eq!(due(Which::All), Stamped::Renewed(AT));
        let dead = stamp_due(out.path(), &DeadLine, Which::All, AT);
        assert!(matches!(dead, Err(StampFault::Timestamp(_))));
        let bytes = fs::read(out.path().join(RECORD)).expect("a record");
        let record = EvidenceRecord::read(&bytes).expect("a record");
        assert_eq!(record.stamps().len(), 3);
    }

    #[test]
    fn without_a_network_nothing_is_left_and_another_header_needs_another_stamp() {
        let (out, _) = package();
        let fault = stamp(out.path(), &DeadLine, false).expect_err("nobody answers");
        assert!(matches!(fault, StampFault::Timestamp(_)));
        assert!(!out.path().join(RECORD).exists());
        let by = FictionalAuthority::below(&Authority::root(), AT);
        stamp(out.path(), &by, false).expect("an honest authority");
        let path = out.path().join("batch.json");
        let header = fs::read_to_string(&path).expect("a header");
        fs::write(&path, header.replace("09:00", "10:00")).expect("written");
        let again = stamp(out.path(), &by, false).expect("an honest authority");
        assert_eq!(again, Stamped::First(AT));
    }
}
