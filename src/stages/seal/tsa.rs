//! A time-stamping authority over HTTP (RFC 3161, 3.4).

use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use const_oid::ObjectIdentifier;
use ring::rand::{SecureRandom, SystemRandom};

use super::web::{Patience, Question, Web, WebFault};
use crate::formats::timestamp::{
    MAX_REPLY_BYTES, Nonce, Request, TimestampFault, Timestamper, Token,
};
use crate::formats::tls::Roots;
use crate::model::{Coded, Digest, Retry};

/// Media type of a request.
const QUERY: &str = "application/timestamp-query";

/// Media type of a reply.
const REPLY: &str = "application/timestamp-reply";

/// An authority at an address.
pub struct HttpTimestamper {
    url: String,
    policy: Option<ObjectIdentifier>,
    web: Web,
    random: SystemRandom,
}

impl HttpTimestamper {
    /// The authority at this address, asked with this much patience. Where it is one of https, its
    /// certificate must lead to these roots, else to those that this computer trusts.
    pub fn new(
        url: &str,
        patience: &Patience,
        roots: Option<&Roots>,
    ) -> Result<Self, TimestampFault> {
        let web = Web::new(patience, roots);
        web.agent(url)?;
        Ok(Self {
            url: url.to_owned(),
            policy: None,
            web,
            random: SystemRandom::new(),
        })
    }

    /// The same authority, asked for tokens under this policy alone.
    pub fn under_policy(mut self, policy: ObjectIdentifier) -> Self {
        self.policy = Some(policy);
        self
    }
}

impl Timestamper for HttpTimestamper {
    fn stamp(&self, imprint: &Digest) -> Result<Token, TimestampFault> {
        let mut random = [0; 8];
        self.random
            .fill(&mut random)
            .expect("the kernel gives random bytes to every process");
        let request = Request {
            imprint: *imprint,
            nonce: Nonce::from_random(random),
            policy: self.policy,
        };
        let reply = self.web.ask(&Question {
            url: &self.url,
            body: Some((QUERY, &request.to_der())),
            answers: &[REPLY],
            max_bytes: MAX_REPLY_BYTES,
        })?;
        request.accept(&reply)
    }
}

impl fmt::Debug for HttpTimestamper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTimestamper")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// How long after an authority failed it is not asked again.
const REST: Duration = Duration::from_secs(60);

/// An authority that is spared for a minute after the line failed: a run must not wait at every file
/// as long as it waited at the first.
pub struct Sparing<T> {
    authority: T,
    failed: Mutex<Option<(Instant, TimestampFault)>>,
}

impl<T: Timestamper> Sparing<T> {
    /// Spares this authority.
    pub fn new(authority: T) -> Self {
        Self {
            authority,
            failed: Mutex::new(None),
        }
    }
}

impl<T: Timestamper> Timestamper for Sparing<T> {
    fn stamp(&self, imprint: &Digest) -> Result<Token, TimestampFault> {
        let failed = || self.failed.lock().expect("no holder of this lock panics");
        if let Some((_, fault)) = failed().as_ref().filter(|(at, _)| at.elapsed() < REST) {
            return Err(fault.clone());
        }
        let outcome = self.authority.stamp(imprint);
        if let Err(fault) = &outcome
            && fault.retry() == Retry::Later
        {
            *failed() = Some((Instant::now(), fault.clone()));
        }
        outcome
    }
}

