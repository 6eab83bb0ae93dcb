//! What was drawn is what is described: types, cuts and fields against the fixtures' truth.

use std::fs;

use serde_json::Value;
use sohoa::formats::vietnamese::fold;
use sohoa::model::manifest::{DocumentRecord, DossierRecord};

use crate::support::{drop_of, expect_exit, fixture, manifest, run};

/// The dossier whose numbers and days were filled in with a pen (fixtures/README.md).
const BY_PEN: &str = "H10-220901-0300";
/// A field as the truth calls it and as we do.
const FIELDS: [(&str, &str); 4] = [
    ("so_ky_hieu", "so_ky_hieu"),
    ("ngay", "ngay_ban_hanh"),
    ("ma_ho_so", "ma_ho_so"),
    ("trich_yeu", "trich_yeu"),
];

fn truth(record: &DossierRecord) -> Vec<Value> {
    let path = fixture("truth").join(format!("{}.json", record.folder));
    let truth: Value = serde_json::from_slice(&fs::read(path).expect("the truth")).expect("JSON");
    truth["documents"].as_array().expect("documents").clone()
}

fn written_pages(document: &Value) -> usize {
    let pages = document["pages"].as_array().expect("pages");
    pages.iter().filter(|page| page["blank"] != true).count()
}

#[test]
fn documents_are_cut_typed_and_dated_as_they_were_drawn() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    drop_of("dossiers", &[], &drop);
    let out = folder.path().join("out");
    expect_exit(&mut run(&drop, &out), 0);

    let (mut asked, mut right) = (0, 0);
    for record in manifest(&out) {
        let truth = truth(&record);
        let drawn: Vec<(&str, usize)> = truth
            .iter()
            .map(|document| {
                (
                    document["type"].as_str().expect("a type"),
                    written_pages(document),
                )
            })
            .collect();
        let found: Vec<(&str, usize)> = record
            .documents
            .iter()
            .map(|document| {
                // The truth of these pages knows the general types alone.
                let kind = &document.description.kind;
                (
                    kind.broader.as_deref().unwrap_or(&kind.id),
                    document.pages as usize,
                )
            })
            .collect();
        assert_eq!(found, drawn, "{}", record.folder);
        for (document, truth) in record.documents.iter().zip(&truth) {
            for (theirs, ours) in FIELDS {
                let Some(drawn) = truth["fields"][theirs].as_str() else {
                    continue;
                };
                if record.folder == BY_PEN && ["so_ky_hieu", "ngay"].contains(&theirs) {
                    // Absent or right, never wrong; and a person looks at the dossier.
                    let found = document.description.fields.get(ours);
                    let found = found.map(|field| field.value.as_str());
                    assert!(found.is_none_or(|value| value == drawn), "{found:?}");
                    assert!(!record.review.is_empty(), "{}", document.file);
                    continue;
                }
                asked += 1;
                right += usize::from(is_right(document, ours, drawn));
            }
        }
    }
    // Of 126, three subjects have a tone wrong.
    assert!(
        asked > 100 && right * 100 >= asked * 97,
        "{right} of {asked} fields"
    );
}

/// True where the field says what was drawn; a field that says something else fails the test. Only a
/// subject, which is running text without a grammar, may differ in the tone of a letter: then it is not right.
fn is_right(document: &DocumentRecord, id: &str, drawn: &str) -> bool {
    let Some(field) = document.description.fields.get(id) else {
        // `GIẤY CHỨNG NHẬN / ĐĂNG KÝ HỘ KINH DOANH`: what stands under the heading is the kind's own name.
        return id == "trich_yeu" && fold(&document.description.kind.title).ends_with(&fold(drawn));
    };
    if id == "trich_yeu" && field.value != drawn {
        assert_eq!(fold(&field.value), fold(drawn), "{} {id}", document.file);
        return false;
    }
    assert_eq!(field.value, drawn, "{} {id}", document.file);
    assert!(field.evidence.page >= 1 && field.evidence.page <= document.pages);
    assert!(field.evidence.bounds.w_px > 0 && !field.evidence.read.is_empty());
    true
}
