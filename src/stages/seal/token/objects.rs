//! What lies in a token: the key, its certificate and those above it; and the signature itself.

use cryptoki::error::Error;
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use der::asn1::UintRef;
use der::{Encode, Sequence};

use super::super::key_file::chain_above;
use super::device::failed;
use super::{TokenFault, label};
use crate::formats::signer::{HashAlgorithm, RsaPadding, SignatureAlgorithm};
use crate::formats::x509::{Certificate, PublicKey};

/// What is signed to see whose certificate a key's is; no paper begins so.
const PROBE: &[u8] = b"sohoa: does this certificate belong to this key?";

/// `DigestInfo` of SHA-256 up to the digest (RFC 8017, 9.2), for tokens that only pad.
const SHA_256_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// A private key in a token.
pub(super) struct Key {
    pub(super) handle: ObjectHandle,
    pub(super) id: Vec<u8>,
    label: String,
    is_rsa: bool,
    pin_each_time: bool,
}

impl Key {
    fn name(&self) -> String {
        let id: String = self.id.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{} ({id})", self.label)
    }

    fn is(&self, wanted: &str) -> bool {
        label::same(wanted, &self.label) || label::hex(wanted).is_some_and(|id| id == self.id)
    }
}

/// The key's certificate and the certificates above it.
pub(super) struct Found {
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) certificate_der: Vec<u8>,
    pub(super) chain_der: Vec<Vec<u8>>,
}

/// The key of this label or number; the only one where none is named.
pub(super) fn key(session: &Session, wanted: &str) -> Result<Key, TokenFault> {
    let all = keys(session, &[])?;
    let names = |keys: &[Key]| keys.iter().map(Key::name).collect::<Vec<_>>().join(", ");
    let found = names(&all);
    let any = wanted.trim().is_empty();
    let mut fitting: Vec<Key> = all
        .into_iter()
        .filter(|key| any || key.is(wanted))
        .collect();
    match fitting.len() {
        1 => Ok(fitting.remove(0)),
        0 => Err(TokenFault::NoKey {
            wanted: wanted.to_owned(),
            found,
        }),
        _ => Err(TokenFault::ManyKeys {
            found: names(&fitting),
        }),
    }
}

/// The key of this number, which was found before.
pub(super) fn key_of_id(session: &Session, id: Vec<u8>) -> Result<Key, TokenFault> {
    let found = keys(session, &[Attribute::Id(id)])?;
    found.into_iter().next().ok_or(TokenFault::NoKey {
        wanted: String::new(),
        found: String::new(),
    })
}

fn keys(session: &Session, more: &[Attribute]) -> Result<Vec<Key>, TokenFault> {
    let mut template = vec![
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::Sign(true),
    ];
    template.extend_from_slice(more);
    let handles = session.find_objects(&template).map_err(failed)?;
    let keys = handles.into_iter().map(|handle| described(session, handle));
    let keys: Result<Vec<Option<Key>>, TokenFault> = keys.collect();
    Ok(keys?.into_iter().flatten().collect())
}

/// What a key says of itself; `None` where it is neither RSA nor on a curve.
fn described(session: &Session, handle: ObjectHandle) -> Result<Option<Key>, TokenFault> {
    let asked = [
        AttributeType::Id,
        AttributeType::Label,
        AttributeType::KeyType,
        AttributeType::AlwaysAuthenticate,
    ];
    let said = session.get_attributes(handle, &asked).map_err(failed)?;
    let (mut id, mut label, mut kind, mut pin_each_time) = (Vec::new(), String::new(), None, false);
    for attribute in said {
        match attribute {
            Attribute::Id(value) => id = value,
            Attribute::Label(value) => label = String::from_utf8_lossy(&value).into_owned(),
            Attribute::KeyType(value) => kind = Some(value),
            Attribute::AlwaysAuthenticate(value) => pin_each_time = value,
            _ => {}
        }
    }
    let is_rsa = kind == Some(KeyType::RSA);
    let ours = is_rsa || kind == Some(KeyType::EC);
    Ok(ours.then_some(Key {
        handle,
        id,
        label,
        is_rsa,
        pin_each_time,
    }))
}

