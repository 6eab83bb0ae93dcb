//! What intake promises of whole folders, on folders made here.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::formats::raster::{Coding, Pixels};
use crate::model::{Coded, Digest};

mod archives;

fn gray_png(width_px: u32, height_px: u32) -> Vec<u8> {
    let image = image::GrayImage::from_fn(width_px, height_px, |x, y| {
        image::Luma([(x * 3 + y * 5) as u8])
    });
    let mut out = std::io::Cursor::new(Vec::new());
    image
        .write_to(&mut out, image::ImageFormat::Png)
        .expect("encodes");
    out.into_inner()
}

fn jpeg() -> Vec<u8> {
    let image = image::GrayImage::from_fn(64, 48, |x, y| image::Luma([(x * 3 + y) as u8]));
    let mut out = std::io::Cursor::new(Vec::new());
    image
        .write_to(&mut out, image::ImageFormat::Jpeg)
        .expect("encodes");
    out.into_inner()
}

fn dossier(files: &[(&str, Vec<u8>)]) -> (tempfile::TempDir, Entry) {
    let drop = tempfile::tempdir().expect("a temporary folder");
    let path = drop.path().join("H10.12-221013-0001");
    fs::create_dir(&path).expect("a new folder");
    for (name, bytes) in files {
        let path = path.join(name);
        fs::create_dir_all(path.parent().expect("inside the dossier")).expect("a new folder");
        fs::write(path, bytes).expect("written");
    }
    (drop, Entry::folder("H10.12-221013-0001", path))
}

/// Where such a dossier's folder lies.
fn at(drop: &tempfile::TempDir) -> std::path::PathBuf {
    drop.path().join("H10.12-221013-0001")
}

/// Where these tests unpack to.
fn scratch() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("sohoa-test-{}", std::process::id()))
}

/// Finds, hashes and opens.
fn survey(entry: &Entry, options: &Options) -> Survey {
    let mut survey = super::survey(entry, options, &scratch()).expect("a disk to unpack on");
    survey.open_files(entry, options);
    survey
}

fn codes(survey: &Survey) -> Vec<(&str, &'static str)> {
    let faults = survey.faults.iter();
    faults
        .map(|(place, f)| (place.as_str(), f.code()))
        .collect()
}

/// The code of the only fault of a dossier of this one file.
fn code_of(bytes: &[u8], options: &Options) -> &'static str {
    let (_drop, entry) = dossier(&[("trang 1.tif", bytes.to_vec())]);
    let survey = survey(&entry, options);
    let [(place, code)] = codes(&survey)[..] else {
        panic!("one fault: {:?}", codes(&survey))
    };
    assert_eq!(place, "H10.12-221013-0001/trang 1.tif");
    code
}

#[test]
fn the_drop_is_listed_in_natural_order_without_leftovers() {
    let drop = tempfile::tempdir().expect("a temporary folder");
    for name in ["hs 10", "hs 9", ".git", "@eaDir"] {
        fs::create_dir(drop.path().join(name)).expect("a new folder");
    }
    for name in ["ghi chú.txt", ".DS_Store", "Thumbs.db"] {
        fs::write(drop.path().join(name), b"x").expect("written");
    }
    let listed = list(drop.path(), &Options::default(), &scratch())
        .expect("readable")
        .entries;
    let names: Vec<_> = listed.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["ghi chú.txt", "hs 9", "hs 10"]);
    let stray = survey(&listed[0], &Options::default());
    assert_eq!(codes(&stray), [("ghi chú.txt", "INT-003")]);
    let missing = list(
        &drop.path().join("không có"),
        &Options::default(),
        &scratch(),
    );
    assert_eq!(missing.expect_err("no such folder").code(), "INT-001");
}

#[test]
fn names_that_are_one_after_nfc_stay_two_entries() {
    let drop = tempfile::tempdir().expect("a temporary folder");
    for name in ["hồ sơ", "ho\u{302}\u{300} so\u{31b}"] {
        fs::create_dir(drop.path().join(name)).expect("a new folder");
    }
    let listed = list(drop.path(), &Options::default(), &scratch())
        .expect("readable")
        .entries;
    let names: Vec<_> = listed.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["hồ sơ", "hồ sơ (2)"]);
}

