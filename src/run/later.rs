//! Signing later: the dossiers of a package that wait for signature, one after the other.
//!
//! A dossier's documents are signed all or none, in a draft that then takes the dossier's place
//! in one step; killed or failing in between, the rest still waits and the next try goes on
//! there. Manifest, header and its signature follow at the end.

use std::path::Path;

use time::OffsetDateTime;

use super::RunFault;
use crate::formats::pdfa;
use crate::formats::signer::{Signer, SignerFault};
use crate::model::manifest::{BatchHeader, DossierRecord, SealRecord, iso_8601};
use crate::model::{Coded, Digest, DossierCode, Params, Retry};
use crate::stages::package::{HEADER, ManifestSums, Store};
use crate::stages::seal::{self, Lasting, SealFault};

/// With what a package is signed later.
pub struct Later<'a> {
    /// Who signs the file of this name, the header among them: one key for all, or what came back
    /// for each from a program elsewhere.
    pub signer: &'a dyn Fn(&str) -> &'a dyn Signer,
    /// What the signatures say.
    pub options: &'a seal::Options,
    /// What makes them last; absent where the plan asks for B-B.
    pub lasting: Option<&'a Lasting<'a>>,
    /// The clock.
    pub now: &'a (dyn Fn() -> OffsetDateTime + Sync),
    /// Where it is told how each dossier ended.
    pub report: &'a dyn Fn(&DossierCode, &Result<u64, WaitingFault>),
}

/// What signing later did.
#[derive(Debug, Default)]
pub struct SignedLater {
    /// Documents signed.
    pub documents: u64,
    /// Dossiers whose documents were signed.
    pub dossiers: u64,
    /// Dossiers that could not be signed, for reasons of their own.
    pub refused: u64,
    /// Who signs elsewhere has not signed the header yet.
    pub header_waits: bool,
    /// Why the key stopped signing; the rest waits.
    pub key_failed: Option<SealFault>,
}

/// Why a dossier that waits was not signed.
#[derive(Debug, thiserror::Error)]
pub enum WaitingFault {
    /// A document's bytes are not those of the record.
    #[error("{file} is not the file of the record")]
    Changed {
        /// The document.
        file: String,
    },
    /// A document is not PDF/A-2u as we write it.
    #[error("{file} is no file of ours")]
    Foreign {
        /// The document.
        file: String,
    },
    /// A document could not be signed.
    #[error("{file} could not be signed")]
    Seal {
        /// The document.
        file: String,
        /// Why.
        source: SealFault,
    },
}

impl WaitingFault {
    /// The document that it is about.
    pub fn file(&self) -> &str {
        match self {
            Self::Changed { file } | Self::Foreign { file } | Self::Seal { file, .. } => file,
        }
    }
}

impl Coded for WaitingFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "SEAL-018",
            Self::Foreign { .. } => "SEAL-019",
            Self::Seal { source, .. } => source.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Changed { .. } | Self::Foreign { .. } => Params::new(),
            Self::Seal { source, .. } => source.params(),
        }
    }

    fn retry(&self) -> Retry {
        Retry::AfterPerson
    }
}

/// The package has no header: no run over it ever came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the package has no header")]
pub struct Unfinished;

impl Coded for Unfinished {
    fn code(&self) -> &'static str {
        "SEAL-020"
    }
}

/// What stops signing later altogether.
#[derive(Debug, thiserror::Error)]
pub enum LaterFault {
    /// There is nothing to go by.
    #[error(transparent)]
    Unfinished(Unfinished),
    /// The package cannot be read or written.
    #[error(transparent)]
    Run(RunFault),
}

impl LaterFault {
    /// The fault as it is told.
    pub fn coded(&self) -> &dyn Coded {
        match self {
            Self::Unfinished(fault) => fault,
            Self::Run(fault) => fault,
        }
    }
}

impl<F: Into<RunFault>> From<F> for LaterFault {
    fn from(fault: F) -> Self {
        Self::Run(fault.into())
    }
}

/// Signs everything in the package that waits for signature.
pub fn sign_waiting(out: &Path, by: &Later<'_>) -> Result<SignedLater, LaterFault> {
    let store = Store::open(out)?;
    let header = store.present_header();
    let header = header.ok_or(LaterFault::Unfinished(Unfinished))?;
    let mut done = SignedLater::default();
    for code in store.codes()? {
        let mut record = store.shelf().record(&code)?;
        if waiting(&record).is_empty() {
            continue;
        }
        let signed = sign_dossier(&store, &code, &mut record, by)?;
        (by.report)(&code, &signed);
        match signed {
            Ok(documents) => {
                done.dossiers += 1;
                done.documents += documents;
            }
            Err(WaitingFault::Seal { source, .. }) if source.stops_the_key() => {
                done.key_failed = Some(source);
                break;
            }
            Err(_) => done.refused += 1,
        }
    }
    let sums = store.write_manifest()?;
    seal_batch(&store, header, &sums, by, &mut done)?;
    store.close()?;
    Ok(done)
}

