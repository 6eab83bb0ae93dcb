//! How sure a reading is, as whole percent so that two runs print the same digits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sureness of a reading in whole percent, 0 (none) to 100 (certain).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Confidence(u8);

impl Confidence {
    /// What needs no guessing.
    pub const CERTAIN: Self = Self(100);

    /// Takes whole percent; above 100 counts as 100.
    pub const fn from_pct(percent: u8) -> Self {
        Self(if percent < 100 { percent } else { 100 })
    }

    /// Takes percent as a float (Tesseract's scale); out of range and NaN are clamped.
    pub fn from_pct_f32(percent: f32) -> Self {
        // `as` saturates and maps NaN to 0, which is what "no confidence" means.
        Self((percent.round() as u8).min(100))
    }

    /// The value in whole percent.
    pub fn pct(self) -> u8 {
        self.0
    }
}
