//! What the evidence of a batch is made of: the leaves of its trees, in the order of the manifest.

use crate::model::manifest::{DossierRecord, Fate, Outcome, PageRecord};
use crate::model::{Digest, DossierCode};

/// One leaf: a file or a page of a packaged dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// What it stands for.
    pub subject: Subject,
    /// The ASCII line that the tree of RFC 9162 is built over (docs/manifest.md, "Evidence").
    pub line: String,
    /// The leaf of the tree of RFC 4998: the digest of the file; of a page, that of its line.
    pub object: Digest,
    /// Length of the file; absent for pages.
    pub bytes: Option<u64>,
}

/// What a leaf stands for, by its numbers in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An archive that files came in, from 1.
    Container(u64),
    /// A scan file, from 1.
    Scan(u64),
    /// A scanned page; where it is published, its document and its page in it.
    Page {
        /// Number of its file in `sources`, from 1.
        source: u32,
        /// Page inside that file, from 1.
        source_page: u32,
        /// Document and page of the package.
        published: Option<(u32, u32)>,
    },
    /// A document, from 1.
    File(u32),
    /// The text beside a kept document, by the document's number.
    Text(u32),
}

/// The leaves of one dossier; none where it is not packaged.
pub fn evidence_leaves(record: &DossierRecord) -> Vec<Leaf> {
    let packaged = record.outcome == Outcome::Packaged;
    let Some(code) = record.dossier.as_ref().filter(|_| packaged) else {
        return Vec::new();
    };
    let containers = (1..).zip(&record.containers).map(|(n, container)| {
        let line = format!("sohoa.v1 container {code} {n} {}", container.sha256);
        Leaf::of_file(
            Subject::Container(n),
            line,
            container.sha256,
            container.bytes,
        )
    });
    let scans = (1..).zip(&record.sources).map(|(n, source)| {
        let line = format!("sohoa.v1 scan {code} {n} {}", source.sha256);
        Leaf::of_file(Subject::Scan(n), line, source.sha256, source.bytes)
    });
    let pages = record.pages.iter().map(|page| page_leaf(code, page));
    let files = record.documents.iter().flat_map(|document| {
        let (n, sha256) = (document.n, document.sha256);
        let line = format!("sohoa.v1 file {code} {n} {sha256}");
        let file = Leaf::of_file(Subject::File(n), line, sha256, document.bytes);
        let text = document.text.as_ref().map(|text| {
            let line = format!("sohoa.v1 text {code} {n} {}", text.sha256);
            Leaf::of_file(Subject::Text(n), line, text.sha256, text.bytes)
        });
        std::iter::once(file).chain(text)
    });
    containers.chain(scans).chain(pages).chain(files).collect()
}

impl Leaf {
    fn of_file(subject: Subject, line: String, object: Digest, bytes: u64) -> Self {
        Self {
            subject,
            line,
            object,
            bytes: Some(bytes),
        }
    }
}

fn page_leaf(code: &DossierCode, page: &PageRecord) -> Leaf {
    let place = page.published.as_ref().map_or("- - - -".to_owned(), |at| {
        let image = at.image_sha256.map_or("-".to_owned(), |d| d.to_string());
        format!("{} {} {image} {}", at.document, at.page, at.text_sha256)
    });
    let (source, source_page, fate) = (page.source, page.source_page, fate_word(page.fate));
    let line = format!("sohoa.v1 page {code} {source} {source_page} {fate} {place}");
    let published = page.published.as_ref().map(|at| (at.document, at.page));
    Leaf {
        subject: Subject::Page {
            source,
            source_page,
            published,
        },
        object: Digest::of(line.as_bytes()),
        line,
        bytes: None,
    }
}

fn fate_word(fate: Fate) -> &'static str {
    match fate {
        Fate::Published => "published",
        Fate::Blank => "blank",
        Fate::Separator => "separator",
        Fate::Rejected => "rejected",
    }
}
