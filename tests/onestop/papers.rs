//! The papers of a thousand dossiers, made as an office makes them: a browser prints them all, some are then scanned in
//! black and white, the others stay as they were born. Each has its own number, code and name; nobody in them is real.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::browser::print_to;

/// Dossiers of the drop.
pub const DOSSIERS: u32 = 1_020;
/// They come in so many nights.
pub const NIGHTS: u32 = 3;
/// Those who work on them, as their codes begin: one office of the province, eleven communes.
const UNITS: u32 = 12;
const NAMES: [&str; 4] = [
    "Nguyễn Thị Giả Định",
    "Trần Văn Hư Cấu",
    "Lê Thị Ví Dụ",
    "Phạm Văn Làm Mẫu",
];

/// The code of a dossier by its number.
pub fn code(number: u32) -> String {
    format!("{}-2611{:02}-{number:04}", unit(number), day(number))
}

/// The unit that handles it.
pub fn unit(number: u32) -> String {
    format!("H10.{}", 70 + number % UNITS)
}

/// The day of November 2026 on which it was received.
pub fn day(number: u32) -> u32 {
    1 + number % 19
}

/// State of its components: every seventh dossier uses papers again.
pub fn state(number: u32) -> u32 {
    1 + u32::from(number.is_multiple_of(7))
}

/// A second scan of it arrives cut in half.
pub fn is_damaged(number: u32) -> bool {
    number % 80 == 28
}

/// What it holds; the decision is there where the procedure got so far.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Request,
    Decision,
}

/// One page of one file of a dossier.
struct Paper {
    dossier: u32,
    kind: Kind,
}

/// Scans first, born-digital papers behind them.
fn papers() -> (Vec<Paper>, Vec<Paper>) {
    let (mut scans, mut born) = (Vec::new(), Vec::new());
    for dossier in 1..=DOSSIERS {
        let paper = |kind| Paper { dossier, kind };
        match dossier % 4 {
            0 => scans.push(paper(Kind::Request)),
            1 => {
                scans.push(paper(Kind::Request));
                born.push(paper(Kind::Decision));
            }
            2 => born.push(paper(Kind::Request)),
            _ => scans.push(paper(Kind::Decision)),
        }
    }
    (scans, born)
}

/// How many papers the dossiers hold that are not damaged: requests, decisions.
pub fn sound_papers() -> (u64, u64) {
    let (scans, born) = papers();
    let of = |kind| {
        let all = scans.iter().chain(&born);
        let sound = all.filter(|paper| paper.kind == kind && !is_damaged(paper.dossier));
        sound.count() as u64
    };
    (of(Kind::Request), of(Kind::Decision))
}

fn text(paper: &Paper, html: &mut String) {
    let number = paper.dossier;
    let (code, name) = (code(number), NAMES[number as usize % NAMES.len()]);
    let told = match paper.kind {
        // Nothing says what it is: a person has to look.
        Kind::Request if number % 50 == 2 => format!("<p>Gửi kèm {number} tờ, {name}.</p>"),
        Kind::Request => format!(
            "<p class=c><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b></p><p class=c>Độc lập - Tự do - Hạnh phúc</p>\
             <p class=c><b>ĐƠN ĐỀ NGHỊ</b></p><p>Mã hồ sơ: {code}</p><p>Họ và tên: {name}</p>\
             <p>Đề nghị cấp bản sao trích lục hộ tịch.</p>"
        ),
        Kind::Decision => format!(
            "<p>ỦY BAN NHÂN DÂN XÃ GIẢ ĐỊNH</p><p>Số: {number}/QĐ-UBND</p>\
             <p class=c>Giả Định, ngày 21 tháng 11 năm 2026</p><p class=c><b>QUYẾT ĐỊNH</b></p>\
             <p class=c>Về việc công nhận kết quả hồ sơ {code}</p>"
        ),
    };
    write!(html, "<section>{told}</section>").expect("memory takes all");
}

/// All papers as one PDF, each a small page.
fn printed(folder: &Path) -> PathBuf {
    let (scans, born) = papers();
    let mut html = String::from(
        "<!DOCTYPE html><html lang=vi><meta charset=utf-8><style>@page{size:150mm 60mm;margin:6mm}\
         body{margin:0;font:12pt/1.4 Tinos}section{break-after:page}section:last-child{break-after:auto}\
         p{margin:0}.c{text-align:center}</style><body>",
    );
    for paper in scans.iter().chain(&born) {
        text(paper, &mut html);
    }
    let (page, pdf) = (folder.join("papers.html"), folder.join("papers.pdf"));
    fs::write(&page, html).expect("writes");
    print_to(&page, &pdf);
    pdf
}

fn ran(command: &mut Command) {
    let output = command.output().expect("is installed (scripts/test)");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{told}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("lists");
    let mut files: Vec<PathBuf> = entries.map(|one| one.expect("an entry").path()).collect();
    files.sort();
    files
}

/// Lays the dossiers out, each night's in a folder of its own: `FOLDER/1/Hộp 7/1/H10.70-261103-0012/1.tif`.
///
/// Box and state of the components are told by the folders, as the plan's layout says.
pub fn draw(folder: &Path) {
    fs::create_dir(folder).expect("a folder");
    let pdf = printed(folder);
    let (scans, born) = papers();
    let (scanned, split) = (folder.join("scanned"), folder.join("split"));
    fs::create_dir(&scanned).expect("a folder");
    fs::create_dir(&split).expect("a folder");
    let (first_born, last_scan) = (scans.len() + 1, scans.len().to_string());
    let mut scanner = Command::new("pdftoppm");
    scanner.args([
        "-mono",
        "-r",
        "200",
        "-tiff",
        "-tiffcompression",
        "packbits",
    ]);
    scanner.args(["-l", &last_scan]);
    ran(scanner.arg(&pdf).arg(scanned.join("s")));
    let mut splitter = Command::new("qpdf");
    splitter
        .args(["--deterministic-id", "--empty", "--pages"])
        .arg(&pdf);
    splitter.args([&format!("{first_born}-z"), "--", "--split-pages"]);
    ran(splitter.arg(split.join("%d.pdf")));
    for (papers, files, extension) in [
        (scans, files(&scanned), "tif"),
        (born, files(&split), "pdf"),
    ] {
        assert_eq!(papers.len(), files.len(), "a page a paper");
        for (paper, file) in papers.iter().zip(files) {
            lay(folder, paper, &file, extension);
        }
    }
}

fn lay(folder: &Path, paper: &Paper, file: &Path, extension: &str) {
    let number = paper.dossier;
    let (night, shelf) = (1 + number % NIGHTS, 1 + number % 30);
    let place = folder.join(format!(
        "{night}/Hộp {shelf}/{}/{}",
        state(number),
        code(number)
    ));
    fs::create_dir_all(&place).expect("a folder");
    let name = match paper.kind {
        Kind::Request => format!("1.{extension}"),
        Kind::Decision => format!("2.{extension}"),
    };
    let bytes = fs::read(file).expect("a paper");
    if is_damaged(number) {
        fs::write(place.join("3.tif"), &bytes[..bytes.len() / 2]).expect("writes");
    }
    fs::write(place.join(name), bytes).expect("writes");
}
