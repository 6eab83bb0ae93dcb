//! `sohoa export` on a package that the program made: each form by another program's eyes, and
//! everything that must be refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use calamine::{Data, Reader, Xlsx, open_workbook};
use serde_json::{Value, json};
use sohoa::model::Digest;
use sohoa::model::manifest::DossierRecord;
use walkdir::WalkDir;

use crate::deliveries::{code, draft, put};
use crate::keys::pki;
use crate::support::{drop_of, expect_exit, manifest, root, run, sohoa};

pub const FIRST: &str = "H10.12-221014-0002";
const SECOND: &str = "H10.33-240722-0088";

/// A signed package of two dossiers in box 7 of a fonds, made once.
pub static PACKAGE: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    drop_of("dossiers", &[FIRST, SECOND], &drop.join("UBND xã/Hộp 7"));
    let plan = folder.path().join("plan.toml");
    // A machine that builds beside this must not run into a page's deadline.
    let layouts = "[intake]\nlayouts = [\"{phong}/Hộp {hop}/{dossier}/\"]\n[recognize]\nmax_page_ms = 600000\n";
    fs::write(&plan, layouts).expect("a plan");
    let out = folder.path().join("out");
    expect_exit(run(&drop, &out).arg("--plan").arg(&plan), 0);
    (folder, out)
});

const PROFILE: &str = r#"
url = "https://tep.vidu.vn/{dossier}/{file}"
[values]
agency_code = "H10.12"
agency_name = "UBND xã Nghĩa Hưng"
fonds_code = "P_NGHIAHUNG"
archive_code = "H10.LT"
maintenance = "01"
maintenance_text = "Vĩnh viễn"
mode = "02"
mode_text = "Có điều kiện"
dossier_state = "9"
source = "1"
procedure = "2.000815"
[procedures."2.000815"]
name = "Cấp bản sao trích lục hộ tịch"
components = { to_khai = "000.00.00.G15-TK" }
"#;

pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("profile.toml"), PROFILE).expect("a profile");
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, out: &Path, to: &str, name: &str) -> Command {
        let mut command = sohoa();
        command
            .arg("export")
            .arg(out)
            .args(["--to", to, "-o"])
            .arg(self.path(name));
        command.arg("--profile").arg(self.path("profile.toml"));
        command.arg("--trust").arg(pki().join("root.pem"));
        // 2026-11-25T00:00:00Z, later than every delivery here.
        command.env("SOURCE_DATE_EPOCH", "1795564800");
        command
    }

    fn export(&self, to: &str, name: &str) -> PathBuf {
        expect_exit(&mut self.command(&PACKAGE.1, to, name), 0);
        self.path(name)
    }

    /// What stands here besides the profile.
    fn left(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).expect("lists");
        let names = names.map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        });
        names
            .filter(|name| name != "profile.toml" && name != "out")
            .collect()
    }
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn judge(arguments: &[&Path]) -> Value {
    let python = std::env::var_os("SOHOA_PYTHON");
    let python = python.map_or_else(|| root().join("scripts/.venv/bin/python"), PathBuf::from);
    let mut command = Command::new(python);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
        .arg(root().join("tests/onestop/judge.py"))
        .args(arguments);
    let output = command.output().expect("python runs");
    assert!(output.status.success(), "{}", told(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn record(code: &str) -> DossierRecord {
    let records = manifest(&PACKAGE.1);
    let found = records
        .into_iter()
        .find(|record| record.dossier.as_ref().is_some_and(|c| c.as_str() == code));
    found.expect("a dossier")
}

/// Every file of an export with its digest.
fn tree(path: &Path) -> BTreeMap<String, Digest> {
    let files = WalkDir::new(path)
        .into_iter()
        .map(|entry| entry.expect("an entry"));
    let files = files.filter(|entry| entry.file_type().is_file());
    let digest = |entry: walkdir::DirEntry| {
        let name = entry
            .path()
            .strip_prefix(path)
            .expect("below")
            .display()
            .to_string();
        (name, Digest::of(&fs::read(entry.path()).expect("a file")))
    };
    files.map(digest).collect()
}

#[test]
fn the_same_delivery_gives_the_same_bytes_in_every_form() {
    let place = Place::new();
    let forms = [
        "portal-json",
        "archive-xlsx",
        "metadata-xlsx",
        "csv",
        "aip",
        "aip-tailieu",
        "sip",
        "bagit",
        "alto",
        "hocr",
    ];
    for form in forms {
        let (one, other) = (
            place.export(form, &format!("{form}.1")),
            place.export(form, &format!("{form}.2")),
        );
        let (one, other) = (tree(&one), tree(&other));
        assert!(!one.is_empty() && one == other, "{form}");
    }
    assert_eq!(place.left().len(), 2 * forms.len());
}

#[test]
fn the_portal_gets_components_and_results_with_addresses_it_can_fetch() {
    let place = Place::new();
    let folder = place.export("portal-json", "portal");
    let text = fs::read_to_string(folder.join(format!("{FIRST}.json"))).expect("a payload");
    let payload: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(payload["MaHoSo"], FIRST);
    assert_eq!(payload["NgayTiepNhan"], "20221014000000");
    assert_eq!(payload["NgayHenTra"], "20221109000000");
    assert_eq!(payload["TrangThaiHoSo"], "9");
    assert_eq!(payload["MaTTHC"], "2.000815");
    assert_eq!(payload["TenTTHC"], "Cấp bản sao trích lục hộ tịch");
    assert_eq!(payload["HoSoCoThanhPhanSoHoa"], "1");
    let record = record(FIRST);
    let kinds = |kind: u8| {
        record
            .documents
            .iter()
            .filter(|d| record.paper(d).is_some_and(|p| u8::from(p.kind) == kind))
            .count()
    };
    let components = payload["TaiLieuNop"].as_array().expect("a list");
    let results = payload["DanhSachGiayToKetQua"].as_array().expect("a list");
    assert_eq!((components.len(), results.len()), (kinds(0), kinds(1)));
    assert_eq!(
        components[0]["DuongDanTaiTepTin"],
        format!("https://tep.vidu.vn/{FIRST}/{FIRST}.02.pdf")
    );
    assert_eq!(components[0]["DuocTaiSuDung"], "0");
    assert_eq!(
        results[0]["DuongDanTepTinKetQua"],
        format!("https://tep.vidu.vn/{FIRST}/{FIRST}.04.pdf")
    );
    // The offices' own papers go nowhere.
    assert!(!text.contains(&format!("{FIRST}.01.pdf")));
}

fn cells(path: &Path, sheet: &str) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = open_workbook(path).expect("a workbook");
    let range = book.worksheet_range(sheet).expect("a sheet");
    let text = |cell: &Data| match cell {
        Data::Empty => String::new(),
        other => other.to_string(),
    };
    range
        .rows()
        .map(|row| row.iter().map(text).collect())
        .collect()
}

#[test]
fn the_archive_sheet_has_46_columns_and_a_dossier_is_told_once() {
    let place = Place::new();
    let path = place.export("archive-xlsx", "archive.xlsx");
    let rows = cells(&path, "Sheet1");
    assert_eq!(rows[0].len(), 46);
    assert_eq!(
        (
            rows[0][0].as_str(),
            rows[0][23].as_str(),
            rows[0][45].as_str()
        ),
        ("STT", "Ghi chú", "Đường dẫn file")
    );
    let documents: usize = [FIRST, SECOND]
        .iter()
        .map(|code| record(code).documents.len())
        .sum();
    assert_eq!(rows.len(), 1 + documents);
    let of_dossiers: Vec<&str> = rows[1..]
        .iter()
        .map(|row| row[4].as_str())
        .filter(|code| !code.is_empty())
        .collect();
    assert_eq!(of_dossiers, [FIRST, SECOND]);
    assert_eq!((rows[1][1].as_str(), rows[1][3].as_str()), ("UBND xã", "7"));
    assert_eq!(rows[1][45], format!("{FIRST}/{FIRST}.01.pdf"));
    // Another reader sees the same cells and no formula.
    let seen = judge(&[Path::new("sheet"), &path]);
    let seen = seen["Sheet1"].as_array().expect("rows");
    for (row, other) in rows.iter().zip(seen) {
        for (cell, other) in row.iter().zip(other.as_array().expect("cells")) {
            let other = match other {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(*cell, other);
        }
    }
}

#[test]
fn the_metadata_book_has_the_very_headers_its_importer_compares() {
    let place = Place::new();
    let path = place.export("metadata-xlsx", "MetaDuLieu.xlsx");
    let headers: Vec<(&str, usize)> = ["Hồ sơ", "Văn bản", "Ảnh", "Video"]
        .map(|name| (name, cells(&path, name)[0].len()))
        .to_vec();
    assert_eq!(
        headers,
        [("Hồ sơ", 13), ("Văn bản", 20), ("Ảnh", 14), ("Video", 15)]
    );
    let rows = cells(&path, "Văn bản");
    assert_eq!(rows[0][2], "Số của văn\u{a0}bản");
    assert_eq!(cells(&path, "Video")[0][3], "Tiêu đề\u{a0}phim/âm thanh");
    let mode = rows[0]
        .iter()
        .position(|header| header == "Chế độ sử dụng")
        .expect("the column");
    assert!(rows[1..].iter().all(|row| row[mode] == "Có điều kiện"));
    let of_dossiers = cells(&path, "Hồ sơ");
    assert_eq!((of_dossiers.len(), of_dossiers[1][9].as_str()), (3, "4"));

    // Without a mode nothing is written, and the message says where it could come from.
    let profile = PROFILE.replace("mode_text = \"Có điều kiện\"\n", "");
    fs::write(place.path("profile.toml"), profile).expect("a profile");
    let output = expect_exit(
        &mut place.command(&PACKAGE.1, "metadata-xlsx", "none.xlsx"),
        4,
    );
    assert!(
        told(&output).contains("EXP-011") && told(&output).contains("profile:mode_text"),
        "{}",
        told(&output)
    );
    assert_eq!(place.left(), ["MetaDuLieu.xlsx"]);
}

#[test]
fn a_csv_opens_as_it_is_and_starts_no_formula() {
    let place = Place::new();
    let bytes = fs::read(place.export("csv", "a.csv")).expect("a file");
    let text =
        std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").expect("the mark")).expect("UTF-8");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().expect("headers").clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let all: usize = [FIRST, SECOND]
        .iter()
        .map(|code| record(code).documents.len())
        .sum();
    assert_eq!(rows.len(), all);
    let column = |name: &str| {
        headers
            .iter()
            .position(|header| header == name)
            .expect("a column")
    };
    for (row, (code, document)) in rows.iter().zip(
        [FIRST, SECOND]
            .iter()
            .flat_map(|code| record(code).documents.into_iter().map(move |d| (*code, d))),
    ) {
        assert_eq!(&row[column("ma_ho_so")], code);
        assert_eq!(row[column("sha256")], document.sha256.to_string());
    }
}

#[test]
fn bags_are_whole_by_the_library_of_congress() {
    let place = Place::new();
    let bags = place.export("bagit", "bags");
    let judged = judge(&[Path::new("bags"), &bags]);
    let names: Vec<&Value> = judged
        .as_array()
        .expect("bags")
        .iter()
        .map(|bag| &bag[0])
        .collect();
    assert_eq!(names, [FIRST, SECOND]);
    let header = fs::read(bags.join(FIRST).join("sohoa/batch.json")).expect("the header");
    assert_eq!(
        header,
        fs::read(PACKAGE.1.join("batch.json")).expect("the header")
    );
}

#[test]
fn archival_packages_pass_the_schemas_and_our_own_checker() {
    let place = Place::new();
    let xlink = root().join("tests/onestop/xlink.xsd");
    for variant in ["thong_tu", "goi_mau"] {
        fs::write(
            place.path("profile.toml"),
            format!("variant = \"{variant}\"\n{PROFILE}"),
        )
        .expect("a profile");
        for (form, premis) in [("aip", 2), ("aip-tailieu", 2), ("sip", 0)] {
            let folder = place.export(form, &format!("{form}-{variant}"));
            let judged = judge(&[Path::new("packages"), &folder, &xlink]);
            let judged = judged.as_array().expect("packages");
            assert_eq!(judged.len(), 2, "{form} {variant}");
            let documents: u64 = judged
                .iter()
                .map(|package| package[1]["ead_doc"].as_u64().expect("a number"))
                .sum();
            assert_eq!(documents, 7);
            for package in judged {
                assert_eq!(
                    (&package[1]["mets"], &package[1]["premis"]),
                    (&json!(2), &json!(premis))
                );
                let name = package[0].as_str().expect("a name");
                let prefix = if form == "sip" {
                    "uuid-"
                } else {
                    "urn_P_NGHIAHUNG_uuid-"
                };
                assert!(
                    name.starts_with(prefix)
                        && name[prefix.len()..]
                            .bytes()
                            .all(|b| !b.is_ascii_lowercase()),
                    "{name}"
                );
            }
            let output = expect_exit(sohoa().args(["export", "--check"]).arg(&folder), 0);
            assert!(
                String::from_utf8_lossy(&output.stdout).starts_with("2 gói, 0"),
                "{output:?}"
            );
        }
    }
}

#[test]
fn what_is_changed_in_an_archival_package_is_found() {
    let place = Place::new();
    let whole = place.export("aip", "aip");
    let package = fs::read_dir(&whole)
        .expect("lists")
        .map(|entry| entry.expect("an entry").path())
        .min()
        .expect("a package");
    let file = |name: &str| package.join(name);
    let pdf = || {
        let data = fs::read_dir(file("representations/rep1/data")).expect("lists");
        data.map(|entry| entry.expect("an entry").path())
            .min()
            .expect("a file")
    };
    let edit = |path: PathBuf, from: &str, to: &str| {
        let text = fs::read_to_string(&path).expect("text");
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).expect("written");
    };
    type Harm<'h> = (&'h str, Box<dyn Fn() + 'h>);
    let harms: Vec<Harm<'_>> = vec![
        (
            "AIP-003",
            Box::new(|| fs::write(pdf(), b"other").expect("written")),
        ),
        (
            "AIP-001",
            Box::new(|| fs::remove_file(pdf()).expect("removed")),
        ),
        (
            "AIP-007",
            Box::new(|| fs::write(file("representations/rep1/data/x.pdf"), b"x").expect("written")),
        ),
        (
            "AIP-002",
            Box::new(|| fs::write(file("METS.xml"), b"<mets>").expect("written")),
        ),
        (
            "AIP-008",
            Box::new(|| edit(file("METS.xml"), "OBJID=\"urn:P", "OBJID=\"urn:Q")),
        ),
        (
            "AIP-009",
            Box::new(|| {
                edit(
                    file("METS.xml"),
                    "OAISPACKAGETYPE=\"AIP\"",
                    "OAISPACKAGETYPE=\"SIP\"",
                )
            }),
        ),
        (
            "AIP-005",
            Box::new(|| edit(file("METS.xml"), "FILEID=\"ID-", "FILEID=\"ID-0")),
        ),
        (
            "AIP-006",
            Box::new(|| edit(file("METS.xml"), "LABEL=\"CSIP\"", "LABEL=\"X\"")),
        ),
        (
            "AIP-010",
            Box::new(|| {
                edit(
                    file("representations/rep1/metadata/preservation/PREMIS_rep1.xml"),
                    "<messageDigest>",
                    "<messageDigest>0",
                )
            }),
        ),
        (
            "AIP-011",
            Box::new(|| {
                edit(
                    file("metadata/descriptive/EAD.xml"),
                    "<maintenance>01</maintenance>",
                    "<maintenance/>",
                )
            }),
        ),
        (
            "AIP-001",
            Box::new(|| {
                edit(
                    file("METS.xml"),
                    "schemas/EAD.xsd",
                    "../../../../etc/passwd",
                )
            }),
        ),
    ];
    for (code, harm) in harms {
        let kept: Vec<(PathBuf, Vec<u8>)> = WalkDir::new(&package)
            .into_iter()
            .map(|entry| entry.expect("an entry"))
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                (
                    entry.path().to_owned(),
                    fs::read(entry.path()).expect("a file"),
                )
            })
            .collect();
        harm();
        let output = expect_exit(sohoa().args(["export", "--check"]).arg(&whole), 10);
        assert!(
            told(&output).contains(&format!("[{code}]")),
            "{code}: {}",
            told(&output)
        );
        fs::remove_dir_all(&package).expect("removed");
        for (path, bytes) in kept {
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, bytes).expect("written");
        }
    }
    expect_exit(sohoa().args(["export", "--check"]).arg(&whole), 0);
}

