//! The log: one more listener of a run's events, as text or JSON lines (`tracing`).
//!
//! Scans are often named after the people in them. So at `info` a dossier is known by its
//! code and a file by eight digits of its name's digest; names stand at `debug` only, and
//! no text of a page at any level.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tracing::{Dispatch, Level, Span, debug, dispatcher, info, info_span, warn};
use tracing_subscriber::fmt;

use super::Exit;
use super::usage::UsageFault;
use crate::messages::Language;
use crate::model::{Coded, Digest, DossierCode};
use crate::run::events::{Event, PageSeen};

/// Where the log goes.
#[derive(clap::Args)]
pub struct LogArguments {
    /// Ghi nhật ký vào tệp này (ghi nối) · Append a log to this file
    #[arg(long, value_name = "TỆP")]
    log_file: Option<PathBuf>,

    /// Dạng nhật ký · Form of the log
    #[arg(long, value_enum, default_value = "json", requires = "log_file")]
    log_format: Format,

    /// debug ghi cả tên tệp và tên thư mục · debug also writes names of files and folders
    #[arg(long, value_enum, default_value = "info", requires = "log_file")]
    log_level: Depth,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Json,
    Text,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Depth {
    Info,
    Debug,
}

/// A log that is being written.
pub struct Log {
    writer: Dispatch,
    spans: Mutex<Spans>,
}

#[derive(Default)]
struct Spans {
    run: Option<Span>,
    dossiers: HashMap<String, Span>,
}

impl LogArguments {
    /// Opens the log, where one was asked for.
    pub fn open(&self, language: Language) -> Result<Option<Log>, Exit> {
        let Some(path) = &self.log_file else {
            return Ok(None);
        };
        let file = append_to(path);
        let file = file.map_err(|cause| UsageFault::unwritable(path, &cause).tell(language))?;
        Ok(Some(Log::new(file, self.log_format, self.log_level)))
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

impl Log {
    fn new(file: File, format: Format, depth: Depth) -> Self {
        let level = match depth {
            Depth::Info => Level::INFO,
            Depth::Debug => Level::DEBUG,
        };
        let plain = fmt()
            .with_max_level(level)
            .with_ansi(false)
            .with_target(false);
        let writer = match format {
            Format::Json => {
                let json = plain.json().flatten_event(true).with_current_span(false);
                Dispatch::new(json.with_writer(Mutex::new(file)).finish())
            }
            Format::Text => Dispatch::new(plain.with_writer(Mutex::new(file)).finish()),
        };
        Self {
            writer,
            spans: Mutex::default(),
        }
    }

    /// Writes down what happened.
    pub fn hear(&self, event: Event<'_>) {
        dispatcher::with_default(&self.writer, || self.write(event));
    }

    /// Writes down how the program ends.
    pub fn end(&self, exit: Exit, pages_read: u64) {
        dispatcher::with_default(&self.writer, || {
            let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
            let run = spans.run.take().unwrap_or_else(Span::none);
            spans.dossiers.clear();
            run.in_scope(|| info!(exit_code = exit as u8, pages_read, "run ended"));
        });
    }

    fn write(&self, event: Event<'_>) {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::HistoryMended {
                cut_bytes,
                damaged_lines,
            } => warn!(cut_bytes, damaged_lines, "history mended"),
            Event::Started { run, dossiers, .. } => {
                let span = info_span!("run", run);
                span.in_scope(|| info!(dossiers, "run began"));
                spans.run = Some(span);
            }
            Event::PageLooked => {}
            Event::StreamCut {
                stream,
                pages,
                pieces,
            } => info!(stream = digits(stream), pages, pieces, "stream cut"),
            Event::Taken { folder, key, pages } => {
                let span = spans.open(folder, &key.short());
                let _inside = span.enter();
                info!(pages, "dossier taken");
                debug!(folder, "name of the dossier");
            }
            Event::PageRead {
                folder,
                scan,
                page,
                found,
                ms,
            } => write_page(&spans.of(folder), scan, page, found, ms),
            Event::Signed { folder, ms } => {
                spans.of(folder).in_scope(|| debug!(ms, "file signed"));
            }
            Event::KeyFailed { fault, .. } => warn!(code = fault.code(), "key failed"),
            Event::Left { folder } => spans.close(folder).in_scope(|| info!("dossier left")),
            Event::Ended {
                folder,
                way,
                pages,
                reasons,
                ms,
                ..
            } => {
                let span = spans.close(folder);
                let _inside = span.enter();
                info!(outcome = way.word(), pages, ms, "dossier ended");
                for reason in reasons {
                    warn!(code = reason.code, "set aside");
                    debug!(code = reason.code, what = reason.en.what, "reason");
                }
            }
        }
    }
}

impl Spans {
    fn open(&mut self, folder: &str, key: &str) -> Span {
        let run = self.run.clone().unwrap_or_else(Span::none);
        let dossier = masked(folder);
        let span = info_span!(parent: &run, "dossier", dossier, key);
        self.dossiers.insert(folder.to_owned(), span.clone());
        span
    }

