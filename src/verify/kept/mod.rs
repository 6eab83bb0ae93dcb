//! PDF files that came signed by others and were kept as they came: the state of their signatures.
//!
//! Our own files are held to a strict profile ([`super::seal`]); here it is asked only
//! whether each signature is intact and whether anything that shows was changed after it.
//! Whatever cannot be judged is *unknown*, never *sound*. The state needs neither roots
//! nor a clock: the same bytes always have the same one. Trust is judged by [`audit()`].

mod audit;
mod later;
mod value;

use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};
use time::OffsetDateTime;

use super::byte_range;
use super::certificate::Cert;
use super::claimed_time;
use super::finding::Code;
use super::pdf::contained;
use crate::model::manifest::{KEPT_AS_IT_CAME, KeptVerdict, SealRecord};

pub use audit::{audit, check_text};

/// What all object streams of one file may unpack to together, and each of them at least and at most.
const OBJECT_STREAMS_BYTES: usize = 512 << 20;
const OBJECT_STREAM_BYTES: std::ops::RangeInclusive<usize> = (1 << 20)..=(32 << 20);

/// More signatures than this are not examined: each is held against a revision of its own.
const MOST_SIGNATURES: usize = 32;

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
    let document = match open(file) {
        Ok(document) => document,
        Err(why) => return Examined::unreadable(why),
    };
    let places = signature_places(&document);
    if places.is_empty() || places.len() > MOST_SIGNATURES {
        return Examined::unreadable(format!("{} signatures", places.len()));
    }
    let mut examined = Examined::default();
    if document.xref_recovery.is_some() {
        let remark = Remark::unknown("the tables that say where objects lie are damaged");
        examined.remarks.push(remark);
    }
    let one = |place: &Place<'_>| examine_one(file, &document, place);
    examined.signatures = places.iter().map(one).collect();
    let stamps: Vec<_> = examined.signatures.iter().map(Stamp::of).collect();
    for (signature, place) in examined.signatures.iter_mut().zip(&places) {
        let end = signature.covered_end;
        if end > 0 {
            let found = later::remarks(file, &document, end);
            signature.remarks.extend(found);
            if certified_as_final(&document, place.dictionary)
                && stamps.iter().any(|stamp| stamp.signs_after(end))
            {
                let remark = Remark::broken("signed again although certified as final");
                signature.remarks.push(remark);
            }
        }
    }
    examined.signatures.sort_by_key(|one| one.covered_end);
    examined
}

/// Where a signature ends and whether it is more than a time stamp.
struct Stamp {
    covered_end: usize,
    is_time_stamp: bool,
}

impl Stamp {
    fn of(signature: &ForeignSignature) -> Self {
        Self {
            covered_end: signature.covered_end,
            is_time_stamp: signature.is_time_stamp,
        }
    }

    fn signs_after(&self, end: usize) -> bool {
        !self.is_time_stamp && self.covered_end > end
    }
}

/// Opens a file, or one of its revisions, as leniently as intake did.
fn open(file: &[u8]) -> Result<Document, String> {
    let streams = file.windows(6).filter(|at| at == b"ObjStm").count();
    let share = OBJECT_STREAMS_BYTES / streams.max(1);
    let most = share.clamp(*OBJECT_STREAM_BYTES.start(), *OBJECT_STREAM_BYTES.end());
    let options = LoadOptions::with_max_decompressed_size(most);
    let document = Document::load_mem_with_options(file, options).map_err(|e| e.to_string())?;
    match document.trailer.has(b"Encrypt") {
        true => Err("locked by a password".to_owned()),
        false => Ok(document),
    }
}

/// A signature dictionary and the object that it stands in.
struct Place<'d> {
    id: ObjectId,
    dictionary: &'d Dictionary,
}

/// Every signature dictionary, by itself or as the value of its field (ISO 32000-1, 12.8.1).
fn signature_places(document: &Document) -> Vec<Place<'_>> {
    let is_signature = |dict: &&Dictionary| dict.has(b"ByteRange") && dict.has(b"Contents");
    let place = |(id, object): (&ObjectId, &'_ Object)| {
        let Object::Dictionary(outer) = object else {
            return None;
        };
        let value = outer.get(b"V").and_then(Object::as_dict).ok();
        let dictionary = [Some(outer), value]
            .into_iter()
            .flatten()
            .find(is_signature);
        dictionary.map(|_| *id)
    };
    let ids: Vec<ObjectId> = document.objects.iter().filter_map(place).collect();
    let dictionary = |id: ObjectId| {
        let outer = document.get_dictionary(id).ok()?;
        let value = outer.get(b"V").and_then(Object::as_dict).ok();
        let dictionary = [Some(outer), value]
            .into_iter()
            .flatten()
            .find(is_signature)?;
        Some(Place { id, dictionary })
    };
    ids.into_iter().filter_map(dictionary).collect()
}

