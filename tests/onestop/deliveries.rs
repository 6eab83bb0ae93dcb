//! Deliveries of any number of dossiers, signed with the test key and sound in every byte, cheaply: one signed
//! document stands in all of them. What is to be wrong with one is put in before it is sealed, as an insider
//! would, or into its files afterwards.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::json;
use sohoa::formats::merkle::TreeBuilder;
use sohoa::model::document::{Evidence, Field};
use sohoa::model::manifest::{DocumentRecord, DossierRecord, Outcome};
use sohoa::model::{Confidence, Digest, Paper, PxBox, Role, RoleId};
use sohoa::stages::seal::{KeyFile, Options, seal, seal_header};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::keys::pki;
use crate::one_document;
use crate::support::sohoa;

const SIGNED_AT: OffsetDateTime = datetime!(2026-11-21 08:30:00 +7);
/// 2026-11-25T00:00:00Z, later than everything that is signed here.
const IMPORTED_AT: &str = "1795564800";

/// A sound document with the dossier it stands in.
struct Template {
    record: DossierRecord,
    document: Vec<u8>,
    scan: Vec<u8>,
}

static TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let key = key("rsa2048");
    let sealed = seal(
        &one_document::unsigned(),
        &key,
        &Options::default(),
        SIGNED_AT,
    );
    let sealed = sealed.expect("signs");
    let out = tempfile::tempdir().expect("a folder");
    one_document::write(out.path(), sealed.pdf.bytes(), &sealed.record, &key);
    let line = fs::read(out.path().join("manifest.jsonl")).expect("a manifest");
    Template {
        record: serde_json::from_slice(&line).expect("a record"),
        document: sealed.pdf.bytes().to_vec(),
        scan: fs::read(out.path().join(one_document::scan_path())).expect("a scan"),
    }
});

fn key(name: &str) -> KeyFile {
    let read = |end: &str| fs::read(pki().join(format!("{name}.{end}"))).expect("a test key");
    let password = String::from_utf8(read("pass")).expect("UTF-8");
    KeyFile::open(&read("p12"), password.trim_end(), SIGNED_AT).expect("opens")
}

/// A delivery before it is sealed.
#[derive(Clone)]
pub struct Draft {
    pub records: Vec<DossierRecord>,
    pub created: String,
    pub key: &'static str,
    /// Changes the manifest's bytes before its digest is taken.
    pub garble: fn(Vec<u8>) -> Vec<u8>,
}

/// So many dossiers, in the order of their codes.
pub fn draft(dossiers: u32) -> Draft {
    Draft {
        records: (1..=dossiers).map(dossier).collect(),
        created: "2026-11-21T09:00:00+07:00".to_owned(),
        key: "rsa2048",
        garble: |bytes| bytes,
    }
}

/// The code of the dossier of this number.
pub fn code(number: u32) -> String {
    format!("H10.12-261120-{number:04}")
}

fn dossier(number: u32) -> DossierRecord {
    let code = code(number);
    dossier_named(number, &code, format!("đợt 1/{code}"))
}

/// The dossier of this number under any code, in any folder of the drop.
pub fn dossier_named(number: u32, code: &str, folder: String) -> DossierRecord {
    let mut record = TEMPLATE.record.clone();
    record.folder = folder;
    record.content_key = Some(Digest::of(code.as_bytes()));
    let document = &mut record.documents[0];
    document.file = format!("{code}.01.pdf");
    // Every second one is a result.
    let id = if number.is_multiple_of(2) {
        RoleId::KetQua
    } else {
        RoleId::ThanhPhan
    };
    let role = Role {
        id,
        confidence: Confidence::from_pct(90),
        why: Vec::new(),
        result_code: (id == RoleId::KetQua).then(|| "KQ.G15.000031".to_owned()),
    };
    document.paper = Paper::of(&role, &record.labels);
    document.description.role = Some(role);
    put(document, "so_ky_hieu", &format!("{number}/QĐ-UBND"));
    put(document, "ngay_ban_hanh", "2026-11-19");
    put(document, "nguoi_ky", "Lê Thị Giả Định");
    put(document, "ma_tthc", "2.000815");
    record.dossier = Some(code.parse().expect("a code"));
    record
}

/// Puts a field's value.
pub fn put(document: &mut DocumentRecord, id: &str, value: &str) {
    let field = Field {
        value: value.to_owned(),
        confidence: Confidence::from_pct(90),
        evidence: Evidence {
            page: 1,
            bounds: PxBox {
                x_px: 1,
                y_px: 1,
                w_px: 1,
                h_px: 1,
            },
            read: String::new(),
        },
        rule: "test".to_owned(),
        alternatives: Vec::new(),
        repaired: 0,
    };
    document.description.fields.insert(id.to_owned(), field);
}

