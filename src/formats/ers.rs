//! Evidence records (RFC 4998): that data existed at a time, provable for as long as somebody renews it.
//!
//! One record a batch. Its first archive time stamp covers these digests at once: that of `batch.json`,
//! which names the root of the tree of RFC 9162, that of its signature `batch.jws` where it is signed,
//! and the root of the tree of RFC 4998 over all files.
//! The record of one file is the same tokens under a longer reduced hash tree, so a single time stamp
//! serves every page, every file and both trees (docs/evidence.md).
//!
//! Two renewals (RFC 4998, 5.2): of the time stamp, by one more in the same chain, and of the hash
//! tree, by a new chain of another hash, whose first time stamp covers the header and all chains
//! before together, and beside them the list of every file's digest by the new hash.
//!
//! Groups of one digest are never written where more follows is to be hashed: RFC 4998, 4.3, and RFC
//! 6283, 3.2.2, read them differently (a digest of the digest, or the digest itself).

use der::asn1::OctetString;
use der::{Any, Decode, Encode, Sequence};
use spki::AlgorithmIdentifierOwned;

use super::foreign_signature::Hash;
use super::timestamp::Imprint;
use crate::model::Digest;

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

/// Digests that are hashed together, in ascending order.
pub type Group = Vec<Vec<u8>>;

/// What a time stamp covers, and the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveTimeStamp {
    /// The reduced hash tree: in each group what is joined with the digest from below.
    pub groups: Vec<Group>,
    /// The token of RFC 3161, a CMS ContentInfo in DER.
    pub token: Vec<u8>,
}

/// Time stamps of one hash, the oldest first (ArchiveTimeStampChain).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Chain {
    hash: Hash,
    stamps: Vec<ArchiveTimeStamp>,
}

/// The time stamps over one object, the oldest first, in chains of one hash each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRecord {
    chains: Vec<Chain>,
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

/// Without parameters (RFC 5754, 2).
fn algorithm(hash: Hash) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid: hash.oid(),
        parameters: None,
    }
}

/// What the first time stamp of a batch covers, as one group: header, tree, and the header's
/// signature where there is one.
pub fn imprint(covered: &[Digest]) -> Imprint {
    imprint_of(Hash::Sha256, &group_of(covered))
}

fn imprint_of(hash: Hash, group: &Group) -> Imprint {
    Imprint::of(hash, &group.concat())
}

fn group_of(digests: &[Digest]) -> Group {
    ascending(digests.iter().map(|digest| digest.as_bytes().to_vec()))
}

fn ascending(digests: impl IntoIterator<Item = Vec<u8>>) -> Group {
    let mut group: Group = digests.into_iter().collect();
    group.sort();
    group
}

impl EvidenceRecord {
    /// The record of a batch's header, by the token over [`imprint`].
    pub fn of_batch(covered: &[Digest], token: Vec<u8>) -> Self {
        let groups = vec![group_of(covered)];
        let first = Chain {
            hash: Hash::Sha256,
            stamps: vec![ArchiveTimeStamp { groups, token }],
        };
        Self {
            chains: vec![first],
        }
    }

    /// The record of one leaf of the tree, whose siblings up to the root are these; what the first
    /// time stamp covers beside the tree stands last. `None` once the hash tree was renewed: a later
    /// chain covers the files by the list of their digests, not by a tree.
    pub fn of_leaf(&self, leaf: Digest, path: &[Digest], tree: Digest) -> Option<Self> {
        let [chain] = self.chains.as_slice() else {
            return None;
        };
        let covered = chain.stamps.first()?.groups.first()?;
        let beside = covered.iter().filter(|one| one[..] != tree.as_bytes()[..]);
        let siblings = path.iter().map(|sibling| group_of(&[*sibling]));
        let mut groups: Vec<Group> = siblings.chain([beside.cloned().collect()]).collect();
        groups[0].push(leaf.as_bytes().to_vec());
        groups[0].sort();
        let mut own = self.clone();
        own.chains[0].stamps[0].groups = groups;
        Some(own)
    }

    /// What the next time stamp must cover, before the last one lapses (RFC 4998, 5.2, time-stamp
    /// renewal): the last token, in a group with the header.
    pub fn renewal_imprint(&self, header: &[u8]) -> Imprint {
        imprint_of(self.hash(), &self.renewal_group(header))
    }

    /// Adds the token over [`Self::renewal_imprint`].
    pub fn renew(&mut self, header: &[u8], token: Vec<u8>) {
        let groups = vec![self.renewal_group(header)];
        let chain = self.chains.last_mut().expect("a record has a chain");
        chain.stamps.push(ArchiveTimeStamp { groups, token });
    }

    fn renewal_group(&self, header: &[u8]) -> Group {
        let both = [&self.newest().token[..], header].map(|bytes| self.digest(bytes));
        ascending(both)
    }

