//! What intake promises of archives, wherever in the drop they lie.

use std::io::{Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;

use super::*;

fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        if name.ends_with('/') {
            writer
                .add_directory(*name, SimpleFileOptions::default())
                .expect("a folder");
        } else {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .expect("a member");
            writer.write_all(bytes).expect("written");
        }
    }
    writer.finish().expect("an archive").into_inner()
}

fn drop_with(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let drop = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in files {
        let path = drop.path().join(name);
        fs::create_dir_all(path.parent().expect("below the drop")).expect("a new folder");
        fs::write(path, bytes).expect("written");
    }
    drop
}

/// The only entry of a drop, surveyed: names of its files, and its faults.
fn only(
    drop: &tempfile::TempDir,
    options: &Options,
) -> (Entry, Vec<String>, Vec<(String, String)>) {
    let listing = list(drop.path(), options, &scratch()).expect("readable");
    let [entry] = &listing.entries[..] else {
        panic!("one entry: {:?}", listing.entries)
    };
    let survey = survey(entry, options);
    let files = survey.files.iter().map(|file| file.name.clone()).collect();
    let faults = codes(&survey)
        .into_iter()
        .map(|(l, r)| (l.to_owned(), r.to_owned()));
    (entry.clone(), files, faults.collect())
}

#[test]
fn an_archive_named_by_a_code_is_that_dossier() {
    let zip = zip_of(&[
        ("trang 10.jpg", &jpeg()),
        ("trang 9.jpg", &jpeg()),
        ("Thumbs.db", b"x"),
    ]);
    let digest = Digest::of(&zip);
    let drop = drop_with(&[("H10.12-221013-0001.zip", zip)]);
    for layouts in [&["{dossier}/"][..], &["{dossier}.*"]] {
        let options = with_layouts(layouts);
        let (entry, files, faults) = only(&drop, &options);
        assert_eq!(
            (entry.name.as_str(), entry.code.as_str()),
            ("H10.12-221013-0001", "H10.12-221013-0001")
        );
        assert_eq!(
            files,
            [
                "H10.12-221013-0001.zip/trang 9.jpg",
                "H10.12-221013-0001.zip/trang 10.jpg"
            ]
        );
        assert_eq!(faults, []);
        let survey = super::survey(&entry, &options);
        assert_eq!(survey.ignored, ["H10.12-221013-0001.zip/Thumbs.db"]);
        assert_eq!(survey.containers[0].sha256, digest);
        assert!(survey.files[0].load_page(0, &options).is_ok());
    }
}

#[test]
fn an_archive_of_dossiers_is_a_drop_of_its_own() {
    let zip = zip_of(&[
        ("Hộp 1/H10.12-221013-0001/1.jpg", &jpeg()),
        ("Hộp 1/H10.12-221013-0002/", b""),
        ("Hộp 1/ghi chú.txt", b"x"),
    ]);
    let drop = drop_with(&[("Hộp 1.zip", zip)]);
    let expected = pairs([
        ("Hộp 1.zip/Hộp 1/ghi chú.txt", "INT-003"),
        ("Hộp 1.zip/Hộp 1/H10.12-221013-0001", "H10.12-221013-0001"),
        ("Hộp 1.zip/Hộp 1/H10.12-221013-0002", "H10.12-221013-0002"),
    ]);
    assert_eq!(told(&drop, &Options::default()), expected);
    let listing = list(drop.path(), &Options::default(), &scratch()).expect("readable");
    let survey_of = |at: usize| survey(&listing.entries[at], &Options::default());
    assert_eq!(survey_of(1).files[0].name, "1.jpg");
    assert_eq!(survey_of(1).containers[0].name, "Hộp 1.zip");
    assert_eq!(
        codes(&survey_of(2)),
        [("Hộp 1.zip/Hộp 1/H10.12-221013-0002", "INT-002")]
    );
    let options = with_layouts(&["{box}/{dossier}/"]);
    let listing = list(drop.path(), &options, &scratch()).expect("readable");
    assert_eq!(listing.entries[1].labels["box"], "Hộp 1");
}

#[test]
fn an_archive_without_a_dossier_is_one_entry() {
    let drop = drop_with(&[("ảnh.zip", zip_of(&[("1.jpg", &jpeg()), ("2.jpg", &jpeg())]))]);
    let (entry, files, _) = only(&drop, &Options::default());
    assert_eq!(
        (entry.name.as_str(), entry.code.as_str()),
        ("ảnh.zip", "ảnh")
    );
    assert_eq!(files, ["ảnh.zip/1.jpg", "ảnh.zip/2.jpg"]);
}

