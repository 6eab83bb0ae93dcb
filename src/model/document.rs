//! What is known of one document: its type and its fields, each with its evidence.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Confidence, DossierFacts, Flag, ListedPaper, PageSigns, PageText, PxBox, Role};

/// The type of a document, as one row of the type table (data, not code).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentType {
    /// Stable id, such as `quyet_dinh`; `khong_ro` where no type was recognised.
    pub id: String,
    /// Code `typeName` of TT 05/2025/TT-BNV (`01` to `32`); `32` (khác) where none fits.
    pub type_name: String,
    /// The name in Vietnamese, such as `Quyết định`.
    pub title: String,
    /// How sure the choice is.
    pub confidence: Confidence,
    /// The words that decided, and where; absent where nothing was recognised.
    pub evidence: Option<Evidence>,
    /// The more general type of the table that this one is a kind of (`quyet_dinh` for `qd_giao_dat`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broader: Option<String>,
    /// What spoke for the type and against it, the weightiest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cues: Vec<Cue>,
    /// The type that came next; absent where no other was likely at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_up: Option<RunnerUp>,
}

/// One thing that spoke for a type or against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cue {
    /// What it is: `heading`, `notation`, `regime`, `phrase`, `letter`, `model` … (docs/manifest.md).
    pub id: String,
    /// Its weight in hundredths of a nat of log-odds; negative where it spoke against the type.
    pub weight: i32,
    /// Where it stands; absent for what is seen on the page as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// The type that came next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunnerUp {
    /// Its id.
    pub id: String,
    /// Its name in Vietnamese.
    pub title: String,
    /// How likely it is.
    pub confidence: Confidence,
}

/// Where something was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Page of the document, from 1.
    pub page: u32,
    /// The box around the words, in pixels of the upright page.
    #[serde(rename = "box")]
    pub bounds: PxBox,
    /// The words as read, before any normalising.
    pub read: String,
}

/// One field of a document: the value, how sure, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// The value in its normal form: ISO 8601 dates, codes without spaces, NFC text.
    pub value: String,
    /// How sure the value is.
    pub confidence: Confidence,
    /// Where it was read.
    pub evidence: Evidence,
    /// The rule that found it, such as `nd30.so_ky_hieu`.
    pub rule: String,
    /// Other values that stand in the document for the same field, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<String>,
    /// Letters put right because the grammar of the value left one reading only;
    /// what was read stands in the evidence.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub repaired: u32,
}

/// For counts that are left out where there is nothing to count.
pub(super) fn is_zero<N: Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}

/// Fields by their id (`so_ky_hieu`, `ngay_ban_hanh`, `ma_ho_so` …), sorted by id.
pub type Fields = BTreeMap<String, Field>;

/// What was found out about one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Description {
    /// The document's type.
    #[serde(rename = "type")]
    pub kind: DocumentType,
    /// Its fields.
    pub fields: Fields,
    /// What it is in its dossier; absent until the dossier was looked at as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Reasons for a person to look at it, sorted by code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
}

/// Finds out type and fields of a document from its pages' words.
///
/// Two implementations are foreseen: rules (`stages::describe`) and the trained
/// model beside them; tests give a fixed one.
pub trait Describer: Sync {
    /// Names rules and tables with their versions: what changes it changes the descriptions.
    fn identity(&self) -> String;

    /// The type of this id, wholly sure; none where no table holds it.
    fn named(&self, id: &str) -> Option<DocumentType>;

    /// Describes one document; pages in order, the first page first. `listed` is the row of the
    /// type table that the dossier's own list names here, where it names one.
    fn describe_listed(&self, pages: &[&PageText], listed: Option<u16>) -> Description;

    /// Describes one document of which no list says anything.
    fn describe(&self, pages: &[&PageText]) -> Description {
        self.describe_listed(pages, None)
    }

    /// The papers that this page lists, in its order; none where it is no list of a dossier's papers.
    fn listed(&self, page: &PageText) -> Vec<ListedPaper>;

    /// What this page shows by itself: its place in a document, a stamp of secrecy.
    fn signs(&self, page: &PageText) -> PageSigns;

    /// Looks at all documents of a dossier together: gives each its role and flags those that
    /// speak against each other or against the dossier's code.
    fn conclude(&self, dossier: &DossierFacts<'_>, documents: &mut [Description]);
}
