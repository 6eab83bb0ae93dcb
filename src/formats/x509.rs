//! X.509 certificates as a signer needs them: names and serial byte for byte, the public key.
//!
//! `x509-cert` decodes them; what must reach a signature unchanged (the whole
//! certificate, issuer, serial) is sliced out of the original bytes, because its
//! encoder normalises: an explicit `critical FALSE` is dropped and the parts of a
//! multi-valued name are sorted, either of which would break the issuer's signature.

use const_oid::db::rfc4519::COMMON_NAME;
use const_oid::db::rfc5912::{ID_EC_PUBLIC_KEY, RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1};
use der::asn1::{
    BmpString, Ia5StringRef, ObjectIdentifier, PrintableStringRef, TeletexStringRef, UintRef,
    Utf8StringRef,
};
use der::{Any, AnyRef, Decode, Reader, Sequence, SliceReader, Tag, Tagged};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use spki::SubjectPublicKeyInfoOwned;
use time::OffsetDateTime;
use x509_cert::ext::pkix::KeyUsage;
use x509_cert::name::Name;

use crate::formats::signer::{RsaPadding, SignatureAlgorithm};
use crate::model::Digest;

/// Bytes of the largest DER `SEQUENCE {r, s}` of a P-256 signature: two integers of 33 bytes.
const MAX_P256_SIGNATURE_BYTES: usize = 72;

/// The same for P-384: two integers of 49 bytes.
const MAX_P384_SIGNATURE_BYTES: usize = 104;

/// Why a certificate cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// The bytes are no X.509 certificate in DER.
    #[error("not an X.509 certificate in DER")]
    Unreadable,
    /// Its key is neither RSA nor on one of the curves P-256 and P-384.
    #[error("the key is neither RSA nor ECDSA on P-256 or P-384")]
    UnsupportedKey,
}

/// A decoded certificate beside the exact bytes it came from.
#[derive(Clone, Debug)]
pub struct Certificate<'a> {
    der: &'a [u8],
    serial_der: &'a [u8],
    issuer_der: &'a [u8],
    subject_der: &'a [u8],
    decoded: x509_cert::Certificate,
}

/// The first and last second of a certificate's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// It holds from this moment on.
    pub not_before: OffsetDateTime,
    /// It holds up to and with this moment.
    pub not_after: OffsetDateTime,
}

impl<'a> Certificate<'a> {
    /// Decodes one certificate; nothing may follow it.
    pub fn read(der: &'a [u8]) -> Result<Self, CertificateFault> {
        let decoded =
            x509_cert::Certificate::from_der(der).map_err(|_| CertificateFault::Unreadable)?;
        let [serial_der, issuer_der, subject_der] =
            raw_parts(der).map_err(|_| CertificateFault::Unreadable)?;
        Ok(Self {
            der,
            serial_der,
            issuer_der,
            subject_der,
            decoded,
        })
    }

    /// The whole certificate.
    pub fn der(&self) -> &'a [u8] {
        self.der
    }

    /// The certificate as decoded.
    pub fn decoded(&self) -> &x509_cert::Certificate {
        &self.decoded
    }

    /// The serial number, an `INTEGER` with its tag.
    pub fn serial_der(&self) -> &'a [u8] {
        self.serial_der
    }

    /// The issuer's name, a `SEQUENCE` with its tag.
    pub fn issuer_der(&self) -> &'a [u8] {
        self.issuer_der
    }

    /// The subject's name, a `SEQUENCE` with its tag.
    pub fn subject_der(&self) -> &'a [u8] {
        self.subject_der
    }

    /// SHA-256 of the certificate.
    pub fn digest(&self) -> Digest {
        Digest::of(self.der)
    }

    /// True for a root: it names itself as its issuer.
    pub fn is_self_issued(&self) -> bool {
        self.issuer_der == self.subject_der
    }

    /// The subject as text (RFC 4514).
    pub fn subject(&self) -> String {
        self.decoded.tbs_certificate.subject.to_string()
    }

    /// The subject's common name, the most specific one where there are several.
    pub fn common_name(&self) -> Option<String> {
        common_name(&self.decoded.tbs_certificate.subject)
    }

    /// When it holds; `None` where a date lies outside what a calendar can say.
    pub fn validity(&self) -> Option<Validity> {
        let moment = |time: &x509_cert::time::Time| {
            let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
            OffsetDateTime::from_unix_timestamp(seconds).ok()
        };
        let validity = &self.decoded.tbs_certificate.validity;
        Some(Validity {
            not_before: moment(&validity.not_before)?,
            not_after: moment(&validity.not_after)?,
        })
    }

    /// True where keyUsage is absent or has digitalSignature or nonRepudiation (RFC 5280, 4.2.1.3).
    ///
    /// A keyUsage that cannot be decoded allows nothing.
    pub fn may_sign(&self) -> bool {
        match self.decoded.tbs_certificate.get::<KeyUsage>() {
            Ok(None) => true,
            Ok(Some((_, usage))) => usage.digital_signature() || usage.non_repudiation(),
            Err(_) => false,
        }
    }

    /// The public key, where it is of a kind we sign with.
    pub fn public_key(&self) -> Result<PublicKey, CertificateFault> {
        PublicKey::of(&self.decoded.tbs_certificate.subject_public_key_info)
    }
}

