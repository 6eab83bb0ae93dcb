//! `sohoa renew`: time stamps for files that wait for one or whose last one lapses soon.

use std::path::PathBuf;

use time::Duration;

use super::clock::clock;
use super::lasting::Lastingly;
use super::run::read_plan;
use super::{Exit, say, stamp};
use crate::messages::Language;
use crate::run::renew::{Renewed, Told, Which, renew};

/// Days of a month when spans are counted in months.
const MONTH_DAYS: i64 = 30;

/// Arguments of `sohoa renew`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Gói kết quả · Package
    #[arg(value_name = "GÓI")]
    out: PathBuf,

    /// Tệp kế hoạch, có `[seal] tsa` · Plan file with `[seal] tsa`
    #[arg(long, value_name = "TỆP", env = "SOHOA_PLAN")]
    plan: Option<PathBuf>,

    /// Máy chủ cấp dấu thời gian, thay cho kế hoạch · Time-stamping authority instead of the plan's
    #[arg(long, value_name = "http(s)://…")]
    tsa: Option<String>,

    /// Tệp PEM chứa chứng thư gốc của máy chủ https, thay cho kế hoạch ·
    /// PEM file of the roots of an https server, instead of the plan's
    #[arg(long, value_name = "TỆP")]
    tls_roots: Option<PathBuf>,

    /// Gia hạn khi chứng thư của dấu thời gian hết hạn trong ngần này tháng · Months ahead
    #[arg(long, value_name = "THÁNG", default_value_t = 12)]
    within_months: u16,

    /// Mọi tệp đã ký, dù chưa đến hạn · Every signed file, due or not
    #[arg(long)]
    all: bool,

    /// Băm lại mọi tệp cho hồ sơ bằng chứng bằng hàm này · Hash every file anew for the evidence record
    #[arg(long, value_enum)]
    hash: Option<stamp::NewHash>,
}

/// Renews, tells each file that changed, and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    match try_run(arguments, language) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(arguments: &Arguments, language: Language) -> Result<Exit, Exit> {
    let mut options = read_plan(arguments.plan.as_deref(), language)?.seal;
    if let Some(tsa) = &arguments.tsa {
        options.tsa.clone_from(tsa);
    }
    if let Some(file) = &arguments.tls_roots {
        options.tls_roots.clone_from(file);
    }
    let lasting = Lastingly::of(&options, language)?;
    let which = match arguments.all {
        true => Which::All,
        false => Which::Within(Duration::days(
            MONTH_DAYS * i64::from(arguments.within_months),
        )),
    };
    let tell = |told: Told<'_>| match told {
        Told::Stamped(file, at) => {
            let at = crate::model::manifest::iso_8601(at);
            say::line(format_args!("{file}\t{at}"));
        }
        Told::Failed(file, fault) => say::fault(fault, file, language),
    };
    let at = clock()();
    match renew(&arguments.out, which, at, &lasting.lend(), &tell) {
        Ok(counts) => {
            let due = (which, at, arguments.hash);
            let stamped = stamp::renewed_as_planned(&arguments.out, &options, due, language);
            Ok(match told(counts, language) {
                Exit::Done if !stamped => Exit::SigningImpossible,
                exit => exit,
            })
        }
        Err(fault) => {
            say::fault(&fault, &arguments.out.display().to_string(), language);
            Err(Exit::from(&fault))
        }
    }
}

fn told(counts: Renewed, language: Language) -> Exit {
    let Renewed {
        stamped,
        lasting,
        still_waiting,
    } = counts;
    let line = say::by(
        language,
        "tệp có dấu thời gian mới, còn hạn, còn chờ",
        "files stamped now, lasting still, waiting still",
    );
    say::remark(format_args!(
        "{line}: {stamped}, {lasting}, {still_waiting}"
    ));
    match still_waiting {
        0 => Exit::Done,
        _ => Exit::SigningImpossible,
    }
}
