//! Which files a call of `verify` means: packages of ours, signed PDFs of anyone, folders of both.
//!
//! A folder is always walked to its end: whoever names one means everything in it, and a file
//! that nobody looked at is the dangerous mistake. A folder with a manifest is audited as one package
//! and not walked. Links are not followed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// Something to verify.
#[derive(Debug, PartialEq, Eq)]
pub enum Item {
    /// A package of ours.
    Package(PathBuf),
    /// A PDF file.
    Pdf(PathBuf),
    /// A folder or file below a named folder that cannot be read.
    Unreadable(PathBuf, io::ErrorKind),
}

/// What the named paths mean, in their order, each folder in the order of names; the fault is that
/// of a named path itself.
pub fn gather(paths: &[PathBuf]) -> Result<Vec<Item>, (PathBuf, io::Error)> {
    let mut items = Vec::new();
    for path in paths {
        let about = fs::metadata(path).map_err(|cause| (path.clone(), cause))?;
        match about.is_dir() {
            true => walk(path, &mut items),
            // Named by a person, so it is looked at whatever it is.
            false => items.push(Item::Pdf(path.clone())),
        }
    }
    Ok(items)
}

fn walk(folder: &Path, items: &mut Vec<Item>) {
    let mut entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {
                if is_package(entry.path()) {
                    items.push(Item::Package(entry.into_path()));
                    entries.skip_current_dir();
                }
            }
            Ok(entry) if entry.file_type().is_file() => match is_pdf(entry.path()) {
                Ok(true) => items.push(Item::Pdf(entry.into_path())),
                Ok(false) => {}
                Err(cause) => items.push(Item::Unreadable(entry.into_path(), cause.kind())),
            },
            Ok(_) => {}
            Err(fault) => {
                let path = fault.path().unwrap_or(folder).to_owned();
                let kind = fault
                    .io_error()
                    .map_or(io::ErrorKind::Other, io::Error::kind);
                items.push(Item::Unreadable(path, kind));
            }
        }
    }
}

/// True where one of the files at the head of a package stands: one that lost the others is a
/// broken package, not a folder of PDFs.
fn is_package(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).symlink_metadata().is_ok();
    has("manifest.jsonl") || has("batch.json") || has("batch.jws")
}

/// By its name, or by the mark that may stand within the first 1,024 bytes (Adobe's reading of
/// ISO 32000-1, 7.5.2, which every viewer follows).
fn is_pdf(file: &Path) -> io::Result<bool> {
    let named = file
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("pdf"));
    if named {
        return Ok(true);
    }
    let mut head = Vec::new();
    File::open(file)?.take(1_024).read_to_end(&mut head)?;
    Ok(head.windows(5).any(|bytes| bytes == b"%PDF-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_to_their_end_and_packages_are_one_thing() {
        let place = tempfile::tempdir().expect("a folder");
        let at = |name: &str| place.path().join(name);
        for (name, bytes) in [
            ("a/b/văn bản.PDF", &b"x"[..]),
            ("a/ghi chú.txt", b"no"),
            ("a/không tên", b"\n%PDF-1.7"),
            ("gói/manifest.jsonl", b""),
            ("gói/dossiers/1/1.pdf", b"%PDF-1.7"),
        ] {
            fs::create_dir_all(at(name).parent().expect("below")).expect("makes");
            fs::write(at(name), bytes).expect("writes");
        }
        std::os::unix::fs::symlink(at("a"), at("a/vòng")).expect("links");
        let items = gather(&[place.path().to_owned()]).expect("reads");
        let expected = [
            Item::Pdf(at("a/b/văn bản.PDF")),
            Item::Pdf(at("a/không tên")),
            Item::Package(at("gói")),
        ];
        assert_eq!(items, expected);
        assert_eq!(
            gather(&[at("gói")]).expect("reads"),
            [Item::Package(at("gói"))]
        );
        assert_eq!(
            gather(&[at("a/ghi chú.txt")]).expect("reads"),
            [Item::Pdf(at("a/ghi chú.txt"))]
        );
        assert!(gather(&[at("không có")]).is_err());
    }
}
