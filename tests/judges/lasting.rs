//! Signatures that last, made with a real authority (`openssl ts`): pyHanko validates every level and
//! every renewal from what stands in the file alone, and veraPDF finds PDF/A-2u after every step.

use std::fs;
use std::path::{Path, PathBuf};

use sohoa::formats::pades::RereadFault;
use sohoa::model::manifest::SealRecord;
use sohoa::stages::seal::{
    Evidence, HttpTimestamper, KeyFile, Lasting, Level, Options, Patience, SealFault, Unreached,
    renewed, seal_lasting,
};
use time::OffsetDateTime;

use crate::authority;
use crate::keys::{pki, trust_switches};
use crate::pades::specimens::unsigned;
use crate::tokens::{documents, sohoa, waiting};
use crate::tools::{json, python, root, run, said, verapdf, write};

const LEVELS: [Level; 3] = [Level::BT, Level::BLt, Level::BLta];

fn read(name: &str) -> Vec<u8> {
    fs::read(pki().join(name)).expect("the test PKI has it")
}

fn evidence() -> Evidence {
    let names = ["root.pem", "issuing.pem", "root.crl.pem", "issuing.crl.der"];
    Evidence::of_files(names.map(|name| (name, read(name)))).expect("good files")
}

/// Seals at this level with the authority at `url`.
fn sealed(level: Level, url: &str, options: &Options) -> Result<(Vec<u8>, SealRecord), SealFault> {
    // The authority stamps with the clock of the machine, so the signature is made by it too.
    let now = OffsetDateTime::now_utc();
    let key = KeyFile::open(&read("rsa2048.p12"), "chi-de-thu", now).expect("a good key");
    let impatient = Patience {
        max_try_ms: 5_000,
        tries: 1,
        pause_ms: 1,
    };
    let lasting = Lasting {
        timestamper: &HttpTimestamper::new(url, &impatient, None).expect("an address"),
        evidence: &evidence(),
    };
    let options = Options {
        level,
        ..options.clone()
    };
    let sealed = seal_lasting(&unsigned(), &key, &options, now, &lasting)?;
    Ok((sealed.pdf.into_bytes(), sealed.record))
}

fn renew(file: &[u8], url: &str) -> Vec<u8> {
    let lasting = Lasting {
        timestamper: &HttpTimestamper::new(url, &Patience::default(), None).expect("an address"),
        evidence: &evidence(),
    };
    let renewed = renewed(file, OffsetDateTime::now_utc(), &lasting);
    renewed.expect("renews").0.into_bytes()
}

/// One file a level from B-T to B-LTA, and the last one renewed once and twice.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let url = authority::start(pki());
    let mut paths = Vec::new();
    for level in LEVELS {
        let (bytes, record) = sealed(level, &url, &Options::default()).expect("seals");
        let SealRecord::Signed {
            level: reached,
            wanted_level,
            stamped_at,
            archived_at,
            ..
        } = record
        else {
            panic!("is signed")
        };
        assert_eq!((reached.as_str(), wanted_level), (level.name(), None));
        assert!(stamped_at.is_some());
        assert_eq!(archived_at.is_some(), level == Level::BLta);
        paths.push(write(folder, &format!("{}.pdf", level.name()), &bytes));
    }
    let archived = fs::read(&paths[2]).expect("is written");
    let once = renew(&archived, &url);
    let twice = renew(&once, &url);
    assert!(once.starts_with(&archived) && twice.starts_with(&once));
    paths.push(write(folder, "renewed.pdf", &once));
    paths.push(write(folder, "renewed_twice.pdf", &twice));
    paths
}

#[test]
fn every_level_and_every_renewal_is_valid_to_pyhanko_and_pdfa_to_verapdf() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = files(folder.path());
    let mut arguments = vec![
        root().join("tests/judges/lasting.py"),
        pki().join("root.pem"),
    ];
    arguments.extend(paths.clone());
    let verdicts = json(&run(python(), &arguments));
    let stamps = [0, 0, 1, 2, 3];
    for ((path, verdict), stamps) in paths
        .iter()
        .zip(verdicts.as_array().expect("a list"))
        .zip(stamps)
    {
        let name = path.display();
        assert_eq!(verdict["bottom_line"], true, "{name}: {verdict}");
        assert!(verdict["stamped_at"].is_string(), "{name}: {verdict}");
        let found = verdict["document_time_stamps"].as_array().expect("a list");
        assert_eq!(found.len(), stamps, "{name}: {verdict}");
        if stamps > 0 {
            assert_eq!(
                verdict["modification_level"], "LTA_UPDATES",
                "{name}: {verdict}"
            );
            assert_eq!(verdict["lta"], "OK", "{name}: {verdict}");
        }
    }
    for (path, verdict) in verapdf(&paths) {
        assert!(verdict.starts_with("PASS"), "{}: {verdict}", path.display());
    }
}

