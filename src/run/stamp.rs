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
use super::rehash;
use super::renew::Which;
use crate::formats::ers::{self, EvidenceRecord};
use crate::formats::foreign_signature::Hash;
use crate::formats::merkle::{Join, StoredTree};
use crate::formats::proof::Proof;
use crate::formats::timestamp::{TimestampFault, Timestamper};
use crate::model::{Coded, Digest, Params, Retry};
use crate::stages::package::{HEADER, PackageFault, RECORD, SIGNATURE, StoredLevels, durable};
use crate::verify::judge::digest_ends;

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
    /// A file is not the recorded one, so it gets no new proof.
    #[error("{} is not the recorded file", path.display())]
    Altered {
        /// The file.
        path: PathBuf,
    },
    /// The record's hash tree was renewed: a single file has no record of its own any more.
    #[error("the hash tree of the record of {} was renewed", path.display())]
    Rehashed {
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
            Self::Altered { .. } => "EVD-006",
            Self::Rehashed { .. } => "EVD-007",
            Self::Prove(fault) => fault.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Timestamp(fault) => fault.params(),
            Self::NoRecord { path } | Self::Altered { path } | Self::Rehashed { path } => {
                Params::from([("path", path.display().to_string())])
            }
            Self::Prove(fault) => fault.params(),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Timestamp(fault) => fault.retry(),
            Self::NoRecord { .. } | Self::Altered { .. } | Self::Rehashed { .. } => {
                Retry::AfterPerson
            }
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
    /// Its hash tree was renewed: a new chain by another hash covers all that was.
    Rehashed(OffsetDateTime),
    /// It had one already, and none more was asked for.
    Already,
}

/// Stamps a batch that has no time stamp for its header; with `renew`, one that has gets one more.
pub fn stamp(out: &Path, by: &dyn Timestamper, renew: bool) -> Result<Stamped, StampFault> {
    stamp_where(out, by, &|_| renew)
}

/// The same; one more time stamp where the newest one lapses soon, and another hash where that of the
/// record does, by the table of allowed algorithms.
pub fn stamp_due(
    out: &Path,
    by: &dyn Timestamper,
    which: Which,
    at: OffsetDateTime,
) -> Result<Stamped, StampFault> {
    if let Some(record) = record_in(out)?
        && let Some(next) = successor(record.hash(), digest_ends(record.hash().name()), which, at)
    {
        return rehash(out, by, next);
    }
    stamp_where(out, by, &|record| {
        let newest = record.newest();
        which.takes_in(&newest.token, at)
    })
}

/// The hash that comes after one that ends then, where it is time.
fn successor(
    hash: Hash,
    ends: Option<OffsetDateTime>,
    which: Which,
    at: OffsetDateTime,
) -> Option<Hash> {
    let due = match which {
        Which::Within(span) => ends.is_some_and(|ends| ends <= at + span),
        Which::All => ends.is_some(),
    };
    // The strongest that authorities stamp; what comes after it is not made yet.
    (due && hash != Hash::Sha512).then_some(Hash::Sha512)
}

/// Renews the hash tree (RFC 4998, 5.2): a new chain of this hash over the record as it is and over
/// every file of the batch again.
pub fn rehash(out: &Path, by: &dyn Timestamper, hash: Hash) -> Result<Stamped, StampFault> {
    let mut record = record_in(out)?.ok_or_else(|| StampFault::NoRecord {
        path: out.to_owned(),
    })?;
    if record.hash() == hash {
        return Ok(Stamped::Already);
    }
    let (header, list) = (header_bytes(out)?, rehash::list(out, hash)?);
    let token = by.stamp_over(&record.rehash_imprint(hash, &header, list.as_bytes()))?;
    let at = token.at();
    record.rehash(hash, &header, list.as_bytes(), token.into_der());
    // The list first: by itself it says nothing, and the record without it would not hold.
    put(out, rehash::name_of(hash), list.as_bytes())?;
    put(out, RECORD, &record.to_der())?;
    Ok(Stamped::Rehashed(at))
}

/// The record that is for the package as it stands.
fn record_in(out: &Path) -> Result<Option<EvidenceRecord>, StampFault> {
    let (header, digest) = prove::header_of(out)?;
    let tree = record_root(out, header.merkle.leaves)?;
    Ok(present(out, digest, tree))
}

fn header_bytes(out: &Path) -> Result<Vec<u8>, PackageFault> {
    let path = out.join(HEADER);
    fs::read(&path).map_err(PackageFault::at(&path))
}

fn put(out: &Path, name: &str, bytes: &[u8]) -> Result<(), PackageFault> {
    let place = out.join(name);
    let half = place.with_added_extension("new");
    durable::write_new(&half, bytes)?;
    durable::rename(&half, &place)
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
            let header = header_bytes(out)?;
            let token = by.stamp_over(&record.renewal_imprint(&header))?;
            let at = token.at();
            record.renew(&header, token.into_der());
            (record, Stamped::Renewed(at))
        }
        None => {
            let signature = signature_of(out)?;
            let covered: Vec<Digest> = [digest, tree].into_iter().chain(signature).collect();
            let token = by.stamp_over(&ers::imprint(&covered))?;
            let at = token.at();
            let record = EvidenceRecord::of_batch(&covered, token.into_der());
            (record, Stamped::First(at))
        }
    };
    put(out, RECORD, &record.to_der())?;
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
    let own = record.of_leaf(object, &path, tree);
    let own = own.ok_or_else(|| StampFault::Rehashed {
        path: out.to_owned(),
    })?;
    Ok(own.to_der())
}

