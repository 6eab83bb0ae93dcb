//! Promises of the whole stage, on pages drawn here.

use image::{GrayImage, Luma, Rgb, RgbImage};

use super::*;
use crate::formats::raster::Pixels;
use crate::model::Point;

const INK: Luma<u8> = Luma([40]);

/// An A4 page at this resolution with lines of letter-like strokes sinking by an angle.
fn page_of_lines(dpi: f32, skew_deg: f32) -> GrayImage {
    let per_mm = dpi / 25.4;
    let size = |mm: f32| (mm * per_mm) as u32;
    let (width, height) = (size(210.0), size(297.0));
    let mut page = GrayImage::from_pixel(width, height, Luma([250]));
    let slope = skew_deg.to_radians().tan();
    for line in 0..20 {
        let mut x_mm = 30.0;
        for letter in 0..60_u32 {
            // Letters and gaps of unequal width, so that nothing stands in columns.
            let step_mm = 1.9 + ((letter * 7 + line * 5) % 11) as f32 * 0.1;
            x_mm += if (letter + line) % 7 == 6 {
                2.0 * step_mm
            } else {
                step_mm
            };
            let y_mm = 40.0 + line as f32 * 8.0 + (x_mm - 105.0) * slope;
            let tall_mm = if letter % 3 == 0 { 2.6 } else { 1.9 };
            letter_u(
                &mut page,
                x_mm * per_mm,
                (y_mm - tall_mm) * per_mm,
                per_mm,
                tall_mm,
            );
        }
    }
    page
}

/// A letter like u: two legs and a foot.
fn letter_u(page: &mut GrayImage, x_px: f32, y_px: f32, per_mm: f32, tall_mm: f32) {
    let stroke = 0.4 * per_mm;
    let (wide, tall) = (1.7 * per_mm, tall_mm * per_mm);
    fill(page, x_px, y_px, stroke, tall);
    fill(page, x_px + wide - stroke, y_px, stroke, tall);
    fill(page, x_px, y_px + tall - stroke, wide, stroke);
}

fn fill(page: &mut GrayImage, x_px: f32, y_px: f32, wide: f32, tall: f32) {
    for y in y_px.round() as u32..(y_px + tall).round() as u32 {
        for x in x_px.round() as u32..(x_px + wide).round() as u32 {
            if x < page.width() && y < page.height() {
                page.put_pixel(x, y, INK);
            }
        }
    }
}

fn raster(page: GrayImage, dpi: f32) -> Raster {
    Raster {
        pixels: Pixels::Gray(page),
        dpi: Some(Dpi { x: dpi, y: dpi }),
        orientation: Orientation::UPRIGHT,
    }
}

/// What is stored, for a page that stands upright, where the file says this orientation.
fn stored_as(page: &GrayImage, orientation: Orientation) -> GrayImage {
    let back = Orientation {
        mirrored: false,
        quarter_turns: (4 - orientation.quarter_turns) % 4,
    };
    let turned = reading::turn(page.clone(), back);
    match orientation.mirrored {
        true => image::imageops::flip_horizontal(&turned),
        false => turned,
    }
}

/// The middle of the ink inside a square around a place.
fn ink_near(image: &GrayImage, x: f32, y: f32, reach: f32) -> Point {
    let (mut sum, mut sum_x, mut sum_y) = (0.0, 0.0, 0.0);
    for py in (y - reach).max(0.0) as u32..((y + reach) as u32).min(image.height()) {
        for px in (x - reach).max(0.0) as u32..((x + reach) as u32).min(image.width()) {
            let dark = 255.0 - f32::from(image.get_pixel(px, py)[0]);
            if dark > 60.0 {
                sum += dark;
                sum_x += dark * (px as f32 + 0.5);
                sum_y += dark * (py as f32 + 0.5);
            }
        }
    }
    assert!(sum > 0.0, "no ink near {x}, {y}");
    Point {
        x_px: sum_x / sum,
        y_px: sum_y / sum,
    }
}

