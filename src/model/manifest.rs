//! The manifest: one JSON object a dossier, and the batch's header.
//!
//! docs/manifest.md explains it to the people who import it; the JSON Schemas in
//! docs/ are printed from these types and a test keeps them equal.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::document::is_zero;
use super::{Confidence, Description, Digest, DossierCode, Paper, Retry};

/// The version of the manifest's shape. Fields may be added within a version, never changed.
pub const MANIFEST_VERSION: u32 = 1;

/// One line of `manifest.jsonl`: what became of one dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DossierRecord {
    /// Version of this shape, now 1.
    pub v: u32,
    /// The folder's path below the drop, `/` between its parts, Unicode NFC.
    ///
    /// Where a dossier is files beside others, or lies in an archive, this is the name it
    /// would have as a folder; no two lines of a manifest have the same.
    pub folder: String,
    /// The dossier code; absent where the folder's name is none.
    pub dossier: Option<DossierCode>,
    /// What the layout of the drop says besides: `fonds` → `Phông UBND`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The archives (ZIP, TAR, 7z) that the files came in, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<Container>,
    /// How it ended.
    pub outcome: Outcome,
    /// Everything that kept it from being done; empty where it was packaged.
    pub reasons: Vec<Reason>,
    /// Why documents of a packaged dossier wait for a person to look at them, documents in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub review: Vec<Reason>,
    /// SHA-256 over inputs, plan and software: equal keys mean equal work.
    pub content_key: Option<Digest>,
    /// The files taken in, in page order.
    pub sources: Vec<Source>,
    /// Files passed over because the plan says that such names are no scans (`Thumbs.db` …).
    pub ignored: Vec<String>,
    /// Every page scanned, in order, with its fate.
    pub pages: Vec<PageRecord>,
    /// The documents made.
    pub documents: Vec<DocumentRecord>,
}

impl DossierRecord {
    /// What people have to be told of it: why it was set aside, or why a person must look at it.
    pub fn told(&self) -> impl Iterator<Item = &Reason> {
        self.reasons.iter().chain(&self.review)
    }

    /// What a document of it counts for, also where its line was written before that was told.
    pub fn paper(&self, document: &DocumentRecord) -> Option<Paper> {
        let told = document.paper.clone();
        told.or_else(|| Paper::of(document.description.role.as_ref()?, &self.labels))
    }

    /// Reads a line, with or without its line end, by the rule of docs/manifest.md: fields that are
    /// not known are passed over, another version is refused.
    pub fn from_line(line: &[u8]) -> Result<Self, NotARecord> {
        #[derive(Deserialize)]
        struct Versioned {
            v: u64,
        }
        let of = |fault: serde_json::Error| NotARecord::Shape(fault.to_string());
        let Versioned { v } = serde_json::from_slice(line).map_err(of)?;
        if v != u64::from(MANIFEST_VERSION) {
            return Err(NotARecord::OtherVersion(v));
        }
        serde_json::from_slice(line).map_err(of)
    }
}

/// Why a line is not read as a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARecord {
    /// It is of another version: its fields may mean something else.
    #[error("version {0}, this program reads version {MANIFEST_VERSION}")]
    OtherVersion(u64),
    /// It is no JSON, or lacks a field, or a field is of another kind.
    #[error("{0}")]
    Shape(String),
}

/// The one outcome of a dossier that stands in the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its files stand in the package.
    Packaged,
    /// It could not be done; the reason stands beside it and the scans were not touched.
    SetAside,
}

/// Why a dossier was set aside, for machines (code) and for people (both languages).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Stable code, listed in docs/codes.md.
    pub code: String,
    /// The file or folder it is about, below the drop.
    pub place: String,
    /// When trying again may help: never with the same input, later by itself, after a person acted.
    #[serde(default)]
    pub retry: Retry,
    /// What happened and what to do, in Vietnamese.
    pub vi: Wording,
    /// What happened and what to do, in English.
    pub en: Wording,
}

/// A message in its two halves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wording {
    /// What happened.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// An archive that files of a dossier came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Container {
    /// Its path below the drop, `/` between its parts, Unicode NFC.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Length in bytes.
    pub bytes: u64,
}

