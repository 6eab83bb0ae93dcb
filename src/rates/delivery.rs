//! Numerators come from here: a delivery that the auditor has judged, and only the very bytes it judged.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use time::OffsetDateTime;

use super::RatesFault;
use crate::model::manifest::DossierRecord;
use crate::model::{Digest, Digester};
use crate::verify::{self, Progress, Report, Severity, Trust, Verdict, Wishes};

/// Bytes of one line of a manifest; the auditor's own limit is no larger.
const LINE_BYTES: u64 = 64 << 20;

/// A delivery that may be counted.
pub struct Verified {
    /// When its header was written, ISO 8601 with zone; the newest delivery of a dossier counts.
    pub created: String,
    manifest_sha256: Digest,
}

/// Audits a delivery in full. What is wrong with it keeps all of it out; what is in doubt does unless its code is accepted.
pub fn verify(
    out: &Path,
    trust: &Trust,
    accepted: &[String],
    at: OffsetDateTime,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Verified, RatesFault> {
    // Memory must not grow with the files.
    let wishes = Wishes {
        sums_only: true,
        ..Wishes::default()
    };
    let report = verify::delivery(out, trust, at, wishes, progress);
    let path = || out.display().to_string();
    if report.verdict == Verdict::Invalid {
        let codes = codes(&report, Severity::Wrong, &[]);
        return Err(RatesFault::NotVerified {
            path: path(),
            codes,
        });
    }
    let doubts = codes(&report, Severity::Doubt, accepted);
    if !doubts.is_empty() {
        return Err(RatesFault::InDoubt {
            path: path(),
            codes: doubts,
        });
    }
    let changed = || RatesFault::Changed { path: path() };
    let batch = report.batch.ok_or_else(changed)?;
    Ok(Verified {
        created: batch
            .header
            .map(|header| header.created)
            .unwrap_or_default(),
        manifest_sha256: batch.manifest_sha256.ok_or_else(changed)?,
    })
}

fn codes(report: &Report, severity: Severity, accepted: &[String]) -> String {
    let of_this = report
        .findings
        .iter()
        .filter(|one| one.severity == severity);
    let mut codes: Vec<&str> = of_this.map(|finding| finding.code.id()).collect();
    codes.retain(|code| !accepted.iter().any(|accepted| accepted == code));
    codes.sort_unstable();
    codes.dedup();
    codes.join(", ")
}

/// Reads the manifest line by line. `each` sees lines before the last byte was held against the audited digest, so
/// what it made of them counts only where this ends well.
pub fn read(
    out: &Path,
    verified: &Verified,
    each: &mut dyn FnMut(DossierRecord) -> Result<(), RatesFault>,
) -> Result<(), RatesFault> {
    let changed = || RatesFault::Changed {
        path: out.display().to_string(),
    };
    let file = File::open(out.join("manifest.jsonl")).map_err(|_| changed())?;
    let mut lines = BufReader::with_capacity(1 << 18, file);
    let (mut line, mut digest) = (Vec::new(), Digester::default());
    loop {
        line.clear();
        let length = lines.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line);
        if length.map_err(|_| changed())? == 0 {
            break;
        }
        digest.update(&line);
        each(serde_json::from_slice(&line).map_err(|_| changed())?)?;
    }
    match digest.finish() == verified.manifest_sha256 {
        true => Ok(()),
        false => Err(changed()),
    }
}
