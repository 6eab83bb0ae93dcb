//! What stands where on a sheet, and the file of all sheets.

use lopdf::{Object, ObjectId, dictionary};

use super::SeparatorSheet;
use super::draw::{At, Drawing, Edge, PAPER_MM, Type, paper_pt};
use super::symbols::Modules;
use crate::formats::barcode::Patch;
use crate::formats::pdfa::object_file::ObjectFile;
use crate::formats::typeface::Face;

/// Lines beyond these would run into the foot.
const MOST_LINES: usize = 4;
/// Text and Code 128 keep this far from the edges of the paper together.
const TEXT_MM: f32 = 174.0;
/// The side of a QR; its modules are 2 to 2.5 mm wide, twelve pixels or more at 150 dpi.
const QR_MM: f32 = 72.0;
/// The widest module that a Code 128 needs, and the width that it may take.
const MODULE_MM: f32 = 0.6;
const CODE_128_MM: f32 = 162.0;
/// Patches begin beyond the 6 mm that scanners do not see (Kodak A-61599).
const PATCH_FROM_EDGE_MM: f32 = 10.0;
const PATCH_LONG_MM: f32 = 150.0;

/// One A4 page a sheet, in order; the same sheets give the same bytes.
pub fn pdf(sheets: &[SeparatorSheet]) -> Vec<u8> {
    let mut file = ObjectFile::new();
    let (catalog, tree, resources) = (file.reserve(), file.reserve(), file.reserve());
    let mut faces = (Face::regular(), Face::bold());
    let mut pages: Vec<Object> = Vec::with_capacity(sheets.len());
    for sheet in sheets {
        let drawing = drawn(sheet, &mut faces);
        let content = file.add_deflated(lopdf::Dictionary::new(), &drawing.into_bytes());
        pages.push(page(&mut file, tree, resources, content).into());
    }
    let fonts = dictionary! { "R" => faces.0.write(&mut file), "B" => faces.1.write(&mut file) };
    file.put(resources, dictionary! { "Font" => fonts });
    let count = pages.len() as i64;
    file.put(
        tree,
        dictionary! { "Type" => "Pages", "Kids" => pages, "Count" => count },
    );
    file.put(
        catalog,
        dictionary! {
            "Type" => "Catalog",
            "Pages" => tree,
            "Lang" => Object::string_literal("vi-VN"),
            // A printer that fits the page to its own margins would shrink the patches.
            "ViewerPreferences" => dictionary! { "PrintScaling" => "None" },
        },
    );
    file.finish(dictionary! { "Root" => catalog })
}

fn page(
    file: &mut ObjectFile,
    parent: ObjectId,
    resources: ObjectId,
    content: ObjectId,
) -> ObjectId {
    let [width_pt, height_pt] = paper_pt();
    file.add(dictionary! {
        "Type" => "Page",
        "Parent" => parent,
        "MediaBox" => vec![0.into(), 0.into(), width_pt.into(), height_pt.into()],
        "Resources" => resources,
        "Contents" => content,
    })
}

fn drawn(sheet: &SeparatorSheet, (regular, bold): &mut (Face, Face)) -> Drawing {
    let mut drawing = Drawing::new();
    for edge in [Edge::Top, Edge::Bottom] {
        drawing.patch(Patch::T, edge, PATCH_FROM_EDGE_MM, PATCH_LONG_MM);
    }
    let at = |y_mm: f32| At {
        x_mm: PAPER_MM.0 / 2.0,
        y_mm,
    };
    let mut print = |bold_face: bool, y_mm: f32, size_pt: f32, text: &str| {
        let (face, name) = match bold_face {
            true => (&mut *bold, "B"),
            false => (&mut *regular, "R"),
        };
        let of = Type {
            face,
            name,
            size_pt,
        };
        drawing.centred(at(y_mm), TEXT_MM, of, text);
    };
    print(true, 49.0, 28.0, "TỜ PHÂN CÁCH HỒ SƠ");
    print(
        false,
        58.0,
        12.0,
        "Đặt ngay trước trang đầu của hồ sơ, mặt in cùng phía với mặt giấy cần quét.",
    );
    print(true, 76.0, 34.0, sheet.code.as_str());
    print(false, 201.0, 15.0, sheet.code.as_str());
    for (line, y_mm) in sheet
        .lines
        .iter()
        .take(MOST_LINES)
        .zip([214.0, 221.0, 228.0, 235.0])
    {
        print(false, y_mm, 13.0, line);
    }
    print(
        false,
        250.0,
        11.0,
        "Máy đọc mã xong thì bỏ tờ này: không thuộc hồ sơ, không lưu trữ, dùng lại được.",
    );
    print(
        false,
        256.5,
        11.0,
        "Không gấp, không viết, không đóng dấu, không dán đè lên mã và các vạch đen.",
    );
    let qr = Modules::qr(&sheet.code);
    drawing.symbol(at(88.0), &qr, QR_MM / qr.across as f32, QR_MM);
    let bars = Modules::code_128(&sheet.code);
    let module_mm = MODULE_MM.min(CODE_128_MM / bars.across as f32);
    drawing.symbol(at(170.0), &bars, module_mm, 24.0);
    drawing
}
