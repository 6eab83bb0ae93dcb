//! Degrees of state secrecy, as they are stamped on papers (ô 10a of Nghị định 30/2020).

use serde::{Deserialize, Serialize};

/// A degree of state secrecy, from the lowest to the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secrecy {
    /// MẬT.
    Mat,
    /// TỐI MẬT.
    ToiMat,
    /// TUYỆT MẬT.
    TuyetMat,
}

impl Secrecy {
    /// All degrees, the lowest first.
    pub const ALL: [Secrecy; 3] = [Secrecy::Mat, Secrecy::ToiMat, Secrecy::TuyetMat];

    /// As it is stamped.
    pub fn as_stamped(self) -> &'static str {
        match self {
            Secrecy::Mat => "MẬT",
            Secrecy::ToiMat => "TỐI MẬT",
            Secrecy::TuyetMat => "TUYỆT MẬT",
        }
    }
}
