//! `sohoa status`: what is done, waiting and set aside, and why; whether a run is at work.
//!
//! Only reads, and only the history: fifty thousand dossiers take a second, and a run at
//! work is not disturbed.

mod owner;
mod receipts;
mod text;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::progress::pages_per_minute;
use super::usage::{UsageFault, unreadable};
use super::{Exit, say};
use crate::import::receipts::Answers;
use crate::import::{ImportFault, Reconciled, reconcile};
use crate::messages::Language;
use crate::run::journal::{History, RunSeen, Standing, last_listing};

use owner::Owner;

/// Runs told of; all stand in the history.
const RUNS_TOLD: usize = 10;

/// Arguments of `sohoa status`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Thư mục kết quả của `sohoa run` · The output folder of `sohoa run`
    #[arg(value_name = "KẾT_QUẢ")]
    out: PathBuf,

    /// Biên nhận của bên nhận, để đối chiếu; lặp lại được · The receiver's receipts, to be held against
    #[arg(long, value_name = "TỆP")]
    receipts: Vec<PathBuf>,

    /// In thành các dòng JSON · Print JSON lines
    #[arg(long)]
    json: bool,
}

/// Everything there is to tell.
struct Status<'a> {
    standing: Standing<'a>,
    owner: Option<Owner>,
    last_runs: Vec<&'a RunSeen>,
    drop: Option<&'a str>,
    /// Dossiers that the last run found.
    listed: u64,
    /// What the receiver has of it, where receipts were given.
    reconciled: Option<Reconciled>,
}

/// Tells and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    match tell(arguments, language) {
        Ok(text) => say::result(&text, Exit::Done, language),
        Err(exit) => exit,
    }
}

fn tell(arguments: &Arguments, language: Language) -> Result<String, Exit> {
    let out = arguments.out.as_path();
    let failed = |cause: std::io::Error| unreadable(out, &cause, language);
    let history = History::read(out).map_err(failed)?;
    let listing = last_listing(out).map_err(failed)?;
    let mut standing = Standing::of(&history, &listing);
    if history.runs.is_empty() {
        standing.done = count(&out.join("dossiers")).ok_or_else(|| no_package(out, language))?;
    }
    let status = Status {
        standing,
        owner: Owner::of(out),
        last_runs: history.runs.iter().rev().take(RUNS_TOLD).collect(),
        listed: listing.len() as u64,
        drop: history.runs.last().map(|run| run.began.drop.as_str()),
        reconciled: reconciled(arguments, language)?,
    };
    Ok(match arguments.json {
        true => status.json(),
        false => status.text(language),
    })
}

/// The package held against receipts, where some were given.
fn reconciled(arguments: &Arguments, language: Language) -> Result<Option<Reconciled>, Exit> {
    if arguments.receipts.is_empty() {
        return Ok(None);
    }
    let answers = Answers::read(arguments.receipts.iter().map(PathBuf::as_path));
    let reconciled = answers.and_then(|answers| reconcile(&arguments.out, &answers));
    reconciled.map(Some).map_err(|fault| {
        say::fault(&fault, &arguments.out.display().to_string(), language);
        match fault {
            ImportFault::NoReceipt { .. } => Exit::Usage,
            _ => Exit::SourceUnreadable,
        }
    })
}

fn no_package(out: &Path, language: Language) -> Exit {
    let path = out.display().to_string();
    UsageFault::NoPackage { path }.tell(language)
}

/// Entries of a folder, where it is one: all that a package without a history can tell quickly.
fn count(folder: &Path) -> Option<u64> {
    Some(std::fs::read_dir(folder).ok()?.count() as u64)
}

impl Status<'_> {
    /// The run at work now: the last one, where the package has a living owner.
    fn at_work(&self) -> Option<&RunSeen> {
        let living = self.owner.as_ref().is_some_and(|owner| owner.lives);
        let last = self.last_runs.first().copied();
        last.filter(|run| living && run.ended.is_none())
    }

    fn json(&self) -> String {
        let mut lines: Vec<Value> = self.last_runs.iter().map(|run| run_json(run)).collect();
        let told = self.standing.review.iter().chain(&self.standing.set_aside);
        lines.extend(told.map(|ended| {
            json!({
                "v": 1, "type": ended.way.word(), "folder": ended.folder, "content_key": ended.key,
                "codes": ended.codes, "reasons": ended.reasons,
            })
        }));
        let reconciled = self.reconciled.as_ref();
        lines.extend(reconciled.map(receipts::lines).unwrap_or_default());
        let owner = self
            .owner
            .as_ref()
            .map(|owner| json!({"owner": owner.name, "since": owner.since, "lives": owner.lives}));
        let at_work = self.at_work().map(|run| {
            json!({"run": run.began.run, "ended": run.dossiers_ended, "dossiers": self.listed})
        });
        lines.push(json!({
            "v": 1, "type": "summary", "exit_code": Exit::Done as u8,
            "drop": self.drop, "lock": owner, "at_work": at_work,
            "done": self.standing.done, "waiting": self.standing.waiting,
            "left": self.standing.left, "open": self.standing.open,
            "waiting_for_review": self.standing.review.len(),
            "set_aside": self.standing.set_aside.len(), "codes": self.standing.codes,
            "receipts": reconciled.map(receipts::counts),
        }));
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

fn run_json(run: &RunSeen) -> Value {
    let mut line = json!({"v": 1, "type": "run"});
    line["began"] = json!(run.began);
    if let Some(ended) = &run.ended {
        line["ended"] = json!(ended);
        line["exit_code"] = json!(Exit::of_history(ended) as u8);
        let time = std::time::Duration::from_millis(ended.ms);
        let speed = pages_per_minute(ended.pages_read, time);
        line["pages_per_minute"] = json!((speed * 10.0).round() / 10.0);
    }
    line
}
