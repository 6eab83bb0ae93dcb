//! QR, Code 128 and Code 39 symbols, by zxing-cpp.

use std::borrow::Cow;

use image::GrayImage;
use zxingcpp::{BarcodeFormat, BarcodeReader, Binarizer, ImageFormat, ImageView, Position};

use super::bars::Band;
use super::thresholds::black_and_white;
use super::{Code, Place, Symbol};
use crate::formats::raster::block_means;

/// Symbols of squares, which are looked for on the whole page.
const SQUARES: [BarcodeFormat; 1] = [BarcodeFormat::QRCode];

/// Symbols of bars, which are looked for in hundreds of rows and columns: only where some may stand.
const BARS: [BarcodeFormat; 2] = [BarcodeFormat::Code128, BarcodeFormat::Code39];

/// Every whole symbol of the picture, whichever way it lies; those of bars in these bands only.
pub fn read(luma: &GrayImage, bands: &[Band]) -> Vec<Code> {
    let mut codes = squares(luma);
    for band in bands {
        let reader = reader(&BARS).try_rotate(band.lying);
        codes.extend(read_cut(luma, &Cut::of(luma, band), &reader));
    }
    codes
}

/// Symbols of squares, first in the picture as it is, then ever coarser: noise within large squares vanishes there.
fn squares(luma: &GrayImage) -> Vec<Code> {
    let reader = reader(&SQUARES)
        .binarizer(Binarizer::BoolCast)
        .try_downscale(false);
    let mut codes: Vec<Code> = Vec::new();
    let mut layer = Cow::Borrowed(luma);
    loop {
        if let Some(sharp) = black_and_white(&layer) {
            let found = read_cut(&sharp, &Cut::whole(&sharp), &reader);
            let known = codes.len();
            let is_new = |code: &Code| !codes[..known].iter().any(|other| other.is_same(code));
            let new: Vec<Code> = found.into_iter().filter(is_new).collect();
            codes.extend(new);
        }
        let (width_px, height_px) = layer.dimensions();
        if width_px.max(height_px) <= COARSEST_PX {
            return codes;
        }
        layer = Cow::Owned(block_means(&layer, (COARSER, COARSER)));
    }
}

/// Layers have this part of the pixels of the one before along each side, down to one no longer than this: what zxing
/// does itself, unless pictures are given to it in black and white.
const COARSER: u32 = 3;
const COARSEST_PX: u32 = 500;

fn reader(formats: &[BarcodeFormat]) -> BarcodeReader {
    zxingcpp::read()
        .formats(formats)
        .try_harder(true)
        .try_invert(false)
}

/// A part of a picture.
struct Cut {
    left_px: u32,
    top_px: u32,
    width_px: u32,
    height_px: u32,
}

impl Cut {
    fn whole(luma: &GrayImage) -> Cut {
        let (width_px, height_px) = luma.dimensions();
        Cut {
            left_px: 0,
            top_px: 0,
            width_px,
            height_px,
        }
    }

    fn of(luma: &GrayImage, band: &Band) -> Cut {
        let (width_px, height_px) = luma.dimensions();
        let cut = |side_px: u32| {
            let start = (band.span.start * side_px as f32) as u32;
            let end = (band.span.end * side_px as f32).ceil() as u32;
            (start, end.min(side_px).saturating_sub(start))
        };
        let ((left_px, width_px), (top_px, height_px)) = match band.lying {
            true => (cut(width_px), (0, height_px)),
            false => ((0, width_px), cut(height_px)),
        };
        Cut {
            left_px,
            top_px,
            width_px,
            height_px,
        }
    }
}

fn read_cut(luma: &GrayImage, cut: &Cut, reader: &BarcodeReader) -> Vec<Code> {
    let (width_px, height_px) = luma.dimensions();
    let Ok(view) = ImageView::from_slice(luma.as_raw(), width_px, height_px, ImageFormat::Lum)
    else {
        return Vec::new();
    };
    let whole_px = |px: u32| px as i32;
    let view = view.cropped(
        whole_px(cut.left_px),
        whole_px(cut.top_px),
        whole_px(cut.width_px),
        whole_px(cut.height_px),
    );
    let found = reader.from(&view).unwrap_or_default();
    let code = |found: &zxingcpp::Barcode| {
        Some(Code {
            symbol: symbol(found.format())?,
            text: found.text(),
            place: place(&found.position(), cut, (width_px, height_px)),
        })
    };
    found
        .iter()
        .filter(|found| found.is_valid())
        .filter_map(code)
        .collect()
}

impl Code {
    /// True where the other one says the same and its middle lies within this one.
    fn is_same(&self, other: &Code) -> bool {
        let within = |(low, high): (f32, f32), (other_low, other_high): (f32, f32)| {
            (low..=high).contains(&other_low.midpoint(other_high))
        };
        let (own, place) = (self.place, other.place);
        self.symbol == other.symbol
            && self.text == other.text
            && within(own.x, place.x)
            && within(own.y, place.y)
    }
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

/// The rectangle around a symbol's four corners, which were found in a part of a picture of this size.
fn place(position: &Position, cut: &Cut, (width_px, height_px): (u32, u32)) -> Place {
    let corners = [
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    ];
    let span = |along: fn(&zxingcpp::PointI) -> i32, start_px: u32, side_px: u32| {
        let shares = corners
            .iter()
            .map(|corner| (along(corner) as f32 + start_px as f32) / side_px as f32);
        let (low, high) = (shares.clone().reduce(f32::min), shares.reduce(f32::max));
        (low.unwrap_or(0.0), high.unwrap_or(0.0))
    };
    Place {
        x: span(|corner| corner.x, cut.left_px, width_px),
        y: span(|corner| corner.y, cut.top_px, height_px),
    }
}
