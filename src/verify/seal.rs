//! The signature of one PDF file: the facts, and everything that is not as recorded.

use std::ops::Range;

use lopdf::{Dictionary, Object, ObjectId};
use time::OffsetDateTime;

use super::byte_range::{self, CoverFlaw};
use super::cades::{self, Examined};
use super::certificate::Cert;
use super::claimed_time;
use super::finding::{Code, Finding, Findings, Place};
use super::judge;
use super::list::List;
use super::mark;
use super::pdf::Pdf;
use super::report::SignatureFacts;
use super::trust::Trust;
use super::update::{self, ForeignChange, SignatureObjects};
use crate::model::manifest::SealRecord;

/// The level of a signature by itself; what lifts it higher is judged in [`super::lasting`].
const LEVEL: &str = "PAdES-B-B";

/// By what a signature is judged.
#[derive(Clone, Copy)]
pub struct Yardstick<'t> {
    /// Roots and helpful certificates.
    pub trust: &'t Trust,
    /// The time of the audit.
    pub at: OffsetDateTime,
    /// Whether the facts of every signature are gathered one by one.
    pub facts: bool,
    /// Whether whole dossiers and kept scans may be missing ([`super::Wishes::partial`]).
    pub partial: bool,
    /// Whether the verdicts on single files are left out ([`super::Wishes::sums_only`]).
    pub sums_only: bool,
    /// When everything that the batch's evidence record covers is proven to have existed.
    pub recorded: Option<OffsetDateTime>,
    /// All files by another hash, where the record's hash tree was renewed.
    pub list: Option<&'t List>,
}

/// Judges the signature of a file against its record; absent where it has none.
pub fn examine(
    pdf: &Pdf<'_>,
    record: &SealRecord,
    by: &Yardstick<'_>,
    path: &str,
    findings: &mut Findings,
) -> Option<SignatureFacts> {
    let place = Place::file(path);
    match (signature_of(pdf), record) {
        (Found::None, SealRecord::Waiting | SealRecord::Kept { .. }) => {
            findings.add(Finding::new(Code::WaitingForSignature, place.clone()));
            foreign(update::of_unsigned(pdf), &place, findings);
            None
        }
        (Found::None, SealRecord::Signed { .. }) => {
            findings.add(seal_differs(&place, "a signature", "none"));
            foreign(update::of_unsigned(pdf), &place, findings);
            None
        }
        (Found::Malformed(detail), record) => {
            if matches!(record, SealRecord::Waiting) {
                findings.add(seal_differs(&place, "no signature", "a form"));
            }
            findings.add(Finding::new(Code::SignatureBroken, place).with("detail", detail));
            Some(SignatureFacts::default())
        }
        (Found::One(signature), record) => {
            foreign(update::of_signed(pdf, &signature.objects), &place, findings);
            check_mark(record, signature.mark.as_ref(), &place, findings);
            Some(judge(pdf, &signature, record, by, &place, findings))
        }
    }
}

fn foreign(changes: Vec<ForeignChange>, place: &Place, findings: &mut Findings) {
    for change in changes {
        findings.add(Finding::new(Code::ForeignChange, place.clone()).with("detail", change));
    }
}

pub fn seal_differs(place: &Place, said: impl ToString, found: impl ToString) -> Finding {
    let finding = Finding::new(Code::SealDiffers, place.clone());
    finding.with("said", said).with("found", found)
}

/// What leads from the catalog to signatures.
enum Found<'p> {
    None,
    One(Signature<'p>),
    Malformed(&'static str),
}

struct Signature<'p> {
    objects: SignatureObjects,
    dictionary: &'p Dictionary,
    /// What is seen of it; absent where it is invisible.
    mark: Option<String>,
}

fn signature_of<'p>(pdf: &'p Pdf<'_>) -> Found<'p> {
    let Some(form) = pdf
        .catalog()
        .and_then(|catalog| catalog.get(b"AcroForm").ok())
    else {
        return Found::None;
    };
    let Ok(form) = form.as_dict() else {
        return Found::Malformed("the form is no direct dictionary");
    };
    let flags = form.get(b"SigFlags").and_then(Object::as_i64);
    if form.len() != 2 || !matches!(flags, Ok(3)) {
        return Found::Malformed("the form has other entries than Fields and SigFlags 3");
    }
    match form
        .get(b"Fields")
        .and_then(Object::as_array)
        .map(Vec::as_slice)
    {
        Ok([Object::Reference(field)]) => the_field(pdf, *field),
        _ => Found::Malformed("the form has not exactly one field"),
    }
}

