//! The manifest's versioning rule: what one program writes today, another reads tomorrow.
//!
//! `kept/manifest_v1.jsonl` and its schema were written by the program as it stood before documents
//! told what they count for; they are never made anew.

use std::fs;
use std::path::PathBuf;

use schemars::schema_for;
use serde_json::{Value, json};
use sohoa::model::manifest::{DossierRecord, NotARecord};
use sohoa::model::{PaperKind, PaperState, RoleId};

use crate::support::root;

const FREE_KEYS: [&str; 3] = ["fields", "params", "labels"];

fn kept(name: &str) -> String {
    let path: PathBuf = root().join("tests/onestop/kept").join(name);
    fs::read_to_string(path).expect("a kept file")
}

fn lines() -> Vec<String> {
    let lines: Vec<String> = kept("manifest_v1.jsonl")
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(lines.len(), 2);
    lines
}

#[test]
fn a_line_written_before_is_read_and_nothing_in_it_changes_its_meaning() {
    for line in lines() {
        let record = DossierRecord::from_line(line.as_bytes()).expect("a record");
        let again = serde_json::to_value(&record).expect("JSON");
        assert_eq!(again, serde_json::from_str::<Value>(&line).expect("JSON"));
    }
}

#[test]
fn what_an_older_line_does_not_tell_of_its_papers_follows_from_the_roles() {
    let mut kinds = Vec::new();
    for line in lines() {
        let record = DossierRecord::from_line(line.as_bytes()).expect("a record");
        for document in &record.documents {
            assert_eq!(document.paper, None);
            let role = document.description.role.as_ref().expect("a role").id;
            let paper = record.paper(document);
            assert_eq!(paper.is_none(), role == RoleId::NoiBo);
            kinds.extend(paper.map(|paper| (paper.kind, paper.state)));
        }
    }
    assert!(kinds.contains(&(PaperKind::Component, PaperState::Digitized)));
    assert!(kinds.contains(&(PaperKind::Result, PaperState::Digitized)));
}

/// Puts a field that no program knows into every object of a value; not into maps of free keys, where
/// it would be an entry.
fn with_unknown_fields(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let shaped = fields
                .iter_mut()
                .filter(|(key, _)| !FREE_KEYS.contains(&key.as_str()));
            shaped.for_each(|(_, value)| with_unknown_fields(value));
            fields.insert("truong_cua_mai_sau".to_owned(), json!({"x": [1, null]}));
        }
        Value::Array(values) => values.iter_mut().for_each(with_unknown_fields),
        _ => {}
    }
}

#[test]
fn fields_of_later_programs_are_passed_over() {
    for line in lines() {
        let mut value: Value = serde_json::from_str(&line).expect("JSON");
        with_unknown_fields(&mut value);
        let read = DossierRecord::from_line(value.to_string().as_bytes()).expect("a record");
        assert_eq!(Ok(read), DossierRecord::from_line(line.as_bytes()));
    }
}

#[test]
fn another_version_is_refused_with_its_number() {
    for line in lines() {
        for (said, version) in [
            ("\"v\":2,", 2),
            ("\"v\":0,", 0),
            ("\"v\":18446744073709551615,", u64::MAX),
        ] {
            let other = line.replacen("\"v\":1,", said, 1);
            let refused = DossierRecord::from_line(other.as_bytes());
            assert_eq!(refused, Err(NotARecord::OtherVersion(version)));
        }
        let none = line.replacen("\"v\":1,", "", 1);
        let refused = DossierRecord::from_line(none.as_bytes());
        assert!(matches!(refused, Err(NotARecord::Shape(_))));
    }
}

/// Everything that an older reader rests on stands in the newer schema, unchanged.
fn hold(older: &Value, newer: &Value, place: &str) {
    let fields = |schema: &Value| {
        schema["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default()
    };
    let plain = |field: &Value| {
        let mut field = field.clone();
        // Words about a field may be bettered; what it is may not change.
        if let Some(field) = field.as_object_mut() {
            field.remove("description");
        }
        field
    };
    let now = fields(newer);
    for (name, field) in fields(older) {
        let still = now.get(&name).map(plain);
        assert_eq!(still, Some(plain(&field)), "{place}.{name}");
    }
    let required = |schema: &Value| schema["required"].as_array().cloned().unwrap_or_default();
    let now = required(newer);
    for name in required(older) {
        assert!(
            now.contains(&name),
            "{place}: {name} is no longer always there"
        );
    }
}

#[test]
fn nothing_of_version_1_was_changed_or_taken_away() {
    let older: Value = serde_json::from_str(&kept("manifest_v1.schema.json")).expect("JSON");
    let newer = serde_json::to_value(schema_for!(DossierRecord)).expect("JSON");
    hold(&older, &newer, "line");
    let types = older["$defs"].as_object().expect("types");
    assert!(types.len() > 15);
    for (name, schema) in types {
        hold(schema, &newer["$defs"][name], name);
    }
}
