//! A picture drawn anew from another one, turned a little or much.

use image::{GrayImage, Luma};
use sohoa_lines::{Work, on_this_processor};

use crate::model::Affine;

/// One pixel, in the fixed point that places in the old picture are reckoned in.
const ONE: i64 = 1 << 16;

/// Fetches each pixel of a new picture from the old one, mixing the four around the place;
/// white outside.
///
/// Neighbours in the new picture are neighbours in the old one too, but for a step aside now and then. So long as there
/// is none, a row is mixed of stretches of two old rows, many pixels at once: a page that lies 1° askew takes a third of
/// the time that it takes pixel by pixel.
pub fn resample(image: &GrayImage, width_px: u32, height_px: u32, to_old: &Affine) -> GrayImage {
    let mut new = GrayImage::from_pixel(width_px, height_px, Luma([255]));
    on_this_processor(Resampling {
        image,
        to_old,
        new: &mut new,
    });
    new
}

struct Resampling<'a> {
    image: &'a GrayImage,
    to_old: &'a Affine,
    new: &'a mut GrayImage,
}

impl Work for Resampling<'_> {
    #[inline(always)]
    fn work(self) {
        let to_old = self.to_old;
        let step = (fixed(to_old.a), fixed(to_old.b));
        let width = self.new.width() as usize;
        for (j, mut row) in self.new.chunks_exact_mut(width.max(1)).enumerate() {
            // The middle of pixel (0, j), less half a pixel: between the middles of four old pixels.
            let middle = j as f32 + 0.5;
            let mut x = fixed(to_old.a * 0.5 + to_old.c * middle + to_old.e - 0.5);
            let mut y = fixed(to_old.b * 0.5 + to_old.d * middle + to_old.f - 0.5);
            while !row.is_empty() {
                let stretch_px = steps_within(x, step.0 - ONE).min(steps_within(y, step.1));
                let (stretch, rest) = row.split_at_mut(stretch_px.min(row.len()));
                draw(stretch, self.image, (x, y), step);
                x += stretch.len() as i64 * step.0;
                y += stretch.len() as i64 * step.1;
                row = rest;
            }
        }
    }
}

#[inline(always)]
fn fixed(pixels: f32) -> i64 {
    (f64::from(pixels) * ONE as f64) as i64
}

/// How many places, this one and others each a step further, lie in the same pixel.
#[inline(always)]
fn steps_within(at: i64, step: i64) -> usize {
    let into = at & (ONE - 1);
    match step {
        0 => usize::MAX,
        1.. => (ONE - into).unsigned_abs().div_ceil(step.unsigned_abs()) as usize,
        _ => (into / -step) as usize + 1,
    }
}

/// Draws a stretch that begins at this place of the old picture, where the picture has four pixels to mix.
#[inline(always)]
fn draw(stretch: &mut [u8], image: &GrayImage, (x, y): (i64, i64), step: (i64, i64)) {
    let (old_w, old_h) = (i64::from(image.width()), i64::from(image.height()));
    let (left, top) = (x >> 16, y >> 16);
    let first = (-left).max(0);
    let end = (stretch.len() as i64).min(old_w - 1 - left);
    if first >= end || top < 0 || top + 1 >= old_h {
        return;
    }
    let at = (top * old_w + left + first) as usize;
    let length = (end - first) as usize;
    let (upper, lower) = image.as_raw()[at..].split_at(old_w as usize);
    // Within a stretch no place leaves its pixel: sixteen bits of fraction hold it, whichever way it goes.
    mix(
        &mut stretch[first as usize..end as usize],
        (&upper[..=length], &lower[..=length]),
        ((x + first * step.0) as u16, (y + first * step.1) as u16),
        (step.0 as u16, step.1 as u16),
    );
}

/// Each pixel from two of the upper row and two of the lower one, by where between them it lies: to the 256th across,
/// to the 128th down, so that it all goes in sixteen bits.
#[inline(always)]
fn mix(
    new: &mut [u8],
    (upper, lower): (&[u8], &[u8]),
    (mut x, mut y): (u16, u16),
    step: (u16, u16),
) {
    let pairs = |row| <[u8]>::windows(row, 2).map(|pair| (u16::from(pair[0]), u16::from(pair[1])));
    for ((value, upper), lower) in new.iter_mut().zip(pairs(upper)).zip(pairs(lower)) {
        let (right, down) = (x >> 8, (y >> 9) << 8);
        let across = |(a, b): (u16, u16)| a * (256 - right) + b * right;
        let part = |of: u16, share: u16| ((u32::from(of) * u32::from(share)) >> 16) as u16;
        let mixed = part(across(upper), (128 << 8) - down) + part(across(lower), down);
        *value = ((mixed + 64) >> 7) as u8;
        x = x.wrapping_add(step.0);
        y = y.wrapping_add(step.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Point;

    /// The four pixels around each place mixed in floating point, one after the other.
    fn drawn_slowly(image: &GrayImage, width: u32, height: u32, to_old: &Affine) -> GrayImage {
        let old = |x: f32, y: f32| f32::from(image.get_pixel(x as u32, y as u32).0[0]);
        GrayImage::from_fn(width, height, |x, y| {
            let at = to_old.map(Point {
                x_px: x as f32 + 0.5,
                y_px: y as f32 + 0.5,
            });
            let (x, y) = (at.x_px - 0.5, at.y_px - 0.5);
            let (left, top) = (x.floor(), y.floor());
            let (right, down) = (x - left, y - top);
            let has_four = left >= 0.0
                && top >= 0.0
                && left + 1.0 < image.width() as f32
                && top + 1.0 < image.height() as f32;
            if !has_four {
                return Luma([255]);
            }
            let across = |y| old(left, y) * (1.0 - right) + old(left + 1.0, y) * right;
            let mixed = across(top) * (1.0 - down) + across(top + 1.0) * down;
            Luma([mixed.round() as u8])
        })
    }

    #[test]
    fn stretches_give_what_single_pixels_give_at_every_angle() {
        let page = GrayImage::from_fn(83, 61, |x, y| Luma([(x * 37 % 96 + y * 53 % 128) as u8]));
        for turn_deg in [0.0_f32, 0.3, -1.2, 7.0, -33.0, 90.0, 171.0, 180.0] {
            let (sin, cos) = turn_deg.to_radians().sin_cos();
            let to_old = Affine {
                a: cos,
                b: sin,
                c: -sin,
                d: cos,
                e: 41.3 - 50.0 * cos + 50.0 * sin,
                f: 30.6 - 50.0 * sin - 50.0 * cos,
            };
            let fast = resample(&page, 100, 100, &to_old);
            let slow = drawn_slowly(&page, 100, 100, &to_old);
            let off = fast.iter().zip(slow.iter()).map(|(a, b)| a.abs_diff(*b));
            // Pixels on the very edge may fall to either side of it.
            let far = off.filter(|off| *off > 2).count();
            assert!(far <= 100, "{turn_deg}°: {far} of 10,000 pixels are off");
        }
    }

    #[test]
    fn nothing_is_drawn_of_an_empty_picture_or_beside_one() {
        let page = GrayImage::new(1, 1);
        let away = Affine {
            e: -1e6,
            f: 1e6,
            ..Affine::IDENTITY
        };
        for map in [Affine::IDENTITY, away] {
            assert!(resample(&page, 9, 7, &map).iter().all(|v| *v == 255));
            assert!(resample(&page, 0, 7, &map).is_empty());
        }
    }
}