/// Where `to_page` comes from: the point of the reading that belongs to a point of the page.
fn from_page(to_page: &Affine, p: Point) -> Point {
    let det = to_page.a * to_page.d - to_page.b * to_page.c;
    let (x, y) = (p.x_px - to_page.e, p.y_px - to_page.f);
    Point {
        x_px: (to_page.d * x - to_page.c * y) / det,
        y_px: (to_page.a * y - to_page.b * x) / det,
    }
}

/// Finds each drawn mark in the reading and maps it back to where it was drawn.
fn assert_marks_map_back(cleaned: &CleanPage, marks: &[Point], most_off_px: f32) {
    for mark in marks {
        let expected = from_page(&cleaned.to_page, *mark);
        let seen = ink_near(&cleaned.reading, expected.x_px, expected.y_px, 12.0);
        let back = cleaned.to_page.map(seen);
        let off = (back.x_px - mark.x_px).hypot(back.y_px - mark.y_px);
        assert!(off < most_off_px, "{mark:?} came back as {back:?}");
    }
}

/// The page of lines with four squares in its corners; the squares' middles.
fn marked_page(dpi: f32, skew_deg: f32) -> (GrayImage, Vec<Point>) {
    let mut page = page_of_lines(dpi, skew_deg);
    let (w, h) = (page.width() as f32, page.height() as f32);
    // An unequal pattern, so that a wrong turn or flip cannot pass.
    let corners = [(0.1, 0.06), (0.8, 0.06), (0.1, 0.9), (0.55, 0.83)];
    let side = (dpi / 25.0).round();
    let mut middles = Vec::new();
    for (x, y) in corners {
        let (left, top) = ((x * w).round(), (y * h).round());
        fill(&mut page, left, top, side, side);
        middles.push(Point {
            x_px: left + side / 2.0,
            y_px: top + side / 2.0,
        });
    }
    (page, middles)
}

#[test]
fn marks_come_back_to_their_place_in_all_eight_orientations() {
    let (page, marks) = marked_page(150.0, 1.3);
    for tag in 1..=8 {
        let orientation = Orientation::from_exif(tag);
        let stored = Raster {
            orientation,
            ..raster(stored_as(&page, orientation), 150.0)
        };
        let cleaned = clean(&stored, &Options::default());
        assert_eq!(cleaned.orientation, orientation, "tag {tag}");
        assert_eq!((cleaned.width_px, cleaned.height_px), page.dimensions());
        assert!(
            (cleaned.skew_deg - 1.3).abs() < 0.1,
            "tag {tag}: {}",
            cleaned.skew_deg
        );
        assert_marks_map_back(&cleaned, &marks, 0.5);
    }
}

#[test]
fn marks_come_back_to_their_place_at_every_scale_and_turn() {
    for (dpi, reading_dpi) in [(100.0, 200), (200.0, 200), (300.0, 200)] {
        let (page, marks) = marked_page(dpi, -0.8);
        let cleaned = clean(&raster(page.clone(), dpi), &Options::default());
        assert_eq!(
            (cleaned.reading_dpi, cleaned.dpi),
            (reading_dpi, dpi as u32)
        );
        assert_marks_map_back(&cleaned, &marks, 0.7);
        let mut marks = marks;
        for quarter_turns in 1..=3 {
            // Each turn takes the page's left edge to its top.
            let height = if quarter_turns % 2 == 1 {
                page.height()
            } else {
                page.width()
            };
            marks = marks
                .iter()
                .map(|m| Point {
                    x_px: height as f32 - m.y_px,
                    y_px: m.x_px,
                })
                .collect();
            let turned = cleaned.turned(quarter_turns);
            assert_eq!(turned.orientation.quarter_turns, quarter_turns);
            assert_marks_map_back(&turned, &marks, 0.7);
        }
    }
}

