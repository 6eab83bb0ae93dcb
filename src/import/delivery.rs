//! Whether a delivery may enter: the auditor's word on it, and what the auditor only doubts.
//!
//! Whatever is wrong refuses the whole delivery, and so does a doubt about the batch itself. A doubt about
//! one dossier's files keeps that dossier out. A doubt that whoever imports takes upon himself, by its code,
//! is written down with the delivery.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::fault::RefusedDelivery;
use super::refusal::Refusal;
use super::{DeliveryRow, ImportFault};
use crate::model::Digest;
use crate::model::manifest::iso_8601;
use crate::verify::{self, Finding, Progress, Report, Severity, Trust, Wishes};

/// Doubts that can be taken upon oneself: of signatures that papers came with from others, and of revocation
/// where no list can be had. Never the absence of a signature, of a root, or of a file.
pub const ACCEPTABLE: [&str; 4] = ["V44", "V45", "V47", "V49"];

/// By what a delivery is judged.
pub struct Gate<'g> {
    /// Roots, certificates, word of revocation.
    pub trust: &'g Trust,
    /// The time of the audit, and of the import.
    pub at: OffsetDateTime,
    /// Codes of [`ACCEPTABLE`] that are taken upon oneself.
    pub accepted: &'g [String],
    /// Whole dossiers may be missing: it came in bundles.
    pub partial: bool,
}

/// A delivery that may enter.
pub struct Verified {
    /// Its folder.
    pub folder: PathBuf,
    /// Its row.
    pub row: DeliveryRow,
    /// SHA-256 of its manifest.
    pub manifest_sha256: Digest,
    /// Dossiers that may not, by their code, with the first reason.
    pub doubtful: HashMap<String, Refusal>,
}

impl Verified {
    /// Has a delivery audited; refused where anything speaks against it as a whole.
    pub fn audit(
        folder: &Path,
        gate: &Gate<'_>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self, ImportFault> {
        let wishes = Wishes {
            partial: gate.partial,
            sums_only: true,
            ..Wishes::default()
        };
        let report = verify::delivery(folder, gate.trust, gate.at, wishes, progress);
        let batch = std::fs::read(folder.join("batch.json")).ok();
        let batch = batch.map(|bytes| Digest::of(&bytes));
        let (against, doubtful) = weigh(&report.findings, gate.accepted);
        let refused = |findings| RefusedDelivery {
            batch,
            verdict: report.verdict,
            findings,
        };
        if !against.is_empty() || report.findings_left_out > 0 {
            return Err(ImportFault::Refused(refused(against)));
        }
        let made = made(folder, &report, gate, batch);
        let (row, manifest_sha256) =
            made.ok_or_else(|| ImportFault::Refused(refused(Vec::new())))?;
        Ok(Self {
            folder: folder.to_owned(),
            row,
            manifest_sha256,
            doubtful,
        })
    }
}

/// What speaks against the whole, and what against single dossiers.
fn weigh(findings: &[Finding], accepted: &[String]) -> (Vec<Finding>, HashMap<String, Refusal>) {
    let (mut against, mut doubtful) = (Vec::new(), HashMap::new());
    for finding in findings {
        let code = finding.code.id();
        let is_accepted = ACCEPTABLE.contains(&code) && accepted.iter().any(|one| one == code);
        match (finding.severity, dossier_of(&finding.place.path)) {
            (Severity::Note, _) => {}
            (Severity::Doubt, _) if is_accepted => {}
            (Severity::Doubt, Some(dossier)) => {
                let path = finding.place.path.clone();
                let refusal = Refusal::Doubtful { code, path };
                doubtful.entry(dossier.to_owned()).or_insert(refusal);
            }
            _ => against.push(finding.clone()),
        }
    }
    (against, doubtful)
}

/// The dossier whose file this is.
fn dossier_of(path: &str) -> Option<&str> {
    let (dossier, _file) = path.strip_prefix("dossiers/")?.split_once('/')?;
    Some(dossier)
}

/// The row of a delivery that holds; none where header or signature cannot be read, which the auditor tells.
fn made(
    folder: &Path,
    report: &Report,
    gate: &Gate<'_>,
    batch: Option<Digest>,
) -> Option<(DeliveryRow, Digest)> {
    let facts = report.batch.as_ref()?;
    let header = facts.header.as_ref()?;
    let created = OffsetDateTime::parse(&header.created, &Rfc3339).ok()?;
    let signature = report.batch_signature.as_ref()?;
    let manifest_sha256 = facts.manifest_sha256?;
    let place = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let row = DeliveryRow {
        batch: batch?.to_string(),
        merkle_root: facts.merkle_root.to_string(),
        manifest_sha256: manifest_sha256.to_string(),
        created: header.created.clone(),
        created_s: created.unix_timestamp(),
        signer: signature.signer.clone()?,
        key_id: key_id(folder)?.to_string(),
        accepted_doubts: gate.accepted.join(","),
        place: place.display().to_string(),
        imported_at: iso_8601(gate.at),
    };
    Some((row, manifest_sha256))
}

/// SHA-256 of the certificate that signed the batch, out of a JWS that the auditor has judged.
fn key_id(folder: &Path) -> Option<Digest> {
    let token = std::fs::read(folder.join("batch.jws")).ok()?;
    let header = token.split(|byte| *byte == b'.').next()?;
    let header = URL_SAFE_NO_PAD.decode(header).ok()?;
    let header: serde_json::Value = serde_json::from_slice(&header).ok()?;
    let certificate = STANDARD.decode(header["x5c"][0].as_str()?).ok()?;
    Some(Digest::of(&certificate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{Code, Place};

    fn finding(code: Code, path: &str) -> Finding {
        Finding::new(code, Place::file(path))
    }

    #[test]
    fn a_doubt_about_one_dossier_keeps_that_one_out_and_any_other_the_whole() {
        let paper = "dossiers/H10.12-261120-0001/H10.12-261120-0001.01.pdf";
        let of_dossier = finding(Code::KeptBroken, paper);
        let weighed = |findings: &[Finding], accepted: &[&str]| {
            let accepted: Vec<String> = accepted.iter().map(|code| (*code).to_owned()).collect();
            let (against, doubtful) = weigh(findings, &accepted);
            (against.len(), doubtful.len())
        };
        assert_eq!(weighed(std::slice::from_ref(&of_dossier), &[]), (0, 1));
        assert_eq!(weighed(&[of_dossier], &["V44"]), (0, 0));
        assert_eq!(
            weighed(&[finding(Code::BatchUnsigned, "batch.jws")], &["V25"]),
            (1, 0)
        );
        assert_eq!(
            weighed(&[finding(Code::NoTrustRoots, ".")], &["V38"]),
            (1, 0)
        );
        assert_eq!(
            weighed(&[finding(Code::FileDiffers, paper)], &["V01"]),
            (1, 0)
        );
        assert_eq!(
            weighed(&[finding(Code::WaitingForSignature, paper)], &["V28"]),
            (0, 1)
        );
    }
}
