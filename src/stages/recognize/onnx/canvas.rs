//! A line's picture as the network is to see it: in its height, with paper around it, as its numbers.

use image::imageops::{FilterType, replace, resize};
use image::{GrayImage, Luma};
use sohoa_lines::find::LinePicture;

use super::fit::Fit;
use super::settings::Settings;

/// What the network sees of a line, and where the line lies in it.
pub struct Canvas {
    /// Row by row.
    pub grey: GrayImage,
    /// Columns up to the end of the line and its margins; what follows only fills up.
    pub used_px: u32,
    /// The column in which the line's picture begins.
    left_px: u32,
    /// Columns of the line's picture to one here.
    scale: f32,
    width_px: u32,
}

impl Canvas {
    /// None for a line without extent.
    pub fn of(line: &LinePicture, fit: &Fit, settings: &Settings) -> Option<Self> {
        let (width_px, height_px) = (line.width_px as u32, line.height_px as u32);
        if width_px == 0 || height_px == 0 {
            return None;
        }
        let inner_h_px = fit.height_px as f32 / (1.0 + 2.0 * settings.margin_y);
        let inner_h_px = (inner_h_px.round() as u32).max(1);
        let margin_px = (inner_h_px as f32 * settings.margin_x).round() as u32;
        let room_px = fit.max_width_px.saturating_sub(2 * margin_px).max(1);
        let natural = width_px as f32 * inner_h_px as f32 / height_px as f32;
        let inner_w_px = (natural.round() as u32).clamp(1, room_px);
        let used_px = (inner_w_px + 2 * margin_px).min(fit.max_width_px);
        let grey = GrayImage::from_raw(width_px, height_px, line.pixels.clone())
            .expect("as many pixels as the line's sides say");
        let small = resize(&grey, inner_w_px, inner_h_px, FilterType::Triangle);
        let mut grey =
            GrayImage::from_pixel(fit.width_for(used_px, settings), fit.height_px, Luma([255]));
        let top_px = (fit.height_px - inner_h_px) / 2;
        replace(&mut grey, &small, margin_px.into(), top_px.into());
        Some(Self {
            grey,
            used_px,
            left_px: margin_px,
            scale: width_px as f32 / inner_w_px as f32,
            width_px,
        })
    }

    /// A column here, in columns of the line's picture.
    pub fn in_line(&self, column_px: f32) -> u32 {
        let column_px = (column_px - self.left_px as f32) * self.scale;
        (column_px.round().max(0.0) as u32).min(self.width_px)
    }

    /// The numbers for the network, the same for each channel.
    pub fn values(&self, channels: usize, settings: &Settings) -> Vec<f32> {
        let step = (settings.paper - settings.ink) / 255.0;
        let of_grey = |grey: &u8| settings.ink + step * f32::from(*grey);
        let one: Vec<f32> = self.grey.as_raw().iter().map(of_grey).collect();
        one.repeat(channels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIT: Fit = Fit {
        channels: 1,
        height_px: 32,
        width_px: None,
        max_width_px: 400,
    };

    fn line(width_px: usize, height_px: usize) -> LinePicture {
        LinePicture {
            pixels: vec![0; width_px * height_px],
            width_px,
            height_px,
            left_px: 0,
            closed_up: None,
        }
    }

    #[test]
    fn a_line_stands_in_the_middle_of_its_margins_and_columns_find_their_way_back() {
        let settings = Settings {
            margin_y: 0.5,
            margin_x: 0.25,
            width_multiple_px: 8,
            tail_px: 8,
            ..Settings::default()
        };
        let canvas = Canvas::of(&line(100, 40), &FIT, &settings).expect("a line");
        // 16 of 32 rows, 40 columns, 4 of paper at each end; 48 + 8 is a multiple of 8.
        assert_eq!((canvas.used_px, canvas.grey.dimensions()), (48, (56, 32)));
        let at = |x, y| canvas.grey.get_pixel(x, y).0[0];
        assert_eq!([at(4, 8), at(43, 23)], [0, 0]);
        assert_eq!([at(3, 8), at(44, 8), at(4, 7), at(4, 24)], [255; 4]);
        assert_eq!(
            [0.0, 4.0, 24.0, 44.0, 56.0].map(|x| canvas.in_line(x)),
            [0, 0, 50, 100, 100]
        );
    }

    #[test]
    fn a_line_that_is_too_wide_is_squeezed_and_one_without_extent_is_none() {
        let canvas = Canvas::of(&line(4000, 40), &FIT, &Settings::default()).expect("a line");
        assert_eq!((canvas.used_px, canvas.grey.width()), (400, 400));
        assert_eq!(canvas.in_line(200.0), 2000);
        assert!(Canvas::of(&line(0, 40), &FIT, &Settings::default()).is_none());
    }

    #[test]
    fn grey_becomes_what_the_settings_say() {
        let settings = Settings {
            paper: 0.0,
            ink: 1.0,
            margin_x: 0.5,
            ..Settings::default()
        };
        let canvas = Canvas::of(&line(40, 40), &FIT, &settings).expect("a line");
        let values = canvas.values(3, &settings);
        assert_eq!(values.len(), 3 * 32 * 64);
        assert_eq!(
            [values[0], values[32], values[32 * 64 + 32]],
            [0.0, 1.0, 1.0]
        );
    }
}
