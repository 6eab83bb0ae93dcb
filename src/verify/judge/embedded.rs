//! The validation data that lies in a file: `/DSS` with certificates, lists and answers
//! (ETSI EN 319 142-1, 5.4; ISO 32000-2, 12.8.4.3).

use std::sync::Arc;

use lopdf::{Dictionary, Document, Object};

use super::crl::List;
use super::facts::Origin;
use super::ocsp::Answer;
use super::revocation::Material;
use crate::verify::certificate::Cert;

/// Streams looked at of one kind, and what one of them may unpack to.
const MOST_STREAMS: usize = 256;
const STREAM_BYTES: usize = 16 << 20;

/// What lies in a file.
#[derive(Default)]
pub struct Embedded {
    /// Certificates.
    pub certs: Vec<Cert>,
    /// Lists and answers.
    pub material: Material,
}

impl Embedded {
    /// Reads the newest `/DSS`; what cannot be read is left out.
    pub fn of(document: &Document) -> Self {
        let mut found = Self::default();
        let store = document.catalog().ok();
        let store = store.and_then(|catalog| catalog.get_deref(b"DSS", document).ok());
        let Some(store) = store.and_then(|store| store.as_dict().ok()) else {
            return found;
        };
        let per_signature = store.get_deref(b"VRI", document).and_then(Object::as_dict);
        let per_signature = per_signature.into_iter().flat_map(|all| all.iter());
        let per_signature = per_signature.filter_map(|(_, one)| {
            let (_, one) = document.dereference(one).ok()?;
            one.as_dict().ok()
        });
        let stores: Vec<&Dictionary> = std::iter::once(store)
            .chain(per_signature.take(MOST_STREAMS))
            .collect();
        for der in streams(document, &stores, [b"Certs", b"Cert"]) {
            found.certs.extend(Cert::from_der(&der));
        }
        let lists = streams(document, &stores, [b"CRLs", b"CRL"]);
        found.add(lists, streams(document, &stores, [b"OCSPs", b"OCSP"]));
        found
    }

    /// Adds lists and answers in DER, such as those inside a signature.
    pub fn add(&mut self, lists: Vec<Vec<u8>>, answers: Vec<Vec<u8>>) {
        for list in lists.iter().filter_map(|der| List::read(der)) {
            self.material.lists.push((Arc::new(list), Origin::Embedded));
        }
        for answer in answers.iter().filter_map(|der| Answer::read(der)) {
            self.certs.extend_from_slice(answer.certs());
            self.material
                .answers
                .push((Arc::new(answer), Origin::Embedded));
        }
    }
}

/// The distinct streams of these entries, unpacked.
fn streams(document: &Document, stores: &[&Dictionary], keys: [&[u8]; 2]) -> Vec<Vec<u8>> {
    let mut ids = Vec::new();
    for store in stores {
        for key in keys {
            let list = store.get_deref(key, document).and_then(Object::as_array);
            ids.extend(
                list.into_iter()
                    .flatten()
                    .filter_map(|one| one.as_reference().ok()),
            );
        }
    }
    ids.sort_unstable();
    ids.dedup();
    let streams = ids.iter().take(MOST_STREAMS).filter_map(|id| {
        let stream = document.get_object(*id).and_then(Object::as_stream).ok()?;
        stream.get_plain_content_with_limit(STREAM_BYTES).ok()
    });
    streams.collect()
}
