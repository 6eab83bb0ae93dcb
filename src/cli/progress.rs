//! Events shown as they happen: a bar for people, a plain line a minute for log
//! files, JSON lines for programs.

use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::until::Ends;
use super::{json_events, numbers, say};
use crate::messages::{self, Language};
use crate::run::events::{Event, Way};
use crate::run::fault::HistoryDamage;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often a plain line appears where nobody watches.
const PLAIN_LINE_EVERY: Duration = Duration::from_secs(60);

/// Shows a run's events.
pub struct Progress {
    language: Language,
    json: bool,
    ends: Option<Ends>,
    bar: ProgressBar,
    state: Mutex<State>,
}

struct State {
    began: Instant,
    last_plain_line: Instant,
    counts: Counts,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    dossiers: u64,
    /// Pages of streams looked at before the first dossier begins.
    pages_looked: u64,
    ended: u64,
    set_aside: u64,
    review: u64,
    /// Pages of dossiers that ended: what the time left is reckoned from.
    pages_ended: u64,
    /// Pages read in this run: what the speed is reckoned from.
    pages_read: u64,
}

impl Progress {
    /// Bars only where a person watches and has not refused them.
    pub fn new(language: Language, json: bool, bars: bool, ends: Option<Ends>) -> Self {
        let target = if bars && say::is_watched() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = ProgressStyle::with_template("{bar:24} {msg}");
        bar.set_style(style.expect("a constant template").progress_chars("━╸ "));
        let now = Instant::now();
        let state = State {
            began: now,
            last_plain_line: now,
            counts: Counts::default(),
        };
        Self {
            language,
            json,
            ends,
            bar,
            state: Mutex::new(state),
        }
    }

    /// Takes one event.
    pub fn show(&self, event: Event<'_>) {
        let mut state = self.state.lock().expect("showing an event does not panic");
        state.counts.take(event);
        if self.json {
            json_events::print(event);
        }
        self.tell_what_went_wrong(event);
        let message = self.message(&state);
        self.bar.set_length(state.counts.dossiers);
        self.bar.set_position(state.counts.ended);
        self.bar.set_message(message.clone());
        if self.bar.is_hidden() && state.last_plain_line.elapsed() >= PLAIN_LINE_EVERY {
            state.last_plain_line = Instant::now();
            self.tell(&message);
        }
    }

    fn tell_what_went_wrong(&self, event: Event<'_>) {
        match event {
            Event::Ended {
                reasons,
                way: Way::SetAside,
                folder,
                ..
            } => {
                let aside = say::by(self.language, "để riêng", "set aside");
                self.tell(&format!("{folder}: {aside}"));
                for reason in reasons {
                    self.tell(say::told(reason, self.language).trim_end());
                }
            }
            Event::KeyFailed { place, fault } => {
                let waits = say::by(self.language, "chờ ký", "waits for signature");
                self.tell(&format!("{place}: {waits}"));
                let reason = messages::reason(fault, place);
                self.tell(say::told(&reason, self.language).trim_end());
            }
            Event::HistoryMended {
                cut_bytes,
                damaged_lines,
            } => {
                let damage = HistoryDamage {
                    cut_bytes,
                    damaged_lines,
                };
                let reason = messages::reason(&damage, "");
                self.tell(say::told(&reason, self.language).trim_end());
            }
            _ => {}
        }
    }

    /// Takes the bar away and gives the pages read and the time it took.
    pub fn finish(&self) -> (u64, Duration) {
        self.bar.finish_and_clear();
        let state = self.state.lock().expect("showing an event does not panic");
        (state.counts.pages_read, state.began.elapsed())
    }

    /// A line above the bar, on standard error.
    fn tell(&self, line: &str) {
        self.bar.suspend(|| {
            // Standard error may be closed; there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "{line}");
        });
    }

    fn message(&self, state: &State) -> String {
        let language = self.language;
        let counts = state.counts;
        let whole = |number| numbers::whole(number, language);
        let by = |vietnamese, english| say::by(language, vietnamese, english);
        let per_minute = pages_per_minute(counts.pages_read, state.began.elapsed());
        let mut parts = vec![
            format!(
                "{} {}/{}",
                by("Hồ sơ", "Dossiers"),
                whole(counts.ended),
                whole(counts.dossiers)
            ),
            format!("{} {}", by("Trang", "Pages"), whole(counts.pages_read)),
            format!(
                "{} {}",
                numbers::tenths(per_minute, language),
                by("trang/phút", "pages/min")
            ),
        ];
        if counts.pages_looked > 0 && counts.pages_read == 0 {
            let looked = by("tìm tờ phân cách", "looking for separator sheets");
            parts.push(format!("{looked}: {}", whole(counts.pages_looked)));
        }
        if let Some(left) = counts.time_left(per_minute) {
            parts.push(format!(
                "{} ~{}",
                by("còn", "left"),
                numbers::span(left, language)
            ));
            parts.extend(self.window(left, counts.dossiers - counts.ended));
        }
        let beside = [
            (counts.review, by("cần xem", "to review")),
            (counts.set_aside, by("để riêng", "set aside")),
        ];
        let some = beside.iter().filter(|(count, _)| *count > 0);
        parts.extend(some.map(|(count, word)| format!("{word} {}", whole(*count))));
        parts.join(" · ")
    }

    /// What the window will leave, where the time left does not suffice.
    fn window(&self, needed: Duration, dossiers: u64) -> Option<String> {
        let ends = self.ends.as_ref()?;
        let time_left = ends.at.saturating_duration_since(Instant::now());
        let share_left = 1.0 - time_left.as_secs_f64() / needed.as_secs_f64();
        if share_left <= 0.0 {
            return None;
        }
        let left = numbers::whole((dossiers as f64 * share_left).ceil() as u64, self.language);
        let hour = &ends.hour;
        Some(match self.language {
            Language::Vi => format!("sẽ dừng {hour}, còn ~{left} hồ sơ"),
            Language::En => format!("stops at {hour}, ~{left} dossiers left"),
        })
    }
}

/// Speed over the whole run, in pages a minute.
pub fn pages_per_minute(pages: u64, time: Duration) -> f64 {
    if time.is_zero() {
        0.0
    } else {
        pages as f64 * 60.0 / time.as_secs_f64()
    }
}

impl Counts {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Started { dossiers, .. } => self.dossiers = dossiers,
            Event::PageLooked => self.pages_looked += 1,
            Event::StreamCut { pieces, .. } => {
                self.dossiers = (self.dossiers + pieces).saturating_sub(1)
            }
            Event::Taken { .. }
            | Event::Signed { .. }
            | Event::Left { .. }
            | Event::KeyFailed { .. }
            | Event::HistoryMended { .. } => {}
            Event::PageRead { .. } => self.pages_read += 1,
            Event::Ended { way, pages, .. } => {
                self.ended += 1;
                self.set_aside += u64::from(way == Way::SetAside);
                self.review += u64::from(way == Way::WaitingForReview);
                let read = matches!(way, Way::Packaged | Way::WaitingForReview);
                self.pages_ended += if read { pages } else { 0 };
            }
        }
    }

    /// Time left, taking the dossiers to come for as large as those that ended.
    fn time_left(&self, per_minute: f64) -> Option<Duration> {
        let left = self.dossiers.saturating_sub(self.ended);
        if self.pages_ended == 0 || per_minute <= 0.0 || left == 0 {
            return None;
        }
        let pages_left = self.pages_ended as f64 / self.ended as f64 * left as f64;
        Some(Duration::from_secs_f64(pages_left * 60.0 / per_minute))
    }
}
