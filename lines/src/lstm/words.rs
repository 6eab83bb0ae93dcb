//! From the best reading to words: where each stands in the line, how sure it is, what else it
//! might be.

use crate::traineddata::Charset;

use super::codes::{BEGIN, CodeTree};
use super::dictionary::Kind;
use super::forward::Outputs;
use super::search::Node;

const SPACE: u32 = 0;
/// What libtesseract makes of a logarithm to give percent: 100 − 5 × 7 × as much below certain.
const PERCENT_A_CERTAINTY: f32 = 35.0;
/// Other readings of a character that are told.
const ALTERNATIVES: usize = 3;
/// With a smaller share an output is no other reading.
const LEAST_SHARE: f32 = 0.01;

/// What was read in a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadLine {
    /// Its words from left to right.
    pub words: Vec<LineWord>,
    /// It was read light on dark.
    pub inverted: bool,
}

/// A word of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct LineWord {
    /// Its characters.
    pub symbols: Vec<Symbol>,
    /// Whether a space stands before it; punctuation that the dictionary knows apart has none.
    pub space_before: bool,
    /// In which word list the whole word is found.
    pub known: Known,
    /// The logarithm of how sure its least sure character is, or the space beside it.
    pub certainty: f32,
}

/// What the dictionary says of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    Unknown,
    /// A word, perhaps with punctuation.
    Word,
    /// A number, perhaps with punctuation.
    Number,
    /// Nothing but punctuation.
    Punctuation,
}

/// A character of a word.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// Its text.
    pub text: String,
    /// Where it begins, in pixels of the line's picture.
    pub left_px: u32,
    /// Where it ends.
    pub right_px: u32,
    /// The logarithm of how sure it is.
    pub certainty: f32,
    /// Other characters that the network saw in its place, each with its largest share.
    pub alternatives: Vec<(String, f32)>,
}

impl ReadLine {
    /// The line as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for word in &self.words {
            if word.space_before && !text.is_empty() {
                text.push(' ');
            }
            text.extend(word.symbols.iter().map(|symbol| symbol.text.as_str()));
        }
        text
    }
}

impl LineWord {
    /// The word as text.
    pub fn text(&self) -> String {
        self.symbols
            .iter()
            .map(|symbol| symbol.text.as_str())
            .collect()
    }

    /// Its confidence as libtesseract counts it, from 0 to 100.
    pub fn confidence_pct(&self) -> f32 {
        (100.0 + PERCENT_A_CERTAINTY * self.certainty).clamp(0.0, 100.0)
    }

    /// Where it begins, in pixels of the line's picture.
    pub fn left_px(&self) -> u32 {
        self.symbols.first().map_or(0, |symbol| symbol.left_px)
    }

    /// Where it ends.
    pub fn right_px(&self) -> u32 {
        self.symbols.last().map_or(0, |symbol| symbol.right_px)
    }
}

impl Symbol {
    /// How sure it is, from 0 to 100, as for a word.
    pub fn confidence_pct(&self) -> f32 {
        (100.0 + PERCENT_A_CERTAINTY * self.certainty).clamp(0.0, 100.0)
    }
}

/// What words are made of.
pub struct Material<'a> {
    pub charset: &'a Charset,
    pub tree: &'a CodeTree,
    pub outputs: &'a Outputs,
    /// Pixels of the line's picture to one step.
    pub px_a_step: f32,
    /// Width of the line's picture.
    pub width_px: usize,
}

/// A character of a reading, in steps.
struct Character {
    glyph: u32,
    /// The step that completes it.
    step: usize,
    /// One step beyond its last.
    end: usize,
    certainty: f64,
}

/// The words of a reading.
pub fn words(path: &[Node], material: &Material<'_>) -> Vec<LineWord> {
    let characters = characters(path);
    let bounds = bounds(&characters, path);
    let mut words = Vec::new();
    let mut space_before = 0.0;
    let mut start = 0;
    while start < characters.len() {
        // Two spaces in a row, or one at the begin of the line, make no word.
        if characters[start].glyph == SPACE {
            start += 1;
            continue;
        }
        let end = word_end(&characters, path, start, material.charset);
        let space = characters.get(end).filter(|next| next.glyph == SPACE);
        let space_after = space.map_or(0.0, |space| space.certainty as f32);
        let symbols: Vec<Symbol> = (start..end)
            .map(|index| {
                symbol(
                    &characters[index],
                    bounds[index]..bounds[index + 1],
                    material,
                )
            })
            .collect();
        let least = symbols.iter().map(|symbol| symbol.certainty);
        let least = least.fold(space_after.min(space_before), f32::min);
        words.push(LineWord {
            symbols,
            space_before: start > 0 && characters[start - 1].glyph == SPACE,
            known: known(path[characters[end - 1].step].kind),
            certainty: least,
        });
        space_before = space_after;
        start = end + usize::from(space.is_some());
    }
    words
}

