//! The writer: page by page into the bytes of the file, then what all pages share.

use lopdf::{Dictionary, Object, ObjectId, dictionary};

use super::check::{ConformantPdf, check};
use super::font::Shared;
use super::object_file::ObjectFile;
use super::shapes::{self, PageShape};
use super::sheet::Sheet;
use super::text_layer::{Demand, content, operations};
use super::xmp::Metadata;
use super::{DocumentInfo, PageInput, PdfaFault, icc, jpeg, writable};
use crate::formats::raster::EncodedImage;

/// Readers keep offsets in 32 bits; a scan of 4 GiB is to be cut before.
const MAX_FILE_BYTES: usize = u32::MAX as usize;

/// Writes pages in order; the same input gives the same bytes.
///
/// Only the file and one page are held at a time.
pub fn write<'a, E: From<PdfaFault>>(
    info: &DocumentInfo,
    pages: impl IntoIterator<Item = Result<PageInput<'a>, E>>,
) -> Result<ConformantPdf, E> {
    let mut writer = Writer::new();
    for page in pages {
        writer.add_page(page?)?;
    }
    let bytes = writer.finish(info)?;
    Ok(check(bytes).map_err(|violations| PdfaFault::NotConformant { violations })?)
}

struct Writer {
    file: ObjectFile,
    catalog: ObjectId,
    page_tree: ObjectId,
    fonts: ObjectId,
    pages: Vec<Object>,
    demand: Demand,
}

impl Writer {
    fn new() -> Self {
        let mut file = ObjectFile::new();
        Self {
            catalog: file.reserve(),
            page_tree: file.reserve(),
            fonts: file.reserve(),
            file,
            pages: Vec::new(),
            demand: Demand::default(),
        }
    }

    fn add_page(&mut self, input: PageInput<'_>) -> Result<(), PdfaFault> {
        let page = self.pages.len() as u32 + 1;
        let sheet = Sheet::of(&input, page)?;
        let text = writable(input.text);
        let same_frame = (text.width_px, text.height_px) == (sheet.width_px, sheet.height_px);
        if !text.words.is_empty() && !same_frame {
            return Err(PdfaFault::TextFrame { page });
        }
        let matrix = sheet.image_matrix(&input);
        let words = operations(&text, &sheet, &mut self.demand)?;
        let shape = PageShape {
            parent: self.page_tree,
            image: self.add_image(input.image, page)?,
            fonts: self.fonts,
            content: self
                .file
                .add_deflated(Dictionary::new(), &content(matrix, words)),
            size_units: (sheet.width_units as f32, sheet.height_units as f32),
            user_unit: sheet.user_unit,
        };
        let page_object = self.file.add(shapes::page(&shape));
        self.pages.push(page_object.into());
        match self.file.len() > MAX_FILE_BYTES {
            true => Err(PdfaFault::TooLong),
            false => Ok(()),
        }
    }

    fn add_image(&mut self, image: EncodedImage, page: u32) -> Result<ObjectId, PdfaFault> {
        let size_px = (image.width_px, image.height_px);
        if !jpeg::agrees(&image.bytes, image.coding, size_px, image.space) {
            return Err(PdfaFault::Jpeg { page });
        }
        let entries = shapes::image(image.width_px, image.height_px, image.coding, image.space);
        Ok(self.file.add_stream(entries, image.bytes))
    }

    fn finish(mut self, info: &DocumentInfo) -> Result<Vec<u8>, PdfaFault> {
        if self.pages.is_empty() {
            return Err(PdfaFault::NoPages);
        }
        self.write_fonts();
        let pages = std::mem::take(&mut self.pages);
        self.file.put(self.page_tree, shapes::page_tree(pages));
        let metadata = Metadata::of(info);
        let packet = metadata.packet().into_bytes();
        let packet = self.file.add_stream(shapes::packet(), packet);
        let profile = dictionary! { "N" => 3 };
        let profile = self.file.add_deflated(profile, &icc::srgb_profile());
        let catalog = shapes::catalog(self.page_tree, packet, profile);
        self.file.put(self.catalog, catalog);
        let information = self.file.add(shapes::information(&metadata));
        let identity = &info.identity.as_bytes()[..16];
        let trailer = shapes::trailer(self.catalog, information, identity);
        Ok(self.file.finish(trailer))
    }

    fn write_fonts(&mut self) {
        let mut fonts = Dictionary::new();
        if !self.demand.reaches.is_empty() {
            let shared = Shared::write(&self.demand.letters.to_unicode(), &mut self.file);
            for reach in &self.demand.reaches {
                fonts.set(reach.name(), reach.write(&shared, &mut self.file));
            }
        }
        self.file.put(self.fonts, fonts);
    }
}
