//! Figures for the monitoring team: a Prometheus text file, always whole.
//!
//! Made for the textfile collector of node_exporter: written beside its name and renamed,
//! every minute and at the end. What a run does not know it takes over from the file
//! before: the time of the last success.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Exit;
use super::clock::wall_clock;
use super::progress::pages_per_minute;
use super::usage::UsageFault;
use crate::formats::signer::Signer;
use crate::formats::x509::Certificate;
use crate::messages::Language;
use crate::model::manifest::Fate;
use crate::run::events::{Event, Way};

const EVERY: Duration = Duration::from_secs(60);
const LAST_SUCCESS: &str = "sohoa_last_success_timestamp_seconds";

/// The figures of a run on their way into a file.
pub struct Metrics {
    path: PathBuf,
    out: PathBuf,
    certificate_expires: Option<i64>,
    last_success: Option<i64>,
    state: Mutex<State>,
}

struct State {
    began: Instant,
    written: Instant,
    pages: BTreeMap<&'static str, u64>,
    dossiers: BTreeMap<&'static str, u64>,
    codes: BTreeMap<String, u64>,
    review_codes: BTreeMap<String, u64>,
}

impl Metrics {
    /// Opens the file, where one was asked for, and writes the first figures.
    pub fn open(
        path: Option<&Path>,
        out: &Path,
        signer: Option<&dyn Signer>,
        language: Language,
    ) -> Result<Option<Self>, Exit> {
        let Some(path) = path else {
            return Ok(None);
        };
        let now = Instant::now();
        let metrics = Self {
            path: path.to_owned(),
            out: out.to_owned(),
            certificate_expires: signer.and_then(expiry),
            last_success: fs::read_to_string(path)
                .ok()
                .and_then(|text| last_success(&text)),
            state: Mutex::new(State::new(now)),
        };
        let written = metrics.write(None);
        written.map_err(|cause| UsageFault::unwritable(path, &cause).tell(language))?;
        Ok(Some(metrics))
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.path
    }

    /// Counts what happened.
    pub fn hear(&self, event: Event<'_>) {
        let due = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.count(event);
            state.written.elapsed() >= EVERY
        };
        if due {
            // The monitoring sees by the file's age that it is no longer written.
            let _ = self.write(None);
        }
    }

    /// Writes the last figures of a run.
    pub fn end(&self, exit: Exit) -> io::Result<()> {
        self.write(Some(exit))
    }

    fn write(&self, exit: Option<Exit>) -> io::Result<()> {
        let text = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.written = Instant::now();
            self.text(&state, exit, wall_clock().unix_timestamp())
        };
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        // Not `.prom` at the end: the collector reads everything that ends so.
        let half = self
            .path
            .with_file_name(format!(".{name}.{}", std::process::id()));
        fs::write(&half, text)?;
        fs::rename(&half, &self.path)
    }

    fn text(&self, state: &State, exit: Option<Exit>, now: i64) -> String {
        let success = exit.is_some_and(|exit| {
            matches!(exit, Exit::Done | Exit::ReviewNeeded | Exit::SomeSetAside)
        });
        let last_success = if success {
            Some(now)
        } else {
            self.last_success
        };
        let speed = pages_per_minute(state.pages.values().sum(), state.began.elapsed());
        let mut text = Text::default();
        text.one(
            "sohoa_last_run_timestamp_seconds",
            "Last time that a run wrote this file.",
            Some(now),
        );
        text.one(
            LAST_SUCCESS,
            "End of the last run with exit code 0, 3 or 4.",
            last_success,
        );
        text.one(
            "sohoa_run_active",
            "1 while a run is at work.",
            Some(i64::from(exit.is_none())),
        );
        text.one(
            "sohoa_exit_code",
            "Exit code of the last run; absent while it is at work.",
            exit.map(|exit| exit as u8),
        );
        text.one(
            "sohoa_pages_per_minute",
            "Pages read a minute in this run.",
            Some((speed * 10.0).round() / 10.0),
        );
        text.many(
            "sohoa_pages_total",
            "Pages read in this run, by what became of them.",
            "fate",
            &state.pages,
        );
        text.many(
            "sohoa_dossiers_total",
            "Dossiers that ended in this run.",
            "outcome",
            &state.dossiers,
        );
        text.many(
            "sohoa_set_aside_total",
            "Dossiers set aside in this run, by code.",
            "code",
            &state.codes,
        );
        text.many(
            "sohoa_flagged_total",
            "Dossiers that wait for review after this run, by code.",
            "code",
            &state.review_codes,
        );
        text.one(
            "sohoa_store_free_bytes",
            "Free bytes where the package lies.",
            free_bytes(&self.out),
        );
        text.one(
            "sohoa_cert_expiry_timestamp_seconds",
            "End of the signing certificate.",
            self.certificate_expires,
        );
        text.0
    }
}

impl State {
    fn new(now: Instant) -> Self {
        Self {
            began: now,
            written: now,
            pages: ["published", "blank", "separator", "rejected"]
                .map(|fate| (fate, 0))
                .into(),
            dossiers: [
                "packaged",
                "already_done",
                "waiting_for_review",
                "set_aside",
                "left",
            ]
            .map(|way| (way, 0))
            .into(),
            codes: BTreeMap::new(),
            review_codes: BTreeMap::new(),
        }
    }

