//! The shapes of a file's dictionaries, once for the writer and once for the checker.
//!
//! The writer fills them in; the checker takes the references out of what it
//! finds, fills them in again and compares. So nothing can stand in a conformant
//! file that is not written here: no action, form, embedded file, annotation or
//! layer (ISO 19005-2, 6.3 to 6.5, 6.8 to 6.11).

use lopdf::{Dictionary, Object, ObjectId, StringFormat, dictionary, text_string};

use super::xmp::Metadata;
use crate::formats::raster::{Coding, Space};

/// The one image of a page in its resources.
pub(super) const IMAGE: &str = "Im";

/// Name of the output condition: the profile is sRGB.
const CONDITION: &str = "sRGB IEC61966-2.1";

/// The document catalog (ISO 32000-1, 7.7.2).
pub(super) fn catalog(page_tree: ObjectId, packet: ObjectId, profile: ObjectId) -> Dictionary {
    let intent = dictionary! {
        "Type" => "OutputIntent",
        "S" => "GTS_PDFA1",
        "OutputConditionIdentifier" => Object::string_literal(CONDITION),
        "Info" => Object::string_literal(CONDITION),
        "DestOutputProfile" => profile,
    };
    dictionary! {
        "Type" => "Catalog",
        "Pages" => page_tree,
        "Metadata" => packet,
        "OutputIntents" => vec![intent.into()],
        "Lang" => Object::string_literal("vi-VN"),
        "ViewerPreferences" => dictionary! { "DisplayDocTitle" => true },
    }
}

/// The stream dictionary of the XMP packet.
pub(super) fn packet() -> Dictionary {
    dictionary! { "Type" => "Metadata", "Subtype" => "XML" }
}

/// The Info dictionary, in step with the XMP packet (ISO 19005-2, 6.6.3).
pub(super) fn information(metadata: &Metadata) -> Dictionary {
    let mut entries = dictionary! { "Producer" => text_string(&metadata.producer) };
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

/// The trailer but for `/Size` (ISO 32000-1, 7.5.5); both halves of the identifier are those of the birth.
pub(super) fn trailer(catalog: ObjectId, information: ObjectId, identity: &[u8]) -> Dictionary {
    let id = Object::String(identity.to_vec(), StringFormat::Hexadecimal);
    dictionary! { "Root" => catalog, "Info" => information, "ID" => vec![id.clone(), id] }
}

/// The page tree, one level deep.
pub(super) fn page_tree(pages: Vec<Object>) -> Dictionary {
    let count = pages.len() as i64;
    dictionary! { "Type" => "Pages", "Kids" => pages, "Count" => count }
}

/// What a page points to and how large it is.
pub(super) struct PageShape {
    /// The page tree.
    pub parent: ObjectId,
    /// The image.
    pub image: ObjectId,
    /// The dictionary of all fonts of the file.
    pub fonts: ObjectId,
    /// The content stream.
    pub content: ObjectId,
    /// Width and height of the media box in units.
    pub size_units: (f32, f32),
    /// `/UserUnit`, left out where it is 1.
    pub user_unit: u32,
}

/// A page (ISO 32000-1, 7.7.3.3).
pub(super) fn page(shape: &PageShape) -> Dictionary {
    let (width, height) = shape.size_units;
    let mut entries = dictionary! {
        "Type" => "Page",
        "Parent" => shape.parent,
        "MediaBox" => vec![0.into(), 0.into(), Object::Real(width), Object::Real(height)],
        "Resources" => dictionary! {
            "XObject" => dictionary! { IMAGE => shape.image },
            "Font" => shape.fonts,
        },
        "Contents" => shape.content,
    };
    if shape.user_unit > 1 {
        entries.set("UserUnit", i64::from(shape.user_unit));
    }
    entries
}

/// Components and bits a sample.
pub(super) fn samples(space: Space) -> (u8, u8) {
    match space {
        Space::Bilevel => (1, 1),
        Space::Gray => (1, 8),
        Space::Rgb => (3, 8),
    }
}

/// An image as it came (ISO 19005-2, 6.2.8: no interpolation, no alternates).
pub(super) fn image(width_px: u32, height_px: u32, coding: Coding, space: Space) -> Dictionary {
    let (components, bits) = samples(space);
    let color_space = if components == 1 {
        "DeviceGray"
    } else {
        "DeviceRGB"
    };
    let (filter, parameters) = filter(width_px, height_px, coding, space);
    let mut entries = dictionary! {
        "Type" => "XObject",
        "Subtype" => "Image",
        "Width" => i64::from(width_px),
        "Height" => i64::from(height_px),
        "ColorSpace" => color_space,
        "BitsPerComponent" => i64::from(bits),
        "Filter" => filter,
    };
    if !parameters.is_empty() {
        entries.set("DecodeParms", parameters);
    }
    entries
}

/// Filter and its parameters (ISO 32000-1, 7.4.4.4, 7.4.6, 7.4.8, 7.4.9).
fn filter(
    width_px: u32,
    height_px: u32,
    coding: Coding,
    space: Space,
) -> (&'static str, Dictionary) {
    let (columns, rows) = (i64::from(width_px), i64::from(height_px));
    match coding {
        Coding::Jpeg { color_transform } => {
            let mut parameters = Dictionary::new();
            if let Some(transform) = color_transform {
                parameters.set("ColorTransform", i64::from(transform));
            }
            ("DCTDecode", parameters)
        }
        Coding::Jpeg2000 => ("JPXDecode", Dictionary::new()),
        Coding::CcittG4 => (
            "CCITTFaxDecode",
            dictionary! { "K" => -1, "Columns" => columns, "Rows" => rows, "BlackIs1" => false },
        ),
        Coding::FlatePng => {
            let (components, bits) = samples(space);
            let parameters = dictionary! {
                "Predictor" => 15,
                "Colors" => i64::from(components),
                "BitsPerComponent" => i64::from(bits),
                "Columns" => columns,
            };
            ("FlateDecode", parameters)
        }
    }
}
