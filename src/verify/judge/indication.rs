//! The words of ETSI EN 319 102-1 for how a validation ended, beside our own bottom line.

use serde::Serialize;

/// The main status indication (ETSI EN 319 102-1, 5.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Indication {
    /// All checks passed.
    TotalPassed,
    /// Not everything that is needed could be found out.
    Indeterminate,
    /// Something does not hold.
    TotalFailed,
}

/// Declares the sub-indications once, with the main indication that each belongs to.
macro_rules! sub_indications {
    ($($(#[$doc:meta])+ $name:ident = $text:literal $main:ident,)+) => {
        /// The sub-indication (ETSI EN 319 102-1, table 6), worst first.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SubIndication { $($(#[$doc])+ $name,)+ }

        impl SubIndication {
            /// Every one, worst first.
            pub const ALL: &'static [SubIndication] = &[$(SubIndication::$name,)+];

            /// As the standard writes it.
            pub fn text(self) -> &'static str {
                match self { $(SubIndication::$name => $text,)+ }
            }

            /// The main indication that it belongs to.
            pub fn indication(self) -> Indication {
                match self { $(SubIndication::$name => Indication::$main,)+ }
            }
        }
    };
}

sub_indications! {
    /// Not a signature that can be read.
    FormatFailure = "FORMAT_FAILURE" TotalFailed,
    /// The covered bytes have another digest than the signed one.
    HashFailure = "HASH_FAILURE" TotalFailed,
    /// The signature value does not hold under the signer's key.
    SigCryptoFailure = "SIG_CRYPTO_FAILURE" TotalFailed,
    /// Proven to be made after the certificate was revoked.
    Revoked = "REVOKED" TotalFailed,
    /// Proven to be made after the certificate's end.
    Expired = "EXPIRED" TotalFailed,
    /// Proven to exist before the certificate's begin.
    NotYetValid = "NOT_YET_VALID" TotalFailed,
    /// The signed document is not as the signer saw it, or breaks what he allowed.
    SigConstraintsFailure = "SIG_CONSTRAINTS_FAILURE" Indeterminate,
    /// The certificate may not be used for this.
    ChainConstraintsFailure = "CHAIN_CONSTRAINTS_FAILURE" Indeterminate,
    /// The certificates on the path could not be judged.
    CertificateChainGeneralFailure = "CERTIFICATE_CHAIN_GENERAL_FAILURE" Indeterminate,
    /// An algorithm or key size is not allowed at the time of signing.
    CryptoConstraintsFailure = "CRYPTO_CONSTRAINTS_FAILURE" Indeterminate,
    /// An algorithm or key size is not allowed now, and no earlier time is proven.
    CryptoConstraintsFailureNoPoe = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE" Indeterminate,
    /// Time stamps contradict each other.
    TimestampOrderFailure = "TIMESTAMP_ORDER_FAILURE" Indeterminate,
    /// The signer's certificate is not to be found.
    NoSigningCertificateFound = "NO_SIGNING_CERTIFICATE_FOUND" Indeterminate,
    /// No path leads to a trusted root.
    NoCertificateChainFound = "NO_CERTIFICATE_CHAIN_FOUND" Indeterminate,
    /// The signer's certificate is revoked, and nothing proves the signature to be older.
    RevokedNoPoe = "REVOKED_NO_POE" Indeterminate,
    /// A certificate authority is revoked, and nothing proves the signature to be older.
    RevokedCaNoPoe = "REVOKED_CA_NO_POE" Indeterminate,
    /// The certificate's dates do not hold at the proven time, but it is not revoked.
    OutOfBoundsNotRevoked = "OUT_OF_BOUNDS_NOT_REVOKED" Indeterminate,
    /// The certificate's dates do not hold, and no time within them is proven.
    OutOfBoundsNoPoe = "OUT_OF_BOUNDS_NO_POE" Indeterminate,
    /// Whether the certificate was revoked is not known.
    TryLater = "TRY_LATER" Indeterminate,
    /// The time of the signature cannot be proven though it is needed.
    NoPoe = "NO_POE" Indeterminate,
    /// What was signed is not to be found.
    SignedDataNotFound = "SIGNED_DATA_NOT_FOUND" Indeterminate,
    /// Something else; the reasons tell.
    Generic = "GENERIC" Indeterminate,
}

impl Serialize for SubIndication {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl Indication {
    /// As the standard writes it.
    pub fn text(self) -> &'static str {
        match self {
            Indication::TotalPassed => "TOTAL-PASSED",
            Indication::Indeterminate => "INDETERMINATE",
            Indication::TotalFailed => "TOTAL-FAILED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indications_are_written_as_the_standard_writes_them() {
        for one in [
            Indication::TotalPassed,
            Indication::Indeterminate,
            Indication::TotalFailed,
        ] {
            let json = serde_json::to_string(&one).expect("serializes");
            assert_eq!(json, format!("{:?}", one.text()));
        }
    }

    #[test]
    fn whatever_failed_ranks_before_what_is_open() {
        let mains: Vec<_> = SubIndication::ALL.iter().map(|s| s.indication()).collect();
        let mut sorted = mains.clone();
        sorted.sort_by(|a, b| b.cmp(a));
        assert_eq!(mains, sorted);
    }
}
