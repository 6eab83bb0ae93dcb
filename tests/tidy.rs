//! The layers of ARCHITECTURE.md, held by a test: who may import whom.

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer with what it may import besides itself.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("messages", &["model"]),
    ("formats", &["model"]),
    ("stages", &["model", "formats"]),
    ("verify", &["model", "formats"]),
    ("report", &["model", "messages", "verify"]),
    ("rates", &["model", "messages", "formats", "verify"]),
    ("import", &["model", "messages", "formats", "verify"]),
    ("run", &["model", "formats", "messages", "stages", "verify"]),
    ("evaluate", &["model"]),
    ("export", &["model", "formats", "messages", "verify"]),
    (
        "cli",
        &[
            "model", "formats", "messages", "stages", "verify", "report", "import", "run", "rates",
            "evaluate", "export",
        ],
    ),
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of a layer") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name)
}

/// Every source file of the program, and of the packages that read its lines.
fn all_sources() -> Vec<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src", "lines/src", "tesseract/src"];
    folders.map(|name| rust_files(&package.join(name))).concat()
}

fn code_lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a source file");
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.map(str::to_owned).collect()
}

/// The first path parts behind `crate::` in a file: `stages`, `model` …
fn imports(path: &Path) -> Vec<String> {
    let pattern = regex::Regex::new(r"crate::([a-z_]+)").expect("a constant pattern");
    let lines = code_lines(path).join("\n");
    pattern
        .captures_iter(&lines)
        .map(|found| found[1].to_owned())
        .collect()
}

#[test]
fn no_layer_imports_one_above_it() {
    for (layer, allowed) in LAYERS {
        for file in rust_files(&source(layer)) {
            for import in imports(&file) {
                let fine = import == *layer || allowed.contains(&import.as_str());
                assert!(fine, "{} imports crate::{import}", file.display());
            }
        }
    }
}

#[test]
fn no_stage_imports_another() {
    let stage_of = regex::Regex::new(r"crate::stages::([a-z_]+)").expect("a constant pattern");
    for file in rust_files(&source("stages")) {
        let text = code_lines(&file).join("\n");
        let own = file
            .strip_prefix(source("stages"))
            .expect("below stages")
            .to_owned();
        let own = own
            .iter()
            .next()
            .expect("a name")
            .to_string_lossy()
            .replace(".rs", "");
        for found in stage_of.captures_iter(&text) {
            assert_eq!(&found[1], own, "{}", file.display());
        }
    }
}

#[test]
fn the_auditor_shares_no_code_with_the_writers() {
    let forbidden = [
        "formats::pdfa",
        "formats::pades",
        "formats::cms",
        "formats::jws",
        "formats::merkle",
    ];
    // Its tests may: they need packages to audit.
    let tests = source("verify/tests");
    for file in rust_files(&source("verify"))
        .iter()
        .filter(|file| !file.starts_with(&tests))
    {
        let lines = code_lines(file);
        let library = lines
            .into_iter()
            .take_while(|line| !line.contains("#[cfg(test)]"));
        let text = library.collect::<Vec<_>>().join("\n");
        for path in forbidden {
            assert!(!text.contains(path), "{} uses {path}", file.display());
        }
    }
}

#[test]
fn only_the_terminal_prints_and_reads_the_environment_or_the_clock() {
    let forbidden = [
        "println!",
        "eprintln!",
        "print!(",
        "env::var",
        "now_utc",
        "now_local",
        "SystemTime::now",
    ];
    for (layer, _) in LAYERS.iter().filter(|(layer, _)| *layer != "cli") {
        for file in rust_files(&source(layer)) {
            let lines = code_lines(&file);
            let library = lines
                .iter()
                .take_while(|line| !line.contains("#[cfg(test)]"));
            for line in library {
                let found = forbidden.iter().find(|word| line.contains(**word));
                assert!(found.is_none(), "{}: {}", file.display(), line.trim());
            }
        }
    }
}

/// `println!` panics where the reader has gone: `sohoa renew OUT | head` would stop half-way.
#[test]
fn the_terminal_prints_by_nothing_that_panics_where_nobody_reads() {
    for file in rust_files(&source("cli")) {
        let lines = code_lines(&file);
        let found = lines
            .iter()
            .find(|line| line.contains("println!") || line.contains("print!("));
        assert!(found.is_none(), "{}: {found:?}", file.display());
    }
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    for file in all_sources() {
        let text = fs::read_to_string(&file).expect("a source file");
        assert!(text.starts_with("//! "), "{}", file.display());
    }
}

#[test]
fn every_code_has_words() {
    let pattern =
        regex::Regex::new(r#""((?:[A-Z]{3,4}-\d{3})|(?:V\d{2}))""#).expect("a constant pattern");
    let known: Vec<&str> = sohoa::messages::codes().collect();
    for file in rust_files(&source("")) {
        let lines = code_lines(&file);
        let library: Vec<_> = lines
            .into_iter()
            .take_while(|line| !line.contains("#[cfg(test)]"))
            .collect();
        for found in pattern.captures_iter(&library.join("\n")) {
            if found[1].starts_with("SHA-") {
                continue; // an algorithm's name, not a code
            }
            assert!(
                known.contains(&&found[1]),
                "{} has no words ({})",
                &found[1],
                file.display()
            );
        }
    }
}

#[test]
fn unsafe_code_stands_in_few_files() {
    // The doors to libtesseract, and the kernels that use a processor's own instructions.
    let allowed = [
        "tesseract/src/engine.rs",
        "tesseract/src/line_images.rs",
        "tesseract/src/words.rs",
        "lines/src/lstm/kernels/avx2.rs",
        "lines/src/lstm/kernels/avx512.rs",
        "lines/src/lstm/kernels/neon.rs",
        "lines/src/lstm/kernels/neon_dot.rs",
        "lines/src/lstm/kernels/tiles.rs",
    ]
    .map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    for file in all_sources() {
        let text = code_lines(&file).join("\n");
        assert!(
            allowed.contains(&file) || !text.contains("unsafe {"),
            "{}",
            file.display()
        );
    }
}