#[test]
fn archives_in_archives_are_opened_up_to_the_limit() {
    let mut inner = zip_of(&[("1.jpg", &jpeg())]);
    for name in ["b.zip", "c.zip", "d.zip"] {
        inner = zip_of(&[(name, &inner)]);
    }
    let drop = drop_with(&[("H10.12-221013-0001/e.zip", inner)]);
    let (_, files, faults) = only(&drop, &Options::default());
    assert_eq!(files, [""; 0]);
    let place = "H10.12-221013-0001/e.zip/d.zip/c.zip/b.zip".to_owned();
    assert_eq!(faults, [(place, "INT-027".to_owned())]);
    let deeper = Options {
        max_archive_nesting: 4,
        ..Options::default()
    };
    let (entry, files, faults) = only(&drop, &deeper);
    assert_eq!(files, ["e.zip/d.zip/c.zip/b.zip/1.jpg"]);
    assert_eq!(faults, []);
    let names: Vec<_> = survey(&entry, &deeper)
        .containers
        .into_iter()
        .map(|c| c.name)
        .collect();
    assert_eq!(names[3], "H10.12-221013-0001/e.zip/d.zip/c.zip/b.zip");
}

#[test]
fn each_harm_an_archive_can_do_has_its_own_reason() {
    let plain = Options::default();
    let one = |name: &str| zip_of(&[(name, &jpeg())]);
    let zeros = zip_of(&[("0.tif", &vec![0; 8 << 20])]);
    let long = format!("{}/1.jpg", "x".repeat(1_100));
    let deep = format!("{}1.jpg", "x/".repeat(40));
    let mut broken = one("1.jpg");
    let at = broken.windows(2).position(|pair| pair == [0xFF, 0xD8]);
    // The deflated bytes begin behind the local header and the name.
    broken[at.unwrap_or(60)] ^= 0xFF;
    let small = Options {
        max_dossier_unpacked_bytes: 100,
        ..plain.clone()
    };
    let few = Options {
        max_archive_members: 0,
        ..plain.clone()
    };
    for (bytes, options, code) in [
        (one("../1.jpg"), &plain, "INT-030"),
        (one("a/../../1.jpg"), &plain, "INT-030"),
        (one("/etc/1.jpg"), &plain, "INT-030"),
        (one("C:/1.jpg"), &plain, "INT-030"),
        (one("..\\1.jpg"), &plain, "INT-030"),
        (one(&long), &plain, "INT-029"),
        (one(&deep), &plain, "INT-029"),
        (zeros, &plain, "INT-028"),
        (one("1.jpg"), &small, "INT-025"),
        (one("1.jpg"), &few, "INT-026"),
        (b"Rar!\x1A\x07\x01\x00".to_vec(), &plain, "INT-034"),
        (b"PK\x03\x04 and no more".to_vec(), &plain, "INT-033"),
        (zip_of(&[]), &plain, "INT-004"),
        (broken, &plain, "INT-033"),
    ] {
        let drop = drop_with(&[("H10.12-221013-0001/a.zip", bytes.clone())]);
        let (_, files, faults) = only(&drop, options);
        assert_eq!((files.len(), faults.len()), (0, 1), "{code}: {faults:?}");
        assert_eq!(faults[0].1, code);
        // The same above the dossiers: nothing of it is taken, and it is mentioned.
        let above = drop_with(&[("a.zip", bytes)]);
        let told = told(
            &above,
            &Options {
                max_archive_bytes: options.max_dossier_unpacked_bytes,
                ..options.clone()
            },
        );
        assert_eq!(told.len(), 1, "{told:?}");
    }
}

#[test]
fn nothing_is_written_outside_the_scratch_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let inside = folder.path().join("a/b/unpacked");
    let drop = drop_with(&[(
        "H10.12-221013-0001.zip",
        zip_of(&[("../../../thoát.jpg", &jpeg()), ("x\nrm -rf.jpg", &jpeg())]),
    )]);
    let good = drop_with(&[(
        "H10.12-221013-0001.zip",
        zip_of(&[("x\nrm -rf.jpg", &jpeg())]),
    )]);
    let options = Options::default();
    for drop in [drop, good] {
        let listing = list(drop.path(), &options, &inside).expect("readable");
        let survey = super::super::survey(&listing.entries[0], &options, &inside);
        let survey = survey.expect("a disk to unpack on");
        for file in walkdir::WalkDir::new(folder.path())
            .into_iter()
            .map(|e| e.expect("an entry"))
        {
            let number = file.file_name().to_string_lossy().parse::<u64>().is_ok();
            assert!(
                inside.starts_with(file.path()) || number,
                "{:?}",
                file.path()
            );
        }
        drop_and_see_empty(survey, &inside);
    }
}