fn the_field<'p>(pdf: &'p Pdf<'_>, field: ObjectId) -> Found<'p> {
    let Ok(dictionary) = pdf.document.get_dictionary(field) else {
        return Found::Malformed("the field cannot be read");
    };
    let is = |key: &[u8], name: &[u8]| {
        dictionary
            .get(key)
            .and_then(Object::as_name)
            .is_ok_and(|found| found == name)
    };
    let first_page = pdf.pages().first().copied();
    let on_first_page = first_page.filter(|page| is_annotated_by(pdf, *page, field));
    let page = on_first_page.and_then(|page| pdf.document.get_dictionary(page).ok());
    let page = page.filter(|_| is(b"FT", b"Sig") && is(b"Subtype", b"Widget"));
    let Some(page) = page.filter(|_| !dictionary.has(b"A")) else {
        return Found::Malformed("the field is not a signature on the first page");
    };
    // An appearance could show anything over the page.
    let shown = match mark::read(pdf, dictionary, page) {
        Ok(shown) => shown,
        Err(detail) => return Found::Malformed(detail),
    };
    let value = dictionary.get(b"V").and_then(Object::as_reference);
    let value = value.and_then(|id| Ok((id, pdf.document.get_dictionary(id)?)));
    let Ok((value, dictionary)) = value else {
        return Found::Malformed("the field has no signature");
    };
    let (mark, drawn) = shown.map_or((None, Vec::new()), |shown| {
        (Some(shown.text), shown.objects)
    });
    Found::One(Signature {
        objects: SignatureObjects {
            field,
            value,
            drawn,
        },
        dictionary,
        mark,
    })
}

/// The mark, held against the record; nothing is seen of a signature whose record tells of none.
fn check_mark(record: &SealRecord, shown: Option<&String>, place: &Place, findings: &mut Findings) {
    let SealRecord::Signed {
        mark, claimed_at, ..
    } = record
    else {
        return; // that there is a signature at all is told elsewhere
    };
    // Its last line is the time that the signature claims.
    let timed = mark
        .as_ref()
        .is_none_or(|mark| mark.lines().last() == Some(claimed_at));
    if mark.as_ref() != shown || !timed {
        let words =
            |mark: Option<&String>| mark.map_or("-".to_owned(), |mark| mark.replace('\n', " / "));
        findings.add(seal_differs(place, words(mark.as_ref()), words(shown)));
    }
}

fn is_annotated_by(pdf: &Pdf<'_>, page: ObjectId, field: ObjectId) -> bool {
    let page = pdf.document.get_dictionary(page);
    let list = page.and_then(|page| page.get(b"Annots").and_then(Object::as_array));
    list.is_ok_and(|list| matches!(list.as_slice(), [Object::Reference(id)] if *id == field))
}

fn judge(
    pdf: &Pdf<'_>,
    signature: &Signature<'_>,
    record: &SealRecord,
    by: &Yardstick<'_>,
    place: &Place,
    findings: &mut Findings,
) -> SignatureFacts {
    let mut facts = SignatureFacts::default();
    let form_ok = check_form(signature.dictionary, place, findings);
    let claimed = signature.dictionary.get(b"M").and_then(Object::as_str);
    facts.claimed_time = claimed.ok().and_then(claimed_time::from_pdf);
    let examined = check_cover(pdf, signature, &mut facts, place, findings);
    if let Some(examined) = &examined {
        cms_findings(examined, place, findings);
        if examined.stamped && !tells_of_a_stamp(record) {
            findings.add(seal_differs(place, "no time stamp", "a time stamp"));
        }
        facts.intact = examined.flaws.is_empty();
        facts.algorithm_allowed = !examined.flaws.iter().any(|flaw| flaw.is_of_algorithm());
        facts.level = (facts.intact && form_ok).then(|| LEVEL.to_owned());
        facts.signer = examined.signer.as_ref().map(Cert::subject);
    }
    check_future(facts.claimed_time, by.at, place, findings);
    let signer = examined
        .as_ref()
        .and_then(|examined| examined.signer.as_ref());
    check_record(record, &facts, signer, place, findings);
    facts
}

fn tells_of_a_stamp(record: &SealRecord) -> bool {
    matches!(
        record,
        SealRecord::Signed {
            stamped_at: Some(_),
            ..
        }
    )
}

/// The entries of the signature dictionary (ETSI EN 319 142-1, 6.3).
fn check_form(dictionary: &Dictionary, place: &Place, findings: &mut Findings) -> bool {
    let is = |key: &[u8], name: &[u8]| {
        dictionary
            .get(key)
            .and_then(Object::as_name)
            .is_ok_and(|found| found == name)
    };
    let known: [&[u8]; 9] = [
        b"Type",
        b"Filter",
        b"SubFilter",
        b"M",
        b"Name",
        b"Reason",
        b"Location",
        b"ByteRange",
        b"Contents",
    ];
    let ours = is(b"Type", b"Sig")
        && is(b"Filter", b"Adobe.PPKLite")
        && is(b"SubFilter", b"ETSI.CAdES.detached")
        && dictionary
            .iter()
            .all(|(key, _)| known.contains(&key.as_slice()));
    if !ours {
        let finding = Finding::new(Code::SignatureBroken, place.clone());
        findings.add(finding.with(
            "detail",
            "not a dictionary of an ETSI.CAdES.detached signature",
        ));
    }
    ours
}

