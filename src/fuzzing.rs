//! One door a parser for the fuzzer in `fuzz/`; not there without the feature `fuzzing`.
//!
//! Each takes a stranger's bytes and must come back: no panic of ours, no endless work,
//! no more memory than the limits allow. What it gives is of no interest.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, Write};
use std::sync::{Arc, LazyLock};

use image::GrayImage;
use rustix::fs::{MemfdFlags, memfd_create};
use time::{Date, macros::date};

use crate::formats::foreign_signature::Hash;
use crate::formats::raster::{self, Decoded, Pixels, Raster, RasterFault, webp_bmp};
use crate::formats::{
    barcode, cms, containers, ers, pdfa, sheets, timestamp, tlog, vietnamese, x509,
};
use crate::import;
use crate::model::correction::Correction;
use crate::model::{
    Confidence, Describer, Digest, DossierCode, DossierFacts, Orientation, PageText, Point, PxBox,
    Word,
};
use crate::rates::register::columns::Columns;
use crate::rates::{self, Findings};
use crate::run::Plan;
use crate::stages::describe::{LinearModel, RuleDescriber, TypeTable};
use crate::stages::intake::{self, Kind};
use sohoa_lines::lstm::{LineImage, LineReader, Processor};

pub use crate::verify::fuzzing::{
    archival_package, batch_header, batch_signature, document, log_note, log_proof, manifest_line,
    ocsp_answer, proof, revocation_list, signed_pdf, time_stamp,
};

/// Small, so that a run of a second sees many pages and none of a gigabyte.
const MAX_PIXELS: u64 = 4_000_000;
const MAX_PAGES: u32 = 20;

fn page(decoded: Result<Decoded, RasterFault>) {
    if let Ok(decoded) = decoded {
        // Encoding for keeping belongs to taking in.
        let _ = decoded.into_page();
    }
}

/// TIFF: the chain of directories, then each page.
pub fn tiff(bytes: &[u8]) {
    let (numbers, _) = raster::tiff::inspect(bytes, MAX_PIXELS, MAX_PAGES).unwrap_or_default();
    for number in numbers {
        page(raster::tiff::decode(bytes, number, MAX_PIXELS));
    }
}

/// JPEG: structure, then pixels.
pub fn jpeg(bytes: &[u8]) {
    if raster::jpeg::inspect(bytes, MAX_PIXELS).is_ok() {
        page(raster::jpeg::decode(bytes, MAX_PIXELS, None));
    }
}

/// EXIF, as the first segment of a JPEG without pixels.
pub fn exif(block: &[u8]) {
    let block = &block[..block.len().min(60_000)];
    let length = (block.len() as u16 + 8).to_be_bytes();
    let bytes = [
        b"\xFF\xD8\xFF\xE1",
        &length[..],
        b"Exif\0\0",
        block,
        b"\xFF\xD9",
    ]
    .concat();
    jpeg(&bytes);
}

/// PNG.
pub fn png(bytes: &[u8]) {
    if raster::png::inspect(bytes, MAX_PIXELS).is_ok() {
        page(raster::png::decode(bytes, MAX_PIXELS));
    }
}

/// WebP and BMP, told apart by their first bytes.
pub fn webp_bmp(bytes: &[u8]) {
    if let Some(Kind::Other(format)) = Kind::of(bytes)
        && webp_bmp::inspect(bytes, format, MAX_PIXELS).is_ok()
    {
        page(webp_bmp::decode(bytes, format, MAX_PIXELS));
    }
}

/// PDF: opened, vetted, its first page copied under limits, reckoned and drawn.
pub fn pdf_page(bytes: &[u8]) {
    let options = intake::Options {
        max_page_pixels: MAX_PIXELS,
        max_unpacked_bytes: 16 << 20,
        drawn_page_dpi: 36,
        ..intake::Options::default()
    };
    let _ = intake::first_pdf_page(bytes, &options);
}