    fn of(&mut self, folder: &str) -> Span {
        let open = self.dossiers.get(folder).cloned();
        open.unwrap_or_else(|| self.open(folder, ""))
    }

    fn close(&mut self, folder: &str) -> Span {
        let span = self.of(folder);
        self.dossiers.remove(folder);
        span
    }
}

fn write_page(dossier: &Span, scan: &str, page: u32, found: Option<PageSeen>, ms: u64) {
    let span = info_span!(parent: dossier, "page", scan = digits(scan), page);
    let _inside = span.enter();
    match found {
        Some(found) => {
            let (fate, reading) = (found.fate, found.reading);
            let confidence_pct = found.confidence_pct.pct();
            info!(?fate, ?reading, confidence_pct, ms, "page read");
        }
        None => warn!(ms, "page not read"),
    }
    debug!(scan, "name of the scan");
}

/// The dossier code, where the name ends in one; else digits of the name's digest.
fn masked(folder: &str) -> String {
    let last = folder.rsplit('/').next().unwrap_or(folder);
    let code: Result<DossierCode, _> = last.parse();
    code.map_or_else(|_| digits(folder), |code| code.as_str().to_owned())
}

fn digits(name: &str) -> String {
    Digest::of(name.as_bytes()).short()[..8].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages;
    use crate::run::events::Way;
    use crate::run::fault::DossierFault;

    fn logged(depth: Depth, format: Format) -> String {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("log");
        let log = Log::new(append_to(&path).expect("a file"), format, depth);
        let (folder, key) = ("hộp 1/Nguyễn Văn A", Digest::of(b""));
        let reasons = [messages::reason(&DossierFault::NoCode, folder)];
        log.hear(Event::Started {
            run: "r1",
            dossiers: 1,
            passed_over: &[],
        });
        log.hear(Event::Taken {
            folder,
            key,
            pages: 1,
        });
        log.hear(Event::PageRead {
            folder,
            scan: "CMND Nguyễn Văn A.jpg",
            page: 1,
            found: None,
            ms: 5,
        });
        log.hear(Event::Ended {
            folder,
            key: Some(key),
            way: Way::SetAside,
            pages: 1,
            reasons: &reasons,
            ms: 9,
        });
        log.end(Exit::SomeSetAside, 1);
        drop(log);
        std::fs::read_to_string(path).expect("a log")
    }

    #[test]
    fn names_stand_at_debug_only() {
        for format in [Format::Json, Format::Text] {
            assert!(!logged(Depth::Info, format).contains("Nguyễn"));
            assert!(logged(Depth::Debug, format).contains("CMND Nguyễn Văn A.jpg"));
        }
    }

    #[test]
    fn every_line_is_json_and_names_its_run_dossier_and_page() {
        let text = logged(Depth::Info, Format::Json);
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let messages: Vec<_> = lines.iter().map(|line| line["message"].as_str()).collect();
        let expected = [
            "run began",
            "dossier taken",
            "page not read",
            "dossier ended",
            "set aside",
            "run ended",
        ];
        assert_eq!(messages, expected.map(Some));
        let spans = lines[2]["spans"].as_array().expect("spans");
        let names: Vec<_> = spans.iter().map(|span| span["name"].as_str()).collect();
        assert_eq!(names, ["run", "dossier", "page"].map(Some));
        assert_eq!(
            (&spans[0]["run"], &spans[2]["page"]),
            (&"r1".into(), &1.into())
        );
        assert_eq!(lines[4]["code"], "RUN-008");
        assert_eq!(lines[5]["exit_code"], 4);
    }

    #[test]
    fn a_dossier_is_known_by_its_code() {
        assert_eq!(masked("phông 1/H10.12-221013-0001"), "H10.12-221013-0001");
        assert_eq!(masked("Nguyễn Văn A").len(), 8);
    }
}
