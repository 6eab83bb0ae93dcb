//! What PDF intake promises, on files built here object by object.

use lopdf::encryption::{EncryptionState, EncryptionVersion, Permissions};
use lopdf::{Document, Object, ObjectId, Stream, dictionary};

use proptest::prelude::*;

use super::*;
use crate::formats::raster::{Coding, Dpi, Pixels, encode_lossless, gray_pixels};
use crate::model::Orientation;
use crate::stages::intake::contain::{Escape, contain};

/// Image of 60 × 40 pixels, placed over a page of 14.4 × 9.6 points: 300 dpi.
const SIZE_PX: (u32, u32) = (60, 40);
const PAGE_PT: (f32, f32) = (14.4, 9.6);
const OVER_ALL: &str = "q 14.4 0 0 9.6 0 0 cm /Im Do Q";

/// Grey that tells all four corners apart.
fn samples() -> Vec<u8> {
    let (width, height) = SIZE_PX;
    let pixel = |i: u32| ((i % width) * 3 + (i / width) * 2) as u8;
    (0..width * height).map(pixel).collect()
}

fn jpeg() -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_raw(SIZE_PX.0, SIZE_PX.1, samples())
        .expect("sizes fit")
        .write_to(&mut out, image::ImageFormat::Jpeg)
        .expect("encodes");
    out.into_inner()
}

/// An image dictionary of the usual size; more keys can be set.
fn image(filter: Option<&str>, space: impl Into<Object>, bits: i64, data: Vec<u8>) -> Stream {
    let mut dict = dictionary! {
        "Type" => "XObject", "Subtype" => "Image",
        "Width" => SIZE_PX.0, "Height" => SIZE_PX.1,
        "ColorSpace" => space, "BitsPerComponent" => bits,
    };
    if let Some(filter) = filter {
        dict.set("Filter", filter);
    }
    Stream::new(dict, data)
}

fn gray_image() -> Stream {
    let mut stream = image(None, "DeviceGray", 8, samples());
    stream.compress().expect("compresses");
    stream
}

fn jpeg_image() -> Stream {
    image(Some("DCTDecode"), "DeviceGray", 8, jpeg())
}

struct Built {
    document: Document,
    page: ObjectId,
    pages: ObjectId,
    image: ObjectId,
}

fn build(image: Stream, content: &str) -> Built {
    let mut document = Document::with_version("1.7");
    let pages = document.new_object_id();
    let image = document.add_object(image);
    let content = document.add_object(Stream::new(dictionary! {}, content.into()));
    let resources = dictionary! {
        "XObject" => dictionary! { "Im" => image },
        "Font" => dictionary! { "F" => dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
        } },
    };
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
    });
    let media = vec![0.into(), 0.into(), PAGE_PT.0.into(), PAGE_PT.1.into()];
    document.objects.insert(
        pages,
        dictionary! {
            "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1,
            // Inherited by the page.
            "Resources" => resources, "MediaBox" => media,
        }
        .into(),
    );
    let root = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", root);
    Built {
        document,
        page,
        pages,
        image,
    }
}

impl Built {
    fn set(mut self, key: &str, value: impl Into<Object>) -> Self {
        let page = self.document.get_dictionary_mut(self.page);
        page.expect("the page").set(key, value);
        self
    }

    fn bytes(mut self) -> Vec<u8> {
        let mut out = Vec::new();
        self.document.save_to(&mut out).expect("writes");
        out
    }

    fn load(self) -> Result<Decoded, PdfFault> {
        self.load_with(&Options::default())
    }

    fn load_with(self, options: &Options) -> Result<Decoded, PdfFault> {
        let page = PdfFile::open(&self.bytes(), options)?.load_page(0, options);
        page.map(|(decoded, _)| decoded)
    }
}

fn grays(pixels: &Pixels) -> &[u8] {
    match pixels {
        Pixels::Bilevel(image) | Pixels::Gray(image) => image.as_raw(),
        Pixels::Color(_) => panic!("grey was put in"),
    }
}

#[test]
fn a_page_that_is_one_jpeg_gives_the_scanners_bytes() {
    let decoded = build(jpeg_image(), OVER_ALL).load().expect("a sound page");
    let original = decoded.original.expect("passes through");
    assert_eq!(original.bytes, jpeg());
    assert!(matches!(original.coding, Coding::Jpeg { .. }));
    assert_eq!(decoded.raster.dpi, Some(Dpi { x: 300.0, y: 300.0 }));
    assert_eq!(decoded.raster.orientation, Orientation::UPRIGHT);
}

#[test]
fn flate_over_jpeg_is_a_jpeg_too() {
    // Zeros behind the end marker make it worth compressing.
    let packed = compressed([jpeg(), vec![0; 9000]].concat());
    let names = ["FlateDecode", "DCTDecode"].map(Object::from).to_vec();
    let mut chained = image(None, "DeviceGray", 8, packed);
    chained.dict.set("Filter", names);
    let decoded = build(chained, OVER_ALL).load().expect("a sound page");
    assert_eq!(decoded.original.expect("passes through").bytes, jpeg());
}