/// One file taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The file's path below the dossier's folder, Unicode NFC.
    pub name: String,
    /// SHA-256 of the file's bytes.
    pub sha256: Digest,
    /// Length in bytes.
    pub bytes: u64,
    /// Pages in it; zero where it could not be opened. Of a part of a stream: pages of the part.
    pub pages: u32,
    /// Of a file that holds other dossiers' pages too (a box scanned at once): the first page of
    /// this dossier in it, from 1; absent where the whole file belongs to the dossier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_page: Option<u32>,
    /// The kept copy below the dossier's folder in the package; absent where none is kept.
    pub kept: Option<String>,
}

/// One line of `duplicates.jsonl`: a scan that occurs more than once in the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Duplicate {
    /// SHA-256 of the scan.
    pub sha256: Digest,
    /// Length in bytes.
    pub bytes: u64,
    /// Everywhere it occurs, in the order of the manifest.
    pub places: Vec<DuplicatePlace>,
}

/// One place where a scan occurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuplicatePlace {
    /// `folder` of the dossier's line.
    pub folder: String,
    /// `name` of the source in it.
    pub name: String,
}

/// What became of one scanned page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It stands in a document.
    Published,
    /// Nothing is written on it.
    Blank,
    /// It only parts dossiers from each other.
    Separator,
    /// It could not be used; the dossier's reason says why.
    Rejected,
}

/// One scanned page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageRecord {
    /// Number of its file in `sources`, from 1.
    pub source: u32,
    /// Page inside that file, from 1.
    pub source_page: u32,
    /// What became of it.
    pub fate: Fate,
    /// Where it stands in the package; absent unless published.
    pub published: Option<PublishedPage>,
    /// The earlier page that is most likely the same sheet scanned before; both are published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_sheet_as: Option<PagePlace>,
}

/// A page of a dossier by its place among the scans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PagePlace {
    /// Number of its file in `sources`, from 1.
    pub source: u32,
    /// Page inside that file, from 1.
    pub source_page: u32,
}

/// A page of a document in the package. Sizes are those of the upright page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PublishedPage {
    /// Number of the document, from 1.
    pub document: u32,
    /// Page of that document, from 1.
    pub page: u32,
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// Dots per inch.
    pub dpi: u32,
    /// True where the file did not say its resolution and it was estimated.
    pub dpi_estimated: bool,
    /// Clockwise turn from the stored image to the upright page, degrees (0, 90, 180, 270).
    pub turn_deg: u32,
    /// Words read on it.
    pub words: u32,
    /// Mean confidence of the words.
    pub confidence_pct: Confidence,
    /// Where the words come from; left out where the page was read as usual.
    #[serde(default, skip_serializing_if = "Reading::is_usual")]
    pub reading: Reading,
    /// SHA-256 of the image stream's bytes as they stand in the PDF; left out for a page of a kept
    /// document, whose images are its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_sha256: Option<Digest>,
    /// SHA-256 of the page's text in UTF-8 (words joined by spaces, lines by line feeds).
    pub text_sha256: Digest,
}

/// Where a published page's words come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Read from its image.
    #[default]
    Recognized,
    /// The scan's own text layer, which agreed with a sample read from the image.
    TextLayer,
    /// Read from its image by Tesseract as a whole page, because lines found on it gave no sure text.
    WholePage,
    /// Read once more, black and white and coarser, because the first try did not end in time.
    WithLessEffort,
    /// Not read: no try ended in time. The page stands as an image without text.
    ImageOnly,
}

impl Reading {
    fn is_usual(&self) -> bool {
        *self == Reading::Recognized
    }
}

/// One document of the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentRecord {
    /// Number within the dossier, from 1.
    pub n: u32,
    /// File name below the dossier's folder in the package.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Length in bytes.
    pub bytes: u64,
    /// Its pages.
    pub pages: u32,
    /// How sure its borders are: the least sure of where it begins, goes on and ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_confidence: Option<Confidence>,
    /// Who corrected or confirmed it (the account, of several the last); absent where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at_by: Option<String>,
    /// What it counts for in the one-stop system; absent for the offices' own papers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<Paper>,
    /// Type and fields.
    #[serde(flatten)]
    pub description: Description,
    /// Its signature.
    pub seal: SealRecord,
    /// The text beside a kept document; left out for all others, which hold theirs themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextFile>,
}

/// The text that was read on the pages of a kept document: UTF-8, a form feed between two pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextFile {
    /// File name below the dossier's folder in the package.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Length in bytes.
    pub bytes: u64,
}

/// The code that says why a document was kept as it came: its source carries signatures.
pub const KEPT_AS_IT_CAME: &str = "INT-010";

