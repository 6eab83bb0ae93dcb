//! Time stamps over https: the real authority behind OpenSSL's TLS (Python's `ssl`), with certificates made
//! here. What does not hold is told by its own fault, and nothing of it ever goes in the clear.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use sohoa::formats::timestamp::{MAX_REPLY_BYTES, TimestampFault, Timestamper};
use sohoa::formats::tls::{Roots, TlsFault};
use sohoa::model::{Coded, Digest};
use sohoa::stages::seal::{HttpTimestamper, Patience};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::authority;
use crate::keys::pki;
use crate::tls_servers::{FAR, Root};
use crate::tools::python;

/// The servers, which end with the test.
struct Site(Child);

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// A server for each certificate, all in front of this authority; with their addresses.
fn site(authority: &str, certificates: &[[PathBuf; 2]]) -> (Site, Vec<String>) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authority/behind_tls.py");
    let mut python = Command::new(python());
    python
        .arg(script)
        .arg(authority)
        .args(certificates.concat());
    let child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("Python starts");
    let mut ports = String::new();
    let said = child.stdout.take().expect("piped");
    BufReader::new(said)
        .read_line(&mut ports)
        .expect("its ports");
    let urls = ports
        .split_whitespace()
        .map(|port| format!("https://127.0.0.1:{port}"));
    let urls = urls.collect();
    (Site(child), urls)
}

const PATIENCE: Patience = Patience {
    max_try_ms: 3_000,
    tries: 1,
    pause_ms: 1,
};

/// What an authority at this address says, where these roots are trusted.
fn asked(url: &str, roots: &Roots) -> Result<OffsetDateTime, TimestampFault> {
    let authority = HttpTimestamper::new(url, &PATIENCE, Some(roots))?;
    let token = authority.stamp(&Digest::of(b"signature"))?;
    Ok(token.at())
}

fn trusting(root: &Root) -> Roots {
    Roots::of_pem("root.pem", root.pem.as_bytes()).expect("a root")
}

fn refused(url: &str, roots: &Roots) -> TlsFault {
    match asked(url, roots) {
        Err(TimestampFault::Tls(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

/// A server in the clear that says this to whoever comes, or nothing.
fn in_the_clear(says: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    thread::spawn(move || {
        let mut kept = Vec::new();
        for mut connection in listener.incoming().flatten() {
            let _ = connection.write_all(says);
            kept.push(connection);
        }
    });
    address
}

#[test]
fn an_authority_behind_tls_stamps_and_one_that_is_not_to_be_trusted_is_told_by_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, other) = (Root::new(), Root::new());
    let over = datetime!(2026-03-01 0:00 UTC);
    let certificates = [
        ours.server(folder.path(), "127.0.0.1", FAR),
        ours.server(folder.path(), "tsa.example", FAR),
        ours.server(folder.path(), "127.0.0.1", over),
    ];
    let plain = authority::start(pki());
    let (_site, urls) = site(&plain, &certificates);
    let [good, misnamed, expired] = urls.as_slice() else {
        panic!("three servers: {urls:?}");
    };
    let roots = trusting(&ours);
    assert!(asked(good, &roots).is_ok());
    let place = |url: &str| url.trim_start_matches("https://").to_owned();
    let server = place(good);
    assert_eq!(
        refused(good, &trusting(&other)),
        TlsFault::UnknownRoot { server }
    );
    assert_eq!(
        refused(misnamed, &roots),
        TlsFault::WrongName {
            server: place(misnamed),
            names: "tsa.example".to_owned()
        }
    );
    assert_eq!(
        refused(expired, &roots),
        TlsFault::Expired {
            server: place(expired),
            day: "2026-03-01".to_owned()
        }
    );
    // Out of TLS leads no redirect, into it no address of http; and the limits are those of http.
    let redirected = asked(&format!("{good}/redirect"), &roots);
    assert_eq!(redirected, Err(TimestampFault::HttpStatus { status: 302 }));
    let max_bytes = MAX_REPLY_BYTES;
    let flooded = asked(&format!("{good}/flood"), &roots);
    assert_eq!(flooded, Err(TimestampFault::TooLarge { max_bytes }));
    let in_clear = asked(&good.replace("https", "http"), &roots);
    assert!(
        matches!(in_clear, Err(TimestampFault::NoAnswer { .. })),
        "{in_clear:?}"
    );
}

#[test]
fn a_server_that_speaks_no_tls_at_the_port_gets_nothing_and_a_silent_one_ends_in_time() {
    let roots = trusting(&Root::new());
    let server = in_the_clear(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    let told = refused(&format!("https://{server}/"), &roots);
    assert_eq!(told, TlsFault::NoTls { server });
    let began = Instant::now();
    let silent = asked(&format!("https://{}/", in_the_clear(b"")), &roots);
    assert_eq!(silent, Err(TimestampFault::TooSlow { seconds: 3 }));
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn files_that_hold_no_roots_are_refused_before_anybody_is_asked() {
    for bytes in [
        &b""[..],
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"no certificate",
    ] {
        let fault = Roots::of_pem("gốc.pem", bytes).expect_err("holds none");
        assert_eq!(fault.code(), "TLS-002");
    }
}
