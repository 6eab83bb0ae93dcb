//! Assemble: a page with its words as a checked PDF/A-2u file, in pages a second.

mod material;

use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

#[divan::bench]
fn assemble_one_page(bencher: Bencher<'_, '_>) {
    let page = material::ReadPage::first();
    bencher
        .counter(ItemsCount::new(1usize))
        .bench(|| page.assemble());
}