#[test]
fn fax_pages_are_read_square_and_map_back_to_their_own_pixels() {
    let page = page_of_lines(204.0, 0.0);
    let half = image::imageops::resize(
        &page,
        page.width(),
        page.height() * 98 / 204,
        image::imageops::FilterType::Triangle,
    );
    let fax = Raster {
        dpi: Some(Dpi { x: 204.0, y: 98.0 }),
        ..raster(half.clone(), 204.0)
    };
    let cleaned = clean(&fax, &Options::default());
    assert_eq!((cleaned.width_px, cleaned.height_px), half.dimensions());
    assert_eq!((cleaned.dpi, cleaned.axes_dpi.x), (98, 204.0));
    let shape = cleaned.reading.height() as f32 / cleaned.reading.width() as f32;
    assert!((shape - 297.0 / 210.0).abs() < 0.01, "{shape}");
    assert!((cleaned.to_page.a / cleaned.to_page.d - 204.0 / 98.0).abs() < 0.01);
}

#[test]
fn a_page_laid_down_far_askew_is_levelled() {
    // Turned as a whole: letters that stand upright on a steep line have level feet.
    let (askew, _) = reading::level(&page_of_lines(150.0, 0.0), 7.4);
    let cleaned = clean(&raster(askew, 150.0), &Options::default());
    assert!(
        (cleaned.skew_deg + 7.4).abs() <= 0.1,
        "{}",
        cleaned.skew_deg
    );
}

#[test]
fn the_slant_is_found_within_a_tenth_of_a_degree() {
    for skew_deg in [-4.6, -2.0, -0.3, 0.0, 0.2, 0.75, 3.1, 4.9] {
        let cleaned = clean(
            &raster(page_of_lines(200.0, skew_deg), 200.0),
            &Options::default(),
        );
        assert!(
            (cleaned.skew_deg - skew_deg).abs() <= 0.1,
            "{skew_deg}: {}",
            cleaned.skew_deg
        );
    }
}

#[test]
fn a_page_on_its_side_is_turned_to_where_its_lines_run_across() {
    let page = page_of_lines(150.0, 0.4);
    for turns in [1, 3] {
        let lying = Orientation {
            mirrored: false,
            quarter_turns: turns,
        };
        let cleaned = clean(&raster(stored_as(&page, lying), 150.0), &Options::default());
        assert_eq!(cleaned.orientation.quarter_turns % 2, 1);
        assert_eq!((cleaned.width_px, cleaned.height_px), page.dimensions());
        let left = Options {
            turn_sideways: false,
            ..Options::default()
        };
        let cleaned = clean(&raster(stored_as(&page, lying), 150.0), &left);
        assert_eq!(cleaned.orientation, Orientation::UPRIGHT);
    }
}

/// White paper at 300 dpi with the grain of a scanner, the same each time.
fn grainy(brightness: u8) -> GrayImage {
    let mut state = 1_u32;
    GrayImage::from_fn(2480, 3508, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Luma([brightness.saturating_add((state >> 28) as u8)])
    })
}

fn is_blank(page: GrayImage) -> bool {
    clean(&raster(page, 300.0), &Options::default()).blank
}

fn disc(page: &mut GrayImage, x_px: i32, y_px: i32, radius_px: i32) {
    for y in -radius_px..=radius_px {
        let half = ((radius_px * radius_px - y * y) as f32).sqrt();
        let (left, top) = (x_px as f32 - half, (y_px + y) as f32);
        fill(page, left, top, 2.0 * half, 1.0);
    }
}

#[test]
fn paper_holes_borders_and_dust_are_blank() {
    assert!(is_blank(grainy(240)));
    assert!(is_blank(grainy(190)), "grey paper");
    let mut page = grainy(235);
    disc(&mut page, 130, 1200, 35);
    disc(&mut page, 130, 2200, 35);
    fill(&mut page, 0.0, 0.0, 60.0, 3508.0);
    fill(&mut page, 0.0, 3480.0, 2480.0, 28.0);
    for i in 0..60 {
        fill(
            &mut page,
            (i * 397 % 2400) as f32,
            (i * 911 % 3400) as f32,
            3.0,
            3.0,
        );
    }
    assert!(is_blank(page));
}

#[test]
fn paper_shaded_from_side_to_side_is_blank() {
    let mut page = grainy(235);
    for (x, _, pixel) in page.enumerate_pixels_mut() {
        pixel[0] = (f32::from(pixel[0]) * (1.0 - 0.4 * x as f32 / 2480.0)) as u8;
    }
    assert!(is_blank(page));
}

