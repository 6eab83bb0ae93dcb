//! Recognize: a cleaned page read with Tesseract on one thread, in pages a second.

mod material;

use divan::Bencher;
use divan::counter::ItemsCount;
use sohoa::stages::recognize::Recognizer;

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 10)]
fn read_a_page(bencher: Bencher<'_, '_>) {
    let scan = material::scans(material::DOSSIER).swap_remove(0);
    let page = material::cleaned(&material::load(&scan));
    let engine = material::engine();
    let picture = material::picture(&scan, &page);
    bencher
        .counter(ItemsCount::new(1usize))
        .bench_local(|| engine.read(&picture));
}
