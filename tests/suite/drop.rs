//! A drop as archive teams hand it over: layouts, archives of all kinds, names of all times.

use std::ffi::OsStr;
use std::fs;
use std::io::{Cursor, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use sohoa::model::manifest::{DossierRecord, Duplicate, Outcome};

use crate::support::{expect_exit, fixture, header, manifest, run, tree, verify};

const PLAN: &str = r#"
[intake]
layouts = ["{dossier}/", "{dossier}.*", "{batch}/{dossier}_*.*", "{fonds}/{box}/{dossier}/"]
"#;

/// One page of a fixture dossier.
fn page() -> Vec<u8> {
    let folder = fixture("dossiers").join("H10.33-240722-0088");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the fixture")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "jpg"))
        .collect();
    files.sort();
    fs::read(&files[0]).expect("a page")
}

fn zip_of(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.start_file(name, options).expect("a member");
    writer.write_all(bytes).expect("written");
    writer.finish().expect("an archive").into_inner()
}

fn tar_of(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    builder
        .append_data(&mut header, name, bytes)
        .expect("a member");
    builder.into_inner().expect("an archive")
}

fn gzip_of(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).expect("written");
    writer.finish().expect("a stream")
}

fn zstd_of(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// A 7z of one file that is only copied (7zFormat.txt); numbers in their longest form.
fn seven_z_of(name: &str, bytes: &[u8]) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum().to_le_bytes()
    };
    let number = |n: usize| [&[0xFF][..], &(n as u64).to_le_bytes()].concat();
    let name: Vec<u8> = name
        .encode_utf16()
        .chain([0])
        .flat_map(u16::to_le_bytes)
        .collect();
    let header = [
        &[1, 4, 6, 0, 1, 9][..],
        &number(bytes.len()),
        &[0, 7, 11, 1, 0, 1, 1, 0, 12],
        &number(bytes.len()),
        &[10, 1],
        &crc(bytes),
        &[0, 8, 0, 0, 5, 1, 17],
        &number(name.len() + 1),
        &[0],
        &name,
        &[0, 0],
    ]
    .concat();
    let start = [
        &(bytes.len() as u64).to_le_bytes()[..],
        &(header.len() as u64).to_le_bytes(),
        &crc(&header),
    ]
    .concat();
    let magic = [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, 0, 4];
    [&magic[..], &crc(&start), &start, bytes, &header].concat()
}

fn put(drop: &Path, name: impl AsRef<OsStr>, bytes: &[u8]) {
    let path = drop.join(name.as_ref());
    fs::create_dir_all(path.parent().expect("below the drop")).expect("a folder");
    fs::write(path, bytes).expect("written");
}

fn fill(drop: &Path) {
    let page = page();
    put(
        drop,
        OsStr::from_bytes(b"H10.12-250101-0001/H\xE5 s\xAC.jpg"),
        &page,
    );
    put(drop, "H10.12-250101-0001/trang\n2.jpg", &page);
    put(drop, "H10.12-250101-0002.zip", &zip_of("1.jpg", &page));
    put(
        drop,
        "Hộp 1.zip",
        &zip_of("Hộp 1/H10.12-250101-0003/1.jpg", &page),
    );
    put(
        drop,
        "Phông A/Hộp 2.tar",
        &tar_of("H10.12-250101-0004/1.jpg", &page),
    );
    put(
        drop,
        "đợt 3.tgz",
        &gzip_of(&tar_of("H10.12-250101-0005/1.jpg", &page)),
    );
    put(
        drop,
        "H10.12-250101-0006/quét.tar.zst",
        &zstd_of(&tar_of("1.jpg", &page)),
    );
    put(drop, "H10.12-250101-0007.7z", &seven_z_of("1.jpg", &page));
    put(drop, "lô 4/H10.12-250101-0008_1.jpg", &page);
    put(drop, "xấu.zip", &zip_of("../../thoát.jpg", &page));
    put(drop, "ghi chú.txt", b"khong thuoc ho so nao");
    put(drop, "Thumbs.db", b"x");
}

fn of<'a>(records: &'a [DossierRecord], folder: &str) -> &'a DossierRecord {
    let found = records.iter().find(|record| record.folder == folder);
    found.unwrap_or_else(|| {
        panic!(
            "{folder} in {:?}",
            records.iter().map(|r| &r.folder).collect::<Vec<_>>()
        )
    })
}

