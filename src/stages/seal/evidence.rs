//! What judges a signature later: the certificates above a signer and, for each of them, a revocation
//! list or an OCSP answer. From files of the plan first, else asked for where the certificate says.
//!
//! Nothing is kept in a file that was not checked: lists and answers must be signed by the issuer, be
//! current and say that the certificate is good.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use time::OffsetDateTime;

use super::web::{Patience, Question, Web};
use crate::formats::pades::ValidationData;
use crate::formats::revocation::{
    OcspAnswer, RevocationList, Standing, issued_by, list_urls, ocsp_urls, request_der,
};
use crate::formats::tls::Roots;
use crate::formats::x509::Certificate;
use crate::model::{Coded, Digest, Params, Retry};

/// Longest path of certificates that is followed.
const MAX_PATH: usize = 8;

/// Longest revocation list that is taken: the largest public ones have some 10 MB.
const MAX_LIST_BYTES: usize = 32 << 20;

/// Longest OCSP answer.
const MAX_ANSWER_BYTES: usize = 64 << 10;

/// How long after a server failed it is not asked again: a run must not wait at every file.
const REST: Duration = Duration::from_secs(60);

/// Why a signature cannot be given what judges it later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceFault {
    /// A certificate above the signer's is missing.
    #[error("the issuer of {subject} is missing")]
    IssuerMissing {
        /// Whose issuer.
        subject: String,
    },
    /// Neither a list nor an answer that holds was to be had.
    #[error("nothing tells whether {subject} is revoked")]
    StandingUnknown {
        /// Whose standing.
        subject: String,
    },
    /// A certificate of the path is revoked.
    #[error("{subject} was revoked")]
    Revoked {
        /// Whose certificate.
        subject: String,
        /// Since when.
        since: OffsetDateTime,
    },
    /// A file that the plan names is neither a certificate, a list nor an answer.
    #[error("{name} is none of these")]
    BadFile {
        /// The file.
        name: String,
    },
}

impl Coded for EvidenceFault {
    fn code(&self) -> &'static str {
        match self {
            Self::IssuerMissing { .. } => "SEAL-030",
            Self::StandingUnknown { .. } => "SEAL-031",
            Self::Revoked { .. } => "SEAL-032",
            Self::BadFile { .. } => "SEAL-033",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::IssuerMissing { subject } | Self::StandingUnknown { subject } => {
                Params::from([("subject", subject.clone())])
            }
            Self::Revoked { subject, since } => Params::from([
                ("subject", subject.clone()),
                ("day", since.date().to_string()),
            ]),
            Self::BadFile { name } => Params::from([("name", name.clone())]),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::StandingUnknown { .. } => Retry::Later,
            _ => Retry::AfterPerson,
        }
    }
}

/// Where validation data come from; what was found is remembered for the run.
#[derive(Debug, Default)]
pub struct Evidence {
    certificates: Vec<Vec<u8>>,
    lists: Vec<RevocationList>,
    answers: Vec<OcspAnswer>,
    web: Option<Web>,
    fetched: Mutex<HashMap<Digest, Fetched>>,
}

/// What a server gave, or when it failed.
#[derive(Clone, Debug)]
enum Fetched {
    Bytes(Vec<u8>),
    Failed(Instant),
}

/// One of what the plan's files may hold.
enum Piece {
    List(RevocationList),
    Answer(OcspAnswer),
}

impl Evidence {
    /// From these files' bytes, each by its name: certificates (PEM or DER), lists, answers.
    pub fn of_files<'f>(
        files: impl IntoIterator<Item = (&'f str, Vec<u8>)>,
    ) -> Result<Self, EvidenceFault> {
        let mut evidence = Self::default();
        for (name, bytes) in files {
            for der in super::pem::ders(&bytes) {
                evidence.take(der).ok_or_else(|| EvidenceFault::BadFile {
                    name: name.to_owned(),
                })?;
            }
        }
        Ok(evidence)
    }

    fn take(&mut self, der: Vec<u8>) -> Option<()> {
        if Certificate::read(&der).is_ok() {
            self.certificates.push(der);
        } else if let Some(list) = RevocationList::read(der.clone()) {
            self.lists.push(list);
        } else {
            self.answers.push(OcspAnswer::read(der)?);
        }
        Some(())
    }

    /// The same, and what is missing is asked for over HTTP; a server of https as by [`super::HttpTimestamper`].
    pub fn with_web(mut self, patience: &Patience, roots: Option<&Roots>) -> Self {
        self.web = Some(Web::new(patience, roots));
        self
    }

