//! `--until` and `--max-duration`: when a run has to be through.

use std::path::Path;
use std::time::{Duration, Instant};

use time::{OffsetDateTime, Time};

use crate::run::journal::History;

/// Pages a minute and thread until a machine's own speed is known (measured: 70 on one
/// core of an AMD EPYC).
pub const USUAL_PER_THREAD: f64 = 60.0;

/// When the run has to be through.
#[derive(clap::Args)]
pub struct UntilArguments {
    /// Kết thúc trước giờ này (giờ Việt Nam), ví dụ 05:00 · Be through by this hour
    #[arg(long, value_name = "GIỜ:PHÚT", value_parser = parse_hour)]
    until: Option<Time>,

    /// Chạy không quá lâu hơn, ví dụ 8h, 90m, 1h30m · Run no longer than this
    #[arg(long, value_name = "THỜI_LƯỢNG", value_parser = parse_span)]
    max_duration: Option<Duration>,
}

/// The end of the window.
#[derive(Clone, Debug)]
pub struct Ends {
    /// The instant; a clock that is set meanwhile does not move it.
    pub at: Instant,
    /// The hour and minute in Viet Nam, for people.
    pub hour: String,
}

impl UntilArguments {
    /// When the run has to be through, where anything was said; `now` is the wall clock.
    pub fn ends(&self, now: OffsetDateTime) -> Option<Ends> {
        let until = self.until.map(|hour| time_until(now, hour));
        let left = until.into_iter().chain(self.max_duration).min()?;
        let hour = (now + left).time();
        Some(Ends {
            at: Instant::now() + left,
            hour: format!("{:02}:{:02}", hour.hour(), hour.minute()),
        })
    }
}

/// The speed that earlier runs of this package had, and whether it is known at all.
pub fn expected_speed(out: &Path, threads: usize) -> (f64, bool) {
    // A history that cannot be read is told by the run itself, when it writes to it.
    let known = History::read(out)
        .ok()
        .and_then(|history| history.pages_per_minute());
    let usual = USUAL_PER_THREAD * threads as f64;
    (known.unwrap_or(usual), known.is_some())
}

/// From now to the next time that the clock shows this hour.
fn time_until(now: OffsetDateTime, hour: Time) -> Duration {
    let mut next = now.replace_time(hour);
    if next <= now {
        next += time::Duration::DAY;
    }
    (next - now).unsigned_abs()
}

fn parse_hour(text: &str) -> Result<Time, String> {
    let format = time::macros::format_description!("[hour]:[minute]");
    Time::parse(text, &format).map_err(|_| "HH:MM".to_owned())
}

/// Reads `8h`, `90m`, `1h30m`, `45s`; a year at most.
pub fn parse_span(text: &str) -> Result<Duration, String> {
    let wrong = || "8h, 90m, 1h30m, 45s".to_owned();
    let mut seconds: u64 = 0;
    let mut number = String::new();
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            number.push(letter);
            continue;
        }
        let unit = match letter {
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return Err(wrong()),
        };
        let count: u64 = number.parse().map_err(|_| wrong())?;
        seconds = count
            .checked_mul(unit)
            .and_then(|more| seconds.checked_add(more))
            .filter(|all| *all <= 366 * 24 * 3_600)
            .ok_or_else(wrong)?;
        number.clear();
    }
    match (number.is_empty(), seconds) {
        (true, 1..) => Ok(Duration::from_secs(seconds)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{datetime, time};

    use super::*;

    #[test]
    fn an_hour_is_the_next_time_the_clock_shows_it() {
        let evening = datetime!(2026-11-21 20:00 +7);
        let hours = |hour| time_until(evening, hour).as_secs() as f64 / 3_600.0;
        assert_eq!(hours(time!(05:00)), 9.0);
        assert_eq!(hours(time!(20:30)), 0.5);
        assert_eq!(hours(time!(20:00)), 24.0);
    }

    #[test]
    fn the_nearer_end_counts_and_is_told_in_local_time() {
        let ends = |until, max_duration: Option<u64>| {
            let arguments = UntilArguments {
                until,
                max_duration: max_duration.map(|hours| Duration::from_secs(hours * 3_600)),
            };
            arguments
                .ends(datetime!(2026-11-21 20:00 +7))
                .map(|ends| ends.hour)
        };
        assert_eq!(ends(None, None), None);
        assert_eq!(ends(Some(time!(05:00)), Some(8)).as_deref(), Some("04:00"));
        assert_eq!(ends(Some(time!(03:30)), Some(8)).as_deref(), Some("03:30"));
    }

    #[test]
    fn spans_are_read_as_people_write_them() {
        let seconds = |text| parse_span(text).map(|span| span.as_secs()).ok();
        assert_eq!(seconds("8h"), Some(28_800));
        assert_eq!(seconds("1h30m"), Some(5_400));
        assert_eq!(seconds("45s"), Some(45));
        for wrong in [
            "",
            "8",
            "h",
            "8d",
            "-1h",
            "0s",
            "1h30",
            "99999999999999999999h",
            "8.5h",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        assert!(parse_hour("5:61").is_err() && parse_hour("25:00").is_err());
    }
}
