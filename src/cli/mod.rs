//! THE TERMINAL: the only place that prints, reads the environment or the clock.
//!
//! One file a verb. Results go to standard output, progress and faults to
//! standard error; exit codes are the public table of [`Exit`].

mod check;
mod clock;
mod command_line;
mod doctor;
mod dry_run;
mod engine;
mod evaluate;
mod exit;
mod export;
mod findings;
mod import;
mod json_events;
mod key;
mod lasting;
mod ledger;
mod log;
mod metrics;
mod night;
mod numbers;
mod pack;
mod plan;
mod progress;
mod prove;
mod rates;
mod read_pages;
mod renew;
mod report;
mod run;
mod say;
mod seal;
mod secret;
#[cfg(feature = "ocr")]
mod sheets;
mod signals;
mod stamp;
mod status;
mod summary;
mod train;
mod trust;
mod until;
mod usage;
mod verify;
mod watch;
mod whole_file;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::messages::Language;
use crate::stages::intake::DECODER_THREAD_NAME;

pub use exit::Exit;

/// Số hóa hồ sơ thủ tục hành chính: ảnh quét vào, PDF/A đã ký và bảng kê kiểm chứng được ra.
///
/// Digitise administrative dossiers: scans in, signed PDF/A and a verifiable manifest out.
#[derive(Parser)]
#[command(
    name = "sohoa",
    version,
    arg_required_else_help = true,
    max_term_width = 100
)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,

    /// Ngôn ngữ của thông báo · Language of the messages
    #[arg(
        long,
        global = true,
        value_name = "TIẾNG",
        value_enum,
        default_value = "vi",
        env = "SOHOA_LANG"
    )]
    lang: Lang,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    Vi,
    En,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Vi => Language::Vi,
            Lang::En => Language::En,
        }
    }
}

#[derive(Subcommand)]
enum Verb {
    /// Số hóa một thư mục hồ sơ quét · Digitise a drop folder of scanned dossiers
    Run(Box<run::Arguments>),
    /// Cho biết đã làm đến đâu, còn gì, để riêng gì · Tell what is done, waiting and set aside
    Status(status::Arguments),
    /// Ký những hồ sơ đang chờ ký trong gói · Sign what waits for signature in a package
    Seal(seal::Arguments),
    /// Kiểm chứng gói kết quả từ từng byte · Prove a package from its bytes
    Verify(verify::Arguments),
    /// Thêm dấu thời gian cho tệp đang chờ hoặc sắp hết hạn · Renew time stamps before they lapse
    Renew(renew::Arguments),
    /// Xuất bằng chứng cho một trang hay một tệp · Export the proof of one page or file
    Prove(prove::Arguments),
    /// Xin một dấu thời gian cho cả đợt · Have a whole batch stamped with the time
    Stamp(stamp::Arguments),
    /// Kiểm một bằng chứng, không cần mạng · Check a proof, offline
    Check(check::Arguments),
    /// Sổ nhật ký các đợt của tỉnh, chỉ ghi thêm · The province's append-only log of batches
    Log(ledger::Arguments),
    /// Xuất cho hệ thống một cửa, cổng dịch vụ công, lưu trữ · Export for portals, archives, spreadsheets
    Export(Box<export::Arguments>),
    /// Đo tách, phân loại và trích trường trên giấy tờ đã biết đáp án · Measure against known truth
    Evaluate(evaluate::Arguments),
    /// Tính tỷ lệ số hóa từ sổ theo dõi và các gói đã kiểm chứng · Count digitization rates
    Rates(Box<rates::Arguments>),
    /// Lập báo cáo tỷ lệ số hóa, một tệp HTML có hình · Write the report of rates, one HTML file
    Report(Box<report::Arguments>),
    /// In tờ phân cách hồ sơ có mã QR · Print separator sheets that cut a scanned box into dossiers
    #[cfg(feature = "ocr")]
    Sheets(sheets::Arguments),
    /// Nhận một gói vào cơ sở dữ liệu, có biên nhận · Take a delivery into a database, with receipts
    Import(Box<import::Arguments>),
    /// Gói nhỏ những gì bên nhận còn thiếu · Pack what the receiver lacks into small parts
    Pack(pack::Arguments),
    /// Học từ những gì người rà soát đã sửa · Make a new model from what reviewers corrected
    Train(train::Arguments),
    /// Kiểm tra máy đã đủ phần mềm chưa · Check that this machine has what a run needs
    Doctor(doctor::Arguments),
    /// In kế hoạch mặc định kèm giải thích · Print the default plan with explanations
    Plan,
    /// Tiến trình con của `run` · Child process of `run`
    #[command(hide = true)]
    ReadPages(read_pages::Arguments),
}

/// Keeps contained decoders quiet: what makes one panic is told as the fault of its file.
fn silence_decoders() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(DECODER_THREAD_NAME) {
            usual(panic);
        }
    }));
}

/// Runs the program and gives its exit code.
pub fn main() -> ExitCode {
    silence_decoders();
    let arguments = match command_line::read() {
        Ok(arguments) => arguments,
        Err(exit) => return exit.into(),
    };
    let language = arguments.lang.into();
    let exit = match arguments.verb {
        Verb::Run(arguments) => run::run(&arguments, language),
        Verb::Status(arguments) => status::run(&arguments, language),
        Verb::Seal(arguments) => seal::run(&arguments, language),
        Verb::Verify(arguments) => verify::run(&arguments, language),
        Verb::Renew(arguments) => renew::run(&arguments, language),
        Verb::Prove(arguments) => prove::run(&arguments, language),
        Verb::Stamp(arguments) => stamp::run(&arguments, language),
        Verb::Check(arguments) => check::run(&arguments, language),
        Verb::Log(arguments) => ledger::run(&arguments, language),
        Verb::Export(arguments) => export::run(&arguments, language),
        Verb::Evaluate(arguments) => evaluate::run(&arguments, language),
        Verb::Rates(arguments) => rates::run(&arguments, language),
        Verb::Report(arguments) => report::run(&arguments, language),
        #[cfg(feature = "ocr")]
        Verb::Sheets(arguments) => sheets::run(&arguments, language),
        Verb::Import(arguments) => import::run(&arguments, language),
        Verb::Pack(arguments) => pack::run(&arguments, language),
        Verb::Train(arguments) => train::run(&arguments, language),
        Verb::Doctor(arguments) => doctor::run(&arguments, language),
        Verb::Plan => plan::run(language),
        Verb::ReadPages(arguments) => read_pages::run(&arguments),
    };
    exit.into()
}
