//! Seal: sign the files and the batch.
