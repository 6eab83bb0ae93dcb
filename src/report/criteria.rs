//! The five facts and eight criteria that Vietnam's circular asks every verifying program to show.
//!
//! TT 15/2025/TT-BKHCN, Annex II: names and order lie in `criteria.toml`. Each criterion holds,
//! fails, or is open; what decides is told beside it. They are another view of the judge's
//! facts and change no verdict.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{day_words, time_words};
use crate::verify::Chain;
use crate::verify::judge::{
    Permission, ProvenBy, RevocationFacts, RevocationSourceKind, RevocationState, SignatureKind,
    SignatureReport, SubIndication,
};

/// The table of names.
#[derive(Deserialize)]
struct Table {
    basis: String,
    fact: Vec<Named>,
    criterion: Vec<Named>,
}

/// A fact's or criterion's names.
#[derive(Debug, Deserialize)]
pub struct Named {
    /// Its stable id: `issuer`, or the number in the annex.
    pub id: String,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("criteria.toml")).expect("the table is embedded and tested")
});

/// The circular that asks for them.
pub fn basis() -> &'static str {
    &TABLE.basis
}

/// Something said in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

fn both(vi: impl Into<String>, en: impl Into<String>) -> Said {
    let (vi, en) = (vi.into(), en.into());
    Said { vi, en }
}

/// A fact with its value.
pub struct Fact {
    /// Which.
    pub name: &'static Named,
    /// Its value in words.
    pub value: Said,
}

/// Whether a criterion holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It holds (đạt).
    Holds,
    /// It could not be found out (chưa rõ).
    Open,
    /// It does not hold (không đạt).
    Fails,
}

impl State {
    /// A sign, so that no state is told by colour alone.
    pub fn mark(self) -> &'static str {
        match self {
            State::Holds => "✓",
            State::Open => "?",
            State::Fails => "✗",
        }
    }

    /// Stable word for machines.
    pub fn id(self) -> &'static str {
        match self {
            State::Holds => "holds",
            State::Open => "open",
            State::Fails => "fails",
        }
    }

    /// In words.
    pub fn said(self) -> Said {
        match self {
            State::Holds => both("đạt", "holds"),
            State::Open => both("chưa rõ", "open"),
            State::Fails => both("không đạt", "fails"),
        }
    }
}

/// A criterion with its outcome.
pub struct Criterion {
    /// Which.
    pub name: &'static Named,
    /// Whether it holds.
    pub state: State,
    /// What decided.
    pub why: Said,
}

/// The five facts, in the order of the annex.
pub fn facts(signature: &SignatureReport) -> Vec<Fact> {
    let certificate = signature.signer.certificate.as_ref();
    let unknown = || both("không rõ", "unknown");
    let values = [
        certificate.map_or_else(unknown, |one| both(&*one.issuer, &*one.issuer)),
        certificate.map_or_else(unknown, |one| both(&*one.subject, &*one.subject)),
        time(signature),
        integrity(signature),
        validity(signature).1,
    ];
    let with_value = |(name, value)| Fact { name, value };
    TABLE.fact.iter().zip(values).map(with_value).collect()
}

/// The eight criteria, in the order of the annex.
pub fn criteria(signature: &SignatureReport) -> Vec<Criterion> {
    let outcomes = [
        period(signature),
        revocation(signature),
        algorithms(signature),
        purpose(signature),
        identity(signature),
        key_matches(signature),
        validity(signature),
        digest_equal(signature),
    ];
    let with_outcome = |(name, (state, why))| Criterion { name, state, why };
    TABLE
        .criterion
        .iter()
        .zip(outcomes)
        .map(with_outcome)
        .collect()
}