/// The certificate that verifies what the key signs, and those above it, from token and file.
pub(super) fn certified(
    session: &Session,
    key: &Key,
    padding: RsaPadding,
    given: &[Vec<u8>],
) -> Result<Found, TokenFault> {
    if key.pin_each_time {
        return Err(TokenFault::PinEachTime);
    }
    let mut ders = certificates(session)?;
    ders.extend_from_slice(given);
    // One that cannot be read is nobody's: tokens hold the leftovers of years.
    let all: Vec<Certificate<'_>> = ders
        .iter()
        .filter_map(|der| Certificate::read(der).ok())
        .collect();
    let mut probes: Vec<(SignatureAlgorithm, Vec<u8>)> = Vec::new();
    for certificate in &all {
        let Some((public, algorithm)) = fitting(key, padding, certificate) else {
            continue;
        };
        // Signed once, however many certificates the token holds.
        if probes.iter().all(|(known, _)| *known != algorithm) {
            let signature = sign(session, key.handle, algorithm, PROBE).map_err(failed)?;
            probes.push((algorithm, signature));
        }
        let mut probes = probes.iter().filter(|(known, _)| *known == algorithm);
        if probes.any(|(_, signature)| public.verifies(algorithm, PROBE, signature)) {
            return Ok(Found {
                algorithm,
                certificate_der: certificate.der().to_vec(),
                chain_der: chain_above(certificate, &all),
            });
        }
    }
    Err(TokenFault::NoCertificate)
}

fn certificates(session: &Session) -> Result<Vec<Vec<u8>>, TokenFault> {
    let template = [Attribute::Class(ObjectClass::CERTIFICATE)];
    let mut ders = Vec::new();
    for handle in session.find_objects(&template).map_err(failed)? {
        let value = session.get_attributes(handle, &[AttributeType::Value]);
        for attribute in value.map_err(failed)? {
            if let Attribute::Value(der) = attribute {
                ders.push(der);
            }
        }
    }
    Ok(ders)
}

/// The certificate's key and how it would sign, where it is of the kind of the token's.
fn fitting(
    key: &Key,
    padding: RsaPadding,
    certificate: &Certificate<'_>,
) -> Option<(PublicKey, SignatureAlgorithm)> {
    let public = certificate.public_key().ok()?;
    let algorithm = public.algorithm(padding);
    let same_kind = matches!(public, PublicKey::Rsa { .. }) == key.is_rsa;
    same_kind.then_some((public, algorithm))
}

/// Signs in the way the token knows: with its own hash where it has one.
pub(super) fn sign(
    session: &Session,
    key: ObjectHandle,
    algorithm: SignatureAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, Error> {
    let digest = |hash: HashAlgorithm| hash.digest(&[message]).as_ref().to_vec();
    match algorithm {
        SignatureAlgorithm::RsaPkcs1Sha256 => {
            let padded = || [&SHA_256_INFO[..], &digest(HashAlgorithm::Sha256)[..]].concat();
            match session.sign(&Mechanism::Sha256RsaPkcs, key, message) {
                Err(error) if unknown_mechanism(&error) => {
                    session.sign(&Mechanism::RsaPkcs, key, &padded())
                }
                signed => signed,
            }
        }
        SignatureAlgorithm::RsaPssSha256 => {
            match session.sign(&Mechanism::Sha256RsaPkcsPss(pss()), key, message) {
                Err(error) if unknown_mechanism(&error) => {
                    let digest = digest(HashAlgorithm::Sha256);
                    session.sign(&Mechanism::RsaPkcsPss(pss()), key, &digest)
                }
                signed => signed,
            }
        }
        SignatureAlgorithm::EcdsaP256Sha256 | SignatureAlgorithm::EcdsaP384Sha384 => {
            let raw = session.sign(&Mechanism::Ecdsa, key, &digest(algorithm.hash()))?;
            ecdsa_der(&raw).ok_or(Error::InvalidValue)
        }
    }
}

fn unknown_mechanism(error: &Error) -> bool {
    use cryptoki::error::RvError::{FunctionNotSupported, MechanismInvalid};
    matches!(
        error,
        Error::Pkcs11(MechanismInvalid | FunctionNotSupported, _)
    )
}

fn pss() -> PkcsPssParams {
    PkcsPssParams {
        hash_alg: MechanismType::SHA256,
        mgf: PkcsMgfType::MGF1_SHA256,
        s_len: 32.into(),
    }
}

/// `SEQUENCE {r, s}` (RFC 3279, 2.2.3) from the two numbers that a token gives side by side.
pub(super) fn ecdsa_der(raw: &[u8]) -> Option<Vec<u8>> {
    #[derive(Sequence)]
    struct EcdsaSignature<'a> {
        r: UintRef<'a>,
        s: UintRef<'a>,
    }
    let (r, s) = raw.split_at_checked(raw.len() / 2)?;
    if r.len() != s.len() || r.is_empty() {
        return None;
    }
    let signature = EcdsaSignature {
        r: UintRef::new(r).ok()?,
        s: UintRef::new(s).ok()?,
    };
    signature.to_der().ok()
}
