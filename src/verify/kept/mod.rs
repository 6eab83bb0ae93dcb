//! PDF files that came signed by others and were kept as they came: the state of their signatures.
//!
//! Our own files are held to a strict profile ([`super::seal`]); here it is asked only
//! whether each signature is intact and whether anything that shows was changed after it.
//! Whatever cannot be judged is *unknown*, never *sound*. The state needs neither roots
//! nor a clock: the same bytes always have the same one. Trust is judged by [`audit()`].

mod audit;

use lopdf::Document;
use time::OffsetDateTime;

use super::certificate::Cert;
use super::claimed_time;
use super::finding::Code;
use super::judge::changes;
use super::judge::flaw::Flaw;
use super::judge::places::{self, CoverFlaw, Place, Rules};
use super::judge::value::{self, Form};
use super::judge::{Change, MOST_SIGNATURES, Permission};
use super::pdf::contained;
use crate::model::manifest::{KEPT_AS_IT_CAME, KeptVerdict, SealRecord};

pub use audit::{audit, check_text};

/// One thing found about a signature; its weight is that of its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// V44 to V47.
    pub code: Code,
    /// The particulars, in technical words.
    pub detail: String,
}

impl Remark {
    fn new(code: Code, detail: impl ToString) -> Self {
        let detail = detail.to_string();
        Self { code, detail }
    }

    fn broken(detail: impl ToString) -> Self {
        Self::new(Code::KeptBroken, detail)
    }

    fn unknown(detail: impl ToString) -> Self {
        Self::new(Code::KeptUnknown, detail)
    }
}

/// One signature of a kept file.
#[derive(Debug)]
pub struct ForeignSignature {
    /// Its signer, where the certificate is enclosed.
    pub signer: Option<Cert>,
    /// All certificates enclosed.
    pub enclosed: Vec<Cert>,
    /// The signer's own claim of the time.
    pub claimed_time: Option<OffsetDateTime>,
    /// True for a document time stamp (ISO 32000-2, 12.8.5).
    pub is_time_stamp: bool,
    /// Where the bytes that it covers end; zero where that cannot be told.
    pub covered_end: usize,
    /// Everything found about it.
    pub remarks: Vec<Remark>,
}

/// All signatures of a kept file.
#[derive(Debug, Default)]
pub struct Examined {
    /// The signatures, by where the bytes that they cover end.
    pub signatures: Vec<ForeignSignature>,
    /// What was found about the file as a whole.
    pub remarks: Vec<Remark>,
}

impl Examined {
    fn unreadable(detail: impl ToString) -> Self {
        Self {
            remarks: vec![Remark::unknown(detail)],
            ..Self::default()
        }
    }

    /// Everything found, of the file and of each signature.
    pub fn remarks(&self) -> impl Iterator<Item = &Remark> {
        let each = self.signatures.iter().flat_map(|one| &one.remarks);
        self.remarks.iter().chain(each)
    }

    /// What the manifest says of these signatures.
    pub fn record(&self) -> SealRecord {
        let mut codes: Vec<String> = self.remarks().map(|r| r.code.id().to_owned()).collect();
        codes.sort_unstable();
        codes.dedup();
        let signers = self.signatures.iter().filter(|one| !one.is_time_stamp);
        SealRecord::Kept {
            reason: KEPT_AS_IT_CAME.to_owned(),
            verdict: self.verdict(),
            codes,
            signatures: self.signatures.len() as u32,
            signers: signers
                .filter_map(|one| Some(one.signer.as_ref()?.subject()))
                .collect(),
        }
    }

    fn verdict(&self) -> KeptVerdict {
        let any = |code| self.remarks().any(|remark| remark.code == code);
        match () {
            () if any(Code::KeptBroken) => KeptVerdict::Broken,
            () if any(Code::KeptUnknown) || any(Code::KeptWeak) => KeptVerdict::Unknown,
            () => KeptVerdict::Sound,
        }
    }
}

/// Examines every signature of a file that came signed.
///
/// Looks at integrity only, by no clock and no roots: equal bytes give an equal result.
pub fn examine(file: &[u8]) -> Examined {
    contained(|| look(file))
        .unwrap_or_else(|| Examined::unreadable("the reader of PDF objects broke down"))
}

