//! Where passwords and PINs come from: a file, the environment, a command or a prompt; never a flag.
//!
//! A command line is read by everybody on the machine and kept in histories.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::usage::unreadable;
use super::{Exit, say};
use crate::messages::Language;

/// The environment variable that may hold a key file's password.
const PASSWORD_VARIABLE: &str = "SOHOA_KEY_PASSWORD";

/// The environment variable that may hold a command whose first line of output is a token's PIN.
const PIN_COMMAND_VARIABLE: &str = "SOHOA_PIN_COMMAND";

/// The password of a key file.
pub fn password(file: Option<&Path>, language: Language) -> Result<Zeroizing<String>, Exit> {
    if let Some(file) = file {
        return from_file(file, language);
    }
    if let Ok(password) = std::env::var(PASSWORD_VARIABLE) {
        return Ok(Zeroizing::new(password));
    }
    let question = say::by(
        language,
        "Mật khẩu của khóa ký: ",
        "Password of the signing key: ",
    );
    asked(question, language)
}

/// The PIN of the token of this label.
pub fn pin(
    file: Option<&Path>,
    label: &str,
    language: Language,
) -> Result<Zeroizing<String>, Exit> {
    if let Some(file) = file {
        return from_file(file, language);
    }
    if let Some(command) = std::env::var_os(PIN_COMMAND_VARIABLE) {
        let said = printed_by(&command);
        let place = PathBuf::from(PIN_COMMAND_VARIABLE);
        return said.map_err(|cause| unreadable(&place, &cause, language));
    }
    let question = say::by(language, "Mã PIN của token", "PIN of the token");
    asked(&format!("{question} “{label}”: "), language)
}

fn asked(question: &str, language: Language) -> Result<Zeroizing<String>, Exit> {
    let said = rpassword::prompt_password(question).map(Zeroizing::new);
    said.map_err(|cause| unreadable(Path::new("/dev/tty"), &cause, language))
}

/// The file's first line: editors end it with a line feed that is no part of the secret.
pub fn from_file(file: &Path, language: Language) -> Result<Zeroizing<String>, Exit> {
    let text = std::fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|cause| unreadable(file, &cause, language))?;
    Ok(first_line(&text))
}

fn first_line(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
}

/// What the command prints; its words of complaint go where ours go. A command that fails, or
/// says nothing, gives no PIN: an empty one would cost a try.
fn printed_by(command: &std::ffi::OsStr) -> io::Result<Zeroizing<String>> {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stderr(Stdio::inherit());
    let output = shell.output()?;
    let text = Zeroizing::new(output.stdout);
    let text = std::str::from_utf8(&text).unwrap_or_default();
    let pin = first_line(text);
    match output.status.success() && !pin.is_empty() {
        true => Ok(pin),
        false => Err(io::Error::other(output.status.to_string())),
    }
}