#[test]
fn flate_grey_comes_out_exactly() {
    let decoded = build(gray_image(), OVER_ALL).load().expect("a sound page");
    assert_eq!(grays(&decoded.raster.pixels), samples());
    assert_eq!(decoded.raster.dpi, Some(Dpi { x: 300.0, y: 300.0 }));
}

#[test]
fn predictors_behind_references_are_undone() {
    let pixels = gray_pixels(SIZE_PX.0, SIZE_PX.1, samples()).expect("sizes fit");
    let idat = encode_lossless(&pixels).expect("encodes").bytes;
    let mut built = build(image(Some("FlateDecode"), "DeviceGray", 8, idat), OVER_ALL);
    let columns = built.document.add_object(i64::from(SIZE_PX.0));
    let params = dictionary! { "Predictor" => 15, "Columns" => columns };
    let params = built.document.add_object(params);
    let stream = built.document.get_object_mut(built.image);
    let stream = stream.and_then(Object::as_stream_mut).expect("the image");
    stream.dict.set("DecodeParms", params);
    let decoded = built.load().expect("a sound page");
    assert_eq!(grays(&decoded.raster.pixels), samples());
}

/// The image's samples cut at mid-grey, packed to one bit (1 is white).
fn one_bit() -> (Vec<u8>, Vec<u8>) {
    let bilevel: Vec<u8> = samples()
        .iter()
        .map(|&v| if v > 127 { 255 } else { 0 })
        .collect();
    let row = |row: &[u8]| -> Vec<u8> {
        let byte = |bits: &[u8]| {
            let value = bits.iter().fold(0u8, |byte, v| byte << 1 | (v & 1));
            value << (8 - bits.len())
        };
        row.chunks(8).map(byte).collect()
    };
    let packed = bilevel.chunks(SIZE_PX.0 as usize).flat_map(row).collect();
    (bilevel, packed)
}

#[test]
fn one_bit_images_become_bilevel_however_they_are_said() {
    let (expected, packed) = one_bit();
    let plain = image(None, "DeviceGray", 1, packed.clone());
    let mut mask = image(None, "DeviceGray", 1, packed.clone());
    mask.dict.remove(b"ColorSpace");
    // A stencil paints where its bit is 0 (ISO 32000-1, 8.9.6.2).
    mask.dict.set("ImageMask", true);
    let table = Object::string_literal(vec![255u8, 255, 255, 0, 0, 0]);
    let lookup = vec!["Indexed".into(), "DeviceRGB".into(), 1.into(), table];
    let indexed = image(None, lookup, 1, packed.iter().map(|b| !b).collect());
    let pixels = gray_pixels(SIZE_PX.0, SIZE_PX.1, expected.clone()).expect("sizes fit");
    let g4 = encode_lossless(&pixels.narrowed()).expect("encodes").bytes;
    let mut fax = image(Some("CCITTFaxDecode"), "DeviceGray", 1, g4);
    let columns = i64::from(SIZE_PX.0);
    fax.dict.set(
        "DecodeParms",
        dictionary! { "K" => -1, "Columns" => columns },
    );
    for (name, stream) in [
        ("plain", plain),
        ("mask", mask),
        ("indexed", indexed),
        ("fax", fax),
    ] {
        let decoded = build(stream, OVER_ALL).load().expect("a sound page");
        assert!(
            matches!(decoded.raster.pixels, Pixels::Bilevel(_)),
            "{name}"
        );
        assert_eq!(grays(&decoded.raster.pixels), expected, "{name}");
    }
}

#[test]
fn a_crop_box_that_leaves_nothing_is_none() {
    let whole = build(jpeg_image(), OVER_ALL).load().expect("a sound page");
    for sides in [[0, 0, 0, 0], [500, 500, 600, 600], [3, 3, 3, 9]] {
        let sides: Vec<Object> = sides.map(Object::from).to_vec();
        let page = build(jpeg_image(), OVER_ALL).set("CropBox", sides.clone());
        let decoded = page.load().expect("a sound page");
        assert_eq!(decoded.original, whole.original, "{sides:?}");
    }
    // One that leaves a part does its work.
    let sides: Vec<Object> = [2, 2, 9, 9].map(Object::from).to_vec();
    let page = build(jpeg_image(), OVER_ALL).set("CropBox", sides);
    assert_eq!(page.load().expect("a sound page").original, None);
}

#[test]
fn a_jpegs_own_channels_count_against_a_dictionary_that_lies() {
    let whole = build(jpeg_image(), OVER_ALL).load().expect("a sound page");
    for space in ["DeviceRGB", "DeviceCMYK"] {
        let lying = image(Some("DCTDecode"), space, 8, jpeg());
        let decoded = build(lying, OVER_ALL).load().expect("a sound page");
        assert_eq!(decoded.original, whole.original, "{space}");
    }
}

