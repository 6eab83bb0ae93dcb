//! The address of a PostgreSQL server: what it says of TLS, read as libpq reads it, and taken out of it for the driver,
//! which knows fewer words.

use std::net::IpAddr;
use std::path::PathBuf;

use postgres::Config;
use postgres::config::Host;

/// The word of `sslrootcert` for the roots that this computer trusts.
const THIS_COMPUTER: &str = "system";

/// How the server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SslMode {
    /// In the clear.
    Disable,
    /// By TLS where the server has it, whoever it is; else in the clear.
    Prefer,
    /// By TLS alone, with a server whose certificate leads to a trusted root.
    Require,
    /// The same, and the certificate is for the server's name.
    VerifyFull,
}

/// An address, read.
pub(super) struct Address {
    /// For the driver.
    pub(super) config: Config,
    /// How the server is spoken to.
    pub(super) mode: SslMode,
    /// File of the roots that its certificate must lead to; `None` for those that this computer trusts.
    pub(super) roots: Option<PathBuf>,
}

/// Why an address is not taken.
#[derive(Debug)]
pub(super) enum BadAddress {
    /// It cannot be read.
    Unreadable(String),
    /// What it asks for might travel in the clear to another machine.
    InTheClear,
}

impl Address {
    /// Reads `postgres://…?sslmode=…&sslrootcert=…`.
    ///
    /// Without a mode, this machine is spoken to as libpq does it (`prefer`) and any other as it should
    /// (`verify-full`). To another machine nothing may go in the clear, so `disable` and `prefer` are refused.
    pub(super) fn read(address: &str) -> Result<Self, BadAddress> {
        let (rest, parameters) = split(address);
        let (mut mode, mut roots) = (None, None);
        let mut others = Vec::new();
        for parameter in parameters {
            match parameter.split_once('=') {
                Some(("sslmode", word)) => mode = Some(mode_of(word)?),
                Some(("sslrootcert", file)) => roots = Some(decoded(file)),
                _ => others.push(parameter),
            }
        }
        let query = match others.is_empty() {
            true => String::new(),
            false => format!("?{}", others.join("&")),
        };
        let config = format!("{rest}{query}").parse::<Config>();
        let config = config.map_err(|fault| BadAddress::Unreadable(fault.to_string()))?;
        let roots = roots.filter(|file| file != THIS_COMPUTER);
        Ok(Self {
            mode: mode_for(&config, mode)?,
            config,
            roots: roots.map(PathBuf::from),
        })
    }

    /// The server as faults name it.
    pub(super) fn place(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            Some(Host::Unix(path)) => return path.display().to_string(),
            None => String::new(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        format!("{host}:{port}")
    }
}

/// What stands before the parameters, and the parameters. A `?` may stand in a password, before the `@`.
fn split(address: &str) -> (&str, Vec<&str>) {
    let behind_user = address.find('@').map_or(0, |at| at + 1);
    match address[behind_user..].find('?') {
        Some(at) => {
            let (rest, query) = address.split_at(behind_user + at);
            (rest, query[1..].split('&').collect())
        }
        None => (address, Vec::new()),
    }
}

fn mode_of(word: &str) -> Result<SslMode, BadAddress> {
    match word {
        "disable" => Ok(SslMode::Disable),
        "allow" | "prefer" => Ok(SslMode::Prefer),
        "require" | "verify-ca" => Ok(SslMode::Require),
        "verify-full" => Ok(SslMode::VerifyFull),
        _ => Err(BadAddress::Unreadable(
            "sslmode: disable, prefer, require, verify-ca, verify-full".to_owned(),
        )),
    }
}

fn mode_for(config: &Config, asked: Option<SslMode>) -> Result<SslMode, BadAddress> {
    let hosts = config.get_hosts();
    if !hosts.is_empty() && hosts.iter().all(|host| matches!(host, Host::Unix(_))) {
        // As libpq: nothing travels on a socket.
        return Ok(SslMode::Disable);
    }
    let near = hosts.iter().all(is_near) && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
    match asked {
        None if near => Ok(SslMode::Prefer),
        None => Ok(SslMode::VerifyFull),
        Some(SslMode::Disable | SslMode::Prefer) if !near => Err(BadAddress::InTheClear),
        Some(mode) => Ok(mode),
    }
}

/// A socket, or an address of this very machine: what travels in the clear stays on it.
fn is_near(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
    }
}