#[test]
fn a_level_out_of_reach_leaves_the_file_signed_and_waiting_or_stops_as_the_plan_says() {
    let nobody = "http://127.0.0.1:9/";
    let queue = Options::default();
    let (bytes, record) = sealed(Level::BLta, nobody, &queue).expect("goes out all the same");
    let SealRecord::Signed {
        level,
        wanted_level,
        stamped_at: None,
        archived_at: None,
        ..
    } = record
    else {
        panic!("{record:?}")
    };
    assert_eq!(level, "PAdES-B-B");
    assert_eq!(wanted_level.as_deref(), Some("PAdES-B-LTA"));
    // What waited is served later, without the key.
    let url = authority::start(pki());
    let later = renew(&bytes, &url);
    assert!(later.starts_with(&bytes));
    let stop = Options {
        if_unreached: Unreached::Stop,
        ..Options::default()
    };
    let fault = sealed(Level::BT, nobody, &stop).expect_err("stops");
    assert!(matches!(fault, SealFault::Timestamp(_)), "{fault}");
}

#[test]
fn a_file_that_is_not_signed_is_not_renewed() {
    let url = authority::start(pki());
    let lasting = Lasting {
        timestamper: &HttpTimestamper::new(&url, &Patience::default(), None).expect("an address"),
        evidence: &evidence(),
    };
    let fault = renewed(unsigned().bytes(), OffsetDateTime::now_utc(), &lasting);
    let fault = fault.expect_err("has no signature");
    let SealFault::Pdf(sohoa::formats::pades::PadesFault::Reread(fault)) = fault else {
        panic!("{fault}")
    };
    assert!(matches!(fault, RereadFault::NoSignature));
}

/// `sohoa VERB OUT` with more switches; its exit code and what it said.
fn call(verb: &str, out: &Path, switches: &[&str]) -> (Option<i32>, String) {
    let mut command = sohoa(&[verb]);
    let output = command.arg(out).args(switches).output();
    let output = output.expect("the program starts");
    (output.status.code(), said(&output))
}

fn path(name: &str) -> String {
    pki().join(name).display().to_string()
}

/// Verifies a package with the roots and lists of the test PKI.
fn verify(out: &Path) -> (Option<i32>, String) {
    let switches = trust_switches();
    let switches: Vec<&str> = switches.iter().map(String::as_str).collect();
    call("verify", out, &switches)
}

#[test]
fn the_auditor_takes_a_package_of_lasting_signatures_renewed_or_not_and_nothing_appended_besides() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = waiting(folder.path());
    let evidence = ["root.pem", "issuing.pem", "root.crl.pem", "issuing.crl.der"];
    let plan = format!(
        "[seal]\nlevel = \"B-LTA\"\ntsa = {:?}\nif_unreached = \"stop\"\nfetch = false\nevidence = {:?}\n",
        authority::start(pki()),
        evidence.map(path),
    );
    let plan = write(folder.path(), "plan.toml", plan.as_bytes());
    let plan = plan.to_str().expect("temporary paths are UTF-8");
    let (key, password) = (path("rsa2048.p12"), path("rsa2048.pass"));
    let with_key = ["--key", &key, "--password-file", &password, "--plan", plan];
    let (code, words) = call("seal", &out, &with_key);
    assert_eq!(code, Some(0), "{words}");
    let (code, words) = verify(&out);
    assert_eq!(code, Some(0), "{words}");

    let before = fs::read(&documents(&out)[0]).expect("is there");
    let (code, words) = call("renew", &out, &["--plan", plan, "--all"]);
    assert_eq!(code, Some(0), "{words}");
    let after = fs::read(&documents(&out)[0]).expect("is there");
    assert!(after.len() > before.len() && after.starts_with(&before));
    let (code, words) = verify(&out);
    assert_eq!(code, Some(0), "{words}");

    let more = [&after[..], b"% more\n"].concat();
    fs::write(&documents(&out)[0], more).expect("can be written");
    let (code, words) = verify(&out);
    assert_eq!(code, Some(10), "{words}");
}