#[test]
fn a_palette_shorter_than_it_says_still_gives_its_colours() {
    let (expected, packed) = one_bit();
    let table = Object::string_literal(vec![255u8, 255, 255, 0, 0, 0]);
    let lookup = vec!["Indexed".into(), "DeviceRGB".into(), 255.into(), table];
    let indexed = image(None, lookup, 1, packed.iter().map(|b| !b).collect());
    let decoded = build(indexed, OVER_ALL).load().expect("a sound page");
    assert_eq!(grays(&decoded.raster.pixels), expected);
    // What the table lacks is black: a page is not blank because its colours are not there.
    let table = Object::string_literal(vec![255u8, 255, 255]);
    let lookup = vec!["Indexed".into(), "DeviceRGB".into(), 1.into(), table];
    let indexed = image(None, lookup, 1, packed.iter().map(|b| !b).collect());
    let decoded = build(indexed, OVER_ALL).load().expect("a sound page");
    assert_eq!(grays(&decoded.raster.pixels), expected);
}

#[test]
fn a_page_of_a_wrong_type_is_not_passed_over() {
    for kind in ["Pages", "Template", "Pgae"] {
        let built = build(jpeg_image(), OVER_ALL).set("Type", kind);
        let decoded = built.load().expect("a page");
        assert!(decoded.original.is_some(), "{kind}");
    }
    let mut built = build(jpeg_image(), OVER_ALL);
    let (page, pages) = (built.page, built.pages);
    let page = built
        .document
        .get_dictionary(page)
        .expect("the page")
        .clone();
    let node = built.document.get_dictionary_mut(pages).expect("the tree");
    node.set("Kids", vec![Object::Reference(built.page), page.into()]);
    assert!(matches!(
        built.load(),
        Err(PdfFault::Raster(RasterFault::Corrupt { .. }))
    ));
}

/// A composite font that is not in the file; its codes are Unicode where it has a table.
fn font_elsewhere(document: &mut Document, with_table: bool) -> ObjectId {
    let descriptor = dictionary! { "Type" => "FontDescriptor", "FontName" => "TimesNewRomanPSMT", "Flags" => 34 };
    let system = dictionary! {
        "Registry" => Object::string_literal("Adobe"),
        "Ordering" => Object::string_literal("Identity"), "Supplement" => 0,
    };
    let descendant = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "CIDFontType2", "BaseFont" => "TimesNewRomanPSMT",
        "CIDSystemInfo" => system, "FontDescriptor" => descriptor,
    });
    let mut font = dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "BaseFont" => "TimesNewRomanPSMT",
        "Encoding" => "Identity-H", "DescendantFonts" => vec![descendant.into()],
    };
    if with_table {
        let table = "1 begincodespacerange <0000> <ffff> endcodespacerange \
             1 beginbfrange <0000> <ffff> <0000> endbfrange";
        let table = Stream::new(dictionary! {}, table.into());
        font.set("ToUnicode", document.add_object(table));
    }
    document.add_object(font)
}

#[test]
fn letters_that_only_a_missing_font_has_are_a_fault() {
    let shows = |codes: &str, with_table: bool, mode: u8| {
        let content = format!("BT {mode} Tr /G 2 Tf 1 5 Td <{codes}> Tj ET");
        let mut built = build(gray_image(), &content);
        let font = font_elsewhere(&mut built.document, with_table);
        let resources = dictionary! { "Font" => dictionary! { "G" => font } };
        built.set("Resources", resources).load().err()
    };
    let lost = Some(PdfFault::LostLetters);
    // "VN", and "VỆ" whose second letter the renderer's own font lacks.
    assert_eq!(shows("0056004e", true, 0), None);
    assert_eq!(shows("00561ec6", true, 0), lost);
    assert_eq!(shows("0056004e", false, 0), lost);
    // An invisible layer of words is nothing that is seen.
    assert_eq!(shows("00561ec6", true, 3), None);
    assert_eq!(shows("0056004e", false, 3), None);
}

#[test]
fn notes_that_every_reader_draws_in_its_own_way_are_a_fault() {
    let load = |note: lopdf::Dictionary| {
        let built = build(jpeg_image(), OVER_ALL);
        built.set("Annots", vec![Object::from(note)]).load()
    };
    let rect = || Object::from([1, 1, 9, 5].map(Object::from).to_vec());
    let note = |kind: &str| {
        let subtype = Object::Name(kind.into());
        dictionary! { "Type" => "Annot", "Subtype" => subtype, "Rect" => rect() }
    };
    let field = |kind: &str, value: &str| {
        let mut field = note("Widget");
        field.set("FT", Object::Name(kind.into()));
        field.set("V", Object::string_literal(value));
        field
    };
    for (what, note) in [
        ("FreeText", note("FreeText")),
        ("Ink", note("Ink")),
        ("Widget", field("Tx", "Nguyễn Văn A")),
    ] {
        let kind = what.to_owned();
        assert_eq!(load(note).err(), Some(PdfFault::MarksNotDrawn { kind }));
    }
    let mut hidden = note("FreeText");
    hidden.set("F", 2);
    for quiet in [
        note("Link"),
        note("Popup"),
        field("Tx", ""),
        field("Sig", "x"),
        hidden,
    ] {
        assert_eq!(load(quiet.clone()).err(), None, "{quiet:?}");
    }
}

