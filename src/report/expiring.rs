//! What will lapse: certificates of signers and time stamps, and word of revocation, by date.
//!
//! A signature without a time stamp lapses with its signer's certificate (or with whichever of its
//! path ends first); one with time stamps lapses with the newest of them, because each later one
//! proves the earlier (ETSI EN 319 102-1, 5.6). One that only the batch's evidence record proves lapses
//! with the newest time stamp of that. `sohoa renew` adds one in time.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use time::{Duration, OffsetDateTime};

use super::Verification;
use crate::model::Digest;
use crate::verify::judge::{
    CertificateFacts, PdfReport, ProvenBy, SignatureKind, SignerFacts, TimestampReport,
};

/// What lapses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LapseKind {
    /// A signer's certificate, with no time stamp over the signature.
    Signer,
    /// The certificate of the authority of the newest time stamp.
    Timestamp,
    /// A certificate between one of those and the root.
    Authority,
    /// A revocation list or answer given or embedded, after whose date newer word was promised.
    Revocation,
}

impl LapseKind {
    /// In Vietnamese and English.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            LapseKind::Signer => ("chứng thư người ký", "signer's certificate"),
            LapseKind::Timestamp => ("chứng thư dấu thời gian", "time stamp's certificate"),
            LapseKind::Authority => ("chứng thư nơi cấp", "authority's certificate"),
            LapseKind::Revocation => ("dữ liệu thu hồi", "revocation data"),
        }
    }
}

/// One thing that lapses, once for all the files that rest on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lapse {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub on: OffsetDateTime,
    /// What.
    pub kind: LapseKind,
    /// Whose: the subject, RFC 4514.
    pub whose: String,
    /// SHA-256 of the certificate, list or answer.
    pub sha256: Digest,
    /// Files that rest on it.
    pub files: u64,
    /// The first of them.
    pub first_file: String,
}

/// A span of time to look ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    months: i32,
    days: i64,
    years: i32,
}

/// The text is no span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no span of time such as 12m (months), 90d (days) or 2y (years)")]
pub struct NotASpan;

impl FromStr for Ahead {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let text = text.trim();
        let unit = text.chars().last().ok_or(NotASpan)?;
        let number = text[..text.len() - unit.len_utf8()].parse::<u16>();
        let number = number.map_err(|_| NotASpan)?;
        let mut ahead = Ahead {
            months: 0,
            days: 0,
            years: 0,
        };
        match unit {
            'm' => ahead.months = i32::from(number),
            'd' => ahead.days = i64::from(number),
            'y' => ahead.years = i32::from(number),
            _ => return Err(NotASpan),
        }
        Ok(ahead)
    }
}

impl fmt::Display for Ahead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.days, self.months) {
            (0, 0) => write!(f, "{}y", self.years),
            (0, months) => write!(f, "{months}m"),
            (days, _) => write!(f, "{days}d"),
        }
    }
}

impl Ahead {
    /// The end of the span; a day that the month does not have becomes its last (31/1 + 1m = 28/2).
    pub fn from(self, at: OffsetDateTime) -> OffsetDateTime {
        let at = at.saturating_add(Duration::days(self.days));
        let months = i32::from(u8::from(at.month())) - 1 + self.months;
        let year = at.year() + self.years + months.div_euclid(12);
        let month = u8::try_from(months.rem_euclid(12) + 1).expect("1 to 12");
        let month = time::Month::try_from(month).expect("1 to 12");
        let day = at.day().min(month.length(year));
        let date = time::Date::from_calendar_date(year, month, day).unwrap_or(time::Date::MAX);
        at.replace_date(date)
    }
}

/// Everything that lapses before this time (and what has lapsed already), the soonest first.
pub fn expiring(verification: &Verification, until: OffsetDateTime) -> Vec<Lapse> {
    let mut lapses: BTreeMap<(LapseKind, Digest), Lapse> = BTreeMap::new();
    for (path, report, record) in verification.judged() {
        let mut own: BTreeMap<(LapseKind, Digest), (OffsetDateTime, String)> = BTreeMap::new();
        rests_on(report, record, &mut own);
        for ((kind, sha256), (on, whose)) in own {
            let lapse = lapses.entry((kind, sha256)).or_insert_with(|| Lapse {
                on,
                kind,
                whose,
                sha256,
                files: 0,
                first_file: path.clone(),
            });
            lapse.files += 1;
        }
    }
    let mut soon: Vec<Lapse> = lapses
        .into_values()
        .filter(|lapse| lapse.on <= until)
        .collect();
    soon.sort_by(|a, b| (a.on, a.kind, &a.whose).cmp(&(b.on, b.kind, &b.whose)));
    soon
}

/// What one file rests on.
type Rests = BTreeMap<(LapseKind, Digest), (OffsetDateTime, String)>;

