//! `sohoa stamp`: the time stamp of a whole batch, and its renewal.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::lasting::tls_roots;
use super::{Exit, say};
use crate::formats::foreign_signature::Hash;
use crate::formats::tls::Roots;
use crate::messages::Language;
use crate::model::Coded;
use crate::model::manifest::iso_8601;
use crate::run::renew::Which;
use crate::run::stamp::{self, StampFault, Stamped};
use crate::stages::seal::{HttpTimestamper, Options, Patience};

/// Arguments of `sohoa stamp`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Thư mục kết quả của `sohoa run` · The output folder of `sohoa run`
    #[arg(value_name = "KẾT_QUẢ")]
    out: PathBuf,

    /// Máy chủ cấp dấu thời gian (RFC 3161) · Time-stamping authority
    #[arg(long, value_name = "http(s)://…", env = "SOHOA_TSA")]
    tsa: String,

    /// Tệp PEM chứa chứng thư gốc của máy chủ https, thay cho những gốc máy này tin cậy ·
    /// PEM file of the roots of an https server, instead of those that this computer trusts
    #[arg(long, value_name = "TỆP")]
    tls_roots: Option<PathBuf>,

    /// Thêm dấu mới phủ lên dấu đã có, trước khi dấu đó hết hạn · One more over those there are
    #[arg(long)]
    renew: bool,

    /// Băm lại mọi tệp bằng hàm băm này và gia hạn cả cây · Hash every file anew and renew the tree
    #[arg(long, value_enum, conflicts_with = "renew")]
    hash: Option<NewHash>,
}

/// The hash of a renewed tree.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum NewHash {
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

impl From<NewHash> for Hash {
    fn from(hash: NewHash) -> Self {
        match hash {
            NewHash::Sha384 => Self::Sha384,
            NewHash::Sha512 => Self::Sha512,
        }
    }
}

/// Stamps and says when.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    let roots = arguments.tls_roots.as_deref().unwrap_or(Path::new(""));
    let roots = match tls_roots(roots, language) {
        Ok(roots) => roots,
        Err(exit) => return exit,
    };
    match stamped(arguments, roots.as_ref()) {
        Ok(done) => {
            say::line(told(done, language).trim_end());
            Exit::Done
        }
        Err(fault) => {
            say::fault(&fault, &arguments.out.display().to_string(), language);
            exit_of(&fault)
        }
    }
}

/// Stamps the batch where the plan names an authority. What fails is told and waits: the next run
/// or `sohoa renew` tries again.
pub fn as_planned(out: &Path, options: &Options, language: Language) {
    with_authority(out, options, language, |authority| {
        stamp::stamp(out, authority, false)
    });
}

/// The same, and one more time stamp where the newest lapses, or a renewed tree where one is asked for
/// or the hash lapses; `false` where that was not to be had.
pub fn renewed_as_planned(
    out: &Path,
    options: &Options,
    (which, at, hash): (Which, OffsetDateTime, Option<NewHash>),
    language: Language,
) -> bool {
    with_authority(out, options, language, |authority| match hash {
        Some(hash) => stamp::rehash(out, authority, hash.into()),
        None => stamp::stamp_due(out, authority, which, at),
    })
}

fn with_authority(
    out: &Path,
    options: &Options,
    language: Language,
    ask: impl FnOnce(&HttpTimestamper) -> Result<Stamped, StampFault>,
) -> bool {
    if options.tsa.is_empty() || !out.join("batch.json").is_file() {
        return true;
    }
    // The file was told of when it could not be read; the stamp waits.
    let Ok(roots) = tls_roots(&options.tls_roots, language) else {
        return false;
    };
    let authority = HttpTimestamper::new(&options.tsa, &options.patience, roots.as_ref());
    let done = authority.map_err(StampFault::from).and_then(|by| ask(&by));
    if let Err(fault) = &done {
        say::fault(fault, &out.display().to_string(), language);
    }
    done.is_ok()
}

fn stamped(arguments: &Arguments, roots: Option<&Roots>) -> Result<Stamped, StampFault> {
    let authority = HttpTimestamper::new(&arguments.tsa, &Patience::default(), roots)?;
    match arguments.hash {
        Some(hash) => stamp::rehash(&arguments.out, &authority, hash.into()),
        None => stamp::stamp(&arguments.out, &authority, arguments.renew),
    }
}

fn told(done: Stamped, language: Language) -> String {
    let (words, at) = match done {
        Stamped::First(at) => (say::by(language, "Dấu thời gian", "Time stamp"), Some(at)),
        Stamped::Renewed(at) => (say::by(language, "Đã gia hạn", "Renewed"), Some(at)),
        Stamped::Rehashed(at) => (
            say::by(language, "Đã gia hạn cây băm", "Hash tree renewed"),
            Some(at),
        ),
        Stamped::Already => (
            say::by(language, "Đã có dấu thời gian", "Stamped already"),
            None,
        ),
    };
    let at = at.map_or(String::new(), |at| format!(": {}", iso_8601(at)));
    format!("{words}{at}\n")
}

fn exit_of(fault: &StampFault) -> Exit {
    match fault {
        StampFault::Timestamp(_) => Exit::SigningImpossible,
        _ if fault.code().starts_with("PKG") => Exit::StoreNotWritable,
        _ => Exit::Usage,
    }
}
