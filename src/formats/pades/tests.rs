//! Signing files that our own writer would not make, and what the second reading finds.

use std::ops::Range;
use std::sync::OnceLock;

use lopdf::xref::XrefType;
use lopdf::{Dictionary, Document, Object, dictionary};
use proptest::prelude::*;
use time::macros::datetime;

use super::base::Base;
use super::{BaseFault, Claim, PadesFault, RereadFault, SignedPdf, reread, sign_bytes};
use crate::formats::cms::{CmsFault, Mismatch};
use crate::formats::fictional_signer::{Authority, FictionalSigner, LyingSigner};
use crate::formats::signer::{Signer, SignerFault};

pub(super) fn claim() -> Claim {
    Claim {
        at: datetime!(2026-11-21 08:30:00 +7),
        reason: Some("Thử (nghiệm)".to_owned()),
        location: Some("Ha Noi".to_owned()),
    }
}

pub(super) fn signer() -> FictionalSigner {
    let issuing = Authority::root().below("Cấp chứng thư thử");
    issuing.signer(|_| {})
}

/// A file of one empty page that this signer signed.
pub(crate) fn signed_sample(signer: &dyn Signer) -> Vec<u8> {
    let signed = sign_bytes(&plain(), signer, &claim(), 0);
    signed.expect("signs").into_bytes()
}

fn signed(unsigned: &[u8]) -> SignedPdf {
    sign_bytes(unsigned, &signer(), &claim(), 0).expect("signs")
}

/// A file of one empty page, `change` applied to page and catalog.
fn file(change: impl FnOnce(&mut Document, &mut Dictionary, &mut Dictionary)) -> Document {
    let mut document = Document::with_version("1.7");
    document.reference_table.cross_reference_type = XrefType::CrossReferenceTable;
    let pages_id = document.new_object_id();
    let mut page = dictionary! {
        "Type" => "Page", "Parent" => pages_id,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    };
    let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => pages_id };
    change(&mut document, &mut page, &mut catalog);
    let page_id = document.add_object(page);
    let pages = dictionary! { "Type" => "Pages", "Kids" => vec![page_id.into()], "Count" => 1 };
    document.objects.insert(pages_id, pages.into());
    let root = document.add_object(catalog);
    document.trailer.set("Root", root);
    let id = Object::string_literal("0123456789abcdef");
    document.trailer.set("ID", vec![id.clone(), id]);
    document
}

pub(super) fn plain() -> Vec<u8> {
    saved(&mut file(|_, _, _| {}))
}

fn saved(document: &mut Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("saves");
    bytes
}

fn trailer_ids(bytes: &[u8]) -> Vec<Object> {
    let document = Document::load_mem(bytes).expect("loads");
    let ids = document.trailer.get(b"ID").and_then(Object::as_array);
    ids.expect("has IDs").clone()
}

pub(super) fn fields(bytes: &[u8]) -> Vec<(String, bool)> {
    let document = Document::load_mem(bytes).expect("loads");
    let form = document.get_dict_in_dict(document.catalog().expect("catalog"), b"AcroForm");
    let list = form.expect("form").get_deref(b"Fields", &document);
    let list = list.and_then(Object::as_array).expect("list").iter();
    list.map(|field| {
        let id = field.as_reference().expect("reference");
        let field = document.get_dictionary(id).expect("field");
        let name = field.get(b"T").and_then(Object::as_str).expect("name");
        (String::from_utf8_lossy(name).into_owned(), field.has(b"V"))
    })
    .collect()
}

#[test]
fn the_unsigned_file_is_the_exact_beginning_and_keeps_its_permanent_id() {
    let unsigned = plain();
    let signed = signed(&unsigned);
    assert!(signed.bytes().starts_with(&unsigned));
    let (before, after) = (trailer_ids(&unsigned), trailer_ids(signed.bytes()));
    assert_eq!(before[0].as_str().ok(), after[0].as_str().ok());
    assert_ne!(after[0].as_str().ok(), after[1].as_str().ok());
}

