//! The pictures, drawn by plotters as SVG that stands in the page: bars, a line, columns.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use time::Date;

use crate::rates::fraction::vietnamese;
use crate::rates::period::vietnamese_day;
use crate::rates::{Percent, Row};

const WIDTH_PX: u32 = 700;
const INK: RGBColor = RGBColor(31, 41, 51);
const GRID: RGBColor = RGBColor(197, 204, 211);
const REACHED: RGBColor = RGBColor(47, 125, 80);
const SHORT: RGBColor = RGBColor(181, 71, 8);
const PLAIN: RGBColor = RGBColor(42, 94, 152);
/// Room for names left of bars: some 34 letters of 12 px as browsers draw them.
const NAMES_PX: i32 = 250;
const BAR_PX: i32 = 26;
/// Letters of a name that fit there.
const LETTERS: usize = 34;

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawn<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

/// Draws into a string. A picture in memory fails only by a mistake of ours.
fn svg(height_px: u32, label: &str, draw: impl FnOnce(&Area<'_>) -> Result<(), String>) -> String {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (WIDTH_PX, height_px)).into_drawing_area();
        draw(&area)
            .and_then(|()| area.present().map_err(|error| error.to_string()))
            .expect("drawing into memory");
    }
    let label = label
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    text.replacen(
        "<svg ",
        &format!("<svg role=\"img\" aria-label=\"{label}\" "),
        1,
    )
}

fn text_style<'a>(size_px: i32, colour: &'a RGBColor, at: HPos) -> TextStyle<'a> {
    ("sans-serif", size_px)
        .into_text_style(&(WIDTH_PX, 100))
        .with_color(colour)
        .with_anchor::<RGBColor>(Pos::new(at, VPos::Center))
        .into_text_style(&(WIDTH_PX, 100))
}

/// A bar for each unit, a tick at its own target; the value stands behind the bar.
pub fn bullets(rows: &[&Row], label: &str) -> String {
    let height_px = rows.len() as u32 * BAR_PX as u32 + 34;
    svg(height_px, label, |area| {
        let foot_px = height_px as i32 - 26;
        let scale = f64::from(WIDTH_PX as i32 - NAMES_PX - 70) / 10_000.0;
        let x = |hundredths: u64| NAMES_PX + (hundredths as f64 * scale).round() as i32;
        (|| -> Drawn<'_> {
            for tenth in 0..=5 {
                let at = x(tenth * 2_000);
                area.draw(&PathElement::new(vec![(at, 4), (at, foot_px)], GRID))?;
                let name = format!("{} %", tenth * 20);
                let style = text_style(14, &INK, HPos::Center);
                area.draw(&Text::new(name, (at, foot_px + 12), style))?;
            }
            for (n, row) in (0..).zip(rows) {
                bullet(area, row, 4 + n * BAR_PX, &x)?;
            }
            Ok(())
        })()
        .map_err(|error| error.to_string())
    })
}

fn bullet<'a>(area: &Area<'a>, row: &Row, top_px: i32, x: &dyn Fn(u64) -> i32) -> Drawn<'a> {
    let middle_px = top_px + BAR_PX / 2;
    let name: String = row.name.chars().take(LETTERS).collect();
    let left = text_style(15, &INK, HPos::Right);
    area.draw(&Text::new(name, (NAMES_PX - 6, middle_px), left))?;
    let rate = row.counted.rate.hundredths();
    let colour = match row.reached {
        Some(true) => REACHED,
        Some(false) => SHORT,
        None => PLAIN,
    };
    let end_px = x(rate.unwrap_or(0));
    let bar = [(x(0), top_px + 6), (end_px, top_px + BAR_PX - 6)];
    area.draw(&Rectangle::new(bar, colour.filled()))?;
    if let Some(target) = row.target {
        let at = x(target.hundredths().into());
        let tick = vec![(at, top_px + 2), (at, top_px + BAR_PX - 2)];
        area.draw(&PathElement::new(tick, INK.stroke_width(3)))?;
    }
    let shown = rate.map_or("không có".to_owned(), |rate| {
        format!("{} %", vietnamese(rate))
    });
    let right = text_style(15, &INK, HPos::Left);
    area.draw(&Text::new(shown, (x(10_000) + 6, middle_px), right))
}

