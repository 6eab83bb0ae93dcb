//! From a network's steps to words: the best class of each step, repetitions and blanks taken out (CTC, Graves 2006).

use sohoa_lines::lstm::{Known, LineWord, ReadLine, Symbol};

use super::canvas::Canvas;

/// Other readings of a character that are told, and the least share of one.
const ALTERNATIVES: usize = 3;
const LEAST_SHARE: f32 = 0.01;
/// What counts as sure that the network is wholly unsure of; the logarithm of nothing is no number.
const LEAST_CERTAINTY: f32 = -20.0;
/// Shares of all classes are one in the sum, up to what float32 loses.
const SHARES_OFF: f32 = 0.01;

/// What the network says of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The likeliest class.
    pub class: usize,
    /// Its share, 0 to 1.
    pub share: f32,
    /// The next likely ones.
    pub others: Vec<(usize, f32)>,
}

impl Step {
    /// From one number a class: shares, or what becomes shares by softmax (also logarithms of shares).
    pub fn of_scores(scores: &[f32]) -> Self {
        let sum: f32 = scores.iter().sum();
        let are_shares = (sum - 1.0).abs() < SHARES_OFF && scores.iter().all(|share| *share >= 0.0);
        let best = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let all: f32 = scores.iter().map(|score| (score - best).exp()).sum();
        let share = |score: f32| match are_shares {
            true => score,
            false => (score - best).exp() / all,
        };
        let mut likely: Vec<(usize, f32)> = Vec::with_capacity(ALTERNATIVES + 2);
        for (class, score) in scores.iter().enumerate() {
            let at = likely.partition_point(|(_, other)| other >= score);
            if at <= ALTERNATIVES {
                likely.insert(at, (class, *score));
                likely.truncate(ALTERNATIVES + 1);
            }
        }
        let mut likely = likely
            .into_iter()
            .map(|(class, score)| (class, share(score)));
        let (class, first) = likely.next().unwrap_or((0, 0.0));
        Self {
            class,
            share: first,
            others: likely.filter(|(_, share)| *share >= LEAST_SHARE).collect(),
        }
    }
}

/// A character as it was heard.
struct Heard<'c> {
    text: &'c str,
    /// Middle of its steps, in steps.
    middle: f32,
    share: f32,
    others: &'c [(usize, f32)],
}

/// What a network's classes stand for.
pub struct Classes<'c> {
    /// The characters.
    pub characters: &'c [String],
    /// The class that stands for none.
    pub blank: usize,
}

impl<'c> Classes<'c> {
    /// All classes, the blank among them.
    pub fn count(&self) -> usize {
        self.characters.len() + 1
    }

    fn text(&self, class: usize) -> Option<&'c str> {
        let at = match class {
            class if class == self.blank => return None,
            class if class > self.blank => class - 1,
            class => class,
        };
        self.characters.get(at).map(String::as_str)
    }

    fn heard(&self, steps: &'c [Step]) -> Vec<Heard<'c>> {
        let mut begin = 0;
        let mut heard = Vec::new();
        for run in steps.chunk_by(|step, next| step.class == next.class) {
            let peak = run
                .iter()
                .reduce(|best, step| if step.share > best.share { step } else { best });
            if let (Some(peak), Some(text)) = (peak, self.text(run[0].class)) {
                heard.push(Heard {
                    text,
                    middle: begin as f32 + run.len() as f32 / 2.0,
                    share: peak.share,
                    others: &peak.others,
                });
            }
            begin += run.len();
        }
        heard
    }

    /// The words of a line whose steps are each so many columns of the canvas wide.
    pub fn read(&self, steps: &[Step], px_a_step: f32, canvas: &Canvas) -> ReadLine {
        let heard = self.heard(steps);
        let mut words: Vec<LineWord> = Vec::new();
        let mut space_before = true;
        for (at, character) in heard.iter().enumerate() {
            if character.text.trim().is_empty() {
                space_before = true;
                continue;
            }
            let (left, right) = bounds(&heard, at, steps.len());
            let symbol = self.symbol(character, canvas, (left * px_a_step, right * px_a_step));
            match words.last_mut().filter(|_| !space_before) {
                Some(word) => {
                    word.certainty = word.certainty.min(symbol.certainty);
                    word.symbols.push(symbol);
                }
                None => words.push(LineWord {
                    certainty: symbol.certainty,
                    symbols: vec![symbol],
                    space_before: true,
                    known: Known::Unknown,
                }),
            }
            space_before = false;
        }
        ReadLine {
            words,
            inverted: false,
        }
    }

    fn symbol(&self, heard: &Heard<'_>, canvas: &Canvas, (left, right): (f32, f32)) -> Symbol {
        let others = heard.others.iter();
        let others = others.filter_map(|(class, share)| Some((self.text(*class)?, *share)));
        Symbol {
            text: heard.text.to_owned(),
            left_px: canvas.in_line(left),
            right_px: canvas.in_line(right),
            // A network that tells no number is as unsure as can be.
            certainty: heard
                .share
                .ln()
                .clamp(LEAST_CERTAINTY, 0.0)
                .max(LEAST_CERTAINTY),
            alternatives: others
                .map(|(text, share)| (text.to_owned(), share))
                .collect(),
        }
    }
}

