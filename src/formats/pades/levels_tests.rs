//! Files that last: each level behind the one before, and what is refused on the way.

use lopdf::{Document, Object};
use time::macros::datetime;

use super::tests::{claim, fields, plain, signer};
use super::{
    Newest, PadesFault, RereadFault, SignedPdf, TOKEN_ROOM_BYTES, ValidationData, newest,
    sign_bytes, stamp, with_document_timestamp, with_validation_data,
};
use crate::formats::cms;
use crate::formats::fictional_signer::Authority;
use crate::formats::timestamp::fictional::{DeadLine, FictionalAuthority};
use crate::formats::timestamp::{Imprint, TimestampFault, Timestamper, Token};

fn authority() -> FictionalAuthority {
    FictionalAuthority::below(&Authority::root(), datetime!(2026-11-21 01:31 UTC))
}

fn signed_with_room() -> SignedPdf {
    sign_bytes(&plain(), &signer(), &claim(), TOKEN_ROOM_BYTES).expect("signs")
}

fn data(name: &str) -> ValidationData {
    ValidationData {
        certificates: vec![format!("certificate {name}").into_bytes(), b"root".to_vec()],
        ocsps: vec![],
        crls: vec![format!("list {name}").into_bytes()],
    }
}

/// Key and number of entries of everything in `/DSS`.
fn store(bytes: &[u8]) -> Vec<(String, usize)> {
    let document = Document::load_mem(bytes).expect("loads");
    let catalog = document.catalog().expect("catalog");
    let store = catalog
        .get_deref(b"DSS", &document)
        .and_then(Object::as_dict);
    let count = |value: &Object| match value {
        Object::Array(list) => list.len(),
        Object::Dictionary(inner) => inner.len(),
        other => panic!("{other:?}"),
    };
    let entries = store.expect("a store").iter();
    entries
        .map(|(key, value)| (String::from_utf8_lossy(key).into_owned(), count(value)))
        .collect()
}

#[test]
fn a_stamp_goes_into_the_room_behind_the_signature_and_changes_no_signed_byte() {
    let signed = signed_with_room();
    let (stamped, token) = stamp(&signed, &authority()).expect("stamps");
    assert_eq!(signed.bytes().len(), stamped.bytes().len());
    let changed: Vec<usize> = (0..signed.bytes().len())
        .filter(|&at| signed.bytes()[at] != stamped.bytes()[at])
        .collect();
    let mark = b"/Contents<";
    let start = signed
        .bytes()
        .windows(mark.len())
        .rposition(|at| at == mark);
    let start = start.expect("is there") + mark.len();
    let end = start
        + signed.bytes()[start..]
            .iter()
            .position(|byte| *byte == b'>')
            .expect("ends");
    assert!(changed.iter().all(|at| (start..end).contains(at)) && !changed.is_empty());
    let (Newest::Signature(before), Newest::Signature(after)) = (
        newest(signed.bytes()).expect("is signed"),
        newest(stamped.bytes()).expect("is signed"),
    ) else {
        panic!("a signature is the newest")
    };
    let signature = cms::signature_of(&before).expect("is ours");
    assert_eq!(cms::signature_of(&after).expect("is ours"), signature);
    assert_eq!(cms::certificates_of(&after), cms::certificates_of(&before));
    let place = after
        .windows(token.der().len())
        .position(|at| at == token.der());
    assert!(place.is_some(), "the token is inside byte for byte");
}

#[test]
fn without_room_or_without_an_authority_the_signed_file_stays_what_it_was() {
    let tight = sign_bytes(&plain(), &signer(), &claim(), 0).expect("signs");
    let fault = stamp(&tight, &authority()).expect_err("has no room");
    assert!(matches!(fault, PadesFault::TooLong { .. }));
    let fault = stamp(&signed_with_room(), &DeadLine).expect_err("nobody answers");
    let no_answer = matches!(
        fault,
        PadesFault::Timestamp(TimestampFault::NoAnswer { .. })
    );
    assert!(no_answer);
}

#[test]
fn validation_data_stand_in_the_catalog_under_the_signatures_name_and_are_kept_once() {
    let signed = signed_with_room();
    let once = with_validation_data(signed.bytes(), &data("a")).expect("appends");
    assert!(once.bytes().starts_with(signed.bytes()));
    let counts = |certs, crls, vri| {
        [("Certs", certs), ("CRLs", crls), ("VRI", vri)].map(|(key, n)| (key.to_owned(), n))
    };
    assert_eq!(store(once.bytes()), counts(2, 1, 1));
    let (stamped, _) = with_document_timestamp(once.bytes(), &authority()).expect("stamps");
    let twice = with_validation_data(stamped.bytes(), &data("b")).expect("appends");
    assert!(twice.bytes().starts_with(stamped.bytes()));
    // `root` is there already; the time stamp has an entry of its own.
    assert_eq!(store(twice.bytes()), counts(3, 2, 2));
}

#[test]
fn document_time_stamps_follow_each_other_and_leave_all_before_them_alone() {
    let signed = signed_with_room();
    let (once, token) = with_document_timestamp(signed.bytes(), &authority()).expect("stamps");
    assert!(once.bytes().starts_with(signed.bytes()));
    assert_eq!(
        newest(once.bytes()).ok(),
        Some(Newest::Timestamp(token.into_der()))
    );
    let (twice, _) = with_document_timestamp(once.bytes(), &authority()).expect("stamps");
    assert!(twice.bytes().starts_with(once.bytes()));
    let names = ["ChuKySo1", "DauThoiGian1", "DauThoiGian2"];
    assert_eq!(
        fields(twice.bytes()),
        names.map(|name| (name.to_owned(), true))
    );
}

/// An authority whose tokens carry many certificates.
struct Talkative(FictionalAuthority);

impl Timestamper for Talkative {
    fn stamp_over(&self, imprint: &Imprint) -> Result<Token, TimestampFault> {
        let request = crate::formats::timestamp::Request {
            imprint: imprint.clone(),
            nonce: crate::formats::timestamp::Nonce::from_random([9; 8]),
            policy: None,
        };
        let reply = self.0.reply(&request.to_der(), |saying| {
            let more = (0..30).map(|_| Authority::root().der);
            saying.carried.extend(more);
        });
        request.accept(&reply)
    }
}

#[test]
fn a_token_longer_than_the_usual_room_gets_more() {
    let talkative = Talkative(authority());
    let (stamped, token) = with_document_timestamp(&plain(), &talkative).expect("stamps");
    assert!(token.der().len() > TOKEN_ROOM_BYTES);
    assert_eq!(
        newest(stamped.bytes()).ok(),
        Some(Newest::Timestamp(token.into_der()))
    );
}

#[test]
fn a_file_without_any_signature_has_nothing_to_be_judged() {
    let fault = with_validation_data(&plain(), &data("a")).expect_err("is not signed");
    assert!(matches!(
        fault,
        PadesFault::Reread(RereadFault::NoSignature)
    ));
}
