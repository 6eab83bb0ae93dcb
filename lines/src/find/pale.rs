//! Pale ink: what shines through from the other side, the pattern on the paper of a certificate. It is told by the print beside it,
//! which is much darker; where all print of a page is faded nothing is.

use image::GrayImage;

use super::ink::Ink;
use super::shapes::{Shape, Shapes};

/// Darkness of pale ink is at most such a share of the usual print's. Measured on a page with print shining through and on a certificate
/// with a pattern: 0.2 to 0.3; the palest print of a receipt that fades towards its end has 0.5 of the usual.
const PALE: f32 = 0.36;
/// The usual is what the letters have, each at least so high in inches; of so many it can be said.
const LETTER_IN: f32 = 0.04;
const LEAST_LETTERS: usize = 30;

/// Marks pale shapes among what is no writing.
pub fn mark_pale(picture: &GrayImage, ink: &Ink, shapes: &Shapes, is_none: &mut [bool], dpi: u32) {
    let darkness = darkness(picture, ink, shapes);
    let least_px = LETTER_IN * dpi as f32;
    let is_letter = |shape: &Shape| shape.height() as f32 >= least_px;
    let letters = shapes.all.iter().zip(&darkness);
    let letters = letters.filter(|(shape, _)| is_letter(shape));
    let mut letters: Vec<f32> = letters.map(|(_, darkness)| *darkness).collect();
    if letters.len() < LEAST_LETTERS {
        return;
    }
    let middle = letters.len() / 2;
    let (_, usual, _) = letters.select_nth_unstable_by(middle, f32::total_cmp);
    let pale = PALE * *usual;
    for (is_none, darkness) in is_none.iter_mut().zip(darkness) {
        *is_none |= darkness < pale;
    }
}

/// How dark the ink of each shape is in the mean.
fn darkness(picture: &GrayImage, ink: &Ink, shapes: &Shapes) -> Vec<f32> {
    let mut sums = vec![0_u32; shapes.all.len()];
    for (y, row) in picture
        .as_raw()
        .chunks_exact(ink.width_px.max(1))
        .enumerate()
    {
        for run in shapes.runs_of(y) {
            let pixels = &row[run.begin as usize..run.end as usize];
            let dark = pixels.iter().map(|value| u32::from(255 - value));
            let sum = &mut sums[run.shape as usize];
            *sum = sum.saturating_add(dark.sum());
        }
    }
    let shapes = shapes.all.iter().zip(sums);
    shapes
        .map(|(shape, sum)| sum as f32 / shape.area.max(1) as f32)
        .collect()
}
