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
/// What it is worth to be the only likely type; less likely ones are worth less, and then speak against.
const LIKELIEST: f32 = 130.0;
/// It never outweighs a heading, for or against.
const LEAST: f32 = -110.0;

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

/// What the model thinks of a page, in hundredths of a nat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opinion {
    /// For each type of the table what speaks for it or against it; 0 for a type it does not know.
    pub types: Vec<i32>,
    /// Log-odds that the page begins a paper of any type.
    pub begins: i32,
}

impl LinearModel {
    /// The model that comes with the program.
    pub fn embedded() -> Self {
        Self::read(EMBEDDED).expect("a test reads the embedded model")
    }

    /// What it thinks of this page; nothing of a page without letters.
    pub fn opinion(&self, page: &Layout, types: &TypeTable) -> Opinion {
        let features = features::of(page);
        let none = self.classes.iter().position(|class| class == NO_TYPE);
        let mut opinion = Opinion {
            types: vec![0; types.rows.len()],
            begins: 0,
        };
        let (Some(none), false) = (none, features.is_empty() || self.classes.len() < 2) else {
            return opinion;
        };
        let scores = self.scores(&features);
        let of_a_type = || (0..scores.len()).filter(|class| *class != none);
        let most = of_a_type()
            .map(|class| scores[class])
            .fold(f32::MIN, f32::max);
        let all = most
            + of_a_type()
                .map(|class| (scores[class] - most).exp())
                .sum::<f32>()
                .ln();
        for class in of_a_type() {
            if let Some(row) = types.number_of(&self.classes[class]) {
                let points = LIKELIEST + COUNTS_PCT * (scores[class] - all);
                opinion.types[row] = points.max(LEAST).round() as i32;
            }
        }
        opinion.begins = (100.0 * (all - scores[none])).clamp(-1e6, 1e6).round() as i32;
        opinion
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