#[test]
fn a_form_that_its_reader_makes_is_a_fault_and_files_beside_the_pages_are_counted() {
    let mut form = build(jpeg_image(), OVER_ALL);
    let root = form.document.catalog_mut().expect("a catalog");
    root.set("NeedsRendering", true);
    let kind = "XFA".to_owned();
    assert_eq!(form.load().err(), Some(PdfFault::MarksNotDrawn { kind }));

    let attachments = |count: usize| {
        let mut built = build(jpeg_image(), OVER_ALL);
        for _ in 0..count {
            let file = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, b"giay".to_vec());
            let file = built.document.add_object(file);
            built.document.add_object(dictionary! {
                "Type" => "Filespec", "F" => Object::string_literal("a.docx"),
                "EF" => dictionary! { "F" => file },
            });
        }
        let opened = PdfFile::open(&built.bytes(), &Options::default());
        opened.expect("a sound file").attachments()
    };
    assert_eq!([attachments(0), attachments(1), attachments(3)], [0, 1, 3]);
}

#[test]
fn a_jpeg_without_its_end_marker_is_judged_on_drawn_pages_too() {
    let drawn = |jpeg: &[u8]| {
        let image = image(Some("DCTDecode"), "DeviceGray", 8, jpeg.to_vec());
        build(image, &format!("{OVER_ALL} 0 0 1 rg 1 1 2 2 re f"))
            .load()
            .err()
    };
    let jpeg = jpeg();
    let scan = &jpeg[..jpeg.len() - 2];
    assert_eq!(drawn(scan), None);
    let filled = [&scan[..scan.len() - 100], &[0; 5_000]].concat();
    assert_eq!(drawn(&filled), Some(RasterFault::Truncated.into()));
}

/// Turns stored samples upright by what the model says of an orientation.
fn upright(decoded: &Decoded) -> image::GrayImage {
    let Pixels::Gray(stored) = &decoded.raster.pixels else {
        panic!("grey was put in")
    };
    let turn = decoded.raster.orientation;
    let mut image = stored.clone();
    if turn.mirrored {
        image = image::imageops::flip_horizontal(&image);
    }
    for _ in 0..turn.quarter_turns {
        image = image::imageops::rotate90(&image);
    }
    image
}

#[test]
fn turns_and_flips_say_how_the_page_is_seen() {
    // The same image by every matrix and /Rotate: taken out and turned, it must look as drawn.
    let matrices = [
        "14.4 0 0 9.6 0 0",
        "-14.4 0 0 -9.6 14.4 9.6",
        "-14.4 0 0 9.6 14.4 0",
        "14.4 0 0 -9.6 0 9.6",
    ];
    for matrix in matrices {
        for rotate in [0, 90, 180, 270, -90] {
            let content = format!("q {matrix} cm /Im Do Q");
            let taken = build(gray_image(), &content).set("Rotate", rotate).load();
            let taken = upright(&taken.expect("a sound page"));
            // An invisible speck makes it a page to be drawn.
            let content = format!("{content} 1 g 7 4 0.001 0.001 re f");
            let drawn = build(gray_image(), &content).set("Rotate", rotate).load();
            let drawn = drawn.expect("a sound page");
            assert_eq!(drawn.raster.orientation, Orientation::UPRIGHT);
            let drawn = upright(&drawn);
            assert_eq!(taken.dimensions(), drawn.dimensions(), "{matrix} {rotate}");
            let pairs = taken.as_raw().iter().zip(drawn.as_raw());
            let off = pairs.filter(|(a, b)| a.abs_diff(**b) > 12).count();
            assert!(off < 40, "{matrix} {rotate}: {off} pixels differ");
        }
    }
}

#[test]
fn quarter_turned_matrices_say_so() {
    let content = "q 0 14.4 -9.6 0 9.6 0 cm /Im Do Q";
    let media = vec![0.into(), 0.into(), PAGE_PT.1.into(), PAGE_PT.0.into()];
    let decoded = build(gray_image(), content).set("MediaBox", media).load();
    let turn = decoded.expect("a sound page").raster.orientation;
    // The image's rows run up the page: a quarter turn against the clock.
    assert_eq!((turn.mirrored, turn.quarter_turns), (false, 3));
}

#[test]
fn an_earlier_text_layer_does_not_hinder() {
    let content = format!("{OVER_ALL} BT 3 Tr /F 2 Tf 1 1 Td (an) Tj ET");
    let decoded = build(jpeg_image(), &content).load().expect("a sound page");
    assert!(decoded.original.is_some());
}

