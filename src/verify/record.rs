//! The evidence record of a batch (RFC 4998), followed with code of the auditor's own.
//!
//! The record's first time stamp must cover this header and the recomputed tree, and each later one the
//! one before (RFC 4998, 4.3 and 5.3). Whether their authorities are to be trusted, the judge of any
//! PDF's time stamps says, the newest first.

use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use der::asn1::{ObjectIdentifier, OctetString, OctetStringRef};
use der::{Any, AnyRef, Decode, Encode, Header, Reader, Sequence, SliceReader};
use spki::AlgorithmIdentifierOwned;

use super::dossier;
use super::finding::{Code, Finding, Findings, Place};
use super::folder::{Folder, Unopened};
use super::judge;
use super::limits;
use super::proof::sha256;
use super::seal::Yardstick;
use crate::model::Digest;

/// The record's name in a package.
pub const RECORD: &str = "batch.ers";

const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordFlaw {
    /// Not the syntax of RFC 4998 in DER.
    #[error("not an evidence record")]
    Syntax,
    /// An algorithm other than SHA-256.
    #[error("algorithm")]
    Algorithm,
    /// Its first list is not header and tree of this package.
    #[error("first hash list is not of this package")]
    OtherBatch,
    /// A later first list does not hold the digest of the token before.
    #[error("renewal does not cover the time stamp before")]
    Renewal,
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

#[derive(Sequence)]
struct Stamp {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    algorithm: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    lists: Option<Vec<Vec<OctetString>>>,
    token: Any,
}

/// A time stamp and the bytes it is over.
type Stamped = (Vec<u8>, Vec<u8>);

/// Judges the record of a package, where it has one.
pub fn examine(
    folder: &Folder,
    header: &[u8],
    tree: &Digest,
    by: &Yardstick<'_>,
    findings: &mut Findings,
) {
    let bytes = match folder.file(RECORD) {
        Err(Unopened::Missing) => return,
        Err(why) => return findings.add(dossier::unopened(RECORD, why)),
        Ok(file) => file.read(limits::RECORD_BYTES),
    };
    let flaw = match bytes {
        Err(fault) => return findings.add(dossier::unreadable(RECORD, &fault)),
        Ok(None) => return findings.add(dossier::over_budget(RECORD, limits::RECORD_BYTES)),
        Ok(Some(der)) => follow(&der, sha256(&[header]), *tree),
    };
    let place = Place::file(RECORD);
    match flaw {
        Ok(row) => {
            let (_, reasons) = judge::time_stamps(&row, by.trust, by.at);
            let reasons = reasons.into_iter();
            reasons.for_each(|mut reason| {
                reason.place = place.clone();
                findings.add(reason);
            });
        }
        Err(flaw) => findings.add(Finding::new(Code::RecordBroken, place).with("detail", flaw)),
    }
}

/// Follows all time stamps; gives them in their order.
pub(super) fn follow(der: &[u8], header: Digest, tree: Digest) -> Result<Vec<Stamped>, RecordFlaw> {
    let record = Record::from_der(der).map_err(|_| RecordFlaw::Syntax)?;
    let [chain] = record.chains.as_slice() else {
        return Err(RecordFlaw::Syntax);
    };
    let allowed = |one: &AlgorithmIdentifierOwned| one.oid == SHA256;
    if record.version != 1 || chain.is_empty() || record.algorithms.is_empty() {
        return Err(RecordFlaw::Syntax);
    }
    if !record.algorithms.iter().all(allowed) {
        return Err(RecordFlaw::Algorithm);
    }
    let mut expected = [header.min(tree), header.max(tree)];
    let mut flaw = RecordFlaw::OtherBatch;
    let mut row = Vec::new();
    for stamp in chain {
        if !stamp.algorithm.iter().all(allowed) {
            return Err(RecordFlaw::Algorithm);
        }
        let [list] = stamp.lists.as_deref().ok_or(RecordFlaw::Syntax)? else {
            return Err(flaw);
        };
        let said = list.iter().map(|octets| octets.as_bytes());
        if !said.eq(expected.iter().map(|digest| &digest.as_bytes()[..])) {
            return Err(flaw);
        }
        let covered = [&expected[0].as_bytes()[..], expected[1].as_bytes()].concat();
        let token = stamp.token.to_der().map_err(|_| RecordFlaw::Syntax)?;
        if imprint(&token).ok_or(RecordFlaw::Syntax)? != sha256(&[&covered]) {
            return Err(RecordFlaw::Imprint);
        }
        let digest = sha256(&[&token]);
        row.push((token, covered));
        expected = [header.min(digest), header.max(digest)];
        flaw = RecordFlaw::Renewal;
    }
    Ok(row)
}

/// What a token says it covers (RFC 3161, 2.4.2), where that is a SHA-256.
fn imprint(token: &[u8]) -> Option<Digest> {
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
    imprint
        .sequence(|fields| {
            let algorithm = AlgorithmIdentifierOwned::decode(fields)?;
            let digest = OctetStringRef::decode(fields)?;
            let raw: Option<[u8; 32]> = digest.as_bytes().try_into().ok();
            Ok(raw
                .filter(|_| algorithm.oid == SHA256)
                .map(Digest::from_bytes))
        })
        .ok()?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::ers::{self, EvidenceRecord};
    use crate::formats::fictional_signer::Authority;
    use crate::formats::timestamp::Timestamper;
    use crate::formats::timestamp::fictional::FictionalAuthority;
    use time::macros::datetime;

    fn authority() -> FictionalAuthority {
        FictionalAuthority::below(&Authority::root(), datetime!(2026-11-25 12:00 UTC))
    }

    fn token(by: &FictionalAuthority, imprint: &Digest) -> Vec<u8> {
        by.stamp(imprint).expect("an honest authority").into_der()
    }

    #[test]
    fn what_the_writer_writes_is_followed_through_renewals() {
        let (header, tree, by) = (Digest::of(b"header"), Digest::of(b"tree"), authority());
        let first = token(&by, &ers::imprint(&header, &tree));
        let mut record = EvidenceRecord::of_batch(header, tree, first);
        let stamps =
            |record: &EvidenceRecord| follow(&record.to_der(), header, tree).map(|row| row.len());
        assert_eq!(stamps(&record), Ok(1));
        let next = token(&by, &record.renewal_imprint(&header));
        record.renew(header, next);
        assert_eq!(stamps(&record), Ok(2));
        let other = Digest::of(b"another");
        for (header, tree) in [(other, tree), (header, other)] {
            let flaw = follow(&record.to_der(), header, tree);
            assert_eq!(flaw, Err(RecordFlaw::OtherBatch));
        }
    }

    #[test]
    fn a_time_stamp_over_something_else_and_a_renewal_of_another_are_seen() {
        let (header, tree, by) = (Digest::of(b"header"), Digest::of(b"tree"), authority());
        let foreign = token(&by, &Digest::of(b"something else"));
        let record = EvidenceRecord::of_batch(header, tree, foreign.clone());
        assert_eq!(
            follow(&record.to_der(), header, tree),
            Err(RecordFlaw::Imprint)
        );
        let first = token(&by, &ers::imprint(&header, &tree));
        let mut record = EvidenceRecord::of_batch(header, tree, first);
        record.renew(header, foreign);
        assert_eq!(
            follow(&record.to_der(), header, tree),
            Err(RecordFlaw::Imprint)
        );
        // The first token is put in the place of another that was renewed.
        let mut renewed = EvidenceRecord::of_batch(header, tree, token(&by, &Digest::of(b"old")));
        let next = token(&by, &renewed.renewal_imprint(&header));
        renewed.renew(header, next);
        let der = renewed.to_der();
        assert!(follow(&der, header, tree).is_err());
        for end in 0..der.len() {
            assert_eq!(follow(&der[..end], header, tree), Err(RecordFlaw::Syntax));
        }
    }
}
