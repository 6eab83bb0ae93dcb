//! The pages of one PDF file against the records of its pages.

use std::collections::HashMap;

use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::finding::{Code, Finding, Findings, Place};
use super::limits;
use super::page_content::{self, Foreign, Shown};
use super::pdf::Pdf;
use super::to_unicode::ToUnicode;
use crate::model::Digest;
use crate::model::manifest::PublishedPage;

/// Holds every recorded page against the file; returns how many could be recomputed.
pub fn compare(
    pdf: &Pdf<'_>,
    path: &str,
    said_pages: u32,
    records: &[&PublishedPage],
    findings: &mut Findings,
) -> u64 {
    let pages = pdf.pages();
    if pages.len() > limits::PAGES as usize {
        findings.add(over_budget(path));
        return 0;
    }
    if pages.len() != said_pages as usize {
        let finding = Finding::new(Code::PageCountDiffers, Place::file(path));
        findings.add(finding.with("said", said_pages).with("found", pages.len()));
    }
    let mut fonts = Fonts::of(pdf);
    let mut done = 0;
    for (number, id) in (1u32..).zip(pages) {
        let record = records.iter().find(|record| record.page == number);
        let place = Place::page(path, number);
        match read_page(pdf, id, &mut fonts) {
            Ok(page) => {
                done += 1;
                if let Some(record) = record {
                    compare_one(&page, record, &place, findings);
                }
            }
            Err(flaw) => {
                findings.add(Finding::new(Code::PageForeign, place).with("detail", flaw));
            }
        }
    }
    done
}

/// The digests of image and text of one page, from 1; `None` where it is no page of ours.
pub fn digests(pdf: &Pdf<'_>, number: u32) -> Option<(Digest, Digest)> {
    let pages = pdf.pages();
    let id = pages.get((number as usize).checked_sub(1)?)?;
    let mut fonts = Fonts::of(pdf);
    let page = read_page(pdf, *id, &mut fonts).ok()?;
    Some((page.image, page.text))
}

fn over_budget(path: &str) -> Finding {
    let finding = Finding::new(Code::OverBudget, Place::file(path));
    finding.with("what", "pages").with("limit", limits::PAGES)
}

/// What was recomputed from one page.
struct PageRead {
    image: Digest,
    text: Digest,
    stored_px: Option<(u32, u32)>,
}

/// Why a page is not one of ours.
#[derive(Debug, thiserror::Error)]
enum PageFlaw {
    #[error("no page dictionary")]
    NoPage,
    #[error("no readable content stream")]
    NoContent,
    #[error("{0} images drawn")]
    Images(usize),
    #[error("the image drawn is no image")]
    NoImage,
    #[error(transparent)]
    Foreign(#[from] Foreign),
}

fn read_page(pdf: &Pdf<'_>, id: ObjectId, fonts: &mut Fonts<'_, '_>) -> Result<PageRead, PageFlaw> {
    let page = pdf
        .document
        .get_dictionary(id)
        .map_err(|_| PageFlaw::NoPage)?;
    let resources = pdf.entry(page, b"Resources").and_then(|r| r.as_dict().ok());
    let resources = resources.ok_or(PageFlaw::NoPage)?;
    let content = content(pdf, page).ok_or(PageFlaw::NoContent)?;
    fonts.learn(resources);
    let shown = page_content::read(&content, &|font, codes| {
        fonts.decode(resources, font, codes)
    })?;
    let image = the_image(pdf, resources, &shown)?;
    let side = |key: &[u8]| pdf.entry(&image.dict, key)?.as_i64().ok()?.try_into().ok();
    Ok(PageRead {
        image: Digest::of(&image.content),
        text: Digest::of(shown.text.as_bytes()),
        stored_px: side(b"Width").zip(side(b"Height")),
    })
}

pub(super) fn content(pdf: &Pdf<'_>, page: &Dictionary) -> Option<Vec<u8>> {
    // One stream a page: an array of them is not how our writer writes.
    let stream = pdf.entry(page, b"Contents")?.as_stream().ok()?;
    pdf.inflated(stream)
}

fn the_image<'p>(
    pdf: &'p Pdf<'_>,
    resources: &'p Dictionary,
    shown: &Shown,
) -> Result<&'p Stream, PageFlaw> {
    let [name] = shown.images.as_slice() else {
        return Err(PageFlaw::Images(shown.images.len()));
    };
    let objects = pdf
        .entry(resources, b"XObject")
        .and_then(|o| o.as_dict().ok());
    let object = objects.and_then(|objects| pdf.entry(objects, name));
    match object {
        Some(Object::Stream(stream)) if is_plain_image(stream) => Ok(stream),
        _ => Err(PageFlaw::NoImage),
    }
}