/// A value without its percent signs (RFC 3986, 2.1); what is no escape stays.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let escaped = behind
            .get(..2)
            .and_then(|two| std::str::from_utf8(two).ok());
        let escaped = escaped.and_then(|two| u8::from_str_radix(two, 16).ok());
        match (first, escaped) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> (SslMode, Option<PathBuf>) {
        let address = Address::read(address).unwrap_or_else(|fault| panic!("{fault:?}"));
        (address.mode, address.roots)
    }

    #[test]
    fn this_machine_is_spoken_to_as_libpq_does_and_another_one_never_in_the_clear() {
        let modes = [
            ("postgres://u@localhost/kho", SslMode::Prefer),
            (
                "postgres://u@127.0.0.1:5433/kho?sslmode=disable",
                SslMode::Disable,
            ),
            ("postgres://u@127.0.0.1/kho?sslmode=allow", SslMode::Prefer),
            (
                "postgres://u@127.0.0.1/kho?sslmode=require",
                SslMode::Require,
            ),
            ("postgres://u@%2Frun%2Fpostgresql/kho", SslMode::Disable),
            ("postgres://u@%2Frun/kho?sslmode=require", SslMode::Disable),
            ("postgres://u@kho.vidu.vn/kho", SslMode::VerifyFull),
            (
                "postgres://u@kho.vidu.vn/kho?sslmode=require",
                SslMode::Require,
            ),
            (
                "postgres://u@kho.vidu.vn/kho?sslmode=verify-ca",
                SslMode::Require,
            ),
            (
                "postgres://u@localhost/kho?hostaddr=192.0.2.7",
                SslMode::VerifyFull,
            ),
        ];
        for (address, mode) in modes {
            assert_eq!(read(address).0, mode, "{address}");
        }
        for address in [
            "postgres://u@kho.vidu.vn/kho?sslmode=prefer",
            "postgres://u@kho.vidu.vn/kho?sslmode=disable",
            "postgres://u@localhost,kho.vidu.vn/kho?sslmode=disable",
            "postgres://u@localhost/kho?hostaddr=192.0.2.7&sslmode=prefer",
        ] {
            let refused = Address::read(address).err();
            assert!(matches!(refused, Some(BadAddress::InTheClear)), "{address}");
        }
    }

    #[test]
    fn roots_are_a_file_or_this_computers_and_what_the_driver_does_not_know_never_reaches_it() {
        let full =
            "postgres://u:a?b@kho.vidu.vn/kho?application_name=x&sslmode=verify-full&sslrootcert=";
        let (_, roots) = read(&format!("{full}%2Fetc%2Fg%E1%BB%91c%20ta.pem"));
        assert_eq!(roots, Some(PathBuf::from("/etc/gốc ta.pem")));
        assert_eq!(read(&format!("{full}system")).1, None);
        let address =
            Address::read(&format!("{full}x")).unwrap_or_else(|fault| panic!("{fault:?}"));
        assert_eq!(address.config.get_application_name(), Some("x"));
        assert_eq!(address.config.get_password(), Some(&b"a?b"[..]));
        assert_eq!(address.place(), "kho.vidu.vn:5432");
    }

    #[test]
    fn a_mode_that_nobody_knows_is_told_without_the_address() {
        match Address::read("postgres://u:bi-mat@localhost/kho?sslmode=bi-mat") {
            Err(BadAddress::Unreadable(said)) => assert!(!said.contains("bi-mat"), "{said}"),
            _ => panic!("is none"),
        }
    }
}
