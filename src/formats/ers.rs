//! Evidence records (RFC 4998): that data existed at a time, provable for as long as somebody renews it.
//!
//! One record a batch. Its first archive time stamp covers two digests at once: that of `batch.json`,
//! which names the root of the tree of RFC 9162, and the root of the tree of RFC 4998 over all files.
//! The record of one file is the same tokens under a longer reduced hash tree, so a single time stamp
//! serves every page, every file and both trees (docs/evidence.md).
//!
//! Groups of one digest are never written where more follows is to be hashed: RFC 4998, 4.3, and RFC
//! 6283, 3.2.2, read them differently (a digest of the digest, or the digest itself).

use der::asn1::{ObjectIdentifier, OctetString};
use der::{Any, Decode, Encode, Sequence};
use spki::AlgorithmIdentifierOwned;

use super::merkle::Join;
use crate::model::Digest;

/// SHA-256 (RFC 5754, 2.2).
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// Why bytes are no evidence record of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErsFault {
    /// Not DER of the syntax of RFC 4998.
    #[error("not an evidence record")]
    Syntax,
    /// Another version, algorithm or content than we write.
    #[error("not an evidence record of this program")]
    Foreign,
}

/// What a time stamp covers, and the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveTimeStamp {
    /// The reduced hash tree: in each group what is joined with the digest from below.
    pub groups: Vec<Vec<Digest>>,
    /// The token of RFC 3161, a CMS ContentInfo in DER.
    pub token: Vec<u8>,
}

/// The time stamps over one object, the oldest first: one chain of one algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRecord {
    stamps: Vec<ArchiveTimeStamp>,
}

#[derive(Sequence)]
struct RecordSyntax {
    version: u8,
    digest_algorithms: Vec<AlgorithmIdentifierOwned>,
    sequence: Vec<Vec<StampSyntax>>,
}

#[derive(Sequence)]
struct StampSyntax {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    algorithm: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    groups: Option<Vec<Vec<OctetString>>>,
    token: Any,
}

fn sha256() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid: SHA256,
        parameters: None,
    }
}

/// What the first time stamp of a batch covers: header and tree, as one group.
pub fn imprint(header: &Digest, tree: &Digest) -> Digest {
    Join::Rfc4998.of(header, tree)
}

impl EvidenceRecord {
    /// The record of a batch's header, by the token over [`imprint`].
    pub fn of_batch(header: Digest, tree: Digest, token: Vec<u8>) -> Self {
        let groups = vec![ascending(header, tree)];
        Self {
            stamps: vec![ArchiveTimeStamp { groups, token }],
        }
    }

    /// The record of one leaf of the tree, whose siblings up to the root are these.
    pub fn of_leaf(&self, leaf: Digest, path: &[Digest], header: Digest) -> Self {
        let mut siblings = path.iter().copied().chain([header]);
        let first = siblings.next().expect("the header at least");
        let mut groups = vec![ascending(leaf, first)];
        groups.extend(siblings.map(|sibling| vec![sibling]));
        let mut stamps = self.stamps.clone();
        if let Some(stamp) = stamps.first_mut() {
            stamp.groups = groups;
        }
        Self { stamps }
    }

    /// What the next time stamp must cover, before the last one lapses (RFC 4998, 5.2, time-stamp
    /// renewal): the last token, in a group with the header.
    pub fn renewal_imprint(&self, header: &Digest) -> Digest {
        Join::Rfc4998.of(&self.last_token(), header)
    }

    /// Adds the token over [`Self::renewal_imprint`].
    pub fn renew(&mut self, header: Digest, token: Vec<u8>) {
        let groups = vec![ascending(self.last_token(), header)];
        self.stamps.push(ArchiveTimeStamp { groups, token });
    }

    /// The time stamps, the oldest first.
    pub fn stamps(&self) -> &[ArchiveTimeStamp] {
        &self.stamps
    }

    fn last_token(&self) -> Digest {
        let last = self.stamps.last().expect("a record has a time stamp");
        Digest::of(&last.token)
    }

    /// The record in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let stamps = self.stamps.iter().map(|stamp| StampSyntax {
            algorithm: Some(sha256()),
            groups: Some(stamp.groups.iter().map(|group| octets(group)).collect()),
            token: Any::from_der(&stamp.token).expect("a token was read as DER"),
        });
        let record = RecordSyntax {
            version: 1,
            digest_algorithms: vec![sha256()],
            sequence: vec![stamps.collect()],
        };
        record.to_der().expect("short lists of short values")
    }

    /// Reads a record that this program wrote.
    pub fn read(der: &[u8]) -> Result<Self, ErsFault> {
        let record = RecordSyntax::from_der(der).map_err(|_| ErsFault::Syntax)?;
        let [chain] = record.sequence.as_slice() else {
            return Err(ErsFault::Foreign);
        };
        let ours = record.version == 1 && record.digest_algorithms == [sha256()];
        let stamps: Result<Vec<_>, _> = chain.iter().map(read_stamp).collect();
        let stamps = stamps?;
        if !ours || stamps.is_empty() {
            return Err(ErsFault::Foreign);
        }
        Ok(Self { stamps })
    }
}