#[test]
fn words_come_back_with_their_places() {
    let place = Place::new();
    let alto = judge(&[Path::new("alto"), &place.export("alto", "alto")]);
    let hocr = judge(&[Path::new("hocr"), &place.export("hocr", "hocr")]);
    let unplaced = judge(&[Path::new("unplaced"), &place.path("alto")]);
    let unplaced = unplaced.as_object().expect("files").values();
    assert!(unplaced.into_iter().all(|words| *words == 0));
    for code in [FIRST, SECOND] {
        let record = record(code);
        for document in &record.documents {
            let pages = record
                .pages
                .iter()
                .filter_map(|page| page.published.as_ref());
            let pages: Vec<_> = pages.filter(|page| page.document == document.n).collect();
            let stem = document.file.trim_end_matches(".pdf");
            let texts = alto[format!("{stem}.alto.xml")].as_array().expect("pages");
            assert_eq!(texts.len(), pages.len());
            for (text, page) in texts.iter().zip(&pages) {
                let text = text.as_str().expect("text");
                assert_eq!(Digest::of(text.as_bytes()), page.text_sha256);
            }
            let words: u64 = pages.iter().map(|page| u64::from(page.words)).sum();
            assert_eq!(hocr[format!("{stem}.hocr.html")], json!(words));
        }
    }
}

