//! `sohoa verify`: packages of ours and signed PDFs of anyone; findings, facts, reports, the bottom line.

mod gather;
mod json;
mod text;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::trust::TrustArguments;
use super::usage::UsageFault;
use super::{Exit, clock, numbers, say, usage, whole_file};
use crate::messages::Language;
use crate::model::Digest;
use crate::report::expiring::{self, Ahead, Lapse};
use crate::report::html::Beside;
use crate::report::{CheckedPdf, Subject, Verification, etsi, html};
use crate::verify::{
    self, Code, Draw, Finding, Place, Progress, SampleSize, Trust, Verdict, Wishes,
};
use gather::Item;

/// Arguments of `sohoa verify`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Gói kết quả, tệp PDF đã ký, hoặc thư mục chứa chúng (xét đến tận cùng) ·
    /// Packages, signed PDFs, or folders of them (walked to their end)
    #[arg(value_name = "ĐƯỜNG_DẪN", required = true)]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    trust: TrustArguments,

    /// Kiểm chứng tại thời điểm này, ví dụ 2026-11-21T16:14:30+07:00 · Judge by this time
    #[arg(long, value_name = "THỜI_ĐIỂM", value_parser = parse_time)]
    at: Option<OffsetDateTime>,

    /// Rút ngẫu nhiên các trang để người xem: 2% hoặc số trang · Draw pages for eyes: 2% or a number
    #[arg(long, value_name = "CỠ_MẪU", requires = "seed")]
    sample: Option<SampleSize>,

    /// Số quyết định rút trang nào, bên nhận nêu sau khi giao · The number that decides which pages
    #[arg(long, value_name = "SỐ", requires = "sample")]
    seed: Option<u64>,

    /// Kê những gì hết hiệu lực trong 12m (tháng), 90d (ngày), 2y (năm) · List what will lapse
    #[arg(long, value_name = "KHOẢNG")]
    expiring: Option<Ahead>,

    /// Ghi báo cáo để in, một tệp HTML · Write a printable report, one HTML file
    #[arg(long, value_name = "TỆP")]
    report: Option<PathBuf>,

    /// Ghi báo cáo XML theo ETSI TS 119 102-2 · Write the report of ETSI TS 119 102-2
    #[arg(long, value_name = "TỆP")]
    report_xml: Option<PathBuf>,

    /// In mỗi tệp, mỗi phát hiện một dòng JSON · Print files and findings as JSON lines
    #[arg(long)]
    json: bool,

    /// Không vẽ thanh tiến độ · Draw no progress bar
    #[arg(long)]
    no_progress: bool,
}

fn parse_time(text: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|error| error.to_string())
}

/// Verifies, reports, and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    verified(arguments, language).unwrap_or_else(|exit| exit)
}

fn verified(arguments: &Arguments, language: Language) -> Result<Exit, Exit> {
    let (trust, given) = arguments.trust.read_and_tell(language)?;
    let items = gather::gather(&arguments.paths).map_err(|(path, cause)| {
        usage::unreadable(&path, &cause, language);
        Exit::SourceUnreadable
    })?;
    if items.is_empty() {
        let paths = arguments
            .paths
            .iter()
            .map(|path| path.display().to_string());
        let path = paths.collect::<Vec<_>>().join(", ");
        return Err(UsageFault::NothingToVerify { path }.tell(language));
    }
    let at = arguments.at.unwrap_or_else(clock::clock());
    let verification = Verification {
        at,
        program: format!("sohoa {}", env!("CARGO_PKG_VERSION")),
        trust: given,
        subjects: look(&items, arguments, &trust, at, language),
    };
    let until = arguments.expiring.map(|ahead| ahead.from(at));
    let lapses = until.map(|until| expiring::expiring(&verification, until));
    write_reports(arguments, &verification, lapses.as_ref(), language)?;
    let exit = exit_of(verification.verdict());
    let text = match arguments.json {
        true => json::lines(&verification, lapses.as_deref(), exit),
        false => text::told(&verification, lapses.as_deref(), language),
    };
    Ok(say::result(&text, exit, language))
}

