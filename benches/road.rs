//! The road: all fixture dossiers from the drop into a signed package, in pages a second.

mod material;

use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

#[divan::bench(args = [1, 2], sample_count = 3, sample_size = 1)]
fn all_fixtures(bencher: Bencher<'_, '_>, threads: usize) {
    let engine = material::engine();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("out");
    let pages: u32 = std::fs::read_dir(material::fixtures())
        .expect("the fixtures")
        .flat_map(|entry| material::scans(&entry.expect("a dossier").file_name().to_string_lossy()))
        .map(|scan| scan.pages)
        .sum();
    let bencher = bencher.counter(ItemsCount::new(pages)).with_inputs(|| {
        // An existing package would make a second run find everything done.
        let _ = std::fs::remove_dir_all(&out);
    });
    bencher.bench_local_values(|()| material::run(&material::fixtures(), &out, &engine, threads));
}
