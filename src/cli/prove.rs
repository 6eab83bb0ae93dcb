//! `sohoa prove`: the proof of one page or file of a package, in a file of its own.

use std::path::{Path, PathBuf};

use super::{Exit, say, whole_file};
use crate::messages::Language;
use crate::model::Coded;
use crate::run::prove;
use crate::run::stamp::{self, StampFault};
use crate::stages::package::PackageFault;

/// Arguments of `sohoa prove`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Thư mục kết quả của `sohoa run` · The output folder of `sohoa run`
    #[arg(value_name = "KẾT_QUẢ")]
    out: PathBuf,

    /// Tệp cần chứng minh: trong gói, hoặc bản sao để ở nơi khác · The file: in the package, or a copy elsewhere
    #[arg(value_name = "TỆP")]
    path: PathBuf,

    /// Chứng minh một trang của tệp, đếm từ 1 · Prove one page of it, from 1
    #[arg(long, value_name = "SỐ", value_parser = clap::value_parser!(u32).range(1..))]
    page: Option<u32>,

    /// Dạng bằng chứng · Format of the proof
    #[arg(long = "as", value_enum, default_value = "sohoa")]
    format: Format,

    /// Ghi vào tệp này; mặc định là tên tệp gốc cạnh thư mục hiện tại · Write here instead of beside you
    #[arg(short, long, value_name = "TỆP")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Dẫn tới gốc cây của đợt, dưới 1 KB · Leads to the batch's root, below 1 KB
    Sohoa,
    /// Dẫn tới sổ nhật ký của tỉnh (C2SP tlog-proof) · Leads to the province's log
    Tlog,
    /// Hồ sơ bằng chứng RFC 4998, có dấu thời gian · Evidence record of RFC 4998, with the time stamp
    Ers,
}

/// Writes the proof and says where.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    let written = made(arguments).and_then(|bytes| {
        let place = arguments.output.clone().unwrap_or_else(|| named(arguments));
        whole_file::write(&place, &bytes).map_err(PackageFault::at(&place))?;
        Ok((place, bytes.len()))
    });
    match written {
        Ok((place, bytes)) => {
            say::line(format_args!("{}: {bytes} byte", place.display()));
            Exit::Done
        }
        Err(fault) => {
            say::fault(&fault, &arguments.path.display().to_string(), language);
            exit_of(&fault)
        }
    }
}

fn made(arguments: &Arguments) -> Result<Vec<u8>, StampFault> {
    let proof = prove::prove(&arguments.out, &arguments.path, arguments.page)?;
    match arguments.format {
        Format::Sohoa => Ok(proof.to_bytes()),
        Format::Tlog => Ok(prove::in_log(&arguments.out, &proof)?.into_bytes()),
        Format::Ers => stamp::record_of(&arguments.out, &proof),
    }
}

/// `H10.12-221013-0001.01.pdf.p3.proof` in the current folder.
fn named(arguments: &Arguments) -> PathBuf {
    let name = arguments.path.file_name().unwrap_or_default();
    let mut name = name.to_os_string();
    if let Some(page) = arguments.page {
        name.push(format!(".p{page}"));
    }
    name.push(match arguments.format {
        Format::Sohoa => ".proof",
        Format::Tlog => ".tlog-proof",
        Format::Ers => ".ers",
    });
    Path::new(&name).to_owned()
}

fn exit_of(fault: &StampFault) -> Exit {
    match fault.code() {
        "PKG-001" => Exit::StoreNotWritable,
        code if code.starts_with("PKG") => Exit::SourceUnreadable,
        _ => Exit::Usage,
    }
}
