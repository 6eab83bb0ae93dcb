//! Archives made by the crates' own writers, or byte by byte where a writer would not lie.

use std::io::{Cursor, Seek, Write};

use proptest::prelude::*;

use super::*;

const PLENTY: Limits = Limits {
    max_bytes: 1 << 30,
    max_members: 1_000,
    max_ratio: 250,
};

/// A member as it came out: its name and its content, or the fault it was refused with.
type Came = (String, Result<Vec<u8>, String>);

fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("written");
    file.rewind().expect("a file");
    file
}

fn unpacked(bytes: &[u8], limits: &Limits) -> Result<Vec<Came>, ContainerFault> {
    let kind = Kind::of(&bytes[..bytes.len().min(START_BYTES)]).expect("an archive");
    let mut came = Vec::new();
    let mut take = |member: Member, content: &mut Content<'_>| {
        let name = String::from_utf8_lossy(&member.name).into_owned();
        let what = match member.what {
            What::Folder => Ok(Vec::new()),
            What::Refused(fault) => Err(fault.to_string()),
            What::File => {
                let mut bytes = Vec::new();
                content.pour(&mut bytes)?;
                Ok(bytes)
            }
        };
        came.push((name, what));
        Ok(())
    };
    unpack(kind, file_of(bytes), limits, Arc::default(), &mut take)?;
    Ok(came)
}

fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = ::zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).expect("a member");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("an archive").into_inner()
}

fn tar_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder
            .append_data(&mut header, name, *bytes)
            .expect("a member");
    }
    builder.into_inner().expect("an archive")
}

fn gzip_of(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).expect("written");
    writer.finish().expect("a stream")
}