#[test]
fn a_value_that_is_too_long_is_never_cut_off() {
    let place = Place::new();
    let long = "x".repeat(201);
    fs::write(
        place.path("profile.toml"),
        PROFILE.replace("UBND xã Nghĩa Hưng", &long),
    )
    .expect("a profile");
    let output = expect_exit(&mut place.command(&PACKAGE.1, "portal-json", "portal"), 4);
    let said = told(&output);
    for part in ["EXP-010", "EXP-003", "DonViXuLy", FIRST, "201", "200"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(place.left(), [""; 0]);
    // A name that asks for what some papers lack: their dossiers stay behind, and it is said.
    fs::write(place.path("profile.toml"), PROFILE).expect("a profile");
    let mut command = place.command(&PACKAGE.1, "csv", "a.csv");
    let output = expect_exit(command.args(["--names", "{number}.{n}", "--leave-out"]), 4);
    assert!(told(&output).contains("EXP-012"), "{}", told(&output));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("0 hồ sơ, 0 tài liệu, bỏ qua 2 hồ sơ"),
        "{said}"
    );
    let rows = fs::read_to_string(place.path("a.csv")).expect("a file");
    assert_eq!(rows.lines().count(), 1);
}

#[test]
fn names_follow_the_template_or_the_export_says_what_is_missing() {
    let place = Place::new();
    let mut command = place.command(&PACKAGE.1, "bagit", "bags");
    expect_exit(command.args(["--names", "phong-hop"]), 0);
    let data = place.path("bags").join(FIRST).join("data");
    assert!(
        data.join(format!("P-NGHIAHUNG.07.{FIRST}.001.pdf"))
            .is_file()
            || data
                .join(format!("P_NGHIAHUNG.07.{FIRST}.001.pdf"))
                .is_file()
    );
    judge(&[Path::new("bags"), &place.path("bags")]);
    for (names, code) in [("{dossier}", 2), ("../{n}", 2), ("{label:khong_co}.{n}", 4)] {
        let mut command = place.command(&PACKAGE.1, "bagit", "none");
        let output = expect_exit(command.args(["--names", names]), code);
        assert!(
            told(&output).contains(if code == 2 { "EXP-007" } else { "EXP-012" }),
            "{}",
            told(&output)
        );
    }
    assert_eq!(place.left(), ["bags"]);
}

