//! Chance that repeats: the same seed gives the same points (SplitMix64).

pub struct Chance(u64);

impl Chance {
    /// From `SOHOA_TEST_SEED` where it is set, so that a red run can be had again.
    pub fn new() -> Self {
        let seed = std::env::var("SOHOA_TEST_SEED").ok();
        Self(seed.and_then(|text| text.parse().ok()).unwrap_or(3))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to but not including `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }
}
