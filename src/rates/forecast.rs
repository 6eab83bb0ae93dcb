//! When the target will be reached, from what runs measured: dossiers a day drawn again and again.
//!
//! The method is a bootstrap: a future is made by drawing days of the past with replacement until enough dossiers are
//! done; of 2,000 futures the 10th, 50th and 90th percentile are told. It supposes that days to come are like days that
//! were; the seed is given, so that anyone gets the same dates.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Serialize;
use time::{Date, Duration};

use super::Fraction;
use super::period::as_iso;

const FUTURES: usize = 2_000;
/// Ten years: what takes longer has no date worth telling.
const DAYS_AHEAD: usize = 3_650;
/// Fewer days say nothing of the next ones.
const TELLING_DAYS: usize = 3;

/// One run, as the history tells of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// The day it began.
    #[serde(serialize_with = "as_iso")]
    pub day: Date,
    /// How it ended: `complete`, `window`, `interrupt`, the code of a fault; none where it was killed.
    pub how: Option<String>,
    /// Dossiers packaged, those that wait for a person among them.
    pub packaged: u64,
    /// Dossiers set aside.
    pub set_aside: u64,
    /// Dossiers in the package that wait for a person.
    pub waiting: u64,
    /// Dossiers left for the next run.
    pub left: u64,
    /// Pages read.
    pub pages: u64,
    /// How long it took.
    pub ms: u64,
    /// Time of all threads at reading pages; 0 where an older program wrote the history.
    pub reading_ms: u64,
    /// Time of all threads at signing files; 0 where an older program wrote the history.
    pub signing_ms: u64,
}

/// What one day did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Dossiers packaged.
    pub dossiers: u64,
    /// Pages read.
    pub pages: u64,
    /// Time at work.
    pub ms: u64,
}

/// Every day from the first run's to the last one's; days without a run did nothing.
pub fn days(runs: &[Run]) -> BTreeMap<Date, Day> {
    let mut days: BTreeMap<Date, Day> = BTreeMap::new();
    for run in runs {
        let day = days.entry(run.day).or_default();
        day.dossiers += run.packaged;
        day.pages += run.pages;
        day.ms += run.ms;
    }
    let Some((&first, _)) = days.first_key_value() else {
        return days;
    };
    let (&last, _) = days.last_key_value().expect("there is a first");
    let all = std::iter::successors(Some(first), |day| day.next_day());
    for day in all.take_while(|day| *day <= last).take(DAYS_AHEAD) {
        days.entry(day).or_default();
    }
    days
}

/// What is asked of another pace: `pages_per_day=20000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhatIf {
    /// So many pages on the mean day.
    PagesPerDay(u64),
    /// So many dossiers on the mean day.
    DossiersPerDay(u64),
}

impl FromStr for WhatIf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}': pages_per_day=N, dossiers_per_day=N");
        let (name, number) = text.split_once('=').ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        match name {
            "pages_per_day" => Ok(Self::PagesPerDay(number)),
            "dossiers_per_day" => Ok(Self::DossiersPerDay(number)),
            _ => Err(wrong()),
        }
    }
}

/// What can be said of the finish.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Forecast {
    /// It is reached already.
    Reached,
    /// Too few days were measured, or nothing was done on them.
    Unknown {
        /// Days measured.
        days: usize,
    },
    /// Not within ten years at this pace.
    TooFar,
    /// The dates.
    Finish {
        /// One future of ten is done by then.
        #[serde(serialize_with = "as_iso")]
        early: Date,
        /// Half of them are.
        #[serde(serialize_with = "as_iso")]
        likely: Date,
        /// Nine of ten are.
        #[serde(serialize_with = "as_iso")]
        late: Date,
        /// Dossiers still to be packaged.
        dossiers: u64,
        /// Days measured.
        days: usize,
        /// The number that the drawing began with.
        seed: u64,
    },
}

/// Draws the finish: `needed` hits, where `gain` hits came of so many dossiers with papers.
pub fn forecast(
    days: &[Day],
    needed: u64,
    gain: Fraction,
    what_if: Option<WhatIf>,
    today: Date,
    seed: u64,
) -> Forecast {
    if needed == 0 {
        return Forecast::Reached;
    }
    let unknown = Forecast::Unknown { days: days.len() };
    let dossiers: Vec<f64> = paces(days, what_if);
    let mean = dossiers.iter().sum::<f64>() / dossiers.len() as f64;
    if days.len() < TELLING_DAYS || gain.hits == 0 || !mean.is_finite() || mean <= 0.0 {
        return unknown;
    }
    // Not every dossier with papers is a hit: some lack a result still.
    let to_package = u128::from(needed) * u128::from(gain.of);
    let to_package = to_package.div_ceil(u128::from(gain.hits)) as u64;
    let mut random = SplitMix(seed);
    let mut lengths: Vec<usize> = (0..FUTURES)
        .map(|_| one_future(&dossiers, to_package as f64, &mut random))
        .collect();
    lengths.sort_unstable();
    let at = |tenths: usize| lengths[(FUTURES * tenths / 10).min(FUTURES - 1)];
    if at(9) > DAYS_AHEAD {
        return Forecast::TooFar;
    }
    let day = |tenths| today.saturating_add(Duration::days(at(tenths) as i64));
    Forecast::Finish {
        early: day(1),
        likely: day(5),
        late: day(9),
        dossiers: to_package,
        days: days.len(),
        seed,
    }
}

