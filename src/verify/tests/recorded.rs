//! The batch's evidence record as the proof of when its files existed (ETSI EN 319 102-1, 5.6).

use time::{Duration, OffsetDateTime};

use super::sample::{CLAIMED, Sample, pki, root};
use super::*;
use crate::formats::ers::{self, EvidenceRecord};
use crate::formats::fictional_signer::{Authority, FictionalSigner};
use crate::formats::foreign_signature::Hash;
use crate::formats::timestamp::Timestamper;
use crate::formats::timestamp::fictional::FictionalAuthority;
use crate::model::Digest;
use crate::verify::judge::{Existence, ProvenBy};

/// When the batch is stamped, when its signers' certificate ends, and when it is audited.
const RECORDED: OffsetDateTime = CLAIMED.saturating_add(Duration::HOUR);
const ENDS: OffsetDateTime = CLAIMED.saturating_add(Duration::DAY);
const LATER: OffsetDateTime = CLAIMED.saturating_add(Duration::days(10));

/// The office whose certificate ends a day after it signed.
fn ending() -> FictionalSigner {
    pki().issuing.signer(|params| params.not_after = ENDS)
}

fn honest() -> FictionalAuthority {
    FictionalAuthority::below(&pki().root, RECORDED)
}

/// What the record of a package covers: header, tree and the header's signature.
fn covered(sample: &Sample) -> [Digest; 3] {
    let mut tree = tree::Tree::default();
    for record in &sample.records {
        if let Some(code) = &record.dossier {
            tree.add_dossier(code, record);
        }
    }
    let digest = |name: &str| Digest::of(&sample.files[name]);
    [
        digest("batch.json"),
        tree.record_root(),
        digest("batch.jws"),
    ]
}

fn record(sample: &mut Sample, covered: &[Digest], by: &FictionalAuthority) {
    let token = by.stamp_over(&ers::imprint(covered)).expect("a token");
    put(sample, &EvidenceRecord::of_batch(covered, token.into_der()));
}

fn put(sample: &mut Sample, record: &EvidenceRecord) {
    let name = "batch.ers".to_owned();
    sample.files.insert(name, record.to_der());
}

/// The list of all files, as `sha512sum` writes it.
fn list(sample: &Sample) -> String {
    let is_listed = |path: &&String| {
        let top = ["batch.json", "batch.jws", "manifest.jsonl"].contains(&path.as_str());
        top || (path.starts_with("dossiers/") && !path.ends_with("record.json"))
    };
    let line = |path: &String| {
        let sum = Hash::Sha512.digest(&sample.files[path]);
        let hex: String = sum.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        format!("{hex}  {path}\n")
    };
    sample.files.keys().filter(is_listed).map(line).collect()
}

/// Renews the hash tree an hour after the first time stamp, over this list.
fn rehash(sample: &mut Sample, list: &str) {
    let mut by = honest();
    by.at = RECORDED + Duration::HOUR;
    let mut record = EvidenceRecord::read(&sample.files["batch.ers"]).expect("a record");
    let (header, list) = (sample.files["batch.json"].clone(), list.as_bytes());
    let token = by.stamp_over(&record.rehash_imprint(Hash::Sha512, &header, list));
    let token = token.expect("a token").into_der();
    record.rehash(Hash::Sha512, &header, list, token);
    put(sample, &record);
    sample
        .files
        .insert("batch.sha512".to_owned(), list.to_vec());
}

fn recorded(signer: &FictionalSigner, by: &FictionalAuthority) -> Sample {
    let mut sample = Sample::made(Some(signer));
    let covered = covered(&sample);
    record(&mut sample, &covered, by);
    sample
}

/// The test's roots with lists from two hours after the signing, one of which may name a signer.
fn informed(revoked: Option<(&FictionalSigner, OffsetDateTime)>) -> Trust {
    let issued = revoked.map_or(CLAIMED, |(_, since)| since) + 2 * Duration::HOUR;
    let serial = |signer: &FictionalSigner| {
        let cert = certificate::Cert::from_der(&signer.certificate_der).expect("DER");
        cert.body.tbs_certificate.serial_number.as_bytes().to_vec()
    };
    let named = revoked.map(|(signer, since)| (serial(signer), since));
    let named = named.as_ref().map(|(serial, since)| (&serial[..], *since));
    let lists = [
        pki().root.revocation_list(issued, None),
        pki().issuing.revocation_list(issued, named),
    ];
    root().with_crls(lists).expect("lists")
}

