//! The picture to read: dark ink on white, upright, at the resolution that reads best.

use image::{GrayImage, imageops};

use super::paper::Paper;
use super::sketch::Sketch;
use crate::formats::raster::{self, FilterType, Pixels};
use crate::model::{Affine, Orientation};

/// Darker than this share of the paper is black.
const BLACK: f32 = 0.2;

/// Brighter than this share of the paper is white: specks of the paper and most of what shines
/// through from the other side. Measured on 13 yellowed pages: 0.9 gives an error rate of
/// 13.9 %, 0.8 gives 20.0 % (faded ink goes), and without any division it is 74 %.
const WHITE: f32 = 0.9;

/// Darker than this is black where only black and white is wanted. Faded ink on yellowed paper
/// lies at 180 after the division: at 150 the error rate there is 56 %, at 200 it is 23 %.
const BLACK_BELOW: u8 = 200;

/// The page in grey, in the place of the stored image, divided by its paper where that is uneven.
///
/// The red channel alone, which makes seals vanish, gains nothing: error rate 9.3 % against
/// 9.9 % on 13 clean colour pages, 17.4 % against 13.9 % on 13 yellowed ones; and it loses
/// what is printed or stamped in red.
pub fn grey(pixels: &Pixels, paper: &Paper, sketch: &Sketch) -> GrayImage {
    let mut grey = pixels.luma().into_owned();
    if matches!(pixels, Pixels::Bilevel(_)) {
        return grey;
    }
    if !paper.is_even_and_white() {
        divide(&mut grey, paper, sketch.block_px);
    }
    grey
}

/// Divides by the paper and spreads what is left between black and white.
fn divide(grey: &mut GrayImage, paper: &Paper, (block_w, block_h): (u32, u32)) {
    let width = grey.width() as usize;
    let shift = -BLACK / (WHITE - BLACK) * 255.0;
    let mut scale = vec![1.0; width];
    for (y, row) in grey.chunks_exact_mut(width.max(1)).enumerate() {
        if y % block_h as usize == 0 {
            paper.along_row(y as f32 / block_h as f32 + 0.5, block_w, &mut scale);
            for bright in &mut scale {
                *bright = 255.0 / ((WHITE - BLACK) * *bright);
            }
        }
        for (value, scale) in row.iter_mut().zip(&scale) {
            *value = (f32::from(*value) * scale + shift) as u8;
        }
    }
}

/// Turns a stored picture upright.
pub fn turn(image: GrayImage, orientation: Orientation) -> GrayImage {
    let image = if orientation.mirrored {
        imageops::flip_horizontal(&image)
    } else {
        image
    };
    match orientation.quarter_turns {
        1 => imageops::rotate90(&image),
        2 => imageops::rotate180(&image),
        3 => imageops::rotate270(&image),
        _ => image,
    }
}

/// Brings a picture to this size.
pub fn scale(image: GrayImage, width_px: u32, height_px: u32) -> GrayImage {
    if image.dimensions() == (width_px, height_px) {
        return image;
    }
    raster::scale(&image, width_px, height_px, FilterType::CatmullRom)
}

/// Black and white only.
pub fn threshold(image: &mut GrayImage) {
    image
        .iter_mut()
        .for_each(|value| *value = if *value < BLACK_BELOW { 0 } else { 255 });
}

/// Turns a picture so that lines sinking by this angle become level, on a canvas that holds all
/// of it; gives the map from the new picture to the old.
pub fn level(image: &GrayImage, skew_deg: f32) -> (GrayImage, Affine) {
    let (sin, cos) = skew_deg.to_radians().sin_cos();
    let (old_w, old_h) = (image.width() as f32, image.height() as f32);
    let new_w = (old_w * cos + old_h * sin.abs()).ceil();
    let new_h = (old_h * cos + old_w * sin.abs()).ceil();
    let to_old = Affine {
        a: cos,
        b: sin,
        c: -sin,
        d: cos,
        e: (old_w - cos * new_w + sin * new_h) / 2.0,
        f: (old_h - sin * new_w - cos * new_h) / 2.0,
    };
    (resample(image, new_w as u32, new_h as u32, &to_old), to_old)
}

/// Fetches each pixel of a new picture from the old one, mixing the four around the place;
/// white outside.
pub(super) fn resample(image: &GrayImage, width: u32, height: u32, to_old: &Affine) -> GrayImage {
    const ONE: i64 = 1 << 16;
    let fixed = |v: f32| (f64::from(v) * ONE as f64) as i64;
    let (step_x, step_y) = (fixed(to_old.a), fixed(to_old.b));
    let (old_w, old_h) = (image.width() as i64, image.height() as i64);
    let old = image.as_raw();
    let mut new = vec![255_u8; width as usize * height as usize];
    for (j, row) in new.chunks_exact_mut(width as usize).enumerate() {
        // The middle of pixel (0, j), less half a pixel: between the middles of four old pixels.
        let middle = j as f32 + 0.5;
        let mut x = fixed(to_old.a * 0.5 + to_old.c * middle + to_old.e - 0.5);
        let mut y = fixed(to_old.b * 0.5 + to_old.d * middle + to_old.f - 0.5);
        for value in row {
            let (left, top) = (x >> 16, y >> 16);
            if left >= 0 && top >= 0 && left + 1 < old_w && top + 1 < old_h {
                let at = (top * old_w + left) as usize;
                let below = at + old_w as usize;
                let (right, down) = ((x & (ONE - 1)) as u32 >> 8, (y & (ONE - 1)) as u32 >> 8);
                let mix = |a: u8, b: u8| u32::from(a) * (256 - right) + u32::from(b) * right;
                let (upper, lower) = (mix(old[at], old[at + 1]), mix(old[below], old[below + 1]));
                *value = ((upper * (256 - down) + lower * down + (1 << 15)) >> 16) as u8;
            }
            x += step_x;
            y += step_y;
        }
    }
    GrayImage::from_raw(width, height, new).expect("one sample was written for each pixel")
}