/// A rate over the days, and the target it is to reach.
pub fn line(days: &[(Date, u64)], target: Option<Percent>, label: &str) -> String {
    let height_px = 240;
    svg(height_px, label, |area| {
        let (left, right, top, foot) = (52, WIDTH_PX as i32 - 14, 10, height_px as i32 - 30);
        let y = |hundredths: u64| {
            foot - (hundredths as f64 / 10_000.0 * f64::from(foot - top)).round() as i32
        };
        let span = f64::from((days.len().max(2) - 1) as u32);
        let x = |n: usize| left + (n as f64 / span * f64::from(right - left)).round() as i32;
        (|| -> Drawn<'_> {
            for tenth in 0..=5 {
                let at = y(tenth * 2_000);
                area.draw(&PathElement::new(vec![(left, at), (right, at)], GRID))?;
                let style = text_style(14, &INK, HPos::Right);
                area.draw(&Text::new(
                    format!("{} %", tenth * 20),
                    (left - 6, at),
                    style,
                ))?;
            }
            if let Some(target) = target {
                let at = y(target.hundredths().into());
                area.draw(&PathElement::new(
                    vec![(left, at), (right, at)],
                    SHORT.stroke_width(2),
                ))?;
            }
            let points: Vec<(i32, i32)> = (days.iter().enumerate())
                .map(|(n, (_, rate))| (x(n), y(*rate)))
                .collect();
            area.draw(&PathElement::new(points, PLAIN.stroke_width(3)))?;
            day_names(area, days.iter().map(|(day, _)| *day), &x, foot + 14)
        })()
        .map_err(|error| error.to_string())
    })
}

/// First, middle and last day.
fn day_names<'a>(
    area: &Area<'a>,
    days: impl Iterator<Item = Date>,
    x: &dyn Fn(usize) -> i32,
    at_px: i32,
) -> Drawn<'a> {
    let days: Vec<Date> = days.collect();
    let last = days.len().saturating_sub(1);
    let mut told: Vec<(usize, HPos)> = vec![(0, HPos::Left)];
    if last >= 2 {
        told.push((last / 2, HPos::Center));
    }
    if last >= 1 {
        told.push((last, HPos::Right));
    }
    for (n, anchor) in told {
        if let Some(day) = days.get(n) {
            let style = text_style(14, &INK, anchor);
            area.draw(&Text::new(vietnamese_day(*day), (x(n), at_px), style))?;
        }
    }
    Ok(())
}

/// A column for each day.
pub fn columns(days: &[(Date, u64)], label: &str) -> String {
    let height_px = 200;
    svg(height_px, label, |area| {
        let (left, right, top, foot) = (62, WIDTH_PX as i32 - 14, 14, height_px as i32 - 30);
        let highest = days
            .iter()
            .map(|(_, value)| *value)
            .max()
            .unwrap_or(0)
            .max(1);
        let step = f64::from(right - left) / days.len().max(1) as f64;
        let x = |n: usize| left + (n as f64 * step).round() as i32;
        let y = |value: u64| {
            foot - (value as f64 / highest as f64 * f64::from(foot - top)).round() as i32
        };
        (|| -> Drawn<'_> {
            for value in [0, highest] {
                let at = y(value);
                area.draw(&PathElement::new(vec![(left, at), (right, at)], GRID))?;
                let style = text_style(14, &INK, HPos::Right);
                let name = super::sections::whole(value);
                area.draw(&Text::new(name, (left - 6, at), style))?;
            }
            for (n, (_, value)) in days.iter().enumerate() {
                let gap = i32::from(step > 4.0);
                let bar = [(x(n) + gap, y(*value)), (x(n + 1) - gap, foot)];
                area.draw(&Rectangle::new(bar, PLAIN.filled()))?;
            }
            day_names(area, days.iter().map(|(day, _)| *day), &x, foot + 14)
        })()
        .map_err(|error| error.to_string())
    })
}

/// A bar for each name with its number; `marked` bars are those below a threshold.
pub fn bars(rows: &[(String, u64, bool)], label: &str) -> String {
    let height_px = rows.len() as u32 * BAR_PX as u32 + 8;
    let highest = rows.iter().map(|row| row.1).max().unwrap_or(0).max(1);
    svg(height_px, label, |area| {
        let width = f64::from(WIDTH_PX as i32 - NAMES_PX - 70);
        (|| -> Drawn<'_> {
            for (n, (name, value, marked)) in (0..).zip(rows) {
                let (top_px, middle_px) = (4 + n * BAR_PX, 4 + n * BAR_PX + BAR_PX / 2);
                let name: String = name.chars().take(LETTERS).collect();
                let left = text_style(15, &INK, HPos::Right);
                area.draw(&Text::new(name, (NAMES_PX - 6, middle_px), left))?;
                let end = NAMES_PX + (*value as f64 / highest as f64 * width).round() as i32;
                let colour = if *marked { SHORT } else { PLAIN };
                let bar = [(NAMES_PX, top_px + 5), (end, top_px + BAR_PX - 5)];
                area.draw(&Rectangle::new(bar, colour.filled()))?;
                let right = text_style(15, &INK, HPos::Left);
                let value = super::sections::whole(*value);
                area.draw(&Text::new(value, (end + 6, middle_px), right))?;
            }
            Ok(())
        })()
        .map_err(|error| error.to_string())
    })
}
