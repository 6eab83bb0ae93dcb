//! NOUNS an archivist would name, without any input or output.

pub mod confidence;
pub mod correction;
pub mod digest;
pub mod document;
pub mod dossier_code;
pub mod fault;
pub mod flag;
pub mod geometry;
pub mod listed;
pub mod manifest;
pub mod onestop;
pub mod orientation;
pub mod page_signs;
pub mod paper;
pub mod role;
pub mod secrecy;
pub mod words;

pub use confidence::Confidence;
pub use correction::{Change, Correction, CorrectionFault};
pub use digest::{Digest, Digester};
pub use document::{Cue, Describer, Description, DocumentType, Field, Fields, RunnerUp};
pub use dossier_code::DossierCode;
pub use fault::{Coded, Params, Retry};
pub use flag::Flag;
pub use geometry::{Affine, Point, PxBox};
pub use listed::ListedPaper;
pub use onestop::{ComponentState, Holdings, RegisterState, RegisteredDossier};
pub use orientation::Orientation;
pub use page_signs::PageSigns;
pub use paper::{Paper, PaperKind, PaperState};
pub use role::{DossierFacts, Role, RoleId, RoleReason};
pub use secrecy::Secrecy;
pub use words::{EMPTY_BOX, PageText, Symbol, TICKED_BOX, Word};