#[test]
fn what_an_opaque_image_hides_does_not_hinder() {
    let content = format!("1 g 0 0 14.4 9.6 re f {OVER_ALL}");
    let decoded = build(jpeg_image(), &content).load().expect("a sound page");
    assert!(decoded.original.is_some());
}

#[test]
fn visible_marks_make_it_a_page_to_be_drawn() {
    let marks = [
        "BT /F 4 Tf 1 1 Td (Chu) Tj ET",
        "0 g 2 2 3 3 re f",
        "q 3 0 0 3 1 1 cm /Im Do Q",
    ];
    for mark in marks {
        let decoded = build(jpeg_image(), &format!("{OVER_ALL} {mark}")).load();
        let decoded = decoded.expect("a sound page");
        assert!(decoded.original.is_none(), "{mark}");
        // At the sharpest image's resolution; the speck of an image counts for nothing.
        assert_eq!(decoded.raster.pixels.size(), SIZE_PX, "{mark}");
        assert_eq!(decoded.raster.dpi, Some(Dpi { x: 300.0, y: 300.0 }));
    }
    let partly = "q 7 0 0 9.6 0 0 cm /Im Do Q";
    let clipped = format!("0 0 5 5 re W n {OVER_ALL}");
    for content in [partly, &clipped] {
        let decoded = build(jpeg_image(), content).load().expect("a sound page");
        assert!(decoded.original.is_none(), "{content}");
    }
}

#[test]
fn a_page_without_content_is_white_paper() {
    let decoded = build(jpeg_image(), "").load().expect("a sound page");
    assert!(grays(&decoded.raster.pixels).iter().all(|&v| v == 255));
    assert_eq!(decoded.raster.pixels.size(), SIZE_PX);
}

#[test]
fn a_cut_jpeg_inside_a_pdf_is_a_fault() {
    let mut data = jpeg();
    data.truncate(data.len() / 2);
    let fault = build(image(Some("DCTDecode"), "DeviceGray", 8, data), OVER_ALL).load();
    assert_eq!(fault.err(), Some(RasterFault::Truncated.into()));
}

#[test]
fn missing_samples_and_lost_objects_are_faults() {
    let mut short = samples();
    short.truncate(1000);
    let fault = build(image(None, "DeviceGray", 8, short), OVER_ALL).load();
    assert_eq!(fault.err(), Some(RasterFault::Truncated.into()));
    let mut lost = build(gray_image(), OVER_ALL);
    lost.document.objects.remove(&lost.image);
    assert_eq!(lost.load().err(), Some(RasterFault::Truncated.into()));
    let mut lost = build(gray_image(), OVER_ALL);
    lost.document.objects.remove(&lost.page);
    assert_eq!(lost.load().err(), Some(RasterFault::Truncated.into()));
}

fn encrypted(user: &str) -> Vec<u8> {
    let mut built = build(jpeg_image(), OVER_ALL);
    let id = Object::string_literal("0123456789abcdef");
    built.document.trailer.set("ID", vec![id.clone(), id]);
    let version = EncryptionVersion::V2 {
        document: &built.document,
        owner_password: "owner",
        user_password: user,
        key_length: 128,
        permissions: Permissions::all(),
    };
    let state = EncryptionState::try_from(version).expect("a sound request");
    built.document.encrypt(&state).expect("encrypts");
    built.bytes()
}

#[test]
fn a_password_locks_and_an_empty_one_does_not() {
    let options = Options::default();
    let locked = PdfFile::open(&encrypted("bí mật"), &options).map(|_| ());
    assert_eq!(locked, Err(PdfFault::Locked));
    let open = PdfFile::open(&encrypted(""), &options).expect("no password");
    let (decoded, _) = open.load_page(0, &options).expect("a sound page");
    assert_eq!(decoded.original.expect("passes through").bytes, jpeg());
}

#[test]
fn a_signed_pdf_is_told_from_one_with_an_empty_field() {
    let mut built = build(jpeg_image(), OVER_ALL);
    let signature = built.document.add_object(dictionary! {
        "Type" => "Sig",
        "ByteRange" => vec![0.into(), 10.into(), 20.into(), 30.into()],
        "Contents" => Object::string_literal("x"),
    });
    built
        .document
        .add_object(dictionary! { "FT" => "Sig", "V" => signature });
    let open = |bytes: &[u8]| PdfFile::open(bytes, &Options::default()).expect("opens");
    let signed = open(&built.bytes());
    assert!(signed.is_signed());
    assert!(signed.load_page(0, &Options::default()).is_ok());
    let mut empty = build(jpeg_image(), OVER_ALL);
    empty.document.add_object(dictionary! { "FT" => "Sig" });
    assert!(!open(&empty.bytes()).is_signed());
}

