//! Certificates and lists as files bring them: DER, or one PEM block behind the other.

use rustls_pki_types::pem::{PemObject, SectionKind};

/// The DER values in a file; bytes that are no PEM are taken for one.
pub(super) fn ders(bytes: &[u8]) -> Vec<Vec<u8>> {
    let blocks = <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes);
    let ders: Vec<Vec<u8>> = blocks
        .filter_map(|block| match block.ok()? {
            (SectionKind::Certificate | SectionKind::Crl, der) => Some(der),
            _ => None,
        })
        .collect();
    match ders.is_empty() {
        true => vec![bytes.to_vec()],
        false => ders,
    }
}
