//! `sohoa run`: from the drop folder to the package.

use std::io::Write;
use std::path::{Path, PathBuf};

use time::{OffsetDateTime, UtcOffset};

use super::key::{self, KeyArguments};
use super::progress::Progress;
use super::summary::Told;
use super::{Exit, doctor, say};
use crate::formats::signer::Signer;
use crate::messages::Language;
use crate::model::{Coded, Params};
use crate::run::reader::{Workers, WorkersFault};
use crate::run::{Budget, Plan, Stop, Tools};
use crate::stages::describe::{RuleDescriber, TypeTable};
use crate::stages::recognize::{EngineIdentity, Recognizer};
use crate::stages::seal::KeyFile;

/// Arguments of `sohoa run`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Thư mục hồ sơ quét, mỗi hồ sơ một thư mục mang mã hồ sơ · Drop folder, one folder a dossier
    #[arg(value_name = "NGUỒN")]
    drop: PathBuf,

    /// Thư mục kết quả · Output folder
    #[arg(long, value_name = "KẾT_QUẢ")]
    out: PathBuf,

    #[command(flatten)]
    key: KeyArguments,

    /// Tệp kế hoạch (xem `sohoa plan`) · Plan file
    #[arg(long, value_name = "TỆP", env = "SOHOA_PLAN")]
    plan: Option<PathBuf>,

    /// Số luồng đọc trang; 0 = mỗi lõi một luồng · Reading threads; 0 = one a core
    #[arg(long, short, value_name = "SỐ", env = "SOHOA_JOBS")]
    jobs: Option<usize>,

    /// Số hồ sơ mở cùng lúc; 0 = số luồng + 1 · Dossiers open at a time; 0 = threads + 1
    #[arg(long, value_name = "SỐ", env = "SOHOA_LANES")]
    lanes: Option<usize>,

    /// In từng sự kiện thành một dòng JSON · Print each event as a JSON line
    #[arg(long)]
    json: bool,

    /// Không vẽ thanh tiến độ · Draw no progress bar
    #[arg(long)]
    no_progress: bool,
}

/// Runs, reports, and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    match try_run(arguments, language) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(arguments: &Arguments, language: Language) -> Result<Exit, Exit> {
    let mut plan = read_plan(arguments.plan.as_deref(), language)?;
    plan.run.jobs = arguments.jobs.unwrap_or(plan.run.jobs);
    plan.run.lanes = arguments.lanes.unwrap_or(plan.run.lanes);
    refuse_nested(&arguments.drop, &arguments.out, language)?;
    let now = clock();
    let key = open_key(&arguments.key, now(), language)?;
    let engine = doctor::open_engine(&plan).map_err(|fault| {
        say::fault(&fault, "", language);
        Exit::MissingTool
    })?;
    let workers = start_workers(&plan, engine.identity()).map_err(|fault| {
        say::fault(&fault, "", language);
        Exit::MissingTool
    })?;
    let memory = Budget::new(plan.run.memory_bytes);
    let stop = Stop::default();
    let describer = RuleDescriber::new(TypeTable::embedded(), now().date());
    let pool = reading_threads(plan.run.jobs).map_err(|_| Exit::Internal)?;
    let progress = Progress::new(
        language,
        arguments.json,
        !arguments.no_progress && !arguments.json,
    );
    let tools = Tools {
        plan: &plan,
        reader: &workers,
        memory: &memory,
        describer: &describer,
        signer: key.as_ref().map(|key| key as &dyn Signer),
        now: &now,
        report: &|event| progress.show(event),
        pool: &pool,
        stop: &stop,
    };
    let outcome = crate::run::run(&arguments.drop, &arguments.out, &tools);
    let (pages_read, time) = progress.finish();
    let exit = match &outcome {
        Ok(summary) if summary.ways.set_aside > 0 => Exit::SomeSetAside,
        Ok(_) => Exit::Done,
        Err(fault) => {
            say::fault(fault, &arguments.drop.display().to_string(), language);
            Exit::from(fault)
        }
    };
    let told = Told {
        summary: outcome.ok(),
        pages_read,
        time,
        exit,
    };
    let text = match arguments.json {
        true => told.json(),
        false => told.text(&arguments.out, language),
    };
    // A closed pipe ends the reader; the exit code still tells.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(exit)
}

