//! TLS with a server (RFC 8446, RFC 5246): whose roots are trusted, and what is wrong with a server that is not.
//!
//! One judge for everything that is asked of a network, so that an expired certificate is the same fault at
//! a time-stamping authority and at a database. Rustls on `ring`: the program signs with `ring` already, and
//! its paths are built by the same `rustls-webpki` that the auditor uses. Nothing is ever taken back: a
//! server whose certificate does not hold is not spoken to, in the clear or otherwise.

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{CertificateError, ClientConfig, InvalidMessage, RootCertStore};
use time::OffsetDateTime;

use crate::model::{Coded, Params, Retry};

/// Longest words of a library or a server that a fault repeats.
const MAX_CAUSE_LETTERS: usize = 200;

/// Names of a certificate that a fault repeats.
const NAMES_TOLD: usize = 5;

/// The certificates that a server's must lead to.
#[derive(Clone)]
pub struct Roots {
    ders: Vec<CertificateDer<'static>>,
    store: Arc<RootCertStore>,
}

impl Roots {
    /// Those of a file of PEM certificates, which are then the only ones.
    pub fn of_pem(file: &str, pem: &[u8]) -> Result<Self, TlsFault> {
        let bad = || TlsFault::BadRoots {
            file: file.to_owned(),
        };
        let ders = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        let ders = ders.ok().filter(|ders| !ders.is_empty()).ok_or_else(bad)?;
        let mut store = RootCertStore::empty();
        for der in &ders {
            store.add(der.clone()).map_err(|_| bad())?;
        }
        let store = Arc::new(store);
        Ok(Self { ders, store })
    }

    /// Those that this computer trusts: `ca-certificates` and what its administrator put beside them.
    ///
    /// Not a list built into the program: an agency's network often has a root of its own, and who is
    /// trusted is for whoever keeps the computer to say. A store holds roots that nobody can read any more;
    /// those are passed over, as OpenSSL does.
    pub fn of_this_computer() -> Result<Self, TlsFault> {
        let mut store = RootCertStore::empty();
        let mut ders = rustls_native_certs::load_native_certs().certs;
        ders.retain(|der| store.add(der.clone()).is_ok());
        match ders.is_empty() {
            true => Err(TlsFault::NoRoots),
            false => Ok(Self {
                ders,
                store: Arc::new(store),
            }),
        }
    }

    /// The certificates in DER.
    pub fn ders(&self) -> impl Iterator<Item = &[u8]> {
        self.ders.iter().map(AsRef::as_ref)
    }

    /// The same, for whoever judges paths.
    pub fn store(&self) -> Arc<RootCertStore> {
        Arc::clone(&self.store)
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roots({})", self.ders.len())
    }
}

/// What rustls computes with.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A client that trusts these roots and no certificate for another name than the server's.
pub fn client(roots: &Roots) -> ClientConfig {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring has the suites of TLS 1.2 and 1.3")
        .with_root_certificates(roots.store())
        .with_no_client_auth()
}

/// Why a server is not spoken to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// This computer trusts no root at all.
    #[error("this computer has no trusted roots")]
    NoRoots,
    /// The file of roots holds none, or something else.
    #[error("{file} holds no root certificates in PEM")]
    BadRoots {
        /// The file.
        file: String,
    },
    /// No path from the server's certificate to a trusted root.
    #[error("the certificate of {server} leads to no trusted root")]
    UnknownRoot {
        /// The server.
        server: String,
    },
    /// The server's certificate, or one above it, is over.
    #[error("the certificate of {server} expired on {day}")]
    Expired {
        /// The server.
        server: String,
        /// Its last day.
        day: String,
    },
    /// The server's certificate, or one above it, does not hold yet.
    #[error("the certificate of {server} holds from {day} on")]
    NotYetValid {
        /// The server.
        server: String,
        /// Its first day.
        day: String,
    },
    /// The certificate is for other names.
    #[error("the certificate of {server} is for {names}")]
    WrongName {
        /// The server.
        server: String,
        /// The names.
        names: String,
    },
    /// The certificate is wrong in another way.
    #[error("the certificate of {server} is refused: {cause}")]
    BadCertificate {
        /// The server.
        server: String,
        /// The library's words.
        cause: String,
    },
    /// The server answers in the clear, or says that it knows no TLS.
    #[error("{server} does not speak TLS")]
    NoTls {
        /// The server.
        server: String,
    },
    /// The two could not agree, or the server broke the protocol.
    #[error("no TLS with {server}: {cause}")]
    Handshake {
        /// The server.
        server: String,
        /// The library's words.
        cause: String,
    },
}

