//! Signing by a program elsewhere: what waits goes out as a list, what was signed comes back.
//!
//! `DIR/request.json` says for whom and by which words the signatures are made, `files.jsonl` lists them,
//! `NAME.tbs` holds the bytes to be signed, `SHA256SUMS` their digests. Whoever signs puts `NAME.sig`
//! (the raw value) or `NAME.p7s` (a whole SignedData) beside it. The file that is signed is made anew from
//! the package when the answer comes, so an answer for anything else does not fit; nothing of DIR but the
//! answers, the request and the certificates is read again.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::RunFault;
use super::later::{self, Later, LaterFault, SignedLater, Unfinished, WaitingFault};
use crate::formats::signer::{RsaPadding, SignatureAlgorithm, Signer, SignerFault};
use crate::model::manifest::iso_8601;
use crate::model::{Coded, Digest, DossierCode, Params, Retry};
use crate::stages::package::{HEADER, PackageFault, Store, durable};
use crate::stages::seal::{
    self, Answer, AnswerFault, Answered, Asked, Collector, Elsewhere, Lasting, SealFault,
};

/// What the list is made by.
const REQUEST: &str = "request.json";

/// The signer's certificate and those above it, PEM.
const CERTIFICATES: &str = "certificates.pem";

/// One line a signature that is asked for.
const FILES: &str = "files.jsonl";

/// Longest request and longest file of certificates that is read again.
const MAX_REQUEST_BYTES: u64 = 256 << 10;

/// Longest answer that is read.
const MAX_ANSWER_BYTES: u64 = 64 << 10;

/// Why a list cannot be written, or its answers not be taken.
#[derive(Debug, thiserror::Error)]
pub enum ElsewhereFault {
    /// The folder for the list holds something.
    #[error("{} is not empty", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The request or the certificates are not those that were written.
    #[error("{} is no request of ours", path.display())]
    BadRequest {
        /// The file.
        path: PathBuf,
    },
    /// What came back for a file is no signature for a file of ours.
    #[error("the answer for {file} is refused")]
    BadAnswer {
        /// The answer's file.
        file: String,
        /// Why.
        source: AnswerFault,
    },
    /// An answer for nothing that waits.
    #[error("{file} is for nothing that waits")]
    Unasked {
        /// The answer's file.
        file: String,
    },
    /// The certificate cannot sign.
    #[error(transparent)]
    Seal(#[from] SealFault),
    /// The package.
    #[error(transparent)]
    Later(#[from] LaterFault),
}

impl From<PackageFault> for ElsewhereFault {
    fn from(fault: PackageFault) -> Self {
        Self::Later(LaterFault::Run(RunFault::from(fault)))
    }
}

impl Coded for ElsewhereFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NotEmpty { .. } => "SEAL-037",
            Self::BadRequest { .. } => "SEAL-038",
            Self::BadAnswer { .. } => "SEAL-039",
            Self::Unasked { .. } => "SEAL-040",
            Self::Seal(fault) => fault.code(),
            Self::Later(fault) => fault.coded().code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NotEmpty { path } | Self::BadRequest { path } => {
                Params::from([("path", path.display().to_string())])
            }
            Self::BadAnswer { file, source } => {
                Params::from([("name", file.clone()), ("detail", source.to_string())])
            }
            Self::Unasked { file } => Params::from([("name", file.clone())]),
            Self::Seal(fault) => fault.params(),
            Self::Later(fault) => fault.coded().params(),
        }
    }

    fn retry(&self) -> Retry {
        Retry::AfterPerson
    }
}

/// For whom and by which words signatures are asked for; what is made of it again must be the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    v: u8,
    /// `RSA-PKCS1-SHA256`, `RSA-PSS-SHA256`, `ECDSA-P256-SHA256` or `ECDSA-P384-SHA384`.
    algorithm: String,
    /// The claimed time of all signatures.
    claimed_at: String,
    /// SHA-256 of the certificate.
    certificate_sha256: Digest,
    /// What else decides what is signed.
    options: seal::Options,
}

