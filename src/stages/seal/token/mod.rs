//! A key inside a PKCS#11 token or HSM: one login, one session, one signature at a time.
//!
//! A token is slow and single, so all signatures queue up here. One that is pulled out and put
//! back within the plan's time goes on where it was; a PIN is never tried twice, because tokens
//! lock after a few wrong ones.

mod device;
mod fault;
mod label;
mod objects;
mod options;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{SealFault, check_valid};
use crate::formats::signer::{RsaPadding, SignatureAlgorithm, Signer, SignerFault};
use crate::formats::x509::Certificate;
use device::Pkcs11Device;
pub use device::{TokenSeen, tokens};
pub use fault::TokenFault;
pub use options::TokenOptions;

/// The first wait before a token that failed is asked again; doubled up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest wait between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A key in a token, logged in.
pub struct Token {
    algorithm: SignatureAlgorithm,
    certificate_der: Vec<u8>,
    chain_der: Vec<Vec<u8>>,
    lane: Mutex<Lane>,
}

/// What is asked of a token, and who is asked for its PIN.
pub struct Opening<'a, E> {
    /// Which token and which key.
    pub options: &'a TokenOptions,
    /// How an RSA key pads.
    pub padding: RsaPadding,
    /// The moment at which the certificate must hold.
    pub at: OffsetDateTime,
    /// Waits; real time in a run, none in a test.
    pub pause: fn(Duration),
    /// Gives the PIN of the token with this label; asked once, and not at all where the token
    /// is away, locked, or has a pad of its own.
    pub ask_pin: &'a mut dyn FnMut(&str) -> Result<Zeroizing<String>, E>,
}

impl Token {
    /// Finds the token, logs in once and makes sure that key and certificate belong together.
    pub fn open<E: From<SealFault>>(opening: Opening<'_, E>) -> Result<Self, E> {
        let Opening {
            options,
            padding,
            at,
            pause,
            ask_pin,
        } = opening;
        let above = options.read_certificates().map_err(SealFault::from)?;
        let mut device = Pkcs11Device::find(options).map_err(SealFault::from)?;
        if let Some(label) = device.asks_for_pin().map_err(SealFault::from)? {
            device.keep_pin(&ask_pin(&label)?);
        }
        let found = device.enter(padding, &above).map_err(SealFault::from)?;
        let certificate = Certificate::read(&found.certificate_der).map_err(SealFault::from)?;
        if !certificate.may_sign() {
            return Err(SealFault::UsageForbidsSigning.into());
        }
        check_valid(&certificate, at)?;
        let patience = Duration::from_secs(options.wait_s);
        Ok(Self {
            algorithm: found.algorithm,
            chain_der: found.chain_der,
            lane: Mutex::new(Lane::new(Box::new(device), patience, pause)),
            certificate_der: found.certificate_der,
        })
    }
}

impl Signer for Token {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn certificate_der(&self) -> &[u8] {
        &self.certificate_der
    }

    fn chain_der(&self) -> &[Vec<u8>] {
        &self.chain_der
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerFault> {
        // A panic between two calls leaves nothing in the lane that a next call would not see.
        let mut lane = self.lane.lock().unwrap_or_else(PoisonError::into_inner);
        lane.sign(self.algorithm, message)
    }

    fn makes_wait(&self) -> bool {
        true
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the token nor the person's name belongs in a log.
        f.debug_struct("Token")
            .field("algorithm", &self.algorithm)
            .field("certificates", &(1 + self.chain_der.len()))
            .finish_non_exhaustive()
    }
}

/// What a token does for us once it was found: real ones, and ones that fail on purpose.
trait Device: Send {
    /// Signs; opens session, login and key anew where they were lost.
    fn sign(&mut self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, Trouble>;
}

/// Why a device did not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// It may by and by: pulled out, busy, its session lost.
    Passing,
    /// It will not.
    Lasting(SignerFault),
}

/// The one queue before a token.
struct Lane {
    device: Box<dyn Device>,
    patience: Duration,
    pause: fn(Duration),
    /// Why the token is given up: what waits behind does not wait again.
    given_up: Option<SignerFault>,
}

impl Lane {
    fn new(device: Box<dyn Device>, patience: Duration, pause: fn(Duration)) -> Self {
        Self {
            device,
            patience,
            pause,
            given_up: None,
        }
    }

    fn sign(
        &mut self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, SignerFault> {
        if let Some(fault) = self.given_up {
            return Err(fault);
        }
        let signed = self.sign_patiently(algorithm, message);
        self.given_up = signed.as_ref().err().copied();
        signed
    }

    fn sign_patiently(
        &mut self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, SignerFault> {
        let (mut waited, mut next) = (Duration::ZERO, FIRST_PAUSE);
        loop {
            match self.device.sign(algorithm, message) {
                Ok(signature) => return Ok(signature),
                Err(Trouble::Lasting(fault)) => return Err(fault),
                Err(Trouble::Passing) if waited >= self.patience => return Err(SignerFault::Lost),
                Err(Trouble::Passing) => {}
            }
            let pause = next.min(self.patience - waited);
            (self.pause)(pause);
            waited += pause;
            next = (next * 2).min(LONGEST_PAUSE);
        }
    }
}