/// The state of a document's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SealRecord {
    /// Signed (đã ký).
    Signed {
        /// The level that was reached: `PAdES-B-B`, `PAdES-B-T`, `PAdES-B-LT` or `PAdES-B-LTA`.
        level: String,
        /// Subject of the signer's certificate, RFC 4514.
        signer: String,
        /// SHA-256 of the signer's certificate in DER.
        certificate_sha256: Digest,
        /// The signer's own claim of the time, ISO 8601 with zone.
        claimed_at: String,
        /// What its visible mark on page 1 says, line by line; absent where nothing is seen of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mark: Option<String>,
        /// The level the plan asks for, where it was not reached: the file waits for its time stamp
        /// (chờ dấu thời gian) until `sohoa renew`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wanted_level: Option<String>,
        /// Time of the time stamp over the signature, ISO 8601 with zone; absent where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stamped_at: Option<String>,
        /// Time of the time stamp over the whole file, ISO 8601 with zone; absent where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        archived_at: Option<String>,
    },
    /// Waiting for signature (chờ ký).
    Waiting,
    /// Kept byte for byte as it came, because it carries signatures of its own (giữ nguyên).
    Kept {
        /// Why: always `INT-010`.
        reason: String,
        /// Whether its signatures are intact. Who signed is not judged here.
        verdict: KeptVerdict,
        /// Everything found about its signatures, by the codes of docs/verify.md.
        codes: Vec<String>,
        /// Its signatures, time stamps among them.
        signatures: u32,
        /// Subjects of the signers' certificates, RFC 4514, oldest signature first.
        signers: Vec<String>,
    },
}

/// The state of the signatures that a kept document came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeptVerdict {
    /// Every signature is intact and nothing that shows was changed behind it.
    Sound,
    /// A signature does not hold, or what shows was changed behind it.
    Broken,
    /// It cannot be judged: a weak or unknown algorithm, an unreadable form.
    Unknown,
}

/// `batch.json`: the header that the JWS signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BatchHeader {
    /// Version of this shape, now 1.
    pub v: u32,
    /// When the header was written, ISO 8601 with zone.
    pub created: String,
    /// The program that made it.
    pub software: Software,
    /// SHA-256 of the plan in force, as `sohoa` normalises it.
    pub plan_sha256: Digest,
    /// The manifest this header stands for.
    pub manifest: ManifestSeal,
    /// How the dossiers of the manifest ended.
    pub dossiers: DossierCounts,
    /// The page equation: scanned = published + blank + separator + rejected.
    pub pages: PageCounts,
    /// Documents in the package.
    pub documents: u64,
    /// The tree over scans, pages and files.
    pub merkle: MerkleSeal,
}

/// Which program and which models made the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Software {
    /// Always `sohoa`.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// The recogniser and its version, such as `tesseract 5.3.0`.
    pub engine: String,
    /// SHA-256 of the recognition model.
    pub model_sha256: Digest,
}

/// Name and digest of the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ManifestSeal {
    /// Always `manifest.jsonl`.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Lines in it: one a dossier.
    pub lines: u64,
}

/// How many dossiers ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DossierCounts {
    /// All dossiers of the manifest.
    pub total: u64,
    /// In the package.
    pub packaged: u64,
    /// Of those in the package, the ones with a document that waits for a person.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waiting_for_review: u64,
    /// Set aside with a reason.
    pub set_aside: u64,
}

/// How many scanned pages ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageCounts {
    /// All pages scanned.
    pub scanned: u64,
    /// In a document.
    pub published: u64,
    /// Blank.
    pub blank: u64,
    /// Separator sheets.
    pub separator: u64,
    /// Not usable.
    pub rejected: u64,
}

/// The root of the batch's Merkle tree (RFC 6962, SHA-256).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MerkleSeal {
    /// The root.
    pub root: Digest,
    /// Leaves under it.
    pub leaves: u64,
}

/// Date, time to the second and zone, as the circular asks: `2026-11-21T16:14:30+07:00`.
pub fn iso_8601(time: OffsetDateTime) -> String {
    let whole = time
        .replace_nanosecond(0)
        .expect("zero nanoseconds always fit");
    let format = time::macros::format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second][offset_hour sign:mandatory]:[offset_minute]"
    );
    whole
        .format(&format)
        .expect("the format needs only what every time has")
}
