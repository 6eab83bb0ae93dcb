//! A log that is killed, cut, rolled back or forked, and two that would write to it.

use ring::rand::SystemRandom;

use super::*;
use crate::verify::Verdict;
use crate::verify::log::{LogProof, LogPublicKey, LogReport, Witnesses, audit};

const ORIGIN: &str = "so-hoa.example/nhat-ky";

fn key() -> LogKey {
    static PEM: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let pem = PEM.get_or_init(|| {
        let pem = LogKey::generate(&SystemRandom::new()).expect("random numbers");
        pem.to_string()
    });
    LogKey::read(pem.as_bytes(), ORIGIN).expect("a key")
}

fn entry(number: u64) -> BatchEntry {
    BatchEntry {
        header: Digest::of(&number.to_be_bytes()),
        root: Digest::of(b"root"),
        leaves: number,
    }
}

fn begun() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    Log::begin(folder.path(), &key()).expect("begins");
    folder
}

fn add(folder: &Path, numbers: std::ops::Range<u64>) -> Added {
    let mut log = Log::open(folder, key()).expect("opens");
    let added = numbers.map(|number| log.add(&entry(number)).expect("adds"));
    added.last().expect("at least one")
}

fn public() -> LogPublicKey {
    LogPublicKey::read(&key().public_line()).expect("a public key")
}

#[test]
fn what_is_added_is_proven_by_its_receipt() {
    let folder = begun();
    // Past a full tile, so that partial ones become full and go.
    for number in 0..260 {
        let added = add(folder.path(), number..number + 1);
        assert_eq!(
            (added.index, added.size, added.known),
            (number, number + 1, false)
        );
        let proof = LogProof::read(&added.receipt, Some(&public())).expect("a proof");
        assert_eq!(proof.proves(&entry(number).line()), Ok(()));
        assert!(proof.proves(&entry(number + 1).line()).is_err());
    }
    assert!(
        !folder.path().join("tile/0/000.p").exists(),
        "the full tile is there"
    );
    assert!(!folder.path().join("tile/entries/000.p").exists());
    assert!(folder.path().join("tile/entries/001.p/4").exists());
    let again = add(folder.path(), 77..78);
    assert_eq!((again.index, again.size, again.known), (77, 260, true));
}

/// A child process just started has such a copy of every open file.
#[test]
fn a_copy_of_the_lock_holds_nothing_once_the_log_is_closed() {
    let folder = begun();
    let log = Log::open(folder.path(), key()).expect("opens");
    let _copy = log._lock.0.try_clone().expect("a copy");
    drop(log);
    assert!(Log::open(folder.path(), key()).is_ok());
}

#[test]
fn two_do_not_write_to_one_log() {
    let folder = begun();
    let first = Log::open(folder.path(), key()).expect("opens");
    let second = Log::open(folder.path(), key()).err();
    assert!(matches!(second, Some(LogFault::Locked { owner }) if owner.starts_with("pid ")));
    drop(first);
    assert!(Log::open(folder.path(), key()).is_ok());
    let twice = Log::begin(folder.path(), &key()).err();
    assert!(matches!(twice, Some(LogFault::Exists { .. })));
}

#[test]
fn another_key_does_not_add_and_a_folder_without_a_log_has_none() {
    let folder = begun();
    let pem = LogKey::generate(&SystemRandom::new()).expect("random numbers");
    let other = LogKey::read(pem.as_bytes(), ORIGIN).expect("a key");
    let fault = Log::open(folder.path(), other).err();
    assert!(matches!(fault, Some(LogFault::OtherKey { .. })));
    let empty = tempfile::tempdir().expect("a temporary folder");
    let fault = Log::open(empty.path(), key()).err();
    assert!(matches!(fault, Some(LogFault::NoLog { .. })));
}

/// Whatever of an addition had reached the disk when the machine died, the log is as it was
/// before, or as it is after, and goes on.
#[test]
fn a_death_at_any_file_of_an_addition_loses_nothing() {
    let grown = begun();
    let mut entries = 0;
    for size in [1, 3, 255, 256] {
        add(grown.path(), entries..size);
        entries = size;
        let before = tempfile::tempdir().expect("a temporary folder");
        copy(grown.path(), before.path());
        let after = tempfile::tempdir().expect("a temporary folder");
        copy(before.path(), after.path());
        add(after.path(), size..size + 1);
        let new = differing(before.path(), after.path());
        assert!(new.len() >= 3, "entries, tile, checkpoint: {new:?}");
        // The order of the addition: the checkpoint comes last.
        for reached in 0..new.len() {
            let died = tempfile::tempdir().expect("a temporary folder");
            copy(before.path(), died.path());
            for name in &new[..reached] {
                put_file(
                    &after.path().join(name),
                    &died.path().join(name),
                    usize::MAX,
                );
            }
            // The next file stands there half, under the name that is renamed when it is whole.
            let half = new[reached].with_added_extension("new");
            put_file(
                &after.path().join(&new[reached]),
                &died.path().join(half),
                7,
            );
            let added = add(died.path(), size..size + 1);
            assert_eq!(
                (added.index, added.size),
                (size, size + 1),
                "died at {reached} of {new:?}"
            );
            let (whole, mended) = (after.path(), died.path());
            let same =
                |name: &str| fs::read(whole.join(name)).ok() == fs::read(mended.join(name)).ok();
            assert!(same(CHECKPOINT), "died at {reached} of {new:?}");
        }
    }
}

