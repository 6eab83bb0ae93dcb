//! EU DSS validates the evidence records of a batch and of single leaves, before and after a renewal,
//! stamped by a real authority (`openssl ts`).

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sohoa::formats::merkle::leaf_hash;
use sohoa::formats::proof::Proof;
use sohoa::model::Digest;
use sohoa::run::prove::header_of;
use sohoa::run::stamp::{record_of, stamp};
use sohoa::stages::seal::{HttpTimestamper, Patience};

use crate::authority;
use crate::dss::{Request, judged};
use crate::keys::pki;
use crate::tools::write;

/// A package of so many files, of which header, trees and the files themselves are there.
fn package(out: &Path, files: u64) -> Vec<(String, Vec<u8>)> {
    let bytes = (1..=files).map(|number| format!("tệp số {number}").into_bytes());
    let leaf = |(n, bytes): (u64, Vec<u8>)| {
        let line = format!(
            "sohoa.v1 file H10.12-221013-0001 {n} {}",
            Digest::of(&bytes)
        );
        (line, bytes)
    };
    let leaves: Vec<(String, Vec<u8>)> = (1..).zip(bytes).map(leaf).collect();
    fs::create_dir(out.join("tree")).expect("a folder");
    let level = |hash: fn(&(String, Vec<u8>)) -> Digest| -> Vec<u8> {
        leaves
            .iter()
            .flat_map(|leaf| *hash(leaf).as_bytes())
            .collect()
    };
    write(
        &out.join("tree"),
        "rfc9162.0",
        &level(|leaf| leaf_hash(leaf.0.as_bytes())),
    );
    write(
        &out.join("tree"),
        "rfc4998.0",
        &level(|leaf| Digest::of(&leaf.1)),
    );
    let none = Digest::of(b"");
    let header = json!({
        "v": 1, "created": "2026-11-21T09:00:00+07:00", "documents": files,
        "software": { "name": "sohoa", "version": "0", "engine": "none", "model_sha256": none },
        "plan_sha256": none,
        "manifest": { "file": "manifest.jsonl", "sha256": none, "lines": 1 },
        "dossiers": { "total": 1, "packaged": 1, "set_aside": 0 },
        "pages": { "scanned": 0, "published": 0, "blank": 0, "separator": 0, "rejected": 0 },
        "merkle": { "root": none, "leaves": files },
    });
    write(out, "batch.json", header.to_string().as_bytes());
    leaves
}

fn request(file: &Path, about: &Path) -> Request {
    let list = |name: &str| pki().join(name);
    Request {
        file: file.to_owned(),
        trust: vec![list("root.pem")],
        cert: vec![list("issuing.pem")],
        crl: vec![list("issuing.crl.der"), list("root.crl.der")],
        detached: vec![about.to_owned()],
        ..Request::default()
    }
}

fn indication(answer: &Value) -> (&Value, usize) {
    let record = &answer["evidence_records"][0];
    let stamps = record["timestamps"].as_array().map_or(0, Vec::len);
    (&record["indication"], stamps)
}

#[test]
fn eu_dss_passes_the_records_of_a_batch_and_of_every_leaf_and_of_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path();
    // Five: the last leaf is carried up two levels without a sibling.
    let leaves = package(out, 5);
    let url = authority::start(pki());
    let by = HttpTimestamper::new(&url, &Patience::default(), None).expect("an address");
    let (_, batch) = header_of(out).expect("a header");
    let mut requests = Vec::new();
    for stamps in 1..=2 {
        stamp(out, &by, stamps == 2).expect("an honest authority");
        let record = write(
            out,
            &format!("batch.{stamps}.ers"),
            &fs::read(out.join("batch.ers")).expect("a record"),
        );
        requests.push(request(&record, &out.join("batch.json")));
        for (index, (line, bytes)) in (0..).zip(&leaves) {
            let proof = Proof {
                batch,
                leaf: line.clone(),
                bytes: Some(bytes.len() as u64),
                index,
                leaves: 5,
                path: Vec::new(),
            };
            let record = record_of(out, &proof).expect("a record");
            let record = write(out, &format!("{index}.{stamps}.ers"), &record);
            requests.push(request(
                &record,
                &write(out, &format!("{index}.txt"), bytes),
            ));
        }
    }
    // Not in the first list of the first leaf: neither it nor its sibling.
    requests.push(request(&out.join("0.1.ers"), &out.join("3.txt")));
    let answers = judged(&requests);
    let (foreign, own) = answers.split_last().expect("answers");
    for (number, answer) in own.iter().enumerate() {
        let stamps = 1 + number / 6;
        assert_eq!(indication(answer), (&json!("PASSED"), stamps), "{answer}");
    }
    assert_eq!(indication(foreign).0, &json!("INDETERMINATE"), "{foreign}");
}
