//! What the model sees of a page: which groups of four letters stand on it, and how it is laid out.

use super::super::layout::{Layout, Line};

/// Groups of letters in lines of capitals in the upper half: headings, names of offices.
const CAPITALS: u32 = 4096;
/// Groups of letters anywhere.
const TEXT: u32 = 8192;
/// How the page is laid out.
const LAYOUT: u32 = 64;
/// All features there are.
pub const FEATURES: usize = (CAPITALS + TEXT + LAYOUT) as usize;

/// Letters in a group.
const GROUP: usize = 4;
/// A page's text counts down to so many letters.
const MOST_LETTERS: usize = 3000;
/// Lines of capitals count down to here.
const HEAD: f32 = 0.5;

/// The features of a page, sorted, each once; none for a page without letters.
pub fn of(page: &Layout) -> Vec<u32> {
    let mut features = Vec::with_capacity(2000);
    let mut letters = 0;
    for line in &page.lines {
        let text = line.folded.letters().as_bytes();
        if letters < MOST_LETTERS {
            features.extend(groups(text).map(|hash| CAPITALS + hash % TEXT));
        }
        letters += text.len();
        if page.down(line) < HEAD && line.in_capitals() {
            features.extend(groups(text).map(|hash| hash % CAPITALS));
        }
    }
    if features.is_empty() {
        return features;
    }
    features.extend(layout(page, letters).map(|sign| CAPITALS + TEXT + sign));
    features.sort_unstable();
    features.dedup();
    features
}

fn groups(text: &[u8]) -> impl Iterator<Item = u32> {
    text.windows(GROUP).map(hash)
}

/// FNV-1a, 32 bits, its halves mixed: the low bits alone are poor.
fn hash(letters: &[u8]) -> u32 {
    let hash = letters.iter().fold(0x811c_9dc5u32, |hash, letter| {
        (hash ^ u32::from(*letter)).wrapping_mul(0x0100_0193)
    });
    hash ^ (hash >> 15)
}

/// Signs 0 to 63, in fours: how much is written, how wide the lines are, how the page lies.
fn layout(page: &Layout, letters: usize) -> impl Iterator<Item = u32> {
    let lines = page.lines.len().max(1);
    let share = |what: &dyn Fn(&&Line) -> bool| {
        let count = page.lines.iter().filter(what).count();
        (count * 7 / lines) as u32
    };
    let text_px = page.right_px.saturating_sub(page.left_px).max(1);
    let wide = share(&|line| line.bounds.w_px * 10 > text_px * 7);
    let capitals = share(&|line| line.in_capitals());
    let digits = share(&|line| line.folded.letters().bytes().any(|b| b.is_ascii_digit()));
    let right = share(&|line| page.across(line) > 0.6);
    let size = (letters as u32 + 1).ilog2().min(15);
    let lying = u32::from(page.width_px > page.height_px);
    [
        size,
        16 + wide,
        24 + capitals,
        32 + digits,
        40 + right,
        48 + lying,
    ]
    .into_iter()
}
