//! Where the words of a page of ours stand, read from its content stream.
//!
//! `formats::pdfa` promises the shape: a word is set by its own `Tm`, stretched by `Tz`, in a
//! font whose name says how far it reaches above and below the base line.

use lopdf::content::{Content, Operation};

use super::place::Area;
use crate::formats::pdfa::{ADVANCE_MILLI, Reach};

/// The boxes of all words of a content stream; what is not of that shape has none.
pub(super) fn areas(content: &[u8]) -> Vec<Area> {
    let mut pen = Pen::default();
    let mut areas = Vec::new();
    for operation in Content::decode_iter(content) {
        let Ok(operation) = operation else { break };
        if let Some(area) = pen.follow(&operation) {
            areas.push(area);
        }
    }
    areas
}

/// What decides where text comes to stand.
#[derive(Default)]
struct Pen {
    reach: Option<Reach>,
    size: f64,
    /// `cos sin -sin cos x y` of the word.
    matrix: [f64; 6],
    stretch: f64,
    /// How much of the word stands already.
    along: f64,
}

impl Pen {
    fn follow(&mut self, operation: &Operation) -> Option<Area> {
        let number = |at: usize| Some(f64::from(operation.operands.get(at)?.as_float().ok()?));
        match operation.operator.as_str() {
            "Tf" => {
                self.reach = Reach::named(operation.operands.first()?.as_name().ok()?);
                self.size = number(1)?;
            }
            "Tm" => {
                for (at, place) in self.matrix.iter_mut().enumerate() {
                    *place = number(at)?;
                }
                self.along = 0.0;
            }
            "Tz" => self.stretch = number(0)? / 100.0,
            "Tj" => return self.show(operation.operands.first()?.as_str().ok()?),
            _ => {}
        }
        None
    }

    fn show(&mut self, codes: &[u8]) -> Option<Area> {
        let letters = (codes.len() / 2) as f64;
        let advance = letters * self.size * self.stretch * f64::from(ADVANCE_MILLI) / 1000.0;
        let start = self.along;
        self.along += advance;
        // The space between two words is not one.
        if codes == [0, b' '] {
            return None;
        }
        let (above, below) = self.reach?.in_sizes();
        let (above, below) = (above * self.size, below * self.size);
        let corners = [
            (start, -below),
            (start, above),
            (self.along, -below),
            (self.along, above),
        ];
        Some(self.around(corners))
    }

    /// The upright box around these corners, given along and above the base line.
    fn around(&self, corners: [(f64, f64); 4]) -> Area {
        let [a, b, c, d, e, f] = self.matrix;
        let turned = corners.map(|(x, y)| (a * x + c * y + e, b * x + d * y + f));
        let least = |side: fn(&(f64, f64)) -> f64| turned.iter().map(side).fold(f64::MAX, f64::min);
        let most = |side: fn(&(f64, f64)) -> f64| turned.iter().map(side).fold(f64::MIN, f64::max);
        Area {
            left: least(|corner| corner.0),
            bottom: least(|corner| corner.1),
            right: most(|corner| corner.0),
            top: most(|corner| corner.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(area: Area, expected: [f64; 4]) -> bool {
        let sides = [area.left, area.bottom, area.right, area.top];
        sides
            .iter()
            .zip(expected)
            .all(|(side, wanted)| (side - wanted).abs() < 0.01)
    }

    #[test]
    fn a_word_reaches_from_its_place_as_far_as_it_is_stretched() {
        let content =
            b"BT 3 Tr /R800-250 10 Tf 1 0 0 1 100 700 Tm 150 Tz <00410042> Tj 50 Tz <0020> Tj \
            1 0 0 1 130 700 Tm 100 Tz <0043> Tj ET";
        let areas = areas(content);
        assert_eq!(areas.len(), 2);
        assert!(
            close(areas[0], [100.0, 697.5, 115.0, 708.0]),
            "{:?}",
            areas[0]
        );
        assert!(
            close(areas[1], [130.0, 697.5, 135.0, 708.0]),
            "{:?}",
            areas[1]
        );
    }

    #[test]
    fn words_that_run_upwards_stand_upright_in_their_box() {
        let content = b"BT /R800-250 10 Tf 0 1 -1 0 100 700 Tm 100 Tz <00410042> Tj ET";
        assert!(close(areas(content)[0], [92.0, 700.0, 102.5, 710.0]));
    }
}
