//! `sohoa evaluate`: how well pages are read and how often cutting, types and fields are right, measured on papers whose truth is known.

mod cost;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cost::{CountedReader, Meter};

use super::clock::clock;
use super::engine::EngineArgument;
use super::run::{read_plan, reading_threads, start_workers};
use super::usage::UsageFault;
use super::{Exit, say};
use crate::evaluate::report::{self, Evaluation};
use crate::evaluate::{self, FoundDocument, Outcome, Truth, TruthFault};
use crate::messages::Language;
use crate::model::{Coded, Describer};
use crate::run::corrections::Corrections;
use crate::run::reader::KeptPages;
use crate::run::trial::{self, Tried, TriedDocument};
use crate::run::{Budget, PageReader, Plan, RunFault, Stop, Tools};
use crate::stages::describe::RuleDescriber;
use crate::stages::intake::{self, Entry};
use crate::stages::package::Store;
use crate::stages::recognize::{Engine, RecognizeFault};

/// The code of a dossier that is held back for a stamp of secrecy.
const SECRET: &str = "DSC-030";

/// Arguments of `sohoa evaluate`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Thư mục có `dossiers/` (bản quét) và `truth/` (đáp án) · Folder with scans and truths
    #[arg(value_name = "ĐÁP_ÁN")]
    truth: PathBuf,

    /// Thư mục giữ chữ đã đọc: trang có ở đó không phải đọc lại · Folder of words read before;
    /// pages that are not there are read and kept
    #[arg(long, value_name = "THƯ_MỤC")]
    words: Option<PathBuf>,

    /// Tệp kế hoạch (xem `sohoa plan`) · Plan file
    #[arg(long, value_name = "TỆP", env = "SOHOA_PLAN")]
    plan: Option<PathBuf>,

    #[command(flatten)]
    engine: EngineArgument,

    /// Ghi báo cáo có hình ra tệp HTML · Write a report with pictures
    #[arg(long, value_name = "TỆP")]
    report: Option<PathBuf>,

    /// In kết quả dạng JSON · Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Measures, prints, and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    match try_run(arguments, language) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(arguments: &Arguments, language: Language) -> Result<Exit, Exit> {
    let mut plan = read_plan(arguments.plan.as_deref(), language)?;
    arguments.engine.choose(&mut plan);
    let truths = Truth::read_all(&arguments.truth.join("truth"));
    let truths = truths.map_err(|fault| told(&fault, Exit::SourceUnreadable, language))?;
    let meter = Meter::start();
    let mut evaluation = match &arguments.words {
        Some(folder) => {
            let unwritable = |cause| UsageFault::unwritable(folder, &cause).tell(language);
            fs::create_dir_all(folder).map_err(unwritable)?;
            with_kept_words(arguments, folder, &truths, &plan, &meter, language)?
        }
        None => with_engine(&plan, &meter, language, |reader| {
            measure(arguments, &truths, &plan, reader, language)
        })?,
    };
    evaluation.reading_cost = meter.cost();
    if let Some(path) = &arguments.report {
        let unwritable = |cause| UsageFault::unwritable(path, &cause).tell(language);
        fs::write(path, report::page(&evaluation)).map_err(unwritable)?;
    }
    let text = match arguments.json {
        true => format!("{}\n", evaluation.as_json()),
        false => tables::as_text(&evaluation, language),
    };
    Ok(say::result(&text, Exit::Done, language))
}

/// With the engine only for pages that are not kept yet, so that a machine without one can
/// measure what was read elsewhere.
fn with_kept_words(
    arguments: &Arguments,
    folder: &Path,
    truths: &[Truth],
    plan: &Plan,
    meter: &Meter,
    language: Language,
) -> Result<Evaluation, Exit> {
    let measure = |reader: Option<&dyn PageReader>| {
        let kept = KeptPages {
            folder: folder.to_owned(),
            reader,
            plan,
        };
        measure(arguments, truths, plan, &kept, language)
    };
    match Engine::identify(&plan.recognize) {
        Err(RecognizeFault::NoEngine) => measure(None),
        _ => with_engine(plan, meter, language, |reader| measure(Some(reader))),
    }
}

fn with_engine(
    plan: &Plan,
    meter: &Meter,
    language: Language,
    work: impl FnOnce(&dyn PageReader) -> Result<Evaluation, Exit>,
) -> Result<Evaluation, Exit> {
    let missing = |fault: &dyn Coded| told(fault, Exit::MissingTool, language);
    let engine = Engine::identify(&plan.recognize).map_err(|fault| missing(&fault))?;
    let workers = start_workers(plan, engine).map_err(|fault| missing(&fault))?;
    work(&CountedReader {
        reader: &workers,
        meter,
    })
}

