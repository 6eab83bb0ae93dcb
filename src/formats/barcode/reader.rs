//! QR, Code 128 and Code 39 symbols, by zxing-cpp.

use image::GrayImage;
use zxingcpp::{BarcodeFormat, ImageFormat, ImageView, Position};

use super::{Code, Place, Symbol};

const FORMATS: [BarcodeFormat; 3] = [
    BarcodeFormat::QRCode,
    BarcodeFormat::Code128,
    BarcodeFormat::Code39,
];

/// Every whole symbol of the picture, whichever way it lies; those of bars only where some may stand in it, for they are
/// looked for in hundreds of rows and columns, which takes most of the time.
pub fn read(luma: &GrayImage, with_bars: bool) -> Vec<Code> {
    let (width_px, height_px) = luma.dimensions();
    let Ok(view) = ImageView::from_slice(luma.as_raw(), width_px, height_px, ImageFormat::Lum)
    else {
        return Vec::new();
    };
    let reader = zxingcpp::read()
        .formats(&FORMATS[..if with_bars { 3 } else { 1 }])
        .try_harder(true)
        .try_rotate(true)
        .try_invert(false);
    let found = reader.from(&view).unwrap_or_default();
    let code = |found: &zxingcpp::Barcode| {
        Some(Code {
            symbol: symbol(found.format())?,
            text: found.text(),
            place: place(&found.position(), width_px, height_px),
        })
    };
    found
        .iter()
        .filter(|found| found.is_valid())
        .filter_map(code)
        .collect()
}

fn symbol(format: BarcodeFormat) -> Option<Symbol> {
    match format {
        BarcodeFormat::QRCode | BarcodeFormat::QRCodeModel1 | BarcodeFormat::QRCodeModel2 => {
            Some(Symbol::Qr)
        }
        BarcodeFormat::Code128 => Some(Symbol::Code128),
        BarcodeFormat::Code39 => Some(Symbol::Code39),
        _ => None,
    }
}

/// The rectangle around a symbol's four corners.
fn place(position: &Position, width_px: u32, height_px: u32) -> Place {
    let corners = [
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    ];
    let span = |along: fn(&zxingcpp::PointI) -> i32, side_px: u32| {
        let shares = corners
            .iter()
            .map(|corner| along(corner) as f32 / side_px as f32);
        let (low, high) = (shares.clone().reduce(f32::min), shares.reduce(f32::max));
        (low.unwrap_or(0.0), high.unwrap_or(0.0))
    };
    Place {
        x: span(|corner| corner.x, width_px),
        y: span(|corner| corner.y, height_px),
    }
}