/// The verdicts on all files, and the codes.
fn told(sample: &Sample, trust: &Trust) -> (Vec<Verdict>, BTreeSet<&'static str>) {
    let report = sample.verify_by(trust, LATER);
    report.findings.iter().for_each(words::assert_fills);
    let verdicts = report.files.iter().map(|file| file.verdict);
    (verdicts.collect(), codes(&report))
}

#[test]
fn what_the_record_proves_outlives_the_end_of_the_signers_certificate() {
    let (signer, trust) = (ending(), informed(None));
    let open = (vec![Verdict::Indeterminate; 2], ["V51"].into());
    assert_eq!(told(&Sample::made(Some(&signer)), &trust), open);
    let sample = recorded(&signer, &honest());
    let valid = (vec![Verdict::Valid; 2], [].into());
    assert_eq!(told(&sample, &trust), valid);
    let report = sample.verify_by(&trust, LATER);
    assert_eq!(report.verdict, Verdict::Valid, "the batch's signature too");
    let facts = report.files[0].signature.as_ref().expect("signed");
    for facts in [facts, report.batch_signature.as_ref().expect("signed")] {
        let proven = (facts.proven_time, facts.proven_by);
        assert_eq!(proven, (Some(RECORDED), Some(ProvenBy::EvidenceRecord)));
    }
    // A proof beside the file gives it no other form.
    assert_eq!(facts.level.as_deref(), Some("PAdES-B-B"));
    let [note] = report.findings.as_slice() else {
        panic!("{:#?}", report.findings)
    };
    let said = (note.code.id(), &*note.params["count"], &*note.params["at"]);
    assert_eq!(said, ("V93", "3", "2026-11-20T10:30:00+00:00"));
}

#[test]
fn a_record_that_is_older_than_the_batchs_signature_proves_the_files_alone() {
    let mut sample = Sample::made(Some(&ending()));
    let covered = covered(&sample);
    record(&mut sample, &covered[..2], &honest());
    let expected = (vec![Verdict::Valid; 2], ["V51"].into());
    assert_eq!(told(&sample, &informed(None)), expected);
}

#[test]
fn a_revocation_harms_only_where_the_record_is_not_older() {
    let signer = pki().issuing.signer(|_| {});
    let (bare, sample) = (Sample::made(Some(&signer)), recorded(&signer, &honest()));
    let at = |since| informed(Some((&signer, since)));
    let later = at(RECORDED + Duration::HOUR);
    let open = (vec![Verdict::Indeterminate; 2], ["V48"].into());
    assert_eq!(told(&bare, &later), open);
    assert_eq!(told(&sample, &later), (vec![Verdict::Valid; 2], [].into()));
    // Between the claimed time and the proven one nobody knows which came first.
    assert_eq!(told(&sample, &at(RECORDED - Duration::MINUTE)), open);
    let invalid = (vec![Verdict::Invalid; 2], ["V08"].into());
    assert_eq!(told(&sample, &at(CLAIMED - Duration::HOUR)), invalid);
}

#[test]
fn a_record_whose_time_stamp_does_not_hold_is_not_trusted_or_is_of_the_future_proves_nothing() {
    let (signer, trust) = (ending(), informed(None));
    let stranger = FictionalAuthority::below(&Authority::root(), RECORDED);
    let mut future = honest();
    future.at = LATER + Duration::HOUR;
    let mut broken = recorded(&signer, &honest());
    let bytes = broken.file("batch.ers");
    // The token ends in its signature, and the record in its token.
    *bytes.last_mut().expect("bytes") ^= 1;
    for (name, sample, code) in [
        ("a stranger", recorded(&signer, &stranger), "V52"),
        ("the future", recorded(&signer, &future), "V52"),
        ("a broken one", broken, "V53"),
    ] {
        let expected = (vec![Verdict::Indeterminate; 2], ["V51", code].into());
        assert_eq!(told(&sample, &trust), expected, "{name}");
    }
    // One whose authority was revoked, or of whom nobody says that it was not.
    let sample = recorded(&signer, &honest());
    let [_, issuing] = sample::lists();
    let unknown = root().with_crls([issuing]).expect("a list");
    let (verdicts, codes) = told(&sample, &unknown);
    assert_eq!(verdicts, vec![Verdict::Indeterminate; 2]);
    assert!(codes.contains("V51") && codes.contains("V52"), "{codes:?}");
}

