//! Lines of the sample dossiers: the line reader on one thread beside libtesseract, same model,
//! same pictures, in lines a second.

#[path = "../tests/line_pictures/mod.rs"]
mod line_pictures;

use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use line_pictures::{TESSDATA, images, sample};
use sohoa_lines::lstm::{LineReader, Processor};
use sohoa_tesseract::Engine;

/// Enough to fill the reader's dozens.
const LINES: usize = 96;

fn main() {
    divan::main();
}

#[divan::bench(args = Processor::available(), sample_count = 10)]
fn line_reader(bencher: Bencher<'_, '_>, processor: &Processor) {
    let model = std::fs::read(format!("{TESSDATA}/vie.traineddata")).expect("tesseract-ocr-vie");
    let reader = LineReader::with(&model, *processor).expect("Debian's model");
    let lines = sample(LINES);
    bencher
        .counter(ItemsCount::new(LINES))
        .bench_local(|| reader.read_lines(&images(&lines)));
}

/// Set `OMP_THREAD_LIMIT=1`, or it takes four threads.
#[divan::bench(sample_count = 3)]
fn libtesseract(bencher: Bencher<'_, '_>) {
    let mut engine = Engine::open(Path::new(TESSDATA), "vie").expect("tesseract-ocr-vie");
    engine.take_pictures_for_lines();
    let lines = sample(LINES);
    bencher.counter(ItemsCount::new(LINES)).bench_local(|| {
        for line in &lines {
            engine
                .set_picture(line.as_raw(), line.width(), line.height())
                .expect("a picture");
            engine.text().expect("a line is read");
        }
    });
}
