//! Debian's PostgreSQL by TLS (OpenSSL on its side): taken where its certificate holds, and told by what is
//! wrong where not. Never in the clear where TLS was asked for, and no password in any message.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use sohoa::import::Store;
use sohoa::model::Coded;
use time::macros::datetime;

use crate::databases::{Server, rows};
use crate::deliveries::{draft, import};
use crate::support::expect_exit;
use crate::tls_servers::{FAR, Root, self_made};

const PASSWORD: &str = "bi-mat-cua-kho";

/// A server with a role that has a password and a database.
struct Scene {
    folder: tempfile::TempDir,
    server: Server,
    port: u16,
}

fn scene() -> Scene {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
    let port = free.expect("a port").port();
    let server = Server::start_at(port);
    server.database("kho");
    server.run(&[&format!("ALTER ROLE sohoa PASSWORD '{PASSWORD}'")]);
    Scene {
        folder: tempfile::tempdir().expect("a folder"),
        server,
        port,
    }
}

impl Scene {
    /// The roots' file, by its name in an address.
    fn file(&self, name: &str, pem: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, pem).expect("can be written");
        in_address(&path)
    }

    fn address(&self, host: &str, parameters: &str) -> String {
        let port = self.port;
        format!("postgres://sohoa:{PASSWORD}@{host}:{port}/kho?{parameters}")
    }

    /// The fault's code where the store cannot be opened; its words hold no password.
    fn told(&self, host: &str, parameters: &str) -> &'static str {
        match Store::open(&self.address(host, parameters), None) {
            Ok(_) => "",
            Err(fault) => {
                let words = format!("{fault} {fault:?} {:?}", fault.params());
                assert!(!words.contains(PASSWORD), "{words}");
                fault.code()
            }
        }
    }
}

fn in_address(path: &Path) -> String {
    path.display().to_string().replace('/', "%2F")
}

#[test]
fn a_server_is_taken_where_its_certificate_holds_and_else_told_by_what_is_wrong() {
    let scene = scene();
    let here = scene.folder.path();
    let (ours, other) = (Root::new(), Root::new());
    let root = scene.file("gốc.pem", &ours.pem);
    let full = format!("sslmode=verify-full&sslrootcert={root}");
    let require = format!("sslmode=require&sslrootcert={root}");
    let strange = format!(
        "sslmode=require&sslrootcert={}",
        scene.file("gốc khác.pem", &other.pem)
    );

    scene
        .server
        .speak_tls(Some(&ours.server(here, "localhost", FAR)));
    let out = here.join("gói");
    draft(1).write(&out);
    // With the password, and bound to this very channel (SCRAM-SHA-256-PLUS), as the rules of the server ask.
    expect_exit(&mut import(&out, &scene.address("localhost", &full)), 0);
    let count = rows(
        &scene.server.database("kho"),
        "SELECT COUNT(*) FROM dossier",
    );
    assert_eq!(count, ["1"]);
    assert_eq!(scene.told("127.0.0.1", &require), "");
    // Nobody vouches for the server, which is this machine: as libpq, by TLS where there is TLS.
    assert_eq!(scene.told("localhost", ""), "");
    assert_eq!(scene.told("127.0.0.1", "sslmode=disable"), "IMP-001");
    assert_eq!(scene.told("127.0.0.1", &full), "TLS-006");
    assert_eq!(scene.told("localhost", &strange), "TLS-003");
    let refused = expect_exit(&mut import(&out, &scene.address("localhost", &strange)), 8).stderr;
    let refused = String::from_utf8(refused).expect("UTF-8");
    assert!(
        refused.contains("TLS-003") && !refused.contains(PASSWORD),
        "{refused}"
    );

    let over = datetime!(2026-03-01 0:00 UTC);
    scene
        .server
        .speak_tls(Some(&ours.server(here, "localhost", over)));
    assert_eq!(scene.told("localhost", &require), "TLS-004");

    let own: [PathBuf; 2] = self_made(here, "localhost");
    scene.server.speak_tls(Some(&own));
    let itself = format!("sslmode=verify-full&sslrootcert={}", in_address(&own[0]));
    assert_eq!(scene.told("localhost", &itself), "");
    assert_eq!(scene.told("127.0.0.1", &itself), "TLS-006");
    assert_eq!(scene.told("localhost", &require), "TLS-003");

    scene.server.speak_tls(None);
    assert_eq!(scene.told("localhost", &require), "TLS-008");
}