fn zstd_of(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// A 7z of one file that is only copied: written here because the crate's writer is left out.
fn seven_z_of(name: &str, bytes: &[u8]) -> Vec<u8> {
    let crc = crc_32(bytes).to_le_bytes();
    let length = u8::try_from(bytes.len()).expect("short");
    let mut header = vec![
        1, 4, 6, 0, 1, 9, length, 0, 7, 11, 1, 0, 1, 1, 0, 12, length, 10, 1,
    ];
    header.extend(crc);
    header.extend([0, 8, 0, 0, 5, 1]);
    let name: Vec<u8> = name
        .encode_utf16()
        .chain([0])
        .flat_map(u16::to_le_bytes)
        .collect();
    header.extend([17, u8::try_from(name.len() + 1).expect("short"), 0]);
    header.extend(name);
    header.extend([0, 0]);
    let mut start = (bytes.len() as u64).to_le_bytes().to_vec();
    start.extend((header.len() as u64).to_le_bytes());
    start.extend(crc_32(&header).to_le_bytes());
    let mut out = vec![b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, 0, 4];
    out.extend(crc_32(&start).to_le_bytes());
    out.extend(start);
    out.extend(bytes);
    out.extend(header);
    out
}

fn crc_32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The place of the n-th occurrence of a pattern.
fn find(bytes: &[u8], pattern: &[u8], nth: usize) -> usize {
    let found = bytes.windows(pattern.len()).enumerate();
    let mut found = found
        .filter(|(_, window)| *window == pattern)
        .map(|(at, _)| at);
    found.nth(nth).expect("there")
}

#[test]
fn all_five_kinds_give_their_members() {
    let members: &[(&str, &[u8])] = &[("a/1.tif", b"mot"), ("a/2.tif", b"hai hai")];
    let expected: Vec<Came> = members
        .iter()
        .map(|(n, b)| (n.to_string(), Ok(b.to_vec())))
        .collect();
    let tar = tar_of(members);
    for bytes in [zip_of(members), tar.clone(), gzip_of(&tar), zstd_of(&tar)] {
        assert_eq!(unpacked(&bytes, &PLENTY).expect("sound"), expected);
    }
    let came = unpacked(&seven_z_of("a/1.tif", b"mot"), &PLENTY).expect("sound");
    assert_eq!(came, [("a/1.tif".to_owned(), Ok(b"mot".to_vec()))]);
}

#[test]
fn long_names_and_empty_members_of_tar_are_read() {
    let long = format!("{}/1.tif", "hồ sơ ".repeat(40));
    let came = unpacked(&tar_of(&[(&long, b"x"), ("rỗng", b"")]), &PLENTY).expect("sound");
    assert_eq!(
        came,
        [
            (long, Ok(b"x".to_vec())),
            ("rỗng".to_owned(), Ok(Vec::new()))
        ]
    );
}

#[test]
fn several_streams_after_each_other_are_one() {
    let tar = tar_of(&[("1.tif", &[7; 3_000])]);
    let (left, right) = tar.split_at(700);
    let skipped = [0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9];
    let zstd = [&zstd_of(left)[..], &skipped, &zstd_of(right)].concat();
    for bytes in [zstd, [gzip_of(left), gzip_of(right)].concat()] {
        let came = unpacked(&bytes, &PLENTY).expect("sound");
        assert_eq!(came, [("1.tif".to_owned(), Ok(vec![7; 3_000]))]);
    }
}

#[test]
fn documents_and_foreign_archives_are_told_apart() {
    assert_eq!(Kind::of(&zip_of(&[("[Content_Types].xml", b"<x/>")])), None);
    assert_eq!(Kind::of(&zip_of(&[("mimetype", b"x")])), None);
    assert_eq!(
        Kind::of(b"Rar!\x1A\x07\x01\x00"),
        Some(Kind::Foreign("RAR"))
    );
    assert_eq!(Kind::of(b"%PDF-1.7"), None);
    assert_eq!(Kind::of(&[0; 512]), None);
    assert_eq!(Kind::of(b""), None);
    let text = unpacked(&gzip_of(b"khong phai tar"), &PLENTY);
    assert!(
        matches!(text, Err(ContainerFault::Unsupported(_))),
        "{text:?}"
    );
}

#[test]
fn each_limit_has_its_own_fault() {
    let zeros = vec![0; 4 << 20];
    let tar = tar_of(&[("0.tif", &zeros)]);
    for bytes in [zip_of(&[("0.tif", &zeros)]), gzip_of(&tar), zstd_of(&tar)] {
        let bomb = unpacked(&bytes, &PLENTY);
        assert!(
            matches!(bomb, Err(ContainerFault::RatioTooHigh { limit: 250 })),
            "{bomb:?}"
        );
        let few = Limits {
            max_bytes: 100,
            ..PLENTY
        };
        let large = unpacked(&bytes, &few);
        assert!(
            matches!(large, Err(ContainerFault::TooLarge { limit_bytes: 100 })),
            "{large:?}"
        );
    }
    let few = Limits {
        max_members: 1,
        ..PLENTY
    };
    for bytes in [
        zip_of(&[("1", b"1"), ("2", b"2")]),
        tar_of(&[("1", b"1"), ("2", b"2")]),
    ] {
        let many = unpacked(&bytes, &few);
        assert!(
            matches!(many, Err(ContainerFault::TooManyMembers { limit: 1 })),
            "{many:?}"
        );
    }
}

#[test]
fn a_zip_is_refused_by_its_own_word_before_its_directory_is_read() {
    let mut bytes = zip_of(&[("1.tif", b"1")]);
    let end = find(&bytes, b"PK\x05\x06", 0);
    bytes[end + 10..end + 12].copy_from_slice(&[0xE9, 3]);
    let many = unpacked(&bytes, &PLENTY);
    assert!(
        matches!(many, Err(ContainerFault::TooManyMembers { limit: 1_000 })),
        "{many:?}"
    );
}

#[test]
fn an_archive_that_was_cut_off_is_damaged() {
    let members: &[(&str, &[u8])] = &[("1.tif", &[1; 2_000]), ("2.tif", &[2; 2_000])];
    let tar = tar_of(members);
    // The last cut falls between two members, where nothing is missing but the end.
    for length in [600, 1_000, 3_000, 512 + 2_048] {
        let cut = unpacked(&tar[..length], &PLENTY);
        assert!(
            matches!(cut, Err(ContainerFault::Damaged(_))),
            "{length}: {cut:?}"
        );
    }
    for whole in [
        zip_of(members),
        gzip_of(&tar),
        zstd_of(&tar),
        seven_z_of("1", &[1; 100]),
    ] {
        let cut = unpacked(&whole[..whole.len() - 20], &PLENTY);
        assert!(matches!(cut, Err(ContainerFault::Damaged(_))), "{cut:?}");
    }
}

#[test]
fn a_wrong_checksum_is_damage() {
    let stored = ::zip::write::SimpleFileOptions::default()
        .compression_method(::zip::CompressionMethod::Stored);
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("1.tif", stored).expect("a member");
    writer.write_all(b"mot trang").expect("written");
    let zip = writer.finish().expect("an archive").into_inner();
    for mut bytes in [
        zip,
        seven_z_of("1.tif", b"mot trang"),
        tar_of(&[("1.tif", b"mot trang")]),
    ] {
        let is_tar = Kind::of(&bytes) == Some(Kind::Tar);
        let at = if is_tar {
            5
        } else {
            find(&bytes, b"mot trang", 0)
        };
        bytes[at] ^= 1;
        if is_tar {
            // TAR sums only its headers; one that is wrong at the start makes it no TAR.
            assert_eq!(Kind::of(&bytes), None);
        } else {
            let wrong = unpacked(&bytes, &PLENTY);
            assert!(
                matches!(wrong, Err(ContainerFault::Damaged(_))),
                "{wrong:?}"
            );
        }
    }
}

#[test]
fn a_zip_that_lies_is_damaged() {
    let sound = zip_of(&[("1.tif", &[5; 500]), ("2.tif", &[5; 500])]);
    let mut longer = sound.clone();
    // Stated size in the central directory (APPNOTE 4.3.12), 24 bytes in.
    let directory = find(&sound, b"PK\x01\x02", 0);
    longer[directory + 24] ^= 1;
    let mut twice = sound.clone();
    let name = find(&sound, b"2.tif", 1);
    twice[name] = b'1';
    let mut overlapping = sound.clone();
    // Both members at one place (offset of the local header, 42 bytes in).
    let second = find(&sound, b"PK\x01\x02", 1);
    overlapping[second + 42..second + 46].copy_from_slice(&[0; 4]);
    for bytes in [longer, twice, overlapping] {
        let lie = unpacked(&bytes, &PLENTY);
        assert!(matches!(lie, Err(ContainerFault::Damaged(_))), "{lie:?}");
    }
}

#[test]
fn locked_members_links_and_unknown_methods_are_refused_one_by_one() {
    let sound = zip_of(&[("1.tif", b"mot"), ("2.tif", b"hai")]);
    let central = find(&sound, b"PK\x01\x02", 0);
    let with = |at: usize, byte: u8, local: usize| {
        let mut bytes = sound.clone();
        bytes[central + at] = byte;
        bytes[local] = byte;
        unpacked(&bytes, &PLENTY).expect("an archive")
    };
    for (at, byte, local, fault) in [(8, 1, 6, "password"), (10, 12, 8, "unsupported")] {
        let came = with(at, byte, local);
        let refused = came[0].1.as_ref().expect_err("refused");
        assert!(refused.contains(fault), "{refused}");
        assert_eq!(came[1].1.as_deref(), Ok(&b"hai"[..]));
    }
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = ::zip::write::SimpleFileOptions::default();
    writer
        .add_symlink("1.tif", "/etc/passwd", options)
        .expect("a link");
    let link = writer.finish().expect("an archive").into_inner();
    let came = unpacked(&link, &PLENTY).expect("an archive");
    assert_eq!(came[0].1, Err("no ordinary file".to_owned()));
}

#[test]
fn what_is_no_file_in_a_tar_is_refused() {
    for kind in *b"12346S" {
        let mut bytes = tar_of(&[("1.tif", b""), ("2.tif", b"hai")]);
        bytes[156] = kind;
        let sum: u32 = bytes[..148]
            .iter()
            .chain(&bytes[156..512])
            .map(|&b| u32::from(b))
            .sum();
        bytes[148..155].copy_from_slice(format!("{:06o}\0", sum + 8 * 32).as_bytes());
        let came = unpacked(&bytes, &PLENTY).expect("an archive");
        assert_eq!(came[0].1, Err("no ordinary file".to_owned()), "{kind}");
        assert_eq!(came[1].1.as_deref(), Ok(&b"hai"[..]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bytes_changed_anywhere_end_in_members_or_a_fault(
        which in 0usize..5,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let members: &[(&str, &[u8])] = &[("a/1.tif", &[1; 900]), ("2.tif", b"hai")];
        let tar = tar_of(members);
        let mut bytes = match which {
            0 => zip_of(members),
            1 => gzip_of(&tar),
            2 => zstd_of(&tar),
            3 => seven_z_of("1.tif", b"mot trang"),
            _ => tar,
        };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let is_archive = Kind::of(&bytes[..bytes.len().min(START_BYTES)]).is_some();
        if is_archive && let Ok(came) = unpacked(&bytes, &PLENTY) {
            // Every byte that came out was metered.
            let contents = came.iter().filter_map(|(_, what)| what.as_ref().ok());
            let all: usize = contents.map(Vec::len).sum();
            prop_assert!(all <= 1 << 20, "{all}");
        }
    }
}