/// What was unpacked goes with the survey.
fn drop_and_see_empty(survey: Survey, scratch: &Path) {
    std::mem::drop(survey);
    let left = fs::read_dir(scratch).map_or(0, |entries| entries.count());
    assert_eq!(left, 0);
}

#[test]
fn names_of_all_times_are_taken_in_and_stay_apart() {
    use std::os::unix::ffi::OsStrExt;
    let (drop, entry) = dossier(&[
        ("hồ sơ.jpg", jpeg()),
        ("Trang 1.jpg", jpeg()),
        ("trang 1.jpg", jpeg()),
    ]);
    let longest = [&[b'x'; 251][..], b".jpg"].concat();
    for name in [
        "ho\u{302}\u{300} so\u{31b}.jpg".as_bytes(),
        b"H\xE5 s\xAC.jpg",
        b"trang\n2.jpg",
        b"trang \xFF.jpg",
        b"-rf.jpg",
        "\u{202E}gpj.jpg".as_bytes(),
        &longest,
    ] {
        fs::write(at(&drop).join(std::ffi::OsStr::from_bytes(name)), jpeg()).expect("written");
    }
    let survey = survey(&entry, &Options::default());
    assert_eq!(codes(&survey), []);
    let names: std::collections::BTreeSet<_> =
        survey.files.iter().map(|f| f.name.clone()).collect();
    assert_eq!(names.len(), 10);
    for name in [
        "hồ sơ.jpg",
        "hồ sơ (2).jpg",
        "Hồ sơ.jpg",
        "trang␊2.jpg",
        "trang ÿ.jpg",
        "\\u{202E}gpj.jpg",
    ] {
        assert!(names.contains(name), "{name}: {names:?}");
    }
}

#[test]
fn names_in_a_zip_are_read_with_and_without_the_flag() {
    let sound = zip_of(&[("ho so moi.jpg", &jpeg())]);
    let tcvn3 = b"H\xE5 s\xAC m\xED.jpg ";
    let utf8 = "hồ sơ.jpg".as_bytes();
    let cases: [(&[u8], &str); 2] = [
        (&tcvn3[..13], "Hồ sơ mớ"),
        (&utf8[..utf8.len()], "hồ sơ.jpg"),
    ];
    for (name, expected) in cases {
        let mut bytes = sound.clone();
        let old = b"ho so moi.jpg";
        let padded: Vec<u8> = name
            .iter()
            .copied()
            .chain(std::iter::repeat(b'x'))
            .take(old.len())
            .collect();
        while let Some(at) = bytes.windows(old.len()).position(|window| window == old) {
            bytes[at..at + old.len()].copy_from_slice(&padded);
        }
        let drop = drop_with(&[("H10.12-221013-0001.zip", bytes)]);
        let (_, files, _) = only(&drop, &Options::default());
        assert!(
            files[0].starts_with(&format!("H10.12-221013-0001.zip/{expected}")),
            "{files:?}"
        );
    }
}

#[test]
fn ten_thousand_dossiers_in_one_archive_are_listed() {
    let names: Vec<String> = (0..10_000)
        .map(|n| format!("H10.12-221013-{n:05}/1.jpg"))
        .collect();
    let page = jpeg();
    let members: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), &page[..]))
        .collect();
    let drop = drop_with(&[("cả kho.zip", zip_of(&members))]);
    let listing = list(drop.path(), &Options::default(), &scratch()).expect("readable");
    assert_eq!(listing.entries.len(), 10_000);
    assert!(
        listing
            .entries
            .iter()
            .all(|entry| entry.containers.len() == 1)
    );
}

#[test]
fn each_part_of_a_cut_archive_is_told_as_such() {
    let zip = zip_of(&[("trang 1.jpg", &jpeg())]);
    let (first, second) = zip.split_at(zip.len() / 2);
    let folder = "H10.12-221013-0001";
    let names = [format!("{folder}/a.zip.001"), format!("{folder}/a.zip.002")];
    let parts = [(&*names[0], first.to_vec()), (&*names[1], second.to_vec())];
    let (_, files, faults) = only(&drop_with(&parts), &Options::default());
    assert!(files.is_empty(), "{files:?}");
    let codes: Vec<&str> = faults.iter().map(|(_, code)| code.as_str()).collect();
    assert_eq!(codes, ["INT-040", "INT-040"], "{faults:?}");
}
