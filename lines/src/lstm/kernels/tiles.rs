//! How a multiplication is cut into tiles whose sums a processor's registers hold: the same for all
//! of them, only the tile itself is written for each.

#![allow(unsafe_code)]

use super::{Columns, Kernel, Packed};

/// The kernel of a processor that multiplies tile by tile.
pub trait Tiles: Kernel {
    /// Columns of a tile, eight at most. With two blocks of rows as many as registers allow.
    const TOGETHER: usize;

    /// The sums of `B` blocks of rows for `N` columns, `at` the first block and the first column.
    ///
    /// # Safety
    ///
    /// The processor must have what the kernel is made for, the slices what [`check`] asks for, and
    /// blocks and columns must be there.
    unsafe fn tile<const B: usize, const N: usize>(
        packed: &Packed<Self::Weight>,
        columns: &Columns<'_, Self::Value>,
        at: (usize, usize),
        sums: &mut [i32],
        onto: bool,
    );
}

/// Panics where slices do not hold what there is to multiply: what the kernels' unsafe code rests on.
fn check<K: Kernel>(packed: &Packed<K::Weight>, columns: &Columns<'_, K::Value>, sums: &[i32]) {
    let rows = packed.rows();
    assert!(rows.is_multiple_of(K::LANES) && sums.len() >= columns.count * rows);
    assert!(packed.weights.len() >= rows * packed.groups * K::GROUP);
    if let Some(last) = columns.count.checked_sub(1) {
        let end = last * columns.stride + packed.groups * K::GROUP;
        assert!(columns.values.len() >= end);
    }
}

/// All sums. Two blocks of rows meet all columns before the next two are loaded, so that each weight
/// comes from afar once: those of a layer are more than the nearest cache holds.
///
/// # Safety
///
/// The processor must have what the kernel is made for.
pub unsafe fn multiply<K: Tiles>(
    packed: &Packed<K::Weight>,
    columns: &Columns<'_, K::Value>,
    sums: &mut [i32],
    onto: bool,
) {
    check::<K>(packed, columns, sums);
    let blocks = packed.rows() / K::LANES;
    for block in (0..blocks).step_by(2) {
        // SAFETY: the caller's promise, and `check`; one or two blocks are left.
        unsafe {
            match blocks - block {
                1 => all_columns::<K, 1>(packed, columns, block, sums, onto),
                _ => all_columns::<K, 2>(packed, columns, block, sums, onto),
            }
        }
    }
}

/// # Safety
///
/// As for [`Tiles::tile`].
unsafe fn all_columns<K: Tiles, const B: usize>(
    packed: &Packed<K::Weight>,
    columns: &Columns<'_, K::Value>,
    block: usize,
    sums: &mut [i32],
    onto: bool,
) {
    for column in (0..columns.count).step_by(K::TOGETHER) {
        let at = (block, column);
        // SAFETY: the caller's promise; so many columns are left.
        unsafe {
            match (columns.count - column).min(K::TOGETHER) {
                1 => K::tile::<B, 1>(packed, columns, at, sums, onto),
                2 => K::tile::<B, 2>(packed, columns, at, sums, onto),
                3 => K::tile::<B, 3>(packed, columns, at, sums, onto),
                4 => K::tile::<B, 4>(packed, columns, at, sums, onto),
                5 => K::tile::<B, 5>(packed, columns, at, sums, onto),
                6 => K::tile::<B, 6>(packed, columns, at, sums, onto),
                7 => K::tile::<B, 7>(packed, columns, at, sums, onto),
                _ => K::tile::<B, 8>(packed, columns, at, sums, onto),
            }
        }
    }
}