fn rests_on(report: &PdfReport, record: Option<&TimestampReport>, rests: &mut Rests) {
    let is_document_timestamp = |kind| kind == SignatureKind::DocumentTimestamp;
    // The outermost time stamp over the file holds everything below it.
    let newest = report.signatures.iter().rev();
    let newest = newest
        .clone()
        .find(|one| is_document_timestamp(one.kind) && one.intact);
    if let Some(stamp) = newest {
        rest(LapseKind::Timestamp, &stamp.signer, rests);
    }
    let under = newest.map_or(0, |stamp| stamp.n);
    for signature in &report.signatures {
        if is_document_timestamp(signature.kind) || signature.n < under {
            continue;
        }
        let own = signature.timestamps.iter().rev();
        let mut own = own.filter(|stamp| stamp.proves_time);
        let by_record = signature.proven_by == Some(ProvenBy::EvidenceRecord);
        match own.next().or(record.filter(|_| by_record)) {
            Some(stamp) => rest(LapseKind::Timestamp, &stamp.authority, rests),
            None => rest(LapseKind::Signer, &signature.signer, rests),
        }
    }
}

fn rest(kind: LapseKind, signer: &SignerFacts, rests: &mut Rests) {
    let mut put = |kind, one: &CertificateFacts| {
        rests.insert((kind, one.sha256), (one.not_after, one.subject.clone()));
    };
    if let Some(certificate) = &signer.certificate {
        put(kind, certificate);
    }
    signer
        .path
        .between
        .iter()
        .for_each(|one| put(LapseKind::Authority, one));
    for facts in &signer.revocation {
        if let Some((source, next)) = facts
            .source
            .as_ref()
            .and_then(|s| Some((s, s.next_update?)))
        {
            let key = (LapseKind::Revocation, source.sha256);
            rests.insert(key, (next, facts.certificate.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::super::specimen;
    use super::*;
    use crate::verify::judge::SignatureReport;

    #[test]
    fn a_span_ahead_follows_the_calendar() {
        let at = datetime!(2027-01-31 10:00 +7);
        let end = |text: &str| text.parse::<Ahead>().expect("a span").from(at);
        assert_eq!(end("1m"), datetime!(2027-02-28 10:00 +7));
        assert_eq!(end("12m"), datetime!(2028-01-31 10:00 +7));
        assert_eq!(end("13m"), datetime!(2028-02-29 10:00 +7));
        assert_eq!(end("1d"), datetime!(2027-02-01 10:00 +7));
        assert_eq!(end("2y"), datetime!(2029-01-31 10:00 +7));
        for wrong in ["", "m", "12", "-1m", "1.5m", "12w", "99999999m", "1ư"] {
            assert_eq!(wrong.parse::<Ahead>(), Err(NotASpan), "{wrong}");
        }
    }

    fn kinds(verification: &Verification, until: OffsetDateTime) -> Vec<LapseKind> {
        expiring(verification, until)
            .iter()
            .map(|lapse| lapse.kind)
            .collect()
    }

    #[test]
    fn a_bare_signature_lapses_with_its_signer_and_a_stamped_one_with_its_stamp() {
        let far = datetime!(2100-01-01 0:00 UTC);
        let mut signature = specimen::signature();
        signature.proven_time = None;
        let bare = specimen::of(vec![signature.clone()]);
        assert!(kinds(&bare, far).contains(&LapseKind::Signer));
        signature.timestamps = vec![specimen::timestamp()];
        let stamped = specimen::of(vec![signature.clone()]);
        assert!(kinds(&stamped, far).contains(&LapseKind::Timestamp));
        assert!(!kinds(&stamped, far).contains(&LapseKind::Signer));
        let mut archive = specimen::signature();
        archive.n = 2;
        archive.kind = SignatureKind::DocumentTimestamp;
        signature.timestamps.clear();
        let archived = specimen::of(vec![signature, archive]);
        assert!(!kinds(&archived, far).contains(&LapseKind::Signer));
    }

    #[test]
    fn what_only_the_evidence_record_proves_lapses_with_the_newest_time_stamp_of_that() {
        let far = datetime!(2100-01-01 0:00 UTC);
        let mut signature = specimen::signature();
        let rests = |signature: &SignatureReport| {
            let mut rests = Rests::new();
            let record = specimen::timestamp();
            let report = &specimen::of(vec![signature.clone()]);
            let (_, report, _) = report.judged().next().expect("one");
            rests_on(report, Some(&record), &mut rests);
            rests.retain(|_, (on, _)| *on < far);
            rests.into_keys().map(|(kind, _)| kind).collect::<Vec<_>>()
        };
        assert!(rests(&signature).contains(&LapseKind::Signer));
        signature.proven_by = Some(ProvenBy::EvidenceRecord);
        assert!(rests(&signature).contains(&LapseKind::Timestamp));
        assert!(!rests(&signature).contains(&LapseKind::Signer));
    }

    #[test]
    fn only_what_lapses_in_time_is_listed_once_for_all_files() {
        let mut verification = specimen::of(vec![specimen::signature()]);
        let again = verification.subjects[0].clone();
        verification.subjects.push(again);
        let end = specimen::signature()
            .signer
            .certificate
            .expect("there")
            .not_after;
        assert!(!kinds(&verification, end - Duration::DAY).contains(&LapseKind::Signer));
        let all = expiring(&verification, end);
        let signer = all
            .iter()
            .find(|lapse| lapse.kind == LapseKind::Signer)
            .expect("listed");
        assert_eq!((signer.on, signer.files), (end, 2));
    }
}
