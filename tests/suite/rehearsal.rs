//! A small night, run once without trouble: what every troubled run must come to in the end.

use std::collections::BTreeMap;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use image::{GrayImage, imageops};
use sohoa::model::Digest;
use tempfile::TempDir;

use crate::faults::{self, Spent, Strike};
use crate::support::{expect_exit, fixture, run, tree};

/// A package's files with their digests.
pub type Tree = BTreeMap<String, Digest>;

/// What a run writes down about itself, never twice the same (docs/manifest.md, "Layout").
const RUN_HISTORY: &[&str] = &["runs/"];

/// The dossiers and how many pages each has.
const DOSSIERS: &[(&str, u32)] = &[
    ("H10.33-240722-0001", 1),
    ("H10.33-240722-0002", 2),
    ("H10.33-240722-0003", 1),
];
/// The dossier of which one page was scanned again.
const SCANNED_AGAIN: &str = "H10.33-240722-0002";
/// A tenth of a page is read in a tenth of the time, and everything else happens as with a whole one.
const PAGE_HEIGHT_PX: u32 = 160;
const PAGE_WIDTH_PX: u32 = 1000;

/// The drop of yesterday and that of today, and the packages of runs that nothing disturbed.
pub struct Rehearsal {
    _folder: TempDir,
    pub drop: PathBuf,
    pub older_out: PathBuf,
    pub older: Tree,
    pub whole: Tree,
    /// Time of an undisturbed run.
    pub time: Duration,
    /// Calls that change the disk in an undisturbed run, and the bytes it writes.
    pub calls: u64,
    pub bytes: u64,
}

/// Made once for all tests of this binary.
pub fn rehearsal() -> &'static Rehearsal {
    static HELD: LazyLock<Rehearsal> = LazyLock::new(Rehearsal::hold);
    &HELD
}

impl Rehearsal {
    fn hold() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [older_drop, drop, older_out, out] =
            ["older drop", "drop", "older out", "out"].map(|name| folder.path().join(name));
        draw_drop(&older_drop, false);
        draw_drop(&drop, true);
        expect_exit(&mut run(&older_drop, &older_out), 0);
        let mut command = run(&drop, &out);
        let spent = faults::strike(&mut command, &out, faults::WRITING, Strike::Never);
        let began = Instant::now();
        expect_exit(&mut command, 0);
        Self {
            time: began.elapsed(),
            older: package(&older_out),
            whole: package(&out),
            calls: spent.calls(),
            bytes: spent.bytes(),
            _folder: folder,
            drop,
            older_out,
        }
    }

    /// Today's run into this package, one thread, with a strike at its disk.
    pub fn struck_run(&self, out: &Path, strike: Strike) -> (Command, Spent) {
        let mut command = run(&self.drop, out);
        command.args(["--jobs", "1", "--lanes", "1", "--lang", "en"]);
        let spent = faults::strike(&mut command, out, faults::WRITING, strike);
        (command, spent)
    }

    /// Each dossier with its final name is whole: of yesterday's run or of today's, never a mixture.
    pub fn expect_only_whole_dossiers(&self, out: &Path, after: &str) {
        let versions = [&self.older, &self.whole];
        for (code, files) in &by_dossier(&package(out)) {
            let known = versions.map(|tree| by_dossier(tree).remove(code));
            assert!(
                known.iter().flatten().any(|whole| whole == files),
                "{code} is not whole after {after}: {:?}",
                files.keys()
            );
        }
    }

    /// The same of every file in the package, where no dossier was set aside.
    pub fn expect_only_whole_files(&self, out: &Path, after: &str) {
        self.expect_only_whole_dossiers(out, after);
        let found = package(out);
        let versions = [&self.older, &self.whole];
        for (name, digest) in found.iter().filter(|(name, _)| stands_alone(name)) {
            let known = versions.map(|tree| tree.get(name));
            assert!(
                known.contains(&Some(digest)),
                "{name} is not whole after {after}"
            );
        }
    }

    /// A run for every call that changes the disk: into a fresh package, then into yesterday's.
    /// `strike` gets the call's number, the package, and whether it is yesterday's.
    pub fn at_every_call(&self, strike: impl Fn(u64, &Path, bool)) {
        for from_yesterday in [false, true] {
            for call in 1..=self.calls {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let out = folder.path().join("out");
                if from_yesterday {
                    copy_of(&self.older_out, &out);
                }
                strike(call, &out, from_yesterday);
            }
        }
    }

    /// A run without trouble finishes the package, byte for byte as if there never had been any.
    pub fn expect_finished(&self, out: &Path, after: &str) {
        expect_exit(&mut run(&self.drop, out), 0);
        self.expect_whole(out, after);
    }

    /// The package is, byte for byte, that of the undisturbed run.
    pub fn expect_whole(&self, out: &Path, after: &str) {
        let found = package(out);
        let names = found.keys().chain(self.whole.keys());
        let differ: Vec<&String> = names
            .filter(|&name| found.get(name) != self.whole.get(name))
            .collect();
        assert!(differ.is_empty(), "{differ:?} after {after}");
    }
}

/// Everything in a package but for the history of its runs.
pub fn package(out: &Path) -> Tree {
    if !out.exists() {
        return Tree::new();
    }
    let mut files = tree(out);
    files.retain(|name, _| !RUN_HISTORY.iter().any(|start| name.starts_with(start)));
    files
}

fn stands_alone(name: &str) -> bool {
    !name.starts_with("dossiers/") && !name.starts_with(".work/")
}

/// For each dossier that has its final name, its files.
fn by_dossier(tree: &Tree) -> BTreeMap<&str, BTreeMap<&str, Digest>> {
    let mut dossiers: BTreeMap<&str, BTreeMap<&str, Digest>> = BTreeMap::new();
    for (name, digest) in tree {
        let below = name.strip_prefix("dossiers/");
        if let Some((code, file)) = below.and_then(|name| name.split_once('/')) {
            dossiers.entry(code).or_default().insert(file, *digest);
        }
    }
    dossiers
}

/// Bands of a fixture's page, so that each has words of its own.
fn draw_drop(drop: &Path, scanned_again: bool) {
    let page = fixture("dossiers/H10.12-221013-0001/trang 1.jpg");
    let page = image::open(page).expect("a fixture").into_luma8();
    let mut top_px = 100;
    for (code, pages) in DOSSIERS {
        let folder = drop.join(code);
        fs::create_dir_all(&folder).expect("a folder");
        for number in 1..=*pages {
            let moved_px = u32::from(scanned_again && *code == SCANNED_AGAIN && number == 1);
            let band =
                imageops::crop_imm(&page, 300, top_px + moved_px, PAGE_WIDTH_PX, PAGE_HEIGHT_PX);
            write_png(&folder.join(format!("{number}.png")), &band.to_image());
            top_px += PAGE_HEIGHT_PX;
        }
    }
}

fn write_png(path: &Path, page: &GrayImage) {
    let file = BufWriter::new(fs::File::create(path).expect("a scan"));
    let mut encoder = png::Encoder::new(file, page.width(), page.height());
    encoder.set_color(png::ColorType::Grayscale);
    // 200 dpi.
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: 7874,
        yppu: 7874,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(page).expect("pixels");
}

/// A copy of a package that a run may change.
pub fn copy_of(package: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(package).arg(to).status();
    assert!(copied.expect("cp").success());
}
