//! A page of the plain one-page copy: its only image taken out, or the page drawn.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
    InterpreterCache, InterpreterSettings, InterpreterWarning, SoftMask, TransformExt,
    interpret_page,
};
use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{Filter, Pdf};
use hayro::kurbo::{Affine, BezPath, Rect};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings, render_into};

use super::look::{Layer, Look, Placement};
use super::text_layer::{Frame, Letters};
use super::{PdfFault, RasterFault};
use crate::formats::raster::{
    Coding, Decoded, Dpi, Pixels, Raster, Space, check_size, color_pixels, gray_pixels, jpeg,
    jpeg2000,
};
use crate::model::{Orientation, PageText};
use crate::stages::intake::Options;

/// Below this a drawn page is not readable; above it no office scans, and the picture of an
/// A4 page takes more than 250 MB while it is drawn. In between the sharpest layer is kept:
/// what is drawn stands in the archive.
const DRAWN_DPI: std::ops::RangeInclusive<f64> = 150.0..=600.0;
/// Pages longer than A3 need not have 150 dots on each of their inches: many are scans of
/// A4 whose maker took a pixel for a point.
const LONGEST_AT_LEAST_DPI_IN: f64 = 16.6;
/// The largest side the rasteriser's 16-bit coordinates can hold.
const MAX_SIDE_PX: f64 = 65_000.0;
/// Each dash of a line is drawn alone: a line of a billionth's dashes takes all memory there is.
const MAX_DASHES: f64 = 1e6;

/// Takes out or draws the page of a one-page PDF made by [`super::one_page`], and with it
/// where the page's points lie on its upright image, and what was seen of it.
pub(super) fn page(pdf: &Pdf, options: &Options) -> Result<(Decoded, Frame, Look), PdfFault> {
    let page = pdf.pages().first().ok_or(PdfFault::NoPages)?;
    let (width_pt, height_pt) = page.render_dimensions();
    let mut look = Look::new(f64::from(width_pt), f64::from(height_pt));
    interpret(page, &mut look);
    let (decoded, area) = match look.only_image() {
        Some(placement) => (taken_out(page, placement, options)?, placement.area),
        None => {
            let whole = Rect::new(0.0, 0.0, f64::from(width_pt), f64::from(height_pt));
            (drawn(page, &look, options)?, whole)
        }
    };
    let frame = frame(&decoded, area, user_unit(page));
    Ok((decoded, frame, look))
}

/// The words that the page itself carries, in pixels of its upright image.
pub(super) fn text(pdf: &Pdf, frame: &Frame) -> Option<PageText> {
    let mut letters = Letters::default();
    interpret(pdf.pages().first()?, &mut letters);
    letters.into_text(frame)
}

/// From this area of the page to the pixels of its upright image.
fn frame(decoded: &Decoded, area: Rect, unit: f64) -> Frame {
    let (width_px, height_px) = decoded.raster.pixels.size();
    let orientation = decoded.raster.orientation;
    let (width_px, height_px) = orientation.upright_size(width_px, height_px);
    let (across, down) = (
        f64::from(width_px) / area.width(),
        f64::from(height_px) / area.height(),
    );
    Frame {
        width_px,
        height_px,
        dpi: (across.min(down) * 72.0 / unit).round() as u32,
        to_px: Affine::scale_non_uniform(across, down) * Affine::translate((-area.x0, -area.y0)),
    }
}

/// Seventy-seconds of an inch in one of the page's units (ISO 32000-1, table 30).
fn user_unit(page: &Page<'_>) -> f64 {
    let stated = page.raw().get::<f32>("UserUnit").map(f64::from);
    stated
        .filter(|unit| (0.001..=1000.0).contains(unit))
        .unwrap_or(1.0)
}

/// The one image that is all one sees of the page.
fn taken_out(
    page: &Page<'_>,
    placement: Placement,
    options: &Options,
) -> Result<Decoded, PdfFault> {
    let mut taker = Taker {
        placement,
        seen: 0,
        max_pixels: options.max_page_pixels,
        taken: None,
    };
    interpret(page, &mut taker);
    // An image that cannot be decoded leaves nothing behind.
    let decoded = taker.taken.unwrap_or(Err(RasterFault::corrupt(
        "the page's image cannot be decoded",
    )))?;
    Ok(laid_out(decoded, &placement, user_unit(page)))
}

