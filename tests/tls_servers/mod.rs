//! Roots and certificates of servers for the tests that speak TLS, made when they run.
#![allow(dead_code)] // each test binary takes what it needs

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use time::OffsetDateTime;
use time::macros::datetime;

/// After every test's day.
pub const FAR: OffsetDateTime = datetime!(2099-01-01 0:00 UTC);

/// An agency's own root.
pub struct Root {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate.
    pub pem: String,
}

impl Root {
    /// A new one; all have the same name.
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "Gốc thử của cơ quan");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("signs").pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// Certificate and key of a server of this name, good until then, as files.
    pub fn server(&self, folder: &Path, name: &str, until: OffsetDateTime) -> [PathBuf; 2] {
        let (params, key) = (of_server(name, until), KeyPair::generate().expect("a key"));
        let certificate = params.signed_by(&key, &self.issuer).expect("signs");
        written(folder, &certificate, &key)
    }
}

/// A certificate that is its own authority, as PostgreSQL's handbook makes them, with its key.
pub fn self_made(folder: &Path, name: &str) -> [PathBuf; 2] {
    let (mut params, key) = (of_server(name, FAR), KeyPair::generate().expect("a key"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).expect("signs");
    written(folder, &certificate, &key)
}

fn of_server(name: &str, until: OffsetDateTime) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
    params.not_before = datetime!(2026-01-01 0:00 UTC);
    params.not_after = until;
    params
}

fn written(folder: &Path, certificate: &rcgen::Certificate, key: &KeyPair) -> [PathBuf; 2] {
    let place = tempfile::tempdir_in(folder).expect("a folder").keep();
    let texts = [certificate.pem(), key.serialize_pem()];
    ["server.pem", "server.key"].map(|name| {
        let path = place.join(name);
        let text = &texts[usize::from(name.ends_with("key"))];
        fs::write(&path, text).expect("can be written");
        path
    })
}
