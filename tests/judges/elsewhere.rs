//! Signing by a program elsewhere: OpenSSL and pyHanko sign what `sohoa seal --export` lists, and what
//! `sohoa seal --import` makes of it is judged by pyHanko, veraPDF and our own auditor.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::keys::{pki, trust_switches};
use crate::tokens::{all_wait, documents, judged_valid, sohoa, waiting};
use crate::tools::{python, root, run, said, verapdf};

fn path(name: &str) -> String {
    pki().join(name).display().to_string()
}

fn call(arguments: &[&str], code: i32) -> String {
    let output = sohoa(arguments).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    said(&output)
}

/// `sohoa seal OUT --export DIR` for the signer of this name.
fn export(out: &Path, to: &Path, name: &str, plan: &[&str]) {
    // The certificate with its path, as whoever signs elsewhere hands it over.
    let own = fs::read_to_string(pki().join(format!("{name}.pem"))).expect("is made");
    let issuing = fs::read_to_string(pki().join("issuing.pem")).expect("is made");
    let certificates = out.with_file_name(format!("{name}.chain.pem"));
    fs::write(&certificates, issuing + &own).expect("can be written");
    let (out, to) = (text(out), text(to));
    let certificates = text(&certificates);
    let switches = ["seal", out, "--export", to, "--certificate", certificates];
    call(&[&switches, plan].concat(), 0);
}

fn import(out: &Path, from: &Path, plan: &[&str], code: i32) -> String {
    call(
        &[&["seal", text(out), "--import", text(from)], plan].concat(),
        code,
    )
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// The lines of the list.
fn wanted(folder: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(folder.join("files.jsonl")).expect("a list");
    let lines = lines.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// The private key of a PKCS#12 file of the test PKI, for OpenSSL.
fn private_key(name: &str, folder: &Path) -> PathBuf {
    let key = folder.join(format!("{name}.key"));
    let password = format!("file:{}", path(&format!("{name}.pass")));
    let opened = Command::new("openssl")
        .args(["pkcs12", "-nocerts", "-nodes", "-passin", &password, "-in"])
        .arg(pki().join(format!("{name}.p12")))
        .arg("-out")
        .arg(&key)
        .output();
    succeeded(&opened.expect("openssl runs"));
    key
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}

/// OpenSSL signs everything in the list: `openssl dgst -sign` over the exported bytes.
fn sign_with_openssl(folder: &Path, key: &Path, hash: &str, options: &[&str]) {
    let mut sums = Command::new("sha256sum");
    sums.args(["-c", "--quiet", "SHA256SUMS"])
        .current_dir(folder);
    succeeded(&sums.output().expect("sha256sum runs"));
    for one in wanted(folder) {
        let (file, tbs) = (one["file"].as_str(), one["tbs"].as_str());
        let (file, tbs) = (file.expect("a name"), tbs.expect("a name"));
        let mut signing = Command::new("openssl");
        signing.args(["dgst", hash, "-sign"]).arg(key).args(options);
        signing.arg("-out").arg(folder.join(format!("{file}.sig")));
        succeeded(
            &signing
                .arg(folder.join(tbs))
                .output()
                .expect("openssl runs"),
        );
    }
}

/// Files, then header: two lists, each signed by OpenSSL and taken in.
fn signed_elsewhere(folder: &Path, name: &str, hash: &str, options: &[&str], plan: &[&str]) {
    let out = waiting(folder);
    let key = private_key(name, folder);
    for round in ["files", "header"] {
        let list = folder.join(round);
        export(&out, &list, name, plan);
        sign_with_openssl(&list, &key, hash, options);
        import(&out, &list, plan, 0);
    }
    assert!(out.join("batch.jws").is_file());
    judged_valid(&out);
    let judged = verapdf(&documents(&out));
    let conform = judged
        .iter()
        .all(|(_, verdict)| verdict.starts_with("PASS"));
    assert!(conform && !judged.is_empty(), "{judged:?}");
}

#[test]
fn openssl_signs_with_rsa_what_was_exported_and_every_judge_agrees() {
    let folder = tempfile::tempdir().expect("a folder");
    signed_elsewhere(folder.path(), "rsa2048", "-sha256", &[], &[]);
}

#[test]
fn openssl_signs_with_pss_and_on_p384_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = folder.path().join("plan.toml");
    fs::write(&plan, "[seal]\nrsa_padding = \"pss\"\n").expect("can be written");
    let options = [
        "-sigopt",
        "rsa_padding_mode:pss",
        "-sigopt",
        "rsa_pss_saltlen:32",
    ];
    let plan = ["--plan", text(&plan)];
    signed_elsewhere(folder.path(), "rsa2048", "-sha256", &options, &plan);
    let folder = tempfile::tempdir().expect("a folder");
    signed_elsewhere(folder.path(), "ecdsa_p384", "-sha384", &[], &[]);
}

#[test]
fn pyhanko_makes_whole_signatures_over_the_exported_digests() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = waiting(folder.path());
    let list = folder.path().join("files");
    export(&out, &list, "rsa2048", &[]);
    let script = root().join("tests/judges/sign_elsewhere.py");
    let made = run(python(), &[script, list.clone(), pki().to_owned()]);
    succeeded(&made);
    import(&out, &list, &[], 0);
    let switches = trust_switches();
    let switches: Vec<&str> = switches.iter().map(String::as_str).collect();
    // Only the batch's own signature is missing.
    let words = call(&[&["verify", text(&out)], &switches[..]].concat(), 11);
    assert!(words.contains("V25") && !words.contains("V05"), "{words}");
}