/// Interprets the page in points from its top left corner, /Rotate applied.
fn interpret<'a>(page: &'a Page<'a>, device: &mut impl Device<'a>) {
    let (width_pt, height_pt) = page.render_dimensions();
    let mut context = Context::new(
        page.initial_transform(true).to_kurbo(),
        Rect::new(0.0, 0.0, f64::from(width_pt), f64::from(height_pt)),
        &InterpreterCache::new(),
        page.xref(),
        InterpreterSettings::default(),
    );
    interpret_page(page, &mut context, device);
}

/// The image with resolution and turn by where it lies on the page.
fn laid_out(mut decoded: Decoded, placement: &Placement, unit: f64) -> Decoded {
    let (width_px, height_px) = decoded.raster.pixels.size();
    let (width_pt, height_pt) = (placement.size_pt.0 * unit, placement.size_pt.1 * unit);
    decoded.raster.dpi = Dpi::plausible(
        whole_if_near(f64::from(width_px) * 72.0 / width_pt),
        whole_if_near(f64::from(height_px) * 72.0 / height_pt),
        (width_px, height_px),
    );
    decoded.raster.orientation = Orientation {
        mirrored: placement.mirrored,
        quarter_turns: placement.quarter_turns,
    };
    decoded
}

/// Producers round the page to whole points: 300 dpi comes back as 299.8.
fn whole_if_near(dpi: f64) -> f64 {
    let nearest = (dpi / 50.0).round() * 50.0;
    if (dpi - nearest).abs() < 0.5 {
        nearest
    } else {
        dpi
    }
}

/// Takes the pixels of one image out while the page is interpreted.
struct Taker {
    placement: Placement,
    seen: usize,
    max_pixels: u64,
    taken: Option<Result<Decoded, RasterFault>>,
}

impl<'a> Device<'a> for Taker {
    fn draw_image(&mut self, image: Image<'a, '_>, _: ImageDrawProps<'a>) {
        let index = self.seen;
        self.seen += 1;
        if index != self.placement.index {
            return;
        }
        match image {
            Image::Stencil(stencil) => stencil.with_stencil(
                |ink, _| {
                    // The stencil's value is how much black is laid on the white page.
                    let samples = ink.data.iter().map(|v| 255 - v).collect();
                    self.taken = Some(plain(gray_pixels(ink.width, ink.height, samples)));
                },
                None,
            ),
            Image::Raster(raster) => {
                self.taken = as_is(raster.stream(), self.max_pixels);
                if self.taken.is_none() {
                    raster.with_rgba(|image, _| self.taken = Some(plain(pixels(image))), None);
                }
            }
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn pop_clip(&mut self) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_transparency_group(&mut self) {}
}

fn pixels(image: ImageData) -> Result<Pixels, RasterFault> {
    match image {
        ImageData::Luma(grey) => gray_pixels(grey.width, grey.height, grey.data),
        ImageData::Rgb(rgb) => color_pixels(rgb.width, rgb.height, rgb.data),
    }
}

fn plain(pixels: Result<Pixels, RasterFault>) -> Result<Decoded, RasterFault> {
    Ok(Decoded {
        raster: Raster {
            pixels: pixels?.narrowed(),
            dpi: None,
            orientation: Orientation::UPRIGHT,
        },
        original: None,
    })
}

/// A JPEG or JPEG 2000 whose samples mean what a file of its own would; `None` where the PDF
/// reads them otherwise.
fn as_is(stream: &Stream<'_>, max_pixels: u64) -> Option<Result<Decoded, RasterFault>> {
    let dict = stream.dict();
    if dict.contains_key("Decode") {
        return None;
    }
    let (decoded, space) = match stream.filters().as_slice() {
        [Filter::DctDecode] => (jpeg_file(stream, max_pixels), stated_space(dict)?),
        [Filter::JpxDecode] => {
            let decoded = jpeg2000::decode(&stream.raw_data(), max_pixels);
            // Without a colour space in the dictionary, the data's own holds (8.9.5.1).
            let own = decoded.as_ref().ok()?.original.as_ref()?.space;
            let stated = dict.contains_key("ColorSpace");
            (decoded, if stated { stated_space(dict)? } else { own })
        }
        _ => return None,
    };
    let stated = (dict.get::<u32>("Width")?, dict.get::<u32>("Height")?);
    match decoded {
        Ok(decoded) => {
            let original = decoded.original.as_ref()?;
            let same = original.space == space && decoded.raster.pixels.size() == stated;
            let is_own = matches!(original.coding, Coding::Jpeg { .. } | Coding::Jpeg2000);
            (same && is_own).then_some(Ok(decoded))
        }
        Err(fault) => Some(Err(fault)),
    }
}

fn jpeg_file(stream: &Stream<'_>, max_pixels: u64) -> Result<Decoded, RasterFault> {
    let params = stream.dict().get::<Dict<'_>>("DecodeParms");
    let transform = params.and_then(|params| params.get::<u8>("ColorTransform"));
    // ISO 32000-1, table 13: three components are YCbCr unless something says otherwise.
    jpeg::decode(&stream.raw_data(), max_pixels, Some(transform.unwrap_or(1)))
}

/// Grey or RGB. Calibrated, it counts where it describes sRGB or next to it, as scanners'
/// profiles do.
fn stated_space(dict: &Dict<'_>) -> Option<Space> {
    let by_name = |name: &Name<'_>| match name.as_ref() {
        b"DeviceGray" | b"CalGray" => Some(Space::Gray),
        b"DeviceRGB" | b"CalRGB" => Some(Space::Rgb),
        _ => None,
    };
    match dict.get::<Object<'_>>("ColorSpace")? {
        Object::Name(name) => by_name(&name),
        Object::Array(parts) => icc_space(&parts).or_else(|| {
            let name = parts.flex_iter().next::<Name<'_>>()?;
            by_name(&name).filter(|_| is_like_srgb(&parts))
        }),
        _ => None,
    }
}

