//! Foreign judges of our signatures: pyHanko, veraPDF, openssl, qpdf, poppler, PyJWT.
//!
//! They need the test PKI (`SOHOA_PKI`, else made into target/test/pki by
//! scripts/make_test_pki), `SOHOA_PYTHON` and `SOHOA_VERAPDF_JAR`. A missing
//! judge fails the test.

pub mod specimens;

use std::path::PathBuf;
use std::process::Command;

use sohoa::formats::jws;
use sohoa::formats::pades::{self, Claim};
use sohoa::stages::seal::{KeyFile, Options, SealFault};

use crate::keys::pki;
use crate::tools::{json, python, run, said, script, verapdf, write};
use specimens::{AT, GOOD, PSS, key, open, sealed, signed_files, unsigned};

#[test]
fn pyhanko_finds_every_signature_valid_trusted_and_b_b() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = signed_files(folder.path());
    let mut arguments = vec![script(), "pdf".into(), pki().join("root.pem")];
    arguments.extend(paths);
    let verdicts = json(&run(python(), &arguments));
    let verdicts = verdicts.as_array().expect("a list");
    assert_eq!(verdicts.len(), GOOD.len());
    for (name, file) in GOOD.iter().zip(verdicts) {
        let [one] = file.as_array().expect("a list").as_slice() else {
            panic!("{name}: {file}");
        };
        for truth in [
            "bottom_line",
            "intact",
            "valid",
            "trusted",
            "ess_names_signer",
            "ess_serial",
            "certificates_sorted",
            "carries_signer",
            "padding_is_zero",
        ] {
            assert_eq!(one[truth], true, "{name}: {truth} of {one}");
        }
        assert_eq!(one["coverage"], "ENTIRE_FILE", "{name}");
        assert_eq!(one["modification_level"], "NONE", "{name}");
        assert_eq!(one["subfilter"], "/ETSI.CAdES.detached", "{name}");
        assert_eq!(one["field"], "ChuKySo1", "{name}");
        assert_eq!(one["claimed_at"], "D:20261121083000+07'00'", "{name}");
        assert_eq!(one["reason"], Options::default().reason.as_str(), "{name}");
        let digest = match *name {
            "ecdsa_p384" => "sha384",
            _ => "sha256",
        };
        assert_eq!(one["digest"], digest, "{name}");
        let pss = one["signature"] == "rsassa_pss";
        assert_eq!(pss, *name == PSS, "{one}");
        assert_eq!(one["unsigned_attributes"], 0, "{name}");
        let attributes =
            serde_json::json!(["content_type", "message_digest", "signing_certificate_v2"]);
        assert_eq!(one["signed_attributes"], attributes, "{name}");
        let carried = one["certificates"].as_array().expect("a list").len();
        assert_eq!(
            carried, 2,
            "{name}: the signer and the issuing CA, not the root: {one}"
        );
    }
}

#[test]
fn a_foreign_root_is_not_trusted_and_a_changed_byte_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let signed = sealed("rsa2048");
    let path = write(folder.path(), "signed.pdf", &signed);
    let mut tampered = signed.clone();
    let letter = signed
        .windows(6)
        .position(|at| at == b"stream")
        .expect("a stream")
        + 20;
    tampered[letter] ^= 1;
    let tampered = write(folder.path(), "tampered.pdf", &tampered);
    let arguments = [
        script(),
        "pdf".into(),
        pki().join("lookalike_root.pem"),
        path,
        tampered,
    ];
    let verdicts = json(&run(python(), &arguments));
    assert_eq!(verdicts[0][0]["trusted"], false);
    assert_eq!(verdicts[0][0]["intact"], true);
    assert_eq!(verdicts[1][0]["intact"], false);
}

#[test]
fn verapdf_finds_pdfa_2u_before_and_after_signing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut paths = signed_files(folder.path());
    paths.push(write(folder.path(), "unsigned.pdf", unsigned().bytes()));
    for (path, verdict) in verapdf(&paths) {
        assert!(verdict.starts_with("PASS"), "{}: {verdict}", path.display());
    }
}

#[test]
fn qpdf_and_poppler_find_nothing_to_say() {
    let folder = tempfile::tempdir().expect("a folder");
    for path in signed_files(folder.path()) {
        let qpdf = run("qpdf", &["--check".into(), path.clone()]);
        assert!(qpdf.status.success(), "{}", said(&qpdf));
        assert!(!said(&qpdf).contains("WARNING"), "{}", said(&qpdf));
        // Poppler's trust store is empty here; what it says of the bytes counts.
        let pdfsig = said(&run("pdfsig", &["-nocert".into(), path.clone()]));
        assert!(
            pdfsig.contains("Signature Validation: Signature is Valid."),
            "{pdfsig}"
        );
        assert!(
            pdfsig.contains("Signature Type: ETSI.CAdES.detached"),
            "{pdfsig}"
        );
        assert!(pdfsig.contains("Total document signed"), "{pdfsig}");
    }
}

#[test]
fn openssl_verifies_the_extracted_cms_as_cades() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in GOOD {
        let signed = sealed(name);
        let (content, cms) = taken_apart(&signed);
        let content = write(folder.path(), "content", &content);
        let cms = write(folder.path(), "signature.der", &cms);
        let output = Command::new("openssl")
            .args(["cms", "-verify", "-cades", "-binary", "-inform", "DER"])
            .args(["-purpose", "any", "-out", "/dev/null", "-in"])
            .args([cms.as_os_str(), "-content".as_ref(), content.as_os_str()])
            .args(["-CAfile".as_ref(), pki().join("root.pem").as_os_str()])
            .output()
            .expect("openssl is installed");
        assert!(output.status.success(), "{name}: {}", said(&output));
    }
}

