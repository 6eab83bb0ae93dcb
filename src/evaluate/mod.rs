//! EVALUATION: how well are pages read, and how often is what the describer says true? Judged against papers whose truth is known.
//!
//! [`Truth`] is what was drawn or what a person wrote down, [`Outcome`] what the program found;
//! [`judge()`] sets one beside the other for a dossier, [`Scores`] adds up, [`report`] shows it. Nothing
//! here reads a page or prints.

mod calibration;
mod judge;
pub mod reading;
pub mod report;
mod score;
#[cfg(test)]
mod tests;
mod truth;

pub use calibration::{Calibration, Sample};
pub use judge::{
    Borders, DocumentJudgement, DossierJudgement, FieldJudgement, FoundDocument, Outcome, Place,
    Verdict, judge,
};
pub use score::{FieldScore, Figure, Scores, Share};
pub use truth::{Truth, TruthDocument, TruthFault, TruthLine, TruthPage};
