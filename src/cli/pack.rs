//! `sohoa pack`: what the receiver lacks, in small parts for a weak line.

use std::path::PathBuf;
use std::str::FromStr;

use serde_json::json;

use super::{Exit, numbers, say};
use crate::import::ImportFault;
use crate::import::bundle::{self, BundleFault, Packed, Packing};
use crate::import::receipts::Answers;
use crate::messages::Language;
use crate::model::Coded;

/// Arguments of `sohoa pack`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Thư mục kết quả của `sohoa run` · The output folder of `sohoa run`
    #[arg(value_name = "KẾT_QUẢ")]
    out: PathBuf,

    /// Biên nhận của bên nhận; lặp lại được; không có thì gói tất cả ·
    /// The receiver's receipts; may be repeated; without them everything is packed
    #[arg(long, value_name = "TỆP")]
    since: Vec<PathBuf>,

    /// Cỡ lớn nhất của mỗi phần: 5M, 700k, hoặc số byte · The most bytes of one part's file
    #[arg(long, value_name = "CỠ", default_value = "5M")]
    max_bytes: Size,

    /// Không gửi bản quét gốc, chỉ gửi tài liệu · Leave the original scans at home
    #[arg(long)]
    without_scans: bool,

    /// Nơi ghi các phần · The folder for the parts
    #[arg(short = 'o', long = "into", value_name = "THƯ_MỤC")]
    into: PathBuf,

    /// In thành một dòng JSON · Print one JSON line
    #[arg(long)]
    json: bool,
}

/// A size: bytes, or so many `k`, `M`, `G` (powers of 1,000).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size(u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, unit) = match text.strip_suffix(['k', 'M', 'G']) {
            Some(digits) => (digits, text.as_bytes()[digits.len()]),
            None => (text, 0),
        };
        let unit: u64 = match unit {
            b'k' => 1_000,
            b'M' => 1_000_000,
            b'G' => 1_000_000_000,
            _ => 1,
        };
        let number: Option<u64> = digits.parse().ok();
        let bytes = number.and_then(|number| number.checked_mul(unit));
        bytes
            .map(Self)
            .ok_or_else(|| "5M, 700k, 4000000".to_owned())
    }
}

/// Packs, tells and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    let answers = match Answers::read(arguments.since.iter().map(PathBuf::as_path)) {
        Ok(answers) => answers,
        Err(fault) => return tell(&fault, exit_of_receipts(&fault), arguments, language),
    };
    let packing = Packing {
        out: &arguments.out,
        answers: &answers,
        part_bytes: arguments.max_bytes.0,
        without_scans: arguments.without_scans,
        into: &arguments.into,
    };
    match bundle::pack(&packing) {
        Ok(packed) => {
            let text = match arguments.json {
                true => json_line(&packed),
                false => told(&packed, arguments, language),
            };
            say::result(&text, Exit::Done, language)
        }
        Err(fault) => tell(&fault, exit_of(&fault), arguments, language),
    }
}

fn tell(fault: &dyn Coded, exit: Exit, arguments: &Arguments, language: Language) -> Exit {
    say::fault(fault, &arguments.out.display().to_string(), language);
    exit
}

fn exit_of_receipts(fault: &ImportFault) -> Exit {
    match fault {
        ImportFault::NoReceipt { .. } => Exit::Usage,
        _ => Exit::SourceUnreadable,
    }
}

fn exit_of(fault: &BundleFault) -> Exit {
    match fault {
        BundleFault::PartTooSmall { .. } => Exit::Usage,
        BundleFault::NotWhole { .. } => Exit::SourceUnreadable,
        _ => Exit::StoreNotWritable,
    }
}

fn json_line(packed: &Packed) -> String {
    let parts: Vec<String> = (packed.parts.iter())
        .map(|part| part.display().to_string())
        .collect();
    let line = json!({
        "v": 1, "type": "summary", "exit_code": Exit::Done as u8, "dossiers": packed.dossiers,
        "held": packed.held, "parts": parts, "bytes": packed.bytes,
    });
    format!("{line}\n")
}

fn told(packed: &Packed, arguments: &Arguments, language: Language) -> String {
    let number = |number| numbers::whole(number, language);
    let (dossiers, held) = (number(packed.dossiers), number(packed.held));
    if packed.dossiers == 0 {
        return match language {
            Language::Vi => format!("Bên nhận đã có đủ {held} hồ sơ; không có gì phải gửi.\n"),
            Language::En => format!("The receiver has all {held} dossiers; nothing to send.\n"),
        };
    }
    let (parts, bytes) = (number(packed.parts.len() as u64), number(packed.bytes));
    let into = arguments.into.display();
    match language {
        Language::Vi => format!(
            "Đã gói {dossiers} hồ sơ (bên nhận đã có {held}) thành {parts} phần, {bytes} byte: {into}\n"
        ),
        Language::En => format!(
            "{dossiers} dossiers packed ({held} are there already) in {parts} parts, {bytes} bytes: {into}\n"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<Size>().ok().map(|size| size.0);
        assert_eq!(read("5M"), Some(5_000_000));
        assert_eq!(read("700k"), Some(700_000));
        assert_eq!(read("123456"), Some(123_456));
        for text in ["", "M", "5 M", "-1", "5MB", "99999999999G", "5M "] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
