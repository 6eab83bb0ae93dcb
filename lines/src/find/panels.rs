//! Panels: dark fields that bear light letters, as the bar of a letterhead or the head of a table. Their tones are turned
//! round, so that all letters of a picture are dark on light, which is all that the finder and the reader know.

use image::GrayImage;

use super::Bounds;

/// Side of a tile in parts of an inch: a third of a small letter's line, so that a bar has some tiles above and below its letters.
const TILES_AN_INCH: u32 = 24;
/// Darker than this is the ground of a panel; cleaned paper lies far above.
const DARK_BELOW: u8 = 150;
/// Of a tile's four samples so many are dark.
const DARK_SAMPLES: usize = 3;
/// A panel is at least so wide and high, in inches: wider than a punched hole, higher than a rule.
const WIDE_IN: f32 = 0.5;
const HIGH_IN: f32 = 0.12;
/// So much of its box is dark: a frame around the page is no panel, nor is a line of bold print.
const FILLED: f32 = 0.55;
/// What is lighter than this may be letters, which cover so much of a panel. The ground may be of several tones: of a
/// field at the edge of a page no paper is known that it could be divided by evenly.
const LIGHT_FROM: u8 = 205;
const LIGHT: std::ops::Range<f32> = 0.015..0.5;
/// What lies between is the edges of letters; photographs have more of it.
const MOST_BETWEEN: f32 = 0.12;

/// The picture with the tones of its panels turned round; none where it has no panel.
pub fn dark_on_light(picture: &GrayImage, dpi: u32) -> Option<GrayImage> {
    let panels = panels(picture, dpi);
    let mut turned = (!panels.is_empty()).then(|| picture.clone())?;
    for panel in panels {
        for y in panel.y_px..panel.bottom_px() {
            let start = (y * picture.width()) as usize;
            let row = start + panel.x_px as usize..start + panel.right_px() as usize;
            turned.as_mut()[row].iter_mut().for_each(|v| *v = 255 - *v);
        }
    }
    Some(turned)
}

/// The panels of a picture.
fn panels(picture: &GrayImage, dpi: u32) -> Vec<Bounds> {
    let mut tiles = Tiles::of(picture, (dpi / TILES_AN_INCH).max(4));
    let least = |inches: f32| (inches * dpi as f32) as u32;
    let mut found = Vec::new();
    for index in 0..tiles.is_dark.len() {
        let Some((bounds, dark)) = tiles.take_field(index) else {
            continue;
        };
        let sides = (bounds.w_px / tiles.side_px) * (bounds.h_px / tiles.side_px);
        if bounds.w_px >= least(WIDE_IN)
            && bounds.h_px >= least(HIGH_IN)
            && dark as f32 >= FILLED * sides as f32
        {
            let panel = to_its_edges(picture, bounds, tiles.side_px);
            found.extend(panel.filter(|panel| bears_letters(picture, panel)));
        }
    }
    found
}

/// Which tiles of a picture are dark.
struct Tiles {
    side_px: u32,
    columns: usize,
    is_dark: Vec<bool>,
}

impl Tiles {
    fn of(picture: &GrayImage, side_px: u32) -> Tiles {
        let (columns, rows) = (picture.width() / side_px, picture.height() / side_px);
        let width = picture.width() as usize;
        let samples = [side_px / 4, 3 * side_px / 4];
        let mut is_dark = Vec::with_capacity((columns * rows) as usize);
        for row in 0..rows {
            let lines = samples.map(|y| &picture.as_raw()[(row * side_px + y) as usize * width..]);
            for column in 0..columns {
                let at = samples.map(|x| (column * side_px + x) as usize);
                let dark = |line: &[u8]| at.iter().filter(|x| line[**x] < DARK_BELOW).count();
                is_dark.push(dark(lines[0]) + dark(lines[1]) >= DARK_SAMPLES);
            }
        }
        Tiles {
            side_px,
            columns: columns as usize,
            is_dark,
        }
    }

    /// The box around the dark tiles that hang together with this one, and how many they are; they are light thereafter.
    fn take_field(&mut self, index: usize) -> Option<(Bounds, u32)> {
        if !self.is_dark[index] {
            return None;
        }
        let (mut bounds, mut count) = (self.bounds(index), 0);
        let mut waiting = vec![index];
        self.is_dark[index] = false;
        while let Some(index) = waiting.pop() {
            bounds = bounds.union(&self.bounds(index));
            count += 1;
            let column = index % self.columns;
            let beside = [
                (column > 0).then(|| index - 1),
                (column + 1 < self.columns).then_some(index + 1),
                index.checked_sub(self.columns),
                Some(index + self.columns),
            ];
            for next in beside.into_iter().flatten() {
                if self.is_dark.get(next) == Some(&true) {
                    self.is_dark[next] = false;
                    waiting.push(next);
                }
            }
        }
        Some((bounds, count))
    }

    fn bounds(&self, index: usize) -> Bounds {
        let place = |tile: usize| tile as u32 * self.side_px;
        Bounds {
            x_px: place(index % self.columns),
            y_px: place(index / self.columns),
            w_px: self.side_px,
            h_px: self.side_px,
        }
    }
}