/// One signature that is asked for.
#[derive(Debug, Serialize)]
struct Wanted<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dossier: Option<&'a DossierCode>,
    /// SHA-256 of the file as it waits.
    sha256: Digest,
    /// The bytes to be signed.
    tbs: String,
    /// Their SHA-256.
    tbs_sha256: Digest,
    /// Digest of the covered bytes in the hash of the algorithm, base64: the message digest of whoever
    /// makes a whole SignedData.
    content_digest: String,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Documents whose signatures are asked for.
    pub documents: u64,
    /// Dossiers that cannot be signed, for reasons of their own.
    pub refused: u64,
    /// The header's signature is asked for: no document waits any more.
    pub header: bool,
}

/// What a list is made of.
pub struct Exporting<'a> {
    /// The certificate of who signs, with those above it, PEM or DER.
    pub certificates: &'a [u8],
    /// What the signatures say.
    pub options: &'a seal::Options,
    /// The claimed time of all signatures.
    pub at: OffsetDateTime,
    /// Where it is told what cannot be signed.
    pub report: &'a dyn Fn(&WaitingFault),
}

/// Writes the list of everything that waits into an empty folder; the package stays as it is.
pub fn export(out: &Path, to: &Path, by: &Exporting<'_>) -> Result<Exported, ElsewhereFault> {
    durable::create_folder(to)?;
    let mut inside = fs::read_dir(to).map_err(PackageFault::at(to))?;
    if inside.next().is_some() {
        let path = to.to_owned();
        return Err(ElsewhereFault::NotEmpty { path });
    }
    let who = Elsewhere::read(by.certificates, by.options.rsa_padding, by.at)?;
    let store = Store::open(out)?;
    let collector = Collector::of(&who);
    let mut list = List::new(to);
    let mut exported = Exported::default();
    let at = by.at;
    let asking = Later {
        signer: &|_| &collector,
        options: by.options,
        lasting: None,
        now: &move || at,
        report: &|_, _| {},
    };
    for code in store.codes()? {
        match ask_for_dossier(&store, &code, &asking, &collector)? {
            Ok(asked) => {
                exported.documents += asked.len() as u64;
                for (file, sha256, asked) in &asked {
                    list.put(file, Some(&code), *sha256, asked)?;
                }
            }
            Err(fault) => {
                exported.refused += 1;
                (by.report)(&fault);
            }
        }
    }
    if exported == Exported::default() && !store.has_signature() {
        let (header, asked) = ask_for_header(&store, &collector, by.at)?;
        list.put(HEADER, None, Digest::of(&header), &asked)?;
        exported.header = true;
    }
    store.close()?;
    list.finish(&who, by)?;
    Ok(exported)
}

/// A file's name, its digest, and what is to be signed of it.
type AskedFile = (String, Digest, Asked);

/// What is to be signed of a dossier, all of it or nothing.
fn ask_for_dossier(
    store: &Store,
    code: &DossierCode,
    asking: &Later<'_>,
    collector: &Collector<'_>,
) -> Result<Result<Vec<AskedFile>, WaitingFault>, ElsewhereFault> {
    let record = store.shelf().record(code)?;
    let mut all = Vec::new();
    for place in later::waiting(&record) {
        let document = &record.documents[place];
        let bytes = store.file(code, &document.file)?;
        match later::sign(bytes, document.sha256, &document.file, asking) {
            Err(WaitingFault::Seal {
                source: SealFault::Signer(SignerFault::Unanswered),
                ..
            }) => all.push((document.file.clone(), document.sha256, collector.take())),
            Err(fault) => return Ok(Err(fault)),
            Ok(_) => unreachable!("a collector signs nothing"),
        }
    }
    Ok(Ok(all))
}

