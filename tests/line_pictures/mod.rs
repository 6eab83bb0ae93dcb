//! Pictures of lines cut out of the sample dossiers, for the line reader's test and its bench.

use std::path::Path;

use image::GrayImage;
use image::imageops::{FilterType, crop_imm, resize};
use sohoa_lines::lstm::LineImage;
use walkdir::WalkDir;

/// Where Debian puts the models.
pub const TESSDATA: &str = "/usr/share/tesseract-ocr/5/tessdata";
/// Pages are looked at in these sizes, so that pictures are made smaller and larger by all ways.
const SIZES_PCT: [u32; 4] = [100, 70, 45, 22];

/// The pages of the sample dossiers that are single pictures.
fn pages() -> Vec<GrayImage> {
    let dossiers = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/dossiers");
    let files = WalkDir::new(dossiers).sort_by_file_name();
    let picture = |path: &Path| {
        let extension = path.extension()?.to_str()?;
        ["jpg", "png"]
            .contains(&extension)
            .then(|| image::open(path))
    };
    let files = files.into_iter().map(|file| file.expect("a fixture"));
    let found = files.filter_map(|file| picture(file.path()));
    found
        .map(|page| page.expect("a picture").to_luma8())
        .collect()
}

/// Bands of rows with ink in them, cut out: lines of text, and now and then something else, which
/// must be read alike as well.
fn lines(page: &GrayImage) -> Vec<GrayImage> {
    let (width, height) = page.dimensions();
    let ink = |y: u32| (0..width).filter(move |x| page.get_pixel(*x, y)[0] < 128);
    let mut lines = Vec::new();
    let mut begin = None;
    for y in 0..height {
        let inked = y + 1 < height && ink(y).count() > 2;
        match (begin, inked) {
            (None, true) => begin = Some(y),
            (Some(top), false) => {
                begin = None;
                let columns = (top..y).flat_map(ink);
                let ends = columns.fold((width, 0), |(left, right), x| (left.min(x), right.max(x)));
                let (left, top) = (ends.0.saturating_sub(4), top.saturating_sub(3));
                let (right, bottom) = ((ends.1 + 5).min(width), (y + 3).min(height));
                if bottom - top > 9 && bottom - top < 150 && right - left > 30 {
                    lines.push(crop_imm(page, left, top, right - left, bottom - top).to_image());
                }
            }
            _ => {}
        }
    }
    lines
}

/// Of all lines in all sizes, as many as are asked for, from everywhere.
pub fn sample(count: usize) -> Vec<GrayImage> {
    let pages = pages();
    let sized = SIZES_PCT.into_iter().flat_map(|percent| {
        pages.iter().flat_map(move |page| {
            let size = |px: u32| px * percent / 100;
            let (width, height) = (size(page.width()), size(page.height()));
            lines(&resize(page, width, height, FilterType::Triangle))
        })
    });
    let all: Vec<GrayImage> = sized.collect();
    assert!(all.len() >= count, "only {} lines", all.len());
    let step = all.len() / count;
    all.into_iter().step_by(step).take(count).collect()
}

/// Pictures as the line reader takes them.
pub fn images(lines: &[GrayImage]) -> Vec<LineImage<'_>> {
    let size = |line: &GrayImage| (line.width() as usize, line.height() as usize);
    let sized = lines.iter().map(|line| (line, size(line)));
    sized
        .map(|(line, (width_px, height_px))| LineImage::whole(line, width_px, height_px))
        .collect()
}
