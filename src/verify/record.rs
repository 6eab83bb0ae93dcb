//! The evidence record of a batch (RFC 4998), followed with code of the auditor's own.
//!
//! The record's first time stamp must cover this header, its signature and the recomputed tree, and each
//! later one the one before (RFC 4998, 4.3 and 5.3). Whether their authorities are to be trusted, the judge
//! of any PDF's time stamps says, the newest first. A chain of another hash (hash-tree renewal) must cover the
//! header with all chains before it, and the list of all files by its hash ([`super::list`]). A record that holds throughout is a proof that
//! every file of the tree existed at its first time (ETSI EN 319 102-1, 5.6).

use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use der::asn1::{ObjectIdentifier, OctetString, OctetStringRef};
use der::{Any, AnyRef, Decode, Encode, Header, Reader, Sequence, SliceReader};
use spki::AlgorithmIdentifierOwned;
use time::OffsetDateTime;

use super::batch_signature::SIGNATURE;
use super::dossier;
use super::finding::{Code, Finding, Findings, Place};
use super::folder::{Folder, Unopened};
use super::judge::crypto::Hash;
use super::judge::{self, TimestampReport};
use super::limits;
use super::list::List;
use super::proof::sha256;
use super::report::RecordFacts;
use super::seal::Yardstick;
use crate::model::Digest;

/// The record's name in a package.
pub const RECORD: &str = "batch.ers";

const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordFlaw {
    /// Not the syntax of RFC 4998 in DER.
    #[error("not an evidence record")]
    Syntax,
    /// A hash that is not known, is not told beforehand, or does not change where it has to.
    #[error("algorithm")]
    Algorithm,
    /// Its first list is not header and tree of this package.
    #[error("first hash list is not of this package")]
    OtherBatch,
    /// A later first list does not hold the digest of the token before.
    #[error("renewal does not cover the time stamp before")]
    Renewal,
    /// A later chain does not cover the header with all chains before it.
    #[error("hash-tree renewal does not cover the chains before")]
    HashTree,
    /// The list of all files by the new hash is missing or another.
    #[error("list of the files by the new hash is another")]
    List,
    /// A token's imprint is not what the lists lead to.
    #[error("time stamp covers something else")]
    Imprint,
}

#[derive(Sequence)]
struct Record {
    version: u8,
    algorithms: Vec<AlgorithmIdentifierOwned>,
    chains: Vec<Vec<Stamp>>,
}

#[derive(Clone, Sequence)]
struct Stamp {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    algorithm: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    lists: Option<Vec<Vec<OctetString>>>,
    token: Any,
}

/// A time stamp and the bytes it is over.
type Stamped = (Vec<u8>, Vec<u8>);

/// Digests that are hashed together.
type Group = Vec<Vec<u8>>;

/// What a record says to cover, all lists and imprints being in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Followed {
    /// Its time stamps, the oldest first.
    row: Vec<Stamped>,
    /// The hash of each chain, and the number of its first time stamp.
    chains: Vec<(Hash, usize)>,
    /// The root of the tree that the first time stamp covers.
    tree: Digest,
    /// The first time stamp covers the batch's signature as well.
    covers_signature: bool,
    /// The digest of the list of all files that the newest chain covers, where it is not the first.
    list: Option<Vec<u8>>,
}

/// A record that leads through its time stamps; whether it is about this package, its tree tells.
pub struct Opened {
    /// What is known of it.
    pub facts: RecordFacts,
    /// All files by the newest hash, where that is not the first.
    pub list: Option<List>,
    tree: Digest,
}

/// Opens the record of a package, where it has one, and judges its time stamps.
pub fn open(
    folder: &Folder,
    header: &[u8],
    by: &Yardstick<'_>,
    findings: &mut Findings,
) -> Option<Opened> {
    match read(folder, header) {
        Ok(read) => read.map(|(followed, list)| judged(followed, list, by, findings)),
        Err(finding) => {
            findings.add(finding);
            None
        }
    }
}

fn read(folder: &Folder, header: &[u8]) -> Result<Option<(Followed, Option<List>)>, Finding> {
    let file = match folder.file(RECORD) {
        Err(Unopened::Missing) => return Ok(None),
        file => file.map_err(|why| dossier::unopened(RECORD, why))?,
    };
    let der = file.read(limits::RECORD_BYTES);
    let der = der.map_err(|fault| dossier::unreadable(RECORD, &fault))?;
    let der = der.ok_or_else(|| dossier::over_budget(RECORD, limits::RECORD_BYTES))?;
    // What is wrong with the file of the signature is told where that is judged.
    let signature = folder.file(SIGNATURE).ok();
    let signature = signature.and_then(|file| file.read(limits::JWS_BYTES).ok()?);
    let signature = signature.map(|token| sha256(&[&token]));
    let followed = follow(&der, header, signature).map_err(broken)?;
    let list = match (&followed.list, followed.chains.last()) {
        (Some(digest), Some((hash, _))) => {
            let list = List::read(folder, *hash, digest)?;
            Some(list.ok_or_else(|| broken(RecordFlaw::List))?)
        }
        _ => None,
    };
    Ok(Some((followed, list)))
}

