//! Reads a page with every kernel of this machine, so that scripts/test-neon may compare what machines read.
//!
//!     read_page MODEL.traineddata PAGE.png DPI
//!
//! Each line of the page is a line of the output: a digest of what the network gave and of the words with all that is
//! known of them, then its text. The kernels' names go to standard error. Ends with 1 where two kernels differ.

use std::error::Error;
use std::hash::{DefaultHasher, Hash, Hasher};

use sohoa_lines::find::{LinePicture, find_lines};
use sohoa_lines::lstm::{LineImage, LineReader, Outputs, Processor, ReadLine};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, page, dpi] = arguments.as_slice() else {
        return Err("read_page MODEL.traineddata PAGE.png DPI".into());
    };
    let model = std::fs::read(model)?;
    let pictures = cut(page, dpi.parse()?)?;
    if pictures.is_empty() {
        return Err("no line is found on the page".into());
    }
    let portable = read(&model, &pictures, Processor::Portable)?;
    for processor in Processor::available() {
        eprintln!("{processor:?}");
        let is_other = processor != Processor::Portable;
        if is_other && read(&model, &pictures, processor)? != portable {
            return Err(format!("{processor:?} reads otherwise than the portable kernel").into());
        }
    }
    portable.iter().for_each(|line| println!("{line}"));
    Ok(())
}

/// The pictures of a page's lines.
fn cut(page: &str, dpi: u32) -> Result<Vec<LinePicture>, image::ImageError> {
    let pixels = image::open(page)?.to_luma8();
    let found = find_lines(&pixels, dpi);
    let lines = 0..found.lines.len();
    Ok(lines.map(|number| found.cut(&pixels, number)).collect())
}

/// What one kernel reads in each line.
fn read(
    model: &[u8],
    pictures: &[LinePicture],
    processor: Processor,
) -> Result<Vec<String>, Box<dyn Error>> {
    let reader = LineReader::with(model, processor)?;
    let lines = pictures
        .iter()
        .map(|picture| LineImage::whole(&picture.pixels, picture.width_px, picture.height_px));
    let lines: Vec<LineImage<'_>> = lines.collect();
    let outputs = reader.outputs(&lines);
    let read = reader.read_lines(&lines);
    Ok(outputs
        .iter()
        .zip(&read)
        .map(|(outputs, line)| told(outputs, line))
        .collect())
}

fn told(outputs: &Outputs, line: &ReadLine) -> String {
    let mut digest = DefaultHasher::new();
    for share in &outputs.shares {
        share.to_bits().hash(&mut digest);
    }
    format!("{line:?}").hash(&mut digest);
    format!("{:016x} {}", digest.finish(), line.text())
}
