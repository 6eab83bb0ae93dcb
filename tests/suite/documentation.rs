//! Documents that are printed from the code stay equal to it.
//!
//! `SOHOA_WRITE_DOCS=1 cargo test --test suite documentation` writes them anew.

use std::fs;

use schemars::schema_for;
use sohoa::messages::{self, Language};
use sohoa::model::manifest::{BatchHeader, DossierRecord};

use crate::support::root;

fn hold(name: &str, printed: &str) {
    let path = root().join("docs").join(name);
    if std::env::var_os("SOHOA_WRITE_DOCS").is_some() {
        fs::write(&path, printed).expect("docs/ can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == printed,
        "docs/{name} is out of date: SOHOA_WRITE_DOCS=1 cargo test documentation"
    );
}

fn pretty(schema: &schemars::Schema) -> String {
    serde_json::to_string_pretty(schema).expect("a schema is JSON") + "\n"
}

#[test]
fn the_schema_of_the_manifest_is_that_of_the_code() {
    hold("manifest.schema.json", &pretty(&schema_for!(DossierRecord)));
}

#[test]
fn the_schema_of_the_header_is_that_of_the_code() {
    hold("batch.schema.json", &pretty(&schema_for!(BatchHeader)));
}

#[test]
fn every_code_is_listed_for_people() {
    let mut page = String::from(
        "# Codes\n\nEvery fault and finding, printed from `src/messages`. INT intake, OCR recognition,\n\
         PDF assembly, SEAL signing, TOK tokens, PKG package, RUN the run itself, V what `verify` finds.\n\n\
         | code | chuyện gì · what happened | làm gì · what to do |\n|---|---|---|\n",
    );
    for code in messages::codes() {
        let vi = messages::wording(Language::Vi, code, &[]);
        let en = messages::wording(Language::En, code, &[]);
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let (what, remedy) = (cell(&vi.what), cell(&vi.remedy));
        page += &format!(
            "| {code} | {what}<br>{} | {remedy}<br>{} |\n",
            cell(&en.what),
            cell(&en.remedy)
        );
    }
    hold("codes.md", &page);
}
