//! A real time-stamping authority on the loopback: `openssl ts` behind a few lines of HTTP, with the
//! test PKI's key. For every test binary that stamps.
#![allow(dead_code)] // each takes what it needs

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// Where the authority answers; it does so until the test binary ends.
pub fn start(pki: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    let pki = pki.to_owned();
    thread::spawn(move || {
        let folder = tempfile::tempdir().expect("a folder");
        let config = configure(folder.path(), &pki);
        for connection in listener.incoming().flatten() {
            serve(connection, folder.path(), &config, &pki);
        }
    });
    url
}

/// The configuration of the authority, written into a folder of its own.
pub fn configure(folder: &Path, pki: &Path) -> PathBuf {
    let serial = folder.join("serial");
    fs::write(&serial, "01\n").expect("can be written");
    let text = format!(
        "[tsa]\ndefault_tsa = here\n[here]\nserial = {}\ncrypto_device = builtin\n\
         signer_digest = sha256\ndefault_policy = 1.3.6.1.4.1.99999.1\ndigests = sha256, sha384, sha512\n\
         accuracy = secs:1\nordering = no\ntsa_name = yes\ness_cert_id_chain = no\n\
         ess_cert_id_alg = sha256\ncerts = {}\n",
        serial.display(),
        pki.join("issuing.pem").display()
    );
    let config = folder.join("tsa.cnf");
    fs::write(&config, text).expect("can be written");
    config
}

fn serve(mut connection: TcpStream, folder: &Path, config: &Path, pki: &Path) {
    let Some(query) = body(&mut connection) else {
        return; // hung up before it asked
    };
    let bytes = reply(&query, folder, config, pki);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        bytes.len()
    );
    let _ = connection.write_all(&[head.as_bytes(), &bytes].concat());
}

/// What the authority answers; its tools leave files in this folder.
pub fn reply(query: &[u8], folder: &Path, config: &Path, pki: &Path) -> Vec<u8> {
    let (asked, reply) = (folder.join("query.tsq"), folder.join("reply.tsr"));
    fs::write(&asked, query).expect("can be written");
    let made = Command::new("openssl")
        .args(["ts", "-reply", "-config"])
        .arg(config)
        .arg("-queryfile")
        .arg(&asked)
        .arg("-signer")
        .arg(pki.join("tsa.pem"))
        .arg("-inkey")
        .arg(pki.join("tsa_bundle.pem"))
        .arg("-out")
        .arg(&reply)
        .output()
        .expect("openssl runs");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    fs::read(&reply).expect("is made")
}

/// The body of one HTTP request.
fn body(connection: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        connection.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))?;
    let mut body = vec![0; length.trim().parse().ok()?];
    connection.read_exact(&mut body).ok()?;
    Some(body)
}
