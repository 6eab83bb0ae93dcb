//! Grey pictures brought to another size.
//!
//! Scanners' resolutions stand to each other as small whole numbers do (300 to 200 dpi as 3 to 2), so the weights
//! of a filter repeat after so many pixels, and a page is scaled with a handful of them in whole numbers, eight
//! pixels at once. Sizes that do not are left to the library that takes any.

use std::borrow::Cow;
use std::slice::ChunksExact;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8;
use fast_image_resize::{ResizeAlg, ResizeOptions, Resizer};
use image::GrayImage;
use sohoa_lines::{Work, on_this_processor};

use fast_image_resize::FilterType;

pub use super::steps::Filter;
use super::steps::Steps;

/// The picture in this size; itself where it has it already.
///
/// The right and lower edge may be off by half a new pixel, where a size is no whole multiple.
pub fn scale(
    image: Cow<'_, GrayImage>,
    (width_px, height_px): (u32, u32),
    filter: Filter,
) -> Cow<'_, GrayImage> {
    if image.dimensions() == (width_px, height_px) {
        return image;
    }
    Cow::Owned(scaled(&image, width_px, height_px, filter))
}

fn scaled(image: &GrayImage, width_px: u32, height_px: u32, filter: Filter) -> GrayImage {
    let across = Steps::between(image.width(), width_px, filter);
    let down = Steps::between(image.height(), height_px, filter);
    match (across, down) {
        (Some(across), Some(down)) => scale_in_steps(image, (width_px, height_px), &across, &down),
        _ => scale_to_any(image, width_px, height_px, filter),
    }
}

fn scale_in_steps(
    image: &GrayImage,
    (width_px, height_px): (u32, u32),
    across: &Steps,
    down: &Steps,
) -> GrayImage {
    let mut scaled = GrayImage::new(width_px, height_px);
    on_this_processor(Scaling {
        image,
        across,
        down,
        scaled: &mut scaled,
    });
    scaled
}

struct Scaling<'a> {
    image: &'a GrayImage,
    across: &'a Steps,
    down: &'a Steps,
    scaled: &'a mut GrayImage,
}

impl Work for Scaling<'_> {
    /// First down, then across, row by row, so that what lies between stays in the cache.
    #[inline(always)]
    fn work(self) {
        let width = self.scaled.width() as usize;
        let mut between = vec![0; self.image.width() as usize];
        let mut planes = self.across.planes(between.len(), width);
        for (y, row) in self.scaled.chunks_exact_mut(width.max(1)).enumerate() {
            self.down.row_between(self.image, y, &mut between);
            self.across.along(&between, &mut planes, row);
        }
    }
}

/// By the typed way of the library: its other one compiles the kernels of all fifteen kinds of
/// pixels into this crate, which was a third of the time that building it took.
fn scale_to_any(image: &GrayImage, width_px: u32, height_px: u32, filter: Filter) -> GrayImage {
    let filter = match filter {
        Filter::Bilinear => FilterType::Bilinear,
        Filter::CatmullRom => FilterType::CatmullRom,
    };
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    let (old_w, old_h) = image.dimensions();
    let mut scaled = GrayImage::new(width_px, height_px);
    let from = TypedImageRef::<U8>::from_buffer(old_w, old_h, image.as_raw());
    let from = from.expect("a picture's buffer holds its pixels");
    let to = TypedImage::<U8>::from_buffer(width_px, height_px, &mut scaled);
    let mut to = to.expect("a picture's buffer holds its pixels");
    Resizer::new()
        .resize_typed(&from, &mut to, &options)
        .expect("the whole of a picture lies inside it");
    scaled
}

/// Means of blocks of so many pixels across and down; what is left over at the right and lower edge is dropped.
pub fn block_means(image: &GrayImage, (block_w, block_h): (u32, u32)) -> GrayImage {
    match (block_w, block_h) {
        (1, 1) => image.clone(),
        (2, 2) => means::<2>(image),
        (3, 3) => means::<3>(image),
        (4, 4) => means::<4>(image),
        (6, 6) => means::<6>(image),
        _ => means_of_any(image, block_w, block_h),
    }
}

fn means<const SIDE: usize>(image: &GrayImage) -> GrayImage {
    let width = image.width() as usize;
    let (out_w, out_h) = (width / SIDE, image.height() as usize / SIDE);
    let mut means = Vec::with_capacity(out_w * out_h);
    on_this_processor(Means::<SIDE> {
        bands: image.as_raw().chunks_exact((width * SIDE).max(1)),
        out_h,
        sums: vec![0; width],
        means: &mut means,
    });
    picture(out_w, out_h, means)
}

struct Means<'a, const SIDE: usize> {
    bands: ChunksExact<'a, u8>,
    out_h: usize,
    sums: Vec<u16>,
    means: &'a mut Vec<u8>,
}

