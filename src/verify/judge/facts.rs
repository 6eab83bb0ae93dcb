//! What is known of a signed PDF file: separate facts for each signature, then one bottom line.

use serde::Serialize;
use time::OffsetDateTime;

use super::indication::{Indication, SubIndication};
use crate::model::Digest;
use crate::verify::finding::Finding;
use crate::verify::report::{Chain, Verdict};

/// The outcome of judging one signed PDF file.
#[derive(Clone, Debug, Serialize)]
pub struct PdfReport {
    /// The bottom line: the worst reason decides.
    pub verdict: Verdict,
    /// The time that was judged by.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Trusted roots that were given.
    pub trust_roots: usize,
    /// Signatures and document time stamps, innermost first.
    pub signatures: Vec<SignatureReport>,
    /// Every reason of the file and of all its signatures, worst first.
    pub reasons: Vec<Finding>,
    /// Reasons above the ceiling, which were only counted.
    pub reasons_left_out: u64,
}

/// What a signature is for (ISO 32000-2, 12.8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureKind {
    /// Somebody signed.
    Approval,
    /// Somebody signed and said what may be changed afterwards (DocMDP).
    Certification,
    /// An authority stamped the time over the whole file (ETSI.RFC3161).
    DocumentTimestamp,
}

/// The form that a signature has (ETSI EN 319 142-1, 6; what it holds is told by the other facts).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Level {
    /// CMS in a PDF without the attributes of PAdES.
    #[serde(rename = "PDF-CMS")]
    Cms,
    /// Signed, with the certificate named by a signed attribute.
    #[serde(rename = "PAdES-B-B")]
    BaselineB,
    /// And its time is stamped.
    #[serde(rename = "PAdES-B-T")]
    BaselineT,
    /// And everything needed to judge its certificates lies in the file.
    #[serde(rename = "PAdES-B-LT")]
    BaselineLt,
    /// And a document time stamp lies over that.
    #[serde(rename = "PAdES-B-LTA")]
    BaselineLta,
}

impl Level {
    /// The level that records call so.
    pub fn named(text: &str) -> Option<Self> {
        let all = [
            Level::BaselineB,
            Level::BaselineT,
            Level::BaselineLt,
            Level::BaselineLta,
        ];
        all.into_iter().find(|level| level.text() == text)
    }

    /// The name that reports and records use.
    pub fn text(self) -> &'static str {
        match self {
            Level::Cms => "PDF-CMS",
            Level::BaselineB => "PAdES-B-B",
            Level::BaselineT => "PAdES-B-T",
            Level::BaselineLt => "PAdES-B-LT",
            Level::BaselineLta => "PAdES-B-LTA",
        }
    }
}

/// Everything known of one signature or document time stamp.
#[derive(Clone, Debug, Serialize)]
pub struct SignatureReport {
    /// Which one, from 1; innermost first.
    pub n: u32,
    /// What it is for.
    pub kind: SignatureKind,
    /// Name of its form field.
    pub field: Option<String>,
    /// Its `/SubFilter`.
    pub sub_filter: String,
    /// The bottom line for this signature.
    pub verdict: Verdict,
    /// The same in the words of ETSI EN 319 102-1.
    pub indication: Indication,
    /// Why, in the words of ETSI EN 319 102-1; absent where it passed.
    pub sub_indication: Option<SubIndication>,
    /// The form it has; absent for document time stamps and what cannot be read.
    pub level: Option<Level>,
    /// The covered bytes have the signed digest and the signature over it holds.
    pub intact: bool,
    /// Where the covered bytes end; 0 where that cannot be told.
    pub covered_bytes: u64,
    /// Everything but the signature value itself is covered, up to the end of the file.
    pub covers_whole_file: bool,
    /// What was changed behind it, by kind; empty where nothing was.
    pub changes: Vec<Change>,
    /// The signer's own claim of the time (`/M`, or the signed attribute signing-time).
    #[serde(with = "time::serde::rfc3339::option")]
    pub claimed_time: Option<OffsetDateTime>,
    /// The earliest time at which it is proven to have existed.
    #[serde(with = "time::serde::rfc3339::option")]
    pub proven_time: Option<OffsetDateTime>,
    /// What proves that time.
    pub proven_by: Option<ProvenBy>,
    /// The time its certificate is judged at: the proven one, else that of the audit.
    #[serde(with = "time::serde::rfc3339")]
    pub judged_at: OffsetDateTime,
    /// Who signed and what is known of the certificate.
    pub signer: SignerFacts,
    /// Time stamps inside the signature.
    pub timestamps: Vec<TimestampReport>,
    /// Every reason of this signature, worst first.
    pub reasons: Vec<Finding>,
}

/// What proves that a signature existed at a time (ETSI EN 319 102-1, 5.6.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvenBy {
    /// A time stamp inside the signature.
    SignatureTimestamp,
    /// A time stamp over the file, in a later revision of it.
    DocumentTimestamp,
    /// The evidence record of the batch that the file belongs to (RFC 4998).
    EvidenceRecord,
}

/// Something beside a file proves that its beginning existed at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Existence {
    /// When.
    pub at: OffsetDateTime,
    /// Length of the beginning: what stands behind it is not proven.
    pub bytes: usize,
}

