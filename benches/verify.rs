//! Verify: signed PDF files of one page (B-B, RSA-2048) judged by roots and lists, in files a CPU
//! second on one core, beside what `ring` alone takes for it; a package of one dossier proved from
//! its bytes, in pages a second.

mod material;

use divan::Bencher;
use divan::counter::ItemsCount;
use sohoa::stages::seal::{Options, seal};
use sohoa::verify::{self, Trust, Verdict};

fn main() {
    judge_signed_files();
    divan::main();
}

#[divan::bench]
fn prove_a_package(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    std::fs::create_dir(&drop).expect("a folder");
    let source = material::fixtures().join(material::DOSSIER);
    let copied = drop.join(material::DOSSIER);
    std::fs::create_dir(&copied).expect("a folder");
    for scan in std::fs::read_dir(&source).expect("scans") {
        let scan = scan.expect("a scan");
        std::fs::copy(scan.path(), copied.join(scan.file_name())).expect("a copy");
    }
    let out = folder.path().join("out");
    material::run(&drop, &out, &material::engine(), 2);
    let prove = || verify::package(&out, &Trust::none(), material::AT, &|_| {});
    let report = prove();
    assert_eq!(
        report.verdict,
        Verdict::Indeterminate,
        "without roots nothing is valid"
    );
    bencher
        .counter(ItemsCount::new(report.counts.pages))
        .bench(prove);
}

fn judge_signed_files() {
    let pdf = material::ReadPage::first().assemble();
    let key = material::key();
    let signed = seal(&pdf, &key, &Options::default(), material::AT).expect("signs");
    let pki = material::pki();
    let read = |name: &str| std::fs::read(pki.join(name)).expect("scripts/make_test_pki made it");
    let trust = Trust::from_pem(&read("root.pem"), b"").expect("a root");
    let lists = [read("root.crl.der"), read("issuing.crl.der")];
    let trust = trust.with_crls(lists).expect("lists");
    let judge = || verify::pdf(signed.pdf.bytes(), &trust, material::AT);
    let report = judge();
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.reasons);
    material::print_what_ring_takes(signed.pdf.bytes(), &key);
    material::print_a_cpu_second("one file judged, roots and lists given", || {
        judge();
    });
}