fn examine_one(file: &[u8], document: &Document, place: &Place<'_>) -> ForeignSignature {
    let entry = |key: &[u8]| place.dictionary.get_deref(key, document).ok();
    let kind = entry(b"SubFilter").and_then(|name| name.as_name().ok());
    let kind = kind.unwrap_or_default();
    let claimed = entry(b"M").and_then(|text| text.as_str().ok());
    let mut signature = ForeignSignature {
        signer: None,
        enclosed: Vec::new(),
        claimed_time: claimed.and_then(claimed_time::from_pdf),
        is_time_stamp: kind == b"ETSI.RFC3161",
        covered_end: 0,
        remarks: Vec::new(),
    };
    match covered(file, document, place) {
        Ok(covered) => {
            signature.covered_end = covered.end;
            let parts = [
                &file[..covered.gap_start],
                &file[covered.gap_end..covered.end],
            ];
            let value = value::examine(&covered.value, &parts, kind);
            signature.signer = value.signer;
            signature.enclosed = value.enclosed;
            signature.remarks = value.remarks;
        }
        Err(remark) => signature.remarks.push(remark),
    }
    signature
}

/// What a signature covers, and its value.
struct Covered {
    gap_start: usize,
    gap_end: usize,
    end: usize,
    value: Vec<u8>,
}

/// The covered bytes and the value, read from the raw bytes: an encrypted file's strings
/// would be changed by the reader of objects, but `/Contents` is never encrypted (7.6.2).
fn covered(file: &[u8], document: &Document, place: &Place<'_>) -> Result<Covered, Remark> {
    let ranges = place.dictionary.get_deref(b"ByteRange", document);
    let ranges = ranges.and_then(Object::as_array).map(Vec::as_slice);
    let numbers = ranges.unwrap_or_default().iter();
    let numbers: Vec<i64> = numbers
        .map(|number| number.as_i64().unwrap_or(-1))
        .collect();
    // A part of the file that is said to be covered is not there: the file was cut.
    let gap = byte_range::gap(file, &numbers).map_err(Remark::broken)?;
    let rest = numbers.get(3).and_then(|rest| usize::try_from(*rest).ok());
    let end = gap.end + rest.unwrap_or(0);
    if !is_contents_of(file, document, place.id, gap.start) {
        return Err(Remark::unknown("the gap is not this signature's Contents"));
    }
    let contents = byte_range::hex_string(&file[gap.clone()]);
    let contents =
        contents.ok_or_else(|| Remark::unknown("the gap is not one hexadecimal string"))?;
    let value = byte_range::der_value(&contents);
    let (value, _padding) = value.ok_or_else(|| Remark::unknown("no signature value in DER"))?;
    Ok(Covered {
        gap_start: gap.start,
        gap_end: gap.end,
        end,
        value: value.to_vec(),
    })
}

/// True where the gap is the value of a `/Contents` inside this very object: what the
/// gap hides must be nothing else (signature wrapping).
fn is_contents_of(file: &[u8], document: &Document, id: ObjectId, gap_start: usize) -> bool {
    let Some(XrefEntry::Normal { offset, .. }) = document.reference_table.get(id.0) else {
        return false;
    };
    let Some(object) = file.get(*offset as usize..gap_start) else {
        return false;
    };
    let head = format!("{} {} obj", id.0, id.1);
    object.trim_ascii_start().starts_with(head.as_bytes())
        && object.trim_ascii_end().ends_with(b"/Contents")
        && !object.windows(6).any(|at| at == b"endobj")
}

/// True where the signature certifies the file and allows no later change (12.8.2.2, P 1).
fn certified_as_final(document: &Document, signature: &Dictionary) -> bool {
    let references = signature.get_deref(b"Reference", document);
    let references = references.and_then(Object::as_array).map(Vec::as_slice);
    references.unwrap_or_default().iter().any(|reference| {
        let reference = document.dereference(reference).ok();
        let Some(reference) = reference.and_then(|(_, object)| object.as_dict().ok()) else {
            return false;
        };
        let method = reference.get_deref(b"TransformMethod", document);
        let params = reference.get_deref(b"TransformParams", document);
        let params = params.and_then(Object::as_dict);
        let level = params.and_then(|params| params.get_deref(b"P", document)?.as_i64());
        method
            .and_then(Object::as_name)
            .is_ok_and(|name| name == b"DocMDP")
            && level.is_ok_and(|level| level == 1)
    })
}