#[test]
fn a_page_number_alone_is_not_blank() {
    let mut page = grainy(240);
    letter_u(&mut page, 1240.0, 3350.0, 300.0 / 25.4, 2.5);
    assert!(!is_blank(page));
}

#[test]
fn a_thin_pencil_stroke_of_words_is_not_blank() {
    let mut page = grainy(235);
    for i in 0..12 {
        let x = 800.0 + i as f32 * 40.0;
        for k in 0..30 {
            let (dx, dy) = (k as f32, if i % 2 == 0 { k as f32 } else { -(k as f32) });
            for (wx, wy) in [(0, 0), (1, 0), (0, 1)] {
                let (px, py) = ((x + dx) as u32 + wx, (1500.0 + dy) as u32 + wy);
                page.put_pixel(px, py, Luma([180]));
            }
        }
    }
    assert!(!is_blank(page));
}

#[test]
fn a_pale_red_stamp_alone_is_not_blank() {
    let mut page = RgbImage::from_pixel(2480, 3508, Rgb([248, 246, 240]));
    for (x, y, pixel) in page.enumerate_pixels_mut() {
        let from_middle = (x as f32 - 1500.0).hypot(y as f32 - 2400.0);
        if (110.0..118.0).contains(&from_middle) {
            *pixel = Rgb([235, 180, 180]);
        }
    }
    let stored = Raster {
        pixels: Pixels::Color(page),
        ..raster(GrayImage::new(1, 1), 300.0)
    };
    assert!(!clean(&stored, &Options::default()).blank);
}

#[test]
fn print_shining_through_is_blank_but_print_of_the_same_weakness_is_not() {
    let print = page_of_lines(300.0, 0.0);
    let blurred = image::imageops::fast_blur(&print, 3.5);
    let weak = |sharp: &GrayImage| {
        let mut page = grainy(235);
        for (pixel, ink) in page.iter_mut().zip(sharp.iter()) {
            *pixel -= ((250 - u32::from((*ink).min(250))) / 4) as u8;
        }
        page
    };
    assert!(is_blank(weak(&blurred)));
    assert!(!is_blank(weak(&print)));
}

#[test]
fn yellowed_uneven_paper_comes_out_white_and_its_ink_dark() {
    let print = page_of_lines(300.0, 0.0);
    let shaded = RgbImage::from_fn(print.width(), print.height(), |x, y| {
        let light = 1.0 - 0.35 * x as f32 / print.width() as f32;
        let ink = f32::from(print.get_pixel(x, y)[0]) / 250.0;
        Rgb([225.0, 205.0, 160.0].map(|v: f32| (v * light * ink) as u8))
    });
    let stored = Raster {
        pixels: Pixels::Color(shaded),
        ..raster(GrayImage::new(1, 1), 300.0)
    };
    let reading = clean(&stored, &Options::default()).reading;
    let count = |range: std::ops::Range<u8>| reading.iter().filter(|v| range.contains(v)).count();
    let (dark, middle) = (count(0..60), count(60..230));
    assert!(dark > 20_000, "{dark} dark pixels");
    assert!(middle < dark / 2 + reading.len() / 50, "{middle} between");
}

#[test]
fn pictures_of_any_size_are_taken() {
    for (w, h) in [(1, 1), (1, 5000), (5000, 1), (2, 3), (17, 900)] {
        let page = GrayImage::from_pixel(w, h, Luma([128]));
        for dpi in [
            None,
            Some(Dpi {
                x: 1.0,
                y: f32::NAN,
            }),
        ] {
            let stored = Raster {
                dpi,
                ..raster(page.clone(), 1.0)
            };
            let never_blank = Options {
                find_blank: false,
                ..Options::default()
            };
            let cleaned = clean(&stored, &never_blank);
            assert!(cleaned.dpi_estimated && !cleaned.blank);
            assert!(cleaned.reading.width() > 0 && cleaned.reading.height() > 0);
            clean(&stored, &Options::default());
        }
    }
}
