//! Grey pictures brought to another size.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8;
use fast_image_resize::{ResizeAlg, ResizeOptions, Resizer};
use image::GrayImage;

pub use fast_image_resize::FilterType;

/// The picture in this size; the same picture where it has it already.
///
/// By the typed way of the library: its other one compiles the kernels of all fifteen kinds of
/// pixels into this crate, which was a third of the time that building it took.
pub fn scale(image: &GrayImage, width_px: u32, height_px: u32, filter: FilterType) -> GrayImage {
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
