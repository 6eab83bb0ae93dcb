//! Registers as offices export them: encodings, delimiters, workbooks, and everything that is wrong with rows.

use std::io::Cursor;

use proptest::prelude::*;
use rust_xlsxwriter::{Format, Formula, Workbook};
use time::macros::date;

use super::*;
use crate::rates::Finding;

const HEADING: &str = "Mã hồ sơ,Đơn vị xử lý,Mã TTHC,Ngày tiếp nhận,Ngày hẹn trả,Trạng thái";

type Outcome = (Result<u64, RatesFault>, Vec<NumberedRow>, Findings);

fn read_all(bytes: &[u8]) -> Outcome {
    let (mut rows, mut findings) = (Vec::new(), Findings::default());
    let outcome = read(
        Cursor::new(bytes),
        "sổ.csv",
        &Columns::shipped(),
        &mut findings,
        &mut |row, _| {
            let (row, dossier) = (row.row, row.dossier.clone());
            rows.push(NumberedRow { row, dossier });
            Ok(())
        },
    );
    (outcome, rows, findings)
}

fn good(bytes: &[u8]) -> (Vec<NumberedRow>, Findings) {
    let (outcome, rows, findings) = read_all(bytes);
    outcome.expect("a register");
    (rows, findings)
}

fn codes(findings: &Findings) -> Vec<(&str, Option<u64>)> {
    let kept = findings.kept.iter();
    kept.map(|Finding { code, row, .. }| (*code, *row))
        .collect()
}

#[test]
fn a_plain_register_is_read() {
    let text = format!(
        "{HEADING}\nH99.70-261101-0001,Phường Mới,2.000815,01/11/2026,2026-11-05,Đã trả kết quả\n"
    );
    let (rows, findings) = good(text.as_bytes());
    assert!(findings.is_empty());
    let dossier = &rows[0].dossier;
    assert_eq!(rows[0].row, 2);
    assert_eq!(dossier.code.as_str(), "H99.70-261101-0001");
    assert_eq!(dossier.unit, "Phường Mới");
    assert_eq!(dossier.received_on, Some(date!(2026 - 11 - 01)));
    assert_eq!(dossier.due_on, Some(date!(2026 - 11 - 05)));
    assert_eq!(u8::from(dossier.state), 10);
    assert!(dossier.returns_paper && !dossier.vneid);
}

#[test]
fn marks_delimiters_and_line_ends_are_found_out() {
    let row = "H99.70-261101-0001,Phường Mới,2.000815,20261101083000,,4";
    let plain = format!("{HEADING}\n{row}\n");
    for text in [
        plain.clone(),
        format!("\u{FEFF}{plain}"),
        plain.replace(',', ";"),
        plain.replace(',', "\t"),
        plain.replace('\n', "\r\n"),
        plain.replace("Phường Mới", "\"Phường Mới\""),
    ] {
        let (rows, findings) = good(text.as_bytes());
        assert!(findings.is_empty(), "{text:?}");
        assert_eq!(rows[0].dossier.unit, "Phường Mới", "{text:?}");
        assert_eq!(rows[0].dossier.received_on, Some(date!(2026 - 11 - 01)));
    }
}

#[test]
fn old_encodings_are_read_and_told_once() {
    // "Mã hồ sơ;Đơn vị xử lý;Ngày tiếp nhận;Trạng thái" and a unit "Phường Tân Đồng".
    let tcvn3 =
        b"M\xB7 h\xE5 s\xAC;\xA7\xACn v\xDE x\xF6 l\xFD;Ng\xB5y ti\xD5p nh\xCBn;Tr\xB9ng th\xB8i\n\
        H99.70-261101-0001;Ph\xAD\xEAng T\xA9n \xA7\xE5ng;01/11/2026;4\n";
    let (rows, findings) = good(tcvn3);
    assert_eq!(rows[0].dossier.unit, "Phường Tân Đồng");
    assert_eq!(codes(&findings), [("RAT-037", Some(1))]);

    let cp1258 = b"Ma\xDE h\xF4\xCC s\xF5;\xD0\xF5n vi\xF2 x\xFD\xD2 ly\xEC;Nga\xCCy ti\xEA\xECp nh\xE2\xF2n;Tra\xF2ng tha\xECi\n\
        H99.70-261101-0001;H\xF4\xCC s\xF5;01/11/2026;4\n";
    let (outcome, rows, findings) = read_all(cp1258);
    outcome.expect("a register");
    assert_eq!(rows[0].dossier.unit, "Hồ sơ");
    assert_eq!(codes(&findings), [("RAT-037", Some(1))]);
}

