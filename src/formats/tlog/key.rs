//! The key of a log: Ed25519, in a PEM file as OpenSSL writes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::pem::{self, LineEnding};
use ring::rand::SecureRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use zeroize::Zeroizing;

use crate::model::Digest;

/// The type of an Ed25519 signature of a note (c2sp.org/signed-note, "Signature types").
const ED25519: u8 = 0x01;

const LABEL: &str = "PRIVATE KEY";

/// The key of a log with the log's name.
pub struct LogKey {
    origin: String,
    pair: Ed25519KeyPair,
}

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogKeyFault {
    /// Not a PEM file with a private key of Ed25519.
    #[error("no Ed25519 private key (PKCS#8, PEM)")]
    NotAKey,
    /// The name of the log is empty or holds what a note cannot carry.
    #[error("not a name for a log")]
    NotAnOrigin,
    /// The machine gives no random numbers.
    #[error("no random numbers")]
    NoRandomness,
}

/// True for a name that a log may have: no spaces, no `+`, no control characters.
pub fn is_origin(name: &str) -> bool {
    let fits = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    !name.is_empty() && name.len() <= 200 && name.chars().all(fits)
}

impl LogKey {
    /// Makes a new key: the PEM file to be kept secret.
    pub fn generate(random: &dyn SecureRandom) -> Result<Zeroizing<String>, LogKeyFault> {
        let der = Ed25519KeyPair::generate_pkcs8(random).map_err(|_| LogKeyFault::NoRandomness)?;
        let text = pem::encode_string(LABEL, LineEnding::LF, der.as_ref());
        Ok(Zeroizing::new(text.map_err(|_| LogKeyFault::NotAKey)?))
    }

    /// Reads the key from its PEM file (ours, or `openssl genpkey -algorithm ed25519`).
    pub fn read(pem: &[u8], origin: &str) -> Result<Self, LogKeyFault> {
        if !is_origin(origin) {
            return Err(LogKeyFault::NotAnOrigin);
        }
        let (label, der) = pem::decode_vec(pem).map_err(|_| LogKeyFault::NotAKey)?;
        let der = Zeroizing::new(der);
        // OpenSSL leaves the public half out (PKCS#8 version 1), so it cannot be checked.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der);
        let pair = pair.map_err(|_| LogKeyFault::NotAKey)?;
        if label != LABEL {
            return Err(LogKeyFault::NotAKey);
        }
        Ok(Self {
            origin: origin.to_owned(),
            pair,
        })
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The line by which others know the key: name, key ID and public key (`vkey`).
    pub fn public_line(&self) -> String {
        let id: String = self.id().iter().map(|byte| format!("{byte:02x}")).collect();
        format!(
            "{}+{id}+{}",
            self.origin,
            STANDARD.encode(self.typed_public())
        )
    }

    /// Signs a note's text, which ends in a line feed, and gives the whole note.
    pub fn sign_note(&self, text: &str) -> String {
        let value = self.pair.sign(text.as_bytes());
        let signature = [&self.id()[..], value.as_ref()].concat();
        format!(
            "{text}\n\u{2014} {} {}\n",
            self.origin,
            STANDARD.encode(signature)
        )
    }

    /// True where this key would write the very same note: Ed25519 signs the same text alike.
    pub fn wrote(&self, note: &str) -> bool {
        let text = note.split_once("\n\n").map(|(text, _)| text);
        text.is_some_and(|text| self.sign_note(&format!("{text}\n")) == note)
    }

    fn typed_public(&self) -> Vec<u8> {
        [&[ED25519], self.pair.public_key().as_ref()].concat()
    }

    /// `SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]`.
    fn id(&self) -> [u8; 4] {
        let named = [self.origin.as_bytes(), b"\n", &self.typed_public()].concat();
        let digest = Digest::of(&named);
        let [a, b, c, d, ..] = *digest.as_bytes();
        [a, b, c, d]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;

    #[test]
    fn a_key_is_read_back_and_knows_its_own_notes() {
        let pem = LogKey::generate(&SystemRandom::new()).expect("random numbers");
        let key = LogKey::read(pem.as_bytes(), "so-hoa.example/nhat-ky").expect("a key");
        let note = key.sign_note("so-hoa.example/nhat-ky\n0\n\n");
        assert!(!key.wrote(&note), "an empty line parts text and signature");
        let note = key.sign_note("so-hoa.example/nhat-ky\n0\nAAAA\n");
        assert!(key.wrote(&note));
        assert!(!key.wrote(&note.replace("\n0\n", "\n1\n")));
        assert!(key.public_line().starts_with("so-hoa.example/nhat-ky+"));
    }

    #[test]
    fn a_name_that_a_note_cannot_carry_is_refused() {
        let pem = LogKey::generate(&SystemRandom::new()).expect("random numbers");
        for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b"] {
            let fault = LogKey::read(pem.as_bytes(), name).err();
            assert_eq!(fault, Some(LogKeyFault::NotAnOrigin), "{name:?}");
        }
        let fault = LogKey::read(b"no key", "a").err();
        assert_eq!(fault, Some(LogKeyFault::NotAKey));
    }
}