fn broken(flaw: RecordFlaw) -> Finding {
    Finding::new(Code::RecordBroken, Place::file(RECORD)).with("detail", flaw)
}

/// RFC 4998, 5.3: each time stamp is judged at the time that the next one proves, and one that
/// proves nothing leaves the whole record without proof; so does a hash that was not renewed in time.
fn judged(
    followed: Followed,
    list: Option<List>,
    by: &Yardstick<'_>,
    findings: &mut Findings,
) -> Opened {
    let (timestamps, reasons) = judge::time_stamps(&followed.row, by.trust, by.at);
    reasons.into_iter().for_each(|mut reason| {
        reason.place = Place::file(RECORD);
        findings.add(reason);
    });
    let ended = outlived(&followed.chains, &timestamps, by.at, &judge::digest_holds);
    if let Some(name) = ended {
        let detail = format!("{name} was not renewed before its end");
        let finding = Finding::new(Code::TimestampUnproven, Place::file(RECORD));
        findings.add(finding.with("detail", detail));
    }
    let all_prove = timestamps.iter().all(|stamp| stamp.proves_time);
    let first = timestamps.first().filter(|_| all_prove && ended.is_none());
    let facts = RecordFacts {
        proven_time: first.and_then(|stamp| stamp.time),
        covers_batch_signature: followed.covers_signature,
        hashes: followed
            .chains
            .iter()
            .map(|(hash, _)| hash.name())
            .collect(),
        timestamps,
    };
    let tree = followed.tree;
    Opened { facts, list, tree }
}

/// The hash that was no longer to be relied on when the next chain began, or is not now (RFC 4998, 5.3).
fn outlived(
    chains: &[(Hash, usize)],
    timestamps: &[TimestampReport],
    now: OffsetDateTime,
    holds: &dyn Fn(&str, OffsetDateTime) -> bool,
) -> Option<&'static str> {
    let next = chains
        .iter()
        .skip(1)
        .map(|(_, first)| timestamps.get(*first));
    let ends = next.map(|stamp| stamp.and_then(|stamp| stamp.time));
    let ends = ends.chain([Some(now)]);
    let mut each = chains.iter().map(|(hash, _)| hash.name()).zip(ends);
    each.find_map(|(name, end)| (!end.is_some_and(|end| holds(name, end))).then_some(name))
}

impl Opened {
    /// What is known of the record, where the recomputed tree is the one that it covers.
    pub fn of_tree(self, tree: Option<Digest>, findings: &mut Findings) -> Option<RecordFacts> {
        if tree == Some(self.tree) {
            return Some(self.facts);
        }
        findings.add(broken(RecordFlaw::OtherBatch));
        None
    }
}

/// Follows the record's lists through all its time stamps.
pub(super) fn follow(
    der: &[u8],
    header: &[u8],
    signature: Option<Digest>,
) -> Result<Followed, RecordFlaw> {
    let record = Record::from_der(der).map_err(|_| RecordFlaw::Syntax)?;
    let Some(first) = record.chains.first().and_then(|chain| chain.first()) else {
        return Err(RecordFlaw::Syntax);
    };
    if record.version != 1 || record.algorithms.is_empty() {
        return Err(RecordFlaw::Syntax);
    }
    let (tree, covers_signature) = told_tree(first, sha256(&[header]), signature)?;
    let mut followed = Followed {
        row: Vec::new(),
        chains: Vec::new(),
        tree,
        covers_signature,
        list: None,
    };
    for (number, chain) in record.chains.iter().enumerate() {
        let hash = hash_of(chain, &record.algorithms)?;
        let before = followed.chains.last().map(|(hash, _)| *hash);
        match before {
            None if hash != Hash::Sha256 => return Err(RecordFlaw::Algorithm),
            None => {}
            Some(before) if before == hash => return Err(RecordFlaw::Algorithm),
            Some(_) => {
                let first = chain.first().ok_or(RecordFlaw::Syntax)?;
                let list = told_list(first, hash, header, &record.chains[..number])?;
                followed.list = Some(list);
            }
        }
        followed.chains.push((hash, followed.row.len()));
        follow_chain(chain, hash, header, &mut followed.row)?;
    }
    Ok(followed)
}