    /// Adds everything that judges signatures of this certificate at this time; `carried` are
    /// certificates that came with it, `own` those of our own key file.
    ///
    /// The path must end at a root of the plan's files or of our own: what a stranger sends along
    /// leads to no trust.
    pub fn collect(
        &self,
        signer: &[u8],
        carried: &[Vec<u8>],
        own: &[Vec<u8>],
        at: OffsetDateTime,
        data: &mut ValidationData,
    ) -> Result<(), EvidenceFault> {
        let trusted = [&self.certificates, own].concat();
        let known = [&trusted, carried].concat();
        let mut der = signer.to_vec();
        for _ in 0..MAX_PATH {
            keep(&mut data.certificates, &der);
            let unreadable = || EvidenceFault::IssuerMissing {
                subject: "?".to_owned(),
            };
            let certificate = Certificate::read(&der).map_err(|_| unreadable())?;
            let missing = || EvidenceFault::IssuerMissing {
                subject: certificate.subject(),
            };
            if certificate.is_self_issued() {
                let is_trusted = trusted.contains(&der);
                return is_trusted.then_some(()).ok_or_else(missing);
            }
            let issuer_der = issuer_of(&certificate, &known).ok_or_else(missing)?;
            let issuer = Certificate::read(&issuer_der).map_err(|_| unreadable())?;
            match self.standing(&certificate, &issuer, at)? {
                Piece::List(list) => keep(&mut data.crls, list.der()),
                Piece::Answer(answer) => keep(&mut data.ocsps, answer.der()),
            }
            der = issuer_der;
        }
        Err(EvidenceFault::IssuerMissing {
            subject: "…".to_owned(),
        })
    }

    /// What shows that the certificate is good: files first, then OCSP, then lists.
    fn standing(
        &self,
        certificate: &Certificate<'_>,
        issuer: &Certificate<'_>,
        at: OffsetDateTime,
    ) -> Result<Piece, EvidenceFault> {
        let answers = self.answers.iter().cloned().map(Piece::Answer);
        let lists = self.lists.iter().cloned().map(Piece::List);
        let asked = ocsp_urls(certificate).into_iter().filter_map(|url| {
            let request = request_der(certificate, issuer)?;
            OcspAnswer::read(self.fetch(&url, Some(&request))?).map(Piece::Answer)
        });
        let fetched = list_urls(certificate).into_iter().filter_map(|url| {
            let bytes = self.fetch(&url, None)?;
            let der = super::pem::ders(&bytes).into_iter().next()?;
            RevocationList::read(der).map(Piece::List)
        });
        for piece in answers.chain(lists).chain(asked).chain(fetched) {
            let standing = match &piece {
                Piece::List(list) => list.standing(certificate, issuer, at),
                Piece::Answer(answer) => answer.standing(certificate, issuer, at),
            };
            match standing {
                Standing::Good => return Ok(piece),
                Standing::Revoked(since) => {
                    return Err(EvidenceFault::Revoked {
                        subject: certificate.subject(),
                        since,
                    });
                }
                Standing::Silent => {}
            }
        }
        Err(EvidenceFault::StandingUnknown {
            subject: certificate.subject(),
        })
    }

    /// What this address gives for this request, asked once a run where it succeeds.
    fn fetch(&self, url: &str, request: Option<&[u8]>) -> Option<Vec<u8>> {
        let web = self.web.as_ref()?;
        let key = Digest::of(&[url.as_bytes(), b"\0", request.unwrap_or_default()].concat());
        // One thread asks, the others wait for what it learns.
        let mut fetched = self.fetched.lock().expect("no holder of this lock panics");
        match fetched.get(&key) {
            Some(Fetched::Bytes(bytes)) => return Some(bytes.clone()),
            Some(Fetched::Failed(when)) if when.elapsed() < REST => return None,
            _ => {}
        }
        let answer = web.ask(&match request {
            Some(request) => Question {
                url,
                body: Some(("application/ocsp-request", request)),
                answers: &["application/ocsp-response"],
                max_bytes: MAX_ANSWER_BYTES,
            },
            None => Question {
                url,
                body: None,
                // Lists are served as all sorts of things (RFC 2585, 4.2 asks for the first).
                answers: &[
                    "application/pkix-crl",
                    "application/x-pkcs7-crl",
                    "application/octet-stream",
                    "application/x-x509-ca-cert",
                ],
                max_bytes: MAX_LIST_BYTES,
            },
        });
        let (kept, given) = match answer {
            Ok(bytes) => (Fetched::Bytes(bytes.clone()), Some(bytes)),
            Err(_) => (Fetched::Failed(Instant::now()), None),
        };
        fetched.insert(key, kept);
        given
    }
}

fn issuer_of(certificate: &Certificate<'_>, known: &[Vec<u8>]) -> Option<Vec<u8>> {
    let is_issuer =
        |der: &&Vec<u8>| Certificate::read(der).is_ok_and(|issuer| issued_by(certificate, &issuer));
    known.iter().find(is_issuer).cloned()
}