#[test]
fn page_trees_that_are_empty_or_go_round_are_faults() {
    let mut empty = build(jpeg_image(), OVER_ALL);
    let pages = empty.document.get_dictionary_mut(empty.pages);
    pages.expect("the tree").set("Kids", Vec::<Object>::new());
    assert_eq!(empty.load().err(), Some(PdfFault::NoPages));
    let mut round = build(jpeg_image(), OVER_ALL);
    let kids = vec![round.page.into(), round.pages.into()];
    let pages = round.document.get_dictionary_mut(round.pages);
    pages.expect("the tree").set("Kids", kids);
    let fault = round.load().err();
    assert!(
        matches!(fault, Some(PdfFault::Raster(RasterFault::Corrupt { .. }))),
        "{fault:?}"
    );
}

fn compressed(bytes: Vec<u8>) -> Vec<u8> {
    let mut stream = Stream::new(dictionary! {}, bytes);
    stream.compress().expect("compresses");
    stream.content
}

fn bomb(bytes: usize) -> Vec<u8> {
    compressed(vec![b' '; bytes])
}

#[test]
fn streams_that_unpack_without_end_are_refused() {
    let options = Options {
        max_unpacked_bytes: 1 << 20,
        ..Options::default()
    };
    let too_large = Some(PdfFault::UnpacksTooLarge { limit: 1 << 20 });
    let mut built = build(jpeg_image(), OVER_ALL);
    let packed = dictionary! { "Filter" => "FlateDecode" };
    let content = built
        .document
        .add_object(Stream::new(packed, bomb(2 << 20)));
    assert_eq!(
        built.set("Contents", content).load_with(&options).err(),
        too_large
    );

    let twice = compressed(bomb(200 << 20));
    let mut built = build(jpeg_image(), OVER_ALL);
    let names = ["FlateDecode", "FlateDecode"].map(Object::from).to_vec();
    let packed = dictionary! { "Filter" => names };
    let content = built.document.add_object(Stream::new(packed, twice));
    assert_eq!(
        built.set("Contents", content).load_with(&options).err(),
        too_large
    );

    let inline = "BI /W 9 /H 9 /BPC 8 /CS /G /F [/Fl /Fl] ID xxxx EI";
    assert_eq!(
        build(jpeg_image(), inline).load_with(&options).err(),
        too_large
    );
}

#[test]
fn sizes_claimed_inside_a_coding_are_checked_before_decoding() {
    let mut fax = image(Some("CCITTFaxDecode"), "DeviceGray", 1, vec![0; 10]);
    let params = dictionary! { "K" => -1, "Columns" => 2_000_000_000 };
    fax.dict.set("DecodeParms", params);
    let mut jpx = vec![0xFF, 0x4F, 0xFF, 0x51, 0, 47, 0, 0];
    jpx.extend([60_000u32, 60_000, 0, 0].map(u32::to_be_bytes).concat());
    let jpx = image(Some("JPXDecode"), "DeviceGray", 8, jpx);
    // Segment 0, type 48 (page), refers to none, page 1, 19 bytes: 60000 x 60000.
    let mut page = vec![0, 0, 0, 0, 48, 0, 1, 0, 0, 0, 19];
    page.extend([60_000u32, 60_000, 0, 0].map(u32::to_be_bytes).concat());
    page.extend([0; 3]);
    let jbig2 = image(Some("JBIG2Decode"), "DeviceGray", 1, page);
    for (name, stream) in [("fax", fax), ("jpx", jpx), ("jbig2", jbig2)] {
        let fault = build(stream, OVER_ALL).load().err();
        let refused = matches!(fault, Some(PdfFault::Raster(RasterFault::TooLarge { .. })));
        assert!(refused, "{name}: {fault:?}");
    }
}

/// A form that does the next one twice, and so on: 2^30 drawings of nothing.
fn doubling(levels: usize) -> Built {
    let mut built = build(jpeg_image(), "/Fm Do");
    let form = |content: &str, resources: lopdf::Dictionary| {
        let dict = dictionary! {
            "Type" => "XObject", "Subtype" => "Form",
            "BBox" => vec![0.into(), 0.into(), 10.into(), 10.into()],
            "Resources" => resources,
        };
        Stream::new(dict, content.into())
    };
    let mut inner = built
        .document
        .add_object(form("0 0 1 1 re f", dictionary! {}));
    for _ in 0..levels {
        let resources = dictionary! { "XObject" => dictionary! { "Fm" => inner } };
        inner = built.document.add_object(form("/Fm Do /Fm Do", resources));
    }
    let resources = dictionary! { "XObject" => dictionary! { "Fm" => inner } };
    built.set("Resources", resources)
}

#[test]
fn forms_that_double_at_each_level_are_refused() {
    assert!(doubling(5).load().is_ok());
    let fault = doubling(30).load().err();
    assert!(
        matches!(fault, Some(PdfFault::UnpacksTooLarge { .. })),
        "{fault:?}"
    );
}

