//! sohoa: scanned dossiers in, signed PDF/A and a verifiable manifest out.
//!
//! Start reading at [`run::road`]: the way of one dossier, a call a stage. The
//! layers (who may import whom) are drawn in ARCHITECTURE.md and held by
//! `tests/tidy.rs`.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod cli;
pub mod evaluate;
pub mod export;
pub mod formats;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod import;
pub mod messages;
pub mod model;
pub mod rates;
pub mod report;
pub mod run;
pub mod stages;
pub mod verify;
