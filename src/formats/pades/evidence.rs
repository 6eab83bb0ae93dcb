//! Level B-LT: what judges a signature later, kept in the file (ETSI EN 319 142-1, 5.4.2):
//! `/DSS` with certificates, OCSP answers and revocation lists, as a revision of its own.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object, ObjectId, dictionary};
use ring::digest;

use super::base::{Base, BaseFault};
use super::revision::{Revision, put};
use super::{PadesFault, SignedPdf, identity, reread};
use crate::model::Digest;

/// Everything that the newest signature or time stamp of a file is judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValidationData {
    /// Certificates in DER, signers' and authorities'.
    pub certificates: Vec<Vec<u8>>,
    /// OCSP responses in DER (OCSPResponse of RFC 6960, 4.2.1).
    pub ocsps: Vec<Vec<u8>>,
    /// Revocation lists in DER.
    pub crls: Vec<Vec<u8>>,
}

/// The streams of one kind that `/DSS` names, the known ones by their digests.
struct Shelf {
    references: Vec<ObjectId>,
    known: BTreeMap<Digest, ObjectId>,
}

/// A signed file with validation data for its newest signature behind it. What the file holds already
/// stays and is not written twice; the bytes given stay the exact beginning.
pub fn with_validation_data(file: &[u8], data: &ValidationData) -> Result<SignedPdf, PadesFault> {
    let base = Base::read_with_evidence(file)?;
    let (_, contents) = reread::newest_string(&base)?;
    let mut revision = Revision::after(&base, 0);
    let mut store = existing_store(&base)?;
    let mut entry = Dictionary::new();
    for (key, own_key, values) in [
        ("Certs", "Cert", &data.certificates),
        ("OCSPs", "OCSP", &data.ocsps),
        ("CRLs", "CRL", &data.crls),
    ] {
        let mut shelf = Shelf::of(&base, &store, key);
        let own = values.iter().map(|der| shelf.put(&mut revision, der));
        let own: Vec<ObjectId> = own.collect();
        if !own.is_empty() {
            entry.set(own_key, references(&own));
            store.set(key, references(&shelf.references));
        }
    }
    let mut entries = inner(&base, &store, b"VRI").cloned().unwrap_or_default();
    entries.set(vri_key(contents), entry);
    store.set("VRI", entries);
    let store_id = revision.new_id();
    revision.write(store_id, &Object::Dictionary(store));
    let mut catalog = base.catalog()?.clone();
    catalog.set("DSS", store_id);
    revision.write(base.root_id(), &Object::Dictionary(catalog));
    let bytes = revision.finish(&base, &identity(&base, &[b"validation data"]));
    reread::confirm_evidence(&bytes, &base)?;
    Ok(SignedPdf { bytes })
}

impl Shelf {
    fn of(base: &Base<'_>, store: &Dictionary, key: &str) -> Self {
        let list = store.get(key.as_bytes()).ok();
        let list = list.and_then(|list| base.resolved(list)?.as_array().ok());
        let ids = list.into_iter().flatten();
        let references: Vec<ObjectId> = ids.filter_map(|id| id.as_reference().ok()).collect();
        let digest = |id: &ObjectId| {
            let reference = Object::Reference(*id);
            let stream = base.resolved(&reference)?.as_stream().ok()?;
            // Another writer may have deflated it; then it is written once more, which does no harm.
            Some((Digest::of(&stream.content), *id))
        };
        Self {
            known: references.iter().filter_map(digest).collect(),
            references,
        }
    }

    /// The stream that holds these bytes, written where there is none yet.
    fn put(&mut self, revision: &mut Revision, der: &[u8]) -> ObjectId {
        let digest = Digest::of(der);
        if let Some(id) = self.known.get(&digest) {
            return *id;
        }
        let id = revision.new_id();
        revision.write_with(id, |bytes| {
            let length = dictionary! { "Length" => der.len() as i64 };
            put(bytes, &Object::Dictionary(length));
            bytes.extend_from_slice(b"\nstream\n");
            bytes.extend_from_slice(der);
            bytes.extend_from_slice(b"\nendstream");
        });
        self.known.insert(digest, id);
        self.references.push(id);
        id
    }
}

/// The file's `/DSS`; empty where it has none.
fn existing_store(base: &Base<'_>) -> Result<Dictionary, BaseFault> {
    let catalog = base.catalog()?;
    Ok(inner(base, catalog, b"DSS").cloned().unwrap_or_default())
}

fn inner<'b>(base: &'b Base<'_>, outer: &'b Dictionary, key: &[u8]) -> Option<&'b Dictionary> {
    base.resolved(outer.get(key).ok()?)?.as_dict().ok()
}

fn references(ids: &[ObjectId]) -> Object {
    Object::Array(ids.iter().copied().map(Object::Reference).collect())
}

/// Upper-case hexadecimal SHA-1 of the string in `/Contents`, its padding among it: a name for the
/// signature, no proof (ETSI EN 319 142-1, 5.4.2.3).
fn vri_key(contents: &[u8]) -> Vec<u8> {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, contents);
    let digits: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    digits.into_bytes()
}
