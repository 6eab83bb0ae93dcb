//! A little PKI whose certificates name servers on the loopback, and these servers: a time-stamping
//! authority (`openssl ts`), an OCSP responder (`openssl ocsp`) and a place of revocation lists, each in
//! any of the ways in which weak lines and hotels' login pages fail.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::authority;
use crate::tools::said;

/// How a server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As it should.
    Good,
    /// A byte now and then.
    Slow,
    /// Bytes without end.
    Endless,
    /// A login page.
    Html,
    /// An error of its own.
    Broken,
}

/// The ways that are no good.
pub const BAD: [Way; 4] = [Way::Slow, Way::Endless, Way::Html, Way::Broken];

/// The servers that certificates and plan name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    Tsa,
    Ocsp,
    Lists,
}

const SERVERS: [(Server, &str, &str); 3] = [
    (Server::Tsa, "/tsa", "application/timestamp-reply"),
    (Server::Ocsp, "/ocsp", "application/ocsp-response"),
    (Server::Lists, "/root.crl", "application/pkix-crl"),
];

/// The PKI's folder and the servers.
pub struct Lab {
    folder: tempfile::TempDir,
    url: String,
    ways: Arc<Mutex<Vec<(Server, Way)>>>,
}

impl Lab {
    pub fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        make_pki(folder.path(), &url);
        let ways = Arc::new(Mutex::new(Vec::new()));
        let (place, behaviour) = (folder.path().to_owned(), ways.clone());
        thread::spawn(move || {
            let config = authority::configure(&place, &place);
            for connection in listener.incoming().flatten() {
                let (place, config) = (place.clone(), config.clone());
                let behaviour = behaviour.clone();
                thread::spawn(move || serve(connection, &place, &config, &behaviour));
            }
        });
        Self { folder, url, ways }
    }

    /// From now on these servers behave so, and all others as they should.
    pub fn set(&self, ways: &[(Server, Way)]) {
        *self.ways.lock().expect("no holder of this lock panics") = ways.to_vec();
    }

    /// A file of the PKI.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A plan of this level that asks these servers, impatiently.
    pub fn plan(&self, level: &str, if_unreached: &str) -> PathBuf {
        let text = format!(
            "[recognize]\nmax_page_ms = 600000\n[seal]\nlevel = {level:?}\ntsa = \"{}/tsa\"\n\
             if_unreached = {if_unreached:?}\nevidence = [{:?}]\n\
             [seal.patience]\nmax_try_ms = 3000\ntries = 1\npause_ms = 1\n",
            self.url,
            self.path("root.pem"),
        );
        let path = self.path(&format!("{level}.{if_unreached}.toml"));
        fs::write(&path, text).expect("can be written");
        path
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let made = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output();
    let made = made.expect("openssl runs");
    assert!(made.status.success(), "{arguments:?}: {}", said(&made));
}

/// A root, a signer and a time-stamping authority below it, and the root's list.
fn make_pki(folder: &Path, url: &str) {
    let config = format!(
        "[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nO = To chuc gia dinh\nCN = $ENV::CN\n\
         [root]\nbasicConstraints = critical, CA:true\nkeyUsage = critical, keyCertSign, cRLSign, digitalSignature\n\
         subjectKeyIdentifier = hash\n\
         [holder]\nkeyUsage = critical, digitalSignature\nauthorityKeyIdentifier = keyid\n\
         authorityInfoAccess = OCSP;URI:{url}/ocsp\ncrlDistributionPoints = URI:{url}/root.crl\n\
         [stamper]\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = critical, timeStamping\n\
         authorityKeyIdentifier = keyid\nauthorityInfoAccess = OCSP;URI:{url}/ocsp\n\
         crlDistributionPoints = URI:{url}/root.crl\n\
         [ca]\ndefault_ca = here\n[here]\ndatabase = index\nserial = serial\ncrlnumber = crlnumber\n\
         new_certs_dir = .\ndefault_md = sha256\ndefault_days = 3650\ndefault_crl_days = 30\npolicy = any\n\
         [any]\norganizationName = optional\ncommonName = supplied\n"
    );
    fs::write(folder.join("pki.cnf"), config).expect("can be written");
    fs::write(folder.join("index"), "").expect("can be written");
    for counter in ["serial", "crlnumber"] {
        fs::write(folder.join(counter), "1000\n").expect("can be written");
    }
    let named = |name: &str, arguments: &[&str]| {
        let made = Command::new("openssl")
            .args(arguments)
            .env("CN", name)
            .current_dir(folder)
            .output();
        let made = made.expect("openssl runs");
        assert!(made.status.success(), "{arguments:?}: {}", said(&made));
    };
    let root = "req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 7300 -config pki.cnf -extensions root";
    named("Goc thu", &root.split(' ').collect::<Vec<_>>());
    for (name, extensions) in [("signer", "holder"), ("tsa", "stamper")] {
        let request = format!(
            "req -new -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -config pki.cnf"
        );
        named(name, &request.split(' ').collect::<Vec<_>>());
        let certify = format!(
            "ca -batch -notext -config pki.cnf -cert root.pem -keyfile root.key -in {name}.csr -out {name}.pem -extensions {extensions}"
        );
        named(name, &certify.split(' ').collect::<Vec<_>>());
    }
    let list = "ca -gencrl -config pki.cnf -cert root.pem -keyfile root.key -out root.crl.pem";
    named("-", &list.split(' ').collect::<Vec<_>>());
    let der = "crl -in root.crl.pem -outform DER -out root.crl.der";
    openssl(folder, &der.split(' ').collect::<Vec<_>>());
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("is made");
    let bundle = read("signer.key") + &read("signer.pem") + &read("root.pem");
    fs::write(folder.join("signer_bundle.pem"), bundle).expect("can be written");
    // The names that the authority of the other tests knows.
    fs::write(folder.join("tsa_bundle.pem"), read("tsa.key")).expect("can be written");
    fs::write(folder.join("issuing.pem"), read("root.pem")).expect("can be written");
}

