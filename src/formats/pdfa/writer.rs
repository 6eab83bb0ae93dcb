//! The writer: page by page into the bytes of the file, then what all pages share.

use lopdf::{Dictionary, Object, ObjectId, StringFormat, dictionary, text_string};

use super::check::{ConformantPdf, check};
use super::font::Shared;
use super::object_file::ObjectFile;
use super::sheet::Sheet;
use super::text_layer::{Demand, content, operations};
use super::xmp::{Metadata, PRODUCER};
use super::{DocumentInfo, PageInput, PdfaFault, icc, jpeg, writable};
use crate::formats::raster::{Coding, EncodedImage, Space};

/// The one image of a page in its resources.
const IMAGE: &str = "Im";

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
        let image = self.add_image(input.image, page)?;
        let content = content(matrix, IMAGE, words);
        let content = self.file.add_deflated(Dictionary::new(), &content);
        let mut entries = dictionary! {
            "Type" => "Page",
            "Parent" => self.page_tree,
            "MediaBox" => vec![
                0.into(),
                0.into(),
                Object::Real(sheet.width_units as f32),
                Object::Real(sheet.height_units as f32),
            ],
            "Resources" => dictionary! {
                "XObject" => dictionary! { IMAGE => image },
                "Font" => self.fonts,
            },
            "Contents" => content,
        };
        if sheet.user_unit > 1 {
            entries.set("UserUnit", i64::from(sheet.user_unit));
        }
        let page_object = self.file.add(entries);
        self.pages.push(page_object.into());
        match self.file.len() > MAX_FILE_BYTES {
            true => Err(PdfaFault::TooLong),
            false => Ok(()),
        }
    }

    /// The image as it came (ISO 19005-2, 6.2.8: no interpolation, no alternates).
    fn add_image(&mut self, image: EncodedImage, page: u32) -> Result<ObjectId, PdfaFault> {
        let (color_space, components, bits) = match image.space {
            Space::Bilevel => ("DeviceGray", 1, 1),
            Space::Gray => ("DeviceGray", 1, 8),
            Space::Rgb => ("DeviceRGB", 3, 8),
        };
        if matches!(image.coding, Coding::Jpeg { .. }) {
            let frame = jpeg::frame(&image.bytes).ok_or(PdfaFault::Jpeg { page })?;
            let said = (frame.width_px, frame.height_px, frame.components);
            if said != (image.width_px, image.height_px, components) || bits != 8 {
                return Err(PdfaFault::Jpeg { page });
            }
        }
        let (filter, parameters) = filter(&image, components, bits);
        let mut entries = dictionary! {
            "Type" => "XObject",
            "Subtype" => "Image",
            "Width" => i64::from(image.width_px),
            "Height" => i64::from(image.height_px),
            "ColorSpace" => color_space,
            "BitsPerComponent" => bits,
            "Filter" => filter,
        };
        if !parameters.is_empty() {
            entries.set("DecodeParms", parameters);
        }
        Ok(self.file.add_stream(entries, image.bytes))
    }

    fn finish(mut self, info: &DocumentInfo) -> Result<Vec<u8>, PdfaFault> {
        if self.pages.is_empty() {
            return Err(PdfaFault::NoPages);
        }
        self.write_fonts();
        let count = self.pages.len() as i64;
        let kids = std::mem::take(&mut self.pages);
        self.file.put(
            self.page_tree,
            dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count },
        );
        let metadata = Metadata::of(info);
        self.write_catalog(&metadata);
        let information = self.file.add(information(&metadata));
        let id = Object::String(
            info.identity.as_bytes()[..16].to_vec(),
            StringFormat::Hexadecimal,
        );
        Ok(self.file.finish(dictionary! {
            "Root" => self.catalog,
            "Info" => information,
            "ID" => vec![id.clone(), id],
        }))
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

    fn write_catalog(&mut self, metadata: &Metadata) {
        let packet = dictionary! { "Type" => "Metadata", "Subtype" => "XML" };
        let packet = self.file.add_stream(packet, metadata.packet().into_bytes());
        let profile = self
            .file
            .add_deflated(dictionary! { "N" => 3 }, &icc::srgb_profile());
        let name = "sRGB IEC61966-2.1";
        let intent = dictionary! {
            "Type" => "OutputIntent",
            "S" => "GTS_PDFA1",
            "OutputConditionIdentifier" => Object::string_literal(name),
            "Info" => Object::string_literal(name),
            "DestOutputProfile" => profile,
        };
        self.file.put(
            self.catalog,
            dictionary! {
                "Type" => "Catalog",
                "Pages" => self.page_tree,
                "Metadata" => packet,
                "OutputIntents" => vec![intent.into()],
                "Lang" => Object::string_literal("vi-VN"),
                "ViewerPreferences" => dictionary! { "DisplayDocTitle" => true },
            },
        );
    }
}

/// Filter and its parameters (ISO 32000-1, 7.4.4.4, 7.4.6, 7.4.8).
fn filter(image: &EncodedImage, components: u8, bits: i64) -> (&'static str, Dictionary) {
    let (columns, rows) = (i64::from(image.width_px), i64::from(image.height_px));
    match image.coding {
        Coding::Jpeg { color_transform } => {
            let mut parameters = Dictionary::new();
            if let Some(transform) = color_transform {
                parameters.set("ColorTransform", i64::from(transform));
            }
            ("DCTDecode", parameters)
        }
        Coding::CcittG4 => (
            "CCITTFaxDecode",
            dictionary! { "K" => -1, "Columns" => columns, "Rows" => rows, "BlackIs1" => false },
        ),
        Coding::FlatePng => (
            "FlateDecode",
            dictionary! {
                "Predictor" => 15,
                "Colors" => i64::from(components),
                "BitsPerComponent" => bits,
                "Columns" => columns,
            },
        ),
    }
}

/// The Info dictionary, in step with the XMP packet.
fn information(metadata: &Metadata) -> Dictionary {
    let mut entries = dictionary! { "Producer" => text_string(PRODUCER) };
    let optional = [
        ("Title", &metadata.title),
        ("Subject", &metadata.subject),
        ("Author", &metadata.author),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            entries.set(key, text_string(value));
        }
    }
    entries
}
