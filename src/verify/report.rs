//! The outcome of an audit: facts and findings, and the verdict that follows from them.

use serde::Serialize;
use time::OffsetDateTime;

use super::draw::Drawn;
use super::finding::{Finding, Severity};
use super::judge::{PdfReport, ProvenBy, RevocationState, SignerFacts, TimestampReport};
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

/// What is known of the revocation of a signer's certificate and those above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// There is no path to a root, so nobody's word could be asked for.
    NotChecked,
    /// Of each certificate its issuer says that it was not revoked.
    Good,
    /// One of them is revoked.
    Revoked,
    /// Of one of them nobody said anything usable.
    Unknown,
}

impl Revocation {
    fn of(signer: &SignerFacts) -> Self {
        let any = |state| signer.revocation.iter().any(|one| one.state == state);
        match signer.path.state {
            Chain::Trusted if any(RevocationState::Revoked) => Self::Revoked,
            Chain::Trusted if any(RevocationState::Unknown) => Self::Unknown,
            Chain::Trusted => Self::Good,
            Chain::Untrusted | Chain::NotChecked => Self::NotChecked,
        }
    }
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
    /// What is known of revocation.
    pub revocation: Revocation,
    /// Digest, signature algorithm and key size are allowed.
    pub algorithm_allowed: bool,
    /// The certificate may be used for signing documents.
    pub key_usage_ok: bool,
    /// The signer's own claim of the time.
    #[serde(with = "time::serde::rfc3339::option")]
    pub claimed_time: Option<OffsetDateTime>,
    /// The earliest time at which it is proven to have existed.
    #[serde(with = "time::serde::rfc3339::option")]
    pub proven_time: Option<OffsetDateTime>,
    /// What proves that time.
    pub proven_by: Option<ProvenBy>,
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
            proven_time: None,
            proven_by: None,
            level: None,
            signer: None,
        }
    }
}

impl SignatureFacts {
    /// Takes over what the judge found of the signer's certificate.
    pub(super) fn know(&mut self, signer: &SignerFacts) {
        self.chain = signer.path.state;
        self.key_usage_ok = signer.key_usage_ok;
        self.revocation = Revocation::of(signer);
        let held = |claimed: OffsetDateTime| {
            let certificate = signer.certificate.as_ref();
            certificate.is_some_and(|one| (one.not_before..=one.not_after).contains(&claimed))
        };
        self.certificate_valid_at_claimed_time = self.claimed_time.is_some_and(held);
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

/// The batch's evidence record, where it leads from this package through its time stamps.
#[derive(Clone, Debug, Serialize)]
pub struct RecordFacts {
    /// The time of its first time stamp; only where each of them proves its own.
    #[serde(with = "time::serde::rfc3339::option")]
    pub proven_time: Option<OffsetDateTime>,
    /// It covers the signature of the header, not only the header.
    pub covers_batch_signature: bool,
    /// The hash of each chain; more than one where the hash tree was renewed.
    pub hashes: Vec<&'static str>,
    /// Its time stamps, the oldest first.
    pub timestamps: Vec<TimestampReport>,
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
    /// The batch's evidence record; absent where there is none that holds.
    pub record: Option<RecordFacts>,
    /// Every finding, worst first.
    pub findings: Vec<Finding>,
    /// Findings above the ceiling, which were only counted.
    pub findings_left_out: u64,
    /// Every document, in manifest order.
    pub files: Vec<FileReport>,
}
