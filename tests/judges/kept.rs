//! Files that others signed: our judgement against pyHanko's, on files that pyHanko made.

use serde_json::Value;
use sohoa::model::manifest::{KeptVerdict, SealRecord};
use sohoa::verify;

use crate::keys::pki;
use crate::tools::{json, python, root, run};
use KeptVerdict::{Broken, Sound, Unknown};

/// Name of the specimen, its verdict, its codes, its signatures.
const EXPECTED: [(&str, KeptVerdict, &[&str], u32); 17] = [
    ("one", Sound, &[], 1),
    ("one_adobe_p384", Sound, &[], 1),
    ("one_pss_sha512", Sound, &[], 1),
    ("one_in_object_streams", Sound, &[], 1),
    ("one_in_an_encrypted_file", Sound, &[], 1),
    ("two", Sound, &["V46"], 2),
    ("three_in_object_streams", Sound, &["V46"], 3),
    ("certified_then_signed", Sound, &["V46"], 2),
    ("certified_as_final", Sound, &[], 1),
    ("signed_then_stamped", Sound, &["V46"], 2),
    ("sha1", Unknown, &["V47"], 1),
    ("rsa1024", Unknown, &["V47"], 1),
    ("p521", Unknown, &["V45"], 1),
    ("painted_over", Broken, &["V44"], 1),
    ("painted_over_then_signed", Broken, &["V44"], 2),
    ("noted", Unknown, &["V45"], 1),
    ("flipped", Broken, &["V44"], 1),
];

#[test]
fn foreign_signatures_are_judged_as_pyhanko_judges_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = root().join("tests/judges/signed_specimens.py");
    let arguments = [script, pki().to_owned(), folder.path().to_owned()];
    let judged = json(&run(python(), &arguments));
    let mut wrong = Vec::new();
    for (name, verdict, codes, signatures) in EXPECTED {
        let file = std::fs::read(folder.path().join(name).with_extension("pdf")).expect("made");
        let found = verify::signed_pdf(&file);
        let SealRecord::Kept {
            verdict: said,
            codes: told,
            signatures: counted,
            ..
        } = &found
        else {
            panic!("{name}: {found:?}");
        };
        if (*said, told.as_slice(), *counted) != (verdict, &to_strings(codes)[..], signatures) {
            wrong.push(format!("{name}: {found:?}"));
        }
        let all_good = judged[name]
            .as_array()
            .expect("a list")
            .iter()
            .all(|v| *v == Value::Bool(true));
        // We may know less than pyHanko, but never call sound what it calls changed.
        let agree = match said {
            Sound => all_good,
            Broken => !all_good,
            Unknown => true,
        };
        if !agree {
            wrong.push(format!("{name}: {said:?}, but pyHanko: {}", judged[name]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(judged.as_object().expect("an object").len(), EXPECTED.len());
}

fn to_strings(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}