    fn count(&mut self, event: Event<'_>) {
        match event {
            Event::PageRead { found, .. } => {
                let fate = match found.map(|found| found.fate) {
                    Some(Fate::Published) => "published",
                    Some(Fate::Blank) => "blank",
                    Some(Fate::Separator) => "separator",
                    Some(Fate::Rejected) | None => "rejected",
                };
                *self.pages.entry(fate).or_default() += 1;
            }
            Event::Ended { way, reasons, .. } => {
                *self.dossiers.entry(way.word()).or_default() += 1;
                let mut codes: Vec<&String> = reasons.iter().map(|reason| &reason.code).collect();
                codes.sort();
                codes.dedup();
                let counts = match way {
                    Way::SetAside => &mut self.codes,
                    _ => &mut self.review_codes,
                };
                for code in codes {
                    *counts.entry(code.clone()).or_default() += 1;
                }
            }
            Event::Left { .. } => *self.dossiers.entry("left").or_default() += 1,
            _ => {}
        }
    }
}

/// The exposition format, version 0.0.4.
#[derive(Default)]
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, help: &str) {
        let kind = if name.ends_with("_total") {
            "counter"
        } else {
            "gauge"
        };
        let written = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        written.expect("a string takes everything");
    }

    fn one(&mut self, name: &str, help: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            self.head(name, help);
            writeln!(self.0, "{name} {value}").expect("a string takes everything");
        }
    }

    fn many(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: &BTreeMap<impl AsRef<str>, u64>,
    ) {
        self.head(name, help);
        for (key, value) in values {
            let key = key.as_ref();
            writeln!(self.0, "{name}{{{label}=\"{key}\"}} {value}")
                .expect("a string takes everything");
        }
    }
}

fn last_success(text: &str) -> Option<i64> {
    let values = text
        .lines()
        .filter_map(|line| line.strip_prefix(LAST_SUCCESS));
    values
        .filter_map(|value| value.trim().parse().ok())
        .next_back()
}

fn expiry(signer: &dyn Signer) -> Option<i64> {
    let certificate = Certificate::read(signer.certificate_der()).ok()?;
    Some(certificate.validity()?.not_after.unix_timestamp())
}

/// Free bytes for ordinary users, at the package or the nearest folder above it that exists.
fn free_bytes(out: &Path) -> Option<u64> {
    let out = std::path::absolute(out).ok()?;
    let about = out
        .ancestors()
        .find_map(|place| rustix::fs::statvfs(place).ok())?;
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages;
    use crate::run::fault::DossierFault;

    fn metrics(path: &Path) -> Metrics {
        let opened = Metrics::open(Some(path), path, None, Language::En);
        opened.expect("writable").expect("asked for")
    }

    fn set_aside(metrics: &Metrics) {
        let reason = messages::reason(&DossierFault::NoCode, "x");
        metrics.hear(Event::Ended {
            folder: "x",
            key: None,
            way: Way::SetAside,
            pages: 0,
            reasons: &[reason.clone(), reason],
            ms: 1,
        });
    }

    /// What the collector of node_exporter takes: name, labels, number; each name once with
    /// its help and kind, in front of its values.
    fn values(text: &str) -> BTreeMap<String, f64> {
        let line = regex::Regex::new(r#"^([a-z_]+)(\{[a-z]+="[A-Za-z0-9_-]+"\})? (-?[0-9.]+)$"#);
        let line = line.expect("a constant pattern");
        let (mut described, mut values) = (Vec::new(), BTreeMap::new());
        assert!(text.ends_with('\n'));
        for said in text.lines() {
            if let Some(kind) = said.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect("a kind");
                assert!(
                    !described.contains(&name.to_owned()),
                    "{name} is described twice"
                );
                assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
                described.push(name.to_owned());
            } else if !said.starts_with("# HELP ") {
                let found = line.captures(said).unwrap_or_else(|| panic!("{said}"));
                assert_eq!(
                    described.last().map(String::as_str),
                    Some(&found[1]),
                    "{said}"
                );
                let labels = found.get(2).map_or("", |labels| labels.as_str());
                let number = found[3].parse().expect("a number");
                assert_eq!(
                    values.insert(format!("{}{labels}", &found[1]), number),
                    None
                );
            }
        }
        values
    }

    #[test]
    fn the_file_is_whole_and_well_formed_from_the_beginning_to_the_end() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("sohoa.prom");
        let metrics = metrics(&path);
        let read = || values(&fs::read_to_string(&path).expect("a file"));
        assert_eq!(read()["sohoa_run_active"], 1.0);
        assert!(!read().contains_key("sohoa_exit_code"));
        set_aside(&metrics);
        metrics.end(Exit::SomeSetAside).expect("written");
        let end = read();
        assert_eq!(end["sohoa_exit_code"], 4.0);
        assert_eq!(end["sohoa_set_aside_total{code=\"RUN-008\"}"], 1.0);
        assert_eq!(end["sohoa_dossiers_total{outcome=\"set_aside\"}"], 1.0);
        assert!(end["sohoa_store_free_bytes"] > 0.0 && end[LAST_SUCCESS] > 1.6e9);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_failed_run_keeps_the_time_of_the_last_success() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("sohoa.prom");
        fs::write(
            &path,
            format!("# TYPE {LAST_SUCCESS} gauge\n{LAST_SUCCESS} 1700000000\n"),
        )
        .expect("a file");
        metrics(&path).end(Exit::StoreNotWritable).expect("written");
        let end = values(&fs::read_to_string(&path).expect("a file"));
        assert_eq!(end[LAST_SUCCESS], 1_700_000_000.0);
        assert_eq!(end["sohoa_exit_code"], 8.0);
    }
}