/// The header as it will be signed, and what is to be signed of it.
fn ask_for_header(
    store: &Store,
    collector: &Collector<'_>,
    at: OffsetDateTime,
) -> Result<(Vec<u8>, Asked), ElsewhereFault> {
    let present = store.present_header();
    let present = present.ok_or(LaterFault::Unfinished(Unfinished))?;
    let sums = store.write_manifest()?;
    let header = later::bytes_of(&later::header_over(&present, &sums, at));
    match seal::seal_header(&header, collector) {
        Err(SealFault::Signer(SignerFault::Unanswered)) => Ok((header, collector.take())),
        Err(fault) => Err(fault.into()),
        Ok(_) => unreachable!("a collector signs nothing"),
    }
}

/// The list in the making.
struct List<'t> {
    to: &'t Path,
    lines: String,
    sums: String,
}

impl<'t> List<'t> {
    fn new(to: &'t Path) -> Self {
        let (lines, sums) = (String::new(), String::new());
        Self { to, lines, sums }
    }

    fn put(
        &mut self,
        file: &str,
        dossier: Option<&DossierCode>,
        sha256: Digest,
        asked: &Asked,
    ) -> Result<(), PackageFault> {
        let tbs = format!("{file}.tbs");
        durable::write_new(&self.to.join(&tbs), &asked.message)?;
        let wanted = Wanted {
            file,
            dossier,
            sha256,
            tbs_sha256: Digest::of(&asked.message),
            content_digest: STANDARD.encode(&asked.content_digest),
            tbs,
        };
        self.sums += &format!("{}  {}\n", wanted.tbs_sha256, wanted.tbs);
        self.lines += &serde_json::to_string(&wanted).expect("a line has only string keys");
        self.lines.push('\n');
        Ok(())
    }

    fn finish(self, who: &Elsewhere, by: &Exporting<'_>) -> Result<(), PackageFault> {
        let certificate = who.certificates().next().unwrap_or_default();
        let request = Request {
            v: 1,
            algorithm: algorithm_name(who.algorithm()).to_owned(),
            claimed_at: iso_8601(by.at),
            certificate_sha256: Digest::of(certificate),
            options: by.options.deciding(),
        };
        let mut request = serde_json::to_vec_pretty(&request).expect("only string keys");
        request.push(b'\n');
        let put = |name: &str, bytes: &[u8]| durable::write_new(&self.to.join(name), bytes);
        put(CERTIFICATES, pem(who.certificates()).as_bytes())?;
        put(FILES, self.lines.as_bytes())?;
        put("SHA256SUMS", self.sums.as_bytes())?;
        // Last: a list without it is half a list.
        put(REQUEST, &request)?;
        durable::sync_folder(self.to)
    }
}

fn pem<'d>(certificates: impl Iterator<Item = &'d [u8]>) -> String {
    use der::pem::{LineEnding, encode_string};
    let blocks = certificates.map(|der| encode_string("CERTIFICATE", LineEnding::LF, der));
    let blocks = blocks.map(|block| block.expect("a certificate is shorter than any limit"));
    blocks.collect()
}

fn algorithm_name(algorithm: SignatureAlgorithm) -> &'static str {
    match algorithm {
        SignatureAlgorithm::RsaPkcs1Sha256 => "RSA-PKCS1-SHA256",
        SignatureAlgorithm::RsaPssSha256 => "RSA-PSS-SHA256",
        SignatureAlgorithm::EcdsaP256Sha256 => "ECDSA-P256-SHA256",
        SignatureAlgorithm::EcdsaP384Sha384 => "ECDSA-P384-SHA384",
    }
}

/// With what answers are taken in.
pub struct Importing<'a> {
    /// The plan's word on what the request does not decide: servers, files and patience.
    pub options: &'a seal::Options,
    /// What makes signatures last; absent where the plan asks for B-B.
    pub lasting: Option<&'a Lasting<'a>>,
    /// Where it is told how each dossier ended.
    pub report: &'a dyn Fn(&DossierCode, &Result<u64, WaitingFault>),
    /// Where it is told what came back and was not looked at further.
    pub refuse: &'a dyn Fn(&ElsewhereFault),
}

