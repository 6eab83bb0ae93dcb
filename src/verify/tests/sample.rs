//! A small package, made by the real writers, that tests then tamper with.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use time::OffsetDateTime;
use time::macros::datetime;

use crate::formats::fictional_signer::{Authority, FictionalSigner};
use crate::formats::pades::{self, Claim};
use crate::formats::pdfa::{self, DocumentInfo, PageInput};
use crate::formats::raster::{Coding, Dpi, EncodedImage, Space};
use crate::formats::{jws, merkle};
use crate::model::manifest::*;
use crate::model::{
    Confidence, Description, Digest, DocumentType, DossierCode, Fields, Orientation, PageText,
    Point, PxBox, Word,
};
use crate::verify::{Report, Trust};

pub const CLAIMED: OffsetDateTime = datetime!(2026-11-20 16:30:00 +7);
pub const AT: OffsetDateTime = datetime!(2026-11-21 08:00:00 +7);
pub const FIRST: &str = "H10.12-261120-0001";
pub const SECOND: &str = "H10.12-261120-0002";

/// The people of the tests' PKI.
pub struct Pki {
    pub root: Authority,
    pub issuing: Authority,
    pub signer: FictionalSigner,
}

pub fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| {
        let root = Authority::root();
        let issuing = root.below("Cấp chứng thư thử nghiệm");
        let signer = issuing.signer(|_| {});
        Pki {
            root,
            issuing,
            signer,
        }
    })
}

/// The test's root, and nothing about revocation.
pub fn root() -> Trust {
    Trust::from_pem(pem(&pki().root.der).as_bytes(), b"").expect("the test root")
}

/// The test's root and the lists of both authorities.
pub fn trust() -> Trust {
    root().with_crls(lists()).expect("lists")
}

/// The revocation lists of both authorities, in DER.
pub fn lists() -> [Vec<u8>; 2] {
    [&pki().root, &pki().issuing].map(|authority| authority.revocation_list(CLAIMED, None))
}

pub fn pem(der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|l| str::from_utf8(l).expect("ASCII"))
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

/// A package in memory: the records, and every file by its path.
#[derive(Clone)]
pub struct Sample {
    pub records: Vec<DossierRecord>,
    pub files: BTreeMap<String, Vec<u8>>,
    /// Symbolic links: path → target.
    pub links: BTreeMap<String, String>,
    /// Who signs the header.
    pub signer: Option<Arc<FictionalSigner>>,
}

/// The untouched package, signed.
pub fn sample() -> Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE
        .get_or_init(|| Sample::made(Some(&pki().signer)))
        .clone()
}

impl Sample {
    /// Two dossiers packaged and one set aside; documents signed where there is a signer.
    pub fn made(signer: Option<&FictionalSigner>) -> Self {
        let header_signer = signer.map(|signer| Arc::new(copied(signer)));
        let mut sample = Self {
            records: Vec::new(),
            files: BTreeMap::new(),
            links: BTreeMap::new(),
            signer: header_signer,
        };
        sample.add_dossier(FIRST, 2, signer);
        sample.add_dossier(SECOND, 1, signer);
        sample.records.push(set_aside());
        // A run that ended leaves its lock empty.
        sample.files.insert(".lock".to_owned(), Vec::new());
        sample.refresh();
        sample
    }