#[test]
fn what_is_wrong_with_a_row_is_told_with_its_number() {
    let row = |code: &str, received: &str, due: &str, state: &str| {
        format!("{code},Phường Mới,2.000815,{received},{due},{state}\n")
    };
    let text = HEADING.to_owned()
        + "\n"
        + &row("không có", "01/11/2026", "", "4")
        + &row("H99.70-261101-0002", "31/02/2026", "", "4")
        + &row("H99.70-261101-0003", "01/11/2026", "", "11")
        + &row("H99.70-261101-0004", "05/11/2026", "01/11/2026", "4")
        + "H99.70-261101-0005,Phường Mới\n"
        + &format!("H99.70-261101-0006,{},,01/11/2026,,4\n", "x".repeat(301))
        + "H99.70-261101-0007,\"=HYPERLINK(\"\"http://a\"\")\",,01/11/2026,,4\n"
        + "\n,,,,,\n"
        + &row("H99.70-261101-0008", "", "", "4");
    let (rows, findings) = good(text.as_bytes());
    let kept: Vec<u64> = rows.iter().map(|row| row.row).collect();
    assert_eq!(kept, [5, 8, 11], "the other rows are left out");
    assert_eq!(findings.rows_left_out, 5);
    assert_eq!(
        codes(&findings),
        [
            ("RAT-030", Some(2)),
            ("RAT-033", Some(3)),
            ("RAT-035", Some(4)),
            ("RAT-034", Some(5)),
            ("RAT-042", Some(6)),
            ("RAT-041", Some(7)),
            ("RAT-036", Some(8)),
        ]
    );
}

#[test]
fn a_file_that_is_no_register_is_refused() {
    let code = |bytes: &[u8]| {
        let (outcome, ..) = read_all(bytes);
        crate::model::Coded::code(&outcome.expect_err("refused"))
    };
    assert_eq!(code(b""), "RAT-011");
    assert_eq!(code(b"\n\n"), "RAT-011");
    assert_eq!(code("Mã hồ sơ,Đơn vị\n".as_bytes()), "RAT-002");
    assert_eq!(code(b"\xFF\xFEM\0"), "RAT-001");
    assert_eq!(code(b"PK\x03\x04 no workbook"), "RAT-001");
    let endless = format!("{HEADING}\n\"{}", "x".repeat(3 << 20));
    assert_eq!(code(endless.as_bytes()), "RAT-001");
}

fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(HEADING.split(',')) {
        sheet.write_string(0, column, name).expect("fits");
    }
    fill(sheet);
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn a_workbook_is_read_with_its_days_and_numbers() {
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let book = workbook(|sheet| {
        let text = |sheet: &mut rust_xlsxwriter::Worksheet, row, column, text: &str| {
            sheet.write_string(row, column, text).expect("fits");
        };
        text(sheet, 1, 0, "H99.70-261101-0001");
        text(sheet, 1, 1, "Phường Mới");
        sheet
            .write_number_with_format(1, 3, 46_327.0, &day)
            .expect("fits");
        sheet.write_number(1, 5, 10).expect("fits");
        // A row further down, its day a text, its unit computed.
        text(sheet, 4, 0, "H99.70-261101-0002");
        let unit = Formula::new("=CONCAT(\"Phường \",\"Mới\")").set_result("Phường Mới");
        sheet.write_formula(4, 1, unit).expect("fits");
        text(sheet, 4, 3, "02/11/2026");
        text(sheet, 4, 5, "Đang xử lý");
    });
    let (rows, findings) = good(&book);
    assert_eq!(rows[0].dossier.received_on, Some(date!(2026 - 11 - 01)));
    assert_eq!(u8::from(rows[0].dossier.state), 10);
    assert_eq!(
        (rows[1].row, rows[1].dossier.unit.as_str()),
        (5, "Phường Mới")
    );
    assert_eq!(codes(&findings), [("RAT-036", Some(5))]);
}

proptest! {
    #[test]
    fn any_bytes_behind_a_heading_end_in_rows_or_findings(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut file = format!("{HEADING}\n").into_bytes();
        file.extend(bytes);
        let (outcome, rows, findings) = read_all(&file);
        if let Ok(count) = outcome {
            prop_assert!(rows.len() as u64 + findings.rows_left_out <= count);
        }
    }

    #[test]
    fn a_damaged_workbook_ends(at in 0usize..6_000, bit in 0u8..8) {
        let mut book = workbook(|sheet| {
            sheet.write_string(1, 0, "H99.70-261101-0001").expect("fits");
        });
        let at = at % book.len();
        book[at] ^= 1 << bit;
        let _ = read_all(&book);
    }
}
