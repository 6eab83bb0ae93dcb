//! Keys that sign elsewhere: what is to be signed goes out, what was signed comes back.
//!
//! A program or person that lends no key gets the signed attributes of each signature (RFC 5652, 5.4)
//! and gives back raw signature values, or whole SignedData. Both are signers like any other: one
//! writes down what it is asked and signs nothing, one answers with what came back. What comes back is
//! checked as everything that we sign is, before anything is called signed.

use std::sync::{Arc, Mutex};

use time::OffsetDateTime;

use super::key_file::chain_above;
use super::{SealFault, check_valid, pem};
use crate::formats::cms::{self, FormFlaw};
use crate::formats::signer::{RsaPadding, SignatureAlgorithm, Signer, SignerFault};
use crate::formats::x509::{Certificate, PublicKey};

/// Room for the certificates and attributes that another program puts into its SignedData.
const MORE_ROOM_BYTES: usize = 8 << 10;

/// Longest raw signature value: RSA of 8192 bits, or a SEQUENCE of two numbers.
const MAX_VALUE_BYTES: usize = 1 << 10;

/// Longest SignedData, which must fit into the file.
const MAX_WHOLE_BYTES: usize = 32 << 10;

/// Shortest RSA key (TT 15/2025/TT-BKHCN, annex I).
const MIN_RSA_BITS: usize = 2048;

/// Whose signatures are made elsewhere.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    certificate_der: Vec<u8>,
    chain_der: Vec<Vec<u8>>,
    algorithm: SignatureAlgorithm,
}

impl Elsewhere {
    /// From a file with the signer's certificate and those above it, PEM or one in DER.
    ///
    /// The signer's is the one that issued none of the others; it must hold at this moment and may sign.
    pub fn read(file: &[u8], padding: RsaPadding, at: OffsetDateTime) -> Result<Self, SealFault> {
        let ders = pem::ders(file);
        let certificates = ders.iter().map(|der| Certificate::read(der));
        let certificates: Vec<Certificate<'_>> = certificates.collect::<Result<_, _>>()?;
        let issues_none = |one: &&Certificate<'_>| {
            let mut others = certificates.iter().filter(|other| other.der() != one.der());
            !others.any(|other| other.issuer_der() == one.subject_der())
        };
        let certificate = certificates.iter().find(issues_none);
        let certificate = certificate.ok_or(SealFault::NoCertificate)?;
        let key = certificate.public_key()?;
        match key {
            PublicKey::Rsa { modulus_bits, .. } if modulus_bits < MIN_RSA_BITS => {
                return Err(SealFault::ShortRsaKey { bits: modulus_bits });
            }
            _ if !certificate.may_sign() => return Err(SealFault::UsageForbidsSigning),
            _ => check_valid(certificate, at)?,
        }
        Ok(Self {
            certificate_der: certificate.der().to_vec(),
            chain_der: chain_above(certificate, &certificates),
            algorithm: key.algorithm(padding),
        })
    }

    /// The certificates in DER, the signer's first.
    pub fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        let above = self.chain_der.iter().map(Vec::as_slice);
        std::iter::once(self.certificate_der.as_slice()).chain(above)
    }

    /// The algorithm that is asked for.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }
}

/// What is to be signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The bytes whose signature is asked for: the DER of the signed attributes, or a JWS's input.
    pub message: Vec<u8>,
    /// Digest of the covered bytes, for whoever makes a whole SignedData; empty for a JWS.
    pub content_digest: Vec<u8>,
}

/// Writes down what it is asked to sign, and signs nothing.
pub struct Collector<'e> {
    who: &'e Elsewhere,
    asked: Mutex<Asked>,
}

impl<'e> Collector<'e> {
    /// Collects what this signer is to sign.
    pub fn of(who: &'e Elsewhere) -> Self {
        let asked = Mutex::default();
        Self { who, asked }
    }

    /// What was asked since the last time.
    pub fn take(&self) -> Asked {
        std::mem::take(&mut *self.asked.lock().expect("no holder of this lock panics"))
    }
}

impl Signer for Collector<'_> {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.who.algorithm
    }

    fn certificate_der(&self) -> &[u8] {
        &self.who.certificate_der
    }

    fn chain_der(&self) -> &[Vec<u8>] {
        &self.who.chain_der
    }

    fn signed_elsewhere(&self, content_digest: &[u8]) -> Option<Vec<u8>> {
        let mut asked = self.asked.lock().expect("no holder of this lock panics");
        asked.content_digest = content_digest.to_vec();
        None
    }

    fn more_room_bytes(&self) -> usize {
        MORE_ROOM_BYTES
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerFault> {
        let mut asked = self.asked.lock().expect("no holder of this lock panics");
        asked.message = message.to_vec();
        Err(SignerFault::Unanswered)
    }
}

/// What came back for one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The raw signature value over the message.
    Value(Vec<u8>),
    /// A whole SignedData, a ContentInfo in DER.
    Whole(Vec<u8>),
}

/// Why what came back is not looked at further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// It is longer than any signature.
    #[error("it is longer than any signature")]
    TooLong,
    /// The SignedData is not one that a file of ours may hold.
    #[error(transparent)]
    Form(#[from] FormFlaw),
}

impl Answer {
    /// A raw value as its file holds it.
    pub fn value(bytes: Vec<u8>) -> Result<Self, AnswerFault> {
        match bytes.len() {
            ..=MAX_VALUE_BYTES => Ok(Self::Value(bytes)),
            _ => Err(AnswerFault::TooLong),
        }
    }

    /// A SignedData as its file holds it.
    pub fn whole(bytes: Vec<u8>) -> Result<Self, AnswerFault> {
        if bytes.len() > MAX_WHOLE_BYTES {
            return Err(AnswerFault::TooLong);
        }
        cms::check_form(&bytes)?;
        Ok(Self::Whole(bytes))
    }
}

