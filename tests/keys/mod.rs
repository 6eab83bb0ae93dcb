//! The test keys, for every test binary that signs.
#![allow(dead_code)] // each takes what it needs

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The test PKI's folder (`SOHOA_PKI`), made once where no script made it before.
pub fn pki() -> &'static Path {
    static MADE: LazyLock<PathBuf> = LazyLock::new(|| {
        if let Some(made) = std::env::var_os("SOHOA_PKI") {
            return made.into();
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = root.join("target/test/pki");
        let made = Command::new(root.join("scripts/make_test_pki"))
            .arg(&folder)
            .output();
        let made = made.expect("bash runs scripts/make_test_pki");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        folder
    });
    &MADE
}

/// Whom `sohoa verify` and `sohoa check` shall believe: the test root, with the lists of both authorities.
pub fn trust_switches() -> [String; 6] {
    let path = |name: &str| pki().join(name).display().to_string();
    let [trust, crl] = ["--trust", "--crl"].map(str::to_owned);
    [
        trust,
        path("root.pem"),
        crl.clone(),
        path("root.crl.pem"),
        crl,
        path("issuing.crl.pem"),
    ]
}
