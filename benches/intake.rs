//! Intake: a JPEG page taken out of its scan, in pages a second.

mod material;

use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

#[divan::bench]
fn survey_a_dossier(bencher: Bencher<'_, '_>) {
    let pages = material::scans(material::DOSSIER).len();
    let bencher = bencher.counter(ItemsCount::new(pages));
    bencher.bench(|| material::scans(material::DOSSIER));
}

#[divan::bench]
fn load_a_jpeg_page(bencher: Bencher<'_, '_>) {
    let scan = material::scans(material::DOSSIER).swap_remove(0);
    bencher
        .counter(ItemsCount::new(1usize))
        .bench(|| material::load(&scan));
}