/// Serial, issuer and subject with their tags, cut from TBSCertificate (RFC 5280, 4.1).
fn raw_parts(der: &[u8]) -> der::Result<[&[u8]; 3]> {
    let certificate = AnyRef::from_der(der)?;
    let mut inside = SliceReader::new(certificate.value())?;
    let tbs = AnyRef::decode(&mut inside)?;
    let mut fields = SliceReader::new(tbs.value())?;
    if fields.peek_tag()?.is_context_specific() {
        fields.tlv_bytes()?; // version
    }
    let serial = fields.tlv_bytes()?;
    fields.tlv_bytes()?; // signature algorithm
    let issuer = fields.tlv_bytes()?;
    fields.tlv_bytes()?; // validity
    Ok([serial, issuer, fields.tlv_bytes()?])
}

fn common_name(name: &Name) -> Option<String> {
    // The most specific part of a name stands last (RFC 5280, 4.1.2.4).
    let parts = name.0.iter().rev().flat_map(|rdn| rdn.0.iter());
    parts
        .filter(|part| part.oid == COMMON_NAME)
        .find_map(|part| directory_string(&part.value))
}

/// The text of a DirectoryString in any of the forms certificates really use.
fn directory_string(value: &Any) -> Option<String> {
    let text = |decoded: der::Result<&str>| decoded.ok().map(str::to_owned);
    match value.tag() {
        Tag::Utf8String => text(Utf8StringRef::try_from(value).map(|s| s.as_str())),
        Tag::PrintableString => text(PrintableStringRef::try_from(value).map(|s| s.as_str())),
        Tag::Ia5String => text(Ia5StringRef::try_from(value).map(|s| s.as_str())),
        Tag::TeletexString => text(TeletexStringRef::try_from(value).map(|s| s.as_str())),
        Tag::BmpString => value.decode_as::<BmpString>().ok().map(|s| s.to_string()),
        _ => None,
    }
}

/// A public key of a kind we sign with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA.
    Rsa {
        /// `RSAPublicKey` in DER (RFC 8017, A.1.1).
        der: Vec<u8>,
        /// Length of the modulus in bits.
        modulus_bits: usize,
    },
    /// A point on P-256.
    P256 {
        /// The point, uncompressed (65 bytes).
        point: Vec<u8>,
    },
    /// A point on P-384.
    P384 {
        /// The point, uncompressed (97 bytes).
        point: Vec<u8>,
    },
}

/// `RSAPublicKey` (RFC 8017, A.1.1).
#[derive(Sequence)]
pub struct RsaPublicKey<'a> {
    /// The modulus.
    pub modulus: UintRef<'a>,
    /// The public exponent.
    pub public_exponent: UintRef<'a>,
}

impl PublicKey {
    fn of(info: &SubjectPublicKeyInfoOwned) -> Result<Self, CertificateFault> {
        let bits = info
            .subject_public_key
            .as_bytes()
            .ok_or(CertificateFault::Unreadable)?;
        match info.algorithm.oid {
            RSA_ENCRYPTION => Self::rsa(bits),
            ID_EC_PUBLIC_KEY => {
                let curve = info.algorithm.parameters.as_ref();
                let curve = curve.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
                Self::on_curve(curve, bits)
            }
            _ => Err(CertificateFault::UnsupportedKey),
        }
    }

    /// An RSA key from `RSAPublicKey` in DER.
    pub fn rsa(der: &[u8]) -> Result<Self, CertificateFault> {
        let key = RsaPublicKey::from_der(der).map_err(|_| CertificateFault::Unreadable)?;
        let modulus = key.modulus.as_bytes();
        let leading_zeros = modulus.first().map_or(0, |byte| byte.leading_zeros());
        Ok(Self::Rsa {
            der: der.to_vec(),
            modulus_bits: modulus.len() * 8 - leading_zeros as usize,
        })
    }

