//! How many dots of the image make an inch: the file's word where it can be true, else a guess.

use crate::formats::raster::Dpi;

/// Resolution of a stored image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resolution {
    /// Dots per inch along each axis of the stored image.
    pub dpi: Dpi,
    /// True where the file said none that could be true.
    pub estimated: bool,
}

/// Papers that scans of dossiers come from, shorter and longer side in inches:
/// A4, A3, A5, Letter, Legal. A4 stands first because ties go to the first.
const PAPERS_IN: [(f32, f32); 5] = [
    (8.268, 11.693),
    (11.693, 16.535),
    (5.827, 8.268),
    (8.5, 11.0),
    (8.5, 14.0),
];

/// Resolutions scanners are set to, the likelier first: an image of 1748 × 2480 px is A5 at
/// 300 dpi and also A3 at 150 dpi, one of 3508 × 4961 px A3 at 300 dpi and also A5 at 600.
const SCANNER_DPI: [f32; 6] = [300.0, 200.0, 400.0, 600.0, 240.0, 150.0];

/// How far both sides may be off a paper's size: scanners cut or add a few millimetres.
const PAPER_TOLERANCE: f32 = 0.025;

/// Width of a Group 3 fax line (ITU-T T.4, 2.2): 1728 dots over 215 mm, 204 dots an inch.
const FAX_WIDTH_PX: u32 = 1728;

/// Takes the file's word where it can be true, and estimates where it cannot.
pub fn resolve(said: Option<Dpi>, width_px: u32, height_px: u32) -> Resolution {
    match said.filter(|dpi| can_be_true(*dpi, width_px, height_px)) {
        Some(dpi) => Resolution {
            dpi,
            estimated: false,
        },
        None => Resolution {
            dpi: estimate(width_px, height_px),
            estimated: true,
        },
    }
}

/// True where the paper such a resolution means could have lain on a scanner.
///
/// Below 150 dpi the number is mostly a program's default (72, 96), so only paper up to A3 is
/// believed; above, maps and drawings up to A0. Fax is 204 × 98, so the axes may differ by 2.5.
fn can_be_true(dpi: Dpi, width_px: u32, height_px: u32) -> bool {
    let (low, high) = (dpi.x.min(dpi.y), dpi.x.max(dpi.y));
    if !(low.is_finite() && high.is_finite()) || low < 50.0 || high > 2400.0 || high > 2.5 * low {
        return false;
    }
    let (width_in, height_in) = (width_px as f32 / dpi.x, height_px as f32 / dpi.y);
    let (short_in, long_in) = (width_in.min(height_in), width_in.max(height_in));
    let (most_short_in, most_long_in) = if high < 150.0 {
        (12.5, 18.0)
    } else {
        (36.0, 50.0)
    };
    short_in >= 1.0 && short_in <= most_short_in && long_in <= most_long_in
}

/// The likeliest resolution of an image of this size.
fn estimate(width_px: u32, height_px: u32) -> Dpi {
    if let Some(fax) = fax_dpi(width_px, height_px) {
        return fax;
    }
    let (short_px, long_px) = (width_px.min(height_px), width_px.max(height_px));
    let known = SCANNER_DPI.into_iter().find(|dpi| {
        PAPERS_IN
            .iter()
            .any(|paper| fits(*paper, *dpi, short_px, long_px))
    });
    // A strip, a card or a cut page: as if its longer side were that of A4.
    let dpi = known.unwrap_or_else(|| (long_px as f32 / PAPERS_IN[0].1).round().clamp(72.0, 600.0));
    Dpi { x: dpi, y: dpi }
}

fn fits((short_in, long_in): (f32, f32), dpi: f32, short_px: u32, long_px: u32) -> bool {
    let off = |px: u32, inches: f32| (px as f32 / (inches * dpi) - 1.0).abs();
    off(short_px, short_in).max(off(long_px, long_in)) <= PAPER_TOLERANCE
}

/// Fax pages keep their width; 98 or 196 lines an inch show in the height.
fn fax_dpi(width_px: u32, height_px: u32) -> Option<Dpi> {
    let lines_per_inch = match height_px {
        _ if width_px != FAX_WIDTH_PX => return None,
        1000..=1450 => 98.0,
        1950..=2400 => 196.0,
        _ => return None,
    };
    Some(Dpi {
        x: 204.0,
        y: lines_per_inch,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(dpi: f32) -> Option<Dpi> {
        Some(Dpi { x: dpi, y: dpi })
    }

    fn estimated(width_px: u32, height_px: u32) -> (f32, f32) {
        let found = resolve(None, width_px, height_px);
        assert!(found.estimated);
        (found.dpi.x, found.dpi.y)
    }

    #[test]
    fn a_plausible_word_of_the_file_is_taken() {
        for dpi in [150.0, 200.0, 300.0, 600.0] {
            let (w, h) = ((8.268 * dpi) as u32, (11.693 * dpi) as u32);
            let found = resolve(square(dpi), w, h);
            assert_eq!((found.dpi.x, found.estimated), (dpi, false));
        }
        assert!(!resolve(square(72.0), 595, 842).estimated);
        assert!(!resolve(square(300.0), 9933, 7016).estimated, "an A1 map");
    }

    #[test]
    fn nonsense_is_not_believed() {
        for dpi in [
            0.0,
            1.0,
            72.0,
            96.0,
            9600.0,
            f32::NAN,
            f32::INFINITY,
            -300.0,
        ] {
            let found = resolve(square(dpi), 2480, 3508);
            assert_eq!((found.dpi.x, found.estimated), (300.0, true), "{dpi}");
        }
        let lopsided = Some(Dpi { x: 300.0, y: 72.0 });
        assert!(resolve(lopsided, 2480, 3508).estimated);
    }

    #[test]
    fn paper_sizes_tell_the_resolution() {
        assert_eq!(estimated(2480, 3508), (300.0, 300.0));
        assert_eq!(estimated(3508, 2480), (300.0, 300.0), "landscape");
        assert_eq!(estimated(1654, 2339), (200.0, 200.0));
        assert_eq!(estimated(1984, 2806), (240.0, 240.0));
        assert_eq!(estimated(1240, 1754), (150.0, 150.0));
        assert_eq!(estimated(4961, 7016), (600.0, 600.0));
        assert_eq!(estimated(3307, 4677), (400.0, 400.0));
        assert_eq!(estimated(1748, 2480), (300.0, 300.0), "A5, not A3 at 150");
        assert_eq!(estimated(3508, 4961), (300.0, 300.0), "A3, not A5 at 600");
        assert_eq!(estimated(2550, 4200), (300.0, 300.0), "legal");
        assert_eq!(
            estimated(2500, 3480),
            (300.0, 300.0),
            "a few millimetres cut"
        );
    }

    #[test]
    fn fax_pages_have_unequal_axes() {
        let said = Some(Dpi { x: 204.0, y: 98.0 });
        assert!(!resolve(said, 1728, 1145).estimated);
        assert_eq!(estimated(1728, 1145), (204.0, 98.0));
        assert_eq!(estimated(1728, 2290), (204.0, 196.0));
    }

    #[test]
    fn an_odd_size_still_gets_a_resolution_to_work_with() {
        for (w, h) in [(1, 1), (1, 60_000), (640, 480), (30_000, 12), (1011, 638)] {
            let (x, y) = estimated(w, h);
            assert!((72.0..=600.0).contains(&x) && x == y, "{w} × {h}");
        }
    }
}
