//! The list in all the ways office programs write it, and the file that comes of it.

use super::symbols::Modules;
use super::*;
use crate::formats::typeface::Face;

const A: &str = "H10.12-221013-0001";
const B: &str = "000.00.41.H46-231022-7838";

fn codes(list: &[u8]) -> Vec<String> {
    let sheets = read_list(list).expect("a good list");
    sheets
        .into_iter()
        .map(|sheet| sheet.code.to_string())
        .collect()
}

fn faults(list: &str) -> Vec<ListFault> {
    read_list(list.as_bytes()).expect_err("a list with faults")
}

#[test]
fn columns_are_found_by_name_and_marks_by_the_first_line() {
    for list in [
        format!("ma_ho_so\n{A}\n{B}\n"),
        format!("STT;Mã hồ sơ;Hộp\r\n1;{A};5\r\n2;{B};5\r\n"),
        format!("Hộp\tMã hồ sơ\n5\t{A}\n5\t{B}\n"),
        format!("\u{feff}Số hồ sơ,Tiêu đề\n{A},\"một, hai\"\n\n{B},\"ba\nbốn\"\n"),
        format!("{A},5\n{B},5"),
        format!("hồ sơ\n\"{A}\"\n {B} \n,\n"),
    ] {
        assert_eq!(codes(list.as_bytes()), [A, B], "{list}");
    }
}

#[test]
fn old_and_wide_encodings_are_read() {
    let table = format!("Mã hồ sơ,Lĩnh vực\n{A},Đất đai\n");
    let mut wide = vec![0xFF, 0xFE];
    wide.extend(table.encode_utf16().flat_map(u16::to_le_bytes));
    // Windows-1258: ã as one letter, ồ as ô and a grave behind it.
    let old = [
        b"M\xE3 h\xF4\xCC s\xF5,L\xDEnh v\xFD\xF2c\n" as &[u8],
        A.as_bytes(),
        b",\xD0\xE2\xECt \xF0ai\n",
    ]
    .concat();
    for list in [table.as_bytes(), &wide, &old] {
        assert_eq!(codes(list), [A]);
    }
    let sheets = read_list(&old).expect("a good list");
    assert_eq!(sheets[0].code.as_str(), A);
}

#[test]
fn only_columns_without_personal_data_are_printed() {
    let list =
        format!("ma_ho_so,Họ tên,CCCD,Hộp,Tiêu đề\n{A},Nguyễn Văn A,098300000123,12,Cấp phép\n");
    let sheets = read_list(list.as_bytes()).expect("a good list");
    assert_eq!(sheets[0].lines, ["Hộp: 12", "Tiêu đề: Cấp phép"]);
}

#[test]
fn everything_wrong_is_named_with_its_line() {
    let list = format!("ma_ho_so,hop\n{A},1\nH10,1\n\n{B},2\n{A},3\n,4\n");
    let code = |text: &str| text.parse().expect("a code");
    let none = |line, value: &str| ListFault::NoCode {
        line,
        value: value.to_owned(),
    };
    let twice = ListFault::Twice {
        line: 6,
        code: code(A),
        first: 2,
    };
    assert_eq!(faults(&list), [none(3, "H10"), twice, none(7, "")]);
    assert_eq!(faults(""), [ListFault::Empty]);
    assert_eq!(faults("ma_ho_so\n"), [ListFault::Empty]);
    assert_eq!(faults("abc 12\n"), [none(1, "abc 12")]);
}

#[test]
fn the_faces_hold_every_vietnamese_letter() {
    let vowels = "aăâeêioôơuưy";
    let tones = ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"];
    let combined = vowels
        .chars()
        .flat_map(|vowel| tones.map(|tone| format!("{vowel}{tone}")));
    let small: String = combined.collect::<String>() + "bcdđghklmnpqrstvx";
    let small: String = unicode_normalization::UnicodeNormalization::nfc(small.as_str()).collect();
    let all = format!("{small}{} 0123456789.,:;-/()“”…№", small.to_uppercase());
    for face in [Face::regular(), Face::bold()] {
        assert_eq!(face.writable(&all), all);
        assert_eq!(face.writable("文書👍"), "???");
        assert!(face.width("Ế") > 0.5 && face.width("i") < 0.3);
        assert_eq!(face.fitted("Hộp 12", 9.0), "Hộp 12");
        let cut = face.fitted(&"chữ ".repeat(40), 9.0);
        assert!(cut.ends_with('…') && face.width(&cut) <= 9.0, "{cut}");
    }
}

#[test]
fn symbols_have_the_sizes_of_their_standards() {
    let code = A.parse().expect("a code");
    let qr = Modules::qr(&code);
    // 26 letters of the alphanumeric mode: version 2 holds 20 of them at level H, version 3 35.
    assert_eq!((qr.across, qr.down), (29, 29));
    let bars = Modules::code_128(&code);
    assert_eq!(bars.down, 1);
    assert!(
        bars.across > 11 * 12 && bars.dark_runs()[0] == (0, 0, 2),
        "start B"
    );
    let dark: usize = qr.dark_runs().iter().map(|run| run.2).sum();
    assert!((300..550).contains(&dark), "{dark}");
}

#[test]
fn the_file_has_a_page_a_sheet_and_its_words() {
    let list = format!("ma_ho_so,hop\n{A},12\n{B},\n");
    let sheets = read_list(list.as_bytes()).expect("a good list");
    let bytes = pdf(&sheets);
    assert_eq!(bytes, pdf(&sheets), "the same list gives the same bytes");
    let file = lopdf::Document::load_mem(&bytes).expect("a PDF");
    assert_eq!(file.get_pages().len(), 2);
    let text = file.extract_text(&[1]).expect("text");
    assert!(text.contains("TỜ PHÂN CÁCH HỒ SƠ"), "{text}");
    assert!(text.contains(A) && text.contains("Hộp: 12"), "{text}");
}