/// RFC 4998, 5.3: one hash for all time stamps of a chain, told at the head of the record.
fn hash_of(chain: &[Stamp], told: &[AlgorithmIdentifierOwned]) -> Result<Hash, RecordFlaw> {
    let named = |stamp: &Stamp| stamp.algorithm.as_ref().map(|one| one.oid);
    let first = chain.first().ok_or(RecordFlaw::Syntax)?;
    let oid = named(first).ok_or(RecordFlaw::Algorithm)?;
    let one = chain.iter().all(|stamp| named(stamp) == Some(oid));
    let hash = Hash::named(oid).map_err(|_| RecordFlaw::Algorithm)?;
    match one && hash != Hash::Sha1 && told.iter().any(|one| one.oid == oid) {
        true => Ok(hash),
        false => Err(RecordFlaw::Algorithm),
    }
}

fn follow_chain(
    chain: &[Stamp],
    hash: Hash,
    header: &[u8],
    row: &mut Vec<Stamped>,
) -> Result<(), RecordFlaw> {
    let digest = |bytes: &[u8]| hash.of(&[bytes]).as_ref().to_vec();
    let mut before: Option<Vec<u8>> = None;
    for stamp in chain {
        let listed = group(stamp)?;
        if let Some(token) = before {
            let mut expected = [token, digest(header)];
            expected.sort();
            if listed != expected {
                return Err(RecordFlaw::Renewal);
            }
        }
        let covered = listed.concat();
        let token = stamp.token.to_der().map_err(|_| RecordFlaw::Syntax)?;
        let (by, imprint) = imprint(&token).ok_or(RecordFlaw::Syntax)?;
        if Hash::named(by) != Ok(hash) || imprint != digest(&covered) {
            return Err(RecordFlaw::Imprint);
        }
        before = Some(digest(&token));
        row.push((token, covered));
    }
    Ok(())
}

/// The one list of a time stamp of ours, whose digests ascend (RFC 4998, 4.2).
fn group(stamp: &Stamp) -> Result<Group, RecordFlaw> {
    let [list] = stamp.lists.as_deref().ok_or(RecordFlaw::Syntax)? else {
        return Err(RecordFlaw::OtherBatch);
    };
    let digests: Group = list.iter().map(|one| one.as_bytes().to_vec()).collect();
    match digests.is_sorted_by(|left, right| left < right) {
        true => Ok(digests),
        false => Err(RecordFlaw::OtherBatch),
    }
}

/// The tree among what the first time stamp covers: header and tree, and since it is there the
/// signature of the header.
fn told_tree(
    first: &Stamp,
    header: Digest,
    signature: Option<Digest>,
) -> Result<(Digest, bool), RecordFlaw> {
    let covered = group(first)?;
    let covers_signature = covered.len() == 3;
    let signature = signature.filter(|_| covers_signature);
    let known = |one: &Vec<u8>| {
        let mut known = [Some(header), signature].into_iter().flatten();
        known.any(|digest| one[..] == digest.as_bytes()[..])
    };
    let mut rest = covered.iter().filter(|one| !known(one));
    let tree = rest.next().and_then(|one| one[..].try_into().ok());
    match (covered.len(), tree, rest.next()) {
        (2 | 3, Some(tree), None) => Ok((Digest::from_bytes(tree), covers_signature)),
        _ => Err(RecordFlaw::OtherBatch),
    }
}

/// The digest of the list of all files that a new chain covers beside `H(H(header) ‖ H(chains before))`
/// (RFC 4998, 5.2 and 5.3).
fn told_list(
    first: &Stamp,
    hash: Hash,
    header: &[u8],
    before: &[Vec<Stamp>],
) -> Result<Vec<u8>, RecordFlaw> {
    // What was read as DER is written as it was.
    let chains = before.to_vec().to_der().map_err(|_| RecordFlaw::Syntax)?;
    let parts = [header, &chains].map(|bytes| hash.of(&[bytes]));
    let object = hash.of(&[parts[0].as_ref(), parts[1].as_ref()]);
    match group(first)?.as_slice() {
        [one, list] | [list, one] if one == object.as_ref() => Ok(list.clone()),
        _ => Err(RecordFlaw::HashTree),
    }
}