/// A word ends before a space, and where the dictionary or a script without spaces begins another.
fn word_end(characters: &[Character], path: &[Node], start: usize, charset: &Charset) -> usize {
    let spaced = |character: &Character| {
        let glyph = charset.glyph(character.glyph);
        glyph.is_none_or(|glyph| glyph.spaced)
    };
    let ends = |index: &usize| {
        let own = &characters[*index];
        let node = &path[own.step];
        let apart = !spaced(own) || !spaced(&characters[index - 1]);
        own.glyph == SPACE || node.begins_word || (node.kind == Kind::Free && apart)
    };
    (start + 1..characters.len())
        .find(ends)
        .unwrap_or(characters.len())
}

fn known(kind: Kind) -> Known {
    match kind {
        Kind::Word => Known::Word,
        Kind::Number => Known::Number,
        Kind::Punctuation => Known::Punctuation,
        Kind::None | Kind::Free => Known::Unknown,
    }
}

/// The characters of a reading. Each is as certain as its least certain step, among them those of
/// "none" before it; before a space these are counted for the character before.
fn characters(path: &[Node]) -> Vec<Character> {
    let mut found: Vec<Character> = Vec::new();
    let mut step = 0;
    while step < path.len() {
        let mut certainty = 0.0;
        while step < path.len() && path[step].glyph().is_none() {
            certainty = f64::from(path[step].certainty).min(certainty);
            step += 1;
        }
        let Some(glyph) = path.get(step).and_then(Node::glyph) else {
            lower(found.last_mut(), certainty);
            break;
        };
        let first = step;
        let strange = path[step].kind == Kind::None;
        if glyph == SPACE && !found.is_empty() && !strange {
            lower(found.last_mut(), certainty);
            certainty = 0.0;
        }
        loop {
            let own = f64::from(path[step].certainty);
            // A space after a word outside the dictionary forgets what "none" before it cost.
            let forgets = glyph == SPACE && path[step].kind == Kind::None;
            if own < certainty || forgets {
                certainty = own;
            }
            step += 1;
            if step == path.len() || !path[step].again {
                break;
            }
        }
        found.push(Character {
            glyph,
            step: first,
            end: step,
            certainty,
        });
    }
    found
}

fn lower(character: Option<&mut Character>, certainty: f64) {
    if let Some(character) = character {
        // Kept in single precision by libtesseract before it is compared.
        let kept = f64::from(character.certainty as f32);
        character.certainty = if certainty < kept { certainty } else { kept };
    }
}

/// Where characters part, in steps: half way between the end of one and the begin of the next.
fn bounds(characters: &[Character], path: &[Node]) -> Vec<usize> {
    let mut bounds = vec![0];
    for pair in characters.windows(2) {
        bounds.push(pair[0].end + (pair[1].step - pair[0].end) / 2);
    }
    bounds.push(path.len());
    bounds
}

fn symbol(character: &Character, steps: std::ops::Range<usize>, material: &Material<'_>) -> Symbol {
    let px = |steps: usize| steps as f32 * material.px_a_step;
    let inside = |px: f32| (px as u32).min(material.width_px as u32);
    Symbol {
        text: text(material.charset, character.glyph),
        left_px: inside(px(steps.start).floor()),
        right_px: inside(px(steps.end).ceil()),
        certainty: character.certainty as f32,
        alternatives: alternatives(character.glyph, steps, material),
    }
}

fn text(charset: &Charset, glyph: u32) -> String {
    let glyph = charset.glyph(glyph);
    glyph.map_or(String::new(), |glyph| glyph.text.clone())
}

/// The likeliest other characters in these steps, of those that are one output.
fn alternatives(
    glyph: u32,
    steps: std::ops::Range<usize>,
    material: &Material<'_>,
) -> Vec<(String, f32)> {
    let mut largest: Vec<(f32, u32)> = Vec::new();
    for shares in material.outputs.steps().skip(steps.start).take(steps.len()) {
        for (code, other) in material.tree.complete(BEGIN) {
            let share = shares[*code as usize];
            if share < LEAST_SHARE || *other == glyph {
                continue;
            }
            match largest.iter_mut().find(|(_, known)| known == other) {
                Some((known, _)) => *known = known.max(share),
                None => largest.push((share, *other)),
            }
        }
    }
    largest.retain(|(_, other)| material.charset.glyph(*other).is_some_and(is_character));
    largest.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let best = largest.into_iter().take(ALTERNATIVES);
    best.map(|(share, other)| (text(material.charset, other), share))
        .collect()
}

/// The second and third glyph of a charset stand for "joined" and "broken", not for characters;
/// their code is that of none.
fn is_character(glyph: &crate::traineddata::Glyph) -> bool {
    glyph.text != " " && glyph.text.chars().count() == 1
}