#[test]
fn a_form_that_does_itself_is_refused() {
    let mut built = doubling(1);
    let page = built.document.get_dictionary(built.page).expect("the page");
    let resources = page
        .get(b"Resources")
        .and_then(Object::as_dict)
        .expect("set");
    let xobjects = resources
        .get(b"XObject")
        .and_then(Object::as_dict)
        .expect("set");
    let form = xobjects
        .get(b"Fm")
        .and_then(Object::as_reference)
        .expect("set");
    let own = dictionary! { "XObject" => dictionary! { "Fm" => form } };
    let stream = built
        .document
        .get_object_mut(form)
        .and_then(Object::as_stream_mut);
    stream.expect("the form").dict.set("Resources", own);
    let fault = built.load().err();
    assert!(
        matches!(fault, Some(PdfFault::UnpacksTooLarge { .. })),
        "{fault:?}"
    );
}

#[test]
fn forms_without_resources_are_reckoned_with_those_of_their_page() {
    // Found by chance (a flipped byte in "/Resources"): the innermost form then sees
    // the page's own names and does itself.
    let mut built = doubling(3);
    for (_, object) in built.document.objects.iter_mut() {
        if let Ok(stream) = object.as_stream_mut()
            && stream.dict.has(b"BBox")
        {
            stream.dict.remove(b"Resources");
        }
    }
    let fault = built.load().err();
    assert!(
        matches!(fault, Some(PdfFault::UnpacksTooLarge { .. })),
        "{fault:?}"
    );
    // One that mentions only an image of the page is an old but honest file.
    let mut built = build(gray_image(), "/Fm Do");
    let form = dictionary! {
        "Type" => "XObject", "Subtype" => "Form",
        "BBox" => vec![0.into(), 0.into(), PAGE_PT.0.into(), PAGE_PT.1.into()],
    };
    let form = built
        .document
        .add_object(Stream::new(form, OVER_ALL.into()));
    let xobjects = dictionary! { "Fm" => form, "Im" => built.image };
    let decoded = built
        .set("Resources", dictionary! { "XObject" => xobjects })
        .load();
    assert_eq!(
        grays(&decoded.expect("a sound page").raster.pixels),
        samples()
    );
}

#[test]
fn absurd_page_sizes_end_in_a_page_or_a_fault() {
    let marks = format!("{OVER_ALL} 0 g 1 1 2 2 re f");
    for sides in [
        [0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 1e9, 1e9],
        [-1e30, -1e30, 1e30, 1e30],
        [0.0, 0.0, 0.001, 20_000.0],
        [100.0, 100.0, 0.0, 0.0],
    ] {
        let media: Vec<Object> = sides.map(|v: f32| v.into()).to_vec();
        let outcome = build(jpeg_image(), &marks).set("MediaBox", media).load();
        if let Ok(decoded) = outcome {
            let (width_px, height_px) = decoded.raster.pixels.size();
            assert!(width_px > 0 && height_px > 0, "{sides:?}");
        }
    }
}

#[test]
fn malformed_skeletons_are_faults_and_quick() {
    let deep = ["%PDF-1.7\n1 0 obj\n", &"[".repeat(300_000), "\nendobj\n"].concat();
    let loops = "%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n\
        << /Size 4294967295 /Prev 9 /Root 1 0 R >>\nstartxref\n9\n%%EOF";
    let parents = "%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n\
        2 0 obj << /Type /Pages /Kids [3 0 R] /Parent 2 0 R >> endobj\n\
        3 0 obj << /Type /Page /Parent 2 0 R /Contents 3 0 R >> endobj\n\
        trailer << /Root 1 0 R >>\n%%EOF";
    for bytes in [deep.into_bytes(), loops.into(), parents.into()] {
        let options = Options::default();
        let outcome = contain(20_000, move || {
            let file = PdfFile::open(&bytes, &options)?;
            file.load_page(0, &options).map(|_| ())
        });
        assert!(!matches!(outcome, Err(Escape::TimedOut)), "took too long");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        // A failure is a time-out: shrinking it would take hours.
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::with_cases(200)
    })]

    #[test]
    fn damaged_files_end_in_a_page_or_a_fault_in_time(
        kind in 0usize..3,
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = match kind {
            0 => build(jpeg_image(), OVER_ALL),
            1 => build(gray_image(), &format!("{OVER_ALL} BT /F 4 Tf 1 1 Td (Chu) Tj ET")),
            _ => doubling(3),
        }
        .bytes();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let options = Options { max_page_pixels: 4_000_000, ..Options::default() };
        let outcome = contain(20_000, move || {
            let file = PdfFile::open(&bytes, &options)?;
            file.load_page(0, &options).map(|_| ())
        });
        prop_assert_ne!(outcome, Err(Escape::TimedOut));
    }
}

