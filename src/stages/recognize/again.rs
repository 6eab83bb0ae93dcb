//! Doubtful lines read a second time, smaller in the network's height; the surer reading is kept.
//!
//! Ways that were measured on 1,109 doubtful lines stand in docs/benchmarks.md ("Doubtful lines read again"): of those
//! that need no other model, white above and below is the one that pays. All lines read so would be worse.

use sohoa_lines::find::LinePicture;
use sohoa_lines::lstm::ReadLine;

/// A line is doubtful whose least sure character is less sure than this…
const DOUBTFUL_BELOW_PCT: f32 = 65.0;
/// …and whose characters are surer than strokes are in the mean.
const WRITTEN_FROM_PCT: f32 = 50.0;
/// Rows of white above and below, as a share of the picture's height.
const MARGIN: f32 = 0.12;
/// The second reading is kept where its characters are surer by more than this in the mean.
const SURER_BY_PCT: f32 = 0.5;

/// Which of these lines are worth a second reading.
pub fn doubtful(read: &[ReadLine]) -> Vec<usize> {
    let is_doubtful = |line: &ReadLine| {
        let least = confidences_pct(line).fold(100.0, f32::min);
        least < DOUBTFUL_BELOW_PCT && mean_pct(line) >= WRITTEN_FROM_PCT
    };
    let numbered = read.iter().enumerate();
    let doubtful = numbered.filter(|(_, line)| is_doubtful(line));
    doubtful.map(|(number, _)| number).collect()
}

/// True where the second reading of a line is to be kept.
pub fn is_surer(again: &ReadLine, first: &ReadLine) -> bool {
    mean_pct(again) > mean_pct(first) + SURER_BY_PCT
}

/// The line with white above and below: its letters take fewer of the rows that the network sees.
pub fn with_margin(line: &LinePicture) -> LinePicture {
    let rows = (line.height_px as f32 * MARGIN).round() as usize;
    let white = vec![u8::MAX; rows * line.width_px];
    LinePicture {
        height_px: line.height_px + 2 * rows,
        pixels: [&white[..], &line.pixels, &white].concat(),
        closed_up: line.closed_up.clone(),
        ..*line
    }
}

/// How sure the characters of a line are in the mean; 0 of a line without any.
pub fn mean_pct(line: &ReadLine) -> f32 {
    let (sum, count) = confidences_pct(line).fold((0.0, 0), |(sum, n), pct| (sum + pct, n + 1));
    sum / count.max(1) as f32
}

fn confidences_pct(line: &ReadLine) -> impl Iterator<Item = f32> {
    let symbols = line.words.iter().flat_map(|word| &word.symbols);
    symbols.map(|symbol| symbol.confidence_pct())
}

#[cfg(test)]
mod tests {
    use sohoa_lines::lstm::{Known, LineWord, Symbol};

    use super::*;

    /// A line of one word whose characters are this sure.
    fn line(pcts: &[f32]) -> ReadLine {
        let symbols = pcts.iter().map(|pct| Symbol {
            text: "a".to_owned(),
            left_px: 0,
            right_px: 1,
            certainty: (pct - 100.0) / 35.0,
            alternatives: Vec::new(),
        });
        let word = LineWord {
            symbols: symbols.collect(),
            space_before: false,
            known: Known::Word,
            certainty: 0.0,
        };
        ReadLine {
            words: vec![word],
            inverted: false,
        }
    }

    #[test]
    fn a_line_with_an_unsure_character_is_doubtful_unless_it_is_no_line() {
        let lines = [
            line(&[98.0, 97.0]),
            line(&[98.0, 60.0]),
            line(&[40.0, 20.0]),
            ReadLine::default(),
        ];
        assert_eq!(doubtful(&lines), [1]);
    }

    #[test]
    fn the_first_reading_stays_unless_the_second_is_clearly_surer() {
        let first = line(&[90.0, 60.0]);
        assert!(is_surer(&line(&[90.0, 64.0]), &first));
        assert!(!is_surer(&line(&[90.0, 60.5]), &first));
        assert!(!is_surer(&ReadLine::default(), &first));
    }

    #[test]
    fn the_margin_is_white_and_the_line_stays_whole() {
        let line = LinePicture {
            pixels: vec![7; 3 * 50],
            width_px: 3,
            height_px: 50,
            left_px: 9,
            closed_up: None,
        };
        let wide = with_margin(&line);
        assert_eq!((wide.width_px, wide.height_px, wide.left_px), (3, 62, 9));
        assert_eq!(wide.pixels.len(), 3 * 62);
        assert_eq!(wide.pixels[3 * 6..3 * 56], line.pixels);
        let is_white = |pixels: &[u8]| pixels.iter().all(|value| *value == 255);
        assert!(is_white(&wide.pixels[..3 * 6]) && is_white(&wide.pixels[3 * 56..]));
    }
}