#[test]
fn pyjwt_verifies_the_batch_signature() {
    let folder = tempfile::tempdir().expect("a folder");
    let payload = "{\n  \"đợt\": 1\n}";
    for (name, algorithm) in [
        ("rsa2048", "RS256"),
        (PSS, "PS256"),
        ("ecdsa_p256", "ES256"),
        ("ecdsa_p384", "ES384"),
    ] {
        let token = jws::sign(payload.as_bytes(), &key(name)).expect("signs");
        let path = write(folder.path(), "batch.jws", token.as_bytes());
        let verdict = &json(&run(python(), &[script(), "jws".into(), path]))[0];
        assert_eq!(verdict["payload"], payload, "{name}");
        assert_eq!(verdict["header"]["alg"], algorithm, "{name}");
        assert_eq!(verdict["header"]["typ"], "JOSE", "{name}");
        assert_eq!(verdict["x5c"], 2, "{name}: the signer and the issuing CA");
    }
}

#[test]
fn two_rsa_signatures_differ_in_time_identifier_and_value_alone() {
    let key = key("rsa2048");
    let pdf = unsigned();
    let at = |second: i64| {
        let claim = Claim {
            at: AT + time::Duration::seconds(second),
            reason: None,
            location: None,
        };
        pades::sign(&pdf, &key, &claim).expect("signs").into_bytes()
    };
    assert_eq!(at(0), at(0), "the same moment gives the same bytes");
    let (first, second) = (at(0), at(1));
    assert_eq!(first.len(), second.len());
    let allowed = ["/M(", "/Contents<", "/ID[<"].map(|mark| value_after(&first, mark));
    for (place, pair) in first.iter().zip(&second).enumerate() {
        let expected = allowed.iter().any(|range| range.contains(&place));
        assert!(pair.0 == pair.1 || expected, "byte {place} differs");
    }
}

#[test]
fn key_files_of_openssl_open_in_every_lock_it_knows() {
    let folder = tempfile::tempdir().expect("a folder");
    let (p12, pass) = (pki().join("rsa2048.p12"), pki().join("rsa2048.pass"));
    let pass = format!("file:{}", pass.display());
    let opened = folder.path().join("opened.pem");
    let openssl = |arguments: &[&str], input: &PathBuf, output: &PathBuf| {
        let mut command = Command::new("openssl");
        command.arg("pkcs12").args(arguments).arg("-in").arg(input);
        let done = command.arg("-out").arg(output).output().expect("runs");
        assert!(done.status.success(), "{arguments:?}: {}", said(&done));
        std::fs::read(output).expect("is written")
    };
    let pem = openssl(&["-nodes", "-passin", &pass], &p12, &opened);
    KeyFile::open(&pem, "", AT).expect("PEM with bag attributes between its blocks opens");
    let locks: [&[&str]; 4] = [
        &["-macalg", "sha512"],
        &["-keypbe", "NONE", "-certpbe", "NONE"],
        &["-nomac"],
        &[
            "-keypbe",
            "PBE-SHA1-3DES",
            "-certpbe",
            "PBE-SHA1-3DES",
            "-macalg",
            "sha1",
        ],
    ];
    for lock in locks {
        let made = [&["-export", "-passout", "pass:mở"], lock].concat();
        let file = openssl(&made, &opened, &folder.path().join("made.p12"));
        let key = KeyFile::open(&file, "mở", AT);
        key.unwrap_or_else(|fault| panic!("{lock:?}: {fault}"));
    }
}

#[test]
fn every_bad_key_file_is_refused_for_its_own_reason() {
    let fault = |name: &str| open(name).expect_err("is bad");
    assert!(matches!(fault("expired"), SealFault::Expired { .. }));
    assert!(matches!(
        fault("not_yet_valid"),
        SealFault::NotYetValid { .. }
    ));
    assert!(matches!(
        fault("rsa1024"),
        SealFault::ShortRsaKey { bits: 1024 }
    ));
    assert!(matches!(fault("ecdsa_p521"), SealFault::UnsupportedKey));
    assert!(matches!(
        fault("no_signing_usage"),
        SealFault::UsageForbidsSigning
    ));
    assert!(matches!(fault("wrong_password"), SealFault::WrongPassword));
    assert!(matches!(fault("no_key"), SealFault::NoKey));
    assert!(matches!(fault("truncated"), SealFault::Unreadable));
}

/// The signed bytes and the DER value of `/Contents`, cut by this test's own reading.
fn taken_apart(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let hex = value_after(file, "/Contents<");
    let content = [&file[..hex.start - 1], &file[hex.end + 1..]].concat();
    let digits = std::str::from_utf8(&file[hex]).expect("digits");
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("digits");
    (content, (0..digits.len()).step_by(2).map(byte).collect())
}

/// From behind the last place where `mark` stands to the bracket that closes the value.
fn value_after(file: &[u8], mark: &str) -> std::ops::Range<usize> {
    let places = file
        .windows(mark.len())
        .rposition(|at| at == mark.as_bytes());
    let start = places.expect("the mark is there") + mark.len();
    let close = if mark.contains("ID") {
        b']'
    } else if mark.ends_with('(') {
        b')'
    } else {
        b'>'
    };
    let length = file[start..].iter().position(|byte| *byte == close);
    start..start + length.expect("the value ends")
}
