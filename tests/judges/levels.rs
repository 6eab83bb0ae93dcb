//! Signed PDF files of every level, B-B to B-LTA, that pyHanko made: our verdict with given and
//! embedded lists and answers, held against pyHanko's.

use std::path::Path;

use serde_json::Value;
use sohoa::verify::judge::{Level, SubIndication};
use sohoa::verify::{self, Trust, Verdict};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::tools::{json, python, root, run};
use Level::{BaselineB, BaselineLt, BaselineLta, BaselineT};
use SubIndication::{OutOfBoundsNoPoe, RevokedNoPoe, SigConstraintsFailure, TryLater};
use Verdict::{Indeterminate, Invalid, Valid};

/// Specimen, lists and answers given, days after signing, verdict, level, sub-indication.
type Case = (
    &'static str,
    &'static [&'static str],
    i64,
    Verdict,
    Level,
    Option<SubIndication>,
);

const LISTS: &[&str] = &["root.crl", "ca.crl"];

const CASES: &[Case] = &[
    ("b_b", LISTS, 0, Valid, BaselineB, None),
    ("b_b", &[], 0, Indeterminate, BaselineB, Some(TryLater)),
    ("b_b", &["root.crl", "good.ocsp"], 0, Valid, BaselineB, None),
    (
        "b_b",
        &["root.crl", "good_by_the_issuer.ocsp"],
        0,
        Valid,
        BaselineB,
        None,
    ),
    (
        "b_b",
        &["root.crl", "good_by_a_stranger.ocsp"],
        0,
        Indeterminate,
        BaselineB,
        Some(TryLater),
    ),
    (
        "b_b",
        &["root.crl", "good_for_another.ocsp"],
        0,
        Indeterminate,
        BaselineB,
        Some(TryLater),
    ),
    (
        "b_b",
        &["root.crl", "revoked.ocsp"],
        0,
        Invalid,
        BaselineB,
        Some(RevokedNoPoe),
    ),
    (
        "b_b",
        &["root.crl", "ca_revoked_before.crl"],
        0,
        Invalid,
        BaselineB,
        Some(RevokedNoPoe),
    ),
    (
        "b_b",
        &["root.crl", "ca_revoked_after.crl"],
        3,
        Indeterminate,
        BaselineB,
        Some(RevokedNoPoe),
    ),
    (
        "b_b",
        &["root.crl", "ca_delta.crl"],
        0,
        Indeterminate,
        BaselineB,
        Some(TryLater),
    ),
    (
        "b_b",
        &["root.crl", "ca_indirect.crl"],
        0,
        Indeterminate,
        BaselineB,
        Some(TryLater),
    ),
    (
        "b_b",
        &["root.crl", "ca_forged.crl"],
        0,
        Indeterminate,
        BaselineB,
        Some(TryLater),
    ),
    (
        "b_b",
        &["root.crl", "ca_old.crl"],
        0,
        Indeterminate,
        BaselineB,
        Some(TryLater),
    ),
    // By his own word he signed when his certificate had ended.
    (
        "b_b_by_the_ended",
        LISTS,
        0,
        Invalid,
        BaselineB,
        Some(SigConstraintsFailure),
    ),
    ("b_t", LISTS, 0, Valid, BaselineT, None),
    ("b_t", &[], 0, Indeterminate, BaselineT, Some(TryLater)),
    // Revoked a day after the stamped time: the stamp proves that the signature is older.
    (
        "b_t",
        &["root.crl", "ca_revoked_after.crl"],
        3,
        Valid,
        BaselineT,
        None,
    ),
    (
        "b_t",
        &["root.crl", "ca_revoked_before.crl"],
        0,
        Invalid,
        BaselineT,
        Some(RevokedNoPoe),
    ),
    ("b_t_by_the_short_lived", LISTS, 10, Valid, BaselineT, None),
    (
        "b_t_by_the_ended",
        LISTS,
        0,
        Invalid,
        BaselineT,
        Some(SigConstraintsFailure),
    ),
    (
        "b_t_by_no_authority",
        LISTS,
        0,
        Indeterminate,
        BaselineT,
        Some(SubIndication::ChainConstraintsFailure),
    ),
    (
        "b_t_by_a_stranger",
        LISTS,
        0,
        Indeterminate,
        BaselineT,
        Some(SubIndication::NoCertificateChainFound),
    ),
    (
        "b_t_in_the_future",
        LISTS,
        0,
        Indeterminate,
        BaselineT,
        Some(SubIndication::TimestampOrderFailure),
    ),
    ("b_lt", &[], 0, Valid, BaselineLt, None),
    ("b_lt_by_answers", &[], 0, Valid, BaselineLt, None),
    ("b_lta", &[], 0, Valid, BaselineLta, None),
    // Word about the authority of the last stamp has to be newer than the file.
    (
        "b_lta_by_the_short_lived",
        &["root_later.crl", "ca_later.crl"],
        70,
        Valid,
        BaselineLta,
        None,
    ),
    // Nothing proves the time any more, so the signer is judged long after his certificate's end.
    (
        "b_lta_by_the_short_lived",
        &[],
        90,
        Indeterminate,
        BaselineT,
        Some(OutOfBoundsNoPoe),
    ),
];

/// Where we are stricter than pyHanko, and why; docs/verify.md says it for people.
const STRICTER: &[(&str, &str)] = &[("b_t_in_the_future", "a time stamp from the future")];

fn trust(folder: &Path, given: &[&str]) -> Trust {
    let read = |name: &str| std::fs::read(folder.join(name)).expect("made");
    let of = |kind: &'static str| {
        let of_kind = given.iter().filter(move |name| name.ends_with(kind));
        of_kind.map(|name| read(name)).collect::<Vec<_>>()
    };
    let trust = Trust::from_pem(&read("root.pem"), b"").expect("a root");
    let trust = trust.with_crls(of(".crl")).expect("lists");
    trust.with_ocsp(of(".ocsp")).expect("answers")
}

#[test]
fn every_level_is_judged_by_its_own_proofs_and_those_given() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = root().join("tests/judges/level_specimens.py");
    let told = json(&run(python(), &[script, folder.path().to_owned()]));
    let at = told["at"].as_str().expect("a time");
    let at = OffsetDateTime::parse(at, &Rfc3339).expect("a time");
    let mut wrong = Vec::new();
    for (name, given, days, verdict, level, sub) in CASES {
        let file = std::fs::read(folder.path().join(format!("{name}.pdf"))).expect("made");
        // An hour later: stamps carry the time at which they were made.
        let at = at + Duration::days(*days) + Duration::hours(1);
        let report = verify::pdf(&file, &trust(folder.path(), given), at);
        let first = &report.signatures[0];
        let found = (report.verdict, first.level, first.sub_indication);
        if found != (*verdict, Some(*level), *sub) {
            let reasons: Vec<_> = report
                .reasons
                .iter()
                .map(|r| (r.code.id(), &r.params))
                .collect();
            wrong.push(format!("{name} {given:?} +{days}: {found:?} {reasons:?}"));
        }
        let stricter = STRICTER.iter().any(|(stricter, _)| stricter == name);
        let good = told["pyhanko"][*name] == Value::Bool(true);
        if *days == 0 && *given == LISTS && !stricter && good != (report.verdict == Valid) {
            wrong.push(format!("{name}: {:?}, but pyHanko: {good}", report.verdict));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