/// The signer of one file, with what came back for it.
pub struct Answered {
    who: Arc<Elsewhere>,
    answer: Option<Answer>,
}

impl Answered {
    /// Answers with this; where there is nothing, the file waits on.
    pub fn by(who: &Arc<Elsewhere>, answer: Option<Answer>) -> Self {
        let who = Arc::clone(who);
        Self { who, answer }
    }
}

impl Signer for Answered {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.who.algorithm
    }

    fn certificate_der(&self) -> &[u8] {
        &self.who.certificate_der
    }

    fn chain_der(&self) -> &[Vec<u8>] {
        &self.who.chain_der
    }

    fn signed_elsewhere(&self, _: &[u8]) -> Option<Vec<u8>> {
        match &self.answer {
            Some(Answer::Whole(whole)) => Some(whole.clone()),
            _ => None,
        }
    }

    fn more_room_bytes(&self) -> usize {
        MORE_ROOM_BYTES
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignerFault> {
        match &self.answer {
            Some(Answer::Value(value)) => Ok(value.clone()),
            _ => Err(SignerFault::Unanswered),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::formats::cms::{Mismatch, Signatory, check_detached};
    use crate::formats::fictional_signer::{Authority, FictionalSigner};

    const AT: OffsetDateTime = datetime!(2026-11-21 08:30:00 +7);
    const COVERED: [&[u8]; 2] = [b"the", b" file"];

    fn pem_of(ders: &[&[u8]]) -> Vec<u8> {
        let blocks = ders.iter().map(|der| {
            let pem = der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, der);
            pem.expect("encodes")
        });
        blocks.collect::<String>().into_bytes()
    }

    fn signer() -> (FictionalSigner, Elsewhere) {
        let signer = Authority::root().below("Cấp chứng thư thử").signer(|_| {});
        // The order of a file says nothing.
        let file = pem_of(&[&signer.chain_der[0], &signer.certificate_der]);
        let who = Elsewhere::read(&file, RsaPadding::Pkcs1, AT).expect("a signer");
        (signer, who)
    }

    fn asked(who: &Elsewhere) -> Asked {
        let collector = Collector::of(who);
        let signatory = Signatory::of(&collector).expect("a certificate");
        assert!(signatory.sign_detached(&COVERED).is_err());
        collector.take()
    }

    fn made(answer: Option<Answer>, who: &Elsewhere) -> Option<Vec<u8>> {
        let answered = Answered::by(&Arc::new(who.clone()), answer);
        let signatory = Signatory::of(&answered).expect("a certificate");
        signatory.sign_detached(&COVERED).ok()
    }

    #[test]
    fn what_is_asked_and_answered_elsewhere_is_the_signature_made_here() {
        let (signer, who) = signer();
        assert_eq!(who.certificates().next(), Some(&signer.certificate_der[..]));
        let asked = asked(&who);
        let value = signer.sign(&asked.message).expect("signs");
        let cms = made(Some(Answer::value(value).expect("short")), &who).expect("is answered");
        assert_eq!(
            check_detached(&cms, &COVERED, &signer.certificate_der),
            Ok(())
        );
        assert_eq!(cms::check_form(&cms), Ok(()));
        let content = who.algorithm().hash().digest(&COVERED);
        assert_eq!(asked.content_digest, content.as_ref());
        assert_eq!(made(None, &who), None);
    }

    #[test]
    fn a_whole_signed_data_is_taken_as_it_is_and_checked_like_ours() {
        let (signer, who) = signer();
        let signatory = Signatory::of(&signer).expect("a certificate");
        let whole = signatory.sign_detached(&COVERED).expect("signs");
        let answer = Answer::whole(whole.clone()).expect("of our form");
        assert_eq!(made(Some(answer), &who), Some(whole));
        let other = signatory.sign_detached(&[b"another"]).expect("signs");
        let answer = Answer::whole(other).expect("of our form");
        let cms = made(Some(answer), &who).expect("is answered");
        let told = check_detached(&cms, &COVERED, &signer.certificate_der);
        assert_eq!(told, Err(Mismatch::MessageDigest));
    }

    #[test]
    fn what_no_file_of_ours_may_hold_is_refused_with_the_reason() {
        let (signer, _) = signer();
        let signatory = Signatory::of(&signer).expect("a certificate");
        let mut whole = signatory.sign_detached(&COVERED).expect("signs");
        let long = vec![0; MAX_WHOLE_BYTES + 1];
        assert_eq!(Answer::whole(long.clone()), Err(AnswerFault::TooLong));
        assert_eq!(Answer::value(long), Err(AnswerFault::TooLong));
        let not_der = Err(AnswerFault::Form(FormFlaw::NotDer));
        assert_eq!(Answer::whole(b"rubbish".to_vec()), not_der);
        whole.push(0);
        assert_eq!(Answer::whole(whole), not_der);
    }

    #[test]
    fn certificates_that_may_not_sign_now_are_refused_before_anything_is_asked() {
        let root = Authority::root();
        let read = |der: &[u8]| Elsewhere::read(der, RsaPadding::Pkcs1, AT);
        let ended = root.signer(|one| one.not_after = datetime!(2026-01-01 0:00 UTC));
        let fault = read(&ended.certificate_der).expect_err("is over");
        assert!(matches!(fault, SealFault::Expired { .. }));
        let usage = vec![rcgen::KeyUsagePurpose::KeyEncipherment];
        let other = root.signer(|one| one.key_usages = usage);
        let fault = read(&other.certificate_der).expect_err("is for something else");
        assert!(matches!(fault, SealFault::UsageForbidsSigning));
        assert!(read(b"rubbish").is_err());
    }
}
