//! Why no time stamp was had, with the codes of docs/codes.md.

use crate::formats::tls::TlsFault;
use crate::model::{Coded, Params, Retry};

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampFault {
    /// The authority's address is none that can be called.
    #[error("{address} is no http address")]
    Address {
        /// What was given.
        address: String,
    },
    /// The authority is asked over https, and its server is not to be trusted.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The authority could not be reached, or it hung up.
    #[error("no answer from the time-stamping authority: {cause}")]
    NoAnswer {
        /// What the network said.
        cause: String,
    },
    /// The whole answer did not come in time.
    #[error("no whole answer within {seconds} s")]
    TooSlow {
        /// How long was waited.
        seconds: u64,
    },
    /// The authority's server answered with an HTTP status that is no success.
    #[error("HTTP status {status}")]
    HttpStatus {
        /// The status.
        status: u16,
    },
    /// What answered is no time-stamping authority: a login page, an error page.
    #[error("an answer of type {content_type}")]
    NotAReply {
        /// The answer's media type.
        content_type: String,
    },
    /// The answer is longer than any honest one.
    #[error("an answer of more than {max_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_bytes: usize,
    },
    /// The answer is no TimeStampResp in DER.
    #[error("the answer is no time-stamp reply")]
    Unreadable,
    /// Granted, but there is no token.
    #[error("granted without a token")]
    NoToken,
    /// The authority refuses.
    #[error("refused with status {status} ({reason}) {text}")]
    Refused {
        /// PKIStatus.
        status: u8,
        /// PKIFailureInfo by its name in the standard.
        reason: &'static str,
        /// The authority's own words.
        text: String,
    },
    /// The token does not answer what was asked, or does not hold.
    #[error("the token cannot be relied on")]
    Token(#[from] Mismatch),
}

/// What of a token is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// It repeats another nonce, or none: an old reply played back.
    #[error("it has another nonce")]
    Nonce,
    /// It is over something else.
    #[error("it is over another digest")]
    Imprint,
    /// It was issued under another policy than the one asked for.
    #[error("it was issued under another policy")]
    Policy,
    /// It has no signer or several.
    #[error("it does not have exactly one signer")]
    Signers,
    /// The authority's certificate, which was asked for, is not inside.
    #[error("the authority's certificate is missing")]
    CertificateMissing,
    /// The certificate is not one for time stamps alone (critical extended key usage).
    #[error("the certificate is not one for time stamps alone")]
    Purpose,
    /// The certificate did not hold at the token's own time.
    #[error("the certificate did not hold at that time")]
    OutOfValidity,
    /// It rests on an algorithm that proves nothing.
    #[error("its algorithms are not relied on")]
    Algorithm,
    /// Its signed attributes speak of another kind of content.
    #[error("its signed content type is another")]
    ContentType,
    /// Its signed attributes speak of other content.
    #[error("its message digest is not that of its content")]
    MessageDigest,
    /// Its signed attributes name another certificate.
    #[error("it names another certificate")]
    SigningCertificate,
    /// The signature does not verify.
    #[error("its signature does not verify")]
    Signature,
}

impl Coded for TimestampFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "TSA-001",
            Self::Tls(fault) => fault.code(),
            Self::NoAnswer { .. } => "TSA-002",
            Self::TooSlow { .. } => "TSA-003",
            Self::HttpStatus { .. } => "TSA-004",
            Self::NotAReply { .. } => "TSA-005",
            Self::TooLarge { .. } => "TSA-006",
            Self::Unreadable | Self::NoToken => "TSA-007",
            Self::Refused { .. } => "TSA-008",
            Self::Token(Mismatch::Nonce | Mismatch::Imprint | Mismatch::Policy) => "TSA-009",
            Self::Token(Mismatch::Purpose | Mismatch::OutOfValidity) => "TSA-010",
            Self::Token(_) => "TSA-011",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Address { address } => Params::from([("address", address.clone())]),
            Self::Tls(fault) => fault.params(),
            Self::NoAnswer { cause } => Params::from([("cause", cause.clone())]),
            Self::TooSlow { seconds } => Params::from([("seconds", seconds.to_string())]),
            Self::HttpStatus { status } => Params::from([("status", status.to_string())]),
            Self::NotAReply { content_type } => Params::from([("type", content_type.clone())]),
            Self::TooLarge { max_bytes } => Params::from([("bytes", max_bytes.to_string())]),
            Self::Refused { reason, text, .. } => {
                Params::from([("reason", (*reason).to_owned()), ("text", text.clone())])
            }
            Self::Token(mismatch) => Params::from([("cause", mismatch.to_string())]),
            Self::Unreadable | Self::NoToken => Params::new(),
        }
    }

    /// What the network does may pass by itself; what an authority says or is does not.
    fn retry(&self) -> Retry {
        match self {
            Self::Tls(fault) => fault.retry(),
            Self::NoAnswer { .. } | Self::TooSlow { .. } | Self::NotAReply { .. } => Retry::Later,
            Self::HttpStatus { status } if *status >= 500 || *status == 429 => Retry::Later,
            Self::TooLarge { .. } | Self::Unreadable | Self::NoToken => Retry::Later,
            Self::Refused { reason, .. }
                if matches!(*reason, "timeNotAvailable" | "systemFailure") =>
            {
                Retry::Later
            }
            Self::Token(Mismatch::Nonce | Mismatch::Imprint) => Retry::Later,
            _ => Retry::AfterPerson,
        }
    }
}