impl From<WebFault> for TimestampFault {
    fn from(fault: WebFault) -> Self {
        match fault {
            WebFault::Address(address) => Self::Address { address },
            WebFault::Tls(fault) => Self::Tls(fault),
            WebFault::NoAnswer(cause) => Self::NoAnswer { cause },
            WebFault::TooSlow(seconds) => Self::TooSlow { seconds },
            WebFault::Status(status) => Self::HttpStatus { status },
            WebFault::MediaType(content_type) => Self::NotAReply { content_type },
            WebFault::TooLarge(max_bytes) => Self::TooLarge { max_bytes },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use time::macros::datetime;

    use super::*;
    use crate::formats::fictional_signer::Authority;
    use crate::formats::timestamp::Mismatch;
    use crate::formats::timestamp::fictional::FictionalAuthority;

    const IMPATIENT: Patience = Patience {
        max_try_ms: 400,
        tries: 2,
        pause_ms: 10,
    };

    /// A server on the loopback that deals with each connection by `serve`; counts them.
    fn server(serve: impl Fn(TcpStream) + Send + 'static) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/tsa", listener.local_addr().expect("bound"));
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                serve(connection);
            }
        });
        (url, asked)
    }

    /// The body of the request on this connection.
    fn body(connection: &mut TcpStream) -> Vec<u8> {
        let mut read = Vec::new();
        let mut byte = [0];
        while !read.ends_with(b"\r\n\r\n") {
            connection.read_exact(&mut byte).expect("a head");
            read.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&read).to_lowercase();
        assert!(head.starts_with("post /tsa") && head.contains(&format!("content-type: {QUERY}")));
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.expect("a length").parse().expect("a number")];
        connection.read_exact(&mut body).expect("a body");
        body
    }

    fn answer(mut connection: TcpStream, status: &str, kind: &str, bytes: &[u8]) {
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            bytes.len()
        );
        // A client that has seen enough may have hung up.
        let _ = connection.write_all(head.as_bytes());
        let _ = connection.write_all(bytes);
    }

    /// What comes of a server that answers every request with this.
    fn outcome(
        status: &'static str,
        kind: &'static str,
        bytes: Vec<u8>,
    ) -> (TimestampFault, usize) {
        let (url, asked) = server(move |mut connection| {
            body(&mut connection);
            answer(connection, status, kind, &bytes);
        });
        let fault = stamp(&url).expect_err("is no token");
        (fault, asked.load(Ordering::SeqCst))
    }

    fn stamp(url: &str) -> Result<Token, TimestampFault> {
        let authority = HttpTimestamper::new(url, &IMPATIENT, None)?;
        authority.stamp(&Digest::of(b"signature"))
    }

    fn authority() -> FictionalAuthority {
        FictionalAuthority::below(&Authority::root(), datetime!(2026-11-21 08:00 UTC))
    }

    #[test]
    fn an_honest_authority_stamps_and_is_asked_once() {
        let honest = authority();
        let (url, asked) = server(move |mut connection| {
            let reply = honest.reply(&body(&mut connection), |_| {});
            answer(connection, "200 OK", REPLY, &reply);
        });
        let token = stamp(&url).expect("honest");
        assert_eq!(token.at(), datetime!(2026-11-21 08:00 UTC));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_server_that_comes_back_is_asked_again() {
        let honest = authority();
        let first = AtomicUsize::new(0);
        let (url, asked) = server(move |mut connection| {
            let request = body(&mut connection);
            match first.fetch_add(1, Ordering::SeqCst) {
                0 => answer(connection, "503 Busy", "text/plain", b"later"),
                _ => answer(connection, "200 OK", REPLY, &honest.reply(&request, |_| {})),
            }
        });
        assert!(stamp(&url).is_ok());
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_reply_to_somebody_else_is_refused() {
        let honest = authority();
        let (url, _) = server(move |mut connection| {
            let request = body(&mut connection);
            let reply = honest.reply(&request, |saying| saying.nonce = Some(vec![0x41; 8]));
            answer(connection, "200 OK", REPLY, &reply);
        });
        assert_eq!(stamp(&url), Err(TimestampFault::Token(Mismatch::Nonce)));
    }

    #[test]
    fn pages_errors_redirects_and_floods_are_refused_and_tried_again_only_where_it_may_help() {
        let (fault, asked) = outcome("200 OK", "text/html; charset=utf-8", b"<html>".to_vec());
        let content_type = "text/html".to_owned();
        assert_eq!(
            (fault, asked),
            (TimestampFault::NotAReply { content_type }, 1)
        );
        let (fault, asked) = outcome("500 No", "text/plain", vec![]);
        assert_eq!(
            (fault, asked),
            (TimestampFault::HttpStatus { status: 500 }, 2)
        );
        let (fault, asked) = outcome("302 Found\r\nLocation: http://127.0.0.1:1/", REPLY, vec![]);
        assert_eq!(
            (fault, asked),
            (TimestampFault::HttpStatus { status: 302 }, 1)
        );
        let (fault, asked) = outcome("200 OK", REPLY, vec![0x30; MAX_REPLY_BYTES + 1]);
        let max_bytes = MAX_REPLY_BYTES;
        assert_eq!((fault, asked), (TimestampFault::TooLarge { max_bytes }, 1));
        let (fault, asked) = outcome("200 OK", REPLY, b"no reply".to_vec());
        assert_eq!((fault, asked), (TimestampFault::Unreadable, 1));
    }

    #[test]
    fn an_endless_body_and_a_slow_drip_end_in_time() {
        let flood = |mut connection: TcpStream| {
            body(&mut connection);
            let _ = connection
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\n\r\n");
            while connection.write_all(&[0x30; 4096]).is_ok() {}
        };
        let (url, _) = server(flood);
        let max_bytes = MAX_REPLY_BYTES;
        assert_eq!(stamp(&url), Err(TimestampFault::TooLarge { max_bytes }));
        let drip = |mut connection: TcpStream| {
            body(&mut connection);
            let _ = connection
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\n\r\n");
            while connection.write_all(&[0x30]).is_ok() {
                thread::sleep(Duration::from_millis(50));
            }
        };
        let (url, _) = server(drip);
        let began = Instant::now();
        assert_eq!(stamp(&url), Err(TimestampFault::TooSlow { seconds: 1 }));
        assert!(began.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_closed_connection_and_an_absent_server_are_told_as_no_answer() {
        let (url, asked) = server(drop);
        assert!(matches!(stamp(&url), Err(TimestampFault::NoAnswer { .. })));
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        let port = TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr();
        let nobody = format!("http://{}/", port.expect("bound"));
        assert!(matches!(
            stamp(&nobody),
            Err(TimestampFault::NoAnswer { .. })
        ));
    }

    #[test]
    fn an_authority_whose_line_failed_is_spared_and_one_that_refuses_is_not() {
        let (url, asked) = server(drop);
        let spared =
            Sparing::new(HttpTimestamper::new(&url, &IMPATIENT, None).expect("an address"));
        let first = spared.stamp(&Digest::of(b"a")).expect_err("hangs up");
        assert_eq!(spared.stamp(&Digest::of(b"b")), Err(first));
        assert_eq!(
            asked.load(Ordering::SeqCst),
            2,
            "two tries at the first, none at the second"
        );
        let (url, asked) = server(|mut connection| {
            body(&mut connection);
            answer(connection, "403 No", "text/plain", b"");
        });
        let refused =
            Sparing::new(HttpTimestamper::new(&url, &IMPATIENT, None).expect("an address"));
        for _ in 0..2 {
            assert!(refused.stamp(&Digest::of(b"a")).is_err());
        }
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn an_address_that_is_not_of_http_is_refused_before_anybody_is_asked() {
        for address in [
            "tsa.ca.gov.vn",
            "ftp://tsa.example/",
            "file:///etc/passwd",
            "",
        ] {
            let fault = stamp(address).expect_err("is none");
            assert_eq!(
                fault,
                TimestampFault::Address {
                    address: address.to_owned()
                }
            );
        }
    }
}
