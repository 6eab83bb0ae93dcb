//! Signers of nobody's, for tests: an authority, those it certifies, and one that lies.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber,
    SignatureAlgorithm as Algorithm,
};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm,
};
use time::OffsetDateTime;
use time::macros::datetime;

use super::signer::{SignatureAlgorithm, Signer, SignerFault};

/// An authority that issues certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) der: Vec<u8>,
}

impl Authority {
    /// A root.
    pub(crate) fn root() -> Self {
        let (params, key) = (authority("Gốc thử nghiệm"), new_key());
        let der = params.self_signed(&key).expect("signs").der().to_vec();
        let issuer = Issuer::new(params, key);
        Self { issuer, der }
    }

    /// An authority below this one.
    pub(crate) fn below(&self, name: &str) -> Self {
        let (params, key) = (authority(name), new_key());
        let der = params.signed_by(&key, &self.issuer).expect("signs");
        Self {
            issuer: Issuer::new(params, key),
            der: der.der().to_vec(),
        }
    }

    /// This authority certified once more, by another.
    pub(crate) fn certified_by(&self, other: &Self, name: &str) -> Vec<u8> {
        let certificate = authority(name).signed_by(self.issuer.key(), &other.issuer);
        certificate.expect("signs").der().to_vec()
    }

    /// A revocation list of this authority from that day, for a month, that names one
    /// certificate by its serial number, or none.
    pub(crate) fn revocation_list(
        &self,
        issued: OffsetDateTime,
        revoked: Option<(&[u8], OffsetDateTime)>,
    ) -> Vec<u8> {
        let revoked = revoked.map(|(serial, revocation_time)| RevokedCertParams {
            serial_number: SerialNumber::from_slice(serial),
            revocation_time,
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: issued,
            next_update: issued + time::Duration::days(30),
            crl_number: SerialNumber::from(1u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.into_iter().collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&self.issuer).expect("signs");
        list.der().to_vec()
    }

    /// A signer with a key on P-256 and `change` applied to what is certified.
    pub(crate) fn signer(&self, change: impl FnOnce(&mut CertificateParams)) -> FictionalSigner {
        self.signer_with(&rcgen::PKCS_ECDSA_P256_SHA256, change)
    }

    /// A signer with a key of another kind.
    pub(crate) fn signer_with(
        &self,
        algorithm: &'static Algorithm,
        change: impl FnOnce(&mut CertificateParams),
    ) -> FictionalSigner {
        let key = KeyPair::generate_for(algorithm).expect("makes a key");
        let mut params = named("Ủy ban nhân dân xã Thử Nghiệm");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).expect("signs");
        FictionalSigner {
            pkcs8_der: key.serialize_der(),
            certificate_der: certificate.der().to_vec(),
            chain_der: vec![self.der.clone()],
            on_p384: std::ptr::eq(algorithm, &rcgen::PKCS_ECDSA_P384_SHA384),
        }
    }
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("makes a key")
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = datetime!(2020-01-01 0:00 UTC);
    params.not_after = datetime!(2060-01-01 0:00 UTC);
    params
}

fn authority(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// A key with its certificate; signs where the key is on P-256 or P-384.
pub(crate) struct FictionalSigner {
    pub(crate) pkcs8_der: Vec<u8>,
    pub(crate) certificate_der: Vec<u8>,
    pub(crate) chain_der: Vec<Vec<u8>>,
    pub(crate) on_p384: bool,
}

impl Signer for FictionalSigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        match self.on_p384 {
            true => SignatureAlgorithm::EcdsaP384Sha384,
            false => SignatureAlgorithm::EcdsaP256Sha256,
        }
    }

    fn certificate_der(&self) -> &[u8] {
        &self.certificate_der
    }

    fn chain_der(&self) -> &[Vec<u8>] {
        &self.chain_der
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerFault> {
        let random = SystemRandom::new();
        let algorithm: &EcdsaSigningAlgorithm = match self.on_p384 {
            true => &ECDSA_P384_SHA384_ASN1_SIGNING,
            false => &ECDSA_P256_SHA256_ASN1_SIGNING,
        };
        let key = EcdsaKeyPair::from_pkcs8(algorithm, &self.pkcs8_der, &random);
        let key = key.map_err(|_| SignerFault::Refused)?;
        let signature = key.sign(&random, message);
        Ok(signature
            .map_err(|_| SignerFault::Refused)?
            .as_ref()
            .to_vec())
    }
}

/// A signer whose key says something else than it was asked.
pub(crate) struct LyingSigner {
    pub(crate) certified: FictionalSigner,
    pub(crate) answer: Result<Vec<u8>, SignerFault>,
}

impl Signer for LyingSigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.certified.algorithm()
    }

    fn certificate_der(&self) -> &[u8] {
        self.certified.certificate_der()
    }

    fn chain_der(&self) -> &[Vec<u8>] {
        self.certified.chain_der()
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignerFault> {
        self.answer.clone()
    }
}