#[test]
fn a_log_that_lost_or_changed_a_tile_is_not_signed_again() {
    let folder = begun();
    add(folder.path(), 0..5);
    let tile = folder.path().join("tile/0/000.p/5");
    let whole = fs::read(&tile).expect("a tile");
    for damaged in [whole[..159].to_vec(), [&whole[1..], b"x"].concat()] {
        fs::write(&tile, damaged).expect("written");
        let fault = Log::open(folder.path(), key()).err();
        assert!(matches!(fault, Some(LogFault::Damaged { .. })));
    }
    fs::remove_file(&tile).expect("removed");
    let fault = Log::open(folder.path(), key()).err();
    assert!(matches!(fault, Some(LogFault::Damaged { .. })));
}

fn head(folder: &Path) -> (String, String) {
    let note = fs::read_to_string(folder.join(CHECKPOINT)).expect("a checkpoint");
    ("kept".to_owned(), note)
}

fn audited(folder: &Path, heads: &[(String, String)]) -> LogReport {
    let key = public();
    let by = Witnesses {
        key: Some(&key),
        heads,
        packages: &[],
    };
    audit(folder, &by)
}

fn codes(report: &LogReport) -> Vec<&'static str> {
    report
        .findings
        .iter()
        .map(|finding| finding.code.id())
        .collect()
}

#[test]
fn a_log_that_was_only_added_to_is_valid_against_every_head_it_had() {
    let folder = begun();
    let mut heads = vec![head(folder.path())];
    for number in 0..9 {
        add(folder.path(), number..number + 1);
        heads.push(head(folder.path()));
    }
    let report = audited(folder.path(), &heads);
    assert_eq!((report.verdict, codes(&report)), (Verdict::Valid, vec![]));
    assert_eq!(report.head.map(|head| head.size), Some(9));
}

#[test]
fn a_log_past_a_full_tile_is_recomputed_on_every_level() {
    let folder = begun();
    add(folder.path(), 0..258);
    assert_eq!(codes(&audited(folder.path(), &[])), Vec::<&str>::new());
    let tile = folder.path().join("tile/1/000.p/1");
    let mut bytes = fs::read(&tile).expect("a tile of the second level");
    bytes[7] ^= 1;
    fs::write(&tile, bytes).expect("written");
    assert_eq!(codes(&audited(folder.path(), &[])), ["V86"]);
}

#[test]
fn a_log_rolled_back_or_forked_shows_against_a_kept_head() {
    let (folder, older) = (begun(), tempfile::tempdir().expect("a temporary folder"));
    add(folder.path(), 0..4);
    copy(folder.path(), older.path());
    add(folder.path(), 4..7);
    let kept = [head(folder.path())];
    // Rolled back: the folder of the past is put in its place.
    assert_eq!(codes(&audited(older.path(), &kept)), ["V88"]);
    // Forked: whoever holds the key goes on from there without one of the entries.
    add(older.path(), 5..9);
    assert_eq!(codes(&audited(older.path(), &kept)), ["V87"]);
    assert_eq!(audited(older.path(), &kept).verdict, Verdict::Invalid);
    assert_eq!(audited(older.path(), &[]).verdict, Verdict::Valid);
}

#[test]
fn no_file_of_a_log_can_be_changed_cut_or_taken_away_unseen() {
    let whole = begun();
    add(whole.path(), 0..5);
    for name in [CHECKPOINT, "tile/0/000.p/5", "tile/entries/000.p/5"] {
        let bytes = fs::read(whole.path().join(name)).expect("a file");
        let damaged = tempfile::tempdir().expect("a temporary folder");
        copy(whole.path(), damaged.path());
        let place = damaged.path().join(name);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&place, &changed).expect("written");
            assert_eq!(
                audited(damaged.path(), &[]).verdict,
                Verdict::Invalid,
                "{name} {at}"
            );
            fs::write(&place, &bytes[..at]).expect("written");
            assert_eq!(
                audited(damaged.path(), &[]).verdict,
                Verdict::Invalid,
                "{name} {at}"
            );
        }
        fs::remove_file(&place).expect("removed");
        assert_eq!(codes(&audited(damaged.path(), &[])), ["V02"], "{name}");
    }
}

#[test]
fn a_log_signed_by_another_or_judged_without_a_key_is_not_valid() {
    let folder = begun();
    add(folder.path(), 0..2);
    let by = Witnesses {
        key: None,
        heads: &[],
        packages: &[],
    };
    let report = audit(folder.path(), &by);
    assert_eq!(
        (report.verdict, codes(&report)),
        (Verdict::Indeterminate, vec!["V90"])
    );
    let pem = LogKey::generate(&SystemRandom::new()).expect("random numbers");
    let other = LogKey::read(pem.as_bytes(), ORIGIN).expect("a key");
    let other = LogPublicKey::read(&other.public_line()).expect("a public key");
    let by = Witnesses {
        key: Some(&other),
        ..by
    };
    assert_eq!(codes(&audit(folder.path(), &by)), ["V86"]);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).expect("below").to_owned());
            }
        }
    }
    found
}

fn put_file(from: &Path, to: &Path, at_most: usize) {
    let bytes = fs::read(from).expect("a file");
    fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
    fs::write(to, &bytes[..bytes.len().min(at_most)]).expect("written");
}

fn copy(from: &Path, to: &Path) {
    for name in files(from).iter().filter(|name| !name.ends_with(LOCK)) {
        put_file(&from.join(name), &to.join(name), usize::MAX);
    }
}

/// What an addition wrote, in its order: entries, tiles from the lowest level up, checkpoint.
fn differing(before: &Path, after: &Path) -> Vec<PathBuf> {
    let new = |name: &PathBuf| fs::read(before.join(name)).ok() != fs::read(after.join(name)).ok();
    let mut names: Vec<PathBuf> = files(after).into_iter().filter(new).collect();
    names.retain(|name| !name.ends_with(LOCK));
    names.sort_by_key(|name| {
        (
            name.ends_with(CHECKPOINT),
            !name.starts_with("tile/entries"),
            name.clone(),
        )
    });
    names
}
