//! Places on a page. All pixel coordinates have their origin at the top left, y down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A point in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Pixels from the left edge.
    pub x_px: f32,
    /// Pixels from the top edge.
    pub y_px: f32,
}

/// An upright rectangle in whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PxBox {
    /// Pixels from the left edge of the page to the left edge of the box.
    pub x_px: u32,
    /// Pixels from the top edge of the page to the top edge of the box.
    pub y_px: u32,
    /// Width in pixels.
    pub w_px: u32,
    /// Height in pixels.
    pub h_px: u32,
}

impl PxBox {
    /// The x of the right edge (first pixel outside).
    pub fn right_px(&self) -> u32 {
        self.x_px.saturating_add(self.w_px)
    }

    /// The y of the bottom edge (first pixel outside).
    pub fn bottom_px(&self) -> u32 {
        self.y_px.saturating_add(self.h_px)
    }

    /// Whether they have a pixel in common.
    pub fn overlaps(&self, other: &PxBox) -> bool {
        self.x_px < other.right_px()
            && other.x_px < self.right_px()
            && self.y_px < other.bottom_px()
            && other.y_px < self.bottom_px()
    }

    /// The smallest box that holds both.
    pub fn union(&self, other: &PxBox) -> PxBox {
        let x_px = self.x_px.min(other.x_px);
        let y_px = self.y_px.min(other.y_px);
        PxBox {
            x_px,
            y_px,
            w_px: self.right_px().max(other.right_px()) - x_px,
            h_px: self.bottom_px().max(other.bottom_px()) - y_px,
        }
    }

    /// The smallest box that holds these points, cut to a page of the given size.
    pub fn around(points: &[Point], width_px: u32, height_px: u32) -> PxBox {
        let fold = |pick: fn(&Point) -> f32, worst: f32, better: fn(f32, f32) -> f32| {
            points.iter().map(pick).fold(worst, better)
        };
        let cut = |v: f32, limit: u32| (v.max(0.0) as u32).min(limit);
        let left = cut(fold(|p| p.x_px, f32::MAX, f32::min).floor(), width_px);
        let top = cut(fold(|p| p.y_px, f32::MAX, f32::min).floor(), height_px);
        let right = cut(fold(|p| p.x_px, 0.0, f32::max).ceil(), width_px);
        let bottom = cut(fold(|p| p.y_px, 0.0, f32::max).ceil(), height_px);
        PxBox {
            x_px: left,
            y_px: top,
            w_px: right.saturating_sub(left),
            h_px: bottom.saturating_sub(top),
        }
    }
}

/// An affine map of the plane: `x' = a·x + c·y + e`, `y' = b·x + d·y + f`
/// (the order of the numbers is that of a PDF matrix, ISO 32000-1, 8.3.3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    /// x by x.
    pub a: f32,
    /// y by x.
    pub b: f32,
    /// x by y.
    pub c: f32,
    /// y by y.
    pub d: f32,
    /// Shift of x.
    pub e: f32,
    /// Shift of y.
    pub f: f32,
}

impl Affine {
    /// The map that moves nothing.
    pub const IDENTITY: Affine = Affine {
        a: 1.0,
        b: 0.0,
        c: 0.0,
        d: 1.0,
        e: 0.0,
        f: 0.0,
    };

    /// Where a point goes.
    pub fn map(&self, p: Point) -> Point {
        Point {
            x_px: self.a * p.x_px + self.c * p.y_px + self.e,
            y_px: self.b * p.x_px + self.d * p.y_px + self.f,
        }
    }

    /// This map followed by another.
    pub fn then(&self, next: &Affine) -> Affine {
        let origin = next.map(Point {
            x_px: self.e,
            y_px: self.f,
        });
        Affine {
            a: next.a * self.a + next.c * self.b,
            b: next.b * self.a + next.d * self.b,
            c: next.a * self.c + next.c * self.d,
            d: next.b * self.c + next.d * self.d,
            e: origin.x_px,
            f: origin.y_px,
        }
    }

    /// This map followed by a stretch of both axes.
    pub fn scaled(&self, by_x: f32, by_y: f32) -> Affine {
        Affine {
            a: self.a * by_x,
            b: self.b * by_y,
            c: self.c * by_x,
            d: self.d * by_y,
            e: self.e * by_x,
            f: self.f * by_y,
        }
    }
}