/// The bytes of the package's manifest, header and documents, by their paths.
fn state(out: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = vec![out.join("manifest.jsonl"), out.join("batch.json")];
    files.extend(documents(out));
    let read = |file: PathBuf| (file.clone(), fs::read(&file).expect("is there"));
    files.into_iter().map(read).collect()
}

#[test]
fn wrong_foreign_stale_and_missing_answers_are_refused_and_nothing_is_half_signed() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = waiting(folder.path());
    let list = folder.path().join("files");
    export(&out, &list, "rsa2048", &[]);
    let before = state(&out);
    let refused = |what: &str, code: &str| {
        let words = import(&out, &list, &[], 4);
        assert!(words.contains(code), "{what}: {words}");
        assert!(all_wait(&out) && state(&out) == before, "{what}");
    };
    refused("nothing came back", "SEAL-035");
    // Another key of the same authority.
    let other = private_key("rsa3072", folder.path());
    sign_with_openssl(&list, &other, "-sha256", &[]);
    refused("another key", "SEAL-036");
    let key = private_key("rsa2048", folder.path());
    sign_with_openssl(&list, &key, "-sha512", &[]);
    refused("another hash", "SEAL-036");
    sign_with_openssl(&list, &key, "-sha256", &[]);
    let all = wanted(&list);
    let name = |place: usize| {
        let file = all[place]["file"].as_str().expect("a name");
        list.join(format!("{file}.sig"))
    };
    let good = fs::read(name(0)).expect("is made");
    fs::write(name(0), vec![0x30; 4000]).expect("can be written");
    refused("too long", "SEAL-039");
    fs::write(name(0), b"").expect("can be written");
    refused("empty", "SEAL-036");
    if all.len() > 1 {
        fs::write(name(0), fs::read(name(1)).expect("is made")).expect("can be written");
        refused("the signature of another file", "SEAL-036");
    }
    // SignedData of OpenSSL names its time inside, which a PDF's signature may not.
    let whole = name(0).with_extension("p7s");
    let signed = Command::new("openssl")
        .args([
            "cms", "-sign", "-cades", "-binary", "-outform", "DER", "-md", "sha256",
        ])
        .arg("-in")
        .arg(documents(&out)[0].as_path())
        .arg("-signer")
        .arg(pki().join("rsa2048.pem"))
        .arg("-inkey")
        .arg(&key)
        .arg("-out")
        .arg(&whole)
        .output();
    succeeded(&signed.expect("openssl runs"));
    fs::remove_file(name(0)).expect("is there");
    refused("a SignedData with signing-time", "SEAL-039");
    fs::remove_file(&whole).expect("is there");
    fs::write(name(0), &good).expect("can be written");
    // A request that somebody changed asks for other bytes.
    let request = list.join("request.json");
    let text = fs::read_to_string(&request).expect("is made");
    let other = text.replace("Số hóa", "Sao chép");
    assert_ne!(other, text);
    fs::write(&request, other).expect("can be written");
    refused("another reason for signing", "SEAL-036");
    fs::write(&request, text.replace("PKCS1", "PSS")).expect("can be written");
    import(&out, &list, &[], 2);
    assert!(all_wait(&out) && state(&out) == before);
    fs::write(&request, &text).expect("can be written");
    // And now it goes through, once.
    import(&out, &list, &[], 0);
    assert!(!all_wait(&out));
    let words = import(&out, &list, &[], 0);
    assert!(words.contains("SEAL-040"), "{words}");
}