fn look(file: &[u8]) -> Examined {
    let document = match places::open(file) {
        Ok(document) => document,
        Err(why) => return Examined::unreadable(why),
    };
    let places = places::all(&document);
    if places.is_empty() || places.len() > MOST_SIGNATURES {
        return Examined::unreadable(format!("{} signatures", places.len()));
    }
    let mut examined = Examined::default();
    if document.xref_recovery.is_some() {
        let remark = Remark::unknown("the tables that say where objects lie are damaged");
        examined.remarks.push(remark);
    }
    if let Some(number) = places::unreadable_object(file, &document) {
        let remark = Remark::unknown(format!("object {number} cannot be read"));
        examined.remarks.push(remark);
    }
    let one = |place: &Place<'_>| examine_one(file, &document, place);
    let mut found: Vec<(ForeignSignature, Rules)> = places.iter().map(one).collect();
    found.sort_by_key(|(one, _)| one.covered_end);
    let last_signed = found
        .iter()
        .filter(|(one, _)| !one.is_time_stamp)
        .map(|(one, _)| one.covered_end)
        .max();
    for (signature, rules) in &mut found {
        let end = signature.covered_end;
        if rules.certified == Some(1) && end > 0 && last_signed > Some(end) {
            let remark = Remark::broken("signed again although certified as final");
            signature.remarks.push(remark);
        }
    }
    examined.signatures = found.into_iter().map(|(one, _)| one).collect();
    examined
}

fn examine_one(file: &[u8], document: &Document, place: &Place<'_>) -> (ForeignSignature, Rules) {
    let entry = |key: &[u8]| place.dictionary.get_deref(key, document).ok();
    let kind = entry(b"SubFilter").and_then(|name| name.as_name().ok());
    let kind = kind.unwrap_or_default();
    let claimed = entry(b"M").and_then(|text| text.as_str().ok());
    let rules = places::rules(document, place.dictionary);
    let mut signature = ForeignSignature {
        signer: None,
        enclosed: Vec::new(),
        claimed_time: claimed.and_then(claimed_time::from_pdf),
        is_time_stamp: kind == b"ETSI.RFC3161",
        covered_end: 0,
        remarks: Vec::new(),
    };
    let covered = match places::covered(file, document, place) {
        Ok(covered) => covered,
        Err(flaw) => {
            signature.remarks.push(uncovered(&flaw));
            return (signature, rules);
        }
    };
    signature.covered_end = covered.end;
    if !covered.zero_padded {
        let detail = "the signature value is followed by other bytes than zeros";
        signature.remarks.push(Remark::broken(detail));
    }
    match Form::of(kind) {
        Some(form) => {
            let value = value::examine(&covered.value, &covered.parts(file), form);
            signature.remarks.extend(value.flaws.iter().map(flawed));
            signature.signer = value.signer;
            signature.enclosed = value.enclosed;
        }
        None => {
            let kind = String::from_utf8_lossy(kind).into_owned();
            let remark = Remark::unknown(format!("signature of the kind {kind:?}"));
            signature.remarks.push(remark);
        }
    }
    let changes = changes::behind(file, document, covered.end, &rules);
    signature.remarks.extend(changes.iter().map(changed));
    (signature, rules)
}

/// A part of the file that is said to be covered is not there, or what the gap hides is open.
fn uncovered(flaw: &CoverFlaw) -> Remark {
    match flaw {
        CoverFlaw::ByteRange(_) => Remark::broken(flaw),
        _ => Remark::unknown(flaw),
    }
}

fn flawed(flaw: &Flaw) -> Remark {
    match flaw {
        Flaw::Digest | Flaw::Value | Flaw::OtherCertificate => Remark::broken(flaw),
        Flaw::Weak(_) => Remark::new(Code::KeptWeak, flaw),
        Flaw::Format(_) | Flaw::NoCertificate | Flaw::Unjudged(_) => Remark::unknown(flaw),
    }
}

fn changed(change: &Change) -> Remark {
    match change.permission {
        Permission::Forbidden => Remark::broken(&change.detail),
        Permission::Unjudged => Remark::unknown(&change.detail),
        Permission::Allowed => Remark::new(Code::KeptExtended, &change.detail),
    }
}
