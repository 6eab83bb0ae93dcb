//! What the benchmarks share: a fixture page on its way down the road, and the test key.
#![allow(dead_code)] // each benchmark takes what it needs

use std::path::{Path, PathBuf};
use std::process::Command;

use sohoa::formats::pdfa::ConformantPdf;
use sohoa::formats::raster::EncodedImage;
use sohoa::formats::signer::Signer;
use sohoa::formats::x509::Certificate;
use sohoa::model::{Describer, Digest, DossierCode, PageText};
use sohoa::run::corrections::Corrections;
use sohoa::run::reader::InProcess;
use sohoa::run::{Budget, Plan, Stop, Tools};
use sohoa::stages::assemble::{AssembleFault, AssembleInput, AssemblePage, assemble};
use sohoa::stages::clean::{self, CleanPage};
use sohoa::stages::describe::RuleDescriber;
use sohoa::stages::intake::{self, Entry, ScanFile, ScannedPage};
use sohoa::stages::recognize::{self, PageKey, Picture, Recognizer, Tesseract};
use sohoa::stages::seal::KeyFile;
use time::OffsetDateTime;
use time::macros::datetime;

/// The time of all benchmarks.
pub const AT: OffsetDateTime = datetime!(2026-11-21 08:00:00 +7);

/// A dossier of single JPEG pages.
pub const DOSSIER: &str = "H10.12-221013-0001";

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/dossiers")
}

/// The scans of a fixture dossier.
pub fn scans(name: &str) -> Vec<ScanFile> {
    let entry = Entry::folder(name, fixtures().join(name));
    let options = intake::Options::default();
    let mut survey =
        intake::survey(&entry, &options, &std::env::temp_dir()).expect("no archive to unpack");
    survey.open_files(&entry, &options);
    survey.files
}

pub fn load(scan: &ScanFile) -> ScannedPage {
    scan.load_page(0, &intake::Options::default())
        .expect("a fixture page")
}

pub fn cleaned(page: &ScannedPage) -> CleanPage {
    clean::clean(&page.raster, &clean::Options::default())
}

pub fn engine() -> Tesseract {
    Tesseract::open(&recognize::Options::default()).expect("tesseract-ocr-vie")
}

pub fn picture<'a>(scan: &ScanFile, page: &'a CleanPage) -> Picture<'a> {
    Picture {
        key: PageKey {
            scan: scan.sha256,
            index: 0,
        },
        pixels: &page.reading,
        colors: None,
        dpi: page.reading_dpi,
        to_page: page.to_page,
        page_width_px: page.width_px,
        page_height_px: page.height_px,
        page_dpi: page.dpi,
        orientation: page.orientation,
        max_ms: u32::MAX,
    }
}

/// A page that was read, with all that assembly needs.
pub struct ReadPage {
    scan: ScanFile,
    image: EncodedImage,
    page: CleanPage,
    pub text: PageText,
}

impl ReadPage {
    /// The first page of the dossier.
    pub fn first() -> Self {
        let scan = scans(DOSSIER).swap_remove(0);
        let scanned = load(&scan);
        let page = cleaned(&scanned);
        let text = engine()
            .read(&picture(&scan, &page))
            .expect("a page is read");
        Self {
            scan,
            image: scanned.image,
            page,
            text,
        }
    }

    /// A PDF/A-2u file of this page.
    pub fn assemble(&self) -> ConformantPdf {
        let description = RuleDescriber::default().describe(&[&self.text]);
        let dossier: DossierCode = DOSSIER.parse().expect("a code");
        let pages = [AssemblePage {
            source_sha256: self.scan.sha256,
            source_page: 1,
            orientation: self.page.orientation,
            dpi: self.page.axes_dpi,
            text: &self.text,
        }];
        let input = AssembleInput {
            dossier: &dossier,
            n: 1,
            description: &description,
            pages: &pages,
        };
        let load = |_| Ok::<_, AssembleFault>(self.image.clone());
        assemble(&input, load).expect("a file is made").pdf
    }
}

/// The folder of the test keys, made where it is not there.
pub fn pki() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pki = root.join("target/test/pki");
    let made = Command::new(root.join("scripts/make_test_pki"))
        .arg(&pki)
        .status();
    assert!(made.expect("bash").success());
    pki
}

/// The RSA-2048 test key.
pub fn key() -> KeyFile {
    let pki = pki();
    let read = |name: &str| std::fs::read(pki.join(name)).expect("a test key");
    let password = String::from_utf8(read("rsa2048.pass")).expect("UTF-8");
    KeyFile::open(&read("rsa2048.p12"), password.trim_end(), AT).expect("a good key")
}

/// Does the work for about two CPU seconds and prints how often one CPU second does it; gives the
/// CPU seconds that one takes. Wall time says little on a machine with other work.
pub fn print_a_cpu_second(what: &str, mut work: impl FnMut()) -> f64 {
    (0..20).for_each(|_| work());
    let (start, mut times) = (cpu_s(), 0);
    while cpu_s() - start < 2.0 {
        (0..10).for_each(|_| work());
        times += 10;
    }
    let each_s = (cpu_s() - start) / f64::from(times);
    println!(
        "{what:<52} {:>9.0}/s {:>9.1} us",
        1.0 / each_s,
        each_s * 1e6
    );
    each_s
}

/// What this thread has taken of a processor so far (proc(5), schedstat: nanoseconds first).
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells");
    let nanoseconds = stat.split(' ').next().expect("three numbers");
    nanoseconds.parse::<f64>().expect("a number") / 1e9
}

/// Prints the bare work of `ring` that signing and judging such a file rest on.
pub fn print_what_ring_takes(signed: &[u8], key: &dyn Signer) {
    let value = key.sign(b"message").expect("signs");
    print_a_cpu_second("ring alone: one RSA-2048 signature", || {
        key.sign(b"message").expect("signs");
    });
    let certificate = Certificate::read(key.certificate_der()).expect("a certificate");
    let public = certificate.public_key().expect("an RSA key");
    print_a_cpu_second("ring alone: one RSA-2048 signature checked", || {
        assert!(public.verifies(key.algorithm(), b"message", &value));
    });
    let file = format!("ring alone: SHA-256 of the file ({} bytes)", signed.len());
    print_a_cpu_second(&file, || {
        std::hint::black_box(Digest::of(signed));
    });
    let long = vec![7; 64 << 20];
    let each_s = print_a_cpu_second("SHA-256 of 64 MiB", || {
        std::hint::black_box(Digest::of(&long));
    });
    println!("{:<52} {:>9.2} GB/s", "", long.len() as f64 / each_s / 1e9);
}

/// Makes a package of this drop with the given recogniser.
pub fn run(drop: &Path, out: &Path, engine: &dyn Recognizer, threads: usize) {
    let key = key();
    let plan = Plan::default();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    let reader = InProcess {
        engine,
        plan: &plan,
    };
    let tools = Tools {
        plan: &plan,
        reader: &reader,
        memory: &Budget::new(plan.run.memory_bytes),
        describer: &RuleDescriber::default(),
        corrections: &Corrections::default(),
        signer: Some(&key),
        lasting: None,
        now: &|| AT,
        report: &|_| {},
        pool: &pool,
        stop: &Stop::default(),
    };
    sohoa::run::run(drop, out, &tools).expect("the road is open");
}
