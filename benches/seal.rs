//! Seal: one-page files signed PAdES B-B with an RSA-2048 key file, in files a CPU second on one
//! core, beside what `ring` alone takes for it.

mod material;

use sohoa::stages::seal::{Options, seal};

fn main() {
    let pdf = material::ReadPage::first().assemble();
    let key = material::key();
    let options = Options::default();
    let sign = || seal(&pdf, &key, &options, material::AT).expect("signs");
    material::print_what_ring_takes(sign().pdf.bytes(), &key);
    material::print_a_cpu_second("one file signed, PAdES B-B", || {
        sign();
    });
}