    fn add_dossier(&mut self, code: &str, pages: u32, signer: Option<&FictionalSigner>) {
        let scan = format!("the scan of {code}").into_bytes();
        let sha256 = Digest::of(&scan);
        let kept = format!("scans/{sha256}.tif");
        self.files
            .insert(format!("dossiers/{code}/{kept}"), scan.clone());
        let (file, published, words) = document(code, pages);
        let bytes = match signer {
            Some(signer) => signed(&file, signer, CLAIMED),
            None => file.bytes().to_vec(),
        };
        let name = format!("{code}.01.pdf");
        let blank = PageRecord {
            same_sheet_as: None,
            source: 1,
            source_page: pages + 1,
            fate: Fate::Blank,
            published: None,
        };
        let mut records: Vec<PageRecord> = (1..)
            .zip(published)
            .map(|(source_page, published)| PageRecord {
                same_sheet_as: None,
                source: 1,
                source_page,
                fate: Fate::Published,
                published: Some(published),
            })
            .collect();
        records.push(blank);
        assert!(words > 0);
        self.records.push(DossierRecord {
            v: MANIFEST_VERSION,
            folder: format!("đợt 1/{code}"),
            dossier: Some(code.parse().expect("a code")),
            labels: Default::default(),
            containers: Vec::new(),
            outcome: Outcome::Packaged,
            review: Vec::new(),
            reasons: Vec::new(),
            content_key: Some(Digest::of(code.as_bytes())),
            sources: vec![Source {
                first_page: None,
                name: "trang.tif".to_owned(),
                sha256,
                bytes: scan.len() as u64,
                pages: pages + 1,
                kept: Some(kept),
            }],
            ignored: Vec::new(),
            pages: records,
            documents: vec![DocumentRecord {
                n: 1,
                file: name.clone(),
                sha256: Digest::of(&bytes),
                bytes: bytes.len() as u64,
                pages,
                looked_at_by: None,
                paper: None,
                split_confidence: None,
                description: description(),
                seal: signer.map_or(SealRecord::Waiting, |signer| seal_record(signer, CLAIMED)),
                text: None,
            }],
        });
        self.files.insert(format!("dossiers/{code}/{name}"), bytes);
    }

    /// Makes everything anew that follows from the records: as an insider with the key would.
    pub fn refresh(&mut self) {
        let mut lines = Vec::new();
        for record in &self.records {
            let mut line = serde_json::to_vec(record).expect("serializes");
            line.push(b'\n');
            let own = match (&record.dossier, record.outcome) {
                (Some(code), Outcome::Packaged) => format!("dossiers/{code}/record.json"),
                _ => "set-aside/khong-ro.json".to_owned(),
            };
            self.files.insert(own, line.clone());
            lines.extend(line);
        }
        let header = header(&self.records, &lines);
        self.files.insert("manifest.jsonl".to_owned(), lines);
        self.put_header(&header);
    }

    /// Writes and signs a header.
    pub fn put_header(&mut self, header: &BatchHeader) {
        let bytes = serde_json::to_vec_pretty(header).expect("serializes");
        match &self.signer {
            Some(signer) => {
                let token = jws::sign(&bytes, signer.as_ref()).expect("signs");
                self.files
                    .insert("batch.jws".to_owned(), token.into_bytes());
            }
            None => {
                self.files.remove("batch.jws");
            }
        }
        self.files.insert("batch.json".to_owned(), bytes);
    }

    /// The header as it stands.
    pub fn header(&self) -> BatchHeader {
        serde_json::from_slice(&self.files["batch.json"]).expect("a header")
    }

    /// The path of the first dossier's document.
    pub fn pdf() -> String {
        format!("dossiers/{FIRST}/{FIRST}.01.pdf")
    }

    /// Replaces the first dossier's document, its record and all that follows from it.
    pub fn replace_pdf(&mut self, bytes: Vec<u8>) {
        let document = &mut self.records[0].documents[0];
        (document.sha256, document.bytes) = (Digest::of(&bytes), bytes.len() as u64);
        self.files.insert(Self::pdf(), bytes);
        self.refresh();
    }

    /// The bytes of a file, to be changed.
    pub fn file(&mut self, path: &str) -> &mut Vec<u8> {
        self.files.get_mut(path).expect("stands in the sample")
    }

    /// Writes the package into a folder.
    pub fn write(&self, out: &Path) {
        let made = |path: &str| {
            let path = out.join(path);
            std::fs::create_dir_all(path.parent().expect("has a folder")).expect("folders");
            path
        };
        for (path, bytes) in &self.files {
            std::fs::write(made(path), bytes).expect("writes");
        }
        for (path, target) in &self.links {
            std::os::unix::fs::symlink(target, made(path)).expect("links");
        }
    }

    /// Audits the package with the test root.
    pub fn verify(&self) -> Report {
        self.verify_by(&trust(), AT)
    }

    /// Audits the package by other trust or time.
    pub fn verify_by(&self, trust: &Trust, at: OffsetDateTime) -> Report {
        let out = tempfile::tempdir().expect("temp folder");
        self.write(out.path());
        crate::verify::package(out.path(), trust, at, &|_| {})
    }
}

fn copied(signer: &FictionalSigner) -> FictionalSigner {
    FictionalSigner {
        pkcs8_der: signer.pkcs8_der.clone(),
        certificate_der: signer.certificate_der.clone(),
        chain_der: signer.chain_der.clone(),
        on_p384: signer.on_p384,
    }
}