/// Dossiers of each day, at the pace asked about where one is.
fn paces(days: &[Day], what_if: Option<WhatIf>) -> Vec<f64> {
    let sum = |of: fn(&Day) -> u64| days.iter().map(of).sum::<u64>() as f64;
    let (pages, dossiers) = (sum(|day| day.pages), sum(|day| day.dossiers));
    let count = days.len() as f64;
    let factor = match what_if {
        None => 1.0,
        Some(WhatIf::PagesPerDay(asked)) => asked as f64 * count / pages,
        Some(WhatIf::DossiersPerDay(asked)) => asked as f64 * count / dossiers,
    };
    days.iter()
        .map(|day| day.dossiers as f64 * factor)
        .collect()
}

/// Days until enough is done; one more than can be told where it never is.
fn one_future(days: &[f64], needed: f64, random: &mut SplitMix) -> usize {
    let mut done = 0.0;
    for day in 1..=DAYS_AHEAD {
        done += days[random.below(days.len())];
        // A hundredth of a dossier is rounding.
        if done + 0.01 >= needed {
            return day;
        }
    }
    DAYS_AHEAD + 1
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same digits on every machine.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        ((u128::from(mixed) * bound as u128) >> 64) as usize
    }
}

/// What holds the work up, as far as the history of the runs tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bottleneck {
    /// No run has ended yet.
    Unknown,
    /// The key: a run ended because it could not sign.
    Signing,
    /// The hours: runs end with dossiers left, and reading is what takes them.
    Hours,
    /// The key or the time stamp: runs end with dossiers left, and signing takes longer than reading.
    SlowSigning,
    /// The scans: more are set aside than packaged.
    Scans,
    /// The people: more wait for a look than not.
    Review,
    /// The counters: runs finish all there is, the machine waits for papers.
    Papers,
}

/// Names it from the last seven runs that ended.
pub fn bottleneck(runs: &[Run]) -> Bottleneck {
    let ended = runs.iter().rev().filter(|run| run.how.is_some());
    let last: Vec<&Run> = ended.take(7).collect();
    let how = |words: &[&str]| {
        last.iter().any(|run| {
            let how = run.how.as_deref().unwrap_or_default();
            words.iter().any(|word| how.starts_with(word))
        })
    };
    let sum = |of: fn(&Run) -> u64| last.iter().map(|run| of(run)).sum::<u64>();
    let packaged = sum(|run| run.packaged);
    if last.is_empty() {
        Bottleneck::Unknown
    } else if how(&["SEAL", "TOK"]) {
        Bottleneck::Signing
    } else if sum(|run| run.left) > 0 {
        match sum(|run| run.signing_ms) > sum(|run| run.reading_ms) {
            true => Bottleneck::SlowSigning,
            false => Bottleneck::Hours,
        }
    } else if sum(|run| run.set_aside) > packaged {
        Bottleneck::Scans
    } else if sum(|run| run.waiting) * 2 > packaged {
        Bottleneck::Review
    } else {
        Bottleneck::Papers
    }
}

