//! One line of the manifest as the rows it becomes, or the reason why it does not.

use std::collections::BTreeMap;

use serde_json::json;
use unicode_normalization::is_nfc;

use super::limits;
use super::refusal::Refusal;
use super::units::KnownUnits;
use super::{DossierRow, Entry, PaperRow};
use crate::model::manifest::{DocumentRecord, DossierRecord, Fate, SealRecord};
use crate::model::{ComponentState, Digest, DossierCode, PaperKind};

/// The label of the drop that names the handling unit; without it the code's own agency counts.
const UNIT_LABEL: &str = "don_vi";
/// The label of the drop that names the procedure; without it the papers do.
const PROCEDURE_LABEL: &str = "ma_tthc";

/// The kind of papers that are neither component nor result (the offices' own).
const NEITHER: i64 = 2;

/// The rows of a packaged dossier; `line` is the SHA-256 of its line.
///
/// Refused is what the tables and the one-stop systems could not take as it is.
pub fn entry(
    record: &DossierRecord,
    code: &DossierCode,
    line: &Digest,
    units: Option<&KnownUnits>,
) -> Entry {
    let papers: Vec<PaperRow> = (record.documents.iter())
        .map(|document| paper(document, record))
        .collect();
    let dossier = dossier(record, code, line);
    let checked = checked(record, &dossier, &papers, units);
    Entry {
        refused: checked.err().map(|why| why.told(&record.folder)),
        dossier,
        papers,
    }
}

fn checked(
    record: &DossierRecord,
    dossier: &DossierRow,
    papers: &[PaperRow],
    units: Option<&KnownUnits>,
) -> Result<(), Refusal> {
    if dossier.content_key.is_empty() {
        return Err(Refusal::NoContentKey);
    }
    check_plain(record)?;
    limits::check(dossier, papers)?;
    let day = record.dossier.as_ref().map(DossierCode::day);
    match units.zip(day) {
        Some((units, day)) if !units.knows(&dossier.unit, day) => Err(Refusal::UnknownUnit {
            unit: dossier.unit.clone(),
        }),
        _ => Ok(()),
    }
}

fn dossier(record: &DossierRecord, code: &DossierCode, line: &Digest) -> DossierRow {
    let label = |name: &str| record.labels.get(name).map(|value| value.trim().to_owned());
    let published = |fate| fate == Fate::Published;
    DossierRow {
        code: code.to_string(),
        folder: record.folder.clone(),
        content_key: record
            .content_key
            .map_or(String::new(), |key| key.to_string()),
        record_sha256: line.to_string(),
        unit: label(UNIT_LABEL).unwrap_or_else(|| agency(code).to_owned()),
        procedure_code: label(PROCEDURE_LABEL).or_else(|| procedure(record)),
        code_day: code.day().to_string(),
        pages: record
            .pages
            .iter()
            .filter(|page| published(page.fate))
            .count() as i64,
        needs_review: !record.review.is_empty(),
        labels: json!(record.labels).to_string(),
    }
}

/// The agency that the code begins with: `H10.12` of `H10.12-221013-0001`.
fn agency(code: &DossierCode) -> &str {
    code.as_str().split('-').next().unwrap_or_default()
}

/// The procedure that the first paper names which names one.
fn procedure(record: &DossierRecord) -> Option<String> {
    let mut documents = record.documents.iter();
    documents.find_map(|document| field(document, "ma_tthc"))
}

fn field(document: &DocumentRecord, id: &str) -> Option<String> {
    let field = document.description.fields.get(id);
    field.map(|field| field.value.clone())
}

fn paper(document: &DocumentRecord, record: &DossierRecord) -> PaperRow {
    // As the rates count a delivery's own manifest (`Holdings::of`), so that both give the same numbers.
    let kind = PaperKind::of(document);
    let state = match kind {
        Some(PaperKind::Component) => ComponentState::of(&record.labels),
        _ => ComponentState::Digitized,
    };
    let counts = kind.and_then(|_| record.paper(document));
    let described = &document.description;
    let values: BTreeMap<&String, &String> = (described.fields.iter())
        .map(|(id, field)| (id, &field.value))
        .collect();
    let (result_code, valid_until) =
        counts.map_or((None, None), |paper| (paper.result_code, paper.valid_until));
    let (seal_state, seal_level) = seal(&document.seal);
    PaperRow {
        ordinal: document.n.into(),
        kind: kind.map_or(NEITHER, |kind| u8::from(kind).into()),
        state: state as i64,
        type_id: described.kind.id.clone(),
        type_name: described.kind.type_name.clone(),
        title: described.kind.title.clone(),
        result_code,
        valid_until,
        so_ky_hieu: field(document, "so_ky_hieu"),
        issued_on: field(document, "ngay_ban_hanh"),
        issuer: field(document, "co_quan_ban_hanh"),
        signer: field(document, "nguoi_ky"),
        subject: field(document, "trich_yeu"),
        fields: json!(values).to_string(),
        file: document.file.clone(),
        sha256: document.sha256.to_string(),
        // Nothing that the auditor read has 2^63 bytes.
        bytes: i64::try_from(document.bytes).unwrap_or(i64::MAX),
        pages: document.pages.into(),
        confidence_pct: described.kind.confidence.pct().into(),
        seal_state: seal_state.to_owned(),
        seal_level,
        needs_review: !described.flags.is_empty(),
    }
}

fn seal(seal: &SealRecord) -> (&'static str, Option<String>) {
    match seal {
        SealRecord::Signed { level, .. } => ("signed", Some(level.clone())),
        SealRecord::Kept { .. } => ("kept", None),
        SealRecord::Waiting => ("waiting", None),
    }
}

/// No control characters but line ends and tabs (PostgreSQL keeps no NUL, no one-stop shows the others), and
/// composed: what is not NFC was not written by us and would not be found again.
fn check_plain(record: &DossierRecord) -> Result<(), Refusal> {
    let labels = record.labels.iter().flat_map(|(name, value)| [name, value]);
    for text in labels.chain([&record.folder]) {
        check_text("labels", text, "")?;
    }
    record.documents.iter().try_for_each(|document| {
        let (described, file) = (&document.description, document.file.as_str());
        for text in [
            &described.kind.id,
            &described.kind.type_name,
            &described.kind.title,
        ] {
            check_text("title", text, file)?;
        }
        if let SealRecord::Signed { level, .. } = &document.seal {
            check_text("seal_level", level, file)?;
        }
        let mut fields = described.fields.iter();
        fields.try_for_each(|(id, field)| {
            check_text("fields", id, file)?;
            check_text(column_of(id), &field.value, file)
        })
    })
}

fn check_text(field: &'static str, text: &str, file: &str) -> Result<(), Refusal> {
    let is_odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    match is_nfc(text) && !text.contains(is_odd) {
        true => Ok(()),
        false => Err(Refusal::NotPlainText {
            field,
            file: file.to_owned(),
        }),
    }
}

/// The column that a field of a document goes into.
fn column_of(id: &str) -> &'static str {
    match id {
        "so_ky_hieu" => "so_ky_hieu",
        "ngay_ban_hanh" => "issued_on",
        "co_quan_ban_hanh" => "issuer",
        "nguoi_ky" => "signer",
        "trich_yeu" => "subject",
        "ma_tthc" => "procedure_code",
        _ => "fields",
    }
}
