//! Assemble: one PDF/A-2u file a document.
