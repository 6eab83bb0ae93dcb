//! How long a signature shall last: the levels of ETSI EN 319 142-1, by plan.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use crate::formats::pades::TOKEN_ROOM_BYTES;
use crate::formats::timestamp::Timestamper;

/// A baseline level of PAdES; each holds what the one before it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// The signature alone: its time is the signer's claim.
    #[default]
    #[serde(rename = "B-B")]
    BB,
    /// With a time stamp over the signature.
    #[serde(rename = "B-T")]
    BT,
    /// With everything that judges signature and time stamp.
    #[serde(rename = "B-LT")]
    BLt,
    /// With a time stamp over the whole file.
    #[serde(rename = "B-LTA")]
    BLta,
}

impl Level {
    /// Room that a signature of this level leaves behind itself for its time stamp.
    pub(super) fn room_bytes(self) -> usize {
        match self {
            Self::BB => 0,
            _ => TOKEN_ROOM_BYTES,
        }
    }

    /// As the manifest names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BB => "PAdES-B-B",
            Self::BT => "PAdES-B-T",
            Self::BLt => "PAdES-B-LT",
            Self::BLta => "PAdES-B-LTA",
        }
    }
}

/// What becomes of a file whose level cannot be reached now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unreached {
    /// It goes out at the level reached and waits for `sohoa renew`.
    #[default]
    Queue,
    /// The run stops; nothing is half signed.
    Stop,
}

/// What levels beyond B-B are made with.
pub struct Lasting<'a> {
    /// The time-stamping authority.
    pub timestamper: &'a dyn Timestamper,
    /// Where certificates, lists and answers come from.
    pub evidence: &'a Evidence,
}
