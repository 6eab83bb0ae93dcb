//! A delivery whose manifest is as long as a province's year: every line sound and under the signature, the files of its
//! last dossiers there, those of the others with the receiver since long. So it comes as a weak line brings it: in a bundle.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use sohoa::formats::merkle::TreeBuilder;
use sohoa::import::receipts::{RECEIPT_VERSION, Receipt, ReceiptLine, ReceiptVerdict};
use sohoa::model::{Digest, Digester};

use crate::deliveries::{add_leaves, dossier_named, header, seal_batch, write_files};

/// A package and what the receiver said of it before.
pub struct LongDelivery {
    pub out: PathBuf,
    pub receipts: PathBuf,
    pub manifest_bytes: u64,
}

/// The codes of a register that scripts/make_register made, in its order.
pub fn codes(register: &Path) -> impl Iterator<Item = String> {
    let lines = BufReader::new(File::open(register).expect("a register")).lines();
    let lines = lines.skip(1).map(|line| line.expect("UTF-8"));
    lines.map(|line| line.split(',').next().expect("a code").to_owned())
}

/// Writes the delivery of these dossiers; of the first `held` there is a receipt, of the others there are files.
pub fn write(folder: &Path, register: &Path, held: u32) -> LongDelivery {
    let (out, receipts) = (folder.join("gói"), folder.join("biên nhận.jsonl"));
    fs::create_dir_all(&out).expect("a folder");
    let open = |path: &Path| BufWriter::with_capacity(1 << 20, File::create(path).expect("a file"));
    let (mut manifest, mut told) = (open(&out.join("manifest.jsonl")), open(&receipts));
    let (mut tree, mut digester, mut manifest_bytes) = (TreeBuilder::new(), Digester::new(), 0);
    let mut count = 0;
    for (number, code) in (1..).zip(codes(register)) {
        let record = dossier_named(number, &code, format!("đợt 1/{number:07}/{code}"));
        let mut line = serde_json::to_vec(&record).expect("serializes");
        line.push(b'\n');
        add_leaves(&mut tree, &record);
        digester.update(&line);
        manifest_bytes += line.len() as u64;
        manifest.write_all(&line).expect("writes");
        match number <= held {
            true => {
                let receipt = receipt(&code, record.folder);
                serde_json::to_writer(&mut told, &receipt).expect("writes");
                told.write_all(b"\n").expect("writes");
            }
            false => write_files(&out, &record, &line),
        }
        count = number as usize;
    }
    manifest.flush().expect("writes");
    told.flush().expect("writes");
    let header = header("2026-11-21T09:00:00+07:00", count, digester.finish(), &tree);
    seal_batch(&out, &header, "rsa2048");
    LongDelivery {
        out,
        receipts,
        manifest_bytes,
    }
}

/// As the receiver gave it when an earlier delivery brought the dossier.
fn receipt(code: &str, folder: String) -> ReceiptLine {
    ReceiptLine::Receipt(Receipt {
        v: RECEIPT_VERSION,
        batch: Digest::of(b"earlier").to_string(),
        folder,
        dossier: code.to_owned(),
        content_key: Some(Digest::of(code.as_bytes())),
        verdict: ReceiptVerdict::Accepted,
        version: Some(1),
        reason: None,
    })
}