/// Checks what is covered, then examines the value over it.
fn check_cover(
    pdf: &Pdf<'_>,
    signature: &Signature<'_>,
    facts: &mut SignatureFacts,
    place: &Place,
    findings: &mut Findings,
) -> Option<Examined> {
    let ranges = signature
        .dictionary
        .get(b"ByteRange")
        .and_then(Object::as_array);
    let ranges: Vec<i64> = ranges
        .into_iter()
        .flatten()
        .map(|number| number.as_i64().unwrap_or(-1))
        .collect();
    let contents = signature
        .dictionary
        .get(b"Contents")
        .and_then(Object::as_str);
    let contents = contents.unwrap_or_default();
    let object = object_bytes(pdf, signature.objects.value);
    let flaws = byte_range::flaws(pdf.file, &ranges, object, contents);
    facts.covers_whole_file = flaws.is_empty() && pdf.revisions.is_ok();
    for flaw in flaws {
        let finding = Finding::new(Code::SignatureNotWhole, place.clone());
        findings.add(finding.with("detail", flaw));
    }
    let gap = byte_range::gap(pdf.file, &ranges).ok()?;
    let mut broken = |flaw: CoverFlaw| {
        let finding = Finding::new(Code::SignatureBroken, place.clone());
        findings.add(finding.with("detail", flaw));
    };
    match byte_range::read(pdf.file, &gap, *ranges.get(3)?, contents) {
        Ok(covered) => {
            if !covered.zero_padded {
                broken(CoverFlaw::Padding);
            }
            Some(cades::examine(&covered.value, &covered.parts))
        }
        Err(flaw) => {
            broken(flaw);
            None
        }
    }
}

/// The raw bytes of an object: from its offset to the next object or the table behind it.
fn object_bytes(pdf: &Pdf<'_>, id: ObjectId) -> Range<usize> {
    let newest = pdf.revisions.as_ref().ok().and_then(|all| all.last());
    let Some(Some(start)) = newest.and_then(|revision| revision.entries.get(&id.0).copied()) else {
        return 0..0;
    };
    let offsets = newest
        .into_iter()
        .flat_map(|r| r.entries.values().flatten().copied());
    let end = offsets.filter(|offset| *offset > start).min();
    start..end.unwrap_or(pdf.file.len())
}

fn cms_findings(examined: &Examined, place: &Place, findings: &mut Findings) {
    for flaw in &examined.flaws {
        let code = match flaw.is_of_algorithm() {
            true => Code::AlgorithmNotAllowed,
            false => Code::SignatureBroken,
        };
        findings.add(Finding::new(code, place.clone()).with("detail", flaw));
    }
}

/// Judges the certificate of a signature outside of a PDF, such as the batch's.
pub fn judge_signer(
    signer: &Cert,
    beside: &[Cert],
    facts: &mut SignatureFacts,
    by: &Yardstick<'_>,
    place: &Place,
    findings: &mut Findings,
) {
    let claimed = facts.claimed_time;
    let (known, reasons) = judge::signer(signer, beside, by.trust, claimed, (by.recorded, by.at));
    facts.know(&known);
    facts.proven_time = by.recorded;
    facts.proven_by = by.recorded.map(|_| judge::ProvenBy::EvidenceRecord);
    let reasons = reasons.into_iter();
    reasons.for_each(|reason| findings.add(of_ours(&reason, place)));
}

/// A reason of the judge as a finding about what we made: who signs for us has to be trusted, so a
/// path that leads to no root is wrong here and not only open.
pub fn of_ours(reason: &Finding, place: &Place) -> Finding {
    let code = match reason.code {
        Code::SignerUnknown => Code::ChainUntrusted,
        code => code,
    };
    Finding {
        params: reason.params.clone(),
        ..Finding::new(code, place.clone())
    }
}

/// A claimed time after the audit's is one that cannot be believed.
pub fn check_future(
    claimed: Option<OffsetDateTime>,
    at: OffsetDateTime,
    place: &Place,
    findings: &mut Findings,
) {
    if let Some(claimed) = claimed.filter(|claimed| *claimed > at) {
        let finding = Finding::new(Code::TimeInFuture, place.clone());
        findings.add(finding.with("claimed", claimed).with("at", at));
    }
}

fn check_record(
    record: &SealRecord,
    facts: &SignatureFacts,
    signer: Option<&Cert>,
    place: &Place,
    findings: &mut Findings,
) {
    let SealRecord::Signed {
        level,
        signer: said_signer,
        certificate_sha256,
        claimed_at,
        ..
    } = record
    else {
        findings.add(seal_differs(place, "no signature", "a signature"));
        return;
    };
    let mut hold = |said: String, found: Option<String>| {
        if found.as_ref() != Some(&said) {
            findings.add(seal_differs(
                place,
                said,
                found.unwrap_or_else(|| "-".to_owned()),
            ));
        }
    };
    if facts.intact && level == LEVEL {
        hold(level.clone(), facts.level.clone());
    }
    // A certificate that could not be read is a broken signature, said already.
    if let Some(signer) = signer {
        hold(said_signer.clone(), Some(signer.subject()));
        hold(
            certificate_sha256.to_string(),
            Some(signer.digest().to_string()),
        );
    }
    let said_time = claimed_time::from_record(claimed_at);
    if said_time.is_none() || said_time != facts.claimed_time {
        hold(
            claimed_at.clone(),
            facts.claimed_time.map(|time| time.to_string()),
        );
    }
}