#[test]
fn files_are_hashed_counted_and_decoded_in_natural_order() {
    let (_drop, entry) = dossier(&[
        ("trang 10.png", gray_png(30, 20)),
        ("trang 2.jpg", jpeg()),
        ("phụ lục/1.png", gray_png(5, 5)),
        ("Thumbs.db", b"x".to_vec()),
    ]);
    let options = Options::default();
    let survey = survey(&entry, &options);
    assert_eq!(codes(&survey), []);
    assert_eq!(survey.ignored, ["Thumbs.db"]);
    let names: Vec<_> = survey.files.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["phụ lục/1.png", "trang 2.jpg", "trang 10.png"]);
    let page = &survey.files[1];
    assert_eq!(page.sha256, Digest::of(&jpeg()));
    assert_eq!((page.bytes, page.pages), (jpeg().len() as u64, 1));
    let loaded = page.load_page(0, &options).expect("a sound page");
    assert_eq!(loaded.image.bytes, jpeg());
    assert!(matches!(loaded.image.coding, Coding::Jpeg { .. }));
    assert!(matches!(loaded.raster.pixels, Pixels::Gray(_)));
    let beyond = page.load_page(1, &options).map(|_| ());
    assert_eq!(beyond.expect_err("one page only").code(), "INT-024");
}

#[test]
fn each_bad_file_has_its_own_reason() {
    let options = Options::default();
    let whole = jpeg();
    let cases: [(&[u8], &str); 6] = [
        (b"", "INT-004"),
        (b"Kinh gui: Uy ban nhan dan", "INT-005"),
        (&whole[..whole.len() / 2], "INT-006"),
        (b"II*\0\x08\0\0\0", "INT-006"),
        (b"\x89PNG\r\n\x1a\n", "INT-006"),
        (b"%PDF-1.7\nnothing else", "INT-007"),
    ];
    for (bytes, code) in cases {
        assert_eq!(code_of(bytes, &options), code);
    }
}

#[test]
fn the_rest_of_a_dossier_is_still_surveyed() {
    let (_drop, entry) = dossier(&[("1.jpg", Vec::new()), ("2.jpg", jpeg())]);
    let survey = survey(&entry, &Options::default());
    let pages: Vec<_> = survey.files.iter().map(|f| f.pages).collect();
    assert_eq!(pages, [0, 1]);
    assert_eq!(codes(&survey), [("H10.12-221013-0001/1.jpg", "INT-004")]);
}

#[test]
fn an_empty_folder_is_a_fault_even_with_leftovers_in_it() {
    let (_drop, entry) = dossier(&[(".DS_Store", b"x".to_vec())]);
    let survey = survey(&entry, &Options::default());
    assert_eq!(codes(&survey), [("H10.12-221013-0001", "INT-002")]);
}

#[test]
fn every_limit_has_its_own_reason() {
    let plain = Options::default();
    let small_file = Options {
        max_file_bytes: 10,
        ..plain.clone()
    };
    assert_eq!(code_of(&jpeg(), &small_file), "INT-012");
    let small_page = Options {
        max_page_pixels: 100,
        ..plain.clone()
    };
    assert_eq!(code_of(&jpeg(), &small_page), "INT-013");
    let few_files = Options {
        max_dossier_files: 1,
        ..plain
    };
    let (_drop, entry) = dossier(&[("1.jpg", jpeg()), ("2.jpg", jpeg())]);
    let survey = survey(&entry, &few_files);
    assert_eq!(codes(&survey), [("H10.12-221013-0001", "INT-015")]);
}

#[test]
fn links_are_not_followed() {
    let (drop, entry) = dossier(&[("1.jpg", jpeg())]);
    symlink("/etc/passwd", at(&drop).join("2.jpg")).expect("a link");
    symlink(drop.path(), at(&drop).join("vòng")).expect("a link");
    let inside = survey(&entry, &Options::default());
    assert_eq!(
        codes(&inside),
        [
            ("H10.12-221013-0001/2.jpg", "INT-017"),
            ("H10.12-221013-0001/vòng", "INT-017"),
        ]
    );
    symlink(at(&drop), drop.path().join("lối tắt")).expect("a link");
    let listed = list(drop.path(), &Options::default(), &scratch())
        .expect("readable")
        .entries;
    let link = listed.iter().find(|f| f.name == "lối tắt").expect("listed");
    assert_eq!(
        codes(&survey(link, &Options::default())),
        [("lối tắt", "INT-017")]
    );
}

#[test]
fn a_pipe_does_not_keep_intake_waiting() {
    let (drop, entry) = dossier(&[("1.jpg", jpeg())]);
    let pipe = at(&drop).join("2.jpg");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("coreutils").success());
    let survey = survey(&entry, &Options::default());
    assert_eq!(codes(&survey), [("H10.12-221013-0001/2.jpg", "INT-018")]);
}