/// Gammas whose greys lie within 20 levels of sRGB's; without one they are linear, and the
/// middle grey 60 levels lighter (ISO 32000-1, 8.6.5.2 and 8.6.5.3).
const GAMMA_LIKE_SRGB: std::ops::RangeInclusive<f32> = 1.8..=2.6;

/// True of a calibrated space whose curve is about sRGB's, and of one that is not calibrated.
fn is_like_srgb(parts: &Array<'_>) -> bool {
    let mut parts = parts.flex_iter();
    let calibrated = [&b"CalGray"[..], b"CalRGB"];
    let name = parts.next::<Name<'_>>();
    if !name.is_some_and(|name| calibrated.contains(&name.as_ref())) {
        return true;
    }
    let dict = parts.next::<Dict<'_>>();
    let gammas = dict.map_or_else(Vec::new, |dict| match dict.get::<Array<'_>>("Gamma") {
        Some(each) => each.iter::<f32>().collect(),
        None => dict.get::<f32>("Gamma").into_iter().collect(),
    });
    !gammas.is_empty() && gammas.iter().all(|gamma| GAMMA_LIKE_SRGB.contains(gamma))
}

fn icc_space(parts: &Array<'_>) -> Option<Space> {
    let mut parts = parts.flex_iter();
    if parts.next::<Name<'_>>()?.as_ref() != b"ICCBased" {
        return None;
    }
    match parts.next::<Stream<'_>>()?.dict().get::<u8>("N")? {
        1 => Some(Space::Gray),
        3 => Some(Space::Rgb),
        _ => None,
    }
}