impl TlsFault {
    /// What rustls says of this server.
    pub fn of(error: &rustls::Error, server: &str) -> Self {
        let server = server.to_owned();
        match error {
            rustls::Error::InvalidCertificate(error) => Self::of_certificate(error, server),
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
                Self::NoTls { server }
            }
            error => Self::Handshake {
                server,
                cause: shown(&error.to_string()),
            },
        }
    }

    /// What rustls said, where it is the reason of this error of a connection.
    pub fn of_connection(error: &io::Error, server: &str) -> Option<Self> {
        let reason = error.get_ref()?;
        if let Some(said) = reason.downcast_ref::<rustls::Error>() {
            return Some(Self::of(said, server));
        }
        Self::of_connection(reason.downcast_ref::<io::Error>()?, server)
    }

    /// The same, anywhere below this error.
    pub fn below(error: &(dyn std::error::Error + 'static), server: &str) -> Option<Self> {
        let mut below = Some(error);
        while let Some(error) = below {
            if let Some(said) = error.downcast_ref::<rustls::Error>() {
                return Some(Self::of(said, server));
            }
            let connection = error.downcast_ref::<io::Error>();
            if let Some(fault) = connection.and_then(|error| Self::of_connection(error, server)) {
                return Some(fault);
            }
            below = error.source();
        }
        None
    }

    fn of_certificate(error: &CertificateError, server: String) -> Self {
        match error {
            CertificateError::ExpiredContext { not_after, .. } => Self::Expired {
                server,
                day: day(*not_after),
            },
            CertificateError::NotValidYetContext { not_before, .. } => Self::NotYetValid {
                server,
                day: day(*not_before),
            },
            CertificateError::NotValidForNameContext { presented, .. } => Self::WrongName {
                server,
                names: names(presented),
            },
            // The second, where a root of the same name has another key: an older one, or a stranger's.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                Self::UnknownRoot { server }
            }
            // A server that shows a root of its own making (webpki's word for it is in `Other`).
            CertificateError::Other(other) if is_own_root(other) => Self::UnknownRoot { server },
            error => Self::BadCertificate {
                server,
                cause: shown(&error.to_string()),
            },
        }
    }
}

fn is_own_root(other: &rustls::OtherError) -> bool {
    other.0.downcast_ref() == Some(&webpki::Error::CaUsedAsEndEntity)
}

/// The names of a certificate as webpki gives them: `DnsName("tsa.example")`, `IpAddress(127.0.0.1)`.
fn names(presented: &[String]) -> String {
    let bare = presented.iter().take(NAMES_TOLD).map(|name| {
        let inner = name
            .split_once('(')
            .and_then(|(_, rest)| rest.strip_suffix(')'));
        shown(inner.unwrap_or(name).trim_matches('"'))
    });
    match bare.collect::<Vec<_>>() {
        names if names.is_empty() => "—".to_owned(),
        names => names.join(", "),
    }
}

fn day(at: UnixTime) -> String {
    let at = i64::try_from(at.as_secs()).ok();
    let at = at.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    at.map_or_else(|| "?".to_owned(), |at| at.date().to_string())
}

/// Words of others, short and without what would disturb a terminal.
fn shown(words: &str) -> String {
    let letters = words.chars().filter(|letter| !letter.is_control());
    letters.take(MAX_CAUSE_LETTERS).collect()
}

impl Coded for TlsFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoRoots => "TLS-001",
            Self::BadRoots { .. } => "TLS-002",
            Self::UnknownRoot { .. } => "TLS-003",
            Self::Expired { .. } => "TLS-004",
            Self::NotYetValid { .. } => "TLS-005",
            Self::WrongName { .. } => "TLS-006",
            Self::BadCertificate { .. } => "TLS-007",
            Self::NoTls { .. } => "TLS-008",
            Self::Handshake { .. } => "TLS-009",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NoRoots => Params::new(),
            Self::BadRoots { file } => Params::from([("file", file.clone())]),
            Self::UnknownRoot { server } | Self::NoTls { server } => {
                Params::from([("server", server.clone())])
            }
            Self::Expired { server, day } | Self::NotYetValid { server, day } => {
                Params::from([("server", server.clone()), ("day", day.clone())])
            }
            Self::WrongName { server, names } => {
                Params::from([("server", server.clone()), ("names", names.clone())])
            }
            Self::BadCertificate { server, cause } | Self::Handshake { server, cause } => {
                Params::from([("server", server.clone()), ("cause", cause.clone())])
            }
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Handshake { .. } => Retry::Later,
            _ => Retry::AfterPerson,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "tsa.example:443";

    fn certificate(error: CertificateError) -> TlsFault {
        TlsFault::of(&error.into(), SERVER)
    }

    #[test]
    fn an_authority_that_shows_its_own_root_is_told_as_an_unknown_root() {
        let own = rustls::OtherError(Arc::new(webpki::Error::CaUsedAsEndEntity));
        assert_eq!(certificate(CertificateError::Other(own)).code(), "TLS-003");
        let other = rustls::OtherError(Arc::new(webpki::Error::PathLenConstraintViolated));
        assert_eq!(
            certificate(CertificateError::Other(other)).code(),
            "TLS-007"
        );
        assert_eq!(certificate(CertificateError::Revoked).code(), "TLS-007");
    }

    #[test]
    fn the_names_of_a_certificate_are_told_bare_and_not_all_of_many() {
        let presented = [
            "DnsName(\"a.example\")",
            "IpAddress(127.0.0.1)",
            "b\u{1b}[2J",
        ];
        assert_eq!(
            names(&presented.map(str::to_owned)),
            "a.example, 127.0.0.1, b[2J"
        );
        assert_eq!(names(&[]), "—");
        let many = vec!["DnsName(\"a.example\")".to_owned(); 300];
        assert_eq!(names(&many).split(", ").count(), NAMES_TOLD);
    }

    #[test]
    fn what_rustls_said_is_found_below_the_errors_of_a_connection() {
        let said = || rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType);
        let wrapped = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, said()));
        let server = SERVER.to_owned();
        assert_eq!(
            TlsFault::below(&wrapped, SERVER),
            Some(TlsFault::NoTls { server })
        );
        let broken = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(TlsFault::below(&broken, SERVER), None);
    }
}