fn keep(list: &mut Vec<Vec<u8>>, der: &[u8]) {
    if !list.iter().any(|known| known == der) {
        list.push(der.to_vec());
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::formats::fictional_signer::Authority;
    use crate::formats::timestamp::fictional::for_stamping;

    const AT: OffsetDateTime = datetime!(2026-11-21 08:30:00 +7);

    struct Pki {
        root: Authority,
        issuing: Authority,
    }

    fn pki() -> Pki {
        let root = Authority::root();
        let issuing = root.below("Cấp chứng thư thử");
        Pki { root, issuing }
    }

    fn evidence(pieces: &[&[u8]]) -> Evidence {
        let files = pieces.iter().map(|piece| ("tệp", piece.to_vec()));
        Evidence::of_files(files).expect("certificates and lists")
    }

    fn collected(evidence: &Evidence, signer: &[u8]) -> Result<ValidationData, EvidenceFault> {
        let mut data = ValidationData::default();
        evidence.collect(signer, &[], &[], AT, &mut data)?;
        Ok(data)
    }

    #[test]
    fn a_path_with_lists_gives_all_certificates_and_one_list_an_issuer() {
        let Pki { root, issuing } = pki();
        let signer = issuing.signer(|_| {}).certificate_der;
        let lists = [
            root.revocation_list(AT, None),
            issuing.revocation_list(AT, None),
        ];
        let evidence = evidence(&[&root.der, &issuing.der, &lists[0], &lists[1]]);
        let data = collected(&evidence, &signer).expect("is all there");
        assert_eq!(data.certificates, [signer, issuing.der, root.der]);
        assert_eq!(data.crls, [lists[1].clone(), lists[0].clone()]);
        assert_eq!(data.ocsps, Vec::<Vec<u8>>::new());
    }

    #[test]
    fn what_is_missing_is_named() {
        let Pki { root, issuing } = pki();
        let signer = issuing.signer(|_| {}).certificate_der;
        let fault = collected(&evidence(&[&root.der]), &signer).expect_err("no issuer");
        assert!(matches!(fault, EvidenceFault::IssuerMissing { .. }));
        let without_lists = evidence(&[&root.der, &issuing.der]);
        let fault = collected(&without_lists, &signer).expect_err("no list");
        assert!(matches!(fault, EvidenceFault::StandingUnknown { .. }));
    }

    #[test]
    fn a_root_that_only_came_along_leads_to_no_trust() {
        let stranger = Authority::root();
        let stamper = stranger.signer(for_stamping).certificate_der;
        let list = stranger.revocation_list(AT, None);
        let collect = |evidence: &Evidence, own: &[Vec<u8>]| {
            let carried = [stranger.der.clone()];
            evidence.collect(&stamper, &carried, own, AT, &mut ValidationData::default())
        };
        let fault = collect(&evidence(&[&list]), &[]).expect_err("nobody trusts it");
        assert!(matches!(fault, EvidenceFault::IssuerMissing { .. }));
        assert!(collect(&evidence(&[&list]), std::slice::from_ref(&stranger.der)).is_ok());
        assert!(collect(&evidence(&[&list, &stranger.der]), &[]).is_ok());
    }

    #[test]
    fn lists_of_others_old_lists_and_spoilt_lists_say_nothing() {
        let Pki { root, issuing } = pki();
        let signer = issuing.signer(|_| {}).certificate_der;
        let root_list = root.revocation_list(AT, None);
        let mut spoilt = issuing.revocation_list(AT, None);
        *spoilt.last_mut().expect("bytes") ^= 1;
        let namesake = root.below("Cấp chứng thư thử").revocation_list(AT, None);
        let old = issuing.revocation_list(datetime!(2025-01-01 0:00 UTC), None);
        let future = issuing.revocation_list(datetime!(2027-01-01 0:00 UTC), None);
        for list in [spoilt, namesake, old, future] {
            let evidence = evidence(&[&root.der, &issuing.der, &root_list, &list]);
            let fault = collected(&evidence, &signer).expect_err("nothing holds");
            assert!(
                matches!(fault, EvidenceFault::StandingUnknown { .. }),
                "{fault}"
            );
        }
    }

    #[test]
    fn a_revoked_certificate_is_told_with_its_day() {
        let Pki { root, issuing } = pki();
        let signer = issuing.signer(|_| {}).certificate_der;
        let since = datetime!(2026-10-01 0:00 UTC);
        let certificate = Certificate::read(&signer).expect("reads");
        let serial = &certificate.decoded().tbs_certificate.serial_number;
        let list = issuing.revocation_list(AT, Some((serial.as_bytes(), since)));
        let evidence = evidence(&[&root.der, &issuing.der, &list]);
        let fault = collected(&evidence, &signer).expect_err("is revoked");
        let EvidenceFault::Revoked { since: told, .. } = fault else {
            panic!("{fault}")
        };
        assert_eq!(told, since);
    }

    #[test]
    fn a_file_that_is_nothing_of_all_this_is_named() {
        let files = [("rác.pem", b"nothing".to_vec())];
        let fault = Evidence::of_files(files).expect_err("is rubbish");
        let name = "rác.pem".to_owned();
        assert_eq!(fault, EvidenceFault::BadFile { name });
    }
}
