//! Verify: a package of one dossier proved from its bytes, in pages a second.

mod material;

use divan::Bencher;
use divan::counter::ItemsCount;
use sohoa::verify::{self, Trust, Verdict};

fn main() {
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
