//! Vietnamese text: NFC, folding to A–Z for matching, edit distance.