#[test]
fn a_record_of_another_batch_or_tree_or_signature_proves_nothing() {
    let (signer, other, trust) = (ending(), Digest::of(b"another"), informed(None));
    for place in 0..3 {
        let mut sample = Sample::made(Some(&signer));
        let mut covered = covered(&sample);
        covered[place] = other;
        record(&mut sample, &covered, &honest());
        let expected = (vec![Verdict::Indeterminate; 2], ["V51", "V91"].into());
        assert_eq!(told(&sample, &trust), expected, "{place}");
    }
}

#[test]
fn a_file_that_is_not_the_covered_one_is_not_proven() {
    let (signer, trust) = (ending(), informed(None));
    let mut sample = recorded(&signer, &honest());
    // Signed once more with the same key: sound by itself, and not what was stamped.
    let again = sample::signed(&sample::document(sample::FIRST, 2).0, &signer, CLAIMED);
    *sample.file(&Sample::pdf()) = again;
    let report = sample.verify_by(&trust, LATER);
    let facts = |file: usize| report.files[file].signature.as_ref().expect("signed");
    assert_eq!(
        (facts(0).proven_time, facts(1).proven_time),
        (None, Some(RECORDED))
    );
    assert!(codes(&report).is_superset(&["V01", "V51"].into()));
    assert_eq!(report.files[1].verdict, Verdict::Valid);
}

#[test]
fn a_signature_behind_the_covered_beginning_is_not_proven() {
    let (signer, trust) = (ending(), informed(None));
    let file = sample::signed(&sample::document(sample::FIRST, 1).0, &signer, CLAIMED);
    let by = |bytes| {
        let existed = Existence {
            at: RECORDED,
            bytes,
        };
        let report = judge::judge(&file, &trust, LATER, Some(existed));
        (report.verdict, report.signatures[0].proven_time)
    };
    assert_eq!(by(file.len()), (Verdict::Valid, Some(RECORDED)));
    assert_eq!(by(file.len() - 1), (Verdict::Indeterminate, None));
}

#[test]
fn a_renewed_hash_tree_proves_as_before_and_its_list_names_every_file() {
    let mut sample = recorded(&ending(), &honest());
    let list = list(&sample);
    rehash(&mut sample, &list);
    let trust = informed(None);
    assert_eq!(told(&sample, &trust), (vec![Verdict::Valid; 2], [].into()));
    let report = sample.verify_by(&trust, LATER);
    let facts = report.record.expect("a record");
    assert_eq!(facts.proven_time, Some(RECORDED));
    assert_eq!(facts.hashes, ["SHA-256", "SHA-512"]);
    // The list alone, which a run that died may leave behind, says nothing.
    let mut left = recorded(&ending(), &honest());
    left.files
        .insert("batch.sha512".to_owned(), list.into_bytes());
    assert_eq!(told(&left, &trust), (vec![Verdict::Valid; 2], [].into()));
}

#[test]
fn a_list_that_is_another_than_the_stamped_one_or_names_other_files_is_seen() {
    let (signer, trust) = (ending(), informed(None));
    let made = recorded(&signer, &honest());
    let list = list(&made);
    let mut changed = made.clone();
    rehash(&mut changed, &list);
    changed.file("batch.sha512")[0] ^= 1;
    let mut gone = made.clone();
    rehash(&mut gone, &list);
    gone.files.remove("batch.sha512");
    let open = vec![Verdict::Indeterminate; 2];
    assert_eq!(
        told(&changed, &trust),
        (open.clone(), ["V51", "V91"].into())
    );
    assert_eq!(told(&gone, &trust), (open, ["V02", "V51"].into()));
    // Stamped over another document: as if two files had one SHA-256.
    let at = list.find(&Sample::pdf()).expect("listed") - 3;
    let mut other = list.clone().into_bytes();
    other[at] = if other[at] == b'0' { b'1' } else { b'0' };
    let mut collided = made.clone();
    rehash(&mut collided, str::from_utf8(&other).expect("ASCII"));
    let (verdicts, codes) = told(&collided, &trust);
    assert_eq!(verdicts, [Verdict::Invalid, Verdict::Valid]);
    assert_eq!(codes, ["V51", "V94"].into());
    for other in [
        format!("{list}00  dossiers/more.pdf\n"),
        list.lines()
            .skip(1)
            .map(|line| format!("{line}\n"))
            .collect(),
    ] {
        let mut sample = made.clone();
        rehash(&mut sample, &other);
        assert!(told(&sample, &trust).1.contains("V94"), "{other}");
    }
}