/// The places of the documents that wait.
pub(super) fn waiting(record: &DossierRecord) -> Vec<usize> {
    let documents = record.documents.iter().enumerate();
    let waiting = documents.filter(|(_, document)| document.seal == SealRecord::Waiting);
    waiting.map(|(place, _)| place).collect()
}

/// All waiting documents of a dossier signed, or none; the outer fault is the package's.
fn sign_dossier(
    store: &Store,
    code: &DossierCode,
    record: &mut DossierRecord,
    by: &Later<'_>,
) -> Result<Result<u64, WaitingFault>, LaterFault> {
    let places = waiting(record);
    let names: Vec<String> = places
        .iter()
        .map(|place| record.documents[*place].file.clone())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let draft = store.rework(code, &names)?;
    for place in &places {
        let document = &mut record.documents[*place];
        let bytes = store.file(code, &document.file)?;
        let signed = match sign(bytes, document.sha256, &document.file, by) {
            Ok(signed) => signed,
            Err(fault) => return Ok(Err(fault)),
        };
        let (bytes, seal) = (signed.pdf.into_bytes(), signed.record);
        draft.write(&document.file, &bytes)?;
        document.sha256 = Digest::of(&bytes);
        document.bytes = bytes.len() as u64;
        document.seal = seal;
    }
    draft.finish(record)?;
    Ok(Ok(places.len() as u64))
}

pub(super) fn sign(
    bytes: Vec<u8>,
    recorded: Digest,
    name: &str,
    by: &Later<'_>,
) -> Result<seal::Sealed, WaitingFault> {
    let file = || name.to_owned();
    if Digest::of(&bytes) != recorded {
        return Err(WaitingFault::Changed { file: file() });
    }
    // Nothing is signed that our own checker did not find to be ours.
    let pdf = pdfa::check(bytes).map_err(|_| WaitingFault::Foreign { file: file() })?;
    let (signer, options, now) = ((by.signer)(name), by.options, (by.now)());
    let sealed = match by.lasting {
        Some(lasting) => seal::seal_lasting(&pdf, signer, options, now, lasting),
        None => seal::seal(&pdf, signer, options, now),
    };
    let file = file();
    sealed.map_err(|source| WaitingFault::Seal { file, source })
}

/// Header and signature over the records as they are now.
fn seal_batch(
    store: &Store,
    present: BatchHeader,
    sums: &ManifestSums,
    by: &Later<'_>,
    done: &mut SignedLater,
) -> Result<(), LaterFault> {
    let header = header_over(&present, sums, (by.now)());
    let is_new = !same_but_for_time(&header, &present);
    if !is_new && store.has_signature() {
        return keep_trees(store);
    }
    let bytes = bytes_of(&header);
    let signature = match done.key_failed {
        Some(_) => None,
        None => match seal::seal_header(&bytes, (by.signer)(HEADER)) {
            Ok(signature) => Some(signature),
            Err(SealFault::Signer(SignerFault::Unanswered)) => {
                done.header_waits = true;
                None
            }
            Err(fault) => {
                done.key_failed = Some(fault);
                None
            }
        },
    };
    match (is_new, &signature) {
        // Nothing to say that the package does not say already.
        (false, None) => keep_trees(store),
        _ => Ok(store.publish(&bytes, signature.as_deref())?),
    }
}

/// The header over these records, made now.
pub(super) fn header_over(
    present: &BatchHeader,
    sums: &ManifestSums,
    now: OffsetDateTime,
) -> BatchHeader {
    BatchHeader {
        manifest: sums.manifest.clone(),
        dossiers: sums.dossiers,
        pages: sums.pages,
        documents: sums.documents,
        merkle: sums.merkle.clone(),
        created: iso_8601(now),
        ..present.clone()
    }
}

fn same_but_for_time(one: &BatchHeader, other: &BatchHeader) -> bool {
    let created = one.created.clone();
    *one == BatchHeader {
        created,
        ..other.clone()
    }
}

/// A header as its file holds it, and as it is signed.
pub(super) fn bytes_of(header: &BatchHeader) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(header).expect("a header has only string keys");
    bytes.push(b'\n');
    bytes
}

/// A program killed between two renames leaves a package without its trees.
fn keep_trees(store: &Store) -> Result<(), LaterFault> {
    match store.has_trees() {
        true => Ok(()),
        false => Ok(store.publish_trees()?),
    }
}