/// The file's digest, which its line ends in; of a page, the digest of the line.
fn object_of(leaf: &str) -> Digest {
    let last = leaf.rsplit(' ').next().unwrap_or_default();
    match last.parse() {
        Ok(digest) if !leaf.starts_with("sohoa.v1 page ") => digest,
        _ => Digest::of(leaf.as_bytes()),
    }
}

/// The record in the package, where it is for this header, signature and tree. Earlier versions did
/// not cover the signature.
fn present(out: &Path, header: Digest, tree: Digest) -> Option<EvidenceRecord> {
    let record = EvidenceRecord::read(&fs::read(out.join(RECORD)).ok()?).ok()?;
    let covered = record.covered()?;
    let mut said = vec![header, tree];
    if covered.len() > said.len() {
        said.extend(signature_of(out).ok()?);
    }
    said.sort();
    let same = covered
        .iter()
        .eq(said.iter().map(|digest| &digest.as_bytes()[..]));
    same.then_some(record)
}

/// The digest of the header's signature; `None` where it is not signed.
fn signature_of(out: &Path) -> Result<Option<Digest>, PackageFault> {
    let path = out.join(SIGNATURE);
    match fs::read(&path) {
        Ok(token) => Ok(Some(Digest::of(&token))),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(PackageFault::at(&path)(cause)),
    }
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
            "manifest": { "file": "manifest.jsonl", "sha256": Digest::of(b""), "lines": 0 },
            "dossiers": { "total": 1, "packaged": 1, "set_aside": 0 },
            "pages": { "scanned": 1, "published": 0, "blank": 1, "separator": 0, "rejected": 0 },
            "merkle": { "root": digest, "leaves": 3 },
        });
        fs::write(out.path().join("batch.json"), header.to_string()).expect("written");
        fs::write(out.path().join("manifest.jsonl"), "").expect("written");
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
        assert_eq!(record.stamps().count(), 2);
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
            let groups = &own.stamps().next().expect("a time stamp").groups;
            let object = object_of(line).as_bytes().to_vec();
            assert!(groups[0].contains(&object), "{line}");
            let join = |mut group: Vec<Vec<u8>>| {
                group.sort();
                Digest::of(&group.concat()).as_bytes().to_vec()
            };
            let up = |node, group: &Vec<Vec<u8>>| join([&group[..], &[node]].concat());
            let reached = groups[1..].iter().fold(join(groups[0].clone()), up);
            let said = join(record.covered().expect("one group").clone());
            assert_eq!(reached, said, "{line}");
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
        assert_eq!(record.stamps().count(), 3);
    }

    #[test]
    fn a_hash_tree_is_renewed_over_record_and_files_and_then_a_single_file_has_no_record() {
        let (out, lines) = package();
        let by = FictionalAuthority::below(&Authority::root(), AT);
        let renewed = || rehash(out.path(), &by, Hash::Sha512);
        let fault = renewed().expect_err("no record");
        assert!(matches!(fault, StampFault::NoRecord { .. }));
        stamp(out.path(), &by, false).expect("an honest authority");
        assert_eq!(renewed().expect("renewed"), Stamped::Rehashed(AT));
        assert_eq!(renewed().expect("no need"), Stamped::Already);
        // From now on by the new hash.
        let again = stamp(out.path(), &by, true).expect("an honest authority");
        assert_eq!(again, Stamped::Renewed(AT));
        let bytes = fs::read(out.path().join(RECORD)).expect("a record");
        let record = EvidenceRecord::read(&bytes).expect("a record");
        assert_eq!((record.hash(), record.stamps().count()), (Hash::Sha512, 3));
        let list = fs::read_to_string(out.path().join("batch.sha512")).expect("a list");
        let paths = list
            .lines()
            .map(|line| line.split_once("  ").expect("two").1);
        assert_eq!(paths.collect::<Vec<_>>(), ["batch.json", "manifest.jsonl"]);
        let proof = Proof {
            batch: prove::header_of(out.path()).expect("a header").1,
            leaf: lines[0].clone(),
            bytes: None,
            index: 0,
            leaves: 3,
            path: Vec::new(),
        };
        let fault = record_of(out.path(), &proof).expect_err("of the batch alone");
        assert_eq!(fault.code(), "EVD-007");
        // A file that was changed gets no new proof.
        fs::write(out.path().join("manifest.jsonl"), "\n").expect("written");
        let fault = rehash(out.path(), &by, Hash::Sha384).expect_err("changed");
        assert_eq!(fault.code(), "EVD-006");
    }

    #[test]
    fn a_hash_that_ends_within_the_span_is_followed_by_the_strongest() {
        let (day, all) = (time::Duration::DAY, Which::All);
        let within = |days| Which::Within(days * day);
        let next = |hash, ends, which| successor(hash, ends, which, AT);
        assert_eq!(next(Hash::Sha256, None, all), None);
        let ends = Some(AT + 30 * day);
        assert_eq!(next(Hash::Sha256, ends, within(29)), None);
        assert_eq!(next(Hash::Sha256, ends, within(30)), Some(Hash::Sha512));
        assert_eq!(next(Hash::Sha384, ends, all), Some(Hash::Sha512));
        assert_eq!(next(Hash::Sha512, ends, all), None);
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
