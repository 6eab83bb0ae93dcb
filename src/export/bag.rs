//! BagIt 1.0 (RFC 8493): a bag a dossier, its payload the dossier's folder as it stands in the package.
//!
//! Tag files under `sohoa/` hold the batch's header and its signature, so that a bag by itself still
//! says which delivery it is of.

use std::collections::BTreeMap;
use std::path::Path;

use super::Exporter;
use super::fault::{ExportFault, Refused};
use super::staged::{Staged, copy_new, write_new};
use super::subject::Subject;
use crate::model::Digest;
use crate::verify::delivery::Delivery;

const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
/// Length in bytes of the longest record of a dossier that is read whole.
const RECORD_BYTES: u64 = 16 << 20;
/// Length in bytes of the signature over the header.
const SIGNATURE_BYTES: u64 = 4 << 20;

/// A folder of bags in the making.
pub struct Bags<'d> {
    delivery: &'d Delivery,
    staged: Staged,
    /// The day of bagging: that of the delivery.
    day: String,
}

impl<'d> Bags<'d> {
    /// An empty folder.
    pub fn new(delivery: &'d Delivery, target: &Path) -> Result<Self, ExportFault> {
        let staged = Staged::at(target)?;
        staged.folder()?;
        let created = &delivery.header().created;
        let day = created.get(..10).unwrap_or(created).to_owned();
        Ok(Self {
            delivery,
            staged,
            day,
        })
    }

    fn copy(&self, bag: &Path, name: &str, path: &str) -> Result<(), ExportFault> {
        copy_new(&bag.join("data").join(name), self.delivery.stream(path)?)
    }

    /// The payload: names below `data/` with digest and length.
    fn payload(&self, subject: &Subject<'_>, bag: &Path) -> Result<Payload, ExportFault> {
        let dossier = subject.dossier;
        let base = format!("dossiers/{}", dossier.code);
        let mut payload = Payload::default();
        let named = dossier.files.iter().zip(&subject.names);
        for ((file, name), document) in named.zip(subject.documents()) {
            self.copy(bag, name, &file.path)?;
            payload.add(name, file.sha256, file.bytes);
            if let Some(text) = &document.text {
                let beside = name.replace(".pdf", ".txt");
                self.copy(bag, &beside, &format!("{base}/{}", text.file))?;
                payload.add(&beside, text.sha256, text.bytes);
            }
        }
        for source in &dossier.record.sources {
            // Equal scans are kept once; the name holds the digest.
            if let Some(kept) = source.kept.as_deref().filter(|kept| !payload.has(kept)) {
                self.copy(bag, kept, &format!("{base}/{kept}"))?;
                payload.add(kept, source.sha256, source.bytes);
            }
        }
        let record = self
            .delivery
            .read(&format!("{base}/record.json"), RECORD_BYTES)?;
        write_new(&bag.join("data/record.json"), &record)?;
        payload.add("record.json", Digest::of(&record), record.len() as u64);
        Ok(payload)
    }

    fn info(&self, subject: &Subject<'_>, payload: &Payload) -> String {
        let code = &subject.dossier.code;
        let program = format!("sohoa {}", env!("CARGO_PKG_VERSION"));
        format!(
            "Bag-Software-Agent: {program}\nBagging-Date: {}\nExternal-Identifier: {code}\n\
             Payload-Oxum: {}.{}\n",
            self.day,
            payload.bytes,
            payload.files.len()
        )
    }
}

#[derive(Default)]
struct Payload {
    files: BTreeMap<String, Digest>,
    bytes: u64,
}

impl Payload {
    fn add(&mut self, name: &str, sha256: Digest, bytes: u64) {
        self.files.insert(name.to_owned(), sha256);
        self.bytes += bytes;
    }

    fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// Lines of a manifest, sorted by name (RFC 8493, 2.1.3). Our names have no line ends or `%`.
    fn manifest(&self) -> String {
        let lines = self.files.iter();
        lines
            .map(|(name, sha256)| format!("{sha256}  data/{name}\n"))
            .collect()
    }
}

impl Exporter for Bags<'_> {
    fn add(&mut self, subject: &Subject<'_>) -> Result<(), Refused> {
        let bag = self.staged.path().join(subject.dossier.code.as_str());
        let payload = self.payload(subject, &bag)?;
        let mut tags = BTreeMap::from([
            ("bagit.txt", DECLARATION.as_bytes().to_vec()),
            ("bag-info.txt", self.info(subject, &payload).into_bytes()),
            ("manifest-sha256.txt", payload.manifest().into_bytes()),
            ("sohoa/batch.json", self.delivery.header_bytes().to_vec()),
        ]);
        if self.delivery.signature().is_some() {
            let signature = self.delivery.read("batch.jws", SIGNATURE_BYTES);
            tags.insert("sohoa/batch.jws", signature.map_err(ExportFault::from)?);
        }
        let mut of_tags = String::new();
        for (name, bytes) in &tags {
            write_new(&bag.join(name), bytes)?;
            of_tags += &format!("{}  {name}\n", Digest::of(bytes));
        }
        write_new(&bag.join("tagmanifest-sha256.txt"), of_tags.as_bytes())?;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ExportFault> {
        self.staged.put()
    }
}