#[test]
fn everything_an_archive_team_hands_over_is_taken_in() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    fill(&drop);
    let given = tree(&drop);
    let plan = folder.path().join("plan.toml");
    fs::write(&plan, PLAN).expect("a plan");
    expect_exit(run(&drop, &out).arg("--plan").arg(&plan), 4);

    let records = manifest(&out);
    let sources = |folder: &str| -> Vec<&str> {
        let record = of(&records, folder);
        assert_eq!(record.outcome, Outcome::Packaged, "{record:?}");
        record
            .sources
            .iter()
            .map(|source| source.name.as_str())
            .collect()
    };
    assert_eq!(sources("H10.12-250101-0001"), ["Hồ sơ.jpg", "trang␊2.jpg"]);
    assert_eq!(
        sources("H10.12-250101-0002"),
        ["H10.12-250101-0002.zip/1.jpg"]
    );
    assert_eq!(sources("Hộp 1.zip/Hộp 1/H10.12-250101-0003"), ["1.jpg"]);
    assert_eq!(sources("Phông A/Hộp 2.tar/H10.12-250101-0004"), ["1.jpg"]);
    assert_eq!(sources("đợt 3.tgz/H10.12-250101-0005"), ["1.jpg"]);
    assert_eq!(sources("H10.12-250101-0006"), ["quét.tar.zst/1.jpg"]);
    assert_eq!(
        sources("H10.12-250101-0007"),
        ["H10.12-250101-0007.7z/1.jpg"]
    );
    assert_eq!(
        sources("lô 4/H10.12-250101-0008"),
        ["H10.12-250101-0008_1.jpg"]
    );

    let in_tar = of(&records, "Phông A/Hộp 2.tar/H10.12-250101-0004");
    assert_eq!(
        (
            in_tar.labels["fonds"].as_str(),
            in_tar.labels["box"].as_str()
        ),
        ("Phông A", "Hộp 2")
    );
    let [container] = &in_tar.containers[..] else {
        panic!("one archive: {in_tar:?}")
    };
    assert_eq!(container.name, "Phông A/Hộp 2.tar");
    assert_eq!(container.sha256, given[&container.name]);
    for (folder, code) in [("xấu.zip", "INT-030"), ("ghi chú.txt", "INT-003")] {
        assert!(
            of(&records, folder)
                .reasons
                .iter()
                .any(|reason| reason.code == code),
            "{folder}"
        );
    }
    assert_eq!(records.len(), 10);
    let header = header(&out);
    assert_eq!(
        (header.dossiers.packaged, header.dossiers.set_aside),
        (8, 2)
    );
    let pages = header.pages;
    assert_eq!(
        pages.scanned,
        pages.published + pages.blank + pages.separator + pages.rejected
    );
    expect_exit(&mut verify(&out), 0);

    // The one page of all dossiers is reported as what it is.
    let text = fs::read_to_string(out.join("duplicates.jsonl")).expect("a list");
    let duplicates: Vec<Duplicate> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line"))
        .collect();
    assert_eq!(duplicates.len(), 1);
    assert_eq!(duplicates[0].places.len(), 9);

    // Nothing was changed, nothing escaped, and a second run finds its work done.
    assert_eq!(tree(&drop), given);
    let names: Vec<_> = fs::read_dir(folder.path())
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let first = tree(&out);
    expect_exit(run(&drop, &out).arg("--plan").arg(&plan), 4);
    assert_eq!(tree(&out), first);
}

#[test]
fn a_wrong_layout_is_a_fault_of_the_plan_that_names_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let plan = folder.path().join("plan.toml");
    fs::write(&plan, "[intake]\nlayouts = [\"{fonds}/{box}/\"]\n").expect("a plan");
    let out = folder.path().join("out");
    let told = expect_exit(run(&fixture("dossiers"), &out).arg("--plan").arg(&plan), 2).stderr;
    let told = String::from_utf8(told).expect("UTF-8");
    assert!(
        told.contains("RUN-002") && told.contains("{fonds}/{box}/"),
        "{told}"
    );
    assert!(!out.exists());
}
