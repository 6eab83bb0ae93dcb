//! What can be wrong with a signature value, told apart by what follows from it.

/// Something wrong with a signature value, with its particulars in technical words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Not the form that a signature has.
    Format(String),
    /// The covered bytes have another digest than the signed one.
    Digest,
    /// The value does not hold under the signer's key.
    Value,
    /// A signed attribute names another certificate than the one that signed.
    OtherCertificate,
    /// The signer's certificate is not to be found.
    NoCertificate,
    /// A weak algorithm, which the table allows at no time.
    Weak(String),
    /// Of a kind that this program cannot check.
    Unjudged(String),
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Flaw::Format(detail) | Flaw::Weak(detail) | Flaw::Unjudged(detail) => {
                f.write_str(detail)
            }
            Flaw::Digest => f.write_str("digest of the covered bytes differs"),
            Flaw::Value => f.write_str("signature value does not hold"),
            Flaw::OtherCertificate => {
                f.write_str("a signed attribute names another certificate than the signer's")
            }
            Flaw::NoCertificate => f.write_str("signer's certificate is not enclosed"),
        }
    }
}
