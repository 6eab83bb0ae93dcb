//! `sohoa log`: the province's log across batches. (`log.rs` beside it writes the program's own log.)

use std::io::Write;
use std::path::{Path, PathBuf};

use ring::rand::SystemRandom;
use serde_json::json;

use super::{Exit, check, findings, say, usage, whole_file};
use crate::formats::tlog::LogKey;
use crate::messages::Language;
use crate::run::log::{Added, BatchEntry, Log, LogFault};
use crate::run::prove;
use crate::stages::package::PackageFault;
use crate::verify::log::{self as audit, LogReport, Witnesses};

/// Arguments of `sohoa log`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Mở sổ nhật ký mới, tạo khóa nếu chưa có · Begin a log, with a new key where there is none
    Init {
        /// Thư mục của sổ · The log's folder
        #[arg(value_name = "SỔ")]
        log: PathBuf,
        /// Tên của sổ, không có dấu cách, ví dụ so-hoa.angiang.example · The log's name
        #[arg(long, value_name = "TÊN")]
        origin: String,
        /// Tệp khóa Ed25519 (PEM), giữ kín · File of the Ed25519 key, to be kept secret
        #[arg(long, value_name = "TỆP")]
        key: PathBuf,
    },
    /// Ghi một gói đã giao vào sổ · Enter a delivered package
    Add {
        /// Thư mục của sổ · The log's folder
        #[arg(value_name = "SỔ")]
        log: PathBuf,
        /// Thư mục kết quả của `sohoa run` · The output folder of `sohoa run`
        #[arg(value_name = "KẾT_QUẢ")]
        out: PathBuf,
        /// Tệp khóa của sổ · File of the log's key
        #[arg(long, value_name = "TỆP")]
        key: PathBuf,
    },
    /// Kiểm sổ, và các gói có còn như khi đã ghi · Check the log, and that packages are as they were entered
    Check {
        /// Thư mục của sổ · The log's folder
        #[arg(value_name = "SỔ")]
        log: PathBuf,
        /// Các gói phải có trong sổ · Packages that must be in it
        #[arg(value_name = "KẾT_QUẢ")]
        packages: Vec<PathBuf>,
        /// Khóa công khai của sổ (log.vkey), lấy từ nơi khác · The log's public key, had from elsewhere
        #[arg(long, value_name = "TỆP")]
        log_key: Option<PathBuf>,
        /// Đầu sổ đã giữ từ trước · Checkpoint kept from before
        #[arg(long, value_name = "TỆP")]
        since: Vec<PathBuf>,
        /// In JSON · Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Chứng minh sổ chỉ được ghi thêm kể từ N mục · Prove that the log was only added to since N entries
    Since {
        /// Thư mục của sổ · The log's folder
        #[arg(value_name = "SỔ")]
        log: PathBuf,
        /// Số mục khi đó · Entries it had then
        #[arg(value_name = "N")]
        entries: u64,
        /// Tệp khóa của sổ · File of the log's key
        #[arg(long, value_name = "TỆP")]
        key: PathBuf,
    },
}

/// Does it and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    match &arguments.what {
        What::Init { log, origin, key } => told(init(log, origin, key), log, language),
        What::Add { log, out, key } => told(add(log, out, key, language), log, language),
        What::Since { log, entries, key } => told(since(log, *entries, key), log, language),
        What::Check {
            log,
            packages,
            log_key,
            since,
            json,
        } => {
            let report = checked(log, packages, log_key.as_deref(), since, language);
            report.map_or_else(|exit| exit, |report| show(&report, *json, language))
        }
    }
}

fn told(done: Result<String, LogFault>, log: &Path, language: Language) -> Exit {
    match done {
        Ok(text) => say::result(&text, Exit::Done, language),
        Err(fault) => {
            say::fault(&fault, &log.display().to_string(), language);
            exit_of(&fault)
        }
    }
}

fn exit_of(fault: &LogFault) -> Exit {
    match fault {
        LogFault::Locked { .. } => Exit::Locked,
        LogFault::Damaged { .. } => Exit::Invalid,
        LogFault::OtherKey { .. } | LogFault::Key(_) => Exit::SigningImpossible,
        LogFault::NoLog { .. } | LogFault::Exists { .. } => Exit::Usage,
        LogFault::Disk(_) => Exit::StoreNotWritable,
    }
}