fn serve(
    mut connection: TcpStream,
    folder: &Path,
    config: &Path,
    ways: &Mutex<Vec<(Server, Way)>>,
) {
    let Some((path, body)) = request(&mut connection) else {
        return; // hung up before it asked
    };
    let Some((server, _, kind)) = SERVERS.iter().find(|(_, known, _)| *known == path) else {
        return;
    };
    let ways = ways.lock().expect("no holder of this lock panics").clone();
    let way = ways.iter().find(|(of, _)| of == server);
    let head = |status: &str, kind: &str, rest: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n{rest}\r\n")
    };
    let mut say = |bytes: &[u8]| connection.write_all(bytes).is_ok();
    match way.map_or(Way::Good, |(_, way)| *way) {
        Way::Good => {
            let answer = answer(*server, folder, config, &body);
            let rest = format!("Content-Length: {}\r\n", answer.len());
            say(&[head("200 OK", kind, &rest).as_bytes(), &answer].concat());
        }
        Way::Slow => {
            let mut going = say(head("200 OK", kind, "").as_bytes());
            while going {
                thread::sleep(Duration::from_millis(100));
                going = say(&[0x30]);
            }
        }
        Way::Endless => {
            let mut going = say(head("200 OK", kind, "").as_bytes());
            while going {
                going = say(&[0x30; 1 << 16]);
            }
        }
        Way::Html => {
            let page = "<html>Đăng nhập</html>";
            let rest = format!("Content-Length: {}\r\n", page.len());
            say((head("200 OK", "text/html", &rest) + page).as_bytes());
        }
        Way::Broken => {
            say(head("500 Error", "text/plain", "Content-Length: 0\r\n").as_bytes());
        }
    }
}

fn answer(server: Server, folder: &Path, config: &Path, body: &[u8]) -> Vec<u8> {
    // Connections are served side by side, the tools write to files.
    let own = tempfile::tempdir().expect("a folder");
    let (asked, reply) = (own.path().join("asked"), own.path().join("reply"));
    fs::write(&asked, body).expect("can be written");
    let (asked, reply) = (asked.display().to_string(), reply.display().to_string());
    match server {
        Server::Tsa => {
            // One at a time: `openssl ts` counts in a file.
            static STAMPING: Mutex<()> = Mutex::new(());
            let _one = STAMPING.lock().unwrap_or_else(|held| held.into_inner());
            return authority::reply(body, own.path(), config, folder);
        }
        Server::Lists => return fs::read(folder.join("root.crl.der")).expect("is made"),
        Server::Ocsp => openssl(
            folder,
            &[
                "ocsp", "-index", "index", "-CA", "root.pem", "-rsigner", "root.pem", "-rkey",
                "root.key", "-ndays", "1", "-reqin", &asked, "-respout", &reply,
            ],
        ),
    }
    fs::read(reply).expect("is made")
}

/// Path and body of one HTTP request.
fn request(connection: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        connection.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let path = head.split(' ').nth(1)?.to_owned();
    let mut lengths = head
        .lines()
        .filter_map(|line| line.strip_prefix("content-length: "));
    let length = lengths.next().map_or(Ok(0), |length| length.trim().parse());
    let mut body = vec![0; length.ok()?];
    connection.read_exact(&mut body).ok()?;
    Some((path, body))
}
