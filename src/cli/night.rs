//! One run as the terminal sees it: events shown and recorded, the last word, the exit code.

use std::path::Path;

use super::exit::Excused;
use super::log::Log;
use super::metrics::Metrics;
use super::progress::Progress;
use super::summary::Told;
use super::until::Ends;
use super::usage::UsageFault;
use super::{Exit, say};
use crate::messages::Language;
use crate::run::{Event, Tools};

/// How a run is shown.
#[derive(Clone, Copy)]
pub struct Shown {
    /// The language of the messages.
    pub language: Language,
    /// JSON lines in place of text.
    pub json: bool,
    /// Whether a bar is drawn where a person watches.
    pub bars: bool,
}

/// Everything around a run that is none of its tools.
pub struct Night<'a> {
    /// The package.
    pub out: &'a Path,
    /// How it is shown.
    pub shown: Shown,
    /// Whether the key that should sign is away: everything waits for it.
    pub key_is_away: bool,
    /// What is taken for a good end.
    pub excused: &'a [Excused],
    /// When it has to be through.
    pub ends: Option<Ends>,
    /// Where events are logged.
    pub log: Option<Log>,
    /// Where figures go.
    pub metrics: Option<Metrics>,
}

impl Night<'_> {
    /// Runs over this drop and tells of it.
    pub fn run(&self, drop: &Path, tools: &Tools<'_>) -> Exit {
        let Shown {
            language,
            json,
            bars,
        } = self.shown;
        let progress = Progress::new(language, json, bars, self.ends.clone());
        let report = |event: Event<'_>| {
            progress.show(event);
            self.record(event);
            (tools.report)(event);
        };
        let listening = Tools {
            report: &report,
            ..*tools
        };
        let outcome = crate::run::run(drop, self.out, &listening);
        let (pages_read, time) = progress.finish();
        let exit = match &outcome {
            Ok(summary) => {
                if summary.ways.total() + summary.ways.left == 0 {
                    let path = drop.display().to_string();
                    say::fault(&UsageFault::EmptyDrop { path }, "", language);
                }
                Exit::of(summary, self.excused, self.key_is_away)
            }
            Err(fault) => {
                say::fault(fault, &drop.display().to_string(), language);
                Exit::from(fault)
            }
        };
        self.record_end(exit, pages_read);
        let told = Told {
            summary: outcome.ok(),
            pages_read,
            time,
            exit,
        };
        let text = match json {
            true => told.json(),
            false => told.text(self.out, language),
        };
        say::line(text.trim_end());
        exit
    }

    fn record(&self, event: Event<'_>) {
        if let Some(log) = &self.log {
            log.hear(event);
        }
        if let Some(metrics) = &self.metrics {
            metrics.hear(event);
        }
    }

    fn record_end(&self, exit: Exit, pages_read: u64) {
        if let Some(log) = &self.log {
            log.end(exit, pages_read);
        }
        let Some((file, metrics)) = self.metrics.as_ref().map(|m| (m.file(), m)) else {
            return;
        };
        if let Err(cause) = metrics.end(exit) {
            // Told, but the night's work stands whatever becomes of its figures.
            UsageFault::unwritable(file, &cause).tell(self.shown.language);
        }
    }
}
