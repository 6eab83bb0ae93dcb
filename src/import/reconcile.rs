//! What the sender's package holds beside what the receiver said of it: what is there, what must be put right,
//! what must be sent (again).

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::ImportFault;
use super::receipts::{Answer, Answers, ReceiptReason};
use crate::model::manifest::{DossierRecord, Outcome};

/// A package beside the receiver's receipts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Dossiers that the receiver holds as they are now.
    pub held: u64,
    /// Dossiers that the receiver rejected as they are now: folder and reason.
    pub rejected: Vec<(String, ReceiptReason)>,
    /// Folders of dossiers that no receipt speaks of as they are now: to be sent.
    pub to_send: Vec<String>,
}

/// Holds every packaged dossier of a package against the receiver's answers.
pub fn reconcile(out: &Path, answers: &Answers) -> Result<Reconciled, ImportFault> {
    let mut reconciled = Reconciled::default();
    each_packaged::<ImportFault>(out, &mut |record| {
        let answer = record.content_key.as_ref().and_then(|key| answers.of(key));
        match answer {
            Some(Answer::Held) => reconciled.held += 1,
            Some(Answer::Rejected(reason)) => {
                let told = (record.folder, reason.as_ref().clone());
                reconciled.rejected.push(told);
            }
            None => reconciled.to_send.push(record.folder),
        }
        Ok(())
    })?;
    Ok(reconciled)
}

/// Calls `each` with every packaged dossier of the sender's own manifest.
pub(super) fn each_packaged<F: From<ImportFault>>(
    out: &Path,
    each: &mut dyn FnMut(DossierRecord) -> Result<(), F>,
) -> Result<(), F> {
    let path = out.join("manifest.jsonl");
    let failed = |cause: std::io::Error| ImportFault::unreadable(&path, &cause);
    let mut reader = BufReader::new(File::open(&path).map_err(failed)?);
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            return Ok(());
        }
        let record: DossierRecord =
            serde_json::from_slice(&line).map_err(|fault| failed(fault.into()))?;
        if record.outcome == Outcome::Packaged {
            each(record)?;
        }
    }
}
