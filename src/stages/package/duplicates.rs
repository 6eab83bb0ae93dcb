//! Scans that occur more than once in the package, found by their digest.
//!
//! The list stands in a file of its own: a dossier's record is final and must not change
//! because another dossier came. It says nothing that the manifest does not, so it is no
//! evidence; it is written anew at the end of every run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::batch::line;
use super::store::read_record;
use super::{PackageFault, Store, durable};
use crate::model::Digest;
use crate::model::manifest::{DossierRecord, Duplicate, DuplicatePlace, Source};

/// The file's name in the package; it is not there where nothing occurs twice.
pub const DUPLICATES: &str = "duplicates.jsonl";

/// Where a digest occurs: number of the record in the manifest's order, number of the source.
type Place = (u32, u32);

/// Digest and place of every scan of the package.
#[derive(Default)]
pub(super) struct Scans(Vec<(Digest, Place)>);

impl Scans {
    /// Takes those of a record, by its number in the manifest's order.
    pub(super) fn take(&mut self, number: u32, record: &DossierRecord) {
        // Parts of one stream's file are not copies of each other.
        let whole = |source: &Source| source.first_page.is_none();
        let sources = (0..).zip(&record.sources);
        let scans = sources.filter(|(_, source)| whole(source));
        self.0
            .extend(scans.map(|(at, source)| (source.sha256, (number, at))));
    }
}

impl Store {
    /// Writes the list of scans that occur more than once, and gives its length.
    pub(super) fn write_duplicates(
        &self,
        records: &[PathBuf],
        Scans(mut scans): Scans,
    ) -> Result<u64, PackageFault> {
        scans.sort_unstable();
        let repeated = repeated(scans);
        let place = self.out.join(DUPLICATES);
        if repeated.is_empty() {
            durable::remove(&place)?;
            return Ok(0);
        }
        let mut found: BTreeMap<Digest, Duplicate> = BTreeMap::new();
        for (record, places) in repeated {
            let record = read_record(&records[record as usize])?;
            for (digest, source) in places {
                let scan = &record.sources[source as usize];
                let duplicate = found.entry(digest).or_insert_with(|| Duplicate {
                    sha256: digest,
                    bytes: scan.bytes,
                    places: Vec::new(),
                });
                duplicate.places.push(DuplicatePlace {
                    folder: record.folder.clone(),
                    name: scan.name.clone(),
                });
            }
        }
        let half = self.work().join(DUPLICATES);
        durable::write_parts(&half, |put| {
            for duplicate in found.values() {
                put(&line(duplicate))?;
            }
            Ok(())
        })?;
        durable::rename(&half, &place)?;
        Ok(found.len() as u64)
    }
}

/// Of those that occur more than once, by record: each digest with its source.
fn repeated(scans: Vec<(Digest, Place)>) -> BTreeMap<u32, Vec<(Digest, u32)>> {
    let mut by_record: BTreeMap<u32, Vec<(Digest, u32)>> = BTreeMap::new();
    let same = scans.chunk_by(|(left, _), (right, _)| left == right);
    for &(digest, (record, source)) in same.filter(|same| same.len() > 1).flatten() {
        by_record.entry(record).or_default().push((digest, source));
    }
    // In the order in which they stand in the dossier.
    for places in by_record.values_mut() {
        places.sort_unstable_by_key(|&(_, source)| source);
    }
    by_record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_occurs_twice_is_kept_in_the_order_of_the_manifest() {
        let [a, b, c] = ["a", "b", "c"].map(|text| Digest::of(text.as_bytes()));
        let mut scans = vec![
            (a, (0, 0)),
            (b, (0, 1)),
            (a, (0, 2)),
            (c, (1, 0)),
            (b, (2, 0)),
        ];
        scans.sort_unstable();
        let found = repeated(scans);
        let expected = BTreeMap::from([(0, vec![(a, 0), (b, 1), (a, 2)]), (2, vec![(b, 0)])]);
        assert_eq!(found, expected);
    }
}