fn init(log: &Path, origin: &str, key_file: &Path) -> Result<String, LogFault> {
    if !key_file.exists() {
        let pem = LogKey::generate(&SystemRandom::new())?;
        // Read back first: a name that cannot be used must leave no key behind.
        LogKey::read(pem.as_bytes(), origin)?;
        keep_secret(key_file, pem.as_bytes()).map_err(LogFault::at(key_file))?;
    }
    let key = key_in(key_file, origin)?;
    Log::begin(log, &key)?;
    Ok(format!("{}\n", key.public_line()))
}

/// A file that only its owner may read, never over another.
fn keep_secret(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn key_in(file: &Path, origin: &str) -> Result<LogKey, LogFault> {
    let pem = std::fs::read(file).map_err(LogFault::at(file))?;
    Ok(LogKey::read(&zeroize::Zeroizing::new(pem), origin)?)
}

fn open(log: &Path, key: &Path) -> Result<Log, LogFault> {
    Log::open(log, key_in(key, &Log::origin_of(log)?)?)
}

fn add(log: &Path, out: &Path, key: &Path, language: Language) -> Result<String, LogFault> {
    let (header, digest) = prove::header_of(out)?;
    let entry = BatchEntry {
        header: digest,
        root: header.merkle.root,
        leaves: header.merkle.leaves,
    };
    let added = open(log, key)?.add(&entry)?;
    let receipt = out.join(prove::RECEIPT);
    whole_file::write(&receipt, added.receipt.as_bytes()).map_err(PackageFault::at(&receipt))?;
    Ok(said(&added, language))
}

fn said(added: &Added, language: Language) -> String {
    let (number, size) = (added.index + 1, added.size);
    match (language, added.known) {
        (Language::Vi, false) => format!("Đã ghi: mục {number} trong {size}.\n"),
        (Language::Vi, true) => format!("Đã có từ trước: mục {number} trong {size}.\n"),
        (Language::En, false) => format!("Entered: {number} of {size}.\n"),
        (Language::En, true) => format!("Was there already: {number} of {size}.\n"),
    }
}

fn since(log: &Path, entries: u64, key: &Path) -> Result<String, LogFault> {
    open(log, key)?.consistency(entries)
}

fn checked(
    log: &Path,
    packages: &[PathBuf],
    key: Option<&Path>,
    since: &[PathBuf],
    language: Language,
) -> Result<LogReport, Exit> {
    let key = key
        .map(|file| check::log_key_in(file, language))
        .transpose()?;
    let heads = since.iter().map(|file| {
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|cause| usage::unreadable(file, &cause, language))?;
        Ok((file.display().to_string(), text))
    });
    let heads: Vec<(String, String)> = heads.collect::<Result<_, Exit>>()?;
    let by = Witnesses {
        key: key.as_ref(),
        heads: &heads,
        packages,
    };
    Ok(audit::audit(log, &by))
}

fn show(report: &LogReport, as_json: bool, language: Language) -> Exit {
    let exit = check::exit_of(report.verdict);
    let head = report.head.as_ref();
    let text = if as_json {
        let line = json!({
            "v": 1,
            "type": "log",
            "exit_code": exit as u8,
            "verdict": report.verdict,
            "origin": head.map(|head| &head.origin),
            "size": head.map(|head| head.size),
            "root": head.map(|head| head.root),
            "entries": report.entries,
            "findings": findings::as_json(&report.findings),
        });
        format!("{line}\n")
    } else {
        let mut text = findings::told(&report.findings, language);
        if let Some(head) = head {
            let entries = say::by(language, "mục", "entries");
            text += &format!("{}: {} {entries}\n", head.origin, head.size);
        }
        for (package, index) in &report.entries {
            let entry = say::by(language, "mục", "entry");
            text += &format!("  {package}: {entry} {}\n", index + 1);
        }
        text + &findings::bottom_line(report.verdict, language)
    };
    say::result(&text, exit, language)
}
