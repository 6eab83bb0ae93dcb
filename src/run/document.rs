//! One document of the road: described, assembled, sealed and put down.

use super::fault::Halt;
use super::page::ReadPage;
use super::road::Trip;
use crate::formats::pdfa::ConformantPdf;
use crate::model::manifest::{DocumentRecord, PublishedPage, SealRecord};
use crate::model::{Description, Digest, PageText};
use crate::stages::assemble::{self, AssembleFault, AssembleInput, Assembled};
use crate::stages::package::{PackageFault, document_name};
use crate::stages::seal::{self, SealFault};

/// A document that stands in the draft, and what the manifest says of it and its pages.
pub type Made = (DocumentRecord, Vec<PublishedPage>);

/// Makes document number `n` of these pages.
pub fn make(trip: &Trip<'_>, n: u32, pages: &[&ReadPage]) -> Result<Made, Halt> {
    let texts: Vec<&PageText> = pages.iter().map(|page| &page.text).collect();
    let description = trip.tools.describer.describe(&texts);
    let assembled = assemble(trip, n, pages, &description)?;
    let (bytes, seal) = seal(trip, n, &assembled.pdf)?;
    let file = document_name(trip.code, n);
    trip.draft.write(&file, &bytes)?;
    let document = DocumentRecord {
        n,
        file,
        sha256: Digest::of(&bytes),
        bytes: bytes.len() as u64,
        pages: pages.len() as u32,
        description,
        seal,
    };
    let published = pages.iter().zip(1..).zip(assembled.pages);
    let published = published.map(|((page, at), digests)| page.published(n, at, digests));
    Ok((document, published.collect()))
}

fn assemble(
    trip: &Trip<'_>,
    n: u32,
    pages: &[&ReadPage],
    description: &Description,
) -> Result<Assembled, Halt> {
    let to_assemble: Vec<_> = pages.iter().map(|page| page.to_assemble()).collect();
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
fn seal(trip: &Trip<'_>, n: u32, pdf: &ConformantPdf) -> Result<(Vec<u8>, SealRecord), Halt> {
    let Some(signer) = trip.tools.signer else {
        return Ok((pdf.bytes().to_vec(), SealRecord::Waiting));
    };
    match seal::seal(pdf, signer, &trip.tools.plan.seal, (trip.tools.now)()) {
        Ok(sealed) => Ok((sealed.pdf.into_bytes(), sealed.record)),
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
