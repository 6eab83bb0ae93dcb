//! A page: its box, its one image, and words of which every code has a character.

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::super::jpeg;
use super::super::shapes::{self, IMAGE, PageShape};
use super::fonts::Fonts;
use super::{Audit, PageFound, layout};
use crate::formats::raster::{Coding, Space};

/// Sides of a page box in units (ISO 19005-2, 6.1.13).
const SIDE_UNITS: std::ops::RangeInclusive<f32> = 3.0..=14_400.0;

/// Checks a page and what hangs on it alone.
pub(super) fn page(
    audit: &mut Audit<'_>,
    tree: ObjectId,
    (id, page): (ObjectId, &Dictionary),
    fonts: &Option<Fonts>,
) -> Option<PageFound> {
    let fonts = fonts.as_ref()?;
    let resources = page.get(b"Resources").and_then(Object::as_dict).ok()?;
    let images = resources.get(b"XObject").and_then(Object::as_dict).ok()?;
    let (image_id, image) = audit.stream(images, IMAGE)?;
    check_image(audit, image_id, image);
    let (content_id, content) = audit.deflated(page, "Contents", Dictionary::new())?;
    let size_units = size_units(page);
    let user_unit = page.get(b"UserUnit").and_then(Object::as_i64).unwrap_or(1);
    let shape = PageShape {
        parent: tree,
        image: image_id,
        fonts: fonts.id,
        content: content_id,
        size_units,
        user_unit: u32::try_from(user_unit).unwrap_or(0),
    };
    audit.compare("6.1.13", Some(id), page, &shapes::page(&shape));
    if !SIDE_UNITS.contains(&size_units.0) || !SIDE_UNITS.contains(&size_units.1) {
        audit.report("6.1.13", Some(id), "a page box outside the limits");
    }
    let text = check_content(audit, content_id, &content, size_units, fonts)?;
    Some(PageFound {
        image: layout::content_range(audit, image_id)?,
        text,
    })
}

fn size_units(page: &Dictionary) -> (f32, f32) {
    let sides = page.get(b"MediaBox").and_then(Object::as_array).ok();
    let side = |at: usize| sides.and_then(|sides| sides.get(at)?.as_float().ok());
    (side(2).unwrap_or(0.0), side(3).unwrap_or(0.0))
}

/// The image is of a coding and colour space that we write, and a JPEG is what
/// its dictionary says (ISO 19005-2, 6.1.7.2, 6.2.4.3, 6.2.8 and 6.2.8.3).
fn check_image(audit: &mut Audit<'_>, id: ObjectId, image: &Stream) {
    let side_px = |key: &[u8]| {
        let side = image.dict.get(key).and_then(Object::as_i64).ok();
        side.and_then(|side| u32::try_from(side).ok())
    };
    let sides = side_px(b"Width").zip(side_px(b"Height"));
    let ((Some((width_px, height_px)), Some(coding)), Some(space)) =
        ((sides, coding(image)), space(image))
    else {
        audit.report(
            "6.2.8.1",
            Some(id),
            "size, filter or colour space of no image of ours",
        );
        return;
    };
    let expected = shapes::image(width_px, height_px, coding, space);
    audit.compare_stream("6.2.8.1", id, image, expected);
    let bytes = layout::content_range(audit, id).map(|range| &audit.bytes[range]);
    let agrees = |bytes| jpeg::agrees(bytes, coding, (width_px, height_px), space);
    match (coding, bytes) {
        (_, Some(bytes)) if agrees(bytes) => {}
        // Codings of ours have no header of their own.
        (Coding::CcittG4 | Coding::FlatePng, _) => {}
        (Coding::Jpeg2000, _) => {
            let found = "the JPEG 2000 data are not what their dictionary says, or not plain";
            audit.report("6.2.8.3", Some(id), found);
        }
        (Coding::Jpeg { .. }, _) => {
            let found = "the JPEG is not what its dictionary says";
            audit.report("6.1.7.1", Some(id), found);
        }
    }
}

fn coding(image: &Stream) -> Option<Coding> {
    match image.dict.get(b"Filter").and_then(Object::as_name).ok()? {
        b"DCTDecode" => {
            let parameters = image.dict.get(b"DecodeParms").and_then(Object::as_dict);
            let transform = parameters
                .and_then(|parameters| parameters.get(b"ColorTransform"))
                .and_then(Object::as_i64);
            let color_transform = transform.ok().and_then(|value| u8::try_from(value).ok());
            Some(Coding::Jpeg { color_transform })
        }
        b"JPXDecode" => Some(Coding::Jpeg2000),
        b"CCITTFaxDecode" => Some(Coding::CcittG4),
        b"FlateDecode" => Some(Coding::FlatePng),
        _ => None,
    }
}