#[test]
fn a_file_with_a_cross_reference_stream_gets_another_one() {
    let mut unsigned = Vec::new();
    file(|_, _, _| {})
        .save_modern(&mut unsigned)
        .expect("saves");
    let signed = signed(&unsigned);
    let update = String::from_utf8_lossy(&signed.bytes()[unsigned.len()..]).into_owned();
    assert!(
        update.contains("/Type/XRef") && !update.contains("trailer"),
        "{update}"
    );
    assert_eq!(fields(signed.bytes()), [("ChuKySo1".to_owned(), true)]);
}

#[test]
fn signing_again_adds_a_second_field_and_leaves_the_first_signature_alone() {
    let once = signed(&plain());
    let twice = signed(once.bytes());
    assert!(twice.bytes().starts_with(once.bytes()));
    let expected = [("ChuKySo1".to_owned(), true), ("ChuKySo2".to_owned(), true)];
    assert_eq!(fields(twice.bytes()), expected);
}

#[test]
fn a_form_and_annotations_that_are_objects_of_their_own_keep_what_they_hold() {
    let unsigned = saved(&mut file(|document, page, catalog| {
        let field = dictionary! { "FT" => "Tx", "T" => Object::string_literal("ho_ten") };
        let field = document.add_object(field);
        let list = document.add_object(vec![Object::Reference(field)]);
        let form = dictionary! { "Fields" => list, "SigFlags" => 1, "DA" => Object::string_literal("/F 0 Tf") };
        let note = dictionary! { "Type" => "Annot", "Subtype" => "Text" };
        let note = document.add_object(note);
        page.set("Annots", document.add_object(vec![Object::Reference(note)]));
        catalog.set("AcroForm", document.add_object(form));
    }));
    let signed = signed(&unsigned);
    let names = [("ho_ten".to_owned(), false), ("ChuKySo1".to_owned(), true)];
    assert_eq!(fields(signed.bytes()), names);
    let document = Document::load_mem(signed.bytes()).expect("loads");
    let page = document.page_iter().next().expect("page");
    assert_eq!(document.get_page_annotations(page).expect("list").len(), 2);
    let form = document.get_dict_in_dict(document.catalog().expect("catalog"), b"AcroForm");
    let form = form.expect("form");
    assert_eq!(form.get(b"SigFlags").and_then(Object::as_i64).ok(), Some(3));
    assert!(form.has(b"DA"));
}

#[test]
fn encrypted_and_damaged_files_and_those_without_a_page_take_no_signature() {
    let fault = |bytes: &[u8]| match sign_bytes(bytes, &signer(), &claim(), 0) {
        Err(PadesFault::Base(fault)) => fault,
        other => panic!("{other:?}"),
    };
    let encrypt = dictionary! { "Filter" => "Standard", "V" => 1, "R" => 2 };
    let mut encrypted = file(|_, _, _| {});
    encrypted.trailer.set("Encrypt", encrypt);
    assert!(matches!(
        fault(&saved(&mut encrypted)),
        BaseFault::Encrypted | BaseFault::Unreadable(_)
    ));
    let mut empty = file(|_, _, _| {});
    let catalog = dictionary! { "Type" => "Catalog" };
    let root = empty.add_object(catalog);
    empty.trailer.set("Root", root);
    assert!(matches!(
        fault(&saved(&mut empty)),
        BaseFault::Missing("page")
    ));
    let shifted = [b"rubbish\n".as_slice(), &plain()].concat();
    assert!(matches!(fault(&shifted), BaseFault::Damaged));
    let mut cut = plain();
    cut.truncate(cut.len() - 60);
    assert!(matches!(
        fault(&cut),
        BaseFault::Damaged | BaseFault::Unreadable(_)
    ));
    assert!(matches!(fault(b""), BaseFault::Unreadable(_)));
}

