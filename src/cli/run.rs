//! `sohoa run`: from the drop folder to the package.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use super::clock::{clock, wall_clock};
use super::engine::EngineArgument;
use super::exit::Excused;
use super::key::{self, KeyArguments, Opened};
use super::lasting::Lastingly;
use super::log::LogArguments;
use super::metrics::Metrics;
use super::night::{Night, Shown};
use super::until::{UntilArguments, expected_speed, parse_span};
use super::usage::{UsageFault, refuse_nested, unreadable};
use super::{Exit, dry_run, say, signals, stamp, watch};
use crate::formats::signer::Signer;
use crate::messages::Language;
use crate::model::correction::Correction;
use crate::model::{Coded, Describer};
use crate::run::corrections::Corrections;
use crate::run::reader::{Workers, WorkersFault};
use crate::run::{Budget, Plan, Stop, Tools};
use crate::stages::describe::RuleDescriber;
use crate::stages::recognize::{Engine, EngineIdentity};

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

    /// Không ký: các tệp ở trạng thái chờ ký · Do not sign: files wait for signature
    #[arg(long, conflicts_with_all = ["key", "token"])]
    unsigned: bool,

    /// Tệp kế hoạch (xem `sohoa plan`) · Plan file
    #[arg(long, value_name = "TỆP", env = "SOHOA_PLAN")]
    plan: Option<PathBuf>,

    #[command(flatten)]
    engine: EngineArgument,

    /// Số luồng đọc trang; 0 = mỗi lõi một luồng · Reading threads; 0 = one a core
    #[arg(long, short, value_name = "SỐ", env = "SOHOA_JOBS")]
    jobs: Option<usize>,

    /// Số hồ sơ mở cùng lúc; 0 = số luồng + 1 · Dossiers open at a time; 0 = threads + 1
    #[arg(long, value_name = "SỐ", env = "SOHOA_LANES")]
    lanes: Option<usize>,

    #[command(flatten)]
    until: UntilArguments,

    /// Chỉ nói sẽ làm gì và mất bao lâu, không ghi gì · Say what would be done, write nothing
    #[arg(long, short = 'n')]
    dry_run: bool,

    /// Theo dõi thư mục nguồn, nhận hồ sơ nào đã chép xong · Watch the drop, take what is whole
    #[arg(long, conflicts_with = "dry_run")]
    watch: bool,

    /// Bao lâu nhìn lại một lần khi theo dõi · How often to look while watching
    #[arg(long, value_name = "THỜI_LƯỢNG", value_parser = parse_span, default_value = "10s", requires = "watch")]
    every: Duration,

    /// Điều người xem đã sửa hoặc xác nhận (docs/review.md) · What people corrected or confirmed
    #[arg(long, value_name = "TỆP")]
    corrections: Option<PathBuf>,

    /// Coi là xong (mã 0) dù có hồ sơ chờ xem, để riêng hoặc hết giờ · Exit 0 all the same
    #[arg(long, value_name = "LOẠI", value_enum, value_delimiter = ',')]
    exit_zero_on: Vec<Excused>,

    #[command(flatten)]
    log: LogArguments,

    /// Ghi số liệu cho Prometheus vào tệp này, mỗi phút và khi xong · Write figures for Prometheus
    #[arg(long, value_name = "TỆP")]
    metrics_file: Option<PathBuf>,

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
    let missing = |fault: &dyn Coded| {
        say::fault(fault, "", language);
        Exit::MissingTool
    };
    let mut plan = read_plan(arguments.plan.as_deref(), language)?;
    arguments.engine.choose(&mut plan);
    plan.run.jobs = arguments.jobs.unwrap_or(plan.run.jobs);
    plan.run.lanes = arguments.lanes.unwrap_or(plan.run.lanes);
    refuse_nested(&arguments.drop, &arguments.out, language)?;
    if !arguments.watch {
        watch::refuse_watched(&arguments.drop, language)?;
    }
    let now = clock();
    let key = open_key(arguments, &plan, now(), language)?;
    let engine = Engine::identify(&plan.recognize).map_err(|fault| missing(&fault))?;
    let pool = reading_threads(plan.run.jobs).map_err(|_| Exit::Internal)?;
    let ends = arguments.until.ends(wall_clock());
    let speed = expected_speed(&arguments.out, pool.current_num_threads());
    let stop = Arc::new(Stop::at(ends.as_ref().map(|ends| ends.at), speed.0));
    if !arguments.dry_run {
        signals::obey(&stop, language).map_err(|_| Exit::Internal)?;
    }
    let workers = start_workers(&plan, engine).map_err(|fault| missing(&fault))?;
    let memory = Budget::new(plan.run.memory_bytes);
    let describer = RuleDescriber::open(&plan.describe, now().date()).map_err(|fault| {
        say::fault(&fault, "", language);
        Exit::Usage
    })?;
    let corrections = match &arguments.corrections {
        Some(file) => read_corrections(file, &describer, language)?,
        None => Corrections::default(),
    };
    let signer: Option<&dyn Signer> = match &key {
        Some(Opened::Ready(signer)) => Some(signer.as_ref()),
        Some(Opened::Away) | None => None,
    };
    let lasting = Lastingly::open(&plan.seal, language)?;
    let lasting = lasting.as_ref().map(Lastingly::lend);
    let tools = Tools {
        plan: &plan,
        reader: &workers,
        memory: &memory,
        describer: &describer,
        corrections: &corrections,
        signer,
        lasting: lasting.as_ref(),
        now: &now,
        report: &|_| {},
        pool: &pool,
        stop: &stop,
    };
    let recorded = !arguments.dry_run;
    let metrics_file = arguments.metrics_file.as_deref().filter(|_| recorded);
    let night = Night {
        out: &arguments.out,
        shown: Shown {
            language,
            json: arguments.json,
            bars: !arguments.no_progress && !arguments.json,
        },
        key_is_away: matches!(key, Some(Opened::Away)),
        excused: &arguments.exit_zero_on,
        ends,
        log: match recorded {
            true => arguments.log.open(language)?,
            false => None,
        },
        metrics: Metrics::open(metrics_file, &arguments.out, tools.signer, language)?,
    };
    let drop = &arguments.drop;
    Ok(match () {
        () if arguments.dry_run => dry_run::tell(drop, &night, speed, &tools),
        () if arguments.watch => watch::run(drop, arguments.every, &night, &tools),
        () => {
            let exit = night.run(drop, &tools);
            stamp::as_planned(&arguments.out, &plan.seal, language);
            exit
        }
    })
}

