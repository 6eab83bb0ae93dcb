//! The outcome of an audit: facts and findings, and the verdict that follows from them.

use serde::Serialize;
use time::OffsetDateTime;

use super::draw::Drawn;
use super::finding::{Finding, Severity};
use super::judge::PdfReport;
use crate::model::Digest;
use crate::model::manifest::{BatchHeader, DossierCounts, PageCounts};

/// The bottom line, in the three states of ETSI EN 319 102-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All holds (hợp lệ).
    Valid,
    /// Nothing is wrong, but not everything could be judged (không xác định).
    Indeterminate,
    /// Something is wrong (không hợp lệ).
    Invalid,
}

impl Verdict {
    /// The verdict that the worst finding asks for.
    pub fn from_worst(worst: Option<Severity>) -> Self {
        match worst {
            None | Some(Severity::Note) => Verdict::Valid,
            Some(Severity::Doubt) => Verdict::Indeterminate,
            Some(Severity::Wrong) => Verdict::Invalid,
        }
    }
}

/// Whether a certificate leads to a trusted root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Chain {
    /// A path was found, every signature on it holds.
    Trusted,
    /// Roots were given and no path leads to one.
    Untrusted,
    /// No roots were given, or there is no certificate to judge.
    NotChecked,
}

/// Whether revocation was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// Nobody was asked: level B-B carries no revocation data.
    NotChecked,
}

/// What is known of one signature, apart from any verdict on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignatureFacts {
    /// The covered bytes have the signed digest and the signature over it holds.
    pub intact: bool,
    /// Everything but the signature value itself is covered.
    pub covers_whole_file: bool,
    /// Whether the certificate leads to a trusted root.
    pub chain: Chain,
    /// The certificate was valid at the claimed time.
    pub certificate_valid_at_claimed_time: bool,
    /// Whether revocation was looked at.
    pub revocation: Revocation,
    /// Digest, signature algorithm and key size are allowed.
    pub algorithm_allowed: bool,
    /// The certificate may be used for signing documents.
    pub key_usage_ok: bool,
    /// The signer's own claim of the time.
    #[serde(with = "time::serde::rfc3339::option")]
    pub claimed_time: Option<OffsetDateTime>,
    /// `PAdES-B-B` where the signature has that form; absent for the batch's JWS.
    pub level: Option<String>,
    /// Subject of the signer's certificate, RFC 4514.
    pub signer: Option<String>,
}

impl Default for SignatureFacts {
    /// Nothing is known, so nothing is granted.
    fn default() -> Self {
        Self {
            intact: false,
            covers_whole_file: false,
            chain: Chain::NotChecked,
            certificate_valid_at_claimed_time: false,
            revocation: Revocation::NotChecked,
            algorithm_allowed: false,
            key_usage_ok: false,
            claimed_time: None,
            level: None,
            signer: None,
        }
    }
}

/// The verdict on one document of the package.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// Path below the package's folder.
    pub path: String,
    /// The bottom line for this file.
    pub verdict: Verdict,
    /// Its signature; absent where it carries none.
    pub signature: Option<SignatureFacts>,
    /// All its signatures and time stamps judged one by one; only where a report asks for them.
    #[serde(skip)]
    pub judged: Option<PdfReport>,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Lines of the manifest.
    pub dossiers: u64,
    /// Documents (PDF files) named by the manifest.
    pub files: u64,
    /// Kept scans whose bytes were hashed.
    pub scans: u64,
    /// Pages of those documents whose image and text were recomputed.
    pub pages: u64,
    /// Signatures found in documents.
    pub signatures: u64,
}

impl Counts {
    /// Adds what was looked at elsewhere.
    pub(super) fn add(&mut self, other: &Counts) {
        self.dossiers += other.dossiers;
        self.files += other.files;
        self.scans += other.scans;
        self.pages += other.pages;
        self.signatures += other.signatures;
    }
}

/// The batch as recomputed from its lines, whatever its header says.
#[derive(Clone, Debug, Serialize)]
pub struct BatchFacts {
    /// SHA-256 of the manifest; absent where it could not be read to its end.
    pub manifest_sha256: Option<Digest>,
    /// Root of the Merkle tree.
    pub merkle_root: Digest,
    /// Leaves of the tree.
    pub merkle_leaves: u64,
    /// How the dossiers ended.
    pub dossiers: DossierCounts,
    /// How the pages ended.
    pub pages: PageCounts,
    /// What the header says of the batch; absent where it cannot be read.
    #[serde(skip)]
    pub header: Option<BatchHeader>,
}

/// The outcome of an audit.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The bottom line.
    pub verdict: Verdict,
    /// The time the audit was asked to judge by.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Trusted roots that were given.
    pub trust_roots: usize,
    /// What was looked at.
    pub counts: Counts,
    /// The batch as recomputed; absent where there is no manifest to read.
    pub batch: Option<BatchFacts>,
    /// The pages drawn for a person's eyes; absent where no sample was asked for.
    pub sample: Option<Drawn>,
    /// The batch's signature; absent where there is none.
    pub batch_signature: Option<SignatureFacts>,
    /// Every finding, worst first.
    pub findings: Vec<Finding>,
    /// Findings above the ceiling, which were only counted.
    pub findings_left_out: u64,
    /// Every document, in manifest order.
    pub files: Vec<FileReport>,
}