/// The box brought to where the dark begins and ends, at most a tile farther out or in; none where nothing is left.
fn to_its_edges(picture: &GrayImage, bounds: Bounds, most_px: u32) -> Option<Bounds> {
    let is_dark = |x: u32, y: u32| picture.get_pixel(x, y).0[0] < DARK_BELOW;
    let (columns, rows) = (
        bounds.x_px..bounds.right_px(),
        bounds.y_px..bounds.bottom_px(),
    );
    let row_is_dark = |y: u32| mostly(columns.clone().map(|x| is_dark(x, y)));
    let column_is_dark = |x: u32| mostly(rows.clone().map(|y| is_dark(x, y)));
    let (left, right) = edges(&columns, picture.width(), most_px, column_is_dark);
    let (top, bottom) = edges(&rows, picture.height(), most_px, row_is_dark);
    (left < right && top < bottom).then(|| Bounds {
        x_px: left,
        y_px: top,
        w_px: right - left,
        h_px: bottom - top,
    })
}

/// Where a range that is dark begins and ends, looked for from a step outside it inwards.
fn edges(
    range: &std::ops::Range<u32>,
    side_px: u32,
    most_px: u32,
    is_dark: impl Fn(u32) -> bool,
) -> (u32, u32) {
    let first = range.start.saturating_sub(most_px);
    let last = (range.end + most_px).min(side_px);
    let begin = (first..range.start + most_px).find(|at| is_dark(*at));
    let end = (range.end - most_px..last).rev().find(|at| is_dark(*at));
    (
        begin.unwrap_or(range.start),
        end.map_or(range.end, |at| at + 1),
    )
}

fn mostly(values: impl Iterator<Item = bool>) -> bool {
    let (count, yes) = values.fold((0, 0), |(n, yes), value| (n + 1, yes + u32::from(value)));
    2 * yes > count
}

/// Whether what is light on a panel may be letters.
fn bears_letters(picture: &GrayImage, panel: &Bounds) -> bool {
    let rows = (panel.y_px..panel.bottom_px()).step_by(2);
    let columns = || (panel.x_px..panel.right_px()).step_by(2);
    let places = rows.flat_map(|y| columns().map(move |x| (x, y)));
    let (mut all, mut dark, mut light) = (0, 0, 0);
    for (x, y) in places {
        let value = picture.get_pixel(x, y).0[0];
        all += 1;
        dark += u32::from(value < DARK_BELOW);
        light += u32::from(value >= LIGHT_FROM);
    }
    let share = |count: u32| count as f32 / all as f32;
    LIGHT.contains(&share(light)) && share(all - dark - light) <= MOST_BETWEEN
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    const DPI: u32 = 200;
    const PANEL: Bounds = Bounds {
        x_px: 61,
        y_px: 43,
        w_px: 500,
        h_px: 70,
    };

    fn fill(page: &mut GrayImage, bounds: Bounds, value: impl Fn(u32, u32) -> u8) {
        for y in bounds.y_px..bounds.bottom_px() {
            for x in bounds.x_px..bounds.right_px() {
                page.put_pixel(x, y, Luma([value(x, y)]));
            }
        }
    }

    /// Paper with a field of this ground, and on it letters of one stroke of this tone.
    fn page(ground: u8, letters: u8) -> GrayImage {
        let mut page = GrayImage::from_pixel(700, 200, Luma([250]));
        fill(&mut page, PANEL, |_, _| ground);
        for letter in 0..20 {
            let stroke = Bounds {
                x_px: 90 + 20 * letter,
                y_px: 66,
                w_px: 5,
                h_px: 24,
            };
            fill(&mut page, stroke, |_, _| letters);
        }
        page
    }

    #[test]
    fn light_letters_on_a_dark_bar_become_dark_on_light() {
        let turned = dark_on_light(&page(60, 245), DPI).expect("a panel");
        let tone = |x, y| turned.get_pixel(x, y).0[0];
        assert_eq!((tone(92, 70), tone(100, 70), tone(10, 10)), (10, 195, 250));
        let around = [(61, 43), (560, 112)].map(|(x, y)| tone(x, y));
        assert_eq!(around, [195, 195], "the bar is turned up to its edges");
        let beside = [(60, 43), (561, 112), (61, 42), (560, 113)].map(|(x, y)| tone(x, y));
        assert_eq!(beside, [250; 4]);
    }

    #[test]
    fn a_bar_without_letters_a_photograph_and_print_stay_as_they_are() {
        assert!(dark_on_light(&page(60, 60), DPI).is_none(), "a black bar");
        assert!(dark_on_light(&page(250, 30), DPI).is_none(), "print");
        let mut photograph = page(250, 250);
        fill(&mut photograph, PANEL, |x, y| {
            (20 + (x * 7 + y * 3) % 200) as u8
        });
        assert!(dark_on_light(&photograph, DPI).is_none());
        assert!(dark_on_light(&GrayImage::new(3, 2), DPI).is_none());
    }
}