#[test]
fn nothing_is_written_over() {
    let place = Place::new();
    let path = place.export("csv", "a.csv");
    let before = fs::read(&path).expect("a file");
    let output = expect_exit(&mut place.command(&PACKAGE.1, "csv", "a.csv"), 8);
    assert!(told(&output).contains("EXP-004"));
    assert_eq!(fs::read(&path).expect("a file"), before);
}

/// A copy of the package to harm.
fn copy(to: &Path) {
    for entry in WalkDir::new(&PACKAGE.1) {
        let entry = entry.expect("an entry");
        let target = to.join(entry.path().strip_prefix(&PACKAGE.1).expect("below"));
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(target).expect("a folder"),
            false => drop(fs::copy(entry.path(), target).expect("a copy")),
        }
    }
}

#[test]
fn what_does_not_hold_is_not_passed_on() {
    let pdf = format!("dossiers/{FIRST}/{FIRST}.02.pdf");
    let record = format!("dossiers/{FIRST}/record.json");
    let replace = |path: PathBuf, from: &str, to: &str| {
        let text = fs::read_to_string(&path).expect("text");
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).expect("written");
    };
    let harmed = |out: &Path, what: &str| match what {
        "a byte of a document" => {
            let mut bytes = fs::read(out.join(&pdf)).expect("a file");
            bytes[2000] ^= 1;
            fs::write(out.join(&pdf), bytes).expect("written");
        }
        "bytes behind a document" => {
            let mut bytes = fs::read(out.join(&pdf)).expect("a file");
            bytes.extend_from_slice(b"\n1 0 obj\n<<>>\nendobj\n%%EOF\n");
            fs::write(out.join(&pdf), bytes).expect("written");
        }
        "a document gone" => fs::remove_file(out.join(&pdf)).expect("removed"),
        "a document is a link" => {
            fs::rename(out.join(&pdf), out.join("elsewhere.pdf")).expect("renamed");
            std::os::unix::fs::symlink(out.join("elsewhere.pdf"), out.join(&pdf)).expect("a link");
        }
        "a record" => replace(out.join(&record), "\"n\":1", "\"n\": 1"),
        "a line" => replace(out.join("manifest.jsonl"), "Lê Hữu Sơn", "Lê Hữu Sớn"),
        "record and line" => {
            for path in [out.join(&record), out.join("manifest.jsonl")] {
                replace(path, "Lê Hữu Sơn", "Lê Hữu Sớn");
            }
        }
        "a line twice" => {
            let text = fs::read_to_string(out.join("manifest.jsonl")).expect("text");
            let first = text.lines().next().expect("a line");
            fs::write(out.join("manifest.jsonl"), format!("{first}\n{text}")).expect("written");
        }
        "the last line gone" => {
            let text = fs::read_to_string(out.join("manifest.jsonl")).expect("text");
            let first = text.lines().next().expect("a line");
            fs::write(out.join("manifest.jsonl"), format!("{first}\n")).expect("written");
        }
        "the version" => replace(out.join("manifest.jsonl"), "\"v\":1,", "\"v\":2,"),
        "the header" => replace(out.join("batch.json"), "\"total\": 2", "\"total\": 3"),
        "the signature" => {
            let token = fs::read_to_string(out.join("batch.jws")).expect("text");
            let (start, _) = token.rsplit_once('.').expect("three parts");
            fs::write(out.join("batch.jws"), format!("{start}.AAAA")).expect("written");
        }
        other => panic!("{other}"),
    };
    let cases = [
        ("a byte of a document", "V01"),
        ("bytes behind a document", "V30"),
        ("a document gone", "V02"),
        ("a document is a link", "V24"),
        ("a record", "V22"),
        ("a line", "V22"),
        ("record and line", "V17"),
        ("a line twice", "V20"),
        ("the last line gone", "V17"),
        ("the version", "V40"),
        ("the header", "V26"),
        ("the signature", "V26"),
    ];
    for (what, code) in cases {
        let place = Place::new();
        let out = place.path("out");
        copy(&out);
        harmed(&out, what);
        for form in ["csv", "bagit"] {
            let output = expect_exit(&mut place.command(&out, form, "none"), 10);
            assert!(
                told(&output).contains(code) && told(&output).contains("EXP-001"),
                "{what}: {}",
                told(&output)
            );
            assert_eq!(place.left(), [""; 0], "{what}");
        }
    }
}