/// The words that a page over the whole image brings along.
fn words(content: &str, attributes: &[(&str, Object)]) -> Vec<(String, crate::model::PxBox)> {
    let mut built = build(gray_image(), &format!("{OVER_ALL} {content}"));
    for (key, value) in attributes {
        built = built.set(key, value.clone());
    }
    let bytes = built.bytes();
    let options = Options::default();
    let file = PdfFile::open(&bytes, &options).expect("a sound file");
    let (decoded, text) = file.load_page(0, &options).expect("a sound page");
    let (width_px, height_px) = decoded.raster.pixels.size();
    let turn = decoded.raster.orientation;
    let text = text.unwrap_or_default();
    if !text.words.is_empty() {
        let frame = (text.width_px, text.height_px);
        assert_eq!(frame, turn.upright_size(width_px, height_px));
    }
    let words = text.words.into_iter();
    words.map(|word| (word.text, word.bounds)).collect()
}

fn texts(content: &str) -> Vec<String> {
    words(content, &[])
        .into_iter()
        .map(|(text, _)| text)
        .collect()
}

#[test]
fn invisible_words_stand_where_their_letters_do() {
    // Page 14.4 points wide, image 60 px: a point is 4.167 px. Helvetica's "an" is 1.112 em.
    let found = words("BT 3 Tr /F 2 Tf 1 1 Td (an do) Tj ET", &[]);
    let [(first, place), (second, next)] = &found[..] else {
        panic!("two words: {found:?}")
    };
    assert_eq!((first.as_str(), second.as_str()), ("an", "do"));
    assert_eq!((place.x_px, place.right_px()), (4, 14));
    // Baseline at 8.6 points from the top, three quarters of two points above it.
    assert_eq!((place.y_px, place.bottom_px()), (29, 38));
    assert!(next.x_px > place.right_px());
}

#[test]
fn words_are_joined_from_pieces_and_parted_by_gaps() {
    // One word in three pieces, as kerning splits it; then a gap without a space.
    let pieces = "BT 3 Tr /F 2 Tf 1 1 Td [(q) 10 (u) -20 (y)] TJ 4 0 Td (et) Tj ET";
    assert_eq!(texts(pieces), ["quy", "et"]);
    // Painted twice for boldness, or filled and stroked: one word.
    let twice = "BT /F 2 Tf 1 1 Td (Chu) Tj 0.1 0 Td (Chu) Tj ET BT 2 Tr /F 2 Tf 1 5 Td (so) Tj ET";
    assert_eq!(texts(twice), ["so", "Chu"]);
    // Nothing off the page, nothing that runs up it.
    let elsewhere = "BT 3 Tr /F 2 Tf 90 1 Td (xa) Tj 0 1 -1 0 5 2 Tm (len) Tj ET";
    assert!(texts(elsewhere).is_empty());
}

#[test]
fn a_turned_page_has_its_words_upright() {
    let turned = "BT 3 Tr /F 2 Tf 0 1 -1 0 5 1 Tm (an) Tj ET";
    let found = words(turned, &[("Rotate", 90.into())]);
    let [(text, place)] = &found[..] else {
        panic!("one word: {found:?}")
    };
    assert_eq!(text, "an");
    assert!(place.w_px > place.h_px && place.y_px < 25, "{place:?}");
}

#[test]
fn letters_in_fonts_of_the_old_codes_are_no_words() {
    for (name, kept) in [("ABCDEF+.VnTimeH", 0), ("VNI-Times", 0), ("Venus", 1)] {
        let font = dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => name };
        let content = format!("{OVER_ALL} BT 3 Tr /G 2 Tf 1 1 Td (chu) Tj ET");
        let mut built = build(gray_image(), &content);
        let image = built.image;
        let font = built.document.add_object(font);
        let resources = dictionary! {
            "XObject" => dictionary! { "Im" => image }, "Font" => dictionary! { "G" => font },
        };
        let bytes = built.set("Resources", resources).bytes();
        let options = Options::default();
        let file = PdfFile::open(&bytes, &options).expect("a sound file");
        let (_, text) = file.load_page(0, &options).expect("a sound page");
        assert_eq!(text.map_or(0, |text| text.words.len()), kept, "{name}");
    }
}

#[test]
fn a_users_unit_makes_the_page_larger_and_coarser() {
    let decoded = build(gray_image(), OVER_ALL).set("UserUnit", 2).load();
    let dpi = decoded.expect("a sound page").raster.dpi;
    assert_eq!(dpi, Some(Dpi { x: 150.0, y: 150.0 }));
}

#[test]
fn an_absurdly_large_page_is_drawn_coarsely() {
    let media: Vec<Object> = [0, 0, 14_400, 14_400].map(Object::from).to_vec();
    let decoded = build(gray_image(), "0 g 9 9 4000 4000 re f")
        .set("MediaBox", media)
        .load();
    let (width_px, _) = decoded.expect("a sound page").raster.pixels.size();
    assert!((2000..12_000).contains(&width_px), "{width_px}");
}
