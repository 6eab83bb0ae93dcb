//! The way from a certificate to a trusted root, found by rustls-webpki.
//!
//! webpki is small, fuzzed, takes the time as an argument and has budgets against hostile
//! chains. What it does not do is done beside it: which certificates the path holds is kept,
//! because revocation is judged for each of them; OCSP, revocation at a time in the past and
//! the extended key usage of time-stamping authorities are ours ([`super::revocation`],
//! [`may_stamp`]). It looks at no certificate policies.

use const_oid::db::rfc5280::{ID_CE_EXT_KEY_USAGE, ID_KP_TIME_STAMPING};
use der::Decode;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use spki::SubjectPublicKeyInfoOwned;
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use x509_cert::name::Name;

use super::facts::PathFacts;
use crate::verify::certificate::{Cert, SignsDocuments};
use crate::verify::limits;
use crate::verify::trust::Trust;

/// What a certificate is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signing documents.
    Sign,
    /// Stamping the time (RFC 3161, 2.3).
    Stamp,
}

/// The certificates between a signer and the root, the signer's issuer first, and the root.
pub struct Path {
    /// Between signer and root.
    pub between: Vec<Cert>,
    /// The trusted root.
    pub root: Cert,
}

/// Who issued a certificate: name and key.
pub struct Issuer<'p> {
    /// The certificate whose key signs.
    pub cert: &'p Cert,
}

impl<'p> Issuer<'p> {
    /// Its name.
    pub fn name(&self) -> &'p Name {
        &self.cert.body.tbs_certificate.subject
    }

    /// Its key.
    pub fn key(&self) -> &'p SubjectPublicKeyInfoOwned {
        &self.cert.body.tbs_certificate.subject_public_key_info
    }

    /// True where its key usage lets it sign revocation lists, or says nothing (RFC 5280, 4.2.1.3).
    pub fn may_sign_lists(&self) -> bool {
        let usage = self.cert.body.tbs_certificate.get::<KeyUsage>();
        usage.is_ok_and(|usage| usage.is_none_or(|(_, usage)| usage.crl_sign()))
    }
}

/// A path, and what is said of it.
pub struct Way {
    /// The path itself.
    pub path: Path,
    /// The same in words.
    pub facts: PathFacts,
    /// The names of the certificates below the root, the signer's first.
    pub names: Vec<String>,
}

impl Path {
    /// Each certificate below the root with its issuer, the signer's first.
    pub fn links<'p>(&'p self, signer: &'p Cert) -> Vec<(&'p Cert, Issuer<'p>)> {
        if signer.der == self.root.der {
            return Vec::new();
        }
        let below = std::iter::once(signer).chain(&self.between);
        let above = self.between.iter().chain(std::iter::once(&self.root));
        let issuers = above.map(|cert| Issuer { cert });
        below.zip(issuers).collect()
    }
}

/// Finds a path at this time; the text says why there is none.
pub fn find(
    signer: &Cert,
    pool: &[Cert],
    trust: &Trust,
    at_s: u64,
    purpose: Purpose,
) -> Result<Path, String> {
    if let Some(root) = trust
        .root_certificates()
        .find(|root| root.der == signer.der)
    {
        // A root that was given signs for itself; webpki takes no authority for a signer.
        let root = root.clone();
        return Ok(Path {
            between: Vec::new(),
            root,
        });
    }
    // Certificates of signers and responders lead to no root: a file of many signatures has more
    // of them than the budget, and they must not crowd the authorities out.
    let mut between: Vec<CertificateDer<'_>> = pool
        .iter()
        .filter(|cert| is_authority(cert))
        .take(limits::CHAIN_CERTIFICATES)
        .map(|cert| CertificateDer::from(cert.der.as_slice()))
        .collect();
    between.extend(trust.chain().iter().cloned());
    let der = CertificateDer::from(signer.der.as_slice());
    let told = |fault: webpki::Error| fault.to_string();
    let signer = EndEntityCert::try_from(&der).map_err(told)?;
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at_s));
    let usage = Usage(purpose);
    let found = signer
        .verify_for_usage(
            PATH_ALGORITHMS,
            trust.anchors(),
            &between,
            time,
            usage,
            None,
            Some(&may_certify),
        )
        .map_err(told)?;
    let of_root = trust.anchors().iter().position(|one| one == found.anchor());
    let root = of_root.and_then(|at| trust.root_certificates().nth(at));
    let certs = found.intermediate_certificates();
    let certs: Option<Vec<Cert>> = certs
        .map(|cert| Cert::from_der(cert.der().as_ref()))
        .collect();
    Ok(Path {
        between: certs.ok_or("a certificate on the path cannot be read")?,
        root: root.ok_or("the root cannot be read")?.clone(),
    })
}