fn measure(
    arguments: &Arguments,
    truths: &[Truth],
    plan: &Plan,
    reader: &dyn PageReader,
    language: Language,
) -> Result<Evaluation, Exit> {
    let now = clock();
    let pool = reading_threads(plan.run.jobs).map_err(|_| Exit::Internal)?;
    let describer = RuleDescriber::open(&plan.describe, now().date()).map_err(|fault| {
        say::fault(&fault, "", language);
        Exit::Usage
    })?;
    let tools = Tools {
        plan,
        reader,
        memory: &Budget::new(plan.run.memory_bytes),
        describer: &describer,
        corrections: &Corrections::default(),
        signer: None,
        lasting: None,
        now: &now,
        report: &|_| {},
        pool: &pool,
        stop: &Stop::at(None, 1.0),
    };
    let scratch = std::env::temp_dir().join(format!("sohoa-evaluate-{}", std::process::id()));
    let measured = all_dossiers(&arguments.truth, truths, &scratch, &tools, language);
    // Nothing in it is kept: pages that waited, archives unpacked.
    let _ = fs::remove_dir_all(&scratch);
    measured
}

fn all_dossiers(
    folder: &Path,
    truths: &[Truth],
    scratch: &Path,
    tools: &Tools<'_>,
    language: Language,
) -> Result<Evaluation, Exit> {
    let stopped = |fault: &RunFault| told(fault, Exit::from(fault), language);
    let store = Store::open(scratch).map_err(|fault| stopped(&fault.into()))?;
    let drop = folder.join("dossiers");
    let listing = intake::list(&drop, &tools.plan.intake, &store.unpacked());
    let entries = listing.map_err(|fault| stopped(&fault.into()))?.entries;
    let mut dossiers = Vec::with_capacity(truths.len());
    let mut speed = Speed::default();
    for truth in truths {
        let entry = entry_of(truth, &entries)
            .map_err(|fault| told(&fault, Exit::SourceUnreadable, language))?;
        let tried = trial::describe(entry, tools, &store).map_err(|fault| stopped(&fault))?;
        if let Tried::Described(documents) = &tried {
            speed.time(tools.describer, documents);
        }
        dossiers.push(evaluate::judge(truth, &outcome(tried)));
    }
    Ok(Evaluation {
        set: folder.display().to_string(),
        describer: tools.describer.identity(),
        pages_per_second: speed.pages_per_second(),
        reading_cost: None,
        dossiers,
    })
}

fn entry_of<'e>(truth: &Truth, entries: &'e [Entry]) -> Result<&'e Entry, TruthFault> {
    let entry = entries.iter().find(|entry| entry.code == truth.ma_ho_so);
    entry.ok_or_else(|| TruthFault::NoScans {
        dossier: truth.ma_ho_so.clone(),
    })
}

fn outcome(tried: Tried) -> Outcome {
    match tried {
        Tried::Described(documents) => {
            let found = documents.into_iter().map(|document| FoundDocument {
                pages: document.pages,
                words: document.words,
                split_confidence: document.split_confidence,
                description: document.description,
                waits_for: document
                    .waits_for
                    .into_iter()
                    .map(|flag| flag.code)
                    .collect(),
            });
            Outcome::Described(found.collect())
        }
        Tried::SetAside(reasons) if reasons.iter().any(|reason| reason.code == SECRET) => {
            Outcome::HeldBack
        }
        Tried::SetAside(_) => Outcome::SetAside,
    }
}

/// How fast pages are described whose words are known, on one core.
#[derive(Default)]
struct Speed {
    pages: u64,
    spent: Duration,
}

impl Speed {
    /// Does all that the describer does for these documents once more, and looks at the clock.
    fn time(&mut self, describer: &dyn Describer, documents: &[TriedDocument]) {
        let began = Instant::now();
        for document in documents {
            for page in &document.words {
                std::hint::black_box(describer.signs(page));
            }
            let pages: Vec<_> = document.words.iter().collect();
            std::hint::black_box(describer.describe(&pages));
            self.pages += pages.len() as u64;
        }
        self.spent += began.elapsed();
    }

    fn pages_per_second(&self) -> f64 {
        self.pages as f64 / self.spent.as_secs_f64().max(1e-9)
    }
}

fn told(fault: &dyn Coded, exit: Exit, language: Language) -> Exit {
    say::fault(fault, "", language);
    exit
}
