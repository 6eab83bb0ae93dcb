//! A valid package is valid; every tampering with it is caught under its own code.

mod hostile;
mod judged;
mod kept;
mod mark;
mod pdf_surgery;
mod recorded;
mod sample;
mod tampering;
mod versions;
mod words;

use std::collections::BTreeSet;

use super::*;
use sample::{AT, CLAIMED, Sample, lists, pki, root, sample, trust};

/// The codes of a report, without mere notes.
fn codes(report: &Report) -> BTreeSet<&'static str> {
    let weighty = report
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Note);
    weighty.map(|finding| finding.code.id()).collect()
}

#[test]
fn an_untouched_package_is_valid() {
    let report = sample().verify();
    assert_eq!(
        report
            .findings
            .iter()
            .map(|f| f.code.id())
            .collect::<Vec<_>>(),
        ["V10"]
    );
    assert_eq!(report.verdict, Verdict::Valid);
    let expected = Counts {
        dossiers: 3,
        files: 2,
        scans: 2,
        pages: 3,
        signatures: 2,
    };
    assert_eq!(report.counts, expected);
    assert!(
        report
            .files
            .iter()
            .all(|file| file.verdict == Verdict::Valid)
    );
}

#[test]
fn the_facts_of_a_signature_stand_beside_the_verdict() {
    let report = sample().verify();
    let facts = report.files[0].signature.as_ref().expect("signed");
    let batch = report.batch_signature.as_ref().expect("signed");
    for facts in [facts, batch] {
        assert!(facts.intact && facts.covers_whole_file && facts.algorithm_allowed);
        assert!(facts.certificate_valid_at_claimed_time && facts.key_usage_ok);
        assert_eq!(facts.chain, Chain::Trusted);
        assert_eq!(facts.revocation, Revocation::Good);
    }
    assert_eq!(facts.level.as_deref(), Some("PAdES-B-B"));
    assert_eq!(facts.claimed_time, Some(sample::CLAIMED));
}

#[test]
fn without_roots_nothing_is_called_valid() {
    let report = sample().verify_by(&Trust::none(), AT);
    assert_eq!(codes(&report), ["V38"].into());
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert!(
        report
            .files
            .iter()
            .all(|file| file.verdict == Verdict::Indeterminate)
    );
}

#[test]
fn without_word_of_revocation_no_package_is_valid() {
    let report = sample().verify_by(&root(), AT);
    assert_eq!(codes(&report), ["V49"].into(), "{:#?}", report.findings);
    assert_eq!(report.verdict, Verdict::Indeterminate);
    let all = report
        .files
        .iter()
        .filter_map(|file| file.signature.as_ref());
    let all: Vec<_> = all.chain(&report.batch_signature).collect();
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|one| one.revocation == Revocation::Unknown));
    // The list of one of two authorities is not enough.
    let [of_root, _] = lists();
    let trust = root().with_crls([of_root]).expect("a list");
    assert_eq!(codes(&sample().verify_by(&trust, AT)), ["V49"].into());
}

#[test]
fn a_signer_revoked_before_or_after_he_says_to_have_signed_is_told_apart() {
    let day = time::Duration::DAY;
    let signer = certificate::Cert::from_der(&pki().signer.certificate_der).expect("DER");
    let serial = signer.body.tbs_certificate.serial_number.as_bytes();
    let revoked = |since| {
        let [of_root, _] = lists();
        let list = pki().issuing.revocation_list(since, Some((serial, since)));
        let trust = root().with_crls([of_root, list]).expect("lists");
        sample().verify_by(&trust, CLAIMED + 3 * day)
    };
    let before = revoked(CLAIMED - day);
    assert_eq!(
        (codes(&before), before.verdict),
        (["V08"].into(), Verdict::Invalid)
    );
    let facts = before.files[0].signature.as_ref().expect("signed");
    assert_eq!(facts.revocation, Revocation::Revoked);
    let after = revoked(CLAIMED + day);
    let expected = (["V48"].into(), Verdict::Indeterminate);
    assert_eq!((codes(&after), after.verdict), expected);
}

#[test]
fn an_unsigned_package_is_indeterminate_with_its_own_codes() {
    let report = Sample::made(None).verify();
    assert_eq!(codes(&report), ["V25", "V28"].into());
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert!(report.files.iter().all(|file| file.signature.is_none()));
}

#[test]
fn the_chain_may_be_lent_beside_the_roots() {
    let roots = sample::pem(&pki().root.der);
    let chain = sample::pem(&pki().issuing.der);
    let trust = Trust::from_pem(roots.as_bytes(), chain.as_bytes()).expect("reads");
    let trust = trust.with_crls(lists()).expect("lists");
    assert_eq!(sample().verify_by(&trust, AT).verdict, Verdict::Valid);
}

#[test]
fn a_folder_that_is_not_there_is_a_finding() {
    let report = package("/nowhere/at/all".as_ref(), &trust(), AT, &|_| {});
    assert_eq!(codes(&report), ["V02"].into());
    assert_eq!(report.verdict, Verdict::Invalid);
}

#[test]
fn progress_is_told_for_every_dossier() {
    let out = tempfile::tempdir().expect("temp folder");
    sample().write(out.path());
    let told = std::sync::Mutex::new(Vec::new());
    let report = package(out.path(), &trust(), AT, &|progress| {
        told.lock().expect("no panic").push(progress.dossiers_done);
    });
    let mut told = told.into_inner().expect("no panic");
    told.sort_unstable();
    assert_eq!((told, report.verdict), (vec![1, 2, 3], Verdict::Valid));
}