impl Bottleneck {
    /// What it means, in Vietnamese and English.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unknown => (
                "chưa có lần chạy nào kết thúc để biết",
                "no run has ended yet",
            ),
            Self::Signing => (
                "ký số: có lần chạy dừng vì không ký được",
                "signing: a run ended because it could not sign",
            ),
            Self::Hours => (
                "giờ máy: các lần chạy hết giờ khi còn hồ sơ, phần lớn thời gian là đọc trang",
                "machine hours: runs end with dossiers left, and most of the time goes into reading pages",
            ),
            Self::SlowSigning => (
                "ký số chậm: các lần chạy hết giờ khi còn hồ sơ, chờ khóa ký và dấu thời gian lâu hơn đọc trang",
                "slow signing: runs end with dossiers left, and key and time stamp take longer than reading pages",
            ),
            Self::Scans => (
                "bản quét: hồ sơ để riêng nhiều hơn hồ sơ đóng gói được",
                "scans: more dossiers are set aside than packaged",
            ),
            Self::Review => (
                "người rà soát: quá nửa hồ sơ chờ người xem",
                "reviewers: more than half of the dossiers wait for a look",
            ),
            Self::Papers => (
                "khâu quét giấy: máy làm hết hồ sơ đã quét và chờ hồ sơ mới",
                "scanning: the machine finishes all there is and waits for papers",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    const TODAY: Date = date!(2026 - 11 - 01);

    fn day(dossiers: u64) -> Day {
        Day {
            dossiers,
            pages: dossiers * 10,
            ms: 60_000,
        }
    }

    fn all_of(count: u64) -> Fraction {
        Fraction {
            hits: count,
            of: count,
        }
    }

    #[test]
    fn days_that_are_all_alike_leave_no_doubt() {
        let days = [day(10); 5];
        let told = forecast(&days, 95, all_of(1), None, TODAY, 7);
        let on = date!(2026 - 11 - 11);
        let expected = Forecast::Finish {
            early: on,
            likely: on,
            late: on,
            dossiers: 95,
            days: 5,
            seed: 7,
        };
        assert_eq!(told, expected);
        let half = Fraction { hits: 1, of: 2 };
        let Forecast::Finish { likely, .. } = forecast(&days, 95, half, None, TODAY, 7) else {
            panic!("a date");
        };
        assert_eq!(
            likely,
            date!(2026 - 11 - 20),
            "each second dossier is a hit"
        );
    }

    #[test]
    fn uneven_days_give_an_interval_that_the_seed_repeats() {
        let days = [day(0), day(5), day(30), day(1)];
        let draw = |seed| forecast(&days, 300, all_of(1), None, TODAY, seed);
        let Forecast::Finish {
            early,
            likely,
            late,
            ..
        } = draw(1)
        else {
            panic!("a date");
        };
        assert!(early < likely && likely < late);
        // 300 dossiers at a mean of 9 a day.
        assert!(
            (30..=38).contains(&(likely - TODAY).whole_days()),
            "{likely}"
        );
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn what_cannot_be_known_is_not_told() {
        let two = [day(10); 2];
        let unknown = |days: &[Day], gain| forecast(days, 1, gain, None, TODAY, 1);
        assert_eq!(unknown(&two, all_of(1)), Forecast::Unknown { days: 2 });
        assert_eq!(unknown(&[], all_of(1)), Forecast::Unknown { days: 0 });
        assert_eq!(
            unknown(&[day(0); 9], all_of(1)),
            Forecast::Unknown { days: 9 }
        );
        let none = Fraction { hits: 0, of: 5 };
        assert_eq!(unknown(&[day(1); 9], none), Forecast::Unknown { days: 9 });
        assert_eq!(
            forecast(&[day(1); 9], 100_000, all_of(1), None, TODAY, 1),
            Forecast::TooFar
        );
        assert_eq!(
            forecast(&[], 0, all_of(1), None, TODAY, 1),
            Forecast::Reached
        );
    }

    #[test]
    fn another_pace_moves_the_date() {
        let what_if: WhatIf = "pages_per_day=200".parse().expect("a pace");
        let told = forecast(&[day(10); 5], 100, all_of(1), Some(what_if), TODAY, 1);
        let Forecast::Finish { likely, .. } = told else {
            panic!("a date");
        };
        assert_eq!(likely, date!(2026 - 11 - 06), "20 dossiers a day");
        for wrong in ["", "pages_per_day", "pages_per_day=-1", "scanners=2"] {
            assert!(wrong.parse::<WhatIf>().is_err(), "{wrong}");
        }
    }

    fn run(how: &str, packaged: u64, set_aside: u64, waiting: u64, left: u64) -> Run {
        Run {
            day: TODAY,
            how: (!how.is_empty()).then(|| how.to_owned()),
            packaged,
            set_aside,
            waiting,
            left,
            pages: packaged * 10,
            ms: 1_000,
            reading_ms: 900,
            signing_ms: 100,
        }
    }

    #[test]
    fn the_bottleneck_is_what_ends_the_runs() {
        let of = |one: Run| bottleneck(&[one]);
        assert_eq!(bottleneck(&[]), Bottleneck::Unknown);
        assert_eq!(of(run("", 1, 0, 0, 0)), Bottleneck::Unknown);
        assert_eq!(of(run("SEAL-003", 5, 0, 0, 0)), Bottleneck::Signing);
        assert_eq!(of(run("window", 5, 0, 0, 3)), Bottleneck::Hours);
        let slow_token = Run {
            signing_ms: 901,
            ..run("window", 5, 0, 0, 3)
        };
        assert_eq!(of(slow_token), Bottleneck::SlowSigning);
        assert_eq!(of(run("complete", 5, 6, 0, 0)), Bottleneck::Scans);
        assert_eq!(of(run("complete", 5, 0, 3, 0)), Bottleneck::Review);
        assert_eq!(of(run("complete", 5, 0, 1, 0)), Bottleneck::Papers);
    }

    #[test]
    fn days_without_a_run_count_as_days_that_did_nothing() {
        let later = Run {
            day: date!(2026 - 11 - 04),
            ..run("complete", 2, 0, 0, 0)
        };
        let days = days(&[run("complete", 1, 0, 0, 0), later]);
        let dossiers: Vec<u64> = days.values().map(|day| day.dossiers).collect();
        assert_eq!(dossiers, [1, 0, 0, 2]);
    }
}
