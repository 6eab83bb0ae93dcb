//! Why nothing was signed, with the codes of docs/codes.md.

use time::OffsetDateTime;

use super::evidence::EvidenceFault;
use super::token::TokenFault;
use crate::formats::cms::CmsFault;
use crate::formats::jws::JwsFault;
use crate::formats::pades::{PadesFault, RereadFault};
use crate::formats::signer::SignerFault;
use crate::formats::timestamp::TimestampFault;
use crate::formats::x509::CertificateFault;
use crate::model::{Coded, Params, Retry};

/// Why a key file cannot be used or a file was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SealFault {
    /// The key file is neither PKCS#12 nor PEM that can be read.
    #[error("the key file is neither PKCS#12 nor PEM")]
    Unreadable,
    /// The password does not open it.
    #[error("the password does not open the key file")]
    WrongPassword,
    /// It is locked by a method we do not know.
    #[error("the key file is locked by an unknown method")]
    UnsupportedEncryption,
    /// There is no private key inside.
    #[error("the key file holds no private key")]
    NoKey,
    /// No certificate inside belongs to the private key.
    #[error("no certificate in the key file belongs to its key")]
    NoCertificate,
    /// A certificate cannot be used.
    #[error("a certificate of the signer cannot be used")]
    Certificate(#[from] CertificateFault),
    /// The private key is broken or does not agree with its own public half.
    #[error("the private key is damaged")]
    DamagedKey,
    /// The key is neither RSA of at most 4096 bits nor ECDSA on P-256 or P-384.
    #[error("the key is of a kind that is not supported")]
    UnsupportedKey,
    /// The RSA key is shorter than TT 15/2025 allows.
    #[error("the RSA key has {bits} bits, fewer than 2048")]
    ShortRsaKey {
        /// Bits of its modulus.
        bits: usize,
    },
    /// The certificate's keyUsage has neither digitalSignature nor nonRepudiation.
    #[error("the certificate's key usage does not allow signing")]
    UsageForbidsSigning,
    /// The certificate does not hold yet.
    #[error("the certificate is not valid before {from}")]
    NotYetValid {
        /// When it begins to hold.
        from: OffsetDateTime,
    },
    /// The certificate does not hold any more.
    #[error("the certificate was valid until {until}")]
    Expired {
        /// Its last moment.
        until: OffsetDateTime,
    },
    /// The clock says a year that has no four digits.
    #[error("the time of signing is outside the years 0 to 9999")]
    TimeOutOfRange,
    /// The token cannot be used.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// The key did not sign.
    #[error("the key did not sign")]
    Signer(#[from] SignerFault),
    /// The PDF file was not signed.
    #[error("the file was not signed")]
    Pdf(#[source] PadesFault),
    /// A time stamp was not to be had, and the plan says to stop then.
    #[error("the level asked for is out of reach")]
    Timestamp(#[from] TimestampFault),
    /// What judges a signature later was not to be had, and the plan says to stop then.
    #[error("the level asked for is out of reach")]
    Evidence(#[from] EvidenceFault),
    /// A file does not begin with what its record says any more.
    #[error("{file} is not the recorded file with revisions behind it")]
    Altered {
        /// The file below the package.
        file: String,
    },
    /// The batch's header was not signed.
    #[error("the batch's header was not signed")]
    Header(#[source] JwsFault),
}

impl SealFault {
    /// True where nothing more can be signed with this key; else only this file was not.
    pub fn stops_the_key(&self) -> bool {
        !matches!(self, Self::Pdf(_) | Self::Signer(SignerFault::Unanswered))
    }

    /// True where the key is at fault and not the file or the network: every other file would
    /// meet with the same.
    pub fn is_of_the_key(&self) -> bool {
        matches!(
            self,
            Self::Signer(_) | Self::Expired { .. } | Self::NotYetValid { .. }
        )
    }
}

impl From<PadesFault> for SealFault {
    fn from(fault: PadesFault) -> Self {
        match fault {
            PadesFault::Cms(CmsFault::Signer(fault)) => Self::Signer(fault),
            PadesFault::Cms(CmsFault::Certificate(fault)) => Self::Certificate(fault),
            PadesFault::Timestamp(fault) => Self::Timestamp(fault),
            other => Self::Pdf(other),
        }
    }
}

impl From<JwsFault> for SealFault {
    fn from(fault: JwsFault) -> Self {
        match fault {
            JwsFault::Signer(fault) => Self::Signer(fault),
            JwsFault::Certificate(fault) => Self::Certificate(fault),
            JwsFault::Signature => Self::Header(fault),
        }
    }
}

impl Coded for SealFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "SEAL-001",
            Self::WrongPassword => "SEAL-002",
            Self::UnsupportedEncryption => "SEAL-003",
            Self::NoKey => "SEAL-004",
            Self::NoCertificate => "SEAL-005",
            Self::Certificate(CertificateFault::Unreadable) => "SEAL-006",
            Self::DamagedKey => "SEAL-007",
            Self::UnsupportedKey | Self::Certificate(CertificateFault::UnsupportedKey) => {
                "SEAL-008"
            }
            Self::ShortRsaKey { .. } => "SEAL-009",
            Self::UsageForbidsSigning => "SEAL-010",
            Self::NotYetValid { .. } => "SEAL-011",
            Self::Expired { .. } => "SEAL-012",
            Self::TimeOutOfRange => "SEAL-013",
            Self::Token(fault) => fault.code(),
            Self::Signer(SignerFault::Refused) => "SEAL-014",
            Self::Signer(SignerFault::Lost) => "TOK-014",
            Self::Signer(SignerFault::PinRefused) => "TOK-004",
            Self::Signer(SignerFault::Unanswered) => "SEAL-035",
            Self::Pdf(PadesFault::Base(_)) => "SEAL-015",
            Self::Pdf(PadesFault::Reread(RereadFault::Signature(_))) => "SEAL-036",
            Self::Pdf(_) => "SEAL-016",
            Self::Header(_) => "SEAL-017",
            Self::Altered { .. } => "SEAL-034",
            Self::Timestamp(fault) => fault.code(),
            Self::Evidence(fault) => fault.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::ShortRsaKey { bits } => Params::from([("bits", bits.to_string())]),
            Self::NotYetValid { from: day } | Self::Expired { until: day } => {
                // The day as staff count it; a day no calendar turns stays as it is.
                let day = super::vietnam_time(*day).unwrap_or(*day);
                Params::from([("day", day.date().to_string())])
            }
            Self::Token(fault) => fault.params(),
            Self::Altered { file } => Params::from([("file", file.clone())]),
            Self::Timestamp(fault) => fault.params(),
            Self::Evidence(fault) => fault.params(),
            _ => Params::new(),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Pdf(_) | Self::Header(_) => Retry::Never,
            Self::Timestamp(fault) => fault.retry(),
            Self::Evidence(fault) => fault.retry(),
            _ => Retry::AfterPerson,
        }
    }
}