fn time(signature: &SignatureReport) -> Said {
    match (signature.proven_time, signature.claimed_time) {
        (Some(proven), _) if signature.proven_by == Some(ProvenBy::EvidenceRecord) => both(
            format!("{}, theo hồ sơ bằng chứng của đợt", time_words(proven)),
            format!("{}, by the batch's evidence record", time_words(proven)),
        ),
        (Some(proven), _) => both(
            format!("{}, theo dấu thời gian tin cậy", time_words(proven)),
            format!("{}, by a trusted time stamp", time_words(proven)),
        ),
        (None, None) if signature.kind == SignatureKind::DocumentTimestamp => {
            let time = signature.timestamps.first().and_then(|stamp| stamp.time);
            let time = time.map_or_else(|| "–".to_owned(), time_words);
            both(
                format!("{time}, theo dấu thời gian chưa chứng minh được"),
                format!("{time}, by a time stamp that proves nothing yet"),
            )
        }
        (None, Some(claimed)) => both(
            format!("{}, do người ký tự khai", time_words(claimed)),
            format!("{}, the signer's own claim", time_words(claimed)),
        ),
        (None, None) => both("không ghi", "not told"),
    }
}

fn integrity(signature: &SignatureReport) -> Said {
    let worst = signature
        .changes
        .iter()
        .map(|change| change.permission)
        .max();
    match (signature.intact, worst) {
        (false, _) => both(
            "không xác nhận được: chữ ký không khớp nội dung",
            "not confirmed: the signature does not fit the content",
        ),
        (true, Some(Permission::Forbidden)) => {
            both("đã bị thay đổi sau khi ký", "changed after signing")
        }
        (true, Some(Permission::Unjudged)) => both(
            "phần đã ký còn nguyên; có thay đổi thêm vào sau khi ký, cần người xem",
            "the signed part is whole; changes added later need a person's look",
        ),
        (true, _) if signature.covers_whole_file => both(
            "nguyên vẹn, chữ ký bao trọn tệp",
            "intact, the whole file is covered",
        ),
        (true, _) => both(
            "nguyên vẹn; sau đó chỉ thêm chữ ký hoặc dữ liệu xác thực",
            "intact; only signatures or validation data were added later",
        ),
    }
}

fn period(signature: &SignatureReport) -> (State, Said) {
    let Some(certificate) = &signature.signer.certificate else {
        return (State::Open, both("không có chứng thư số", "no certificate"));
    };
    let days = format!(
        "{} – {}",
        day_words(certificate.not_before),
        day_words(certificate.not_after)
    );
    let within = |time| (certificate.not_before..=certificate.not_after).contains(&time);
    let state = match (signature.signer.valid_at_judged_time, signature.proven_time) {
        (true, _) => State::Holds,
        // Only the signer says that it was in time.
        (false, None) if signature.claimed_time.is_some_and(within) => State::Open,
        (false, _) => State::Fails,
    };
    (state, both(&*days, &*days))
}

fn revocation(signature: &SignatureReport) -> (State, Said) {
    let all = &signature.signer.revocation;
    let with = |state| all.iter().find(|one| one.state == state);
    if let Some(revoked) = with(RevocationState::Revoked) {
        let when = revoked
            .revoked_at
            .map_or_else(|| "?".to_owned(), time_words);
        // Whether that was before the signature is what the judge's indication tells.
        let state = match signature.sub_indication {
            Some(SubIndication::Revoked) => State::Fails,
            _ => State::Open,
        };
        return (
            state,
            both(
                format!("đã bị thu hồi lúc {when}"),
                format!("revoked at {when}"),
            ),
        );
    }
    if all.is_empty() || with(RevocationState::Unknown).is_some() {
        let said = both(
            "không có CRL hoặc OCSP dùng được",
            "no usable CRL or OCSP answer",
        );
        return (State::Open, said);
    }
    let sources: Vec<String> = all.iter().filter_map(source).collect();
    let sources = sources.join(", ");
    (
        State::Holds,
        both(
            format!("chưa bị thu hồi ({sources})"),
            format!("not revoked ({sources})"),
        ),
    )
}

fn source(facts: &RevocationFacts) -> Option<String> {
    let source = facts.source.as_ref()?;
    let kind = match source.kind {
        RevocationSourceKind::Crl => "CRL",
        RevocationSourceKind::Ocsp => "OCSP",
    };
    Some(format!("{kind} {}", day_words(source.this_update)))
}