/// Packages one after the other (each audits its dossiers in parallel), files side by side.
fn look(
    items: &[Item],
    arguments: &Arguments,
    trust: &Trust,
    at: OffsetDateTime,
    language: Language,
) -> Vec<Subject> {
    let only_files = items.iter().all(|item| !matches!(item, Item::Package(_)));
    let bar = progress_bar(arguments, only_files, language);
    let wishes = Wishes {
        draw: (arguments.sample.zip(arguments.seed)).map(|(size, seed)| Draw { size, seed }),
        facts: arguments.report.is_some()
            || arguments.report_xml.is_some()
            || arguments.expiring.is_some(),
        ..Wishes::default()
    };
    let one = |item: &Item| match item {
        Item::Package(path) => {
            let before = bar.position();
            let show = |progress: Progress| {
                bar.set_message(numbers::whole(progress.pages_done, language));
                bar.set_position(before + progress.dossiers_done);
            };
            let report = Box::new(verify::delivery(path, trust, at, wishes, &show));
            let path = path.display().to_string();
            Subject::Package { path, report }
        }
        Item::Pdf(path) => {
            let subject = look_into(path, trust, at);
            bar.inc(1);
            subject
        }
        Item::Unreadable(path, kind) => unread(path, Code::NotReadable, kind),
    };
    let subjects = match only_files {
        true => items.par_iter().map(one).collect(),
        false => items.iter().map(one).collect(),
    };
    bar.finish_and_clear();
    subjects
}

/// Judges one file, which is read whole.
fn look_into(path: &Path, trust: &Trust, at: OffsetDateTime) -> Subject {
    let mut bytes = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(verify::PDF_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Err(fault) => unread(path, Code::NotReadable, &fault.kind()),
        Ok(length) if length as u64 > verify::PDF_BYTES => {
            let shown = path.display().to_string();
            let finding = Finding::new(Code::OverBudget, Place::file(&*shown));
            let finding = finding
                .with("what", "bytes")
                .with("limit", verify::PDF_BYTES);
            Subject::Unread {
                path: shown,
                finding,
            }
        }
        Ok(length) => Subject::Pdf(CheckedPdf {
            path: path.display().to_string(),
            sha256: Digest::of(&bytes),
            bytes: length as u64,
            report: verify::pdf(&bytes, trust, at),
        }),
    }
}

fn unread(path: &Path, code: Code, kind: &std::io::ErrorKind) -> Subject {
    let path = path.display().to_string();
    let finding = Finding::new(code, Place::file(&*path)).with("detail", kind);
    Subject::Unread { path, finding }
}

fn write_reports(
    arguments: &Arguments,
    verification: &Verification,
    lapses: Option<&Vec<Lapse>>,
    language: Language,
) -> Result<(), Exit> {
    let beside = Beside {
        expiring: (arguments.expiring.zip(lapses))
            .map(|(span, all)| (span.to_string(), all.clone())),
    };
    let wanted: [(&Option<PathBuf>, &dyn Fn() -> String); 2] = [
        (&arguments.report, &|| html::page(verification, &beside)),
        (&arguments.report_xml, &|| etsi::report(verification)),
    ];
    for (path, text) in wanted {
        if let Some(path) = path {
            whole_file::write(path, text().as_bytes())
                .map_err(|cause| UsageFault::unwritable(path, &cause).tell(language))?;
        }
    }
    Ok(())
}

fn progress_bar(arguments: &Arguments, only_files: bool, language: Language) -> ProgressBar {
    let watched = say::is_watched() && !arguments.no_progress && !arguments.json;
    let target = if watched {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let template = match only_files {
        true => say::by(language, "{spinner} Tệp {pos}", "{spinner} Files {pos}"),
        false => say::by(
            language,
            "{spinner} Hồ sơ {pos} · Trang {msg}",
            "{spinner} Dossiers {pos} · Pages {msg}",
        ),
    };
    let bar = ProgressBar::with_draw_target(None, target);
    bar.with_style(ProgressStyle::with_template(template).expect("a constant template"))
}

fn exit_of(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Valid => Exit::Done,
        Verdict::Indeterminate => Exit::Indeterminate,
        Verdict::Invalid => Exit::Invalid,
    }
}
