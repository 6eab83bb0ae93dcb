//! The token itself through its maker's PKCS#11 module (OASIS PKCS#11 2.40).

use std::path::Path;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::object::ObjectHandle;
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;

use super::objects::{self, Found};
use super::{Device, TokenFault, TokenOptions, Trouble, label};
use crate::formats::signer::{RsaPadding, SignatureAlgorithm, SignerFault};

/// A token that is there, as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSeen {
    /// The slot's number.
    pub slot: u64,
    /// The token's label.
    pub label: String,
    /// Who made it.
    pub maker: String,
    /// True where one more wrong PIN locks it, or it is locked already.
    pub pin_in_danger: bool,
}

/// The tokens that a module knows of.
pub fn tokens(module: &Path) -> Result<Vec<TokenSeen>, TokenFault> {
    let module = load(module)?;
    let present = present(&module)?.into_iter();
    let seen = present.map(|(slot, info)| TokenSeen {
        slot: slot.id(),
        label: info.label().trim().to_owned(),
        maker: info.manufacturer_id().trim().to_owned(),
        pin_in_danger: info.user_pin_final_try() || info.user_pin_locked(),
    });
    Ok(seen.collect())
}

/// A token found by its label or slot, and the way back into it.
pub(super) struct Pkcs11Device {
    module: Pkcs11,
    slot: Slot,
    /// A PIN is for one token: another one put into the slot does not get it.
    serial: String,
    key: String,
    pin: Option<AuthPin>,
    entered: Option<Entered>,
}

/// A session that is logged in, and the key in it.
struct Entered {
    session: Session,
    key: ObjectHandle,
    /// The key's number: how it is found again.
    key_id: Vec<u8>,
}

impl Pkcs11Device {
    /// Loads the module and finds the token; nobody is logged in yet.
    pub(super) fn find(options: &TokenOptions) -> Result<Self, TokenFault> {
        let module = load(&options.module)?;
        let (slot, info) = chosen(present(&module)?, options)?;
        Ok(Self {
            module,
            slot,
            serial: info.serial_number().to_owned(),
            key: options.key.clone(),
            pin: None,
            entered: None,
        })
    }

    /// The token's label where a PIN has to be given; `None` where it has a pad of its own.
    ///
    /// A fault where a wrong PIN could lock it, before anybody was asked for one.
    pub(super) fn asks_for_pin(&self) -> Result<Option<String>, TokenFault> {
        let info = self.module.get_token_info(self.slot).map_err(failed)?;
        dangers(&info)?;
        let pad = info.protected_authentication_path() || !info.login_required();
        Ok((!pad).then(|| info.label().trim().to_owned()))
    }

    /// Keeps the PIN for the login and for the way back; it is wiped with the device.
    pub(super) fn keep_pin(&mut self, pin: &str) {
        self.pin = Some(AuthPin::from(pin));
    }

    /// Logs in, once, and finds the key and its certificate.
    pub(super) fn enter(
        &mut self,
        padding: RsaPadding,
        certificates: &[Vec<u8>],
    ) -> Result<Found, TokenFault> {
        let session = self.log_in()?;
        let key = objects::key(&session, &self.key)?;
        let found = objects::certified(&session, &key, padding, certificates)?;
        self.entered = Some(Entered {
            session,
            key: key.handle,
            key_id: key.id,
        });
        Ok(found)
    }

    /// A session that is logged in. The flags are read first: they may have changed meanwhile.
    fn log_in(&self) -> Result<Session, TokenFault> {
        let info = self.module.get_token_info(self.slot).map_err(failed)?;
        dangers(&info)?;
        let session = self.module.open_ro_session(self.slot).map_err(failed)?;
        if !info.login_required() {
            return Ok(session);
        }
        match session.login(UserType::User, self.pin.as_ref()) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(error) => Err(login_fault(error)),
        }
    }

    /// The way back in after the session was lost; the token must be the very same.
    fn enter_again(&mut self, key_id: Option<Vec<u8>>) -> Result<(), Trouble> {
        let slots = present(&self.module).map_err(|_| Trouble::Passing)?;
        let same = slots
            .into_iter()
            .find(|(_, info)| info.serial_number() == self.serial);
        let (slot, _) = same.ok_or(Trouble::Passing)?;
        self.slot = slot;
        let session = self.log_in().map_err(trouble_of_login)?;
        let key = match key_id {
            Some(id) => objects::key_of_id(&session, id),
            None => objects::key(&session, &self.key),
        };
        let key = key.map_err(|_| Trouble::Passing)?;
        self.entered = Some(Entered {
            session,
            key: key.handle,
            key_id: key.id,
        });
        Ok(())
    }
}