#[test]
fn a_report_is_json_with_codes_and_places() {
    let mut broken = sample();
    broken.files.remove(&Sample::pdf());
    let json = serde_json::to_value(broken.verify()).expect("serializes");
    assert_eq!(json["verdict"], "invalid");
    assert_eq!(json["findings"][0]["code"], "V02");
    assert_eq!(json["findings"][0]["place"]["path"], Sample::pdf());
    assert_eq!(json["batch_signature"]["chain"], "trusted");
}

#[test]
fn a_sample_can_be_drawn_again_by_hand_and_hangs_on_names_and_seed_alone() {
    let drawn = |sample: &Sample, seed, size: &str| {
        let out = tempfile::tempdir().expect("temp folder");
        sample.write(out.path());
        let size = size.parse().expect("a size");
        let wishes = Wishes {
            draw: Some(Draw { size, seed }),
            ..Wishes::default()
        };
        let report = delivery(out.path(), &trust(), AT, wishes, &|_| {});
        report.sample.expect("asked for")
    };
    // By the recipe of docs/verify.md: the smallest of three digests.
    let names = [(sample::FIRST, 1), (sample::FIRST, 2), (sample::SECOND, 1)];
    for seed in 0..20u64 {
        let text = |(code, page): &(&str, u32)| format!("sohoa.sample.v1 {seed} {code} 1 {page}");
        let (code, page) = names
            .iter()
            .min_by_key(|name| crate::model::Digest::of(text(name).as_bytes()))
            .expect("three");
        let found = drawn(&sample(), seed, "1");
        assert_eq!(found.population, 3);
        let path = format!("dossiers/{code}/{code}.01.pdf");
        let first = &found.pages[0];
        assert_eq!((&*first.path, first.page), (path.as_str(), *page), "{seed}");
        assert_eq!((&*first.source, first.source_page), ("trang.tif", *page));
    }
    let unsigned = Sample::made(None);
    assert_eq!(drawn(&sample(), 7, "50%"), drawn(&unsigned, 7, "50%"));
    assert_eq!(drawn(&sample(), 7, "50%").pages.len(), 2);
    assert_eq!(drawn(&sample(), 7, "100%").pages.len(), 3);
}

#[test]
fn roots_and_chain_may_be_der_as_well_as_pem() {
    let (root, issuing) = (&pki().root.der, &pki().issuing.der);
    let trust = Trust::from_pem(root, issuing).expect("reads");
    assert_eq!(trust.roots(), 1);
    assert_ne!(sample().verify_by(&trust, AT).verdict, Verdict::Invalid);
    let longer = [root.as_slice(), b"x"].concat();
    assert!(Trust::from_pem(&longer, b"").is_err());
}

#[test]
fn the_words_of_a_page_come_back_where_they_stand() {
    let (file, published, _) = sample::document(sample::FIRST, 2);
    let pages = crate::verify::words::words(file.bytes()).expect("a file of ours");
    assert_eq!(pages.len(), 2);
    for ((page, published), number) in pages.iter().zip(&published).zip(1..) {
        assert_eq!(page.plain(), sample::text_of(sample::FIRST, number));
        let (x, y) = (
            page.width / f64::from(published.width_px),
            page.height / f64::from(published.height_px),
        );
        for (line, words) in page.lines.iter().enumerate() {
            for (column, word) in words.iter().enumerate() {
                // As sample::document lays them: boxes of 100 by 20 px, baselines at their feet.
                let (left, top) = (
                    20.0 + column as f64 * 120.0,
                    40.0 + line as f64 * 40.0 + f64::from(number),
                );
                let near = |found: f64, said: f64| (found - said).abs() <= 12.0;
                assert!(
                    near(word.left / x, left) && near(word.right / x, left + 100.0),
                    "{word:?}"
                );
                assert!(
                    word.top / y <= top + 6.0 && word.bottom / y >= top + 14.0,
                    "{word:?}"
                );
                assert!(
                    near(word.top / y, top) && near(word.bottom / y, top + 20.0),
                    "{word:?}"
                );
            }
        }
    }
    assert_eq!(crate::verify::words::words(b"%PDF-1.7"), None);
}

#[test]
fn a_partial_delivery_may_lack_whole_dossiers_and_scans_and_nothing_else() {
    let found = |sample: &Sample, partial| {
        let out = tempfile::tempdir().expect("temp folder");
        sample.write(out.path());
        let wishes = Wishes {
            partial,
            ..Wishes::default()
        };
        let report = delivery(out.path(), &trust(), AT, wishes, &|_| {});
        let wrong = report.findings.into_iter();
        let wrong = wrong.filter(|finding| finding.severity == Severity::Wrong);
        let mut paths: Vec<String> = wrong.map(|finding| finding.place.path).collect();
        paths.sort();
        paths
    };
    let mut lacking = sample::sample();
    let second = format!("dossiers/{}/", sample::SECOND);
    let scans = format!("dossiers/{}/scans/", sample::FIRST);
    let keeps = |path: &String| !path.starts_with(&second) && !path.starts_with(&scans);
    lacking.files.retain(|path, _| keeps(path));
    assert_eq!(found(&lacking, true), Vec::<String>::new());
    assert!(!found(&lacking, false).is_empty());
    lacking.files.remove(&Sample::pdf());
    assert_eq!(found(&lacking, true), [Sample::pdf()]);
    lacking.file("manifest.jsonl").push(b'\n');
    assert!(found(&lacking, true).len() > 1);
}