fn read_stamp(stamp: &StampSyntax) -> Result<ArchiveTimeStamp, ErsFault> {
    let groups = stamp.groups.as_ref().ok_or(ErsFault::Foreign)?;
    if stamp
        .algorithm
        .as_ref()
        .is_some_and(|algorithm| *algorithm != sha256())
    {
        return Err(ErsFault::Foreign);
    }
    let digest = |octets: &OctetString| {
        let raw = octets.as_bytes().try_into();
        raw.map(Digest::from_bytes).map_err(|_| ErsFault::Foreign)
    };
    let group = |group: &Vec<OctetString>| group.iter().map(digest).collect();
    Ok(ArchiveTimeStamp {
        groups: groups.iter().map(group).collect::<Result<_, _>>()?,
        token: stamp.token.to_der().map_err(|_| ErsFault::Syntax)?,
    })
}

fn ascending(one: Digest, other: Digest) -> Vec<Digest> {
    vec![one.min(other), one.max(other)]
}

fn octets(group: &[Digest]) -> Vec<OctetString> {
    let octets = group
        .iter()
        .map(|digest| OctetString::new(digest.as_bytes().as_slice()));
    octets.map(|octets| octets.expect("32 bytes fit")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some DER in the place of a token.
    fn token(number: u8) -> Vec<u8> {
        vec![0x04, 0x02, 0xAA, number]
    }

    /// RFC 4998, 4.3: each group with the digest from below, sorted, joined, hashed.
    fn covered(groups: &[Vec<Digest>], object: Digest) -> Option<Digest> {
        let (first, rest) = groups.split_first()?;
        if !first.contains(&object) {
            return None;
        }
        let join = |mut group: Vec<Digest>| {
            group.sort();
            let bytes: Vec<u8> = group.iter().flat_map(|digest| *digest.as_bytes()).collect();
            Digest::of(&bytes)
        };
        let up = |node, group: &Vec<Digest>| join([&group[..], &[node]].concat());
        Some(rest.iter().fold(join(first.clone()), up))
    }

    #[test]
    fn the_record_of_a_leaf_leads_to_what_that_of_the_batch_covers() {
        let (header, leaf) = (Digest::of(b"header"), Digest::of(b"leaf"));
        for steps in [0, 1, 20] {
            let path: Vec<Digest> = (0..steps).map(|n: u8| Digest::of(&[n])).collect();
            let join = |node, sibling: &Digest| Join::Rfc4998.of(&node, sibling);
            let tree = path.iter().fold(leaf, join);
            let mut batch = EvidenceRecord::of_batch(header, tree, token(1));
            let imprint = imprint(&header, &tree);
            assert_eq!(covered(&batch.stamps()[0].groups, header), Some(imprint));
            let renewed = batch.renewal_imprint(&header);
            batch.renew(header, token(2));
            let own = batch.of_leaf(leaf, &path, header);
            assert_eq!(covered(&own.stamps()[0].groups, leaf), Some(imprint));
            let last = covered(&own.stamps()[1].groups, Digest::of(&token(1)));
            assert_eq!(last, Some(renewed));
            assert!(own.stamps().iter().all(|stamp| stamp.groups[0].len() == 2));
        }
    }

    #[test]
    fn a_record_is_read_back_and_nothing_else_is() {
        let mut record = EvidenceRecord::of_batch(Digest::of(b"a"), Digest::of(b"b"), token(1));
        record.renew(Digest::of(b"a"), token(2));
        let der = record.to_der();
        assert_eq!(EvidenceRecord::read(&der), Ok(record));
        for end in 0..der.len() {
            assert!(EvidenceRecord::read(&der[..end]).is_err(), "cut at {end}");
        }
        // SHA-1 as the algorithm of the record.
        let at = der
            .windows(9)
            .position(|w| w.ends_with(&[3, 4, 2, 1]))
            .expect("SHA-256");
        let mut foreign = der.clone();
        foreign[at + 8] = 3;
        assert_eq!(EvidenceRecord::read(&foreign), Err(ErsFault::Foreign));
    }
}