/// An image and nothing that would change how it looks (masks, alternates).
fn is_plain_image(stream: &Stream) -> bool {
    let other_look: [&[u8]; 4] = [b"SMask", b"Mask", b"Alternates", b"Decode"];
    let named = stream.dict.get(b"Subtype").and_then(Object::as_name);
    matches!(named, Ok(b"Image")) && !other_look.iter().any(|key| stream.dict.has(key))
}

fn compare_one(page: &PageRead, record: &PublishedPage, place: &Place, findings: &mut Findings) {
    if record.image_sha256 != Some(page.image) {
        let said = record.image_sha256;
        let said = said.map_or_else(|| "-".to_owned(), |digest| digest.to_string());
        findings.add(differs(Code::PageImageDiffers, place, said, page.image));
    } else if page
        .stored_px
        .is_none_or(|stored| !same_size(stored, record))
    {
        let (width, height) = page.stored_px.unwrap_or_default();
        let said = format!("{}×{} px", record.width_px, record.height_px);
        let found = format!("{width}×{height} px");
        findings.add(differs(Code::PageImageDiffers, place, said, found));
    }
    if page.text != record.text_sha256 {
        findings.add(differs(
            Code::PageTextDiffers,
            place,
            record.text_sha256,
            page.text,
        ));
    }
}

/// The stored image has the upright page's sides, swapped where it lies on its side.
fn same_size(stored: (u32, u32), record: &PublishedPage) -> bool {
    let upright = match record.turn_deg {
        90 | 270 => (stored.1, stored.0),
        _ => stored,
    };
    upright == (record.width_px, record.height_px)
}

fn differs(code: Code, place: &Place, said: impl ToString, found: impl ToString) -> Finding {
    Finding::new(code, place.clone())
        .with("said", said)
        .with("found", found)
}

/// The fonts of a file by their object number, each map parsed once.
pub(super) struct Fonts<'p, 'f> {
    pdf: &'p Pdf<'f>,
    known: HashMap<ObjectId, Option<ToUnicode>>,
}

impl<'p, 'f> Fonts<'p, 'f> {
    /// Those of a file, none of them read yet.
    pub(super) fn of(pdf: &'p Pdf<'f>) -> Self {
        let known = HashMap::new();
        Self { pdf, known }
    }

    pub(super) fn learn(&mut self, resources: &Dictionary) {
        let fonts = self
            .named(resources)
            .into_iter()
            .flat_map(|fonts| fonts.iter());
        let ids: Vec<ObjectId> = fonts
            .filter_map(|(_, font)| font.as_reference().ok())
            .collect();
        for id in ids {
            let pdf = self.pdf;
            self.known.entry(id).or_insert_with(|| to_unicode(pdf, id));
        }
    }

    pub(super) fn named<'d>(&'d self, resources: &'d Dictionary) -> Option<&'d Dictionary> {
        self.pdf.entry(resources, b"Font")?.as_dict().ok()
    }

    pub(super) fn decode(
        &self,
        resources: &Dictionary,
        font: &[u8],
        codes: &[u8],
    ) -> Option<String> {
        let id = self.named(resources)?.get(font).ok()?.as_reference().ok()?;
        self.known.get(&id)?.as_ref()?.decode(codes)
    }
}

fn to_unicode(pdf: &Pdf<'_>, id: ObjectId) -> Option<ToUnicode> {
    let font = pdf.document.get_dictionary(id).ok()?;
    let two_bytes = matches!(pdf.entry(font, b"Encoding")?, Object::Name(n) if n == b"Identity-H");
    let map = pdf.entry(font, b"ToUnicode")?.as_stream().ok()?;
    two_bytes
        .then(|| ToUnicode::parse(&pdf.inflated(map)?))
        .flatten()
}
