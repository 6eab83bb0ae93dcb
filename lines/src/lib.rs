//! Lines of text: found on a page, and read with Tesseract's LSTM models.
//!
//! [`find`] says where the lines of a cleaned picture are, [`lstm`] reads them with the weights that
//! [`traineddata`] takes out of a model's file. A package of its own because it is arithmetic in the billions:
//! the tests of the program are compiled with little optimisation, and a page would take them 20 s instead
//! of a fifth of one. It knows nothing of dossiers, plans or people.

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod find;
pub mod lstm;
pub mod traineddata;
mod work;

pub use work::{Work, on_this_processor};
