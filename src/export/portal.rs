//! The national portal's older sync payload (`DongBoHoSoMC`), one JSON file a dossier.
//!
//! Names and limits are those of a one-stop system that sends it (DOMAIN section 6). What the manifest
//! does not know and the profile does not give is left out, never made up: a receiver that needs it
//! says so, and `required` in portal.toml says it before.

use std::path::Path;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Exporter;
use super::fault::{ExportFault, FieldFault, Refused};
use super::rules::{FieldRule, fill};
use super::staged::{Staged, write_new};
use super::subject::Subject;
use crate::model::PaperKind;

static FIELDS: LazyLock<Fields> =
    LazyLock::new(|| toml::from_str(include_str!("portal.toml")).expect("embedded and tested"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[allow(dead_code, reason = "tells people which text the file is")]
    version: String,
    /// Members of the dossier.
    dossier: Vec<FieldRule>,
    /// Members of `DinhDanhCHS`, left out where one is not known.
    applicant: Vec<FieldRule>,
    /// Members of each of `TaiLieuNop`.
    component: Vec<FieldRule>,
    /// Members of each of `DanhSachGiayToKetQua`.
    result: Vec<FieldRule>,
}

/// A folder of payloads in the making.
pub struct Portal {
    staged: Staged,
}

impl Portal {
    /// An empty folder.
    pub fn new(target: &Path) -> Result<Self, ExportFault> {
        let staged = Staged::at(target)?;
        staged.folder()?;
        Ok(Self { staged })
    }
}

impl Exporter for Portal {
    fn add(&mut self, subject: &Subject<'_>) -> Result<(), Refused> {
        let payload = payload(subject).map_err(Refused::Fields)?;
        let mut text = serde_json::to_vec_pretty(&payload).expect("only texts and lists");
        text.push(b'\n');
        let name = format!("{}.json", subject.dossier.code);
        write_new(&self.staged.path().join(name), &text)?;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ExportFault> {
        self.staged.put()
    }
}

/// What is sent for one dossier.
fn payload(subject: &Subject<'_>) -> Result<Value, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let mut dossier = members(&FIELDS.dossier, subject, None, &mut faults);
    let applicant = members(&FIELDS.applicant, subject, None, &mut Vec::new());
    if applicant.len() == FIELDS.applicant.len() {
        dossier.insert(
            "DinhDanhCHS".to_owned(),
            Value::Array(vec![applicant.into()]),
        );
    }
    let mut list = |kind: PaperKind, rules: &[FieldRule]| {
        let places = 0..subject.documents().len();
        let papers = places.filter(|at| subject.paper(*at).is_some_and(|paper| paper.kind == kind));
        let each = papers.map(|at| members(rules, subject, Some(at), &mut faults).into());
        Value::Array(each.collect())
    };
    let components = list(PaperKind::Component, &FIELDS.component);
    let results = list(PaperKind::Result, &FIELDS.result);
    dossier.insert("TaiLieuNop".to_owned(), components);
    dossier.insert("DanhSachGiayToKetQua".to_owned(), results);
    match faults.is_empty() {
        true => Ok(dossier.into()),
        false => Err(faults),
    }
}

/// The members that are known, in the order of the table.
fn members(
    rules: &[FieldRule],
    subject: &Subject<'_>,
    at: Option<usize>,
    faults: &mut Vec<FieldFault>,
) -> Map<String, Value> {
    let values = fill(rules, subject, at, faults);
    let named = rules
        .iter()
        .zip(values)
        .filter(|(_, value)| !value.is_empty());
    named
        .map(|(rule, value)| (rule.name.clone(), Value::String(value)))
        .collect()
}
