//! A PDF that comes signed is kept byte for byte, its text put beside it, its state told.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sohoa::model::Digest;
use sohoa::model::manifest::{DossierRecord, Fate, KeptVerdict, SealRecord};

use crate::support::{drop_of, expect_exit, fixture, manifest, run, verify};

const CODE: &str = "H10.33-240722-0088";

/// A signed PDF of several pages: a document of the program itself.
fn signed_pdf(folder: &Path) -> Vec<u8> {
    let (drop, out) = (folder.join("first drop"), folder.join("first"));
    drop_of("dossiers", &[CODE], &drop);
    expect_exit(&mut run(&drop, &out), 0);
    fs::read(out.join(format!("dossiers/{CODE}/{CODE}.01.pdf"))).expect("a document")
}

/// A drop of one dossier: a page, the signed file, another page.
fn drop_with(signed: &[u8], drop: &Path) {
    let dossier = drop.join(CODE);
    fs::create_dir_all(&dossier).expect("a folder");
    let page = fixture("dossiers/H10.12-241231-0999/Scan1.jpg");
    fs::copy(&page, dossier.join("1.jpg")).expect("a copy");
    fs::write(dossier.join("2.pdf"), signed).expect("written");
    let page = fixture("dossiers/H10.12-221014-0002/IMG_001.jpg");
    fs::copy(page, dossier.join("3.jpg")).expect("a copy");
}

fn only_record(out: &Path) -> DossierRecord {
    manifest(out).pop().expect("one dossier")
}

fn verdict_of(record: &DossierRecord) -> KeptVerdict {
    match &record.documents[1].seal {
        SealRecord::Kept { verdict, .. } => *verdict,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_signed_source_is_kept_and_its_text_put_beside_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let signed = signed_pdf(folder.path());
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    drop_with(&signed, &drop);
    expect_exit(&mut run(&drop, &out), 0);

    let record = only_record(&out);
    assert_eq!(record.documents.len(), 3, "the file shares no document");
    let kept = &record.documents[1];
    assert_eq!(kept.sha256, Digest::of(&signed));
    let place = |name: &str| out.join(format!("dossiers/{CODE}/{name}"));
    assert_eq!(fs::read(place(&kept.file)).expect("kept"), signed);
    assert_eq!(verdict_of(&record), KeptVerdict::Sound);
    assert_eq!(kept.pages, record.sources[1].pages);
    let of_the_file = record.pages.iter().filter(|page| page.source == 2);
    assert!(
        of_the_file
            .into_iter()
            .all(|page| page.fate == Fate::Published)
    );

    let text = kept.text.as_ref().expect("its text");
    assert_eq!(text.file, format!("{CODE}.02.txt"));
    let words = fs::read_to_string(place(&text.file)).expect("UTF-8");
    assert_eq!(words.split('\u{c}').count() as u32, kept.pages);
    assert!(words.contains("Độc lập"), "{words}");
    expect_exit(&mut verify(&out), 0);
}

#[test]
fn a_source_changed_after_signing_is_kept_and_told_as_broken() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut signed = signed_pdf(folder.path());
    let reason = b"/Reason";
    let at = signed.windows(reason.len()).position(|at| at == reason);
    let letter = at.expect("a reason") + reason.len() + 5;
    signed[letter] = if signed[letter] == b'0' { b'1' } else { b'0' };
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    drop_with(&signed, &drop);
    let output = expect_exit(run(&drop, &out).arg("--json"), 0);
    let last = String::from_utf8(output.stdout).expect("UTF-8");
    let summary: Value = serde_json::from_str(last.lines().last().expect("a line")).expect("JSON");
    assert_eq!(summary["package"]["kept"]["broken"], 1, "{summary}");

    let record = only_record(&out);
    assert_eq!(record.documents[1].sha256, Digest::of(&signed));
    assert_eq!(verdict_of(&record), KeptVerdict::Broken);
    // The package tells the truth about a file that does not: a doubt, not a lie.
    let report = expect_exit(verify(&out).arg("--json"), 11);
    let report = String::from_utf8(report.stdout).expect("UTF-8");
    assert!(
        report.contains("\"V44\"") && !report.contains("\"V43\""),
        "{report}"
    );

    // Whoever changes the text beside it is found out.
    let text = out.join(format!("dossiers/{CODE}/{CODE}.02.txt"));
    fs::write(&text, "khác").expect("written");
    expect_exit(&mut verify(&out), 10);
}