impl<const SIDE: usize> Work for Means<'_, SIDE> {
    #[inline(always)]
    fn work(mut self) {
        let count = (SIDE * SIDE) as u16;
        for band in self.bands.take(self.out_h) {
            self.sums.fill(0);
            for row in band.chunks_exact(self.sums.len()) {
                add(&mut self.sums, row);
            }
            let (blocks, _) = self.sums.as_chunks::<SIDE>();
            let means = blocks.iter().map(|block| block.iter().sum::<u16>() / count);
            self.means.extend(means.map(|mean| mean as u8));
        }
    }
}

fn means_of_any(image: &GrayImage, block_w: u32, block_h: u32) -> GrayImage {
    let (width, block_w, block_h) = (image.width() as usize, block_w as usize, block_h as usize);
    let (out_w, out_h) = (width / block_w, image.height() as usize / block_h);
    let mut means = Vec::with_capacity(out_w * out_h);
    let mut sums = vec![0_u32; width];
    let mut few = vec![0_u16; width];
    let bands = image.as_raw().chunks_exact((width * block_h).max(1));
    for band in bands.take(out_h) {
        sums.fill(0);
        for rows in band.chunks(width * MOST_IN_16_BITS) {
            few.fill(0);
            rows.chunks_exact(width).for_each(|row| add(&mut few, row));
            let sums = sums.iter_mut().zip(&few);
            sums.for_each(|(sum, few)| *sum += u32::from(*few));
        }
        let blocks = sums.chunks_exact(block_w);
        let count = (block_w * block_h) as u64;
        let sum = |block: &[u32]| block.iter().map(|sum| u64::from(*sum)).sum::<u64>();
        means.extend(blocks.map(|block| (sum(block) / count) as u8));
    }
    picture(out_w, out_h, means)
}

/// So many values of a byte add up to no more than 16 bits hold.
const MOST_IN_16_BITS: usize = 257;

#[inline(always)]
fn add(sums: &mut [u16], row: &[u8]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += u16::from(*value);
    }
}

fn picture(width: usize, height: usize, samples: Vec<u8>) -> GrayImage {
    GrayImage::from_raw(width as u32, height as u32, samples)
        .expect("one sample was written for each block")
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    /// Bars and a slope, so that both the edges and the grey between them show.
    fn drawn(width: u32, height: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| {
            let slope = (x * 120 / width + y * 100 / height) as u8;
            let bar = x % 23 < 7 || y % 31 < 5;
            Luma([if bar { slope / 4 } else { 255 - slope / 3 }])
        })
    }

    #[test]
    fn scaling_by_repeating_weights_gives_what_the_library_gives() {
        let sizes = [
            ((300, 420), (200, 280)),
            ((300, 400), (150, 200)),
            ((150, 210), (200, 280)),
            ((240, 300), (200, 250)),
            ((200, 280), (200, 280)),
        ];
        for (old, new) in sizes {
            for filter in [Filter::Bilinear, Filter::CatmullRom] {
                let page = drawn(old.0, old.1);
                let own = scaled(&page, new.0, new.1, filter);
                let of_library = scale_to_any(&page, new.0, new.1, filter);
                let off = own.iter().zip(of_library.iter());
                let off = off.map(|(own, other)| u32::from(own.abs_diff(*other)));
                let mean = off.clone().sum::<u32>() as f32 / own.len() as f32;
                assert!(mean < 2.0, "{old:?} {new:?} {filter:?}: {mean}");
            }
        }
    }

    #[test]
    fn an_even_picture_stays_as_it_is_at_any_size() {
        for grey in [0, 1, 128, 254, 255] {
            let page = GrayImage::from_pixel(90, 60, Luma([grey]));
            for (width, height) in [(60, 40), (45, 30), (30, 20), (120, 80), (71, 43)] {
                let scaled = scaled(&page, width, height, Filter::CatmullRom);
                assert!(scaled.iter().all(|value| *value == grey), "{grey} {width}");
            }
        }
    }

    #[test]
    fn blocks_of_every_shape_are_meant_exactly() {
        let page = drawn(101, 67);
        for (w, h) in [
            (1, 1),
            (2, 2),
            (3, 3),
            (4, 4),
            (6, 6),
            (2, 1),
            (5, 3),
            (200, 2),
        ] {
            let means = block_means(&page, (w, h));
            assert_eq!(means.dimensions(), (101 / w, 67 / h));
            for (x, y, mean) in means.enumerate_pixels() {
                let block = (0..h).flat_map(|down| (0..w).map(move |right| (right, down)));
                let values = block.map(|(right, down)| page.get_pixel(x * w + right, y * h + down));
                let sum: u32 = values.map(|value| u32::from(value.0[0])).sum();
                assert_eq!(u32::from(mean.0[0]), sum / (w * h), "{w}×{h} at {x},{y}");
            }
        }
    }
}
