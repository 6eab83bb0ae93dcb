//! The sheet: how large the page is and how its image comes to lie upright on it.

use super::{PageInput, PdfaFault};

/// Units of a page's user space are 1/72 inch (ISO 32000-1, 8.3.2.3).
const UNITS_PER_INCH: f64 = 72.0;
/// Smallest and largest side of a page box (ISO 19005-2, 6.1.13).
const MIN_SIDE_UNITS: f64 = 3.0;
const MAX_SIDE_UNITS: f64 = 14_400.0;
/// Longest side of an image that readers and codecs agree on (that of JPEG).
const MAX_SIDE_PX: u32 = 65_535;

/// Six numbers of a PDF matrix (ISO 32000-1, 8.3.3).
pub(super) type Matrix = [f64; 6];

/// The upright page in units of its user space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sheet {
    /// Width.
    pub width_units: f64,
    /// Height.
    pub height_units: f64,
    /// `/UserUnit`: how many 1/72 inch a unit is; 1 but for sheets beyond five metres.
    pub user_unit: u32,
    /// Width of the upright page in pixels.
    pub width_px: u32,
    /// Height of the upright page in pixels.
    pub height_px: u32,
}

impl Sheet {
    /// The sheet of a page, each axis by its own resolution. `page` counts from 1.
    pub fn of(input: &PageInput<'_>, page: u32) -> Result<Self, PdfaFault> {
        let (width_px, height_px) = (input.image.width_px, input.image.height_px);
        if ![width_px, height_px]
            .iter()
            .all(|side_px| (1..=MAX_SIDE_PX).contains(side_px))
        {
            return Err(PdfaFault::ImageSize {
                page,
                width_px,
                height_px,
            });
        }
        let (dpi_x, dpi_y) = (f64::from(input.dpi.x), f64::from(input.dpi.y));
        if ![dpi_x, dpi_y]
            .iter()
            .all(|dpi| dpi.is_finite() && *dpi > 0.0)
        {
            return Err(PdfaFault::Resolution { page });
        }
        let stored_width = f64::from(width_px) * UNITS_PER_INCH / dpi_x;
        let stored_height = f64::from(height_px) * UNITS_PER_INCH / dpi_y;
        let (width, height) = match input.orientation.swaps_sides() {
            true => (stored_height, stored_width),
            false => (stored_width, stored_height),
        };
        let (width_px, height_px) = input.orientation.upright_size(width_px, height_px);
        Self::within_limits(width, height)
            .map(|(width_units, height_units, user_unit)| Self {
                width_units,
                height_units,
                user_unit,
                width_px,
                height_px,
            })
            .ok_or(PdfaFault::PageShape { page })
    }

    /// Scales a page into the limits: a scrap up to three units, a banner by `/UserUnit`.
    fn within_limits(width: f64, height: f64) -> Option<(f64, f64, u32)> {
        let grow = (MIN_SIDE_UNITS / width.min(height)).max(1.0);
        let (width, height) = (width * grow, height * grow);
        let user_unit = (width.max(height) / MAX_SIDE_UNITS).ceil().max(1.0);
        let (width, height) = (rounded(width / user_unit), rounded(height / user_unit));
        let fits = width.min(height) >= MIN_SIDE_UNITS && width.max(height) <= MAX_SIDE_UNITS;
        (fits && user_unit <= 1e6).then_some((width, height, user_unit as u32))
    }

    /// From pixels of the upright page (y down) to units (y up).
    pub fn units(&self, x_px: f64, y_px: f64) -> (f64, f64) {
        (
            x_px * self.width_units / f64::from(self.width_px),
            self.height_units - y_px * self.height_units / f64::from(self.height_px),
        )
    }

