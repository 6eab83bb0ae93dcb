//! What an authority may say, and what of it is believed.

use const_oid::db::rfc5912::ID_SHA_384;
use der::asn1::Utf8StringRef;
use der::{Decode, Encode};
use proptest::prelude::*;
use time::OffsetDateTime;
use time::macros::datetime;
use x509_tsp::TimeStampReq;

use super::fictional::{FictionalAuthority, POLICY, Saying, for_stamping, sequence, with_purpose};
use super::{MAX_REPLY_BYTES, Mismatch, Nonce, Request, TimestampFault, Timestamper, Token};
use crate::formats::fictional_signer::Authority;
use crate::model::{Coded, Digest, Retry};

const AT: OffsetDateTime = datetime!(2026-11-21 01:30:00.25 UTC);

fn request() -> Request {
    Request {
        imprint: Digest::of(b"signature").into(),
        nonce: Nonce::from_random([0xff; 8]),
        policy: None,
    }
}

fn authority() -> FictionalAuthority {
    FictionalAuthority::below(&Authority::root(), AT)
}

fn outcome(lie: impl FnOnce(&mut Saying)) -> Result<Token, TimestampFault> {
    let request = request();
    request.accept(&authority().reply(&request.to_der(), lie))
}

#[test]
fn a_request_asks_for_the_certificate_and_carries_a_nonce_of_eight_bytes() {
    let der = request().to_der();
    let read = TimeStampReq::from_der(&der).expect("is one");
    assert!(read.cert_req && read.req_policy.is_none());
    let nonce = read.nonce.expect("is there");
    assert_eq!(nonce.as_bytes(), [0x7f, 255, 255, 255, 255, 255, 255, 255]);
    let smallest = Nonce::from_random([0; 8]);
    assert_eq!(smallest.as_bytes(), [0x40, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn an_honest_token_is_taken_with_its_time_and_its_bytes() {
    let authority = authority();
    let token = authority.stamp(&Digest::of(b"signature")).expect("honest");
    assert_eq!(token.at(), AT);
    assert_eq!(token.signer_der(), authority.signer.certificate_der);
    let enclosed = std::slice::from_ref(&authority.signer.certificate_der);
    assert_eq!(token.certificates_der(), enclosed);
    let reply = authority.reply(&request().to_der(), |_| {});
    let token = request().accept(&reply).expect("honest");
    assert!(reply.ends_with(token.der()));
}

/// What an authority says otherwise than it should.
type Lie = Box<dyn FnOnce(&mut Saying)>;

#[test]
fn every_lie_is_found_and_named() {
    let stranger = Authority::root().signer(for_stamping).certificate_der;
    let lies: [(Mismatch, Lie); 10] = [
        (Mismatch::Nonce, Box::new(|s| s.nonce = Some(vec![0x40; 8]))),
        (Mismatch::Nonce, Box::new(|s| s.nonce = None)),
        (Mismatch::Imprint, Box::new(|s| s.imprint[3] ^= 1)),
        (Mismatch::Imprint, Box::new(|s| s.hash = ID_SHA_384)),
        (
            Mismatch::CertificateMissing,
            Box::new(|s| s.carried = vec![]),
        ),
        (Mismatch::CertificateMissing, {
            let stranger = stranger.clone();
            Box::new(move |s| s.carried = vec![stranger])
        }),
        (Mismatch::ContentType, Box::new(|s| s.content_type = POLICY)),
        (
            Mismatch::MessageDigest,
            Box::new(|s| s.message_digest = Some(vec![0; 32])),
        ),
        (
            Mismatch::SigningCertificate,
            Box::new(move |s| s.named_certificate = stranger),
        ),
        (Mismatch::Signature, Box::new(|s| s.spoil_signature = true)),
    ];
    for (expected, lie) in lies {
        assert_eq!(outcome(lie), Err(TimestampFault::Token(expected)));
    }
}

#[test]
fn another_policy_than_the_one_asked_for_is_refused() {
    let mut request = request();
    let reply = authority().reply(&request.to_der(), |_| {});
    request.policy = Some(POLICY);
    assert!(request.accept(&reply).is_ok());
    request.policy = Some(ID_SHA_384);
    let fault = request.accept(&reply).expect_err("is another");
    assert_eq!(fault, TimestampFault::Token(Mismatch::Policy));
}

#[test]
fn a_certificate_that_is_not_for_time_stamps_alone_or_did_not_hold_stamps_nothing() {
    let root = Authority::root();
    let fault = |signer, at| {
        let authority = FictionalAuthority { signer, at };
        authority.stamp(&Digest::of(b"x")).expect_err("is bad")
    };
    let purpose = TimestampFault::Token(Mismatch::Purpose);
    assert_eq!(fault(root.signer(|_| {}), AT), purpose);
    let not_critical = root.signer(|params| with_purpose(params, false, &[8]));
    assert_eq!(fault(not_critical, AT), purpose);
    let more = root.signer(|params| with_purpose(params, true, &[8, 4]));
    assert_eq!(fault(more, AT), purpose);
    let encipher = root.signer(|params| {
        for_stamping(params);
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyEncipherment];
    });
    assert_eq!(fault(encipher, AT), purpose);
    let late = fault(root.signer(for_stamping), datetime!(2061-01-01 0:00 UTC));
    assert_eq!(late, TimestampFault::Token(Mismatch::OutOfValidity));
}

#[test]
fn refusals_are_told_in_the_authoritys_own_words() {
    let words = vec![Utf8StringRef::new("quá\u{7} tải").expect("text")];
    let failure = [0x03, 0x03, 0x01, 0x00, 0x02]; // bit 14
    let parts = [
        &2u8.to_der().expect("encodes"),
        &words.to_der().expect("encodes"),
        &failure[..],
    ];
    let reply = sequence(&[&sequence(&parts)]);
    let fault = request().accept(&reply).expect_err("is refused");
    let expected = TimestampFault::Refused {
        status: 2,
        reason: "timeNotAvailable",
        text: "quá tải".to_owned(),
    };
    assert_eq!(fault, expected);
    assert_eq!(fault.retry(), Retry::Later);
}

#[test]
fn granted_without_a_token_and_replies_that_are_none_are_refused() {
    assert_eq!(outcome(|s| s.token = false), Err(TimestampFault::NoToken));
    let refused = outcome(|s| (s.status, s.token) = (3, false));
    assert!(matches!(
        refused,
        Err(TimestampFault::Refused {
            status: 3,
            reason: "none",
            ..
        })
    ));
    let fault = |reply: &[u8]| request().accept(reply).expect_err("is none");
    assert_eq!(fault(b""), TimestampFault::Unreadable);
    assert_eq!(fault(b"<html>Dang nhap</html>"), TimestampFault::Unreadable);
    let mut longer = authority().reply(&request().to_der(), |_| {});
    longer.push(0);
    assert_eq!(fault(&longer), TimestampFault::Unreadable);
    let max_bytes = MAX_REPLY_BYTES;
    let long = vec![0x30; MAX_REPLY_BYTES + 1];
    assert_eq!(fault(&long), TimestampFault::TooLarge { max_bytes });
}

#[test]
fn every_fault_has_a_code_with_words_in_both_languages() {
    let words = [
        include_str!("../../messages/vi/timestamp.toml"),
        include_str!("../../messages/en/timestamp.toml"),
    ];
    let text = || "x".to_owned();
    let faults = [
        TimestampFault::Address { address: text() },
        TimestampFault::NoAnswer { cause: text() },
        TimestampFault::TooSlow { seconds: 20 },
        TimestampFault::HttpStatus { status: 503 },
        TimestampFault::NotAReply {
            content_type: text(),
        },
        TimestampFault::TooLarge {
            max_bytes: MAX_REPLY_BYTES,
        },
        TimestampFault::NoToken,
        TimestampFault::Refused {
            status: 2,
            reason: "badAlg",
            text: text(),
        },
        TimestampFault::Token(Mismatch::Nonce),
        TimestampFault::Token(Mismatch::Purpose),
        TimestampFault::Token(Mismatch::Signature),
    ];
    for words in words {
        for fault in &faults {
            let (code, params) = (fault.code(), fault.params());
            let start = words.find(&format!("[{code}]")).expect("has words");
            let end = words[start + 1..]
                .find("\n[")
                .map_or(words.len(), |at| start + 1 + at);
            let said = &words[start..end];
            assert_eq!(said.matches('{').count(), params.len(), "{code}");
            let all = params
                .keys()
                .all(|name| said.contains(&format!("{{{name}}}")));
            assert!(all, "{code}");
        }
    }
}

fn honest_reply() -> &'static [u8] {
    static REPLY: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    REPLY.get_or_init(|| authority().reply(&request().to_der(), |_| {}))
}

proptest! {
    #[test]
    fn a_changed_reply_is_refused_or_says_the_same(
        place in any::<prop::sample::Index>(),
        bit in 0..8u8,
    ) {
        let honest = request().accept(honest_reply()).expect("honest");
        let mut changed = honest_reply().to_vec();
        let place = place.index(changed.len());
        changed[place] ^= 1 << bit;
        // The version of SignedData and the status text are nobody's to sign.
        if let Ok(token) = request().accept(&changed) {
            prop_assert_eq!(token.at(), honest.at());
            prop_assert_eq!(token.signer_der(), honest.signer_der());
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(request().accept(&bytes).is_err());
        let sequence = [&[0x30, 0x03, 0x02, 0x01, 0x00, 0x30, 0x82, 1, 0], bytes.as_slice()].concat();
        prop_assert!(request().accept(&sequence).is_err());
    }
}