/// Reads the plan file, or takes the defaults where none is named.
pub fn read_plan(file: Option<&Path>, language: Language) -> Result<Plan, Exit> {
    let Some(file) = file else {
        return Ok(Plan::default());
    };
    let text = std::fs::read_to_string(file).map_err(|cause| unreadable(file, &cause, language))?;
    Plan::from_toml(&text).map_err(|fault| {
        say::fault(&fault, &file.display().to_string(), language);
        Exit::Usage
    })
}

fn open_key(
    arguments: &KeyArguments,
    now: OffsetDateTime,
    language: Language,
) -> Result<Option<KeyFile>, Exit> {
    if arguments.unsigned {
        return Ok(None);
    }
    let Some(file) = &arguments.key else {
        say::fault(&UsageFault::NoKey, "", language);
        return Err(Exit::Usage);
    };
    let bytes = std::fs::read(file).map_err(|cause| unreadable(file, &cause, language))?;
    let password = key::password(arguments, language)
        .map_err(|(place, cause)| unreadable(&place, &cause, language))?;
    KeyFile::open(&bytes, &password, now)
        .map(Some)
        .map_err(|fault| {
            say::fault(&fault, &file.display().to_string(), language);
            Exit::SigningImpossible
        })
}

/// A package inside its own source would be taken in by the next run.
fn refuse_nested(drop: &Path, out: &Path, language: Language) -> Result<(), Exit> {
    let absolute = |path: &Path| {
        let known = path
            .ancestors()
            .find_map(|part| Some((part, part.canonicalize().ok()?)));
        let (part, known) = known.unwrap_or((path, path.to_owned()));
        known.join(path.strip_prefix(part).unwrap_or(Path::new("")))
    };
    let (from, to) = (absolute(drop), absolute(out));
    if from.starts_with(&to) || to.starts_with(&from) {
        say::fault(
            &UsageFault::Nested {
                path: to.display().to_string(),
            },
            "",
            language,
        );
        return Err(Exit::Usage);
    }
    Ok(())
}

/// Tells that a file named on the command line cannot be read.
pub fn unreadable(file: &Path, cause: &std::io::Error, language: Language) -> Exit {
    let path = file.display().to_string();
    say::fault(
        &UsageFault::Unreadable {
            path,
            cause: cause.to_string(),
        },
        "",
        language,
    );
    Exit::Usage
}

/// The child processes that read pages: this very program under its hidden verb.
fn start_workers(plan: &Plan, identity: EngineIdentity) -> Result<Workers<'_>, WorkersFault> {
    let program = std::env::current_exe().map_err(|error| WorkersFault {
        cause: error.to_string(),
    })?;
    let memory = plan.run.memory_bytes.to_string();
    let arguments = ["read-pages", "--memory-bytes", &memory].map(str::to_owned);
    Workers::start(program, arguments.to_vec(), plan, identity)
}

fn reading_threads(jobs: usize) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    let name = |n| format!("reader-{n}");
    rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .thread_name(name)
        .build()
}

/// The time in Viet Nam's zone, which has no summer time; fixed by `SOURCE_DATE_EPOCH`
/// (reproducible-builds.org) for runs that must give the same bytes twice.
pub fn clock() -> impl Fn() -> OffsetDateTime + Sync {
    let zone = UtcOffset::from_hms(7, 0, 0).expect("seven hours are a zone");
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok();
    let fixed = fixed.and_then(|text| OffsetDateTime::from_unix_timestamp(text.parse().ok()?).ok());
    move || {
        fixed
            .unwrap_or_else(OffsetDateTime::now_utc)
            .to_offset(zone)
    }
}

/// Wrong usage that clap cannot see.
#[derive(Debug, thiserror::Error)]
enum UsageFault {
    #[error("no key")]
    NoKey,
    #[error("{path}: {cause}")]
    Unreadable { path: String, cause: String },
    #[error("{path} is nested")]
    Nested { path: String },
}

impl Coded for UsageFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoKey => "RUN-005",
            Self::Unreadable { .. } => "RUN-006",
            Self::Nested { .. } => "RUN-007",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NoKey => Params::new(),
            Self::Unreadable { path, cause } => {
                Params::from([("path", path.clone()), ("cause", cause.clone())])
            }
            Self::Nested { path } => Params::from([("path", path.clone())]),
        }
    }
}