    /// The matrix that lays the stored image (a unit square to PDF) upright on the sheet.
    pub fn image_matrix(&self, input: &PageInput<'_>) -> Matrix {
        let turn = |point: (f64, f64)| {
            let (mut x, mut y) = point;
            if input.orientation.mirrored {
                x = 1.0 - x;
            }
            for _ in 0..input.orientation.quarter_turns {
                (x, y) = (y, 1.0 - x);
            }
            (x * self.width_units, y * self.height_units)
        };
        let (origin, right, up) = (turn((0.0, 0.0)), turn((1.0, 0.0)), turn((0.0, 1.0)));
        [
            right.0 - origin.0,
            right.1 - origin.1,
            up.0 - origin.0,
            up.1 - origin.1,
            origin.0,
            origin.1,
        ]
    }
}

/// To a thousandth of a unit (a third of a micrometre), so that numbers stay short.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::raster::{Coding, Dpi, EncodedImage, Space};
    use crate::model::{Orientation, PageText};

    fn sheet(size: (u32, u32), dpi: (f32, f32), exif: u32) -> Result<(Sheet, Matrix), PdfaFault> {
        let text = PageText::default();
        let input = PageInput {
            image: EncodedImage {
                width_px: size.0,
                height_px: size.1,
                coding: Coding::CcittG4,
                space: Space::Bilevel,
                bytes: Vec::new(),
            },
            orientation: Orientation::from_exif(exif),
            dpi: Dpi { x: dpi.0, y: dpi.1 },
            text: &text,
        };
        let sheet = Sheet::of(&input, 1)?;
        Ok((sheet, sheet.image_matrix(&input)))
    }

    #[test]
    fn each_axis_has_its_own_resolution() {
        let (fax, _) = sheet((1728, 2200), (204.0, 196.0), 1).expect("a fax page");
        assert_eq!((fax.width_units, fax.height_units), (609.882, 808.163));
        let (turned, _) = sheet((1728, 2200), (204.0, 196.0), 6).expect("a fax page");
        assert_eq!(
            (turned.width_units, turned.height_units),
            (808.163, 609.882)
        );
        assert_eq!((turned.width_px, turned.height_px), (2200, 1728));
    }

    #[test]
    fn all_eight_orientations_bring_the_corner_of_the_text_to_the_top_left() {
        // EXIF: where row 0 and column 0 of the stored image lie on the upright page.
        let corner_of = |exif| match exif {
            1 | 5 => (0.0, 200.0),
            2 | 6 => (100.0, 200.0),
            3 | 7 => (100.0, 0.0),
            _ => (0.0, 0.0),
        };
        for exif in 1..=8 {
            let stored = if exif < 5 { (100, 200) } else { (200, 100) };
            let (_, [_, _, c, d, e, f]) = sheet(stored, (72.0, 72.0), exif).expect("a page");
            // The first stored pixel is at (0, 1) of the unit square.
            assert_eq!((c + e, d + f), corner_of(exif), "EXIF {exif}");
        }
    }

    #[test]
    fn sizes_stay_within_the_limits_of_the_standard() {
        let (scrap, _) = sheet((10, 20), (600.0, 600.0), 1).expect("a scrap");
        assert_eq!((scrap.width_units, scrap.height_units), (3.0, 6.0));
        let (banner, _) = sheet((60_000, 3_000), (150.0, 150.0), 1).expect("a banner");
        assert_eq!((banner.width_units, banner.user_unit), (14_400.0, 2));
        assert!(matches!(
            sheet((65_535, 1), (300.0, 300.0), 1),
            Err(PdfaFault::PageShape { page: 1 })
        ));
    }

    #[test]
    fn nonsense_is_a_fault_and_not_a_page() {
        for dpi in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            let fault = sheet((10, 10), (300.0, dpi), 1);
            assert!(matches!(fault, Err(PdfaFault::Resolution { .. })), "{dpi}");
        }
        assert!(matches!(
            sheet((0, 10), (300.0, 300.0), 1),
            Err(PdfaFault::ImageSize { .. })
        ));
    }
}
