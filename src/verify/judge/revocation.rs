//! Whether a certificate was revoked at a time: every list and answer is asked, the facts say
//! which one decided.
//!
//! ETSI EN 319 102-1, 5.2.5 (freshness) and 5.2.6. Word counts where it is from before the time
//! of the audit, from the issuer or whom it certified, and either reaches the judged time (it
//! was issued later, or promised newer word for later) or says that the certificate is revoked.
//! Nothing usable is *unknown*, never *good*.

use std::sync::Arc;

use time::OffsetDateTime;
use x509_cert::ext::pkix::CrlReason;

use super::crl::{Entry, List, moment};
use super::facts::{
    Origin, RevocationFacts, RevocationSource, RevocationSourceKind, RevocationState,
};
use super::ocsp::Answer;
use super::path::Issuer;
use crate::verify::certificate::Cert;

/// All lists and answers that may be asked.
#[derive(Clone, Default)]
pub struct Material {
    /// Lists, and how they reached us.
    pub lists: Vec<(Arc<List>, Origin)>,
    /// Answers, and how they reached us.
    pub answers: Vec<(Arc<Answer>, Origin)>,
}

/// One usable word about a certificate.
struct Word {
    source: RevocationSource,
    revoked: Option<Entry>,
    /// It would still name a certificate that ended at its end.
    keeps: bool,
}

/// Judges a certificate, given with its subject, at a time; nothing from after `now` counts.
pub fn of(
    (cert, name): (&Cert, &str),
    issuer: &Issuer<'_>,
    material: &Material,
    judged_at: OffsetDateTime,
    now: OffsetDateTime,
) -> RevocationFacts {
    let mut refusals: Vec<&'static str> = Vec::new();
    let mut words = Vec::new();
    for word in words_about(cert, issuer, material) {
        match word.and_then(|word| usable(word, judged_at, now)) {
            Ok(word) => words.push(word),
            Err(why) => refusals.push(why),
        }
    }
    let decided = words
        .iter()
        .filter(|word| word.revoked.is_some_and(is_final))
        .min_by_key(|word| word.revoked.map(|entry| entry.since));
    // A hold may be lifted: of the rest, the newest word counts.
    let newest = words.iter().max_by_key(|word| word.source.this_update);
    let mut facts = RevocationFacts {
        certificate: name.to_owned(),
        state: RevocationState::Unknown,
        revoked_at: None,
        reason: None,
        source: None,
        in_the_file: words
            .iter()
            .any(|word| word.source.origin == Origin::Embedded),
        why_unknown: None,
    };
    let Some(word) = decided.or(newest) else {
        refusals.retain(|why| !why.contains("another"));
        refusals.sort_unstable();
        refusals.dedup();
        facts.why_unknown = Some(match refusals.is_empty() {
            true => "no list or answer of its issuer".to_owned(),
            false => refusals.join("; "),
        });
        return facts;
    };
    facts.source = Some(word.source.clone());
    facts.state = match word.revoked {
        Some(entry) => {
            facts.revoked_at = Some(entry.since);
            facts.reason = entry.reason.map(|reason| format!("{reason:?}"));
            RevocationState::Revoked
        }
        None => RevocationState::Good,
    };
    facts
}

fn is_final(entry: Entry) -> bool {
    !matches!(
        entry.reason,
        Some(CrlReason::CertificateHold | CrlReason::RemoveFromCRL)
    )
}

fn words_about(
    cert: &Cert,
    issuer: &Issuer<'_>,
    material: &Material,
) -> Vec<Result<Word, &'static str>> {
    let ended = moment(cert.body.tbs_certificate.validity.not_after);
    let lists = material.lists.iter().map(|(list, origin)| {
        if let Some(why) = list.refusal(cert, issuer) {
            return Err(why);
        }
        Ok(Word {
            source: RevocationSource {
                kind: RevocationSourceKind::Crl,
                origin: *origin,
                sha256: list.sha256,
                this_update: list.this_update,
                next_update: list.next_update,
                produced_at: None,
            },
            revoked: list.entry(cert),
            keeps: ended.is_some_and(|ended| list.keeps(ended)),
        })
    });
    let answers = material.answers.iter().map(|(answer, origin)| {
        let said = answer.said(cert, issuer)?;
        Ok(Word {
            source: RevocationSource {
                kind: RevocationSourceKind::Ocsp,
                origin: *origin,
                sha256: answer.sha256,
                this_update: said.this_update,
                next_update: said.next_update,
                produced_at: Some(answer.produced_at),
            },
            revoked: said.revoked,
            keeps: ended.is_some_and(|ended| said.keeps(ended)),
        })
    });
    lists.chain(answers).collect()
}

/// Word that counts at this time; the text says why it does not.
fn usable(
    word: Word,
    judged_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Word, &'static str> {
    let source = &word.source;
    let issued = source.produced_at.unwrap_or(source.this_update);
    let reaches =
        source.this_update >= judged_at || source.next_update.is_some_and(|next| judged_at <= next);
    match () {
        () if issued > now || source.this_update > now => Err("word from the future"),
        // What was revoked stays revoked, however old the word is.
        () if word.revoked.is_some_and(is_final) => Ok(word),
        () if !word.keeps => Err("word from after the certificate's end"),
        () if !reaches => Err("word too old"),
        () => Ok(word),
    }
}
