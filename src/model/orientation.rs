//! How a stored image must be turned to stand upright: the eight cases of EXIF.

use serde::{Deserialize, Serialize};

use super::Point;

/// The turn (and, rarely, flip) that brings a stored image upright.
///
/// `mirrored` is applied first (left–right), then `quarter_turns` clockwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orientation {
    /// Flip left and right before turning.
    pub mirrored: bool,
    /// Clockwise turns of 90°, 0 to 3.
    pub quarter_turns: u8,
}

impl Orientation {
    /// Stored upright.
    pub const UPRIGHT: Orientation = Orientation {
        mirrored: false,
        quarter_turns: 0,
    };

    /// From the EXIF tag Orientation (1 to 8); anything else counts as upright.
    pub fn from_exif(tag: u32) -> Self {
        let (mirrored, quarter_turns) = match tag {
            2 => (true, 0),
            3 => (false, 2),
            4 => (true, 2),
            5 => (true, 3),
            6 => (false, 1),
            7 => (true, 1),
            8 => (false, 3),
            _ => (false, 0),
        };
        Self {
            mirrored,
            quarter_turns,
        }
    }

    /// This orientation followed by more clockwise quarter turns.
    pub fn turned(self, quarter_turns: u8) -> Self {
        Self {
            quarter_turns: (self.quarter_turns + quarter_turns) % 4,
            ..self
        }
    }

    /// True where the upright page is as wide as the stored image is high.
    pub fn swaps_sides(self) -> bool {
        self.quarter_turns % 2 == 1
    }

    /// Where a point of the upright page lies in the stored image, in pixels; the size is the upright page's.
    pub fn to_stored(self, at: Point, width_px: u32, height_px: u32) -> Point {
        let (width, height) = (width_px as f32, height_px as f32);
        let (x_px, y_px) = match self.quarter_turns {
            1 => (at.y_px, width - at.x_px),
            2 => (width - at.x_px, height - at.y_px),
            3 => (height - at.y_px, at.x_px),
            _ => (at.x_px, at.y_px),
        };
        let stored_width = if self.swaps_sides() { height } else { width };
        let x_px = if self.mirrored {
            stored_width - x_px
        } else {
            x_px
        };
        Point { x_px, y_px }
    }

    /// Width and height of the upright page from those of the stored image.
    pub fn upright_size(self, width_px: u32, height_px: u32) -> (u32, u32) {
        if self.swaps_sides() {
            (height_px, width_px)
        } else {
            (width_px, height_px)
        }
    }
}
