//! Round seals: two rings with letters on an arc between them, stamped over the title and the name of who
//! signs. The rings are found, and taken out of the ink: all that is paler than the print where the print
//! is darker, else the rings alone.

use std::f32::consts::TAU;

use image::GrayImage;

use super::ink::{Ink, Kind};
use super::shapes::{Shape, Shapes};

/// Radius of a seal's outer ring in inches: seals of offices have 36 mm across, small ones 25.
const RADIUS_IN: std::ops::Range<f32> = 0.45..0.85;
/// A part of a ring that is no rule is at least so wide and high.
const ARC_IN: f32 = 0.3;
/// A ring is looked at in so many directions…
const DIRECTIONS: usize = 96;
/// …and inked in such a share of them; just outside it in no more than the other.
const INKED: f32 = 0.84;
const INKED_OUTSIDE: f32 = 0.45;
/// How far a ring may lie off, in inches.
const OFF_IN: f32 = 0.015;
/// A ring in it has at least this part of its radius, and so much of it is left…
const LEAST_RING: f32 = 0.4;
const WORN: f32 = 0.22;
/// …and so far beside it, in inches, there is half as much ink; its edge is so far from its middle.
const BESIDE_IN: f32 = 0.025;
const HALF_IN: f32 = 0.015;
/// A seal ends so many radii from its middle: the ring that was found may be the inner of a pair.
const REACH: f32 = 1.09;
/// The print is told from the seal by its darkness where so many grey values lie between them.
const LEAST_PALER: u8 = 45;

/// A seal.
#[derive(Clone, Debug)]
pub struct Seal {
    x: f32,
    y: f32,
    /// Of the outer ring.
    radius: f32,
    /// For each whole radius whether a ring runs there.
    rings: Vec<bool>,
    /// All of it was taken out, by its paleness: what is left in it is print, or a pen's.
    is_washed: bool,
}

impl Seal {
    /// Whether a shape lies within the seal and may be its lettering.
    pub fn holds(&self, shape: &Shape) -> bool {
        !self.is_washed && self.surrounds(shape)
    }

    /// Whether a shape lies within the seal.
    pub fn surrounds(&self, shape: &Shape) -> bool {
        let x = (shape.left as f32 - self.x)
            .abs()
            .max((shape.right as f32 - self.x).abs());
        let y = (shape.top as f32 - self.y)
            .abs()
            .max((shape.bottom as f32 - self.y).abs());
        x.hypot(y) <= self.radius * 1.02
    }

    fn at(&self, radius: f32, direction: usize) -> (i64, i64) {
        let angle = direction as f32 * TAU / DIRECTIONS as f32;
        let (x, y) = (self.x + radius * angle.cos(), self.y + radius * angle.sin());
        (x.round() as i64, y.round() as i64)
    }

    /// The share of the directions that are inked near this radius.
    fn inked(&self, ink: &Ink, radius: f32, off_px: f32, step: usize) -> f32 {
        let is_inked = |direction: &usize| {
            [0.0, -off_px, off_px].iter().any(|off| {
                let (x, y) = self.at(radius + off, *direction);
                ink.at(x, y) != Kind::Paper
            })
        };
        let all = || (0..DIRECTIONS).step_by(step);
        all().filter(is_inked).count() as f32 / all().count() as f32
    }

    /// At which radii rings run: much more is inked there than a little farther in and out. Half a
    /// worn ring is enough, and a word of the lettering is no ring.
    fn rings_within(&self, ink: &Ink, inch: f32) -> Vec<bool> {
        let (beside, half) = (
            (BESIDE_IN * inch).ceil() as usize,
            (HALF_IN * inch).ceil() as usize,
        );
        let most = (REACH * self.radius) as usize + 1;
        let shares: Vec<f32> = (0..=most + beside)
            .map(|radius| self.inked(ink, radius as f32, 0.0, 1))
            .collect();
        let mut rings = vec![false; most + 1];
        for radius in (LEAST_RING * self.radius) as usize..=most {
            let around = shares[radius.saturating_sub(beside)].max(shares[radius + beside]);
            if shares[radius] >= WORN && around <= 0.5 * shares[radius] {
                rings[radius.saturating_sub(half)..(radius + half + 1).min(most + 1)].fill(true);
            }
        }
        rings
    }