/// What a token says it covers (RFC 3161, 2.4.2), and by which hash.
fn imprint(token: &[u8]) -> Option<(ObjectIdentifier, Vec<u8>)> {
    let content = ContentInfo::from_der(token).ok()?;
    let signed = content.content.decode_as::<SignedData>().ok()?;
    let inner = signed.encap_content_info;
    let info = inner.econtent.filter(|_| inner.econtent_type == TST_INFO)?;
    let info = info.decode_as::<OctetStringRef<'_>>().ok()?;
    let mut reader = SliceReader::new(info.as_bytes()).ok()?;
    Header::decode(&mut reader).ok()?;
    // Version and policy come first.
    AnyRef::decode(&mut reader).ok()?;
    AnyRef::decode(&mut reader).ok()?;
    let imprint: AnyRef<'_> = reader.decode().ok()?;
    let read = imprint.sequence(|fields| {
        let algorithm = AlgorithmIdentifierOwned::decode(fields)?;
        let digest = OctetStringRef::decode(fields)?;
        Ok((algorithm.oid, digest.as_bytes().to_vec()))
    });
    read.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::ers::{self, EvidenceRecord};
    use crate::formats::fictional_signer::Authority;
    use crate::formats::foreign_signature::Hash as Written;
    use crate::formats::timestamp::fictional::FictionalAuthority;
    use crate::formats::timestamp::{Imprint, Timestamper};
    use time::macros::datetime;

    const HEADER: &[u8] = b"header";
    const AT: OffsetDateTime = datetime!(2026-11-25 12:00 UTC);

    fn authority() -> FictionalAuthority {
        FictionalAuthority::below(&Authority::root(), AT)
    }

    fn token(by: &FictionalAuthority, imprint: &Imprint) -> Vec<u8> {
        let token = by.stamp_over(imprint).expect("an honest authority");
        token.into_der()
    }

    /// A record of these digests with its first time stamp.
    fn first(by: &FictionalAuthority, covered: &[Digest]) -> EvidenceRecord {
        EvidenceRecord::of_batch(covered, token(by, &ers::imprint(covered)))
    }

    fn renewed(by: &FictionalAuthority, record: &mut EvidenceRecord) {
        let next = token(by, &record.renewal_imprint(HEADER));
        record.renew(HEADER, next);
    }

    fn rehashed(by: &FictionalAuthority, record: &mut EvidenceRecord, hash: Written) {
        let next = token(by, &record.rehash_imprint(hash, HEADER, b"list"));
        record.rehash(hash, HEADER, b"list", next);
    }

    /// Number of time stamps, root and whether the signature is covered.
    fn told(
        record: &EvidenceRecord,
        header: &[u8],
        signature: Option<Digest>,
    ) -> Result<(usize, Digest, bool), RecordFlaw> {
        let followed = follow(&record.to_der(), header, signature)?;
        Ok((followed.row.len(), followed.tree, followed.covers_signature))
    }

    fn flaw(record: &EvidenceRecord) -> Option<RecordFlaw> {
        told(record, HEADER, None).err()
    }

    #[test]
    fn what_the_writer_writes_is_followed_through_renewals() {
        let (header, tree) = (Digest::of(HEADER), Digest::of(b"tree"));
        let (by, jws, other) = (authority(), Digest::of(b"jws"), Digest::of(b"another"));
        for signed in [false, true] {
            let mut covered = vec![header, tree];
            covered.extend(signed.then_some(jws));
            let mut record = first(&by, &covered);
            let none = told(&record, HEADER, None);
            let some = told(&record, HEADER, Some(jws));
            assert_eq!(some, Ok((1, tree, signed)));
            // The signature was taken away since, or another stands in its place.
            let gone = match signed {
                true => Err(RecordFlaw::OtherBatch),
                false => some,
            };
            let replaced = told(&record, HEADER, Some(other));
            assert_eq!((none, replaced), (gone, gone));
            renewed(&by, &mut record);
            assert_eq!(told(&record, HEADER, Some(jws)), Ok((2, tree, signed)));
            let flaw = told(&record, b"another", Some(jws));
            assert_eq!(flaw, Err(RecordFlaw::OtherBatch));
        }
    }

    #[test]
    fn a_time_stamp_over_something_else_and_a_renewal_of_another_are_seen() {
        let (header, tree, by) = (Digest::of(HEADER), Digest::of(b"tree"), authority());
        let foreign = token(&by, &Imprint::from(Digest::of(b"something else")));
        let record = EvidenceRecord::of_batch(&[header, tree], foreign.clone());
        assert_eq!(flaw(&record), Some(RecordFlaw::Imprint));
        let mut record = first(&by, &[header, tree]);
        record.renew(HEADER, foreign.clone());
        assert_eq!(flaw(&record), Some(RecordFlaw::Imprint));
        let mut record = first(&by, &[header, tree]);
        let next = token(&by, &record.renewal_imprint(b"another"));
        record.renew(b"another", next);
        assert_eq!(flaw(&record), Some(RecordFlaw::Renewal));
        // The first token is put in the place of another that was renewed.
        let mut renewed_one = EvidenceRecord::of_batch(&[header, tree], foreign);
        renewed(&by, &mut renewed_one);
        assert_eq!(flaw(&renewed_one), Some(RecordFlaw::Imprint));
        let der = renewed_one.to_der();
        for end in 0..der.len() {
            let flaw = follow(&der[..end], HEADER, None).err();
            assert_eq!(flaw, Some(RecordFlaw::Syntax));
        }
    }

    #[test]
    fn renewed_hash_trees_are_followed_each_by_its_hash() {
        let (covered, by) = ([Digest::of(HEADER), Digest::of(b"tree")], authority());
        let mut record = first(&by, &covered);
        renewed(&by, &mut record);
        rehashed(&by, &mut record, Written::Sha384);
        renewed(&by, &mut record);
        rehashed(&by, &mut record, Written::Sha512);
        let followed = follow(&record.to_der(), HEADER, None).expect("in order");
        let chains = [(Hash::Sha256, 0), (Hash::Sha384, 2), (Hash::Sha512, 4)];
        assert_eq!((followed.chains, followed.row.len()), (chains.to_vec(), 5));
        let list = Hash::Sha512.of(&[b"list"]).as_ref().to_vec();
        assert_eq!(followed.list, Some(list));
    }

    #[test]
    fn a_hash_tree_renewed_over_another_header_or_record_or_by_the_same_hash_is_seen() {
        let (covered, by) = ([Digest::of(HEADER), Digest::of(b"tree")], authority());
        let mut record = first(&by, &covered);
        rehashed(&by, &mut record, Written::Sha256);
        assert_eq!(flaw(&record), Some(RecordFlaw::Algorithm));
        let mut record = first(&by, &covered);
        let next = token(
            &by,
            &record.rehash_imprint(Written::Sha512, b"other", b"list"),
        );
        record.rehash(Written::Sha512, b"other", b"list", next);
        assert_eq!(flaw(&record), Some(RecordFlaw::HashTree));
        // Stamped behind a record that had one time stamp more: that one was taken away since.
        let mut longer = first(&by, &covered);
        let mut shorter = longer.clone();
        renewed(&by, &mut longer);
        let next = token(
            &by,
            &longer.rehash_imprint(Written::Sha512, HEADER, b"list"),
        );
        shorter.rehash(Written::Sha512, HEADER, b"list", next.clone());
        assert_eq!(flaw(&shorter), Some(RecordFlaw::Imprint));
        longer.rehash(Written::Sha512, HEADER, b"list", next);
        assert_eq!(flaw(&longer), None);
        // Every byte of the chain before is covered: its list, its algorithm, its token.
        let der = longer.to_der();
        let end = der.len() - 1500;
        for at in (40..end).step_by(97) {
            let mut changed = der.clone();
            changed[at] ^= 1;
            assert!(follow(&changed, HEADER, None).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_hash_counts_until_the_next_chain_begins_or_until_now() {
        let report = |time| TimestampReport {
            time: Some(time),
            intact: true,
            proves_time: true,
            indication: judge::Indication::TotalPassed,
            sub_indication: None,
            judged_at: AT,
            authority: judge::SignerFacts::default(),
        };
        let day = time::Duration::DAY;
        let stamps = [report(AT), report(AT + day), report(AT + 2 * day)];
        let chains = [(Hash::Sha256, 0), (Hash::Sha512, 2)];
        let ends = |name: &'static str, end: OffsetDateTime| {
            move |one: &str, at: OffsetDateTime| one != name || at < end
        };
        let out = |chains, now, holds: &dyn Fn(&str, OffsetDateTime) -> bool| {
            outlived(chains, &stamps, now, holds)
        };
        let now = AT + 9 * day;
        assert_eq!(out(&chains, now, &ends("SHA-256", AT + 3 * day)), None);
        let late = ends("SHA-256", AT + 2 * day);
        assert_eq!(out(&chains, now, &late), Some("SHA-256"));
        let new_ends = ends("SHA-512", AT + 8 * day);
        assert_eq!(out(&chains, now, &new_ends), Some("SHA-512"));
        // Never renewed.
        let early = ends("SHA-256", AT + 5 * day);
        assert_eq!(out(&chains[..1], now, &early), Some("SHA-256"));
        assert_eq!(out(&chains[..1], AT + 4 * day, &early), None);
    }
}
