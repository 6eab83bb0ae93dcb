//! Where bars of a linear symbol may stand on a page: a look that costs a tenth of the search for them.
//!
//! Across bars the grey changes at every step and along them hardly; print changes both ways, and between its lines not
//! at all. So the page is parted into small cells, and a place where most cells in a row change one way only, over the
//! height of a symbol, may be bars. Measured on 120 drawn symbols (bars of 0.17 to 0.76 mm, to 8 degrees askew, faint,
//! blurred, noisy): all seen; of 39 pages with print some ten may bear bars, in a tenth of their height.
//!
//! A symbol lower than 5.5 mm may be passed over on a page full of print, where what parts dossiers stands in a QR; on a
//! page that bears little else ([`judge::may_be_sheet`](super::judge::may_be_sheet)) one lower than 4 mm.

use std::ops::Range;

use image::GrayImage;

/// Side of a cell: about 1.4 mm at 150 dpi.
const CELL_PX: usize = 8;
/// Rows of cells one behind the other: more than a line of print is high.
pub const HIGHER_THAN_PRINT: usize = 3;
/// Rows of cells on a page that may be a sheet: lines of print may be taken for bars there, low bars not for print.
pub const AS_HIGH_AS_PRINT: usize = 2;
/// Cells around what was seen that belong to a band: 12 mm, the rise of a symbol of 80 mm that lies 8° askew.
const AROUND_CELLS: usize = 9;
/// Cells in a row that are looked at together: 16 mm, a linear symbol of a few letters.
const WINDOW_CELLS: usize = 12;
/// So many of them change across the bars only.
const LEAST_CELLS: usize = 7;
/// The mean change from pixel to pixel across bars, in levels of grey.
const LEAST_CHANGE: u32 = 6;
/// Across the bars the grey changes so many times as much as along them, in halves.
const HALVES: u32 = 3;

/// How much the grey changes across and down within each cell of a page of 150 dpi.
pub struct Changes {
    width_px: u32,
    height_px: u32,
    columns: usize,
    across: Vec<u32>,
    down: Vec<u32>,
}

/// A strip across the whole of a page in which bars may stand, in shares of the side that it parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// True where the bars lie, one below the other, and the strip runs down the page.
    pub lying: bool,
    /// From where to where it reaches.
    pub span: Range<f32>,
}

fn share(cells: usize, side_px: u32) -> f32 {
    (cells * CELL_PX) as f32 / side_px as f32
}

fn is_bars(one_way: u32, other_way: u32) -> bool {
    one_way >= LEAST_CHANGE * (CELL_PX * CELL_PX) as u32 && one_way * 2 >= other_way * HALVES
}

/// The rows of cells in which windows hold enough such cells so many times one behind the other, with what is around.
fn spans(
    (columns, rows): (usize, usize),
    least_rows: usize,
    is_bars: impl Fn(usize, usize) -> bool,
) -> Vec<Range<usize>> {
    let mut rows_before = vec![0_usize; columns];
    let mut spans: Vec<Range<usize>> = Vec::new();
    for y in 0..rows {
        let cells: Vec<bool> = (0..columns).map(|x| is_bars(x, y)).collect();
        let windows = cells.windows(WINDOW_CELLS).zip(&mut rows_before);
        let longest = windows.map(|(cells, before)| {
            let enough = cells.iter().filter(|cell| **cell).count() >= LEAST_CELLS;
            *before = if enough { *before + 1 } else { 0 };
            *before
        });
        let behind = longest.max().unwrap_or(0);
        if behind < least_rows {
            continue;
        }
        let start = (y + 1 - behind).saturating_sub(AROUND_CELLS);
        // The cells leave less than one over at the edge; the band does not.
        let end = y + 2 + AROUND_CELLS;
        match spans.last_mut() {
            Some(last) if last.end >= start => *last = last.start.min(start)..end,
            _ => spans.push(start..end),
        }
    }
    spans
}

impl Changes {
    /// Where bars of at least so many rows of cells may stand.
    pub fn bands(&self, least_rows: usize) -> Vec<Band> {
        let columns = self.columns.max(1);
        let rows = self.across.len() / columns;
        let upright = |at: usize| is_bars(self.across[at], self.down[at]);
        let lying = |at: usize| is_bars(self.down[at], self.across[at]);
        let upright = spans((columns, rows), least_rows, |x, y| upright(y * columns + x));
        let lying = spans((rows, columns), least_rows, |y, x| lying(y * columns + x));
        let band = |lying: bool, span: Range<usize>, side_px: u32| Band {
            lying,
            span: share(span.start, side_px)..share(span.end, side_px).min(1.0),
        };
        let upright = upright
            .into_iter()
            .map(|span| band(false, span, self.height_px));
        let lying = lying
            .into_iter()
            .map(|span| band(true, span, self.width_px));
        upright.chain(lying).collect()
    }