impl Draft {
    /// The same with other content in one dossier: as after a correction.
    pub fn corrected(mut self, number: u32, so_ky_hieu: &str) -> Self {
        let record = &mut self.records[number as usize - 1];
        record.content_key = Some(Digest::of(so_ky_hieu.as_bytes()));
        put(&mut record.documents[0], "so_ky_hieu", so_ky_hieu);
        self
    }

    /// Writes it as a package that stands by itself.
    pub fn write(&self, out: &Path) {
        let mut manifest = Vec::new();
        let mut tree = TreeBuilder::new();
        for record in &self.records {
            let mut line = serde_json::to_vec(record).expect("serializes");
            line.push(b'\n');
            add_leaves(&mut tree, record);
            write_files(out, record, &line);
            manifest.extend(line);
        }
        let manifest = (self.garble)(manifest);
        fs::create_dir_all(out).expect("folders");
        seal_batch(out, &self.header(&manifest, &tree), self.key);
        fs::write(out.join("manifest.jsonl"), manifest).expect("writes");
    }

    fn header(&self, manifest: &[u8], tree: &TreeBuilder) -> serde_json::Value {
        let mut header = header(
            &self.created,
            self.records.len(),
            Digest::of(manifest),
            tree,
        );
        let waiting = self
            .records
            .iter()
            .filter(|record| !record.review.is_empty());
        // A count of none is left out, as the writer does.
        match waiting.count() {
            0 => {}
            waiting => header["dossiers"]["waiting_for_review"] = waiting.into(),
        }
        header
    }
}

/// The header over so many dossiers of one document each.
pub fn header(
    created: &str,
    count: usize,
    manifest: Digest,
    tree: &TreeBuilder,
) -> serde_json::Value {
    json!({
        "v": 1, "created": created, "documents": count,
        "software": {
            "name": "sohoa", "version": "0", "engine": "none", "model_sha256": Digest::of(b""),
        },
        "plan_sha256": Digest::of(b""),
        "manifest": { "file": "manifest.jsonl", "sha256": manifest, "lines": count },
        "dossiers": {
            "total": count, "packaged": count, "set_aside": 0,
        },
        "pages": {
            "scanned": 2 * count, "published": count, "blank": count, "separator": 0, "rejected": 0,
        },
        "merkle": { "root": tree.root(), "leaves": tree.leaves() },
    })
}

/// Puts header and signature beside a manifest.
pub fn seal_batch(out: &Path, header: &serde_json::Value, key_name: &str) {
    let header = serde_json::to_vec_pretty(header).expect("serializes");
    let token = seal_header(&header, &key(key_name)).expect("signs");
    fs::write(out.join("batch.json"), header).expect("writes");
    fs::write(out.join("batch.jws"), token).expect("writes");
}

/// Writes the files of one dossier.
pub fn write_files(out: &Path, record: &DossierRecord, line: &[u8]) {
    let template = &*TEMPLATE;
    let code = record.dossier.as_ref().expect("a code");
    let folder = out.join("dossiers").join(code.as_str());
    let kept = record.sources[0].kept.as_ref().expect("kept");
    fs::create_dir_all(folder.join("scans")).expect("folders");
    fs::write(folder.join("record.json"), line).expect("writes");
    fs::write(folder.join(&record.documents[0].file), &template.document).expect("writes");
    fs::write(folder.join(kept), &template.scan).expect("writes");
}

/// The leaves of docs/manifest.md, of a dossier of one scan, one published and one blank page, one document.
pub fn add_leaves(tree: &mut TreeBuilder, record: &DossierRecord) {
    assert_eq!(record.outcome, Outcome::Packaged);
    let code = record.dossier.as_ref().expect("a code");
    let published = record.pages[0].published.as_ref().expect("published");
    let (image, text) = (
        published.image_sha256.expect("of ours"),
        published.text_sha256,
    );
    let (scan, file) = (record.sources[0].sha256, record.documents[0].sha256);
    tree.push(format!("sohoa.v1 scan {code} 1 {scan}").as_bytes());
    tree.push(format!("sohoa.v1 page {code} 1 1 published 1 1 {image} {text}").as_bytes());
    tree.push(format!("sohoa.v1 page {code} 1 2 blank - - - -").as_bytes());
    tree.push(format!("sohoa.v1 file {code} 1 {file}").as_bytes());
}

/// By the test root and its lists.
pub fn trust(command: &mut Command) {
    command.arg("--trust").arg(pki().join("root.pem"));
    for list in ["root.crl.pem", "issuing.crl.pem"] {
        command.arg("--crl").arg(pki().join(list));
    }
}

/// `sohoa import` by the test root and its lists, at a fixed time.
pub fn import(from: &Path, db: &str) -> Command {
    let mut command = sohoa();
    command.arg("import").arg(from).args(["--db", db]);
    trust(&mut command);
    command.env("SOURCE_DATE_EPOCH", IMPORTED_AT);
    command
}
