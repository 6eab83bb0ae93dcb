//! The one-stop's side of the whole way: units, a campaign's targets, and a register of the drop's dossiers and of
//! others, as CSV and as a workbook.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::papers::{self, DOSSIERS, code, day};
use crate::recount::{Target, Unit};

/// Dossiers of the register: those of the drop, and others whose papers nobody scanned.
const REGISTERED: u32 = 1_400;
const CAMPAIGN: &str = "version = \"1\"\n[[campaign]]\nid = \"mau\"\nname = \"30 ngày đêm\"\nsource = \"kế hoạch mẫu\"\n\
    first = 2026-11-01\nlast = 2026-11-30\ntargets = [\n";

/// In hundredths of a percent.
pub const TARGETS: [Target; 4] = [
    ("766.4.2", "toan_tinh", 6_000),
    ("766.4.2", "tinh", 1_500),
    ("766.4.2", "xa", 4_550),
    ("local.ho_so", "xa", 3_000),
];
/// The report stands on 25 November; the 30th is the campaign's last day.
pub const DAYS_LEFT: u64 = 6;

pub fn units() -> Vec<Unit> {
    let province = Unit {
        code: "H10".to_owned(),
        name: "Tỉnh Mẫu".to_owned(),
        level: "toan_tinh",
        parent: None,
    };
    let below = (70..82).map(|number| Unit {
        code: format!("H10.{number}"),
        name: match number {
            70 => "Sở Đất đai Mẫu".to_owned(),
            number => format!("Xã Giả Định {number}"),
        },
        level: if number == 70 { "tinh" } else { "xa" },
        parent: Some("H10"),
    });
    [province].into_iter().chain(below).collect()
}

pub fn units_file(units: &[Unit]) -> String {
    let mut text = "version = \"1\"\nsource = \"bảng mẫu\"\n".to_owned();
    for unit in units {
        let parent = unit.parent.map(|code| format!("parent = \"{code}\"\n"));
        let (code, name, level) = (&unit.code, &unit.name, unit.level);
        write!(
            text,
            "[[unit]]\ncode = \"{code}\"\nname = \"{name}\"\nlevel = \"{level}\"\n{}",
            parent.unwrap_or_default()
        )
        .expect("memory takes all");
    }
    text
}

pub fn campaign_file() -> String {
    let targets = TARGETS.iter().map(|(formula, level, hundredths)| {
        let (whole, part) = (hundredths / 100, hundredths % 100);
        format!(
            "{{ level = \"{level}\", formula = \"{formula}\", percent = \"{whole}.{part:02}\" }},\n"
        )
    });
    CAMPAIGN.to_owned() + &targets.collect::<String>() + "]\n"
}

const COLUMNS: [&str; 12] = [
    "Mã hồ sơ",
    "Đơn vị xử lý",
    "Mã TTHC",
    "Ngày tiếp nhận",
    "Trạng thái",
    "Ngày kết thúc xử lý",
    "Thủ tục có kết quả",
    "Lấy từ kho quốc gia",
    "Kết quả đã đồng bộ",
    "Dùng CSDL dân cư",
    "Đăng nhập VNeID",
    "Kết quả còn hiệu lực",
];

/// One row of the register: code, unit, procedure; days of reception and of the end; state and flags.
struct Row {
    texts: [String; 3],
    days: [Option<u32>; 2],
    numbers: [u32; 7],
}

/// Every unit now by its code and now by its name; a few without a day; three delivered dossiers are missing.
fn register() -> Vec<Row> {
    let names = units();
    let row = |number: u32| {
        let unit = papers::unit(number);
        let name = names.iter().find(|one| one.code == unit).expect("a unit");
        let name = match number / 12 % 2 {
            0 => unit,
            _ => name.name.clone(),
        };
        let flag = |is_set: bool| u32::from(is_set);
        Row {
            texts: [code(number), name, format!("2.00081{}", number % 6)],
            days: [
                (!number.is_multiple_of(97)).then_some(day(number)),
                (!number.is_multiple_of(5)).then_some(29),
            ],
            numbers: [
                number % 10 + 1,
                flag(!number.is_multiple_of(3)),
                flag(number.is_multiple_of(6)),
                flag(number.is_multiple_of(10)),
                flag(number % 8 == 1),
                number % 2,
                number / 2 % 2,
            ],
        }
    };
    let known = (1..=REGISTERED).filter(|number| number % 340 != 5 || *number > DOSSIERS);
    known.map(row).collect()
}

pub fn write_csv(path: &Path) {
    let mut text = COLUMNS.join(";") + "\n";
    for row in register() {
        let day = |day: Option<u32>| day.map_or(String::new(), |day| format!("{day:02}/11/2026"));
        let numbers = row.numbers.map(|number| number.to_string());
        let [received, finished] = row.days.map(day);
        let (state, flags) = numbers.split_first().expect("a state");
        let texts = row.texts.join(";");
        writeln!(
            text,
            "{texts};{received};{state};{finished};{}",
            flags.join(";")
        )
        .expect("memory takes all");
    }
    fs::write(path, text).expect("writes");
}

/// The same as a workbook whose days are days.
pub fn write_xlsx(path: &Path) {
    let mut book = Workbook::new();
    let (sheet, as_day) = (
        book.add_worksheet(),
        Format::new().set_num_format("dd/mm/yyyy"),
    );
    sheet.write_row(0, 0, COLUMNS).expect("writes");
    for (line, row) in (1..).zip(register()) {
        sheet.write_row(line, 0, row.texts).expect("writes");
        for (column, day) in [3, 5].into_iter().zip(row.days) {
            let Some(day) = day else { continue };
            let day = ExcelDateTime::from_ymd(2026, 11, day as u8).expect("a day");
            let written = sheet.write_datetime_with_format(line, column, day, &as_day);
            written.expect("writes");
        }
        sheet.write(line, 4, row.numbers[0]).expect("writes");
        let flags = sheet.write_row(line, 6, row.numbers[1..].iter().copied());
        flags.expect("writes");
    }
    book.save(path).expect("writes");
}