impl Device for Pkcs11Device {
    fn sign(&mut self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, Trouble> {
        if self.entered.is_none() {
            self.enter_again(None)?;
        }
        let entered = self.entered.as_ref().expect("entered a line above");
        match objects::sign(&entered.session, entered.key, algorithm, message) {
            Ok(signature) => Ok(signature),
            Err(error) if is_passing(&error) => {
                let key_id = self.entered.take().map(|entered| entered.key_id);
                // The session is closed before another one is opened: some tokens have only one.
                self.enter_again(key_id)?;
                Err(Trouble::Passing)
            }
            Err(_) => Err(Trouble::Lasting(SignerFault::Refused)),
        }
    }
}

fn load(path: &Path) -> Result<Pkcs11, TokenFault> {
    let unusable = |error: Error| TokenFault::Module {
        module: path.to_owned(),
        cause: error.to_string(),
    };
    let module = Pkcs11::new(path).map_err(unusable)?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(module),
        Err(error) => Err(unusable(error)),
    }
}

/// The tokens that are there and were made ready by somebody.
fn present(module: &Pkcs11) -> Result<Vec<(Slot, TokenInfo)>, TokenFault> {
    let slots = module.get_slots_with_token().map_err(failed)?;
    let mut present = Vec::new();
    for slot in slots {
        // One that is pulled out between the two calls is simply not there.
        if let Ok(info) = module.get_token_info(slot)
            && info.token_initialized()
        {
            present.push((slot, info));
        }
    }
    Ok(present)
}

fn chosen(
    present: Vec<(Slot, TokenInfo)>,
    options: &TokenOptions,
) -> Result<(Slot, TokenInfo), TokenFault> {
    let name = |(slot, info): &(Slot, TokenInfo)| format!("{} ({})", info.label(), slot.id());
    let names = |all: &[(Slot, TokenInfo)]| all.iter().map(name).collect::<Vec<_>>().join(", ");
    let all = names(&present);
    let fits = |(slot, info): &(Slot, TokenInfo)| {
        let by_label = options.token.trim().is_empty();
        (by_label || label::names_token(&options.token, info.label()))
            && options.slot.is_none_or(|wanted| wanted == slot.id())
    };
    let mut fitting: Vec<(Slot, TokenInfo)> = present.into_iter().filter(fits).collect();
    match fitting.len() {
        1 => Ok(fitting.remove(0)),
        0 => Err(TokenFault::Absent {
            wanted: wanted(options),
            found: all,
        }),
        _ => Err(TokenFault::Ambiguous {
            found: names(&fitting),
        }),
    }
}

fn wanted(options: &TokenOptions) -> String {
    match options.slot {
        Some(slot) => format!("{} ({slot})", options.token).trim().to_owned(),
        None => options.token.clone(),
    }
}

/// Refuses a token whose PIN must not be tried.
fn dangers(info: &TokenInfo) -> Result<(), TokenFault> {
    match () {
        () if info.user_pin_locked() => Err(TokenFault::Locked),
        () if info.user_pin_final_try() => Err(TokenFault::LastTry),
        () if !info.user_pin_initialized() || info.user_pin_to_be_changed() => {
            Err(TokenFault::PinNotSet)
        }
        () => Ok(()),
    }
}

pub(super) fn failed(error: Error) -> TokenFault {
    TokenFault::Failed {
        cause: error.to_string(),
    }
}

fn login_fault(error: Error) -> TokenFault {
    use RvError::{PinExpired, PinIncorrect, PinInvalid, PinLenRange, PinLocked};
    match error {
        Error::Pkcs11(PinIncorrect | PinInvalid | PinLenRange, _) => TokenFault::WrongPin,
        Error::Pkcs11(PinLocked, _) => TokenFault::Locked,
        Error::Pkcs11(PinExpired | RvError::UserPinNotInitialized, _) => TokenFault::PinNotSet,
        other => failed(other),
    }
}

/// A PIN that was good and is so no more is not tried again.
fn trouble_of_login(fault: TokenFault) -> Trouble {
    match fault {
        TokenFault::WrongPin | TokenFault::LastTry | TokenFault::Locked | TokenFault::PinNotSet => {
            Trouble::Lasting(SignerFault::PinRefused)
        }
        _ => Trouble::Passing,
    }
}

/// True for what a token says that was pulled out, is busy or lost its session.
fn is_passing(error: &Error) -> bool {
    use RvError::*;
    let Error::Pkcs11(value, _) = error else {
        return false;
    };
    matches!(
        value,
        DeviceError
            | DeviceRemoved
            | DeviceMemory
            | TokenNotPresent
            | TokenNotRecognized
            | SessionClosed
            | SessionHandleInvalid
            | UserNotLoggedIn
            | KeyHandleInvalid
            | ObjectHandleInvalid
            | OperationActive
            | FunctionFailed
            | FunctionCanceled
            | GeneralError
            | HostMemory
            | CryptokiNotInitialized
    )
}
