//! The model's file: a head, the classes, their scales, the weights; little-endian, no padding.
//!
//! ```text
//! "sohoa-lm"  8 bytes      u32 version (1)      u32 features      u32 classes
//! for each class: u8 length, its id in ASCII, f32 scale
//! for each feature: an i8 for each class
//! ```

use super::features::FEATURES;
use super::{LinearModel, NO_TYPE};
use crate::model::Digest;

const MAGIC: &[u8] = b"sohoa-lm";
/// Features are hashed by the program: a model of another version does not fit.
const VERSION: u32 = 1;
/// More types than any table has.
const MOST_CLASSES: usize = 1000;

/// Why a model file cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ModelFault {
    /// It does not begin as a model does.
    #[error("not a model of this program")]
    NoModel,
    /// It was made by a version of the program that sees pages otherwise.
    #[error("model version {found}, this program reads {VERSION}")]
    OtherVersion {
        /// The version of the file.
        found: u32,
    },
    /// It is cut off, or longer than it says.
    #[error("{found} bytes, {expected} expected")]
    Length {
        /// Bytes it should have.
        expected: usize,
        /// Bytes it has.
        found: usize,
    },
    /// A class that is no id, or stands twice, or a scale that is no number, or no class for no type.
    #[error("class {place} is damaged")]
    Class {
        /// Which one, from 0.
        place: usize,
    },
}

impl LinearModel {
    /// Reads a model's file; all of it is checked.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelFault> {
        let mut rest = bytes.strip_prefix(MAGIC).ok_or(ModelFault::NoModel)?;
        let mut number = || {
            let (number, behind) = rest.split_first_chunk::<4>()?;
            rest = behind;
            Some(u32::from_le_bytes(*number))
        };
        let (version, features, classes) = (number(), number(), number());
        let version = version.ok_or(ModelFault::NoModel)?;
        if version != VERSION || features != Some(FEATURES as u32) {
            return Err(ModelFault::OtherVersion { found: version });
        }
        let count = classes.map_or(0, |classes| classes as usize);
        if !(1..=MOST_CLASSES).contains(&count) {
            return Err(ModelFault::Class { place: count });
        }
        let (mut classes, mut scales) = (Vec::new(), Vec::new());
        for place in 0..count {
            let (class, scale, behind) = class(rest).ok_or(ModelFault::Class { place })?;
            if classes.contains(&class) || !scale.is_finite() {
                return Err(ModelFault::Class { place });
            }
            classes.push(class);
            scales.push(scale);
            rest = behind;
        }
        if !classes.iter().any(|class| class == NO_TYPE) {
            return Err(ModelFault::Class { place: count });
        }
        let expected = FEATURES * count;
        if rest.len() != expected {
            let expected = bytes.len() - rest.len() + expected;
            let found = bytes.len();
            return Err(ModelFault::Length { expected, found });
        }
        Ok(Self {
            classes,
            scales,
            weights: rest.iter().map(|byte| *byte as i8).collect(),
            digest: Digest::of(bytes),
        })
    }

    /// The file of these weights, one for each feature and class, the classes of one feature side by side.
    pub(super) fn write(classes: &[String], weights: &[f32]) -> Vec<u8> {
        let count = classes.len();
        let mut bytes = MAGIC.to_vec();
        for number in [VERSION, FEATURES as u32, count as u32] {
            bytes.extend(number.to_le_bytes());
        }
        let largest = |class: usize| {
            let own = weights.iter().skip(class).step_by(count);
            own.fold(0f32, |largest, weight| largest.max(weight.abs()))
        };
        let scales: Vec<f32> = (0..count)
            .map(|class| largest(class).max(1e-6) / 127.0)
            .collect();
        for (class, scale) in classes.iter().zip(&scales) {
            bytes.push(class.len() as u8);
            bytes.extend(class.as_bytes());
            bytes.extend(scale.to_le_bytes());
        }
        for feature in weights.chunks(count) {
            let whole = feature.iter().zip(&scales);
            bytes.extend(whole.map(|(weight, scale)| (weight / scale).round() as i8 as u8));
        }
        bytes
    }
}

/// A class, its scale and what follows.
fn class(bytes: &[u8]) -> Option<(String, f32, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (id, rest) = rest.split_at_checked(usize::from(*length))?;
    let (scale, rest) = rest.split_first_chunk::<4>()?;
    let fine = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_';
    let id = String::from_utf8(id.to_vec()).ok()?;
    let good = !id.is_empty() && id.as_bytes().iter().all(fine);
    good.then_some((id, f32::from_le_bytes(*scale), rest))
}