    /// What the first time stamp of a new chain must cover, before the hash of the last one lapses (RFC
    /// 4998, 5.2, hash-tree renewal): the header with all chains before it, and the list of the
    /// digests of all files by the new hash.
    pub fn rehash_imprint(&self, hash: Hash, header: &[u8], sums: &[u8]) -> Imprint {
        imprint_of(hash, &self.rehash_group(hash, header, sums))
    }

    /// Adds the token over [`Self::rehash_imprint`].
    pub fn rehash(&mut self, hash: Hash, header: &[u8], sums: &[u8], token: Vec<u8>) {
        let groups = vec![self.rehash_group(hash, header, sums)];
        let stamps = vec![ArchiveTimeStamp { groups, token }];
        self.chains.push(Chain { hash, stamps });
    }

    fn rehash_group(&self, hash: Hash, header: &[u8], sums: &[u8]) -> Group {
        let octets = |bytes: &[u8]| hash.digest(bytes).as_ref().to_vec();
        let before = self
            .sequence()
            .to_der()
            .expect("short lists of short values");
        // h(i)' = H(h(i) ‖ ha(i)), RFC 4998, 5.2, step 4.
        let header = octets(&[octets(header), octets(&before)].concat());
        ascending([header, octets(sums)])
    }

    /// The time stamps, the oldest first.
    pub fn stamps(&self) -> impl Iterator<Item = &ArchiveTimeStamp> {
        self.chains.iter().flat_map(|chain| &chain.stamps)
    }

    /// The newest time stamp.
    pub fn newest(&self) -> &ArchiveTimeStamp {
        self.stamps().last().expect("a record has a time stamp")
    }

    /// The hash of the newest chain.
    pub fn hash(&self) -> Hash {
        self.chains.last().expect("a record has a chain").hash
    }

    /// The digests that the first time stamp of all covers, where it is the record of a batch.
    pub fn covered(&self) -> Option<&Group> {
        match self.stamps().next()?.groups.as_slice() {
            [group] => Some(group),
            _ => None,
        }
    }

    fn digest(&self, bytes: &[u8]) -> Vec<u8> {
        self.hash().digest(bytes).as_ref().to_vec()
    }

    /// ArchiveTimeStampSequence.
    fn sequence(&self) -> Vec<Vec<StampSyntax>> {
        let chain = |chain: &Chain| {
            let stamps = chain.stamps.iter().map(|stamp| StampSyntax {
                algorithm: Some(algorithm(chain.hash)),
                groups: Some(stamp.groups.iter().map(octets).collect()),
                token: Any::from_der(&stamp.token).expect("a token was read as DER"),
            });
            stamps.collect()
        };
        self.chains.iter().map(chain).collect()
    }

    /// The record in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let mut digest_algorithms = Vec::new();
        for chain in &self.chains {
            let used = algorithm(chain.hash);
            if !digest_algorithms.contains(&used) {
                digest_algorithms.push(used);
            }
        }
        let record = RecordSyntax {
            version: 1,
            digest_algorithms,
            sequence: self.sequence(),
        };
        record.to_der().expect("short lists of short values")
    }

    /// Reads a record that this program wrote.
    pub fn read(der: &[u8]) -> Result<Self, ErsFault> {
        let record = RecordSyntax::from_der(der).map_err(|_| ErsFault::Syntax)?;
        let chains: Result<Vec<Chain>, _> = record.sequence.iter().map(|c| read_chain(c)).collect();
        let read = Self { chains: chains? };
        // Whatever else could be read so was written by another.
        match !read.chains.is_empty() && read.to_der() == der {
            true => Ok(read),
            false => Err(ErsFault::Foreign),
        }
    }
}

fn read_chain(stamps: &[StampSyntax]) -> Result<Chain, ErsFault> {
    let first = stamps.first().ok_or(ErsFault::Foreign)?;
    let named = first.algorithm.as_ref().ok_or(ErsFault::Foreign)?;
    let hash = Hash::of(named.oid).ok_or(ErsFault::Foreign)?;
    let stamps: Result<Vec<_>, _> = stamps.iter().map(read_stamp).collect();
    let stamps = stamps?;
    Ok(Chain { hash, stamps })
}

fn read_stamp(stamp: &StampSyntax) -> Result<ArchiveTimeStamp, ErsFault> {
    let groups = stamp.groups.as_ref().ok_or(ErsFault::Foreign)?;
    let group =
        |group: &Vec<OctetString>| group.iter().map(|one| one.as_bytes().to_vec()).collect();
    Ok(ArchiveTimeStamp {
        groups: groups.iter().map(group).collect(),
        token: stamp.token.to_der().map_err(|_| ErsFault::Syntax)?,
    })
}

