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

use super::look::{Look, Placement};
use super::{PdfFault, RasterFault};
use crate::formats::raster::{
    Coding, Decoded, Dpi, Pixels, Raster, Space, check_size, color_pixels, gray_pixels, jpeg,
};
use crate::model::Orientation;
use crate::stages::intake::Options;

/// Below this a drawn page is not readable, above it costs without being read better.
const DRAWN_DPI: std::ops::RangeInclusive<f64> = 150.0..=400.0;
/// The largest side the rasteriser's 16-bit coordinates can hold.
const MAX_SIDE_PX: f64 = 65_000.0;

/// Takes out or draws the page of a one-page PDF made by [`super::one_page`].
pub(super) fn page(copy: Vec<u8>, options: &Options) -> Result<Decoded, PdfFault> {
    let pdf = Pdf::new(copy).map_err(|error| PdfFault::corrupt(format!("{error:?}")))?;
    let page = pdf.pages().first().ok_or(PdfFault::NoPages)?;
    let (width_pt, height_pt) = page.render_dimensions();
    let mut look = Look::new(f64::from(width_pt), f64::from(height_pt));
    interpret(page, &mut look);
    if let Some(placement) = look.only_image() {
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
        return Ok(laid_out(decoded, &placement));
    }
    drawn(page, &look, options)
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
fn laid_out(mut decoded: Decoded, placement: &Placement) -> Decoded {
    let (width_px, height_px) = decoded.raster.pixels.size();
    let (width_pt, height_pt) = placement.size_pt;
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
                self.taken = jpeg_as_is(raster.stream(), self.max_pixels);
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

/// A JPEG whose samples mean what a JPEG file's would; `None` where the PDF reads them otherwise.
fn jpeg_as_is(stream: &Stream<'_>, max_pixels: u64) -> Option<Result<Decoded, RasterFault>> {
    let dict = stream.dict();
    if stream.filters().as_slice() != [Filter::DctDecode] || dict.contains_key("Decode") {
        return None;
    }
    let space = jpeg_space(dict)?;
    let transform = dict
        .get::<Dict<'_>>("DecodeParms")
        .and_then(|params| params.get::<u8>("ColorTransform"));
    // ISO 32000-1, table 13: three components are YCbCr unless something says otherwise.
    let decoded = jpeg::decode(&stream.raw_data(), max_pixels, Some(transform.unwrap_or(1)));
    let stated = (dict.get::<u32>("Width")?, dict.get::<u32>("Height")?);
    match decoded {
        Ok(decoded) => {
            let original = decoded.original.as_ref()?;
            let same = original.space == space && decoded.raster.pixels.size() == stated;
            let is_jpeg = matches!(original.coding, Coding::Jpeg { .. });
            (same && is_jpeg).then_some(Ok(decoded))
        }
        Err(fault) => Some(Err(fault)),
    }
}

/// Grey or RGB, calibrated or not: scanners' profiles describe sRGB or next to it.
fn jpeg_space(dict: &Dict<'_>) -> Option<Space> {
    let by_name = |name: &Name<'_>| match name.as_ref() {
        b"DeviceGray" | b"CalGray" => Some(Space::Gray),
        b"DeviceRGB" | b"CalRGB" => Some(Space::Rgb),
        _ => None,
    };
    match dict.get::<Object<'_>>("ColorSpace")? {
        Object::Name(name) => by_name(&name),
        Object::Array(parts) => icc_space(&parts).or_else(|| {
            let name = parts.flex_iter().next::<Name<'_>>()?;
            by_name(&name)
        }),
        _ => None,
    }
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
    let dpi = drawn_dpi(look, size_pt, options);
    let side_px = |points: f64| (points * dpi / 72.0).round().max(1.0);
    let (width_px, height_px) = (side_px(size_pt.0), side_px(size_pt.1));
    check_size(width_px as u32, height_px as u32, options.max_page_pixels)?;
    if width_px.max(height_px) > MAX_SIDE_PX {
        return Err(RasterFault::unsupported("a page of more than 65000 pixels a side").into());
    }
    // Scaled to whole pixels: hayro's own sizes are rounded down and lose the last row.
    let scale = Affine::scale_non_uniform(width_px / size_pt.0, height_px / size_pt.1);
    let transform = scale * page.initial_transform(true).to_kurbo();
    let pixmap = render(page, transform, width_px as u16, height_px as u16)?;
    let rgb = pixmap.data_as_u8_slice().chunks_exact(4);
    let samples = rgb.flat_map(|p| [p[0], p[1], p[2]]).collect();
    let mut decoded = plain(color_pixels(width_px as u32, height_px as u32, samples))?;
    decoded.raster.dpi = Dpi::plausible(dpi, dpi, (width_px as u32, height_px as u32));
    Ok(decoded)
}

/// The sharpest image's resolution within reason, lowered where the page would be too large.
fn drawn_dpi(look: &Look, (width_pt, height_pt): (f64, f64), options: &Options) -> f64 {
    let wished = look
        .sharpest_dpi
        .unwrap_or(f64::from(options.drawn_page_dpi))
        .clamp(*DRAWN_DPI.start(), *DRAWN_DPI.end())
        .round();
    let area_in2 = width_pt * height_pt / (72.0 * 72.0);
    let largest = (options.max_page_pixels as f64 / area_in2).sqrt().floor();
    wished.min(largest.max(*DRAWN_DPI.start()))
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