    /// Those of a page.
    pub fn of(luma: &GrayImage) -> Changes {
        let width = luma.width() as usize;
        let columns = width / CELL_PX;
        let (mut across, mut down) = (Vec::new(), Vec::new());
        let mut sums = [vec![0_u16; width], vec![0_u16; width]];
        let rows: Vec<&[u8]> = luma.as_raw().chunks_exact(width.max(1)).collect();
        for band in rows.windows(CELL_PX + 1).step_by(CELL_PX) {
            sums.iter_mut().for_each(|sums| sums.fill(0));
            for pair in band.windows(2) {
                add_steps(&mut sums[0], pair[0], pair[0].get(1..).unwrap_or(&[]));
                add_steps(&mut sums[1], pair[0], pair[1]);
            }
            let of_cells = |sums: &[u16]| -> Vec<u32> {
                let cells = sums.chunks_exact(CELL_PX);
                cells
                    .map(|cell| cell.iter().map(|n| u32::from(*n)).sum())
                    .collect()
            };
            across.extend(of_cells(&sums[0]));
            down.extend(of_cells(&sums[1]));
        }
        Changes {
            width_px: luma.width(),
            height_px: luma.height(),
            columns,
            across,
            down,
        }
    }
}

fn add_steps(sums: &mut [u16], ones: &[u8], others: &[u8]) {
    for ((sum, one), other) in sums.iter_mut().zip(ones).zip(others) {
        *sum += u16::from(one.abs_diff(*other));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Luma, imageops};

    fn may_stand_in(page: &GrayImage) -> bool {
        !Changes::of(page).bands(HIGHER_THAN_PRINT).is_empty()
    }

    /// Bars as of Code 39 (narrow and wide ones, 0 and 1), a narrow one so many pixels wide.
    fn symbol(narrow_px: f32, height_px: u32) -> GrayImage {
        let widths = [
            1.0, 1.0, 2.5, 1.0, 1.0, 2.5, 1.0, 2.5, 1.0, 1.0, 1.0, 2.5, 2.5, 1.0,
        ];
        let mut page = GrayImage::from_pixel(1240, 1754, Luma([240]));
        let mut left = 200.0;
        for (n, width) in widths.iter().cycle().take(60).enumerate() {
            let right = left + width * narrow_px;
            for x in (left as u32..=right as u32).filter(|_| n % 2 == 0) {
                let covered = (right.min(x as f32 + 1.0) - left.max(x as f32)).max(0.0);
                for y in 700..700 + height_px {
                    let value = page.get_pixel(x, y).0[0];
                    page.put_pixel(x, y, Luma([value.saturating_sub((covered * 200.0) as u8)]));
                }
            }
            left = right;
        }
        page
    }

    #[test]
    fn bars_of_every_width_are_seen_whichever_way_they_lie() {
        for narrow_px in [1.0, 1.5, 2.0, 3.0, 4.5] {
            let page = symbol(narrow_px, 34);
            assert!(may_stand_in(&page), "{narrow_px}");
            assert!(
                may_stand_in(&imageops::rotate90(&page)),
                "{narrow_px} lying"
            );
        }
    }

    #[test]
    fn a_band_holds_the_symbol_and_little_more_of_the_page() {
        let page = symbol(2.0, 34);
        for (page, lying) in [(imageops::rotate90(&page), true), (page, false)] {
            let [band] = &Changes::of(&page).bands(AS_HIGH_AS_PRINT)[..] else {
                panic!("one band, lying: {lying}");
            };
            assert_eq!(band.lying, lying);
            let side = if lying { page.width() } else { page.height() } as f32;
            // Turned by a quarter, what was 700 px below the upper edge is as far from the right one.
            let (start, end) = match lying {
                true => (side - 734.0, side - 700.0),
                false => (700.0, 734.0),
            };
            assert!(band.span.start * side < start && band.span.end * side > end);
            assert!(band.span.end - band.span.start < 0.2, "{band:?}");
        }
    }

    #[test]
    fn lines_of_print_rules_and_grain_are_none() {
        let mut page = GrayImage::from_fn(1240, 1754, |x, y| {
            let (line, letter) = (y % 27, x % 10);
            let stroke = !(2..=4).contains(&letter) || !(2..=7).contains(&line);
            let print = line < 10 && letter < 7 && stroke;
            let rule = y % 300 < 3 || x % 400 < 3;
            let grain = (x * 31 + y * 17) % 13;
            Luma([if print || rule { 40 } else { 240 - grain as u8 }])
        });
        assert!(!may_stand_in(&page));
        imageops::replace(
            &mut page,
            &imageops::crop_imm(&symbol(2.0, 34), 200, 700, 200, 34).to_image(),
            300,
            900,
        );
        assert!(may_stand_in(&page), "among print");
        for (width, height) in [(1, 1), (9, 2000), (2000, 1), (0, 0)] {
            assert!(!may_stand_in(&GrayImage::from_pixel(
                width,
                height,
                Luma([0])
            )));
        }
    }
}
