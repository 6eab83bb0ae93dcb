//! Split: which pages of a dossier make one document.