fn is_authority(cert: &Cert) -> bool {
    let constraints = cert.body.tbs_certificate.get::<BasicConstraints>();
    constraints.is_ok_and(|found| found.is_some_and(|(_, found)| found.ca))
}

/// webpki asks authorities for basicConstraints alone; one whose key usage lacks keyCertSign has
/// issued nothing (RFC 5280, 6.1.4 (n)). The search goes on for another path.
fn may_certify(path: &webpki::VerifiedPath<'_>) -> Result<(), webpki::Error> {
    let certifies = |cert: &webpki::Cert<'_>| {
        let usage = Cert::from_der(cert.der().as_ref())
            .and_then(|cert| cert.body.tbs_certificate.get::<KeyUsage>().ok());
        usage.is_some_and(|usage| usage.is_none_or(|(_, usage)| usage.key_cert_sign()))
    };
    match path.intermediate_certificates().all(certifies) {
        true => Ok(()),
        false => Err(webpki::Error::EndEntityUsedAsCa),
    }
}

/// SHA-2 only, RSA from 2048 bits, P-256 and P-384.
const PATH_ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    webpki::ring::RSA_PKCS1_2048_8192_SHA256,
    webpki::ring::RSA_PKCS1_2048_8192_SHA384,
    webpki::ring::RSA_PKCS1_2048_8192_SHA512,
    webpki::ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    webpki::ring::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    webpki::ring::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    webpki::ring::ECDSA_P256_SHA256,
    webpki::ring::ECDSA_P256_SHA384,
    webpki::ring::ECDSA_P384_SHA256,
    webpki::ring::ECDSA_P384_SHA384,
];

/// What webpki asks of each extended key usage on the path. The signer's own is judged apart
/// ([`may_stamp`], [`may_sign`]), so that a wrong one does not read as "no path".
struct Usage(Purpose);

impl ExtendedKeyUsageValidator for Usage {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        match self.0 {
            Purpose::Sign | Purpose::Stamp => Ok(()),
        }
    }
}

/// True where key usage and extended key usage let it sign documents.
pub fn may_sign(signer: &Cert) -> bool {
    SignsDocuments::allows(&signer.body) && crate::verify::certificate::may_sign(&signer.body)
}

/// True where the one extended key usage is timeStamping and critical (RFC 3161, 2.3), and
/// key usage, if any, lets it sign.
pub fn may_stamp(authority: &Cert) -> bool {
    let body = &authority.body.tbs_certificate;
    let mut extensions = body.extensions.iter().flatten();
    let Some(found) = extensions.find(|one| one.extn_id == ID_CE_EXT_KEY_USAGE) else {
        return false;
    };
    let purposes = ExtendedKeyUsage::from_der(found.extn_value.as_bytes());
    let only = purposes.is_ok_and(|purposes| purposes.0 == [ID_KP_TIME_STAMPING]);
    let usage = body.get::<KeyUsage>();
    let signs = usage.is_ok_and(|usage| {
        usage.is_none_or(|(_, usage)| usage.digital_signature() || usage.non_repudiation())
    });
    found.critical && only && signs
}