/// Draws the page on white paper.
fn drawn(page: &Page<'_>, look: &Look, options: &Options) -> Result<Decoded, PdfFault> {
    let (width_pt, height_pt) = page.render_dimensions();
    let size_pt = (f64::from(width_pt), f64::from(height_pt));
    let unit = user_unit(page);
    let layer = look.sharpest_layer();
    let dpi = drawn_dpi(layer, size_pt, unit, options);
    let side_px = |points: f64| (points * unit * dpi / 72.0).round().max(1.0);
    let (width_px, height_px) = (side_px(size_pt.0), side_px(size_pt.1));
    check_size(width_px as u32, height_px as u32, options.max_page_pixels)?;
    if width_px.max(height_px) > MAX_SIDE_PX {
        return Err(RasterFault::unsupported("a page of more than 65000 pixels a side").into());
    }
    if look.dashes > MAX_DASHES {
        return Err(RasterFault::unsupported("a page with more than a million dashes").into());
    }
    let to_px = to_pixels(layer, size_pt, (width_px, height_px));
    let transform = to_px * page.initial_transform(true).to_kurbo();
    let pixmap = render(page, transform, width_px as u16, height_px as u16)?;
    let rgb = pixmap.data_as_u8_slice().chunks_exact(4);
    let samples = rgb.flat_map(|p| [p[0], p[1], p[2]]).collect();
    let mut decoded = plain(color_pixels(width_px as u32, height_px as u32, samples))?;
    decoded.raster.dpi = Dpi::plausible(dpi, dpi, (width_px as u32, height_px as u32));
    Ok(decoded)
}

/// From points to pixels, so that the sharpest layer's pixels fall on the drawn ones.
///
/// The page's own edge need not lie between two of them (a crop box, sides rounded to points).
/// Drawn by that edge, letters could be smeared over two pixels each.
fn to_pixels(layer: Option<Layer>, size_pt: (f64, f64), size_px: (f64, f64)) -> Affine {
    if let Some(grid) = layer.and_then(|layer| layer.grid) {
        let (across, down) = grid.px_per_pt;
        let near = |points: f64, per_pt: f64, pixels: f64| (points * per_pt - pixels).abs() <= 1.0;
        if near(size_pt.0, across, size_px.0) && near(size_pt.1, down, size_px.1) {
            let (x, y) = (grid.origin_pt.x * across, grid.origin_pt.y * down);
            return Affine::translate((x.round() - x, y.round() - y))
                * Affine::scale_non_uniform(across, down);
        }
    }
    // Scaled to whole pixels: hayro's own sizes are rounded down and lose the last row.
    Affine::scale_non_uniform(size_px.0 / size_pt.0, size_px.1 / size_pt.1)
}

/// The sharpest layer's resolution within reason, lowered where the page would be too large.
fn drawn_dpi(layer: Option<Layer>, size_pt: (f64, f64), unit: f64, options: &Options) -> f64 {
    let (width_in, height_in) = (size_pt.0 * unit / 72.0, size_pt.1 * unit / 72.0);
    let long_in = width_in.max(height_in);
    let least = DRAWN_DPI.start() * (LONGEST_AT_LEAST_DPI_IN / long_in).min(1.0);
    let sharpest = layer.map(|layer| whole_if_near(layer.dpi / unit));
    let wished = sharpest
        .unwrap_or(f64::from(options.drawn_page_dpi))
        .clamp(least, *DRAWN_DPI.end());
    let by_area = (options.max_page_pixels as f64 / (width_in * height_in)).sqrt();
    wished.min(by_area).min(MAX_SIDE_PX / long_in)
}

fn render(
    page: &Page<'_>,
    transform: Affine,
    width_px: u16,
    height_px: u16,
) -> Result<Pixmap, PdfFault> {
    let lost_image = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&lost_image);
    let settings = InterpreterSettings {
        warning_sink: Arc::new(move |warning| {
            if matches!(warning, InterpreterWarning::ImageDecodeFailure) {
                seen.store(true, Ordering::Relaxed);
            }
        }),
        ..InterpreterSettings::default()
    };
    let mut context = RenderContext::new(width_px, height_px);
    render_into(
        page,
        &RenderCache::new(),
        &settings,
        &RenderSettings::default(),
        &mut context,
        transform,
    );
    context.flush();
    // A page drawn without one of its images would look complete and not be.
    if lost_image.load(Ordering::Relaxed) {
        return Err(PdfFault::corrupt("an image of the page cannot be decoded"));
    }
    let mut pixmap = Pixmap::new(width_px, height_px);
    let rasterizer = RasterizerSettings {
        target_init: TargetInit::Clear(WHITE),
        ..RasterizerSettings::default()
    };
    context.render_with(&mut pixmap, &mut Resources::default(), rasterizer);
    Ok(pixmap)
}