fn octets(group: &Group) -> Vec<OctetString> {
    let octets = group
        .iter()
        .map(|digest| OctetString::new(digest.as_slice()));
    octets.map(|octets| octets.expect("64 bytes fit")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::merkle::Join;

    const HEADER: &[u8] = b"header";

    /// Some DER in the place of a token.
    fn token(number: u8) -> Vec<u8> {
        vec![0x04, 0x02, 0xAA, number]
    }

    /// RFC 4998, 4.3: each group with the digest from below, sorted, joined, hashed.
    fn covered(hash: Hash, groups: &[Group], object: &[u8]) -> Option<Imprint> {
        let (first, rest) = groups.split_first()?;
        if !first.iter().any(|one| one == object) {
            return None;
        }
        let join = |group: Vec<Vec<u8>>| imprint_of(hash, &ascending(group));
        let up =
            |node: Imprint, group: &Group| join([&group[..], &[node.as_bytes().to_vec()]].concat());
        Some(rest.iter().fold(join(first.clone()), up))
    }

    fn stamp(record: &EvidenceRecord, number: usize) -> &ArchiveTimeStamp {
        record.stamps().nth(number).expect("as many")
    }

    #[test]
    fn the_record_of_a_leaf_leads_to_what_that_of_the_batch_covers() {
        let (header, leaf) = (Digest::of(HEADER), Digest::of(b"leaf"));
        for steps in [0, 1, 20] {
            let path: Vec<Digest> = (0..steps).map(|n: u8| Digest::of(&[n])).collect();
            let join = |node, sibling: &Digest| Join::Rfc4998.of(&node, sibling);
            let tree = path.iter().fold(leaf, join);
            let all = [header, tree, Digest::of(b"signature")];
            let mut batch = EvidenceRecord::of_batch(&all, token(1));
            let reached = |record: &EvidenceRecord, number, object: &[u8]| {
                covered(Hash::Sha256, &stamp(record, number).groups, object)
            };
            assert_eq!(reached(&batch, 0, header.as_bytes()), Some(imprint(&all)));
            let renewed = batch.renewal_imprint(HEADER);
            batch.renew(HEADER, token(2));
            let own = batch.of_leaf(leaf, &path, tree).expect("one chain");
            assert_eq!(reached(&own, 0, leaf.as_bytes()), Some(imprint(&all)));
            let last = Digest::of(&token(1));
            assert_eq!(reached(&own, 1, last.as_bytes()), Some(renewed));
            // A group of one digest is read in two ways where something follows from it.
            assert!(own.stamps().all(|stamp| stamp.groups[0].len() >= 2));
        }
    }

    #[test]
    fn a_new_chain_covers_header_and_all_chains_before_by_the_new_hash() {
        let mut record = EvidenceRecord::of_batch(&[Digest::of(HEADER)], token(1));
        let before = record.to_der();
        // The record is SEQUENCE { version, algorithms, ArchiveTimeStampSequence }: its last field.
        let sequence = record.sequence().to_der().expect("encodes");
        assert!(before.ends_with(&sequence));
        let asked = record.rehash_imprint(Hash::Sha512, HEADER, b"sums");
        record.rehash(Hash::Sha512, HEADER, b"sums", token(2));
        let hash = |bytes: &[u8]| Hash::Sha512.digest(bytes).as_ref().to_vec();
        let object = hash(&[hash(HEADER), hash(&sequence)].concat());
        let groups = &stamp(&record, 1).groups;
        assert_eq!(covered(Hash::Sha512, groups, &object), Some(asked));
        assert!(groups[0].contains(&hash(b"sums")));
        // From then on the new hash is that of renewals, and a leaf has no record of its own.
        assert_eq!(record.renewal_imprint(HEADER).hash(), Hash::Sha512);
        assert_eq!(
            record.of_leaf(Digest::of(b"leaf"), &[], Digest::of(b"tree")),
            None
        );
    }

    #[test]
    fn a_record_is_read_back_and_nothing_else_is() {
        let digests = [Digest::of(b"a"), Digest::of(b"b")];
        let mut record = EvidenceRecord::of_batch(&digests, token(1));
        record.renew(HEADER, token(2));
        let one_chain = record.to_der();
        record.rehash(Hash::Sha512, HEADER, b"sums", token(3));
        let der = record.to_der();
        assert_eq!(EvidenceRecord::read(&der), Ok(record));
        for end in 0..der.len() {
            assert!(EvidenceRecord::read(&der[..end]).is_err(), "cut at {end}");
        }
        // Other algorithms of the record than its time stamps use.
        let at = one_chain
            .windows(9)
            .position(|w| w.ends_with(&[3, 4, 2, 1]));
        let at = at.expect("SHA-256") + 8;
        for other in [3, 9] {
            let mut foreign = one_chain.clone();
            foreign[at] = other;
            assert_eq!(EvidenceRecord::read(&foreign), Err(ErsFault::Foreign));
        }
    }
}
