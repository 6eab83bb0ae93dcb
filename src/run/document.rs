//! One document of the road: described; and once its dossier is, assembled, sealed and put down.

use std::time::Instant;

use super::events::Event;
use super::fault::Halt;
use super::page::ReadPage;
use super::review;
use super::road::Trip;
use crate::formats::pdfa::ConformantPdf;
use crate::model::manifest::{DocumentRecord, PublishedPage, SealRecord, TextFile};
use crate::model::{Description, Digest, PageText, Paper};
use crate::stages::assemble::{self, AssembleFault, AssembleInput, Assembled};
use crate::stages::intake::ScanFile;
use crate::stages::package::{PackageFault, document_name, text_name};
use crate::stages::seal::{self, SealFault};

/// A document that stands in the draft, and what the manifest says of it and its pages.
pub type Made = (DocumentRecord, Vec<PublishedPage>);

/// Type and fields of the document that these pages are.
pub fn describe(
    trip: &Trip<'_>,
    pages: &[&ReadPage],
    listed: Option<u16>,
) -> Result<Description, PackageFault> {
    let texts = texts_of(pages)?;
    let texts: Vec<&PageText> = texts.iter().collect();
    let mut description = trip.tools.describer.describe_listed(&texts, listed);
    let textless = pages.iter().map(|page| page.textless);
    let doubt = review::without_text(textless, &trip.tools.plan.review);
    let scans = pages.iter().map(|page| &trip.survey.files[page.file]);
    let attached = review::attachments(scans, &trip.tools.plan.review);
    description.flags.extend(doubt.into_iter().chain(attached));
    Ok(description)
}

/// Makes document number `n` of these pages.
pub fn make(
    trip: &Trip<'_>,
    n: u32,
    pages: &[&ReadPage],
    description: Description,
) -> Result<Made, Halt> {
    let kept = pages.first().filter(|page| page.of_signed_file);
    if let Some(page) = kept {
        return keep(trip, n, &trip.survey.files[page.file], pages, description);
    }
    let texts = texts_of(pages)?;
    let assembled = assemble(trip, n, pages, &texts, &description)?;
    drop(texts);
    let (bytes, seal) = seal(trip, n, assembled.pdf)?;
    let file = document_name(trip.code, n);
    trip.draft.write(&file, &bytes)?;
    let document = DocumentRecord {
        n,
        file,
        sha256: Digest::of(&bytes),
        bytes: bytes.len() as u64,
        pages: pages.len() as u32,
        split_confidence: None,
        looked_at_by: None,
        paper: paper_of(trip, &description),
        description,
        seal,
        text: None,
    };
    let published = pages.iter().zip(1..).zip(assembled.pages);
    let published = published.map(|((page, at), digests)| {
        page.published(n, at, Some(digests.image_sha256), digests.text_sha256)
    });
    Ok((document, published.collect()))
}

fn paper_of(trip: &Trip<'_>, description: &Description) -> Option<Paper> {
    Paper::of(description.role.as_ref()?, &trip.entry.labels)
}

/// The words of these pages; those of one document at a time are in memory.
pub fn texts_of(pages: &[&ReadPage]) -> Result<Vec<PageText>, PackageFault> {
    pages.iter().map(|page| page.text()).collect()
}

/// Keeps a source that carries signatures, byte for byte, and puts its text beside it.
fn keep(
    trip: &Trip<'_>,
    n: u32,
    scan: &ScanFile,
    pages: &[&ReadPage],
    description: Description,
) -> Result<Made, Halt> {
    let seal = trip.tools.reader.judge_signatures(scan);
    let seal = seal.map_err(|fault| Halt::set_aside(place(trip, n), fault))?;
    let file = document_name(trip.code, n);
    trip.draft
        .copy(&scan.path, &file, &scan.name, scan.sha256)
        .map_err(|fault| match fault.stops_the_run() {
            true => fault.into(),
            false => Halt::set_aside(place(trip, n), fault),
        })?;
    let words = texts_of(pages)?;
    let texts: Vec<String> = words.iter().map(PageText::plain).collect();
    let published = pages.iter().zip(1..).zip(&texts);
    let published = published
        .map(|((page, at), text)| page.published(n, at, None, Digest::of(text.as_bytes())));
    let document = DocumentRecord {
        n,
        file,
        sha256: scan.sha256,
        bytes: scan.bytes,
        pages: pages.len() as u32,
        split_confidence: None,
        looked_at_by: None,
        paper: paper_of(trip, &description),
        description,
        seal,
        text: Some(write_text(trip, n, &texts.join("\x0c"))?),
    };
    Ok((document, published.collect()))
}

fn write_text(trip: &Trip<'_>, n: u32, text: &str) -> Result<TextFile, PackageFault> {
    let file = text_name(trip.code, n);
    trip.draft.write(&file, text.as_bytes())?;
    Ok(TextFile {
        file,
        sha256: Digest::of(text.as_bytes()),
        bytes: text.len() as u64,
    })
}

fn assemble(
    trip: &Trip<'_>,
    n: u32,
    pages: &[&ReadPage],
    texts: &[PageText],
    description: &Description,
) -> Result<Assembled, Halt> {
    let to_assemble = pages.iter().zip(texts);
    let to_assemble: Vec<_> = to_assemble
        .map(|(page, text)| page.to_assemble(text))
        .collect();
    let input = AssembleInput {
        dossier: trip.code,
        n,
        description,
        pages: &to_assemble,
    };
    let assembled = assemble::assemble(&input, |place| Ok(pages[place].image()?));
    assembled.map_err(|fault| match fault {
        Unmade::Assemble(fault) => Halt::set_aside(place(trip, n), fault),
        Unmade::Spool(fault) => fault.into(),
    })
}

/// The file's final bytes, and what the manifest says of its signature.
fn seal(trip: &Trip<'_>, n: u32, pdf: ConformantPdf) -> Result<(Vec<u8>, SealRecord), Halt> {
    let Some(signer) = trip.signer else {
        return Ok((pdf.into_bytes(), SealRecord::Waiting));
    };
    let (options, now) = (&trip.tools.plan.seal, (trip.tools.now)());
    let began = Instant::now();
    let sealed = match trip.tools.lasting {
        Some(lasting) => seal::seal_lasting(&pdf, signer, options, now, lasting),
        None => seal::seal(&pdf, signer, options, now),
    };
    match sealed {
        Ok(sealed) => {
            (trip.tools.report)(Event::Signed {
                folder: &trip.entry.name,
                ms: began.elapsed().as_millis() as u64,
            });
            Ok((sealed.pdf.into_bytes(), sealed.record))
        }
        Err(fault @ SealFault::Pdf(_)) => Err(Halt::set_aside(place(trip, n), fault)),
        Err(fault) => Err(fault.into()),
    }
}

fn place(trip: &Trip<'_>, n: u32) -> String {
    format!("{}/{}", trip.entry.name, document_name(trip.code, n))
}

/// Why a document was not assembled: its own fault, or the disk's that holds its images.
enum Unmade {
    Assemble(AssembleFault),
    Spool(PackageFault),
}

impl From<AssembleFault> for Unmade {
    fn from(fault: AssembleFault) -> Self {
        Self::Assemble(fault)
    }
}

impl From<PackageFault> for Unmade {
    fn from(fault: PackageFault) -> Self {
        Self::Spool(fault)
    }
}