#[test]
fn a_key_that_lies_refuses_or_talks_too_long_makes_no_signed_file() {
    let outcome = |answer| {
        let liar = LyingSigner {
            certified: signer(),
            answer,
        };
        sign_bytes(&plain(), &liar, &claim(), 0).expect_err("is no signature")
    };
    let another = signer().sign(b"something else").expect("signs");
    let lie = outcome(Ok(another));
    assert!(matches!(
        lie,
        PadesFault::Reread(RereadFault::Signature(Mismatch::Signature))
    ));
    let refused = outcome(Err(SignerFault::Refused));
    assert!(matches!(refused, PadesFault::Cms(CmsFault::Signer(_))));
    assert!(matches!(
        outcome(Ok(vec![7; 500])),
        PadesFault::TooLong { .. }
    ));
}

#[test]
fn the_certificate_in_the_signature_has_the_bytes_it_was_issued_with() {
    // `critical` spelled out as FALSE: read by every decoder, dropped by encoders.
    let mut odd = signer();
    let critical = [0x01, 0x01, 0xff];
    let place = odd.certificate_der.windows(3).position(|at| at == critical);
    odd.certificate_der[place.expect("keyUsage is critical") + 2] = 0;
    let signed = sign_bytes(&plain(), &odd, &claim(), 0).expect("signs");
    let hex: String = odd
        .certificate_der
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(String::from_utf8_lossy(signed.bytes()).contains(&hex));
}

#[test]
fn bytes_behind_the_end_and_another_certificate_are_found_when_read_again() {
    let (unsigned, signer) = (plain(), signer());
    let signed = sign_bytes(&unsigned, &signer, &claim(), 0).expect("signs");
    let base = Base::read(&unsigned).expect("reads");
    let found = |bytes: &[u8], certificate: &[u8]| reread::confirm(bytes, &base, certificate);
    assert!(found(signed.bytes(), &signer.certificate_der).is_ok());
    let longer = [signed.bytes(), b"\n"].concat();
    let fault = found(&longer, &signer.certificate_der).expect_err("is longer");
    assert!(matches!(fault, RereadFault::ByteRange));
    let fault = found(signed.bytes(), &super::tests::signer().certificate_der);
    let fault = fault.expect_err("is another's");
    assert!(matches!(
        fault,
        RereadFault::Signature(Mismatch::Certificate)
    ));
    let fault = found(&unsigned, &signer.certificate_der).expect_err("is not signed");
    assert!(matches!(fault, RereadFault::NotAnUpdate));
}

/// A signed file and what went into it.
struct Sample {
    unsigned: Vec<u8>,
    signed: Vec<u8>,
    certificate: Vec<u8>,
    /// Where the signature's digits stand.
    digits: Range<usize>,
}

/// One sample for all the cases below.
fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let (unsigned, signer) = (plain(), signer());
        let signed = sign_bytes(&unsigned, &signer, &claim(), 0);
        let signed = signed.expect("signs").into_bytes();
        let mark = b"/Contents<";
        let place = signed.windows(mark.len()).position(|at| at == mark);
        let start = place.expect("is there") + mark.len();
        let length = signed[start..].iter().position(|byte| *byte == b'>');
        Sample {
            unsigned,
            certificate: signer.certificate_der,
            digits: start..start + length.expect("ends"),
            signed,
        }
    })
}

proptest! {
    #[test]
    fn no_changed_byte_that_is_signed_goes_unseen(place in any::<prop::sample::Index>(), bit in 0..8u8) {
        let Sample { unsigned, signed, certificate, digits } = sample();
        let place = place.index(signed.len());
        // The signature does not sign itself: that it is right is checked, not how it is written.
        prop_assume!(!digits.contains(&place));
        let mut changed = signed.clone();
        changed[place] ^= 1 << bit;
        let mut beginning = unsigned.clone();
        if let Some(byte) = beginning.get_mut(place) {
            *byte ^= 1 << bit;
        }
        // Where the changed beginning is no file any more, nothing is left to be confirmed.
        if let Ok(base) = Base::read(&beginning) {
            prop_assert!(reread::confirm(&changed, &base, certificate).is_err());
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let file = [b"%PDF-1.7\n".as_slice(), &bytes].concat();
        prop_assert!(Base::read(&file).is_err());
    }
}