pub fn seal_record(signer: &FictionalSigner, at: OffsetDateTime) -> SealRecord {
    use der::Decode;
    let certificate = x509_cert::Certificate::from_der(&signer.certificate_der).expect("DER");
    let rfc3339 = &time::format_description::well_known::Rfc3339;
    SealRecord::Signed {
        level: "PAdES-B-B".to_owned(),
        signer: certificate.tbs_certificate.subject.to_string(),
        certificate_sha256: Digest::of(&signer.certificate_der),
        mark: None,
        claimed_at: at.format(rfc3339).expect("formats"),
        wanted_level: None,
        stamped_at: None,
        archived_at: None,
    }
}

pub fn signed(file: &pdfa::ConformantPdf, signer: &FictionalSigner, at: OffsetDateTime) -> Vec<u8> {
    let claim = Claim {
        at,
        reason: Some("Số hóa".to_owned()),
        location: None,
    };
    pades::sign(file, signer, &claim)
        .expect("signs")
        .bytes()
        .to_vec()
}

/// An unsigned document, the records of its pages and its number of words.
pub fn document(code: &str, pages: u32) -> (pdfa::ConformantPdf, Vec<PublishedPage>, usize) {
    let texts: Vec<PageText> = (1..=pages).map(|page| text(code, page)).collect();
    let images: Vec<EncodedImage> = (1..=pages).map(image).collect();
    let published = (1..)
        .zip(texts.iter().zip(&images))
        .map(|(page, (text, image))| PublishedPage {
            reading: Default::default(),
            document: 1,
            page,
            width_px: image.width_px,
            height_px: image.height_px,
            dpi: 100,
            dpi_estimated: false,
            turn_deg: 0,
            words: text.words.len() as u32,
            confidence_pct: text.confidence(),
            image_sha256: Some(Digest::of(&image.bytes)),
            text_sha256: Digest::of(text.plain().as_bytes()),
        });
    let published = published.collect();
    let info = DocumentInfo {
        title: format!("Quyết định – {code}"),
        subject: None,
        author: None,
        identity: Digest::of(code.as_bytes()),
    };
    let inputs = images.into_iter().zip(&texts).map(|(image, text)| {
        Ok::<_, pdfa::PdfaFault>(PageInput {
            image,
            orientation: Orientation::UPRIGHT,
            dpi: Dpi { x: 100.0, y: 100.0 },
            text,
        })
    });
    let file = pdfa::write(&info, inputs).expect("writes");
    (
        file,
        published,
        texts.iter().map(|text| text.words.len()).sum(),
    )
}

fn image(page: u32) -> EncodedImage {
    let (width_px, height_px) = (400, 300);
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for y in 0..height_px {
        let row: Vec<u8> = std::iter::once(0)
            .chain((0..width_px).map(|x| ((x * y * page) % 251) as u8 / 4 + 190))
            .collect();
        encoder.write_all(&row).expect("into memory");
    }
    EncodedImage {
        width_px,
        height_px,
        coding: Coding::FlatePng,
        space: Space::Gray,
        bytes: encoder.finish().expect("into memory"),
    }
}

/// The plain text of such a page.
pub fn text_of(code: &str, page: u32) -> String {
    text(code, page).plain()
}

fn text(code: &str, page: u32) -> PageText {
    let lines = [
        vec!["CỘNG", "HÒA"],
        vec!["Số:", code],
        vec!["trang", "thứ", "👍"],
    ];
    let mut words = Vec::new();
    for (line, texts) in (0u32..).zip(lines) {
        for (column, text) in (0u32..).zip(texts) {
            let (x_px, y_px) = (20 + column * 120, 40 + line * 40 + page);
            let at = |x_px: u32| Point {
                x_px: x_px as f32,
                y_px: (y_px + 20) as f32,
            };
            words.push(Word {
                text: text.to_owned(),
                bounds: PxBox {
                    x_px,
                    y_px,
                    w_px: 100,
                    h_px: 20,
                },
                baseline_start: at(x_px),
                baseline_end: at(x_px + 100),
                confidence: Confidence::from_pct(90),
                block: 0,
                line,
                leads_on: false,
            });
        }
    }
    PageText {
        width_px: 400,
        height_px: 300,
        dpi: 100,
        symbols: Vec::new(),
        words,
    }
}