/// Signs with what came back: each dossier whole or not at all, each signature checked before it is kept.
pub fn import(out: &Path, from: &Path, by: &Importing<'_>) -> Result<SignedLater, ElsewhereFault> {
    let (request, who) = read_request(from)?;
    let bad = || ElsewhereFault::BadRequest {
        path: from.join(REQUEST),
    };
    let at = OffsetDateTime::parse(&request.claimed_at, &Rfc3339).map_err(|_| bad())?;
    // Another level leaves other room in the file: the answers would fit nothing.
    if by.options.level != request.options.level {
        return Err(bad());
    }
    let who = Arc::new(who);
    let signers = answers(out, from, &who, by.refuse)?;
    let silent = Answered::by(&who, None);
    let options = seal::Options {
        tsa: by.options.tsa.clone(),
        if_unreached: by.options.if_unreached,
        evidence: by.options.evidence.clone(),
        fetch: by.options.fetch,
        patience: by.options.patience.clone(),
        ..request.options
    };
    let signer = |file: &str| -> &dyn Signer { signers.get(file).unwrap_or(&silent) };
    let signing = Later {
        signer: &signer,
        options: &options,
        lasting: by.lasting,
        now: &|| at,
        report: by.report,
    };
    Ok(later::sign_waiting(out, &signing)?)
}

/// The request as it was written, and whose certificates lie beside it.
fn read_request(from: &Path) -> Result<(Request, Elsewhere), ElsewhereFault> {
    let path = from.join(REQUEST);
    let bad = |path: PathBuf| ElsewhereFault::BadRequest { path };
    let bytes = read(&path, MAX_REQUEST_BYTES)?.ok_or_else(|| bad(path.clone()))?;
    let request: Request = serde_json::from_slice(&bytes).map_err(|_| bad(path.clone()))?;
    let at = OffsetDateTime::parse(&request.claimed_at, &Rfc3339).map_err(|_| bad(path.clone()))?;
    let beside = from.join(CERTIFICATES);
    let bytes = read(&beside, MAX_REQUEST_BYTES)?.ok_or_else(|| bad(beside.clone()))?;
    let padding: RsaPadding = request.options.rsa_padding;
    let who = Elsewhere::read(&bytes, padding, at)?;
    let certificate = who.certificates().next().map(Digest::of);
    let same = certificate == Some(request.certificate_sha256)
        && request.algorithm == algorithm_name(who.algorithm());
    match request.v == 1 && same {
        true => Ok((request, who)),
        false => Err(bad(path)),
    }
}

/// A file's bytes; `None` where it is longer than allowed.
fn read(path: &Path, max_bytes: u64) -> Result<Option<Vec<u8>>, PackageFault> {
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(PackageFault::at(path))?;
    let mut opened = opened.take(max_bytes + 1);
    opened
        .read_to_end(&mut bytes)
        .map_err(PackageFault::at(path))?;
    Ok((bytes.len() as u64 <= max_bytes).then_some(bytes))
}

/// What came back, by the names of the files that wait; what is refused is told.
fn answers(
    out: &Path,
    from: &Path,
    who: &Arc<Elsewhere>,
    refuse: &dyn Fn(&ElsewhereFault),
) -> Result<HashMap<String, Answered>, ElsewhereFault> {
    let mut names = answer_names(from)?;
    let mut signers = HashMap::new();
    for file in waiting_names(out)?.into_iter().chain([HEADER.to_owned()]) {
        let Some((name, is_whole)) = names.remove(&file) else {
            continue;
        };
        let bytes = read(&from.join(&name), MAX_ANSWER_BYTES)?;
        let answer = match (bytes, is_whole) {
            (None, _) => Err(AnswerFault::TooLong),
            (Some(bytes), true) => Answer::whole(bytes),
            (Some(bytes), false) => Answer::value(bytes),
        };
        match answer {
            Ok(answer) => {
                signers.insert(file, Answered::by(who, Some(answer)));
            }
            Err(source) => refuse(&ElsewhereFault::BadAnswer { file: name, source }),
        }
    }
    let mut unasked: Vec<String> = names.into_values().map(|(name, _)| name).collect();
    unasked.sort();
    for file in unasked {
        refuse(&ElsewhereFault::Unasked { file });
    }
    Ok(signers)
}

