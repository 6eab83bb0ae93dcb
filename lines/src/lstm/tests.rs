//! The line reader on a small drawn model: the same on every processor, and never a panic.

use crate::traineddata::specimen::{SOUND, Specimen};

use super::*;

/// Pictures of stripes, as no text looks, of several sizes.
fn pictures() -> Vec<(Vec<u8>, usize, usize)> {
    let sizes = [
        (60, 36),
        (200, 70),
        (31, 20),
        (90, 36),
        (150, 55),
        (4, 36),
        (10, 9),
        (33, 18),
    ];
    let draw = |(width, height): (usize, usize)| {
        let pixel = |index: usize| {
            let (x, y) = (index % width, index / width);
            (40 + (x * x / 7 + y * 13 + x * y) % 180) as u8
        };
        ((0..width * height).map(pixel).collect(), width, height)
    };
    sizes.map(draw).to_vec()
}

fn images(pictures: &[(Vec<u8>, usize, usize)]) -> Vec<LineImage<'_>> {
    pictures
        .iter()
        .map(|(pixels, width, height)| LineImage::whole(pixels, *width, *height))
        .collect()
}

#[test]
fn all_processors_read_the_same_to_the_bit() {
    let pictures = pictures();
    for cells in [5, 16, 33] {
        let file = Specimen { cells, ..SOUND }.file();
        let read = |processor| {
            let reader = LineReader::with(&file, processor).expect("a sound model");
            let lines = images(&pictures);
            (reader.outputs(&lines), reader.read_lines(&lines))
        };
        let portable = read(Processor::Portable);
        assert!(portable.0[0].shares.iter().any(|share| *share > 0.2));
        for processor in Processor::available() {
            assert!(read(processor) == portable, "{processor:?}");
        }
    }
}

#[test]
fn every_architecture_reads_the_same_to_the_bit() {
    let pictures = pictures();
    let file = Specimen { cells: 33, ..SOUND }.file();
    let reader = LineReader::new(&file).expect("a sound model");
    let outputs = reader.outputs(&images(&pictures));
    let shares = outputs.iter().flat_map(|outputs| &outputs.shares);
    let fold =
        |sum: u64, share: &f32| (sum ^ u64::from(share.to_bits())).wrapping_mul(0x100_0000_01b3);
    // As x86-64 reads.
    assert_eq!(shares.fold(0, fold), 0x6b80_2ff0_59cb_7888);
}

#[test]
fn a_line_reads_the_same_alone_and_among_others() {
    let reader = LineReader::new(&SOUND.file()).expect("a sound model");
    let pictures = pictures();
    let lines = images(&pictures);
    let together = reader.outputs(&lines);
    for (line, together) in lines.iter().zip(together) {
        assert!(reader.outputs(&[*line])[0] == together);
    }
}

#[test]
fn a_line_may_be_looked_at_on_its_page() {
    let reader = LineReader::new(&SOUND.file()).expect("a sound model");
    let (page, width, height) = &pictures()[1];
    let part = |stride_px, pixels| LineImage {
        pixels,
        width_px: 80,
        height_px: 40,
        stride_px,
    };
    let cut: Vec<u8> = (0..40)
        .flat_map(|y| &page[y * width..][..80])
        .copied()
        .collect();
    assert!(*height > 40);
    let outputs = reader.outputs(&[part(*width, page), part(80, &cut)]);
    assert_eq!(outputs[0], outputs[1]);
}

#[test]
fn what_is_no_line_has_no_words() {
    let reader = LineReader::new(&SOUND.file()).expect("a sound model");
    let pixels = vec![200; 4000];
    let sizes = [(0, 0), (5, 0), (1, 36), (2, 1999), (4000, 2), (4000, 1)];
    let lines = sizes.map(|(width, height)| LineImage::whole(&pixels, width, height));
    for line in reader.read_lines(&lines) {
        assert!(line.words.is_empty());
    }
}

#[test]
fn float_weights_are_rounded_and_read() {
    let file = Specimen {
        float: true,
        ..SOUND
    };
    let reader = LineReader::new(&file.file()).expect("a sound model");
    let pictures = pictures();
    let outputs = reader.outputs(&images(&pictures));
    let steps = outputs[1].steps().len();
    assert_eq!(steps, (200.0 * 36.0 / 70.0 + 0.5) as usize / 3);
    for shares in outputs.iter().flat_map(Outputs::steps) {
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}

#[test]
fn a_model_with_any_byte_changed_reads_something_or_is_refused() {
    let sound = SOUND.file();
    let pictures = pictures();
    let lines = &images(&pictures)[..1];
    let mut read = 0;
    for place in (0..sound.len()).step_by(3) {
        let mut file = sound.clone();
        file[place] ^= 0x81;
        if let Ok(reader) = LineReader::with(&file, Processor::Portable) {
            assert_eq!(reader.read_lines(lines).len(), 1);
            read += 1;
        }
    }
    assert!(read > 100);
}

#[test]
fn networks_of_another_form_are_refused() {
    let mut file = SOUND.file();
    let place = file
        .windows(7)
        .position(|part| part == b"Softmax")
        .expect("a softmax");
    file[place..place + 7].copy_from_slice(b"Softmay");
    let fault = LineReader::new(&file).map(|_| ()).expect_err("no softmax");
    assert!(matches!(fault, ModelFault::Unsupported { .. }));
}