#[test]
fn what_may_not_be_read_is_a_fault() {
    let (drop, entry) = dossier(&[("1.jpg", jpeg())]);
    let file = at(&drop).join("1.jpg");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("own file");
    let survey = survey(&entry, &Options::default());
    // Root reads everything; then there is nothing to be refused.
    let refused = fs::File::open(&file).is_err();
    let expected: &[_] = if refused {
        &[("H10.12-221013-0001/1.jpg", "INT-016")]
    } else {
        &[]
    };
    assert_eq!(codes(&survey), expected);
}

#[test]
fn a_file_that_changed_since_it_was_hashed_is_a_fault() {
    let (drop, entry) = dossier(&[("1.jpg", jpeg())]);
    let options = Options::default();
    let survey = survey(&entry, &options);
    fs::write(at(&drop).join("1.jpg"), gray_png(9, 9)).expect("written");
    let loaded = survey.files[0].load_page(0, &options).map(|_| ());
    assert_eq!(loaded.expect_err("changed").code(), "INT-020");
}

#[test]
fn every_fault_has_words_in_both_languages_with_the_same_places() {
    let words = |text: &str| -> toml::Table { text.parse().expect("sound TOML") };
    let vi = words(include_str!("../../messages/vi/intake.toml"));
    let en = words(include_str!("../../messages/en/intake.toml"));
    let places = |entry: &toml::Value| {
        let text = format!("{} {}", entry["what"], entry["remedy"]);
        let starts = text.match_indices('{').map(|(at, _)| {
            let rest = &text[at + 1..];
            rest[..rest.find('}').expect("closed")].to_owned()
        });
        starts.collect::<std::collections::BTreeSet<_>>()
    };
    let faults = one_of_each_fault();
    // One more: INT-010 is no fault, it tells why a file was kept as it came.
    assert_eq!(vi.len(), faults.len() + 1);
    for fault in faults {
        let code = fault.code();
        let expected: std::collections::BTreeSet<_> =
            fault.params().keys().map(|key| (*key).to_owned()).collect();
        assert_eq!(places(&vi[code]), expected, "{code} vi");
        assert_eq!(places(&en[code]), expected, "{code} en");
    }
}

fn one_of_each_fault() -> Vec<IntakeFault> {
    use IntakeFault::*;
    let file = || "1.tif".to_owned();
    let detail = || "x".to_owned();
    vec![
        DropUnreadable {
            file: file(),
            detail: detail(),
        },
        EmptyFolder { file: file() },
        StrayFile { file: file() },
        EmptyFile { file: file() },
        UnknownKind { file: file() },
        Truncated { file: file() },
        Corrupt {
            file: file(),
            detail: detail(),
        },
        Unsupported {
            file: file(),
            detail: detail(),
        },
        LockedPdf { file: file() },
        NoPages { file: file() },
        FileTooLarge {
            file: file(),
            bytes: 2,
            limit: 1,
        },
        PageTooLarge {
            file: file(),
            pixels: 2,
            limit: 1,
        },
        TooManyPages {
            file: file(),
            limit: 1,
        },
        TooManyFiles {
            file: file(),
            limit: 1,
        },
        Unreadable {
            file: file(),
            detail: detail(),
        },
        SymbolicLink { file: file() },
        NotAFile { file: file() },
        Changed { file: file() },
        DecoderFailed { file: file() },
        TookTooLong {
            file: file(),
            limit_ms: 1,
        },
        UnpacksTooLarge {
            file: file(),
            limit: 1,
        },
        SeveralPictures { file: file() },
        PartOfArchive { file: file() },
        LostLetters { file: file() },
        MarksNotDrawn {
            file: file(),
            detail: detail(),
        },
        NoSuchPage { file: file() },
        ArchiveTooLarge {
            file: file(),
            limit: 1,
        },
        TooManyMembers {
            file: file(),
            limit: 1,
        },
        NestedTooDeep {
            file: file(),
            limit: 1,
        },
        RatioTooHigh {
            file: file(),
            limit: 1,
        },
        PathTooLong { file: file() },
        PathLeadsOut { file: file() },
        MemberNotPlain { file: file() },
        LockedArchive { file: file() },
        DamagedArchive {
            file: file(),
            detail: detail(),
        },
        UnsupportedArchive {
            file: file(),
            detail: detail(),
        },
        ScratchUnusable {
            file: file(),
            detail: detail(),
        },
        CodeTwice {
            file: file(),
            other: file(),
        },
    ]
}

fn drop_of(files: &[&str]) -> tempfile::TempDir {
    let drop = tempfile::tempdir().expect("a temporary folder");
    for file in files {
        let path = drop.path().join(file);
        if file.ends_with('/') {
            fs::create_dir_all(path).expect("a new folder");
        } else {
            fs::create_dir_all(path.parent().expect("below the drop")).expect("a new folder");
            fs::write(path, jpeg()).expect("written");
        }
    }
    drop
}