/// The answers in the folder: the file that each is for, its own name, and whether it is a SignedData.
fn answer_names(from: &Path) -> Result<HashMap<String, (String, bool)>, PackageFault> {
    let mut names = HashMap::new();
    for entry in fs::read_dir(from).map_err(PackageFault::at(from))? {
        let name = entry.map_err(PackageFault::at(from))?.file_name();
        let Some(name) = name.to_str() else { continue };
        let value = name.strip_suffix(".sig").map(|file| (file, false));
        let answer = value.or_else(|| Some((name.strip_suffix(".p7s")?, true)));
        if let Some((file, is_whole)) = answer {
            names.insert(file.to_owned(), (name.to_owned(), is_whole));
        }
    }
    Ok(names)
}

fn waiting_names(out: &Path) -> Result<Vec<String>, ElsewhereFault> {
    let store = Store::open(out)?;
    let mut names = Vec::new();
    for code in store.codes()? {
        let record = store.shelf().record(&code)?;
        let waiting = later::waiting(&record).into_iter();
        names.extend(waiting.map(|place| record.documents[place].file.clone()));
    }
    store.close()?;
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::cms::{FormFlaw, Mismatch};
    use crate::formats::pades::{PadesFault, RereadFault};
    use crate::messages::reason;

    #[test]
    fn every_fault_of_signing_elsewhere_is_told_in_both_languages_with_its_file() {
        let path = || PathBuf::from("LIST");
        let file = || "H10.12-261120-0001.01.pdf.p7s".to_owned();
        let wrong = RereadFault::Signature(Mismatch::Signature);
        let faults: [ElsewhereFault; 6] = [
            SealFault::Signer(SignerFault::Unanswered).into(),
            SealFault::Pdf(PadesFault::Reread(wrong)).into(),
            ElsewhereFault::NotEmpty { path: path() },
            ElsewhereFault::BadRequest { path: path() },
            ElsewhereFault::BadAnswer {
                file: file(),
                source: FormFlaw::NotDetached.into(),
            },
            ElsewhereFault::Unasked { file: file() },
        ];
        let codes: Vec<&str> = faults.iter().map(Coded::code).collect();
        let expected = ["035", "036", "037", "038", "039", "040"].map(|n| format!("SEAL-{n}"));
        assert_eq!(codes, expected);
        for fault in &faults {
            let told = reason(fault, "H10.12-261120-0001.01.pdf");
            for words in [
                &told.vi.what,
                &told.vi.remedy,
                &told.en.what,
                &told.en.remedy,
            ] {
                assert!(
                    !words.is_empty() && !words.contains('{'),
                    "{}: {words}",
                    told.code
                );
            }
        }
    }

    #[test]
    fn answers_are_known_by_their_names_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in [
            "a.pdf.sig",
            "b.pdf.p7s",
            "b.pdf.tbs",
            "request.json",
            "c.sig.txt",
        ] {
            fs::write(folder.path().join(name), b"x").expect("can be written");
        }
        let names = answer_names(folder.path()).expect("is readable");
        let of = |file: &str| names.get(file).cloned();
        assert_eq!(of("a.pdf"), Some(("a.pdf.sig".to_owned(), false)));
        assert_eq!(of("b.pdf"), Some(("b.pdf.p7s".to_owned(), true)));
        assert_eq!(names.len(), 2);
    }
}
