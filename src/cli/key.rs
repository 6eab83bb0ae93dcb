//! The key that signs: a file or a token, as the command line and the plan name it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use time::OffsetDateTime;

use super::secret;
use super::usage::{UsageFault, unreadable};
use super::{Exit, say};
use crate::formats::signer::Signer;
use crate::messages::Language;
use crate::model::Coded;
use crate::stages::seal::{KeyFile, Opening, Options, SealFault, Token, TokenOptions};

/// Where the signing key is.
#[derive(clap::Args)]
pub struct KeyArguments {
    /// Tệp khóa ký PKCS#12 (.p12, .pfx) hoặc PEM · Signing key, PKCS#12 or PEM
    #[arg(long, value_name = "TỆP")]
    pub key: Option<PathBuf>,

    /// Tệp chứa mật khẩu của khóa (hoặc biến SOHOA_KEY_PASSWORD) · File with the key's password
    #[arg(long, value_name = "TỆP", requires = "key")]
    pub password_file: Option<PathBuf>,

    /// Nhãn của USB token hoặc HSM (xem `sohoa doctor`) · Label of the token or HSM
    #[arg(long, value_name = "NHÃN", conflicts_with = "key")]
    pub token: Option<String>,

    /// Thư viện PKCS#11 của token, thay cho kế hoạch · The token's PKCS#11 module
    #[arg(long, value_name = "TỆP", requires = "token")]
    pub token_module: Option<PathBuf>,

    /// Nhãn hoặc số hiệu của khóa trong token · Label or number of the key in the token
    #[arg(long, value_name = "KHÓA", requires = "token")]
    pub token_key: Option<String>,

    /// Tệp chứa mã PIN của token (hoặc biến SOHOA_PIN_COMMAND: lệnh in ra mã PIN) · File with the PIN
    #[arg(long, value_name = "TỆP", conflicts_with = "key")]
    pub pin_file: Option<PathBuf>,
}

/// The key, or the reason why files will have to wait for it.
pub enum Opened {
    /// It signs.
    Ready(Box<dyn Signer>),
    /// The token is away; what would be signed waits for it.
    Away,
}

/// Opens the key that these arguments or the plan name; `None` where neither names one.
///
/// A token that is only away is told and no error: the work can be done and signed later. A
/// wrong password or PIN ends everything at once.
pub fn open(
    arguments: &KeyArguments,
    seal: &Options,
    now: OffsetDateTime,
    language: Language,
) -> Result<Option<Opened>, Exit> {
    if let Some(file) = &arguments.key {
        let key = open_file(file, arguments, seal, now, language)?;
        return Ok(Some(Opened::Ready(Box::new(key))));
    }
    let options = token_options(arguments, &seal.token);
    if arguments.token.is_none() && !options.is_configured() {
        return Ok(None);
    }
    match open_token(&options, arguments, seal, now, language) {
        Ok(token) => Ok(Some(Opened::Ready(Box::new(token)))),
        Err(Unopened::Fault(SealFault::Token(fault))) if fault.is_absence() => {
            say::fault(&fault, "", language);
            Ok(Some(Opened::Away))
        }
        Err(Unopened::Fault(fault)) => Err(impossible(&fault, "", language)),
        Err(Unopened::NoPin(exit)) => Err(exit),
    }
}

fn impossible(fault: &dyn Coded, place: &str, language: Language) -> Exit {
    say::fault(fault, place, language);
    Exit::SigningImpossible
}

fn open_file(
    file: &Path,
    arguments: &KeyArguments,
    seal: &Options,
    now: OffsetDateTime,
    language: Language,
) -> Result<KeyFile, Exit> {
    let bytes = std::fs::read(file).map_err(|cause| unreadable(file, &cause, language))?;
    let password = secret::password(arguments.password_file.as_deref(), language)?;
    let key = KeyFile::open(&bytes, &password, now);
    key.map(|key| key.with_padding(seal.rsa_padding))
        .map_err(|fault| impossible(&fault, &file.display().to_string(), language))
}

/// What the plan says of the token, the command line's word before it.
pub fn token_options(arguments: &KeyArguments, plan: &TokenOptions) -> TokenOptions {
    let said = plan.clone();
    TokenOptions {
        token: arguments.token.clone().unwrap_or(said.token),
        module: arguments.token_module.clone().unwrap_or(said.module),
        key: arguments.token_key.clone().unwrap_or(said.key),
        ..said
    }
}

/// Why a token was not opened.
enum Unopened {
    Fault(SealFault),
    /// Nobody gave a PIN; said already.
    NoPin(Exit),
}

impl From<SealFault> for Unopened {
    fn from(fault: SealFault) -> Self {
        Self::Fault(fault)
    }
}

fn open_token(
    options: &TokenOptions,
    arguments: &KeyArguments,
    seal: &Options,
    now: OffsetDateTime,
    language: Language,
) -> Result<Token, Unopened> {
    if !options.is_configured() {
        return Err(Unopened::NoPin(UsageFault::NoModule.tell(language)));
    }
    let pin_file = arguments.pin_file.as_deref();
    Token::open(Opening {
        options,
        padding: seal.rsa_padding,
        at: now,
        pause: wait,
        ask_pin: &mut |label| secret::pin(pin_file, label, language).map_err(Unopened::NoPin),
    })
}

fn wait(pause: Duration) {
    std::thread::sleep(pause);
}