#[test]
fn an_unsigned_package_goes_out_only_where_somebody_says_so() {
    let place = Place::new();
    let out = place.path("out");
    copy(&out);
    fs::remove_file(out.join("batch.jws")).expect("removed");
    let output = expect_exit(&mut place.command(&out, "csv", "a.csv"), 11);
    assert!(told(&output).contains("EXP-002"));
    expect_exit(place.command(&out, "csv", "a.csv").arg("--unsigned"), 0);
}

#[test]
fn hostile_values_stay_values_in_every_form() {
    let hostile = "=HYPERLINK(\"http://x\",\"Lê <&> 'Văn' ]]> \u{202e}\")";
    let place = Place::new();
    let out = place.path("out");
    let mut draft = draft(2);
    let record = &mut draft.records[0];
    record.labels.insert("hop".to_owned(), "../../7".to_owned());
    record.labels.insert("phong".to_owned(), "<b>".to_owned());
    put(&mut record.documents[0], "trich_yeu", hostile);
    put(&mut record.documents[0], "so_ky_hieu", "+1/@SUM(A1)");
    draft.records[1]
        .labels
        .insert("hop".to_owned(), "8".to_owned());
    draft.write(&out);
    let export = |to: &str, names: &str| {
        let mut command = place.command(&out, to, to);
        expect_exit(command.args(["--names", names]), 0);
        place.path(to)
    };
    let csv = fs::read_to_string(export("csv", "goc")).expect("a file");
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let row = reader.records().next().expect("a row").expect("a row");
    assert!(row.iter().any(|cell| cell == format!("'{hostile}")));
    assert!(row.iter().any(|cell| cell == "'+1/@SUM(A1)"));

    let sheet = export("archive-xlsx", "goc");
    judge(&[Path::new("sheet"), &sheet]);
    let rows = cells(&sheet, "Sheet1");
    assert_eq!(
        (
            rows[1][5].as_str(),
            rows[1][26].as_str(),
            rows[1][27].as_str()
        ),
        (hostile, "+1", "@SUM(A1)")
    );

    let portal = export("portal-json", "goc").join(format!("{}.json", code(1)));
    let portal: Value =
        serde_json::from_slice(&fs::read(portal).expect("a payload")).expect("JSON");
    assert_eq!(portal["TrichYeuHoSo"], hostile);

    let aip = export("aip", "{dossier}-{label:hop}-{n}");
    judge(&[
        Path::new("packages"),
        &aip,
        &root().join("tests/onestop/xlink.xsd"),
    ]);
    expect_exit(sohoa().args(["export", "--check"]).arg(&aip), 0);
    let bags = export("bagit", "{label:hop}.{n}");
    judge(&[Path::new("bags"), &bags]);
    let mut left = place.left();
    left.sort();
    assert_eq!(left, ["aip", "archive-xlsx", "bagit", "csv", "portal-json"]);
}

#[test]
fn one_dossier_that_does_not_fit_keeps_back_all_or_only_itself() {
    let place = Place::new();
    let out = place.path("out");
    let mut draft = draft(60);
    put(
        &mut draft.records[29].documents[0],
        "trich_yeu",
        &"ầ".repeat(1001),
    );
    put(
        &mut draft.records[30].documents[0],
        "trich_yeu",
        &"ầ".repeat(1000),
    );
    draft.write(&out);
    let output = expect_exit(&mut place.command(&out, "portal-json", "portal"), 4);
    let said = told(&output);
    for part in ["EXP-010", "TrichYeuHoSo", code(30).as_str(), "1001", "1000"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains(&code(31)) && place.left().is_empty());
    expect_exit(
        place
            .command(&out, "portal-json", "portal")
            .arg("--leave-out"),
        4,
    );
    let names = tree(&place.path("portal"));
    assert_eq!(names.len(), 59);
    assert!(!names.contains_key(&format!("{}.json", code(30))));
}
