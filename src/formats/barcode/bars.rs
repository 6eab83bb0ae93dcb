//! Whether bars of a linear symbol may stand on a page: a look that costs a tenth of the search for them.
//!
//! Across bars the grey changes at every step and along them hardly; print changes both ways, and between its lines not
//! at all. So the page is parted into small cells, and a place where most cells in a row change one way only, over the
//! height of a symbol, may be bars. Measured on 120 drawn symbols (bars of 0.17 to 0.76 mm, to 8 degrees askew, faint,
//! blurred, noisy): all seen; of 39 pages with print some ten may bear bars.
//!
//! A symbol lower than 5.5 mm may be passed over on a page full of print, where what parts dossiers stands in a QR. A
//! page that bears little else is searched in any case ([`judge::may_be_sheet`](super::judge::may_be_sheet)).

use image::GrayImage;

/// Side of a cell: about 1.4 mm at 150 dpi.
const CELL_PX: usize = 8;
/// Rows of cells one behind the other: more than a line of print is high.
const ROWS: usize = 3;
/// Cells in a row that are looked at together: 16 mm, a linear symbol of a few letters.
const WINDOW_CELLS: usize = 12;
/// So many of them change across the bars only.
const LEAST_CELLS: usize = 7;
/// The mean change from pixel to pixel across bars, in levels of grey.
const LEAST_CHANGE: u32 = 6;
/// Across the bars the grey changes so many times as much as along them, in halves.
const HALVES: u32 = 3;

/// How much the grey changes across and down within each cell.
struct Changes {
    columns: usize,
    across: Vec<u32>,
    down: Vec<u32>,
}

/// True where bars of a linear symbol may stand in a page of 150 dpi.
pub fn may_stand_in(luma: &GrayImage) -> bool {
    let changes = Changes::of(luma);
    let columns = changes.columns.max(1);
    let rows = changes.across.len() / columns;
    let upright = |at: usize| is_bars(changes.across[at], changes.down[at]);
    let lying = |at: usize| is_bars(changes.down[at], changes.across[at]);
    has_row_of(columns, rows, |x, y| upright(y * columns + x))
        || has_row_of(rows, columns, |y, x| lying(y * columns + x))
}

fn is_bars(one_way: u32, other_way: u32) -> bool {
    one_way >= LEAST_CHANGE * (CELL_PX * CELL_PX) as u32 && one_way * 2 >= other_way * HALVES
}

/// True where windows along so many rows, one behind the other, hold enough such cells.
fn has_row_of(columns: usize, rows: usize, is_bars: impl Fn(usize, usize) -> bool) -> bool {
    let mut rows_before = vec![0_usize; columns];
    (0..rows).any(|y| {
        let cells: Vec<bool> = (0..columns).map(|x| is_bars(x, y)).collect();
        let windows = cells.windows(WINDOW_CELLS).zip(&mut rows_before);
        let longest = windows.map(|(cells, before)| {
            let enough = cells.iter().filter(|cell| **cell).count() >= LEAST_CELLS;
            *before = if enough { *before + 1 } else { 0 };
            *before
        });
        longest.max().unwrap_or(0) >= ROWS
    })
}

impl Changes {
    fn of(luma: &GrayImage) -> Changes {
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
