//! Where the key's password comes from: a file, the environment or a prompt; never the command line.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::say;
use crate::messages::Language;

/// The environment variable that may hold the password.
const PASSWORD_VARIABLE: &str = "SOHOA_KEY_PASSWORD";

/// Where the signing key is.
#[derive(clap::Args)]
pub struct KeyArguments {
    /// Tệp khóa ký PKCS#12 (.p12, .pfx) hoặc PEM · Signing key, PKCS#12 or PEM
    #[arg(long, value_name = "TỆP")]
    pub key: Option<PathBuf>,

    /// Tệp chứa mật khẩu của khóa (hoặc biến SOHOA_KEY_PASSWORD) · File with the key's password
    #[arg(long, value_name = "TỆP", requires = "key")]
    pub password_file: Option<PathBuf>,

    /// Không ký: các tệp ở trạng thái chờ ký · Do not sign: files wait for signature
    #[arg(long, conflicts_with = "key")]
    pub unsigned: bool,
}

/// The password for the key; asked for only where a person watches.
pub fn password(
    arguments: &KeyArguments,
    language: Language,
) -> Result<Zeroizing<String>, (PathBuf, std::io::Error)> {
    if let Some(file) = &arguments.password_file {
        return from_file(file).map_err(|error| (file.clone(), error));
    }
    if let Ok(password) = std::env::var(PASSWORD_VARIABLE) {
        return Ok(Zeroizing::new(password));
    }
    let question = say::by(
        language,
        "Mật khẩu của khóa ký: ",
        "Password of the signing key: ",
    );
    let asked = rpassword::prompt_password(question).map(Zeroizing::new);
    asked.map_err(|error| (PathBuf::from("/dev/tty"), error))
}

/// The file's first line: editors end it with a line feed that is no part of the password.
fn from_file(file: &Path) -> std::io::Result<Zeroizing<String>> {
    let text = Zeroizing::new(std::fs::read_to_string(file)?);
    Ok(Zeroizing::new(
        text.lines().next().unwrap_or_default().to_owned(),
    ))
}