fn algorithms(signature: &SignatureReport) -> (State, Said) {
    let found = &signature.signer.algorithms;
    let names = [&found.digest, &found.signature, &found.key];
    let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
    let state = match (found.allowed, names.is_empty()) {
        (true, _) => State::Holds,
        (false, true) => State::Open,
        (false, false) => State::Fails,
    };
    let names = if names.is_empty() {
        "?".to_owned()
    } else {
        names.join(", ")
    };
    (state, both(&*names, &*names))
}

fn purpose(signature: &SignatureReport) -> (State, Said) {
    match (&signature.signer.certificate, signature.signer.key_usage_ok) {
        (None, _) => (State::Open, both("không có chứng thư số", "no certificate")),
        (Some(_), true) => (
            State::Holds,
            both("được dùng để ký", "may be used for signing"),
        ),
        (Some(_), false) => (
            State::Fails,
            both("không được dùng để ký", "may not be used for signing"),
        ),
    }
}

fn identity(signature: &SignatureReport) -> (State, Said) {
    let path = &signature.signer.path;
    match path.state {
        Chain::Trusted => {
            let root = path.root.as_deref().unwrap_or("?");
            (
                State::Holds,
                both(
                    format!("dẫn đến gốc tin cậy {root}"),
                    format!("leads to the trusted root {root}"),
                ),
            )
        }
        Chain::Untrusted => (
            State::Open,
            both(
                "không dẫn đến gốc tin cậy đã cho",
                "leads to no root that was given",
            ),
        ),
        Chain::NotChecked => (
            State::Open,
            both("chưa đưa gốc tin cậy", "no trusted roots were given"),
        ),
    }
}

/// Digest and signature value are two criteria here and one fact (`intact`) of the judge; where
/// it does not hold, the indication tells which of the two failed.
fn key_matches(signature: &SignatureReport) -> (State, Said) {
    match (signature.intact, signature.sub_indication) {
        (true, _) => (
            State::Holds,
            both("khóa kiểm được chữ ký", "the key verifies the signature"),
        ),
        (false, Some(SubIndication::SigCryptoFailure | SubIndication::FormatFailure)) => (
            State::Fails,
            both(
                "khóa không kiểm được chữ ký",
                "the key does not verify the signature",
            ),
        ),
        (false, _) => (State::Open, both("không xét được", "could not be judged")),
    }
}

fn digest_equal(signature: &SignatureReport) -> (State, Said) {
    match (signature.intact, signature.sub_indication) {
        (true, _) => (State::Holds, both("bằng nhau", "equal")),
        (false, Some(SubIndication::HashFailure | SubIndication::FormatFailure)) => {
            (State::Fails, both("khác nhau", "different"))
        }
        (false, _) => (State::Open, both("không xét được", "could not be judged")),
    }
}

/// Within its dates, not revoked, issued under a trusted root: the worst of the three decides.
fn validity(signature: &SignatureReport) -> (State, Said) {
    let parts = [
        period(signature),
        revocation(signature),
        identity(signature),
    ];
    let worst = parts
        .iter()
        .map(|(state, _)| *state)
        .max()
        .unwrap_or(State::Open);
    if worst == State::Holds {
        let (vi, en) = ("chứng thư số có hiệu lực", "the certificate was valid");
        return (worst, both(vi, en));
    }
    let deciding = parts.into_iter().find(|(state, _)| *state == worst);
    let why = deciding.map_or_else(|| both("", ""), |(_, why)| why);
    let (vi, en) = match worst {
        State::Fails => ("không có hiệu lực", "not valid"),
        _ => ("chưa xác định được", "not established"),
    };
    (
        worst,
        both(format!("{vi}: {}", why.vi), format!("{en}: {}", why.en)),
    )
}

#[cfg(test)]
mod tests {
    use super::super::specimen::signature;
    use super::*;

    fn state(signature: &SignatureReport, id: &str) -> State {
        let all = criteria(signature);
        all.iter()
            .find(|one| one.name.id == id)
            .expect("in the table")
            .state
    }