fn space(image: &Stream) -> Option<Space> {
    let bits = image.dict.get(b"BitsPerComponent").and_then(Object::as_i64);
    let name = image.dict.get(b"ColorSpace").and_then(Object::as_name);
    match (name.ok()?, bits.ok()?) {
        (b"DeviceGray", 1) => Some(Space::Bilevel),
        (b"DeviceGray", 8) => Some(Space::Gray),
        (b"DeviceRGB", 8) => Some(Space::Rgb),
        _ => None,
    }
}

/// The content is the image over the whole page, then lines of invisible words;
/// gives the words (ISO 19005-2, 6.2.2 and 6.2.11.7.2).
fn check_content(
    audit: &mut Audit<'_>,
    id: ObjectId,
    content: &[u8],
    size_units: (f32, f32),
    fonts: &Fonts,
) -> Option<String> {
    let decoded = Content::decode_strict(content).ok();
    // Written again it must be the same, or another program could read it otherwise.
    let decoded = decoded.filter(|decoded| decoded.encode().is_ok_and(|again| again == content));
    let Some(Content { operations }) = decoded else {
        audit.report(
            "6.2.2",
            Some(id),
            "a content stream that we would not write",
        );
        return None;
    };
    let text = match operations.split_at_checked(4) {
        Some((image, text)) if draws_image(image, size_units) => text,
        _ => {
            audit.report(
                "6.2.2",
                Some(id),
                "the image does not come first or does not fill the page",
            );
            return None;
        }
    };
    let lines = text.split_inclusive(|operation| operation.operator == "ET");
    let lines: Option<Vec<String>> = lines.map(|line| line_text(line, fonts)).collect();
    if lines.is_none() {
        audit.report(
            "6.2.11.7.2",
            Some(id),
            "words that are visible or cannot be read",
        );
    }
    lines.map(|lines| lines.join("\n"))
}

/// `q`, `cm`, `Do`, `Q`, the matrix laying the unit square exactly over the page.
fn draws_image(operations: &[Operation], (width, height): (f32, f32)) -> bool {
    let [save, place, draw, restore] = operations else {
        return false;
    };
    let numbers: Vec<f32> = numbers(&place.operands);
    let [a, b, c, d, e, f] = numbers[..] else {
        return false;
    };
    let near = |value: f32, wanted: f32| (value - wanted).abs() < 0.01;
    let spans = |along: [f32; 2], start: f32, side: f32| {
        let [one, other] = along;
        near(one * other, 0.0)
            && near(start.min(start + one + other), 0.0)
            && near(start.max(start + one + other), side)
    };
    let bare = |operation: &Operation, operator: &str| {
        operation.operator == operator && operation.operands.is_empty()
    };
    bare(save, "q")
        && place.operator == "cm"
        && spans([a, c], e, width)
        && spans([b, d], f, height)
        && near(a * b, 0.0)
        && draw.operator == "Do"
        && draw.operands == [Object::Name(IMAGE.into())]
        && bare(restore, "Q")
}

fn numbers(operands: &[Object]) -> Vec<f32> {
    operands
        .iter()
        .filter_map(|operand| operand.as_float().ok())
        .collect()
}

/// The characters of one `BT … ET`; none where anything but invisible words stands there.
fn line_text(operations: &[Operation], fonts: &Fonts) -> Option<String> {
    let [begin, mode, words @ .., end] = operations else {
        return None;
    };
    let framed = begin.operator == "BT" && mode.operator == "Tr" && end.operator == "ET";
    let invisible = mode.operands == [Object::Integer(3)];
    if !(framed && invisible && begin.operands.is_empty() && end.operands.is_empty()) {
        return None;
    }
    let mut line = String::new();
    for operation in words {
        match (operation.operator.as_str(), operation.operands.as_slice()) {
            ("Tf", [Object::Name(name), Object::Real(_)]) if fonts.names.contains(name) => {}
            ("Tm", operands) if operands.len() == 6 && numbers(operands).len() == 6 => {}
            ("Tz", [Object::Real(stretch_pct)]) if *stretch_pct > 0.0 => {}
            ("Tj", [Object::String(codes, _)]) => line.push_str(&fonts.letters.decode(codes)?),
            _ => return None,
        }
    }
    let set = words.first().is_some_and(|first| first.operator == "Tf");
    set.then_some(line)
}
