//! One HTTP exchange within budgets: time stamps, revocation lists and OCSP answers all come this way.
//!
//! Communes have weak lines and hotels' login pages: an exchange has an end in time and in bytes, is
//! tried again a few times with growing pauses, follows no redirect, and takes only the media type
//! that was asked for. Plain HTTP is enough (RFC 3161, 3.4; RFC 5280, 4.2.1.13): what comes is signed
//! by itself and is checked by whoever asked. Where the address says https, it is https to the last byte:
//! a certificate that does not hold ends the exchange, and as no redirect is followed, none leads out of it.

use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::typestate::AgentScope;

use crate::formats::tls::{self, Roots, TlsFault};

/// How long and how often a server is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Patience {
    /// Longest time of one try from the name's resolution to the answer's last byte, in ms.
    pub max_try_ms: u64,
    /// Tries, the first among them.
    pub tries: u32,
    /// Pause before the second try, in ms; each further one is four times as long.
    pub pause_ms: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            max_try_ms: 20_000,
            tries: 3,
            pause_ms: 500,
        }
    }
}

/// What is asked of a server.
pub(super) struct Question<'q> {
    /// Where.
    pub(super) url: &'q str,
    /// Media type and bytes of what is sent; a plain GET where absent.
    pub(super) body: Option<(&'q str, &'q [u8])>,
    /// Media types that an answer may have.
    pub(super) answers: &'q [&'q str],
    /// Longest answer.
    pub(super) max_bytes: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WebFault {
    /// The address is neither one of http nor of https.
    #[error("{0} is no http address")]
    Address(String),
    /// It is one of https, and the server is not to be trusted.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// No connection, or it broke.
    #[error("{0}")]
    NoAnswer(String),
    /// The time ran out.
    #[error("no whole answer within {0} s")]
    TooSlow(u64),
    /// No success.
    #[error("HTTP status {0}")]
    Status(u16),
    /// Another media type than any asked for.
    #[error("an answer of type {0}")]
    MediaType(String),
    /// Longer than allowed.
    #[error("an answer of more than {0} bytes")]
    TooLarge(usize),
}

impl WebFault {
    /// True where the same question may be answered a moment later.
    fn may_pass(&self) -> bool {
        match self {
            Self::NoAnswer(_) | Self::TooSlow(_) => true,
            Self::Status(status) => *status >= 500 || *status == 429,
            Self::Address(_) | Self::Tls(_) | Self::MediaType(_) | Self::TooLarge(_) => false,
        }
    }
}

/// Asks servers; connections are kept between questions.
#[derive(Clone, Debug)]
pub(super) struct Web {
    plain: Agent,
    /// Made when the first address of https is asked for: reading this computer's roots takes a while.
    secure: Arc<OnceLock<Result<Agent, TlsFault>>>,
    roots: Option<Roots>,
    patience: Patience,
}

impl Web {
    /// Asks with this much patience; servers of https must lead to these roots, else to this computer's.
    pub(super) fn new(patience: &Patience, roots: Option<&Roots>) -> Self {
        Self {
            plain: settings(patience).build().into(),
            secure: Arc::default(),
            roots: roots.cloned(),
            patience: patience.clone(),
        }
    }

    /// Whoever asks this address; a fault where nothing can be asked there at all.
    pub(super) fn agent(&self, url: &str) -> Result<&Agent, WebFault> {
        if url.starts_with("http://") {
            return Ok(&self.plain);
        }
        if !url.starts_with("https://") {
            return Err(WebFault::Address(url.to_owned()));
        }
        let secure = self.secure.get_or_init(|| self.secure_agent());
        secure.as_ref().map_err(|fault| fault.clone().into())
    }

    fn secure_agent(&self) -> Result<Agent, TlsFault> {
        let roots = match &self.roots {
            Some(roots) => roots.clone(),
            None => Roots::of_this_computer()?,
        };
        let roots = roots
            .ders()
            .map(|der| Certificate::from_der(der).to_owned());
        let roots = RootCerts::Specific(Arc::new(roots.collect()));
        let tls = TlsConfig::builder()
            .root_certs(roots)
            .unversioned_rustls_crypto_provider(tls::provider())
            .build();
        let settings = settings(&self.patience).https_only(true).tls_config(tls);
        Ok(settings.build().into())
    }

    /// The answer's bytes.
    pub(super) fn ask(&self, question: &Question<'_>) -> Result<Vec<u8>, WebFault> {
        let mut pause = Duration::from_millis(self.patience.pause_ms);
        let mut tries_left = self.patience.tries.max(1);
        loop {
            let outcome = self.ask_once(question);
            tries_left -= 1;
            match outcome {
                Err(fault) if fault.may_pass() && tries_left > 0 => thread::sleep(pause),
                outcome => return outcome,
            }
            pause *= 4;
        }
    }

    fn ask_once(&self, question: &Question<'_>) -> Result<Vec<u8>, WebFault> {
        let url = question.url;
        let agent = self.agent(url)?;
        let answer = match question.body {
            Some((kind, bytes)) => agent.post(url).content_type(kind).send(bytes),
            None => agent.get(url).call(),
        };
        let mut answer = answer.map_err(|error| self.fault(url, &error))?;
        if !answer.status().is_success() {
            return Err(WebFault::Status(answer.status().as_u16()));
        }
        let kind = answer.body().mime_type().unwrap_or("none").to_owned();
        let expected = |allowed: &&str| kind.eq_ignore_ascii_case(allowed);
        if !question.answers.iter().any(expected) {
            return Err(WebFault::MediaType(shown(&kind)));
        }
        let body = answer.body_mut().with_config();
        let body = body.limit(question.max_bytes as u64).read_to_vec();
        body.map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(_) => WebFault::TooLarge(question.max_bytes),
            error => self.fault(url, &error),
        })
    }

    fn fault(&self, url: &str, error: &ureq::Error) -> WebFault {
        match error {
            ureq::Error::Timeout(_) => WebFault::TooSlow(self.patience.max_try_ms.div_ceil(1000)),
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => WebFault::Address(url.to_owned()),
            // How ureq says that the host is neither a name nor an address that a certificate could hold.
            ureq::Error::Tls(_) => WebFault::Address(url.to_owned()),
            ureq::Error::Rustls(error) => WebFault::Tls(TlsFault::of(error, host_of(url))),
            ureq::Error::Io(error) => match TlsFault::of_connection(error, host_of(url)) {
                Some(fault) => WebFault::Tls(fault),
                None => WebFault::NoAnswer(shown(&error.to_string())),
            },
            error => WebFault::NoAnswer(shown(&error.to_string())),
        }
    }
}

/// What both ways of asking have in common.
fn settings(patience: &Patience) -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .timeout_global(Some(Duration::from_millis(patience.max_try_ms)))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        // Else the environment would be read, which is the terminal's to do.
        .proxy(None)
        .user_agent(concat!("sohoa/", env!("CARGO_PKG_VERSION")))
}

/// Host and port of an address, without a name and password before them.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let place = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    place.rsplit_once('@').map_or(place, |(_, host)| host)
}

/// A server's words, short and without what would disturb a terminal.
fn shown(words: &str) -> String {
    let letters = words.chars().filter(|letter| !letter.is_control());
    letters.take(100).collect()
}
