//! A kept document of the package: its recorded state against its bytes, its trust, its text.

use super::{Examined, ForeignSignature, Remark, examine};
use crate::model::Digest;
use crate::model::manifest::{DocumentRecord, PublishedPage};
use crate::verify::certificate::{self, Standing};
use crate::verify::finding::{Code, Finding, Findings, Place};
use crate::verify::report::{Chain, SignatureFacts};
use crate::verify::seal::{self, Yardstick};

/// Judges the signatures of a kept document; the facts are those of the outermost signature.
pub fn audit(
    bytes: &[u8],
    document: &DocumentRecord,
    by: &Yardstick<'_>,
    path: &str,
    findings: &mut Findings,
) -> Option<SignatureFacts> {
    let place = Place::file(path);
    let examined = examine(bytes);
    let found = examined.record();
    if found != document.seal {
        let told = |seal| serde_json::to_string(seal).unwrap_or_default();
        let finding = Finding::new(Code::KeptStateDiffers, place.clone());
        findings.add(
            finding
                .with("said", told(&document.seal))
                .with("found", told(&found)),
        );
    }
    for remark in examined.remarks() {
        findings.add(said(remark, &place));
    }
    let mut facts = None;
    for signature in examined.signatures.iter().filter(|one| !one.is_time_stamp) {
        facts = Some(judge_trust(
            signature,
            &examined,
            bytes.len(),
            by,
            &place,
            findings,
        ));
    }
    facts
}

fn said(remark: &Remark, place: &Place) -> Finding {
    Finding::new(remark.code, place.clone()).with("detail", &remark.detail)
}

/// Whom to believe is not the package's word: what speaks against a signer is a doubt.
fn judge_trust(
    signature: &ForeignSignature,
    examined: &Examined,
    length_bytes: usize,
    by: &Yardstick<'_>,
    place: &Place,
    findings: &mut Findings,
) -> SignatureFacts {
    let has = |code| signature.remarks.iter().any(|remark| remark.code == code);
    let alone = examined.remarks.is_empty();
    let mut facts = SignatureFacts {
        intact: alone && !has(Code::KeptBroken) && !has(Code::KeptUnknown) && !has(Code::KeptWeak),
        covers_whole_file: signature.covered_end == length_bytes,
        algorithm_allowed: signature.signer.is_some() && !has(Code::KeptWeak),
        claimed_time: signature.claimed_time,
        ..SignatureFacts::default()
    };
    seal::check_future(facts.claimed_time, by.at, place, findings);
    let Some(signer) = &signature.signer else {
        return facts;
    };
    let claimed = signature.claimed_time.unwrap_or(by.at);
    let Standing {
        chain,
        valid_at_claimed_time,
        key_usage_ok,
    } = certificate::judge(signer, &signature.enclosed, by.trust, claimed);
    facts.signer = Some(signer.subject());
    facts.chain = chain;
    facts.certificate_valid_at_claimed_time =
        valid_at_claimed_time && signature.claimed_time.is_some();
    facts.key_usage_ok = key_usage_ok;
    let doubts = [
        (chain == Chain::Untrusted, "no path to a trusted root"),
        (
            !valid_at_claimed_time,
            "certificate not valid at the claimed time",
        ),
        (!key_usage_ok, "certificate may not be used for signing"),
    ];
    for (_, doubt) in doubts.into_iter().filter(|(holds, _)| *holds) {
        let detail = format!("{}: {doubt}", signer.subject());
        findings.add(said(&Remark::unknown(detail), place));
    }
    facts
}

/// Holds the text beside a kept document against the digests of its pages; returns how many fit.
pub fn check_text(
    text: &[u8],
    pages: &[&PublishedPage],
    path: &str,
    findings: &mut Findings,
) -> u64 {
    let texts: Vec<&[u8]> = text.split(|byte| *byte == b'\x0c').collect();
    if texts.len() != pages.len() {
        let finding = Finding::new(Code::PageCountDiffers, Place::file(path));
        findings.add(finding.with("said", pages.len()).with("found", texts.len()));
    }
    let mut same = 0;
    for (text, page) in texts.iter().zip(pages) {
        let found = Digest::of(text);
        if found == page.text_sha256 {
            same += 1;
        } else {
            let finding = Finding::new(Code::PageTextDiffers, Place::page(path, page.page));
            findings.add(finding.with("said", page.text_sha256).with("found", found));
        }
    }
    same
}