fn with_layouts(templates: &[&str]) -> Options {
    let templates: Vec<String> = templates.iter().map(|&t| t.to_owned()).collect();
    Options {
        layouts: Layouts::try_from(templates).expect("sound templates"),
        ..Options::default()
    }
}

/// Of each entry the name, and its code where it can be taken in or the fault where not.
fn told(drop: &tempfile::TempDir, options: &Options) -> Vec<(String, String)> {
    let listing = list(drop.path(), options, &scratch()).expect("readable");
    let told = |entry: Entry| match &entry.place {
        Place::Nowhere(fault) => (entry.name, fault.code().to_owned()),
        _ => (entry.name, entry.code),
    };
    listing.entries.into_iter().map(told).collect()
}

fn pairs<const N: usize>(told: [(&str, &str); N]) -> Vec<(String, String)> {
    told.map(|(l, r)| (l.to_owned(), r.to_owned())).to_vec()
}

#[test]
fn deeper_layouts_mention_everything_on_the_way() {
    let drop = drop_of(&[
        "Phông 1/Hộp 2/H10.12-221013-0001/1.jpg",
        "Phông 1/Hộp 2/tài liệu lẻ/1.jpg",
        "Phông 1/Hộp 2/ghi chú.txt",
        "Phông 1/Hộp 10/",
        "Phông 1/mục lục.xls",
        "Phông 1/Thumbs.db",
        "H10.12-221013-0009/1.jpg",
    ]);
    let options = with_layouts(&["{fonds}/{box}/{dossier}/"]);
    let expected = pairs([
        ("H10.12-221013-0009/1.jpg", "INT-003"),
        ("Phông 1/Hộp 2/ghi chú.txt", "INT-003"),
        ("Phông 1/Hộp 2/H10.12-221013-0001", "H10.12-221013-0001"),
        ("Phông 1/Hộp 2/tài liệu lẻ", "tài liệu lẻ"),
        ("Phông 1/Hộp 10", "INT-002"),
        ("Phông 1/mục lục.xls", "INT-003"),
    ]);
    assert_eq!(told(&drop, &options), expected);
    let listing = list(drop.path(), &options, &scratch()).expect("readable");
    assert_eq!(listing.passed_over, ["Phông 1/Thumbs.db"]);
    let labels = &listing.entries[2].labels;
    assert_eq!(
        (labels["fonds"].as_str(), labels["box"].as_str()),
        ("Phông 1", "Hộp 2")
    );
}

#[test]
fn files_of_one_code_in_one_folder_are_one_dossier() {
    let drop = drop_of(&[
        "a/H10.12-221013-0001_10.jpg",
        "a/H10.12-221013-0001_9.jpg",
        "a/H10.12-221013-0002_1.jpg",
        "a/khác.jpg",
    ]);
    let options = with_layouts(&["{box}/{dossier}_*.*"]);
    let listing = list(drop.path(), &options, &scratch()).expect("readable");
    let names: Vec<_> = listing.entries.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(
        names,
        ["a/H10.12-221013-0001", "a/H10.12-221013-0002", "a/khác.jpg"]
    );
    let surveyed = survey(&listing.entries[0], &options);
    let files: Vec<_> = surveyed.files.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(
        files,
        ["H10.12-221013-0001_9.jpg", "H10.12-221013-0001_10.jpg"]
    );
    assert_eq!(
        listing.entries[0].place_of(files[0]),
        "a/H10.12-221013-0001_9.jpg"
    );
}

#[test]
fn a_code_at_two_places_is_told_at_both() {
    let drop = drop_of(&["H10.12-221013-0001/1.jpg", "H10.12-221013-0001.pdf"]);
    let options = Options::default();
    let listing = list(drop.path(), &options, &scratch()).expect("readable");
    let codes: Vec<_> = listing
        .entries
        .iter()
        .map(|e| codes(&survey(e, &options))[0].1)
        .collect();
    assert_eq!(codes, ["INT-036", "INT-036"]);
}

#[test]
fn ten_thousand_dossiers_are_listed() {
    let drop = tempfile::tempdir().expect("a temporary folder");
    for number in 0..10_000 {
        fs::create_dir(drop.path().join(format!("H10.12-221013-{number:05}"))).expect("a folder");
    }
    let listing = list(drop.path(), &Options::default(), &scratch()).expect("readable");
    assert_eq!(listing.entries.len(), 10_000);
    let numbers = listing.entries.iter().enumerate();
    for (number, entry) in numbers {
        assert_eq!(entry.code, format!("H10.12-221013-{number:05}"));
    }
}