/// A time stamp (RFC 3161) as far as it could be judged.
#[derive(Clone, Debug, Serialize)]
pub struct TimestampReport {
    /// The stamped time.
    #[serde(with = "time::serde::rfc3339::option")]
    pub time: Option<OffsetDateTime>,
    /// It stamps these very bytes, and its own signature holds.
    pub intact: bool,
    /// True where it proves its time: intact, by a trusted authority, nothing open.
    pub proves_time: bool,
    /// In the words of ETSI EN 319 102-1.
    pub indication: Indication,
    /// Why it does not prove its time.
    pub sub_indication: Option<SubIndication>,
    /// The time its certificate is judged at.
    #[serde(with = "time::serde::rfc3339")]
    pub judged_at: OffsetDateTime,
    /// The authority.
    pub authority: SignerFacts,
}

/// Who signed, with which algorithms, and what is known of the certificate.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SignerFacts {
    /// The certificate; absent where it is not to be found.
    pub certificate: Option<CertificateFacts>,
    /// A signed attribute names this very certificate (signing-certificate, RFC 5035).
    pub certificate_named: bool,
    /// Digest, signature and key.
    pub algorithms: AlgorithmFacts,
    /// The way to a trusted root.
    pub path: PathFacts,
    /// The judged time lies within the certificate's own dates.
    pub valid_at_judged_time: bool,
    /// Key usage and extended key usage allow it.
    pub key_usage_ok: bool,
    /// Revocation of each certificate of the path, the signer's first; the root has none.
    pub revocation: Vec<RevocationFacts>,
}

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateFacts {
    /// Subject, RFC 4514.
    pub subject: String,
    /// Issuer, RFC 4514.
    pub issuer: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// First moment of its validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// Last moment of its validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
}

/// The way from a certificate to a trusted root.
#[derive(Clone, Debug, Serialize)]
pub struct PathFacts {
    /// Whether there is one.
    pub state: Chain,
    /// The certificates between signer and root, the signer's issuer first.
    pub between: Vec<CertificateFacts>,
    /// The trusted root's name, where a path was found.
    pub root: Option<String>,
    /// Why there is none, in technical words.
    pub why_not: Option<String>,
}

impl Default for PathFacts {
    /// Nobody looked.
    fn default() -> Self {
        Self {
            state: Chain::NotChecked,
            between: Vec::new(),
            root: None,
            why_not: None,
        }
    }
}

/// Digest, signature algorithm and key, and whether the table allows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AlgorithmFacts {
    /// Such as `SHA-256`.
    pub digest: Option<String>,
    /// Such as `RSA PKCS#1 v1.5`.
    pub signature: Option<String>,
    /// Such as `RSA 2048`.
    pub key: Option<String>,
    /// All of them are known and allowed at the judged time.
    pub allowed: bool,
    /// Which are known and not allowed.
    pub why_not: Option<String>,
}

/// Whether a certificate was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationState {
    /// Its issuer said that it was not, at or around the judged time.
    Good,
    /// Its issuer revoked it.
    Revoked,
    /// Nobody who may say so said anything usable.
    Unknown,
}

/// Where word of revocation came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationSourceKind {
    /// A certificate revocation list (RFC 5280, 5).
    Crl,
    /// An answer of an OCSP responder (RFC 6960).
    Ocsp,
}

/// How word of revocation reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It lies in the file.
    Embedded,
    /// It was given beside the file.
    Given,
}

/// The list or answer that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RevocationSource {
    /// List or answer.
    pub kind: RevocationSourceKind,
    /// From the file or given.
    pub origin: Origin,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// When what it says was known to be so.
    #[serde(with = "time::serde::rfc3339")]
    pub this_update: OffsetDateTime,
    /// When newer word was promised.
    #[serde(with = "time::serde::rfc3339::option")]
    pub next_update: Option<OffsetDateTime>,
    /// When the answer was signed (OCSP).
    #[serde(with = "time::serde::rfc3339::option")]
    pub produced_at: Option<OffsetDateTime>,
}

/// Revocation of one certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RevocationFacts {
    /// Subject of the certificate.
    pub certificate: String,
    /// What is known.
    pub state: RevocationState,
    /// Since when it is revoked.
    #[serde(with = "time::serde::rfc3339::option")]
    pub revoked_at: Option<OffsetDateTime>,
    /// The reason its issuer gave (RFC 5280, 5.3.1).
    pub reason: Option<String>,
    /// The list or answer that decided.
    pub source: Option<RevocationSource>,
    /// Usable word lies in the file itself, whether it decided or not.
    pub in_the_file: bool,
    /// Why nothing usable was found, in technical words.
    pub why_unknown: Option<String>,
}

/// What kind of thing was changed behind a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Further signatures, time stamps or validation data.
    Proofs,
    /// A visible mark of a later signature.
    SignatureMark,
    /// Title, dates, XMP: nothing that shows.
    Metadata,
    /// A form was filled in.
    Form,
    /// A note or other annotation was added, changed or removed.
    Annotation,
    /// A page, or something that it is made of.
    Page,
    /// The catalog, or another one stands in its place.
    Catalog,
    /// Another object of the signed revision.
    Object,
    /// Bytes that are no revision.
    StrayBytes,
    /// The revision cannot be compared.
    Unreadable,
}

/// What the signature's rules say of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Allowed behind any signature (ISO 32000-2, 12.8.2.2).
    Allowed,
    /// Perhaps harmless; a person has to look.
    Unjudged,
    /// Not allowed: the signer did not see it so.
    Forbidden,
}

/// Something that differs from what the signer saw.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// What the rules say of it.
    pub permission: Permission,
    /// What kind of thing.
    pub kind: ChangeKind,
    /// Which, in technical words.
    pub detail: String,
}
