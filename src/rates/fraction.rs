//! A rate as it is counted: whole numbers until the moment it is shown.

use serde::{Deserialize, Serialize};

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fraction {
    /// The numerator.
    pub hits: u64,
    /// The denominator.
    pub of: u64,
}

/// A percentage in hundredths of a percent, 0 to 100 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub struct Percent(u32);

/// A percentage as data files write it: `80` or `"92.28"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Whole(u32),
    Text(String),
}

/// A text that is no percentage from 0 to 100 with at most two decimals.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is no percentage from 0 to 100 with at most two decimals")]
pub struct NoPercent(String);

const WHOLE: u32 = 10_000;

impl Percent {
    /// So many hundredths of a percent; above 100 % there is none.
    pub fn from_hundredths(hundredths: u32) -> Option<Self> {
        (hundredths <= WHOLE).then_some(Self(hundredths))
    }

    /// Hundredths of a percent, 0 to 10,000.
    pub fn hundredths(self) -> u32 {
        self.0
    }
}

impl std::str::FromStr for Percent {
    type Err = NoPercent;

    fn from_str(text: &str) -> Result<Self, NoPercent> {
        let none = || NoPercent(text.to_owned());
        let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || decimals.len() > 2 {
            return Err(none());
        }
        if !plain(whole) || !plain(decimals) {
            return Err(none());
        }
        let written = format!("{whole}{decimals:0<2}");
        let hundredths = written.parse().map_err(|_| none())?;
        Self::from_hundredths(hundredths).ok_or_else(none)
    }
}

impl TryFrom<Written> for Percent {
    type Error = NoPercent;

    fn try_from(written: Written) -> Result<Self, NoPercent> {
        match written {
            Written::Whole(whole) => whole.to_string().parse(),
            Written::Text(text) => text.parse(),
        }
    }
}

impl From<Percent> for String {
    fn from(percent: Percent) -> Self {
        format!("{}.{:02}", percent.0 / 100, percent.0 % 100)
    }
}

impl Fraction {
    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: Self) {
        self.hits += other.hits;
        self.of += other.of;
    }

    /// Counts one dossier.
    pub fn count(&mut self, is_hit: bool) {
        self.hits += u64::from(is_hit);
        self.of += 1;
    }

    /// Hundredths of a percent, half rounded up; none where there is nothing to count.
    pub fn hundredths(self) -> Option<u64> {
        let (hits, of) = (u128::from(self.hits), u128::from(self.of));
        let doubled = (hits * 2 * u128::from(WHOLE)).checked_div(of)?;
        Some(doubled.div_ceil(2) as u64)
    }

    /// Whether the rate itself, not what is shown of it, is at least this; none without a denominator.
    pub fn reaches(self, target: Percent) -> Option<bool> {
        let reached = u128::from(self.hits) * u128::from(WHOLE);
        let wanted = u128::from(self.of) * u128::from(target.0);
        (self.of > 0).then_some(reached >= wanted)
    }

    /// Dossiers still short of the target.
    pub fn short_of(self, target: Percent) -> u64 {
        let wanted = u128::from(self.of) * u128::from(target.0);
        let wanted = wanted.div_ceil(u128::from(WHOLE)) as u64;
        wanted.saturating_sub(self.hits)
    }

    /// Hundredths of a point: all points from `full` on, below it the rate's part of `full`
    /// (QĐ 766: rate × points / 80 %); half rounded up.
    pub fn score_hundredths(self, points: u64, full: Percent) -> Option<u64> {
        if self.reaches(full)? {
            return Some(points * 100);
        }
        let over = u128::from(self.hits) * u128::from(points) * 100 * u128::from(WHOLE) * 2;
        let under = u128::from(self.of) * u128::from(full.0);
        Some((over / under).div_ceil(2) as u64)
    }
}

/// `92,28` in Vietnamese: whole part and two decimals.
pub fn vietnamese(hundredths: u64) -> String {
    format!("{},{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(hits: u64, of: u64) -> Fraction {
        Fraction { hits, of }
    }

    fn percent(text: &str) -> Percent {
        text.parse().expect("a percentage")
    }

    #[test]
    fn halves_are_rounded_up_and_nothing_is_no_rate() {
        assert_eq!(of(1, 8).hundredths(), Some(1_250));
        assert_eq!(of(1, 800).hundredths(), Some(13), "0.125 %");
        assert_eq!(of(2, 3).hundredths(), Some(6_667));
        assert_eq!(of(0, 0).hundredths(), None);
        assert_eq!(of(0, 0).reaches(percent("0")), None);
        assert_eq!(vietnamese(9_228), "92,28");
    }

    #[test]
    fn a_target_is_reached_by_the_rate_and_not_by_its_rounding() {
        // 79.999 % is shown as 80.00 and is not 80 %.
        let nearly = of(79_999, 100_000);
        assert_eq!(nearly.hundredths(), Some(8_000));
        assert_eq!(nearly.reaches(percent("80")), Some(false));
        assert_eq!(nearly.short_of(percent("80")), 1);
        assert_eq!(of(4, 5).reaches(percent("80")), Some(true));
    }

    #[test]
    fn below_eighty_percent_points_shrink_in_proportion() {
        let full = percent("80");
        assert_eq!(of(80, 100).score_hundredths(4, full), Some(400));
        assert_eq!(of(40, 100).score_hundredths(4, full), Some(200));
        assert_eq!(of(1, 3).score_hundredths(4, full), Some(167));
        assert_eq!(of(0, 0).score_hundredths(4, full), None);
    }

    #[test]
    fn only_percentages_are_percentages() {
        for text in ["92.28", "92,28", "0", "100", "100.00", "7.5"] {
            assert!(text.parse::<Percent>().is_ok(), "{text}");
        }
        for text in ["", "100.01", "-1", "1.234", "1e2", "٩٢", "999", ".5"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
        assert_eq!(String::from(percent("7.5")), "7.50");
    }

    proptest! {
        #[test]
        fn what_is_short_of_a_target_reaches_it_when_it_is_added(
            hits in 0u64..2_000, more in 0u64..2_000, target in 0u32..=10_000
        ) {
            let target = Percent::from_hundredths(target).expect("up to 100 %");
            let now = of(hits, hits + more);
            let short = now.short_of(target);
            let then = of(hits + short, now.of);
            prop_assert!(then.hits <= then.of);
            prop_assert_ne!(then.reaches(target), Some(false));
            if short > 0 {
                prop_assert_eq!(of(hits + short - 1, now.of).reaches(target), Some(false));
            }
        }

        #[test]
        fn rounding_is_off_by_half_a_hundredth_at_most(hits in 0u64..100_000, rest in 1u64..100_000) {
            let rate = of(hits, hits + rest);
            let shown = rate.hundredths().expect("a denominator") as f64;
            let exact = hits as f64 * 10_000.0 / rate.of as f64;
            prop_assert!((shown - exact).abs() <= 0.5 + 1e-6);
        }
    }
}
