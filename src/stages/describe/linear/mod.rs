//! The trained model beside the rules: multinomial logistic regression over hashed
//! groups of letters and the layout of a document's first page.
//!
//! It never reads a heading as a heading; it knows how the whole page looks, so it speaks
//! where the heading is lost. It is small on purpose: a table of whole numbers
//! that adds up to the same digits on every machine.

mod features;
mod file;
mod sample;
mod train;

#[cfg(test)]
mod tests;

use crate::model::Digest;

use super::layout::Layout;
use super::type_table::TypeTable;

pub use file::ModelFault;
#[cfg(test)]
use sample::set_page;
pub use train::{Example, train};

const EMBEDDED: &[u8] = include_bytes!("model.bin");

/// The class of pages that begin no document of any type.
pub const NO_TYPE: &str = "khong_ro";

/// Of what the model thinks so much counts: it was trained on fewer hands than write papers.
const COUNTS_PCT: f32 = 60.0;
/// It never outweighs a heading.
const MOST_POINTS: f32 = 280.0;
/// A type that it does not know of is neither likely nor unlikely.
const LEAST_POINTS: f32 = -150.0;

/// A trained model.
#[derive(Clone, Debug)]
pub struct LinearModel {
    /// What its weights tell apart: ids of types, and [`NO_TYPE`].
    classes: Vec<String>,
    /// A weight for each feature and class, the classes of one feature side by side.
    weights: Vec<i8>,
    /// What a weight of 1 is worth, for each class.
    scales: Vec<f32>,
    /// SHA-256 of its file.
    pub digest: Digest,
}

/// What the model thinks of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// The number of the type in the table.
    pub row: usize,
    /// Log-odds against no type at all, in hundredths of a nat.
    pub points: i32,
}

impl LinearModel {
    /// The model that comes with the program.
    pub fn embedded() -> Self {
        Self::read(EMBEDDED).expect("a test reads the embedded model")
    }

    /// What it thinks of each type of the table that it knows, for this first page.
    pub fn opinions(&self, page: &Layout, types: &TypeTable) -> Vec<Opinion> {
        let features = features::of(page);
        let Some(none) = self.classes.iter().position(|class| class == NO_TYPE) else {
            return Vec::new();
        };
        if features.is_empty() {
            return Vec::new();
        }
        let scores = self.scores(&features);
        let opinions = self
            .classes
            .iter()
            .zip(&scores)
            .filter_map(|(class, score)| {
                let points = (score - scores[none]) * COUNTS_PCT;
                Some(Opinion {
                    row: types.number_of(class)?,
                    points: points.clamp(LEAST_POINTS, MOST_POINTS).round() as i32,
                })
            });
        opinions.collect()
    }

    /// The logit of each class.
    fn scores(&self, features: &[u32]) -> Vec<f32> {
        let mut sums = vec![0i32; self.classes.len()];
        for feature in features {
            let row = *feature as usize * self.classes.len();
            let weights = &self.weights[row..row + self.classes.len()];
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += i32::from(*weight);
            }
        }
        let length = (features.len() as f32).sqrt();
        let sums = sums.into_iter().zip(&self.scales);
        sums.map(|(sum, scale)| sum as f32 * scale / length)
            .collect()
    }
}
