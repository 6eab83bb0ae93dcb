//! Package: the dossier's folder, the manifest, the batch header.
