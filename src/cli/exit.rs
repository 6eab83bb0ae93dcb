//! The exit codes: a public promise to cron jobs and scripts.

use std::process::ExitCode;

use super::say::by;
use crate::messages::Language;
use crate::run::journal::RunEnded;
use crate::run::{RunFault, StopReason, Summary};
use crate::stages::intake::IntakeFault;
use crate::stages::package::PackageFault;

/// How the program ends. Unknown codes are to be read as failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All done.
    Done = 0,
    /// An internal error.
    Internal = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// Done, but some dossiers wait for a person to look at them.
    ReviewNeeded = 3,
    /// Done, but some dossiers were set aside.
    SomeSetAside = 4,
    /// Stopped by `--until` or `--max-duration`; the next run goes on.
    Window = 6,
    /// The source cannot be read.
    SourceUnreadable = 7,
    /// The package cannot be written, or the disk is full.
    StoreNotWritable = 8,
    /// Signing is impossible.
    SigningImpossible = 9,
    /// Verify: something is invalid.
    Invalid = 10,
    /// Verify: nothing is wrong, but not everything could be proven.
    Indeterminate = 11,
    /// Another run holds the lock.
    Locked = 12,
    /// An engine, a model or a tool is missing.
    MissingTool = 13,
    /// Import: a delivery, or a dossier of it, was rejected; the receipts say why.
    ImportRejected = 15,
    /// Ctrl-C; the package is consistent.
    Interrupted = 130,
    /// SIGTERM; the package is consistent.
    Terminated = 143,
}

/// What `--exit-zero-on` takes for a good end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Excused {
    /// Some dossiers wait for a person (3).
    Review,
    /// Some dossiers were set aside (4).
    Aside,
    /// The window closed before all was done (6).
    Window,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

impl From<&RunFault> for Exit {
    fn from(fault: &RunFault) -> Self {
        match fault {
            RunFault::Intake(IntakeFault::ScratchUnusable { .. }) => Exit::StoreNotWritable,
            RunFault::Intake(_) => Exit::SourceUnreadable,
            RunFault::Recognize(_) | RunFault::Workers(_) => Exit::MissingTool,
            RunFault::Seal(_) => Exit::SigningImpossible,
            RunFault::Package(PackageFault::Locked { .. }) => Exit::Locked,
            RunFault::Package(_) => Exit::StoreNotWritable,
            RunFault::Unbalanced { .. } => Exit::Internal,
        }
    }
}

impl Exit {
    /// The exit of a run that no fault stopped: a signal outranks the window, and the
    /// window what was set aside, and that what waits for a person. What is excused gives way to what it outranks.
    ///
    /// What could not be signed outranks all but a signal: it has to be signed before anything else.
    pub fn of(summary: &Summary, excused: &[Excused], key_is_away: bool) -> Self {
        let counts = |what| !excused.contains(&what);
        match summary.stopped {
            Some(StopReason::Interrupt) => Exit::Interrupted,
            Some(StopReason::Terminate) => Exit::Terminated,
            _ if key_is_away || summary.signing_failed.is_some() => Exit::SigningImpossible,
            Some(StopReason::Window) if counts(Excused::Window) => Exit::Window,
            _ if summary.ways.set_aside > 0 && counts(Excused::Aside) => Exit::SomeSetAside,
            _ if summary.ways.waiting_for_review > 0 && counts(Excused::Review) => {
                Exit::ReviewNeeded
            }
            _ => Exit::Done,
        }
    }

    /// The exit that a run had, by what the history says of its end.
    pub fn of_history(ended: &RunEnded) -> Self {
        let ways = ended.ways.unwrap_or_default();
        match ended.how.as_str() {
            "complete" if ways.set_aside > 0 => Exit::SomeSetAside,
            "complete" if ways.waiting_for_review > 0 => Exit::ReviewNeeded,
            "complete" => Exit::Done,
            "interrupt" => Exit::Interrupted,
            "terminate" => Exit::Terminated,
            "window" => Exit::Window,
            code => match code.split('-').next() {
                Some("INT") => Exit::SourceUnreadable,
                Some("OCR") => Exit::MissingTool,
                Some("SEAL" | "TOK") => Exit::SigningImpossible,
                Some("PKG") => Exit::StoreNotWritable,
                _ => Exit::Internal,
            },
        }
    }

    /// What the code means, in a few words.
    pub fn meaning(self, language: Language) -> &'static str {
        let (vietnamese, english) = match self {
            Exit::Done => ("xong", "done"),
            Exit::Internal => ("lỗi bên trong", "internal error"),
            Exit::Usage => ("sai cách dùng hoặc kế hoạch", "wrong usage or plan"),
            Exit::ReviewNeeded => ("xong, có hồ sơ chờ xem lại", "done, some wait for review"),
            Exit::SomeSetAside => ("xong, có hồ sơ để riêng", "done, some set aside"),
            Exit::Window => (
                "hết giờ, lần sau làm tiếp",
                "out of time, the next run goes on",
            ),
            Exit::SourceUnreadable => ("không đọc được nguồn", "source unreadable"),
            Exit::StoreNotWritable => ("không ghi được kết quả", "output not writable"),
            Exit::SigningImpossible => ("không ký được", "signing impossible"),
            Exit::Invalid => ("không hợp lệ", "invalid"),
            Exit::Indeterminate => ("không xác định", "indeterminate"),
            Exit::Locked => ("lần chạy khác đang làm", "another run is at work"),
            Exit::MissingTool => ("thiếu phần mềm", "something is missing on this machine"),
            Exit::ImportRejected => ("có hồ sơ hoặc gói bị từ chối nhận", "some were rejected"),
            Exit::Interrupted => (
                "bị ngắt (Ctrl-C), chạy lại là làm tiếp",
                "interrupted, run again to go on",
            ),
            Exit::Terminated => (
                "bị dừng (SIGTERM), chạy lại là làm tiếp",
                "terminated, run again to go on",
            ),
        };
        by(language, vietnamese, english)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::manifest::{DossierCounts, PageCounts};
    use crate::run::Ways;

    #[test]
    fn signals_outrank_the_window_and_the_window_what_was_set_aside() {
        let exit = |stopped, set_aside, excused: &[Excused]| {
            let summary = Summary {
                stopped,
                ways: Ways {
                    set_aside,
                    ..Ways::default()
                },
                dossiers: DossierCounts::default(),
                pages: PageCounts::default(),
                documents: 0,
                duplicates: 0,
                kept: Default::default(),
                signing_failed: None,
                scanned_twice: 0,
            };
            Exit::of(&summary, excused, false)
        };
        let both = [Excused::Aside, Excused::Window];
        let window = Some(StopReason::Window);
        assert_eq!(exit(None, 0, &[]), Exit::Done);
        assert_eq!(exit(None, 1, &[]), Exit::SomeSetAside);
        assert_eq!(exit(window, 1, &[]), Exit::Window);
        assert_eq!(exit(window, 1, &[Excused::Window]), Exit::SomeSetAside);
        assert_eq!(exit(window, 1, &both), Exit::Done);
        assert_eq!(
            exit(Some(StopReason::Interrupt), 1, &both),
            Exit::Interrupted
        );
        assert_eq!(
            exit(Some(StopReason::Terminate), 0, &both),
            Exit::Terminated
        );
    }
}
