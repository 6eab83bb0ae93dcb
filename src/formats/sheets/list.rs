//! The list of dossiers that sheets are made for: a table as office programs write it.

use std::collections::HashMap;

use encoding_rs::{Encoding, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization;

use super::SeparatorSheet;
use crate::formats::vietnamese::fold;
use crate::model::{Coded, DossierCode, Params};

/// What is wrong with a list; nothing is printed from a list with a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListFault {
    /// The table itself cannot be read.
    #[error("line {line}: {cause}")]
    NoTable {
        /// Line of the file, from 1.
        line: u64,
        /// What the reader says.
        cause: String,
    },
    /// A row whose code is none.
    #[error("line {line}: {value} is no dossier code")]
    NoCode {
        /// Line of the file, from 1.
        line: u64,
        /// What stands there.
        value: String,
    },
    /// A code that stands in the list already.
    #[error("line {line}: {code} stands in line {first} already")]
    Twice {
        /// Line of the file, from 1.
        line: u64,
        /// The code.
        code: DossierCode,
        /// The line where it stands first.
        first: u64,
    },
    /// A list without a row.
    #[error("no dossier code in the list")]
    Empty,
}

impl Coded for ListFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoTable { .. } => "RUN-030",
            Self::NoCode { .. } => "RUN-031",
            Self::Twice { .. } => "RUN-032",
            Self::Empty => "RUN-033",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NoTable { line, cause } => {
                Params::from([("line", line.to_string()), ("cause", cause.clone())])
            }
            Self::NoCode { line, value } => {
                Params::from([("line", line.to_string()), ("value", value.clone())])
            }
            Self::Twice { line, code, first } => Params::from([
                ("line", line.to_string()),
                ("value", code.to_string()),
                ("first", first.to_string()),
            ]),
            Self::Empty => Params::new(),
        }
    }
}

/// The column of codes, folded; else the first column is taken.
const CODE_COLUMNS: [&str; 3] = ["MAHOSO", "SOHOSO", "MAHS"];

/// Columns that are printed, by their folded names. All others are left out: such lists
/// hold names and numbers of citizens, which have no place on a sheet that lies about.
const PRINTED_COLUMNS: [(&str, &str); 9] = [
    ("TIEUDE", "Tiêu đề"),
    ("TENHOSO", "Tiêu đề"),
    ("THUTUC", "Thủ tục"),
    ("LINHVUC", "Lĩnh vực"),
    ("PHONG", "Phông"),
    ("KHO", "Kho"),
    ("HOP", "Hộp"),
    ("SOTO", "Số tờ"),
    ("GHICHU", "Ghi chú"),
];

/// Reads a table of dossier codes, and gives its sheets in order or all that is wrong with it.
///
/// UTF-8 or UTF-16 with a byte order mark, UTF-8 without, else Windows-1258; columns parted
/// by comma, semicolon or tabulator, whichever the first line has most of; a first line
/// without a dossier code names the columns.
pub fn read_list(bytes: &[u8]) -> Result<Vec<SeparatorSheet>, Vec<ListFault>> {
    let text = decoded(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows: Vec<(u64, csv::StringRecord)> = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| vec![no_table(&error)])?;
        let line = row.position().map_or(1, csv::Position::line);
        if row.iter().any(|cell| !cell.is_empty()) {
            rows.push((line, row));
        }
    }
    let columns = Columns::named_by(rows.first().map(|(_, row)| row));
    sheets(
        &rows[usize::from(columns.named).min(rows.len())..],
        &columns,
    )
}

fn no_table(error: &csv::Error) -> ListFault {
    ListFault::NoTable {
        line: error.position().map_or(1, csv::Position::line),
        cause: error.to_string(),
    }
}

fn decoded(bytes: &[u8]) -> String {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => WINDOWS_1258.decode(bytes).0,
        },
    };
    // Windows-1258 writes tones behind their letters.
    text.nfc().collect()
}

fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty());
    let count = |mark: u8| {
        first
            .unwrap_or_default()
            .bytes()
            .filter(|b| *b == mark)
            .count()
    };
    // The last of equals wins: the comma where there is none at all.
    *b"\t;,"
        .iter()
        .max_by_key(|mark| count(**mark))
        .expect("three marks")
}

/// Which column holds what.
struct Columns {
    /// True where the first row names the columns.
    named: bool,
    code: usize,
    /// Column and what is printed before its value.
    printed: Vec<(usize, &'static str)>,
}

impl Columns {
    fn named_by(row: Option<&csv::StringRecord>) -> Self {
        let cells: Vec<&str> = row.map(|row| row.iter().collect()).unwrap_or_default();
        let is_code = |cell: &&str| cell.parse::<DossierCode>().is_ok();
        let names: Vec<String> = cells.iter().map(|cell| plain(cell)).collect();
        let code = names
            .iter()
            .position(|name| CODE_COLUMNS.contains(&name.as_str()));
        // A row that holds no digit and no code holds names, whatever they are.
        let wordy = !cells.is_empty() && !cells.concat().bytes().any(|b| b.is_ascii_digit());
        let named = code.is_some() || (wordy && !cells.iter().any(is_code));
        let printed = names.iter().enumerate().filter_map(|(column, name)| {
            let (_, label) = PRINTED_COLUMNS.iter().find(|(known, _)| known == name)?;
            Some((column, *label))
        });
        Self {
            named,
            code: code.unwrap_or(0),
            printed: printed.filter(|_| named).collect(),
        }
    }
}

/// A column's name without what people write differently: `Mã hồ sơ`, `ma_ho_so`, `MaHoSo`.
fn plain(name: &str) -> String {
    let folded = fold(name);
    folded
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

fn sheets(
    rows: &[(u64, csv::StringRecord)],
    columns: &Columns,
) -> Result<Vec<SeparatorSheet>, Vec<ListFault>> {
    let mut sheets = Vec::with_capacity(rows.len());
    let mut faults = Vec::new();
    let mut lines: HashMap<DossierCode, u64> = HashMap::with_capacity(rows.len());
    for &(line, ref row) in rows {
        let value = row.get(columns.code).unwrap_or_default();
        let Ok(code) = value.parse::<DossierCode>() else {
            let value = value.to_owned();
            faults.push(ListFault::NoCode { line, value });
            continue;
        };
        if let Some(&first) = lines.get(&code) {
            faults.push(ListFault::Twice { line, code, first });
            continue;
        }
        lines.insert(code.clone(), line);
        let printed = columns.printed.iter().filter_map(|&(column, label)| {
            let value = row.get(column).filter(|value| !value.is_empty())?;
            Some(format!("{label}: {value}"))
        });
        sheets.push(SeparatorSheet {
            code,
            lines: printed.collect(),
        });
    }
    match (sheets.is_empty(), faults.is_empty()) {
        (_, false) => Err(faults),
        (true, true) => Err(vec![ListFault::Empty]),
        (false, true) => Ok(sheets),
    }
}