/// Reads the plan file, or takes the defaults where none is named.
pub fn read_plan(file: Option<&Path>, language: Language) -> Result<Plan, Exit> {
    let Some(file) = file else {
        return Ok(Plan::default());
    };
    let text = std::fs::read_to_string(file).map_err(|cause| unreadable(file, &cause, language))?;
    Plan::from_toml(&text).map_err(|fault| refused(file, &fault, language))
}

fn read_corrections(
    file: &Path,
    describer: &dyn Describer,
    language: Language,
) -> Result<Corrections, Exit> {
    let all = correction_lines(file, language)?;
    Corrections::of_all(all, describer).map_err(|fault| refused(file, &fault, language))
}

/// What people wrote into this file.
pub fn correction_lines(file: &Path, language: Language) -> Result<Vec<Correction>, Exit> {
    let text = std::fs::read_to_string(file).map_err(|cause| unreadable(file, &cause, language))?;
    Correction::read_lines(&text).map_err(|fault| refused(file, &fault, language))
}

fn refused(file: &Path, fault: &dyn Coded, language: Language) -> Exit {
    say::fault(fault, &file.display().to_string(), language);
    Exit::Usage
}

/// The key, unless it was said that nothing is signed.
fn open_key(
    arguments: &Arguments,
    plan: &Plan,
    now: OffsetDateTime,
    language: Language,
) -> Result<Option<Opened>, Exit> {
    if arguments.unsigned {
        return Ok(None);
    }
    match key::open(&arguments.key, &plan.seal, now, language)? {
        Some(opened) => Ok(Some(opened)),
        None => Err(UsageFault::NoKey.tell(language)),
    }
}

/// The child processes that read pages: this very program under its hidden verb.
pub fn start_workers(plan: &Plan, identity: EngineIdentity) -> Result<Workers<'_>, WorkersFault> {
    let program = std::env::current_exe().map_err(|error| WorkersFault::NoStart {
        cause: error.to_string(),
    })?;
    let memory = plan.run.memory_bytes.to_string();
    let arguments = ["read-pages", "--memory-bytes", &memory].map(str::to_owned);
    Workers::start(program, arguments.to_vec(), plan, identity)
}

/// The threads that read pages; 0 = one a core.
pub fn reading_threads(jobs: usize) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    let name = |n| format!("reader-{n}");
    rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .thread_name(name)
        .build()
}