/// An archive of any kind, each member poured out under limits.
pub fn archive(bytes: &[u8]) {
    let Some(kind) = containers::Kind::of(bytes) else {
        return;
    };
    let Ok(file) = in_memory(bytes) else { return };
    let limits = containers::Limits {
        max_bytes: 16 << 20,
        max_members: 1000,
        max_ratio: 250,
    };
    let mut take = |member: containers::Member, content: &mut containers::Content<'_>| {
        let _ = vietnamese::read_bytes(&member.name);
        content.pour(&mut std::io::sink()).map(drop)
    };
    let _ = containers::unpack(kind, file, &limits, Arc::default(), &mut take);
}

/// A file that lies nowhere.
fn in_memory(bytes: &[u8]) -> std::io::Result<File> {
    let mut file = File::from(memfd_create(c"fuzz", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}

/// A file name in whatever encoding.
pub fn legacy_name(bytes: &[u8]) {
    let (text, _) = vietnamese::read_bytes(bytes);
    let _ = vietnamese::mended(&text);
}

/// The marks of a separator sheet: each byte a run of dark or light pixels.
pub fn barcode(runs: &[u8]) {
    const SIDE_PX: usize = 300;
    let shades = [0u8, 255].into_iter().cycle();
    let pixels = runs.iter().zip(shades);
    let pixels = pixels.flat_map(|(&run, shade)| std::iter::repeat_n(shade, usize::from(run)));
    let mut pixels: Vec<u8> = pixels.take(SIDE_PX * SIDE_PX).collect();
    pixels.resize(SIDE_PX * SIDE_PX, 255);
    if let Some(picture) = GrayImage::from_raw(SIDE_PX as u32, SIDE_PX as u32, pixels) {
        barcode::marks_of(&Raster {
            pixels: Pixels::Gray(picture),
            dpi: None,
            orientation: Orientation::from_exif(1),
        });
    }
}

/// The table from which separator sheets are printed.
pub fn sheet_list(bytes: &[u8]) {
    let _ = sheets::read_list(bytes);
}

/// What a receiver is handed: a line of a receipts file, the beginning of a bundle's part, a table of units.
pub fn receiving(bytes: &[u8]) {
    let _ = import::receipts::line_of(bytes);
    let _ = import::bundle::PartHead::read(&mut &bytes[..]);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = import::KnownUnits::read(text);
    }
}

/// Our own check of PDF/A-2u.
pub fn pdfa_check(bytes: &[u8]) {
    let _ = pdfa::check(bytes.to_vec());
}

/// A CMS signature, read by the writer's side and by the auditor's.
pub fn cms_signature(bytes: &[u8]) {
    let _ = cms::check_detached(bytes, &[], bytes);
    let _ = cms::check_form(bytes);
    crate::verify::fuzzing::signature(bytes, &[]);
}

/// A certificate and everything that is asked of it.
pub fn certificate(der: &[u8]) {
    if let Ok(certificate) = x509::Certificate::read(der) {
        let _ = (certificate.subject(), certificate.common_name());
        let _ = (certificate.validity(), certificate.may_sign());
        let _ = certificate.public_key();
    }
}

/// A dossier code, from a folder's name and in the text of a page.
pub fn dossier_code(bytes: &[u8]) {
    let _ = String::from_utf8_lossy(bytes).parse::<DossierCode>();
}

/// Vietnamese text: composing, folding, comparing, dates.
pub fn vietnamese(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let composed = vietnamese::compose(&text);
    let folded = vietnamese::fold(&composed);
    let _ = vietnamese::comparison_key(&text);
    let _ = vietnamese::written_dates(&folded, Date::MIN, date!(2026 - 11 - 21)).count();
    if let Some((pattern, rest)) = folded.split_at_checked(folded.len() / 4)
        && let Ok(pattern) = vietnamese::Pattern::new(pattern)
    {
        let _ = pattern.find(rest, 3);
    }
}

/// What is read off a page of text: type, number, date, signer, subject, codes.
pub fn description(bytes: &[u8]) {
    static RULES: LazyLock<RuleDescriber> =
        LazyLock::new(|| RuleDescriber::new(TypeTable::embedded(), date!(2026 - 11 - 21)));
    let page = page_of(&String::from_utf8_lossy(bytes));
    let _ = RULES.signs(&page);
    let _ = RULES.listed(&page);
    let mut described = [RULES.describe(&[&page])];
    let code: DossierCode = "H10.12-221013-0001".parse().expect("a code");
    let dossier = DossierFacts {
        code: &code,
        labels: &BTreeMap::new(),
    };
    RULES.conclude(&dossier, &mut described);
}

/// A province's table of types.
pub fn type_table(bytes: &[u8]) {
    let _ = TypeTable::parse(&String::from_utf8_lossy(bytes));
}

/// A trained model.
pub fn model_file(bytes: &[u8]) {
    let _ = LinearModel::read(bytes);
}

/// A Tesseract model, and a small line read with it.
pub fn line_model(bytes: &[u8]) {
    let pixels: Vec<u8> = (0..30 * 36).map(|at| (at * at % 251) as u8).collect();
    if let Ok(reader) = LineReader::with(bytes, Processor::Portable) {
        let _ = reader.read_lines(&[LineImage::whole(&pixels, 30, 36)]);
    }
}

/// An evidence record, read and written again.
pub fn evidence_record(der: &[u8]) {
    crate::verify::fuzzing::record(der);
    if let Ok(record) = ers::EvidenceRecord::read(der) {
        let header = Digest::of(b"header");
        let _ = (record.to_der(), record.renewal_imprint(der));
        let _ = record.of_leaf(header, &[header], header);
        let _ = record.rehash_imprint(Hash::Sha512, der, der);
    }
}

/// The key of a log and the checkpoint that it wrote.
pub fn log_key(bytes: &[u8]) {
    let _ = tlog::LogKey::read(bytes, "so-hoa.example/nhat-ky");
    let _ = tlog::Checkpoint::read(&String::from_utf8_lossy(bytes));
}

/// Corrections by people, a line each.
pub fn corrections(bytes: &[u8]) {
    let _ = Correction::read_lines(&String::from_utf8_lossy(bytes));
}

/// A plan in TOML.
pub fn plan(bytes: &[u8]) {
    if let Ok(plan) = Plan::from_toml(&String::from_utf8_lossy(bytes)) {
        let _ = plan.digest();
    }
}

/// A page on which each line of the text is a line and each word has its box.
fn page_of(text: &str) -> PageText {
    let mut words = Vec::new();
    for (line, written) in (0u32..60).zip(text.lines()) {
        for (column, word) in (0u32..40).zip(written.split_whitespace()) {
            words.push(word_at(line, column, word));
        }
    }
    PageText {
        width_px: 1654,
        height_px: 2339,
        dpi: 200,
        symbols: Vec::new(),
        words,
    }
}

fn word_at(line: u32, column: u32, text: &str) -> Word {
    let bounds = PxBox {
        x_px: 100 + 36 * column,
        y_px: 100 + 36 * line,
        w_px: 30,
        h_px: 24,
    };
    let baseline = |x_px: u32| Point {
        x_px: x_px as f32,
        y_px: bounds.bottom_px() as f32,
    };
    Word {
        text: text.to_owned(),
        bounds,
        baseline_start: baseline(bounds.x_px),
        baseline_end: baseline(bounds.right_px()),
        confidence: Confidence::from_pct(90),
        block: 0,
        line,
        leads_on: false,
    }
}

/// A time-stamping authority's reply.
pub fn timestamp_reply(bytes: &[u8]) {
    let request = timestamp::Request {
        imprint: Digest::of(b"a signature").into(),
        nonce: timestamp::Nonce::from_random([1; 8]),
        policy: None,
    };
    let _ = request.accept(bytes);
}

/// A register of dossiers: CSV in any encoding, or a workbook.
pub fn register(bytes: &[u8]) {
    static COLUMNS: LazyLock<Columns> = LazyLock::new(Columns::shipped);
    let mut findings = Findings::default();
    let from = std::io::Cursor::new(bytes);
    let _ = rates::register::read(from, "", &COLUMNS, &mut findings, &mut |_, _| Ok(()));
}
