//! What scripts rely on: exit codes, streams, the password's ways in.

use crate::keys::pki;
use crate::support::{drop_of, expect_exit, fixture, run, sohoa, verify};

const DOSSIER: &str = "H10.33-240722-0088";

#[test]
fn without_a_key_nothing_is_begun() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("out");
    let mut command = sohoa();
    command
        .arg("run")
        .arg(fixture("dossiers"))
        .arg("--out")
        .arg(&out);
    let told = String::from_utf8(expect_exit(&mut command, 2).stderr).expect("UTF-8");
    assert!(
        told.contains("RUN-005") && told.contains("--unsigned"),
        "{told}"
    );
    assert!(!out.exists());
}

#[test]
fn a_wrong_password_is_exit_code_9_and_is_never_a_flag() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = sohoa();
    command
        .arg("run")
        .arg(fixture("dossiers"))
        .arg("--out")
        .arg(folder.path().join("out"));
    command
        .arg("--key")
        .arg(pki().join("rsa2048.p12"))
        .env("SOHOA_KEY_PASSWORD", "sai");
    expect_exit(&mut command, 9);
    expect_exit(
        sohoa().args(["run", "a", "--out", "b", "--key", "c", "--password", "d"]),
        2,
    );
}

#[test]
fn a_source_that_is_not_there_is_exit_code_7() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let missing = folder.path().join("missing");
    expect_exit(&mut run(&missing, &folder.path().join("out")), 7);
}

#[test]
fn a_package_that_cannot_be_written_is_exit_code_8() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("a file");
    std::fs::write(&out, b"in the way").expect("a file");
    expect_exit(&mut run(&fixture("dossiers"), &out), 8);
    assert_eq!(std::fs::read(&out).expect("still there"), b"in the way");
}

#[test]
fn a_package_inside_its_source_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let told = expect_exit(&mut run(folder.path(), &folder.path().join("out")), 2).stderr;
    assert!(String::from_utf8(told).expect("UTF-8").contains("RUN-007"));
}

#[test]
fn an_unsigned_package_waits_for_signature_and_verify_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    drop_of("dossiers", &[DOSSIER], &drop);
    let out = folder.path().join("out");
    let mut command = sohoa();
    command.arg("run").arg(&drop).arg("--out").arg(&out).args([
        "--unsigned",
        "--lang",
        "en",
        "--exit-zero-on",
        "review",
    ]);
    let output = expect_exit(&mut command, 0);
    assert!(
        String::from_utf8(output.stdout)
            .expect("UTF-8")
            .contains("1 dossiers = ")
    );
    assert!(!out.join("batch.jws").exists());
    expect_exit(&mut verify(&out), 11);

    // The key comes the next morning: the same command with a key seals what waits.
    expect_exit(&mut run(&drop, &out), 0);
    expect_exit(&mut verify(&out), 0);
}

#[test]
fn standard_output_carries_only_json_lines_that_end_in_a_summary() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    drop_of("dossiers", &[DOSSIER], &drop);
    let output = expect_exit(run(&drop, &folder.path().join("out")).arg("--json"), 0);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .collect();
    let types: Vec<&str> = lines
        .iter()
        .map(|line| line["type"].as_str().expect("a type"))
        .collect();
    assert_eq!(types, ["start", "taken", "dossier", "summary"]);
    assert_eq!(lines[3]["exit_code"], 0);
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_wrong_command_line_is_told_in_vietnamese_with_its_code_and_the_help_to_ask_for() {
    for (words, code, said) in [
        (&["run", "--khong-co"][..], "RUN-016", "--khong-co"),
        (&["run", "--untill", "05:00"], "RUN-047", "--until?"),
        (&["kiem"], "RUN-017", "kiem"),
        (&["veryfy"], "RUN-048", "verify?"),
        (&["run"], "RUN-018", "--out"),
        (&["log", "--lang", "vi"], "RUN-019", "check"),
        (&["run", "--out"], "RUN-020", "--out"),
        (
            &["run", "a", "--out", "b", "--exit-zero-on", "x"],
            "RUN-021",
            "review",
        ),
        (&["verify", "a", "--at", "hôm qua"], "RUN-022", "hôm qua"),
        (&["verify", "a", "--json", "--json"], "RUN-023", "--json"),
    ] {
        let stderr = expect_exit(sohoa().args(words).env_remove("SOHOA_LANG"), 2).stderr;
        let told = String::from_utf8(stderr).expect("UTF-8");
        let verb = words[0];
        assert!(told.starts_with(&format!("[{code}] ")), "{words:?}: {told}");
        assert!(
            told.contains(said) && told.contains("--help"),
            "{words:?}: {told}"
        );
        assert!(
            ["kiem", "veryfy"].contains(&verb) || told.contains(&format!("sohoa {verb}")),
            "{told}"
        );
        assert!(
            !told.contains("error:") && !told.contains("Usage:"),
            "{told}"
        );
    }
    for english in [
        &["--lang", "en", "run", "--none"][..],
        &["run", "--none", "--lang=en"],
    ] {
        let told = expect_exit(sohoa().args(english), 2).stderr;
        assert!(String::from_utf8_lossy(&told).contains("There is no argument --none"));
    }
}

