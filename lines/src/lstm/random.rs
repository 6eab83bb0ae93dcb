//! The random numbers with which libtesseract fills what lies outside a line's picture.
//!
//! Its generator is the C++ library's `minstd_rand`, seeded from the model: the same model gives
//! the same numbers for every line.

/// The generator's modulus, 2^31 − 1.
const MODULUS: u64 = 0x7fff_ffff;
const FACTOR: u64 = 48_271;

/// A generator.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// As libtesseract stands when it begins a line: seeded, and one number thrown away.
    pub fn seeded(seed: i32) -> Self {
        // The seed is widened with its sign and read as unsigned.
        let seed = i64::from(seed).wrapping_mul(0x1000_0001) as u64;
        let state = match seed % MODULUS {
            0 => 1,
            state => state,
        };
        let mut random = Self { state };
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.state = self.state * FACTOR % MODULUS;
        self.state
    }

    /// From −127 to 127, halves away from zero.
    pub fn int8(&mut self) -> i8 {
        let value = 127.0 * 2.0 * self.next() as f64 / MODULUS as f64 - 127.0;
        (value + 0.5_f64.copysign(value)) as i8
    }
}

/// The numbers that a generator gives for a line. Every line gets the same, so that they are made once for many.
pub struct Border {
    random: Random,
    drawn: Vec<i8>,
}

impl Border {
    /// Those of a model's lines.
    pub fn seeded(seed: i32) -> Self {
        Self {
            random: Random::seeded(seed),
            drawn: Vec::new(),
        }
    }

    /// The number at this place, from 0.
    pub fn at(&mut self, place: usize) -> i8 {
        while self.drawn.len() <= place {
            self.drawn.push(self.random.int8());
        }
        self.drawn[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_cpp_librarys() {
        let mut random = Random { state: 1 };
        let last = (0..10_000).map(|_| random.next()).last();
        // What the C++ standard requires of minstd_rand ([rand.predef]).
        assert_eq!(last, Some(399_268_537));
    }

    #[test]
    fn every_line_has_the_same_border_as_one_drawn_for_it() {
        let mut random = Random::seeded(7);
        let drawn: Vec<i8> = (0..300).map(|_| random.int8()).collect();
        let mut border = Border::seeded(7);
        assert_eq!(border.at(299), drawn[299]);
        assert!((0..300).all(|place| border.at(place) == drawn[place]));
    }
}
