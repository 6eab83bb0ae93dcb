//! Ink of another colour over print: a stamp of receipt, a pen's stroke, a seal as dark as the print. Where colours are known, what is
//! red or blue is parted from the black that it touches, and words of one colour are no words of the other.

use super::NOBODY;
use super::chains::LETTER_IN;
use super::ink::{Ink, Kind};
use super::shapes::{Shape, Shapes};

/// Stands for a row of boxes in lists of these: a coloured shape, where colours were parted.
pub const COLORED: u32 = NOBODY - 1;
/// Red, green and blue of a coloured pixel, on white paper, differ by so much; the fringes of black print on a scan by less.
const COLORFUL: i32 = 40;
/// Ink of both colours, so much of each, is of two hands…
const LEAST_SHARE: f32 = 0.07;
/// …where the shape is higher than print: so many letters, and so many inches.
const TIMES_A_LETTER: f32 = 1.45;
const LEAST_IN: f32 = 0.12;
/// A stamp's frame or a signature is so wide or high in inches; a figure that a pen wrote beside print, and touched it, is smaller.
const LARGE_IN: f32 = 0.8;
/// Every so many pixels one is looked at for the colour of the paper.
const STEP_PX: usize = 16;

/// Tells the colour of the picture's pixels, from its top left corner: red, green and blue.
pub type ColorAt<'a> = &'a dyn Fn(u32, u32) -> [u8; 3];

/// Takes coloured ink out where it touches print. Gives for each shape whether it is coloured and lies where that was; nothing
/// where nothing was parted, else the shapes are others afterwards.
pub fn part(ink: &mut Ink, shapes: &mut Shapes, color_at: ColorAt, dpi: u32) -> Vec<bool> {
    let highest = (TIMES_A_LETTER * usual_height(&shapes.all, dpi)).max(LEAST_IN * dpi as f32);
    let is_high = |shape: &Shape| shape.height() as f32 > highest;
    let is_large =
        |shape: &Shape| shape.width().max(shape.height()) as f32 >= LARGE_IN * dpi as f32;
    if !shapes.all.iter().any(|s| is_high(s) && is_large(s)) {
        return Vec::new();
    }
    let colors = Colors::of(ink, color_at);
    let inked = colors.inked_of(shapes, is_high);
    let is_mixed = |(shape, colored): (&Shape, &u32)| {
        let share = *colored as f32 / shape.area.max(1) as f32;
        is_high(shape) && (LEAST_SHARE..1.0 - LEAST_SHARE).contains(&share)
    };
    let mixed: Vec<bool> = shapes.all.iter().zip(&inked).map(is_mixed).collect();
    let of_both = shapes.all.iter().zip(&mixed).filter(|(_, mixed)| **mixed);
    let places = of_both.map(|(shape, _)| *shape).filter(is_large);
    let places: Vec<Shape> = places.collect();
    if places.is_empty() {
        return Vec::new();
    }
    let is_there = |shape: &Shape| places.iter().any(|place| holds(place, shape));
    let is_parted = |(shape, mixed): (&Shape, &bool)| *mixed && is_there(shape);
    let mixed: Vec<bool> = shapes.all.iter().zip(&mixed).map(is_parted).collect();
    for y in 0..ink.height_px {
        for run in shapes
            .runs_of(y)
            .iter()
            .filter(|run| mixed[run.shape as usize])
        {
            for x in run.begin..run.end {
                if colors.is_colored_around(x, y as u32) {
                    ink.kinds[y * ink.width_px + x as usize] = Kind::Seal;
                }
            }
        }
    }
    *shapes = Shapes::of(ink);
    // Elsewhere a pen's figure in a line of print is of that line, and the grain of old paper has colours, too.
    let inked = colors.inked_of(shapes, is_there);
    let is_colored = |(shape, colored): (&Shape, u32)| 2 * colored > shape.area;
    shapes.all.iter().zip(inked).map(is_colored).collect()
}

/// Whether the middle of a shape lies in the box of another.
fn holds(place: &Shape, shape: &Shape) -> bool {
    let (x, y) = (shape.middle_x() as i32, shape.middle_y() as i32);
    (place.left..place.right).contains(&x) && (place.top..place.bottom).contains(&y)
}

/// The middle height of what may be letters.
fn usual_height(shapes: &[Shape], dpi: u32) -> f32 {
    let heights = shapes.iter().map(Shape::height);
    let mut heights: Vec<i32> = heights
        .filter(|height| *height as f32 >= LETTER_IN * dpi as f32)
        .collect();
    heights.sort_unstable();
    heights.get(heights.len() / 2).copied().unwrap_or(0) as f32
}

/// Colours on a paper of any colour.
struct Colors<'a> {
    color_at: ColorAt<'a>,
    paper: [i32; 3],
    size: (u32, u32),
}

impl<'a> Colors<'a> {
    fn of(ink: &Ink, color_at: ColorAt<'a>) -> Self {
        let rows = (0..ink.height_px).step_by(STEP_PX);
        let places = rows.flat_map(|y| (0..ink.width_px).step_by(STEP_PX).map(move |x| (x, y)));
        let paper = places.filter(|(x, y)| ink.kinds[y * ink.width_px + x] == Kind::Paper);
        let seen: Vec<[u8; 3]> = paper.map(|(x, y)| color_at(x as u32, y as u32)).collect();
        let middle = |channel: usize| {
            let mut values: Vec<u8> = seen.iter().map(|color| color[channel]).collect();
            values.sort_unstable();
            i32::from(values.get(values.len() / 2).copied().unwrap_or(255)).max(1)
        };
        Self {
            color_at,
            paper: [middle(0), middle(1), middle(2)],
            size: (ink.width_px as u32, ink.height_px as u32),
        }
    }

    /// How far red, green and blue of a pixel lie apart, on white paper.
    fn colorfulness(&self, x: u32, y: u32) -> i32 {
        let color = (self.color_at)(x, y);
        let on_white = |channel: usize| i32::from(color[channel]) * 255 / self.paper[channel];
        let (red, green, blue) = (on_white(0), on_white(1), on_white(2));
        red.max(green).max(blue) - red.min(green).min(blue)
    }

    /// The same in the mean of a pixel and its neighbours, for a scan blurs colours.
    fn is_colored_around(&self, x: u32, y: u32) -> bool {
        let columns = x.saturating_sub(1)..(x + 2).min(self.size.0);
        let rows = y.saturating_sub(1)..(y + 2).min(self.size.1);
        let count = (columns.len() * rows.len()) as i32;
        let all = rows.flat_map(|y| columns.clone().map(move |x| (x, y)));
        let sum: i32 = all.map(|(x, y)| self.colorfulness(x, y)).sum();
        self.colorfulness(x, y) >= COLORFUL && sum >= COLORFUL / 2 * count
    }

    /// How many coloured pixels each shape has; those that are not asked for have none.
    fn inked_of(&self, shapes: &Shapes, is_asked_for: impl Fn(&Shape) -> bool) -> Vec<u32> {
        let asked_for: Vec<bool> = shapes.all.iter().map(is_asked_for).collect();
        let mut counts = vec![0; shapes.all.len()];
        for y in 0..self.size.1 {
            let runs = shapes.runs_of(y as usize).iter();
            for run in runs.filter(|run| asked_for[run.shape as usize]) {
                let colored = (run.begin..run.end).filter(|x| self.colorfulness(*x, y) >= COLORFUL);
                counts[run.shape as usize] += colored.count() as u32;
            }
        }
        counts
    }
}