#[test]
fn a_report_that_cannot_be_written_is_no_report() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("a.pdf");
    std::fs::write(&file, b"%PDF-1.7 nothing").expect("written");
    let judged = |out: &str| {
        let mut command = sohoa();
        command.arg("verify").arg(&file);
        let out = std::fs::File::options().write(true).open(out);
        let output = command.stdout(out.expect("opens")).output().expect("runs");
        (
            output.status.code(),
            String::from_utf8(output.stderr).expect("UTF-8"),
        )
    };
    let (code, told) = judged("/dev/full");
    assert_eq!(code, Some(8), "{told}");
    assert!(told.contains("RUN-013"), "{told}");
    assert_ne!(judged("/dev/null").0, Some(8));
}

#[test]
fn work_that_is_done_ends_well_where_nobody_can_read_of_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (list, out) = (folder.path().join("ds.csv"), folder.path().join("to.pdf"));
    std::fs::write(&list, format!("{DOSSIER}\n")).expect("a list");
    let mut command = sohoa();
    command.arg("sheets").arg(&list).arg("--out").arg(&out);
    let full = std::fs::File::options().write(true).open("/dev/full");
    let status = command.stdout(full.expect("/dev/full")).status();
    assert_eq!(status.expect("runs").code(), Some(0));
    assert!(out.exists());
}

#[test]
fn help_is_vietnamese_and_ends_with_exit_code_8_where_it_cannot_be_written() {
    let text = |words: &[&str]| {
        let output = sohoa().args(words).env_remove("SOHOA_LANG").output();
        String::from_utf8(output.expect("runs").stdout).expect("UTF-8")
    };
    for words in [
        &["--help"][..],
        &["run", "-h"],
        &["help", "log"],
        &["rates", "--help"],
    ] {
        let help = text(words);
        assert!(help.contains("Cách dùng: sohoa"), "{help}");
        assert!(!help.contains("· In hướng dẫn"), "translated twice: {help}");
        for english in [
            "Usage",
            "Options",
            "Commands",
            "Arguments",
            "[default",
            "[env",
            "[possible",
        ] {
            assert!(!help.contains(english), "{words:?} says {english}: {help}");
        }
    }
    assert!(text(&["--lang", "en", "--help"]).contains("Usage: sohoa"));

    let full = std::fs::File::options().write(true).open("/dev/full");
    let mut command = sohoa();
    command.arg("--help").stdout(full.expect("/dev/full"));
    let output = command.output().expect("runs");
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(8), "{told}");
    assert!(
        told.contains("RUN-013") && told.contains("ổ đĩa đã đầy"),
        "{told}"
    );
}

#[test]
fn an_empty_drop_is_told_as_one_that_may_not_be_mounted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let drop = folder.path().join("drop");
    std::fs::create_dir(&drop).expect("a drop");
    let output = expect_exit(&mut run(&drop, &folder.path().join("out")), 0);
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(told.contains("RUN-046"), "{told}");
}
