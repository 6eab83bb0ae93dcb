//! The raised 2 or 3 behind the m of a square or a cubic metre. Models know neither and read any small sign; its ink tells.

use super::shapes::Shape;
use super::{Found, TextLine};

/// A raised sign ends so high over the baseline, in heights of a capital letter, and is so high itself.
const RAISED: f32 = 0.25;
const HIGH: std::ops::Range<f32> = 0.35..0.8;
/// It begins at most so far behind where the reader saw it.
const BEHIND: f32 = 0.5;
/// Between these parts of its height a 2 runs down to the left, and a 3 has its lower bow at the right.
const BOW: std::ops::Range<f32> = 0.58..0.78;
/// The bow of a 3 stands so far right of the sign's middle, in widths of the sign. Drawn 7 to 18 pixels high in 124 fonts, as
/// they are and turned by 2 degrees, 1.6 % of the 2s and 8 % of the 3s are told wrongly; with none 5 % of both. Papers are full of m².
const CLEAR: f32 = 0.05;

/// What a raised sign says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// A raised 2.
    Square,
    /// A raised 3.
    Cube,
}

impl Found {
    /// The power that stands raised behind a letter whose columns begin here, up to where its word ends; none where none does.
    pub fn power_between(&self, line: &TextLine, from_px: u32, end_px: u32) -> Option<Power> {
        let end = end_px as f32 + BEHIND * line.height_px;
        let own = line.shapes.iter().map(|index| *index as usize);
        let mut behind = own.filter(|index| {
            let shape = &self.shapes.all[*index];
            shape.left as f32 > from_px as f32
                && (shape.left as f32) < end
                && is_raised(shape, line)
        });
        let sign = behind.next()?;
        // Two are the marks of a letter, and so is one that stands over a letter: the hook of mở.
        let is_alone = behind.next().is_none() && !self.stands_over_another(sign, line);
        is_alone.then(|| self.power_of(sign))
    }

    /// Whether the line has ink below most of a shape.
    fn stands_over_another(&self, sign: usize, line: &TextLine) -> bool {
        let sign = &self.shapes.all[sign];
        let own = line.shapes.iter();
        let mut own = own.map(|index| &self.shapes.all[*index as usize]);
        own.any(|shape| shape.bottom > sign.bottom && 2 * shape.columns_shared(sign) > sign.width())
    }

    fn power_of(&self, sign: usize) -> Power {
        let shape = &self.shapes.all[sign];
        let row = |part: f32| shape.top + (part * shape.height() as f32).round() as i32;
        let runs = (row(BOW.start)..row(BOW.end)).flat_map(|y| self.shapes.runs_of(y as usize));
        let own = runs.filter(|run| run.shape as usize == sign);
        let (sum, count) = own.fold((0.0, 0), |(sum, count), run| {
            let length = run.end - run.begin;
            let middle = (run.begin + run.end) as f32 / 2.0;
            (sum + length as f32 * middle, count + length)
        });
        let clear_x = shape.middle_x() + CLEAR * shape.width() as f32;
        match sum > count as f32 * clear_x {
            true => Power::Cube,
            false => Power::Square,
        }
    }
}

fn is_raised(shape: &Shape, line: &TextLine) -> bool {
    let over = line.baseline.at(shape.middle_x()) - shape.bottom as f32;
    let height = line.height_px;
    over >= RAISED * height && HIGH.contains(&(shape.height() as f32 / height))
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::super::find_lines;
    use super::*;

    /// Five arches of a line, the sign behind them with its foot so high over the line, twice as large as it is drawn here.
    fn power(sign: [&str; 7], over_px: u32) -> Option<Power> {
        power_over(sign, over_px, 0)
    }

    /// The same with a bowl so high below the sign.
    fn power_over(sign: [&str; 7], over_px: u32, bowl_px: u32) -> Option<Power> {
        let mut page = GrayImage::from_pixel(300, 120, Luma([245]));
        let mut ink = |x: u32, y: u32| page.put_pixel(x, y, Luma([30]));
        for letter in 0..5 {
            let left = 40 + 16 * letter;
            for x in 0..12 {
                for y in 0..22 {
                    if y < 3 || !(3..9).contains(&x) {
                        ink(left + x, 60 + y);
                    }
                }
            }
        }
        for (y, row) in (0_u32..).zip(sign) {
            for (x, _) in (0_u32..).zip(row.bytes()).filter(|(_, at)| *at == b'#') {
                for (right, down) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    ink(122 + 2 * x + right, 82 - over_px - 14 + 2 * y + down);
                }
            }
        }
        (0..bowl_px).for_each(|y| (0..12).for_each(|x| ink(120 + x, 81 - y)));
        let found = find_lines(&page, 200);
        assert_eq!(found.lines.len(), 1);
        found.power_between(&found.lines[0], 104, 136)
    }

    const TWO: [&str; 7] = [".##.", "#..#", "...#", "..#.", ".#..", "#...", "####"];
    const THREE: [&str; 7] = [".##.", "#..#", "...#", ".##.", "...#", "#..#", ".##."];

    #[test]
    fn a_raised_2_and_a_raised_3_are_told_apart_and_one_on_the_line_is_no_power() {
        assert_eq!(power(TWO, 9), Some(Power::Square));
        assert_eq!(power(THREE, 9), Some(Power::Cube));
        assert_eq!(power(TWO, 0), None);
    }

    #[test]
    fn a_hook_over_a_letter_is_no_power() {
        assert_eq!(power_over(TWO, 12, 0), Some(Power::Square));
        assert_eq!(power_over(TWO, 12, 10), None);
    }
}
