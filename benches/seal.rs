//! Seal: one-page files signed PAdES B-B with an RSA-2048 key file, in files a second.

mod material;

use divan::Bencher;
use divan::counter::ItemsCount;
use sohoa::stages::seal::{Options, seal};

fn main() {
    divan::main();
}

#[divan::bench]
fn sign_one_page_files(bencher: Bencher<'_, '_>) {
    let pdf = material::ReadPage::first().assemble();
    let key = material::key();
    let options = Options::default();
    let sign = || seal(&pdf, &key, &options, material::AT).expect("signs");
    bencher.counter(ItemsCount::new(1usize)).bench(sign);
}