/// From half-way to the last character to half-way to the next. CTC hears a character somewhere on it, not from its
/// begin to its end.
fn bounds(heard: &[Heard<'_>], at: usize, steps: usize) -> (f32, f32) {
    let own = heard[at].middle;
    let before = at.checked_sub(1).map(|before| heard[before].middle);
    let after = heard.get(at + 1).map(|after| after.middle);
    let half = |other: f32| (other - own).abs() / 2.0;
    let to_left = before.or(after).map_or(own, half);
    let to_right = after.or(before).map_or(steps as f32 - own, half);
    ((own - to_left).max(0.0), (own + to_right).min(steps as f32))
}

#[cfg(test)]
mod tests {
    use sohoa_lines::find::LinePicture;

    use super::super::fit::Fit;
    use super::super::settings::Settings;
    use super::*;

    fn steps(classes: &[(usize, f32)]) -> Vec<Step> {
        let step = |&(class, share): &(usize, f32)| Step {
            class,
            share,
            others: vec![(1, 0.05)],
        };
        classes.iter().map(step).collect()
    }

    /// A canvas of 80 columns for a line of 160.
    fn canvas() -> Canvas {
        let line = LinePicture {
            pixels: vec![255; 160 * 16],
            width_px: 160,
            height_px: 16,
            left_px: 0,
            closed_up: None,
        };
        let fit = Fit {
            channels: 1,
            height_px: 8,
            width_px: None,
            max_width_px: 400,
        };
        Canvas::of(&line, &fit, &Settings::default()).expect("a line")
    }

    #[test]
    fn repetitions_are_one_a_blank_parts_two_and_a_space_parts_words() {
        let characters = ["a", "b", " "].map(str::to_owned);
        let classes = Classes {
            characters: &characters,
            blank: 0,
        };
        // a a · a b · space · b ·
        let steps = steps(&[
            (1, 0.9),
            (1, 0.5),
            (0, 1.0),
            (1, 0.8),
            (2, 0.7),
            (0, 1.0),
            (3, 1.0),
            (0, 1.0),
            (2, f32::NAN),
            (0, 1.0),
        ]);
        let read = classes.read(&steps, 8.0, &canvas());
        assert_eq!(read.text(), "aab b");
        let word = &read.words[0];
        assert_eq!(word.symbols.len(), 3);
        assert!((word.symbols[0].certainty - 0.9_f32.ln()).abs() < 1e-6);
        assert!((word.certainty - 0.7_f32.ln()).abs() < 1e-6);
        assert_eq!(word.symbols[2].alternatives, [("a".to_owned(), 0.05)]);
        let bounds: Vec<_> = word
            .symbols
            .iter()
            .map(|symbol| (symbol.left_px, symbol.right_px))
            .collect();
        assert_eq!(bounds, [(0, 36), (36, 64), (64, 88)]);
        assert!(read.words[1].left_px() > word.right_px());
        assert_eq!(read.words[1].certainty, LEAST_CERTAINTY);
    }

    #[test]
    fn the_blank_may_stand_behind_the_characters() {
        let characters = ["a", "b"].map(str::to_owned);
        let classes = Classes {
            characters: &characters,
            blank: 2,
        };
        let read = classes.read(&steps(&[(2, 1.0), (0, 1.0), (1, 1.0)]), 8.0, &canvas());
        assert_eq!(read.text(), "ab");
    }

    #[test]
    fn shares_logarithms_and_raw_scores_give_the_same_shares() {
        let shares = [0.05_f32, 0.9, 0.05];
        let logarithms = shares.map(f32::ln);
        let raw = logarithms.map(|score| score + 7.0);
        for scores in [shares, logarithms, raw] {
            let step = Step::of_scores(&scores);
            assert_eq!(step.class, 1);
            assert!((step.share - 0.9).abs() < 1e-4, "{step:?}");
            assert_eq!(step.others.len(), 2);
        }
    }
}
