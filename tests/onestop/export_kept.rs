//! Exports of documents that are not as the program wrote them: kept as they came signed, or renewed since.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sohoa::model::Digest;
use sohoa::model::manifest::SealRecord;

use crate::authority;
use crate::export::{FIRST, PACKAGE, Place, judge};
use crate::keys::{pki, trust_switches};
use crate::support::{drop_of, expect_exit, fixture, manifest, run, sohoa};

/// A package of one dossier: a scanned page, and a file that somebody signed before.
fn with_a_kept_document(folder: &Path) -> PathBuf {
    let (drop, out) = (folder.join("drop"), folder.join("out"));
    let dossier = drop.join(FIRST);
    fs::create_dir_all(&dossier).expect("a folder");
    let page = fixture("dossiers/H10.12-241231-0999/Scan1.jpg");
    fs::copy(page, dossier.join("1.jpg")).expect("a copy");
    let signed = PACKAGE.1.join(format!("dossiers/{FIRST}/{FIRST}.02.pdf"));
    fs::copy(signed, dossier.join("2.pdf")).expect("a copy");
    expect_exit(&mut run(&drop, &out), 0);
    out
}

#[test]
fn words_of_a_kept_document_come_from_the_text_beside_it_without_places() {
    let place = Place::new();
    let out = with_a_kept_document(&place.path(""));
    let record = manifest(&out).remove(0);
    let kept = &record.documents[1];
    assert!(matches!(kept.seal, SealRecord::Kept { .. }));
    let export = |form: &str| {
        expect_exit(&mut place.command(&out, form, form), 0);
        place.path(form)
    };
    let (alto, hocr) = (export("alto"), export("hocr"));
    let published = record
        .pages
        .iter()
        .filter_map(|page| page.published.as_ref());
    let pages: Vec<_> = published.filter(|page| page.document == kept.n).collect();
    let name = |ending: &str| kept.file.replace(".pdf", ending);
    let texts = judge(&[Path::new("alto"), &alto]);
    let texts = texts[name(".alto.xml")].as_array().expect("pages").clone();
    assert_eq!(texts.len(), pages.len());
    for (text, page) in texts.iter().zip(&pages) {
        let text = text.as_str().expect("a text");
        assert!(text.contains("Độc lập"), "{text}");
        assert_eq!(Digest::of(text.as_bytes()), page.text_sha256);
    }
    let words: u64 = pages.iter().map(|page| u64::from(page.words)).sum();
    assert_eq!(
        judge(&[Path::new("hocr"), &hocr])[name(".hocr.html")],
        words
    );
    // Of the kept document no word has a place; of the other, which the program made, each has.
    let unplaced = judge(&[Path::new("unplaced"), &alto]);
    let own = record.documents[0].file.replace(".pdf", ".alto.xml");
    assert_eq!(
        (&unplaced[name(".alto.xml")], &unplaced[own]),
        (&words.into(), &0.into())
    );

    // Another text beside it is not passed on.
    let text = kept.text.as_ref().expect("a text");
    fs::write(out.join(format!("dossiers/{FIRST}/{}", text.file)), "khác").expect("writes");
    expect_exit(&mut place.command(&out, "alto", "none"), 10);
}

/// By the machine's own clock, by which the authority stamps.
fn by_the_clock(command: &mut Command, plan: &Path) {
    command
        .arg("--plan")
        .arg(plan)
        .env_remove("SOURCE_DATE_EPOCH");
    expect_exit(command, 0);
}

#[test]
fn a_document_that_was_renewed_goes_out_with_all_its_revisions_and_nothing_behind_them() {
    let place = Place::new();
    let (drop, out) = (place.path("drop"), place.path("out"));
    drop_of("dossiers", &["H10.12-241231-0999"], &drop);
    let evidence = ["root.pem", "issuing.pem", "root.crl.pem", "issuing.crl.der"];
    let plan = format!(
        "[seal]\nlevel = \"B-LTA\"\ntsa = {:?}\nif_unreached = \"stop\"\nfetch = false\nevidence = {:?}\n",
        authority::start(pki()),
        evidence.map(|name| pki().join(name)),
    );
    fs::write(place.path("plan.toml"), plan).expect("writes");
    by_the_clock(&mut run(&drop, &out), &place.path("plan.toml"));
    let record = manifest(&out).remove(0);
    let code = record.dossier.as_ref().expect("a code");
    let file = format!("{code}/{}", record.documents[0].file);
    let document = out.join("dossiers").join(&file);
    let before = fs::read(&document).expect("a document");
    let mut renewal = sohoa();
    renewal.arg("renew").arg(&out).arg("--all");
    by_the_clock(&mut renewal, &place.path("plan.toml"));
    let after = fs::read(&document).expect("a document");
    assert!(after.len() > before.len() && after.starts_with(&before));

    let export = |form: &str| {
        let mut command = sohoa();
        command.arg("export").arg(&out).args(["--to", form, "-o"]);
        command.arg(place.path(&format!(
            "{form}.{}",
            fs::metadata(&document).expect("it").len()
        )));
        command.arg("--profile").arg(place.path("profile.toml"));
        command.args(&trust_switches()[..2]);
        command
    };
    for form in ["bagit", "csv", "alto"] {
        expect_exit(&mut export(form), 0);
    }
    let bag = place.path(&format!("bagit.{}", after.len()));
    let payload = walkdir::WalkDir::new(bag)
        .into_iter()
        .map(|entry| entry.expect("an entry"));
    let name = record.documents[0].file.as_str();
    let mut sent = payload.filter(|entry| entry.file_name() == name);
    let sent = sent.next().expect("the document in the bag");
    assert_eq!(fs::read(sent.path()).expect("a document"), after);

    fs::write(&document, [&after[..], b"% more\n"].concat()).expect("writes");
    for form in ["bagit", "csv", "alto"] {
        let told = expect_exit(&mut export(form), 10).stderr;
        let told = String::from_utf8(told).expect("UTF-8");
        assert!(told.contains("EXP-001"), "{form}: {told}");
    }
}