    fn has_ring_at(&self, radius: f32) -> bool {
        self.rings.get(radius.round().max(0.0) as usize) == Some(&true)
    }

    fn is_ring(&self, ink: &Ink, radius: f32, off_px: f32) -> bool {
        self.inked(ink, radius, off_px, 6) >= INKED - 0.1
            && self.inked(ink, radius, off_px, 1) >= INKED
    }
}

/// The seals of a page.
pub fn seals(ink: &Ink, shapes: &Shapes, dpi: u32) -> Vec<Seal> {
    let inch = dpi as f32;
    let may_be = |shape: &Shape, least_in: f32| {
        shape.width().min(shape.height()) as f32 >= least_in * inch && shape.filled() < 0.4
    };
    if !shapes.all.iter().any(|shape| may_be(shape, ARC_IN)) {
        return Vec::new();
    }
    // Where a ring runs straight down or across it was taken for a rule: here it is whole.
    let whole = Ink {
        kinds: ink.kinds.iter().map(|kind| kind.inked()).collect(),
        ..*ink
    };
    let shapes = Shapes::of(&whole);
    let mut found: Vec<Seal> = Vec::new();
    for (index, shape) in shapes.all.iter().enumerate() {
        if may_be(shape, 2.0 * RADIUS_IN.start) && !found.iter().any(|seal| seal.surrounds(shape)) {
            found.extend(seal_of(ink, &shapes, index, inch));
        }
    }
    found
}

/// The ring that bounds a shape on one of its sides.
fn seal_of(ink: &Ink, shapes: &Shapes, index: usize, inch: f32) -> Option<Seal> {
    let off_px = (OFF_IN * inch).max(1.0);
    let (first, last) = (
        (RADIUS_IN.start * inch) as i32,
        (RADIUS_IN.end * inch) as i32,
    );
    let ends = ends(shapes, index);
    let mut best: Option<(f32, Seal)> = None;
    for radius in (first..last).rev().map(|radius| radius as f32) {
        for (x, y, to_x, to_y) in ends {
            for along in -4..=4 {
                let along = 2.0 * along as f32;
                let seal = Seal {
                    x: x + to_x * (radius - 1.0) + to_y.abs() * along,
                    y: y + to_y * (radius - 1.0) + to_x.abs() * along,
                    radius,
                    rings: Vec::new(),
                    is_washed: false,
                };
                if seal.is_ring(ink, radius - 1.0, off_px)
                    && seal.inked(ink, 1.05 * radius + 2.0, 0.0, 1) <= INKED_OUTSIDE
                {
                    let inked = seal.inked(ink, radius - 1.0, 0.0, 1);
                    if best.as_ref().is_none_or(|(most, _)| inked > *most) {
                        best = Some((inked, seal));
                    }
                }
            }
        }
    }
    let (_, mut seal) = best?;
    seal.rings = seal.rings_within(ink, inch);
    Some(seal)
}

/// The outermost points of a shape, each with the way inwards.
fn ends(shapes: &Shapes, index: usize) -> [(f32, f32, f32, f32); 4] {
    let shape = &shapes.all[index];
    let own = |y: i32| {
        shapes
            .runs_of(y as usize)
            .iter()
            .filter(move |run| run.shape as usize == index)
    };
    let middle = |values: Vec<f32>| values.get(values.len() / 2).copied().unwrap_or(0.0);
    let rows = || shape.top..shape.bottom;
    let at_left = rows().filter(|y| own(*y).any(|run| run.begin as i32 == shape.left));
    let at_right = rows().filter(|y| own(*y).any(|run| run.end as i32 == shape.right));
    let across = |y: i32| {
        own(y)
            .map(|run| (run.begin + run.end) as f32 / 2.0)
            .collect()
    };
    let left_y = middle(at_left.map(|y| y as f32).collect());
    let right_y = middle(at_right.map(|y| y as f32).collect());
    let (top_x, bottom_x) = (middle(across(shape.top)), middle(across(shape.bottom - 1)));
    [
        (shape.left as f32, left_y, 1.0, 0.0),
        (shape.right as f32, right_y, -1.0, 0.0),
        (top_x, shape.top as f32, 0.0, 1.0),
        (bottom_x, shape.bottom as f32, 0.0, -1.0),
    ]
}

