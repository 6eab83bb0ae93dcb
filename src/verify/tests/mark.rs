//! The visible mark: ours is accepted where it says what the record says, and nothing else is.

use super::sample::{CLAIMED, FIRST, document};
use super::*;
use crate::formats::pades::{self, Claim, Mark};
use crate::model::manifest::SealRecord;

/// A seal that is not as recorded.
const SEAL_DIFFERS: &str = "V29";

const LINES: [&str; 3] = ["SAO Y", "UBND xã Thử Nghiệm", "2026-11-20T16:30:00+07:00"];

/// The sample with a mark of these lines on its first document, of which the record says this.
fn marked(lines: &[&str], said: Option<&str>) -> Sample {
    let (file, _, _) = document(FIRST, 2);
    let claim = Claim {
        at: CLAIMED,
        reason: Some("Số hóa".to_owned()),
        location: None,
    };
    let mark = Mark::of(lines.iter().copied());
    let signed = pades::sign_marked(&file, &pki().signer, &claim, &mark, 0).expect("signs");
    let mut sample = sample();
    let SealRecord::Signed { mark, .. } = &mut sample.records[0].documents[0].seal else {
        panic!("the sample is signed");
    };
    *mark = said.map(str::to_owned);
    sample.replace_pdf(signed.into_bytes());
    sample
}

#[test]
fn a_mark_that_says_what_the_record_says_is_valid() {
    let report = marked(&LINES, Some(&LINES.join("\n"))).verify();
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.findings);
}

#[test]
fn a_mark_that_the_record_does_not_know_is_found() {
    for said in [None, Some("UBND xã khác\n2026-11-20T16:30:00+07:00")] {
        let report = marked(&LINES, said).verify();
        assert_eq!(report.verdict, Verdict::Invalid);
        assert!(
            codes(&report).contains(SEAL_DIFFERS),
            "{:?}",
            report.findings
        );
    }
}

#[test]
fn a_mark_with_another_time_than_the_signatures_is_found() {
    let lines = ["UBND xã Thử Nghiệm", "2026-11-19T16:30:00+07:00"];
    let report = marked(&lines, Some(&lines.join("\n"))).verify();
    assert!(
        codes(&report).contains(SEAL_DIFFERS),
        "{:?}",
        report.findings
    );
}

#[test]
fn a_record_that_tells_of_a_mark_where_none_is_seen_is_found() {
    let mut sample = sample();
    let SealRecord::Signed { mark, .. } = &mut sample.records[0].documents[0].seal else {
        panic!("the sample is signed");
    };
    *mark = Some(LINES.join("\n"));
    sample.refresh();
    assert!(codes(&sample.verify()).contains(SEAL_DIFFERS));
}
