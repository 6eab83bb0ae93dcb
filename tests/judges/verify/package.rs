//! A package of one dossier around a given document, with everything else made to fit.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sohoa::formats::merkle::TreeBuilder;
use sohoa::formats::pdfa::{self, ConformantPdf, DocumentInfo, PageInput, PdfaFault};
use sohoa::formats::raster::{Coding, Dpi, EncodedImage, Space};
use sohoa::model::manifest::{DossierRecord, SealRecord};
use sohoa::model::{Confidence, Digest, Orientation, PageText, Point, PxBox, Word};
use sohoa::stages::seal::{KeyFile, seal_header};

pub(super) const CODE: &str = "H10.12-261120-0001";
const SCAN: &[u8] = b"a scan of two pages";

/// Where the document stands in the package.
pub(super) fn document_path() -> String {
    format!("dossiers/{CODE}/{CODE}.01.pdf")
}

/// Where the kept scan stands in the package.
pub(super) fn scan_path() -> String {
    format!("dossiers/{CODE}/scans/{}.tif", Digest::of(SCAN))
}

/// Writes the package; record, manifest, header and its signature fit the document.
pub(super) fn write(out: &Path, document: &[u8], seal: &SealRecord, key: &KeyFile) {
    let put = |path: &str, bytes: &[u8]| {
        let path = out.join(path);
        fs::create_dir_all(path.parent().expect("has a folder")).expect("folders");
        fs::write(path, bytes).expect("writes");
    };
    let record: DossierRecord = serde_json::from_value(record(document, seal)).expect("a record");
    let mut line = serde_json::to_vec(&record).expect("serializes");
    line.push(b'\n');
    let header = serde_json::to_vec_pretty(&header(&record, &line)).expect("serializes");
    let token = seal_header(&header, key).expect("signs");
    put(&document_path(), document);
    put(&scan_path(), SCAN);
    put(&format!("dossiers/{CODE}/record.json"), &line);
    put("manifest.jsonl", &line);
    put("batch.json", &header);
    put("batch.jws", token.as_bytes());
}

fn record(document: &[u8], seal: &SealRecord) -> Value {
    let scan = Digest::of(SCAN);
    let description = json!({
        "type": { "id": "khong_ro", "type_name": "32", "title": "Khác", "confidence": 0, "evidence": null },
        "fields": {},
    });
    let mut of_document = json!({
        "n": 1, "file": format!("{CODE}.01.pdf"), "sha256": Digest::of(document),
        "bytes": document.len(), "pages": 1, "seal": seal,
    });
    let entries = description.as_object().expect("an object").clone();
    of_document
        .as_object_mut()
        .expect("an object")
        .extend(entries);
    json!({
        "v": 1, "folder": CODE, "dossier": CODE, "outcome": "packaged", "reasons": [],
        "content_key": null, "ignored": [], "documents": [of_document],
        "sources": [{
            "name": "quét.tif", "sha256": scan, "bytes": SCAN.len(), "pages": 2,
            "kept": format!("scans/{scan}.tif"),
        }],
        "pages": [
            { "source": 1, "source_page": 1, "fate": "published", "published": {
                "document": 1, "page": 1, "width_px": 400, "height_px": 300, "dpi": 100,
                "dpi_estimated": false, "turn_deg": 0, "words": text().words.len(),
                "confidence_pct": 90, "image_sha256": Digest::of(&image().bytes),
                "text_sha256": Digest::of(text().plain().as_bytes()),
            } },
            { "source": 1, "source_page": 2, "fate": "blank", "published": null },
        ],
    })
}

fn header(record: &DossierRecord, line: &[u8]) -> Value {
    let published = record.pages[0].published.as_ref().expect("published");
    let image = published.image_sha256.expect("of a page of ours");
    let text = published.text_sha256;
    let mut tree = TreeBuilder::new();
    tree.push(format!("sohoa.v1 scan {CODE} 1 {}", Digest::of(SCAN)).as_bytes());
    tree.push(format!("sohoa.v1 page {CODE} 1 1 published 1 1 {image} {text}").as_bytes());
    tree.push(format!("sohoa.v1 page {CODE} 1 2 blank - - - -").as_bytes());
    tree.push(format!("sohoa.v1 file {CODE} 1 {}", record.documents[0].sha256).as_bytes());
    json!({
        "v": 1, "created": "2026-11-21T09:00:00+07:00", "documents": 1,
        "software": {
            "name": "sohoa", "version": "0", "engine": "none", "model_sha256": Digest::of(b""),
        },
        "plan_sha256": Digest::of(b""),
        "manifest": { "file": "manifest.jsonl", "sha256": Digest::of(line), "lines": 1 },
        "dossiers": { "total": 1, "packaged": 1, "set_aside": 0 },
        "pages": { "scanned": 2, "published": 1, "blank": 1, "separator": 0, "rejected": 0 },
        "merkle": { "root": tree.root(), "leaves": tree.leaves() },
    })
}

/// The document before it is signed.
pub(super) fn unsigned() -> ConformantPdf {
    let info = DocumentInfo {
        title: "Giấy tờ thử".to_owned(),
        subject: None,
        author: None,
        identity: Digest::of(b"judged"),
    };
    let text = text();
    let page = PageInput {
        image: image(),
        orientation: Orientation::UPRIGHT,
        dpi: Dpi { x: 100.0, y: 100.0 },
        text: &text,
    };
    pdfa::write::<PdfaFault>(&info, [Ok(page)]).expect("writes")
}

/// White, as a PNG of 8-bit grey is filtered and deflated; stored, so that nothing here deflates.
fn image() -> EncodedImage {
    let (width_px, height_px) = (400u32, 300u32);
    let mut row = vec![0u8];
    row.resize(width_px as usize + 1, 0xFF);
    let rows = row.repeat(height_px as usize);
    let mut bytes = vec![0x78, 0x01];
    let blocks: Vec<&[u8]> = rows.chunks(65_535).collect();
    for (number, block) in blocks.iter().enumerate() {
        bytes.push(u8::from(number + 1 == blocks.len()));
        bytes.extend_from_slice(&(block.len() as u16).to_le_bytes());
        bytes.extend_from_slice(&(!(block.len() as u16)).to_le_bytes());
        bytes.extend_from_slice(block);
    }
    bytes.extend_from_slice(&adler_32(&rows).to_be_bytes());
    EncodedImage {
        width_px,
        height_px,
        coding: Coding::FlatePng,
        space: Space::Gray,
        bytes,
    }
}

/// RFC 1950, 8.2.
fn adler_32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1u32, 0u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

fn text() -> PageText {
    let word = |text: &str, line: u32, column: u32| {
        let (x_px, y_px) = (20 + column * 120, 40 + line * 40);
        let at = |x_px: u32| Point {
            x_px: x_px as f32,
            y_px: (y_px + 20) as f32,
        };
        Word {
            text: text.to_owned(),
            bounds: PxBox {
                x_px,
                y_px,
                w_px: 100,
                h_px: 20,
            },
            baseline_start: at(x_px),
            baseline_end: at(x_px + 100),
            confidence: Confidence::from_pct(90),
            block: 0,
            line,
            leads_on: false,
        }
    };
    let words = vec![
        word("ỦY", 0, 0),
        word("BAN", 0, 1),
        word("Số:", 1, 0),
        word("𡨸", 1, 1),
    ];
    PageText {
        width_px: 400,
        height_px: 300,
        dpi: 100,
        symbols: Vec::new(),
        words,
    }
}
