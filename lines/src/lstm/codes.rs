//! The codes of characters as a tree: which outputs may follow which.

use crate::traineddata::Recoder;

/// A place in the tree; the first one is where every character begins.
pub type Place = usize;
/// Where every character begins.
pub const BEGIN: Place = 0;

/// The tree.
pub struct CodeTree {
    places: Vec<Branches>,
    /// Codes that are a character by themselves, in their own order, with their places in that of the model.
    singles: Vec<(u32, usize)>,
    longest: usize,
}

/// What may follow at a place, in the order of the model.
#[derive(Default)]
struct Branches {
    /// Codes that complete a character, and its number.
    complete: Vec<(u32, u32)>,
    /// Codes that go on, and where to.
    onward: Vec<(u32, Place)>,
}

impl CodeTree {
    pub fn new(recoder: &Recoder) -> Self {
        let mut tree = Self {
            places: vec![Branches::default()],
            singles: Vec::new(),
            longest: 1,
        };
        for (glyph, code) in recoder.encoded().iter().enumerate() {
            tree.add(code, glyph as u32);
        }
        let order = tree.complete(BEGIN).iter().enumerate();
        tree.singles = order.map(|(at, (code, _))| (*code, at)).collect();
        tree.singles.sort_unstable();
        tree
    }

    fn add(&mut self, code: &[u32], glyph: u32) {
        let Some((last, before)) = code.split_last() else {
            return;
        };
        self.longest = self.longest.max(code.len());
        let mut place = BEGIN;
        for code in before {
            place = self.onward_or_new(place, *code);
        }
        let complete = &mut self.places[place].complete;
        // Of characters with one code the last one is read.
        match complete.iter_mut().find(|(code, _)| code == last) {
            Some((_, known)) => *known = glyph,
            None => complete.push((*last, glyph)),
        }
    }

    fn onward_or_new(&mut self, place: Place, code: u32) -> Place {
        if let Some(next) = self.onward_by(place, code) {
            return next;
        }
        let next = self.places.len();
        self.places.push(Branches::default());
        self.places[place].onward.push((code, next));
        next
    }

    /// Codes that complete a character here, and its number.
    pub fn complete(&self, place: Place) -> &[(u32, u32)] {
        &self.places[place].complete
    }

    /// Which of these codes are a character by themselves, and its number, in the order of the model.
    pub fn singles(&self, codes: [u32; 3], found: &mut Vec<(u32, u32)>) {
        let place = |code: u32| {
            let index = self.singles.binary_search_by_key(&code, |(own, _)| *own);
            index.ok().map(|index| self.singles[index].1)
        };
        let mut places = codes.map(place);
        places.sort_unstable();
        found.clear();
        for (number, place) in places.iter().enumerate() {
            if !places[..number].contains(place) {
                found.extend(place.map(|place| self.complete(BEGIN)[place]));
            }
        }
    }

    /// Codes that go on from here, and where to.
    pub fn onward(&self, place: Place) -> &[(u32, Place)] {
        &self.places[place].onward
    }

    /// Where a code leads that goes on.
    pub fn onward_by(&self, place: Place, code: u32) -> Option<Place> {
        let found = self.places[place]
            .onward
            .iter()
            .find(|(onward, _)| *onward == code);
        found.map(|(_, next)| *next)
    }

    /// Codes of the longest character.
    pub fn longest(&self) -> usize {
        self.longest
    }
}