    #[test]
    fn five_facts_and_eight_criteria_are_shown_in_the_order_of_the_annex() {
        let signature = signature();
        let facts: Vec<_> = facts(&signature)
            .iter()
            .map(|one| one.name.id.as_str())
            .collect();
        assert_eq!(facts, ["issuer", "signer", "time", "integrity", "validity"]);
        let all = criteria(&signature);
        let ids: Vec<_> = all.iter().map(|one| one.name.id.as_str()).collect();
        assert_eq!(
            ids,
            ["1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "2.4"]
        );
        assert!(all.iter().all(|one| one.state == State::Holds));
    }

    #[test]
    fn the_time_of_a_time_stamp_that_proves_nothing_is_told_as_such() {
        let mut stamp = signature();
        stamp.kind = SignatureKind::DocumentTimestamp;
        (stamp.proven_time, stamp.claimed_time) = (None, None);
        stamp.timestamps = vec![crate::report::specimen::timestamp()];
        let said = &facts(&stamp)[2].value;
        assert!(said.en.contains("2026") && said.en.ends_with("proves nothing yet"));
        assert!(said.vi.ends_with("chưa chứng minh được"), "{}", said.vi);
    }

    #[test]
    fn what_nobody_said_is_open_and_never_holds() {
        let mut one = signature();
        one.signer.revocation.clear();
        assert_eq!(
            (state(&one, "1.2"), state(&one, "2.3")),
            (State::Open, State::Open)
        );
        let mut one = signature();
        one.signer.path.state = Chain::NotChecked;
        assert_eq!(
            (state(&one, "2.1"), state(&one, "2.3")),
            (State::Open, State::Open)
        );
        let mut one = signature();
        one.signer.certificate = None;
        one.signer.algorithms = Default::default();
        assert_eq!(
            (state(&one, "1.1"), state(&one, "1.3"), state(&one, "1.4")),
            (State::Open, State::Open, State::Open)
        );
    }

    #[test]
    fn a_wrong_digest_and_a_wrong_key_are_told_apart() {
        let mut one = signature();
        one.intact = false;
        one.sub_indication = Some(SubIndication::HashFailure);
        assert_eq!(
            (state(&one, "2.4"), state(&one, "2.2")),
            (State::Fails, State::Open)
        );
        one.sub_indication = Some(SubIndication::SigCryptoFailure);
        assert_eq!(
            (state(&one, "2.4"), state(&one, "2.2")),
            (State::Open, State::Fails)
        );
    }

    #[test]
    fn a_time_that_only_the_batch_proves_is_told_by_the_name_of_the_proof() {
        let mut one = signature();
        let told = |one: &SignatureReport| time(one).en;
        assert!(told(&one).ends_with("by a trusted time stamp"));
        one.proven_by = Some(ProvenBy::EvidenceRecord);
        let text = "20/11/2026 16:30:05 (+07:00), by the batch's evidence record";
        assert_eq!(told(&one), text);
    }

    #[test]
    fn an_end_before_the_proven_time_fails_and_before_a_mere_claim_is_open() {
        let mut one = signature();
        one.signer.valid_at_judged_time = false;
        one.proven_time = None;
        assert_eq!(state(&one, "1.1"), State::Open);
        one.claimed_time = one
            .signer
            .certificate
            .as_ref()
            .map(|c| c.not_after + time::Duration::DAY);
        assert_eq!(
            (state(&one, "1.1"), state(&one, "2.3")),
            (State::Fails, State::Fails)
        );
    }

    #[test]
    fn revoked_before_the_signature_fails() {
        let mut one = signature();
        one.signer.revocation[0].state = RevocationState::Revoked;
        one.sub_indication = Some(SubIndication::RevokedNoPoe);
        assert_eq!(state(&one, "1.2"), State::Open);
        one.sub_indication = Some(SubIndication::Revoked);
        assert_eq!(
            (state(&one, "1.2"), state(&one, "2.3")),
            (State::Fails, State::Fails)
        );
    }
}
