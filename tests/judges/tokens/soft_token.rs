//! A token of SoftHSM2 in a folder of its own, with keys of the test PKI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::keys::pki;
use crate::tools::{root, said};

/// The token's label: Vietnamese letters, composed.
pub const LABEL: &str = "Dấu số hóa xã";
/// Its PIN.
pub const PIN: &str = "1234";
/// Where Debian puts SoftHSM2's module.
pub const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
/// Where Debian puts the module of OpenSC that writes down every call and hands it on,
/// in the folder of the architecture.
pub const SPY: &str = if cfg!(target_arch = "aarch64") {
    "/usr/lib/aarch64-linux-gnu/pkcs11-spy.so"
} else {
    "/usr/lib/x86_64-linux-gnu/pkcs11-spy.so"
};

/// A token in a folder.
pub struct SoftToken {
    folder: PathBuf,
}

impl SoftToken {
    /// A token with these keys of the test PKI and their certificates.
    pub fn holding(folder: &Path, keys: &[&str]) -> Self {
        let token = Self::empty(folder);
        for (number, key) in (1..).zip(keys) {
            token.add_key(key, number);
            token.add_certificate(key, number);
        }
        // The chain comes from the token, too.
        token.add_certificate("issuing", 0xca);
        token
    }

    /// A token with this key and nothing that says whose it is.
    pub fn without_certificate(folder: &Path, key: &str) -> Self {
        let token = Self::empty(folder);
        token.add_key(key, 1);
        token
    }

    fn empty(folder: &Path) -> Self {
        let token = Self {
            folder: folder.join("token"),
        };
        fs::create_dir_all(token.folder.join("tokens")).expect("can be made");
        let tokens = token.folder.join("tokens");
        let settings = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            tokens.display()
        );
        fs::write(token.folder.join("softhsm2.conf"), settings).expect("can be written");
        token.run(
            "softhsm2-util",
            &[
                "--init-token",
                "--free",
                "--label",
                LABEL,
                "--so-pin",
                "12345678",
                "--pin",
                PIN,
            ],
        );
        token
    }

    fn add_key(&self, key: &str, number: u8) {
        let pem = self.folder.join("key.pem");
        let p12 = pki().join(format!("{key}.p12"));
        let pass = format!("file:{}", pki().join(format!("{key}.pass")).display());
        let script = "openssl pkcs12 -in \"$0\" -passin \"$1\" -nodes -nocerts | \
                      openssl pkcs8 -topk8 -nocrypt -out \"$2\"";
        let arguments = [p12.as_os_str(), pass.as_ref(), pem.as_os_str()];
        let made = Command::new("sh")
            .arg("-c")
            .arg(script)
            .args(arguments)
            .output();
        let made = made.expect("sh runs");
        assert!(made.status.success(), "{}", said(&made));
        let (pem, id) = (pem.display().to_string(), format!("{number:02x}"));
        let name = format!("khóa {key}");
        self.run(
            "softhsm2-util",
            &[
                "--import", &pem, "--token", LABEL, "--label", &name, "--id", &id, "--pin", PIN,
            ],
        );
    }

    /// Puts a certificate of the test PKI in, under this number.
    pub fn add_certificate(&self, name: &str, number: u8) {
        let der = self.folder.join("certificate.der").display().to_string();
        let pem = pki().join(format!("{name}.pem")).display().to_string();
        self.run(
            "openssl",
            &["x509", "-in", &pem, "-outform", "DER", "-out", &der],
        );
        let id = format!("{number:02x}");
        self.run(
            "pkcs11-tool",
            &[
                "--module",
                MODULE,
                "--token-label",
                LABEL,
                "--login",
                "--pin",
                PIN,
                "--write-object",
                &der,
                "--type",
                "cert",
                "--id",
                &id,
                "--label",
                name,
            ],
        );
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(program);
        self.serve(command.args(arguments));
        let output = command.output();
        let output = output.unwrap_or_else(|error| panic!("{program} does not run: {error}"));
        assert!(output.status.success(), "{program}: {}", said(&output));
        said(&output)
    }

    /// Lets a program see this token and no other.
    pub fn serve(&self, command: &mut Command) {
        command
            .env("SOFTHSM2_CONF", self.folder.join("softhsm2.conf"))
            .env("PKCS11SPY", MODULE)
            .env("PKCS11SPY_OUTPUT", self.folder.join("calls"));
    }

    /// A module before it that lets signatures fail, compiled for this test.
    pub fn failing_module(&self) -> PathBuf {
        let module = self.folder.join("failing.so");
        let source = root().join("tests/judges/tokens/failing_module.c");
        let arguments = [
            "-shared",
            "-fPIC",
            "-o",
            &module.display().to_string(),
            &source.display().to_string(),
            "-ldl",
        ];
        self.run("cc", &arguments);
        module
    }

    /// The folder that holds it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How often a function was called through the spy.
    pub fn calls(&self, function: &str) -> usize {
        let calls = fs::read(self.folder.join("calls")).expect("the spy wrote");
        let calls = String::from_utf8_lossy(&calls).into_owned();
        let called = |line: &&str| line.split(": ").nth(1) == Some(function);
        calls.lines().filter(called).count()
    }

    /// What the token says of itself.
    pub fn flags(&self) -> String {
        self.run("pkcs11-tool", &["--module", MODULE, "--list-token-slots"])
    }
}
