//! What is judged: one page of our writer, sealed by the signers of the test PKI.

use std::fs;
use std::path::{Path, PathBuf};

use sohoa::formats::pdfa::{self, ConformantPdf, DocumentInfo, PageInput, PdfaFault};
use sohoa::formats::raster::{Coding, Dpi, EncodedImage, Space};
use sohoa::formats::signer::RsaPadding;
use sohoa::model::manifest::SealRecord;
use sohoa::model::{Confidence, Digest, Orientation, PageText, Point, PxBox, Word};
use sohoa::stages::seal::{KeyFile, Options, SealFault, seal};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::keys::pki;
use crate::tools::write;

pub(crate) const AT: OffsetDateTime = datetime!(2026-11-21 08:30:00 +7);

/// Signers of the test PKI that must work.
pub(crate) const GOOD: [&str; 6] = [
    "rsa2048",
    "rsa3072",
    "rsa2048_legacy",
    "ecdsa_p256",
    "ecdsa_p384",
    PSS,
];

/// The signer `rsa2048`, padding with PSS.
pub(crate) const PSS: &str = "rsa2048 with PSS";

pub(crate) fn open(name: &str) -> Result<KeyFile, SealFault> {
    let (name, padding) = match name == PSS {
        true => ("rsa2048", RsaPadding::Pss),
        false => (name, RsaPadding::Pkcs1),
    };
    let read = |ending: &str| fs::read(pki().join(format!("{name}.{ending}"))).expect("is made");
    let password = String::from_utf8(read("pass")).expect("text");
    let key = KeyFile::open(&read("p12"), password.trim_end(), AT)?;
    Ok(key.with_padding(padding))
}

pub(crate) fn key(name: &str) -> KeyFile {
    open(name).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

pub(crate) fn sealed(name: &str) -> Vec<u8> {
    let sealed = seal(&unsigned(), &key(name), &Options::default(), AT).expect("seals");
    let SealRecord::Signed {
        level, claimed_at, ..
    } = &sealed.record
    else {
        panic!("{:?}", sealed.record);
    };
    assert_eq!(
        (level.as_str(), claimed_at.as_str()),
        ("PAdES-B-B", "2026-11-21T08:30:00+07:00")
    );
    sealed.pdf.into_bytes()
}

pub(crate) fn signed_files(folder: &Path) -> Vec<PathBuf> {
    let file = |name| write(folder, &format!("{name}.pdf"), &sealed(name));
    GOOD.into_iter().map(file).collect()
}

/// One grey page with one word.
pub(crate) fn unsigned() -> ConformantPdf {
    with_word_at(PxBox {
        x_px: 100,
        y_px: 100,
        w_px: 120,
        h_px: 32,
    })
}

/// One grey page of A4 at 100 dpi whose one word stands here.
pub(crate) fn with_word_at(bounds: PxBox) -> ConformantPdf {
    let (width_px, height_px) = (827, 1169);
    let line = |x_px: u32| Point {
        x_px: x_px as f32,
        y_px: bounds.bottom_px() as f32 - 2.0,
    };
    let text = PageText {
        width_px,
        height_px,
        dpi: 100,
        symbols: Vec::new(),
        words: vec![Word {
            text: "QUYẾT".to_owned(),
            bounds,
            baseline_start: line(bounds.x_px),
            baseline_end: line(bounds.right_px()),
            confidence: Confidence::from_pct(95),
            block: 0,
            line: 0,
            leads_on: false,
        }],
    };
    let info = DocumentInfo {
        title: "Quyết định thử".to_owned(),
        subject: None,
        author: None,
        identity: Digest::of(b"one grey page"),
    };
    let page: Result<PageInput<'_>, PdfaFault> = Ok(PageInput {
        image: grey_image(width_px, height_px),
        orientation: Orientation::UPRIGHT,
        dpi: Dpi { x: 100.0, y: 100.0 },
        text: &text,
    });
    pdfa::write(&info, [page]).expect("conforms")
}

fn grey_image(width_px: u32, height_px: u32) -> EncodedImage {
    use std::io::Write;
    let mut deflated = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut row = vec![220; width_px as usize + 1];
    row[0] = 0; // PNG predictor "none"
    for _ in 0..height_px {
        deflated
            .write_all(&row)
            .expect("a vector takes every write");
    }
    EncodedImage {
        width_px,
        height_px,
        coding: Coding::FlatePng,
        space: Space::Gray,
        bytes: deflated.finish().expect("a vector takes every write"),
    }
}