fn description() -> Description {
    Description {
        kind: DocumentType {
            id: "quyet_dinh".to_owned(),
            type_name: "02".to_owned(),
            title: "Quyết định".to_owned(),
            confidence: Confidence::from_pct(80),
            evidence: None,
            broader: None,
            cues: Vec::new(),
            runner_up: None,
        },
        fields: Fields::new(),
        role: None,
        flags: Vec::new(),
    }
}

fn set_aside() -> DossierRecord {
    let wording = Wording {
        what: "Thư mục rỗng".to_owned(),
        remedy: "Quét lại".to_owned(),
    };
    DossierRecord {
        v: MANIFEST_VERSION,
        folder: "đợt 1/khong ro".to_owned(),
        dossier: None,
        labels: Default::default(),
        containers: Vec::new(),
        outcome: Outcome::SetAside,
        review: Vec::new(),
        reasons: vec![Reason {
            retry: Default::default(),
            code: "INT-001".to_owned(),
            place: "đợt 1/khong ro".to_owned(),
            vi: wording.clone(),
            en: wording,
        }],
        content_key: None,
        sources: Vec::new(),
        ignored: Vec::new(),
        pages: Vec::new(),
        documents: Vec::new(),
    }
}

fn header(records: &[DossierRecord], lines: &[u8]) -> BatchHeader {
    let packaged = || {
        records
            .iter()
            .filter(|record| record.outcome == Outcome::Packaged)
    };
    let fated = |fate| {
        let pages = records.iter().flat_map(|record| &record.pages);
        pages.filter(|page| page.fate == fate).count() as u64
    };
    let tree = tree(packaged());
    BatchHeader {
        v: MANIFEST_VERSION,
        created: "2026-11-20T17:00:00+07:00".to_owned(),
        software: Software {
            name: "sohoa".to_owned(),
            version: "0.1.0".to_owned(),
            engine: "none".to_owned(),
            model_sha256: Digest::of(b"model"),
        },
        plan_sha256: Digest::of(b"plan"),
        manifest: ManifestSeal {
            file: "manifest.jsonl".to_owned(),
            sha256: Digest::of(lines),
            lines: records.len() as u64,
        },
        dossiers: DossierCounts {
            total: records.len() as u64,
            packaged: packaged().count() as u64,
            waiting_for_review: 0,
            set_aside: records.len() as u64 - packaged().count() as u64,
        },
        pages: PageCounts {
            scanned: records.iter().map(|record| record.pages.len() as u64).sum(),
            published: fated(Fate::Published),
            blank: fated(Fate::Blank),
            separator: fated(Fate::Separator),
            rejected: fated(Fate::Rejected),
        },
        documents: packaged().map(|record| record.documents.len() as u64).sum(),
        merkle: MerkleSeal {
            root: tree.root(),
            leaves: tree.leaves(),
        },
    }
}

/// The tree as the package's description defines it, by the writer's builder.
fn tree<'r>(packaged: impl Iterator<Item = &'r DossierRecord>) -> merkle::TreeBuilder {
    let mut tree = merkle::TreeBuilder::new();
    for record in packaged {
        let code: &DossierCode = record.dossier.as_ref().expect("packaged");
        for (n, source) in record.sources.iter().enumerate() {
            tree.push(format!("sohoa.v1 scan {code} {} {}", n + 1, source.sha256).as_bytes());
        }
        for page in &record.pages {
            let fate = serde_json::to_string(&page.fate)
                .expect("serializes")
                .replace('"', "");
            let place = match &page.published {
                Some(p) => {
                    let image = p.image_sha256.map_or("-".to_owned(), |d| d.to_string());
                    format!("{} {} {image} {}", p.document, p.page, p.text_sha256)
                }
                None => "- - - -".to_owned(),
            };
            let (source, source_page) = (page.source, page.source_page);
            tree.push(
                format!("sohoa.v1 page {code} {source} {source_page} {fate} {place}").as_bytes(),
            );
        }
        for document in &record.documents {
            tree.push(
                format!("sohoa.v1 file {code} {} {}", document.n, document.sha256).as_bytes(),
            );
            if let Some(text) = &document.text {
                tree.push(
                    format!("sohoa.v1 text {code} {} {}", document.n, text.sha256).as_bytes(),
                );
            }
        }
    }
    tree
}
