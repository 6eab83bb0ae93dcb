//! Verifications made by hand, for the tests of what is written down about them.

use time::OffsetDateTime;
use time::macros::datetime;

use super::{CheckedPdf, Subject, TrustGiven, Verification};
use crate::model::Digest;
use crate::verify::judge::*;
use crate::verify::{Chain, Verdict};

pub const AT: OffsetDateTime = datetime!(2026-11-25 8:00 +7);

/// A fault-free signature of level B-T by a fictional clerk.
pub fn signature() -> SignatureReport {
    SignatureReport {
        n: 1,
        kind: SignatureKind::Approval,
        field: Some("Signature1".to_owned()),
        sub_filter: "ETSI.CAdES.detached".to_owned(),
        verdict: Verdict::Valid,
        indication: Indication::TotalPassed,
        sub_indication: None,
        level: Some(Level::BaselineT),
        intact: true,
        covered_bytes: 1_000,
        covers_whole_file: true,
        changes: Vec::new(),
        claimed_time: Some(datetime!(2026-11-20 16:30 +7)),
        proven_time: Some(datetime!(2026-11-20 16:30:05 +7)),
        proven_by: Some(ProvenBy::SignatureTimestamp),
        judged_at: datetime!(2026-11-20 16:30:05 +7),
        signer: signer("CN=Nguyễn Văn Thử,O=UBND phường Ví Dụ,C=VN"),
        timestamps: Vec::new(),
        reasons: Vec::new(),
    }
}

/// A time stamp by a fictional authority.
pub fn timestamp() -> TimestampReport {
    TimestampReport {
        time: Some(datetime!(2026-11-20 16:30:05 +7)),
        intact: true,
        proves_time: true,
        indication: Indication::TotalPassed,
        sub_indication: None,
        judged_at: AT,
        authority: signer("CN=Dấu thời gian Thử,C=VN"),
    }
}

fn signer(subject: &str) -> SignerFacts {
    SignerFacts {
        certificate: Some(certificate(subject, "CN=Cấp chứng thư Thử & Nghiệm,C=VN")),
        certificate_named: true,
        algorithms: AlgorithmFacts {
            digest: Some("SHA-256".to_owned()),
            signature: Some("RSA PKCS#1 v1.5".to_owned()),
            key: Some("RSA 2048".to_owned()),
            allowed: true,
            why_not: None,
        },
        path: PathFacts {
            state: Chain::Trusted,
            between: vec![certificate(
                "CN=Cấp chứng thư Thử & Nghiệm,C=VN",
                "CN=Gốc Thử,C=VN",
            )],
            root: Some("CN=Gốc Thử,C=VN".to_owned()),
            why_not: None,
        },
        valid_at_judged_time: true,
        key_usage_ok: true,
        revocation: vec![RevocationFacts {
            certificate: subject.to_owned(),
            state: RevocationState::Good,
            revoked_at: None,
            reason: None,
            source: Some(RevocationSource {
                kind: RevocationSourceKind::Crl,
                origin: Origin::Given,
                sha256: Digest::of(b"list"),
                this_update: datetime!(2026-11-20 0:00 +7),
                next_update: Some(datetime!(2026-12-20 0:00 +7)),
                produced_at: None,
            }),
            in_the_file: false,
            why_unknown: None,
        }],
    }
}

fn certificate(subject: &str, issuer: &str) -> CertificateFacts {
    CertificateFacts {
        subject: subject.to_owned(),
        issuer: issuer.to_owned(),
        serial: "0a1b".to_owned(),
        sha256: Digest::of(subject.as_bytes()),
        not_before: datetime!(2025-01-01 0:00 +7),
        not_after: datetime!(2028-01-01 0:00 +7),
    }
}

/// A verification of one PDF with these signatures.
pub fn of(signatures: Vec<SignatureReport>) -> Verification {
    let verdict = signatures.iter().map(|one| one.verdict).max();
    let reasons = signatures.iter().flat_map(|one| one.reasons.clone());
    let report = PdfReport {
        verdict: verdict.unwrap_or(Verdict::Indeterminate),
        at: AT,
        trust_roots: 1,
        reasons: reasons.collect(),
        signatures,
        reasons_left_out: 0,
    };
    Verification {
        at: AT,
        program: "sohoa 0".to_owned(),
        trust: TrustGiven {
            file: Some("goc.pem".to_owned()),
            sha256: Some(Digest::of(b"roots")),
            roots: 1,
            revocation_files: 1,
        },
        subjects: vec![Subject::Pdf(CheckedPdf {
            path: "quyết định <1>.pdf".to_owned(),
            sha256: Digest::of(b"file"),
            bytes: 1_000,
            report,
        })],
    }
}
