//! An evaluation as a page to look at and as JSON for machines.

mod html;
mod pictures;
mod reading;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::judge::{DocumentJudgement, DossierJudgement, Verdict};
use super::reading::Readings;
use super::score::Scores;

pub use html::page;
pub use reading::ReadingCost;

/// The group that holds all dossiers.
pub const ALL: &str = "all";

/// What was measured.
pub struct Evaluation {
    /// The set: its folder's name.
    pub set: String,
    /// What described, with the versions of its tables.
    pub describer: String,
    /// Pages described in a second by one core, once their words are known.
    pub pages_per_second: f64,
    /// What reading cost; absent where nobody counted.
    pub reading_cost: Option<ReadingCost>,
    /// Every dossier, in the order of their codes.
    pub dossiers: Vec<DossierJudgement>,
}

impl Evaluation {
    /// The scores of all dossiers ([`ALL`]) and of each group.
    pub fn groups(&self) -> BTreeMap<&str, Scores> {
        let mut groups: BTreeMap<&str, Scores> = BTreeMap::new();
        for dossier in &self.dossiers {
            let names = dossier.groups.iter().map(String::as_str);
            for name in names.chain([ALL]) {
                groups.entry(name).or_default().add(dossier);
            }
        }
        groups
    }

    /// How pages were read; `None` where the truth tells no line of any page.
    pub fn readings(&self) -> Option<Readings> {
        Readings::of(&self.dossiers)
    }

    /// Every document in which something is not as it should be, with its dossier.
    pub fn errors(&self) -> impl Iterator<Item = (&DossierJudgement, &DocumentJudgement)> {
        let documents = self.dossiers.iter().flat_map(|dossier| {
            let documents = dossier.documents.iter();
            documents.map(move |document| (dossier, document))
        });
        documents.filter(|(_, document)| !remarks(document).is_empty())
    }

    /// Everything as JSON (docs/evaluation.md says what each key means).
    pub fn as_json(&self) -> Value {
        let groups = self.groups();
        let groups: BTreeMap<&str, Value> = groups
            .iter()
            .map(|(name, scores)| (*name, figures(scores)))
            .collect();
        let errors: Vec<Value> = self
            .errors()
            .map(|(dossier, document)| error(dossier, document))
            .collect();
        json!({
            "v": 1, "set": self.set, "describer": self.describer,
            "pages_per_second": self.pages_per_second.round(),
            "reading": self.readings().as_ref().map(reading::as_json),
            "reading_cost": self.cost_as_json(),
            "groups": groups, "errors": errors,
        })
    }

    fn cost_as_json(&self) -> Option<Value> {
        let cost = self.reading_cost?;
        let per_page = cost.cpu_seconds_per_page()?;
        Some(json!({"pages": cost.pages, "cpu_seconds_per_page": reading::round(per_page)}))
    }
}

fn figures(scores: &Scores) -> Value {
    let figures: BTreeMap<&str, Option<f64>> = scores
        .figures()
        .into_iter()
        .map(|figure| (figure.id, figure.value.map(reading::round)))
        .collect();
    let field = |(id, score): (&String, &super::FieldScore)| {
        let score = json!({
            "printed": score.printed(), "right": score.right,
            "wrong_flagged": score.wrong_flagged, "wrong_unflagged": score.wrong_unflagged,
            "missing": score.missing,
        });
        (id.clone(), score)
    };
    let fields: BTreeMap<String, Value> = scores.fields.iter().map(field).collect();
    json!({
        "dossiers": scores.dossiers, "documents": scores.types.whole,
        "pages": scores.pages.whole, "figures": figures, "fields": fields,
    })
}

fn error(dossier: &DossierJudgement, document: &DocumentJudgement) -> Value {
    json!({
        "dossier": dossier.code, "file": document.place.0, "page": document.place.1 + 1,
        "type": document.kind, "flagged": document.flagged, "flags": document.flags,
        "remarks": remarks(document),
    })
}

/// What is not as it should be with a document, each in a few words.
fn remarks(document: &DocumentJudgement) -> Vec<String> {
    let mut remarks = Vec::new();
    if !document.cut_right {
        remarks.push(format!("cut ({} %)", document.split_confidence.pct()));
    }
    if !document.kind_right() {
        let found = document.found_kind.as_deref().unwrap_or("-");
        let sure_pct = document.kind_confidence.pct();
        remarks.push(format!("{} → {found} ({sure_pct} %)", document.kind));
    }
    let unlike = document
        .fields
        .iter()
        .filter(|field| field.verdict != Verdict::Right);
    remarks.extend(unlike.map(|field| {
        let found = field.found.as_deref().unwrap_or("-");
        format!("{}: {} → {found}", field.id, field.expected)
    }));
    remarks
}
