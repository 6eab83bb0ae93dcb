//! Budgets against hostile packages: beyond them nothing is read, and a finding says so.

/// Findings kept; more are only counted.
pub const FINDINGS: usize = 100_000;

/// Length of `batch.json`; a real one has about 1 KB.
pub const HEADER_BYTES: u64 = 1 << 20;

/// Length of `batch.jws`: the header, the payload in base64 and a certificate chain.
pub const JWS_BYTES: u64 = 4 << 20;

/// Length of one line of the manifest. A page costs about 400 bytes, so this
/// holds a dossier of 40 000 pages.
pub const LINE_BYTES: usize = 16 << 20;

/// Length of one PDF file, which is read whole; the reader needs up to twice as
/// much again (measured for lopdf on 478 MB: peak twice the file).
pub const PDF_BYTES: u64 = 1 << 30;

/// Length of the text beside a kept document; a page has about 3 KB.
pub const TEXT_BYTES: u64 = 256 << 20;

/// Length of a kept scan, which is only streamed through the hash.
pub const SCAN_BYTES: u64 = 16 << 30;

/// What one content stream, font map or metadata stream may inflate to.
pub const INFLATED_BYTES: usize = 64 << 20;

/// Pages of one document.
pub const PAGES: u32 = 20_000;

/// Objects of one PDF file; a page costs 3 objects, a document about 12 more.
pub const PDF_OBJECTS: usize = 200_000;

/// Length of one signature value with its certificates.
pub const CMS_BYTES: usize = 1 << 20;

/// Certificates looked at beside the signer's own.
pub const CHAIN_CERTIFICATES: usize = 32;

/// Lines of the manifest that are audited at a time, and the bytes they may hold together.
pub const CHUNK_LINES: usize = 128;
/// See [`CHUNK_LINES`].
pub const CHUNK_BYTES: usize = 64 << 20;

/// Length of a line at the head of a proof; the longest of ours has about 230 bytes.
pub const PROOF_LINE_BYTES: usize = 1024;

/// Steps from a leaf to the root: 2^63 leaves.
pub const PROOF_STEPS: usize = 63;

/// Length of a proof in text, its extra data among it.
pub const LOG_PROOF_BYTES: u64 = 64 << 10;

/// Length of a checkpoint: a few lines and at most some signatures.
pub const CHECKPOINT_BYTES: u64 = 64 << 10;

/// Entries of a log that are looked at: a batch a day for a thousand communes in ten years.
pub const LOG_ENTRIES: u64 = 4_000_000;

/// Length of the list of all files by a new hash, which is kept in memory: some 170 bytes a file.
pub const LIST_BYTES: u64 = 1 << 30;

/// Length of an evidence record: a token has 3 to 8 KB, and one comes every few years.
pub const RECORD_BYTES: u64 = 4 << 20;
