//! Resolutions as files state them, and which of them to believe.

use super::Dpi;

/// Inches in a metre, for PNG's `pHYs` and BMP.
const INCHES_PER_METRE: f64 = 39.370_078_74;
/// Inches in a centimetre, for JFIF and TIFF unit 3.
pub(crate) const PER_CM: f64 = 2.54;
/// No flat-bed or book scanner works outside this range.
const SCANNER_DPI: std::ops::RangeInclusive<f64> = 50.0..=2400.0;
/// The long side of A0 is 46.8 inches. Cameras and editors write "72 dpi" into every
/// file; a 300-dpi A4 page so labelled would be 48.7 inches high.
const LONGEST_PAGE_IN: f64 = 47.8;
/// What Windows and macOS write where nobody measured. True only of small pages: a
/// 300-dpi A4 page labelled 96 would be 36.5 inches high.
const DEFAULT_LABELS_DPI: [f64; 2] = [72.0, 96.0];
/// The long side of A3, 16.5 inches, and a little.
const LONGEST_DEFAULT_PAGE_IN: f64 = 16.9;

impl Dpi {
    /// Believes a stated resolution only where a scanner could have made such a page.
    ///
    /// `size_px` is the stored image's width and height.
    pub fn plausible(x: f64, y: f64, size_px: (u32, u32)) -> Option<Dpi> {
        let in_range = SCANNER_DPI.contains(&x) && SCANNER_DPI.contains(&y);
        // Fax's coarsest mode is 204 × 98: a ratio just above 2.
        let alike = in_range && (0.4..=2.5).contains(&(x / y));
        let long_in = (f64::from(size_px.0) / x).max(f64::from(size_px.1) / y);
        let is_default = |dpi: f64| DEFAULT_LABELS_DPI.iter().any(|d| (dpi - d).abs() < 0.1);
        let longest_in = match is_default(x) && is_default(y) {
            true => LONGEST_DEFAULT_PAGE_IN,
            false => LONGEST_PAGE_IN,
        };
        (alike && long_in <= longest_in).then_some(Dpi {
            x: x as f32,
            y: y as f32,
        })
    }

    /// As [`Dpi::plausible`], from dots per metre; whole dpi where it is one within rounding.
    pub fn from_per_metre(x: f64, y: f64, size_px: (u32, u32)) -> Option<Dpi> {
        // 300 dpi is stored as 11811 per metre, which comes back as 299.9994.
        let to_dpi = |dots: f64| {
            let dpi = dots / INCHES_PER_METRE;
            if (dpi - dpi.round()).abs() < 0.02 {
                dpi.round()
            } else {
                dpi
            }
        };
        Self::plausible(to_dpi(x), to_dpi(y), size_px)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanners_resolution_is_believed() {
        let a4 = (2480, 3508);
        assert_eq!(
            Dpi::plausible(300.0, 300.0, a4),
            Some(Dpi { x: 300.0, y: 300.0 })
        );
        assert!(Dpi::plausible(204.0, 98.0, (1728, 1100)).is_some());
        assert!(Dpi::plausible(96.0, 96.0, (794, 1123)).is_some());
    }

    #[test]
    fn nonsense_is_not_believed() {
        let a4 = (2480, 3508);
        for (x, y) in [
            (72.0, 72.0),
            (96.0, 96.0),
            (0.0, 0.0),
            (f64::NAN, 300.0),
            (300.0, f64::INFINITY),
            (300.0, 50.0),
            (1e9, 1e9),
            (-300.0, -300.0),
        ] {
            assert_eq!(Dpi::plausible(x, y, a4), None, "{x} x {y}");
        }
    }

    #[test]
    fn dots_per_metre_give_whole_dpi() {
        assert_eq!(
            Dpi::from_per_metre(11811.0, 11811.0, (2480, 3508)),
            Some(Dpi { x: 300.0, y: 300.0 })
        );
    }
}
