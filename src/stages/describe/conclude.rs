//! What only the whole dossier tells: each document's role, and which of them speak against each other.

use crate::model::{Description, DossierFacts};

/// Gives each document its role and flags what does not fit together.
pub fn conclude(_dossier: &DossierFacts<'_>, _documents: &mut [Description]) {}