    fn on_curve(curve: Option<ObjectIdentifier>, point: &[u8]) -> Result<Self, CertificateFault> {
        // 4 opens an uncompressed point (SEC 1, 2.3.3), the only form ring takes.
        let (first, point) = (point.first(), point.to_vec());
        match (curve, point.len(), first) {
            (Some(SECP_256_R_1), 65, Some(4)) => Ok(Self::P256 { point }),
            (Some(SECP_384_R_1), 97, Some(4)) => Ok(Self::P384 { point }),
            _ => Err(CertificateFault::UnsupportedKey),
        }
    }

    /// The algorithm a key of this kind signs with; `padding` is that of an RSA key.
    pub fn algorithm(&self, padding: RsaPadding) -> SignatureAlgorithm {
        match self {
            Self::Rsa { .. } => padding.algorithm(),
            Self::P256 { .. } => SignatureAlgorithm::EcdsaP256Sha256,
            Self::P384 { .. } => SignatureAlgorithm::EcdsaP384Sha384,
        }
    }

    /// Bytes of the longest signature this key can make.
    pub fn max_signature_bytes(&self) -> usize {
        match self {
            Self::Rsa { modulus_bits, .. } => modulus_bits.div_ceil(8),
            Self::P256 { .. } => MAX_P256_SIGNATURE_BYTES,
            Self::P384 { .. } => MAX_P384_SIGNATURE_BYTES,
        }
    }

    /// True where this key made the signature over the message (RSA < 2048 bits never did).
    pub fn verifies(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        use SignatureAlgorithm::*;
        let (algorithm, key): (&dyn VerificationAlgorithm, _) = match (self, algorithm) {
            (Self::Rsa { der, .. }, RsaPkcs1Sha256) => (&RSA_PKCS1_2048_8192_SHA256, der),
            (Self::Rsa { der, .. }, RsaPssSha256) => (&RSA_PSS_2048_8192_SHA256, der),
            (Self::P256 { point }, EcdsaP256Sha256) => (&ECDSA_P256_SHA256_ASN1, point),
            (Self::P384 { point }, EcdsaP384Sha384) => (&ECDSA_P384_SHA384_ASN1, point),
            _ => return false,
        };
        let key = UnparsedPublicKey::new(algorithm, key);
        key.verify(message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::formats::fictional_signer::Authority;

    #[test]
    fn names_and_serial_are_cut_from_the_certificates_own_bytes() {
        let root = Authority::root();
        let signer = root.signer(|_| {});
        let certificate = Certificate::read(&signer.certificate_der).expect("reads");
        let issuer = Certificate::read(&root.der).expect("reads");
        assert_eq!(certificate.issuer_der(), issuer.subject_der());
        assert!(issuer.is_self_issued() && !certificate.is_self_issued());
        let name = "Ủy ban nhân dân xã Thử Nghiệm";
        assert_eq!(certificate.common_name().as_deref(), Some(name));
        assert!(certificate.subject().contains(&format!("CN={name}")));
        let serial = UintRef::from_der(certificate.serial_der()).expect("is an INTEGER");
        assert!(!serial.as_bytes().is_empty());
    }

    #[test]
    fn names_are_read_in_every_form_in_use() {
        let read = |tag, bytes: &[u8]| directory_string(&Any::new(tag, bytes).expect("short"));
        assert_eq!(read(Tag::BmpString, &[0x1e, 0xa0]).as_deref(), Some("Ạ"));
        assert_eq!(read(Tag::Utf8String, "Ạ".as_bytes()).as_deref(), Some("Ạ"));
        assert_eq!(read(Tag::PrintableString, b"So").as_deref(), Some("So"));
        assert_eq!(read(Tag::Utf8String, &[0xff]), None);
        assert_eq!(read(Tag::Integer, &[1]), None);
    }

    proptest! {
        #[test]
        fn a_changed_certificate_is_read_or_refused(place in any::<prop::sample::Index>(), byte: u8) {
            let mut der = Authority::root().der;
            let place = place.index(der.len());
            der[place] = byte;
            if let Ok(certificate) = Certificate::read(&der) {
                let _ = (certificate.public_key(), certificate.validity(), certificate.may_sign());
                let _ = (certificate.common_name(), certificate.subject());
            }
        }
    }
}
