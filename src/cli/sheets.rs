//! `sohoa sheets`: separator sheets to print, from a list of dossier codes.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::usage::unreadable;
use super::{Exit, numbers, say, whole_file};
use crate::formats::sheets;
use crate::messages::Language;
use crate::stages::package::PackageFault;

/// Arguments of `sohoa sheets`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Bảng CSV có cột ma_ho_so (nếu không: cột đầu); `-` đọc từ đầu vào chuẩn.
    /// In thêm các cột tiêu đề, thủ tục, lĩnh vực, phông, kho, hộp, số tờ, ghi chú nếu có
    /// · CSV table with a column ma_ho_so (else the first); `-` reads standard input
    #[arg(value_name = "CSV")]
    list: PathBuf,

    /// Tệp PDF để in, khổ A4, mỗi hồ sơ một tờ · PDF to print, A4, a sheet a dossier
    #[arg(long, value_name = "TỆP")]
    out: PathBuf,
}

/// Makes the sheets; writes nothing where anything is wrong with the list.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    let list = match read(&arguments.list) {
        Ok(list) => list,
        Err(cause) => return unreadable(&arguments.list, &cause, language),
    };
    let place = arguments.list.display().to_string();
    let sheets = match sheets::read_list(&list) {
        Ok(sheets) => sheets,
        Err(faults) => {
            for fault in &faults {
                say::fault(fault, &place, language);
            }
            return Exit::Usage;
        }
    };
    if let Err(cause) = whole_file::write(&arguments.out, &sheets::pdf(&sheets)) {
        say::fault(&PackageFault::at(&arguments.out)(cause), "", language);
        return Exit::StoreNotWritable;
    }
    let count = numbers::whole(sheets.len() as u64, language);
    let out = arguments.out.display();
    say::line(match language {
        Language::Vi => {
            format!("{count} tờ phân cách: {out}\nIn khổ A4, tỷ lệ 100 %, một mặt.")
        }
        Language::En => {
            format!("{count} separator sheets: {out}\nPrint on A4, at 100 %, one side.")
        }
    });
    Exit::Done
}

fn read(list: &Path) -> std::io::Result<Vec<u8>> {
    if list == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        Ok(bytes)
    } else {
        std::fs::read(list)
    }
}