/// Takes seals out of the ink.
pub fn wash(ink: &mut Ink, picture: &GrayImage, seals: &mut [Seal]) {
    for seal in seals {
        let reach = seal.radius * REACH;
        let rows = (seal.y - reach) as i64..=(seal.y + reach) as i64;
        let between = paler_than(ink, picture, seal);
        seal.is_washed = between.is_some();
        let mut washed = Vec::new();
        for y in rows {
            for x in (seal.x - reach) as i64..=(seal.x + reach) as i64 {
                // Most is paper: asked for first.
                let is_near = || (x as f32 - seal.x).hypot(y as f32 - seal.y) <= reach;
                if ink.at(x, y) == Kind::Paper || !is_near() {
                    continue;
                }
                let is_seal = match between {
                    Some(between) => (-1..=1).all(|down| {
                        (-1..=1).all(|right| grey(picture, x + right, y + down) >= between)
                    }),
                    None => is_on_ring(ink, seal, x, y),
                };
                if is_seal {
                    washed.push(y as usize * ink.width_px + x as usize);
                }
            }
        }
        for place in washed {
            ink.kinds[place] = Kind::Seal;
        }
    }
}

fn grey(picture: &GrayImage, x: i64, y: i64) -> u8 {
    let inside =
        x >= 0 && y >= 0 && x < i64::from(picture.width()) && y < i64::from(picture.height());
    if inside {
        picture.get_pixel(x as u32, y as u32).0[0]
    } else {
        255
    }
}

/// The grey value between the print's and the seal's, where the seal is paler.
fn paler_than(ink: &Ink, picture: &GrayImage, seal: &Seal) -> Option<u8> {
    let darkest = |radius: f32, direction: usize| {
        let around = [-2.0_f32, -1.0, 0.0, 1.0, 2.0];
        let values = around.iter().map(|off| {
            let (x, y) = seal.at(radius + off, direction);
            grey(picture, x, y)
        });
        values.min().unwrap_or(255)
    };
    let mut ring: Vec<u8> = (0..DIRECTIONS).map(|n| darkest(seal.radius, n)).collect();
    ring.sort_unstable();
    let reach = 1.6 * seal.radius;
    let mut print = Vec::new();
    for y in (seal.y - reach) as i64..(seal.y + reach) as i64 {
        for x in (seal.x - reach) as i64..(seal.x + reach) as i64 {
            let is_outside = || (x as f32 - seal.x).hypot(y as f32 - seal.y) > 1.1 * seal.radius;
            if ink.at(x, y) == Kind::Ink && is_outside() {
                print.push(grey(picture, x, y));
            }
        }
    }
    print.sort_unstable();
    // The edges of strokes are pale: the darker half are the strokes.
    let (ring, print) = (*ring.get(ring.len() / 4)?, *print.get(print.len() / 4)?);
    (ring >= print.saturating_add(LEAST_PALER))
        .then(|| (f32::from(ring) * 0.6 + f32::from(print) * 0.4) as u8)
}

/// Whether a pixel is a ring's; where a letter crosses it, it is the letter's.
fn is_on_ring(ink: &Ink, seal: &Seal, x: i64, y: i64) -> bool {
    let (right, down) = (x as f32 - seal.x, y as f32 - seal.y);
    let radius = right.hypot(down).max(1.0);
    let inked_beyond = |step: f32| {
        let steps = (1..).map(|n| radius + step * n as f32);
        let beyond = steps.take_while(|radius| seal.has_ring_at(*radius)).count() as f32 + 2.0;
        let at = (radius + step * beyond) / radius;
        let (x, y) = (seal.x + right * at, seal.y + down * at);
        ink.at(x.round() as i64, y.round() as i64) == Kind::Ink
    };
    seal.has_ring_at(radius) && !(inked_beyond(-1.0) && inked_beyond(1.0))
}
