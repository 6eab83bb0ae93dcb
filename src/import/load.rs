//! A verified delivery goes into the store, a group of dossiers at a time; each gets its receipt.

use std::path::Path;

use super::delivery::Verified;
use super::entry::entry;
use super::manifest::HeldManifest;
use super::receipts::{RECEIPT_VERSION, Receipt, ReceiptReason, ReceiptVerdict};
use super::refusal::Refusal;
use super::units::KnownUnits;
use super::{Delivered, Entry, ImportFault, Store, Taken, Verdict};
use crate::model::manifest::{DossierRecord, Outcome};
use crate::model::{Digest, DossierCode};

/// Dossiers that share a commit: each enters wholly or not at all, and the disk is forced once for all.
const GROUP: usize = 64;

/// How the dossiers of one delivery ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Entered.
    pub accepted: u64,
    /// Stood there before.
    pub duplicate: u64,
    /// Did not enter.
    pub rejected: u64,
    /// Were set aside by the sender.
    pub set_aside: u64,
}

/// Loads a verified delivery; `tell` gets the receipts, in the order of the manifest.
///
/// After a fault everything that was told stays in the store, and the same call goes on.
pub fn load(
    store: &mut Store,
    verified: &Verified,
    units: Option<&KnownUnits>,
    tell: &mut dyn FnMut(Receipt) -> Result<(), ImportFault>,
) -> Result<Sums, ImportFault> {
    let manifest = HeldManifest::open(&verified.folder, &verified.manifest_sha256)?;
    let delivery = store.begin_delivery(&verified.row)?;
    let mut loading = Loading {
        store,
        verified,
        delivery,
        tell,
        group: Vec::with_capacity(GROUP),
        sums: Sums::default(),
    };
    manifest.each_line(|line| {
        // The auditor read this very line.
        let record: DossierRecord =
            serde_json::from_slice(line).map_err(|_| ImportFault::Changed)?;
        match (record.outcome, &record.dossier) {
            (Outcome::Packaged, Some(code)) => loading.take(&record, code, line, units),
            _ => {
                loading.sums.set_aside += 1;
                Ok(())
            }
        }
    })?;
    loading.flush()?;
    let (sums, delivery) = (loading.sums, loading.delivery);
    store.finish_delivery(delivery)?;
    Ok(sums)
}

struct Loading<'l> {
    store: &'l mut Store,
    verified: &'l Verified,
    delivery: Delivered,
    tell: &'l mut dyn FnMut(Receipt) -> Result<(), ImportFault>,
    group: Vec<Entry>,
    sums: Sums,
}

impl Loading<'_> {
    fn take(
        &mut self,
        record: &DossierRecord,
        code: &DossierCode,
        line: &[u8],
        units: Option<&KnownUnits>,
    ) -> Result<(), ImportFault> {
        let mut entry = entry(record, code, &Digest::of(line), units);
        if entry.refused.is_none() {
            let refusal = self.refusal(code);
            entry.refused = refusal.map(|why| why.told(&record.folder));
        }
        self.group.push(entry);
        match self.group.len() < GROUP {
            true => Ok(()),
            false => self.flush(),
        }
    }

    /// What the delivery itself has against a dossier.
    fn refusal(&self, code: &DossierCode) -> Option<Refusal> {
        if let Some(doubtful) = self.verified.doubtful.get(code.as_str()) {
            return Some(doubtful.clone());
        }
        let record = Path::new("dossiers")
            .join(code.as_str())
            .join("record.json");
        let delivered = self.verified.folder.join(record).is_file();
        (!delivered).then_some(Refusal::NotDelivered)
    }

    fn flush(&mut self) -> Result<(), ImportFault> {
        let group = std::mem::take(&mut self.group);
        let older = |entry: &Entry, version| Refusal::Older { version }.told(&entry.dossier.folder);
        let taken = self.store.load(self.delivery, &group, &older)?;
        for (entry, taken) in group.iter().zip(taken) {
            let receipt = receipt(&self.verified.row.batch, entry, taken);
            let sum = match receipt.verdict {
                ReceiptVerdict::Accepted => &mut self.sums.accepted,
                ReceiptVerdict::Duplicate => &mut self.sums.duplicate,
                ReceiptVerdict::Rejected => &mut self.sums.rejected,
            };
            *sum += 1;
            (self.tell)(receipt)?;
        }
        Ok(())
    }
}

fn receipt(batch: &str, entry: &Entry, taken: Taken) -> Receipt {
    let (verdict, reason) = match taken.verdict {
        Verdict::Accepted => (ReceiptVerdict::Accepted, None),
        Verdict::Duplicate => (ReceiptVerdict::Duplicate, None),
        Verdict::Rejected(refused) => (ReceiptVerdict::Rejected, Some(refused)),
    };
    Receipt {
        v: RECEIPT_VERSION,
        batch: batch.to_owned(),
        folder: entry.dossier.folder.clone(),
        dossier: entry.dossier.code.clone(),
        content_key: entry.dossier.content_key.parse().ok(),
        verdict,
        version: taken.version,
        reason: reason.map(|refused| ReceiptReason {
            code: refused.code,
            place: refused.place,
            what: refused.what,
        }),
    }
}
