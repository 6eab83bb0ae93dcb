//! A real token (SoftHSM2) signs what waits, and pyHanko and the auditor judge it.
//!
//! OpenSC's `pkcs11-spy` stands between program and token where calls are counted. Debian:
//! softhsm2, opensc.

mod soft_token;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;
use sohoa::model::manifest::{DossierRecord, SealRecord};

use crate::keys::{pki, trust_switches};
use crate::tools::{json, python, root, run, said, script};
use soft_token::{LABEL, MODULE, PIN, SPY, SoftToken};

/// Pages have their time on a machine that is busy with other tests.
const PATIENT: &str = "[recognize]\nmax_page_ms = 600000\n";

/// A dossier of the fixtures, digitised once and left waiting for signature.
static WAITING: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = root().join("target/judged-tokens");
    let _ = fs::remove_dir_all(&folder);
    let (drop, out) = (folder.join("drop"), folder.join("out"));
    lay_out(&drop);
    fs::write(folder.join("plan.toml"), PATIENT).expect("can be written");
    let output = sohoa(&["run"])
        .arg(&drop)
        .arg("--plan")
        .arg(folder.join("plan.toml"))
        .arg("--out")
        .arg(&out)
        .args(["--unsigned", "--exit-zero-on", "review"])
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", said(&output));
    out
});

pub fn sohoa(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sohoa"));
    command.args(arguments).env("SOHOA_LANG", "en");
    command
        .env_remove("SOHOA_PIN_COMMAND")
        .env("OMP_THREAD_LIMIT", "1");
    command
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().expect("below a folder")).expect("can be made");
    let copied = Command::new("cp").arg("-r").args([from, to]).status();
    assert!(copied.expect("cp runs").success());
}

/// One dossier of the fixtures in a drop folder.
pub fn lay_out(drop: &Path) {
    let dossier = "H10.12-221014-0002";
    let scans = root().join("fixtures/dossiers").join(dossier);
    copy(&scans, &drop.join(dossier));
}

/// A package that waits, of its own.
pub fn waiting(folder: &Path) -> PathBuf {
    let out = folder.join("out");
    copy(&WAITING, &out);
    out
}

/// `sohoa seal` with this token's PIN and more switches.
fn seal(out: &Path, token: &SoftToken, pin: &str, switches: &[&str]) -> Output {
    let pin_file = token.folder().join("pin");
    fs::write(&pin_file, format!("{pin}\n")).expect("can be written");
    let mut command = sohoa(&["seal"]);
    command.arg(out).arg("--pin-file").arg(&pin_file);
    command.args(switches);
    token.serve(&mut command);
    command.output().expect("the program starts")
}

fn with_token<'a>(label: &'a str, module: &'a str) -> [&'a str; 4] {
    ["--token", label, "--token-module", module]
}

fn records(out: &Path) -> Vec<DossierRecord> {
    let text = fs::read_to_string(out.join("manifest.jsonl")).expect("a manifest");
    let records = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a record"));
    records.collect()
}

pub fn documents(out: &Path) -> Vec<PathBuf> {
    let of = |record: &DossierRecord| {
        let folder = record.dossier.as_ref().expect("packaged").to_string();
        let folder = out.join("dossiers").join(folder);
        let files: Vec<PathBuf> = record
            .documents
            .iter()
            .map(|document| folder.join(&document.file))
            .collect();
        files
    };
    records(out).iter().flat_map(of).collect()
}

/// True where there are documents and every one of them waits.
pub fn all_wait(out: &Path) -> bool {
    let records = records(out);
    let mut documents = records
        .iter()
        .flat_map(|record| &record.documents)
        .peekable();
    documents.peek().is_some() && documents.all(|document| document.seal == SealRecord::Waiting)
}

/// Every document of the package valid to pyHanko, and the package to the auditor.
pub fn judged_valid(out: &Path) {
    let mut arguments = vec![script(), PathBuf::from("pdf"), pki().join("root.pem")];
    arguments.extend(documents(out));
    for file in json(&run(python(), &arguments)).as_array().expect("a list") {
        assert_eq!(file[0]["bottom_line"], Value::Bool(true), "{file}");
        assert_eq!(file[0]["coverage"], "ENTIRE_FILE", "{file}");
    }
    let mut verify = sohoa(&["verify"]);
    let output = verify.arg(out).args(trust_switches()).output();
    let output = output.expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn rsa_and_elliptic_keys_in_a_token_sign_what_waits() {
    for key in ["rsa2048", "ecdsa_p256", "ecdsa_p384"] {
        let folder = tempfile::tempdir().expect("a folder");
        let token = SoftToken::holding(folder.path(), &[key]);
        let out = waiting(folder.path());
        let output = seal(&out, &token, PIN, &with_token(LABEL, MODULE));
        assert_eq!(output.status.code(), Some(0), "{key}: {}", said(&output));
        judged_valid(&out);
        let again = seal(&out, &token, PIN, &with_token(LABEL, MODULE));
        assert!(
            said(&again).contains("signed 0 documents"),
            "{}",
            said(&again)
        );
    }
}

#[test]
fn one_login_serves_all_signatures() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = SoftToken::holding(folder.path(), &["rsa2048"]);
    let out = waiting(folder.path());
    let output = seal(&out, &token, PIN, &with_token(LABEL, SPY));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(token.calls("C_Login"), 1);
    // One to see whose certificate it is, one a document, one for the batch; each asked for its
    // length first.
    let signed = 2 * (documents(&out).len() + 2);
    assert_eq!(token.calls("C_Sign"), signed);
}

#[test]
fn a_wrong_pin_is_tried_once_and_nothing_is_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = SoftToken::holding(folder.path(), &["rsa2048"]);
    let out = waiting(folder.path());
    let before = fs::read(out.join("batch.json")).expect("a header");
    let output = seal(&out, &token, "9999", &with_token(LABEL, SPY));
    assert_eq!(output.status.code(), Some(9), "{}", said(&output));
    assert!(said(&output).contains("TOK-004"), "{}", said(&output));
    assert!(!said(&output).contains("9999"), "the PIN is told to nobody");
    assert_eq!(token.calls("C_Login"), 1);
    assert!(
        token.flags().contains("user PIN count low"),
        "{}",
        token.flags()
    );
    assert!(all_wait(&out));
    assert_eq!(fs::read(out.join("batch.json")).expect("a header"), before);
}

#[test]
fn what_is_missing_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = SoftToken::holding(folder.path(), &["rsa2048"]);
    let out = waiting(folder.path());
    let faults: [(&[&str], &str); 3] = [
        (&with_token(LABEL, "/nowhere/module.so"), "TOK-001"),
        (&with_token("Token khác", MODULE), "TOK-002"),
        (
            &[
                "--token",
                LABEL,
                "--token-module",
                MODULE,
                "--token-key",
                "ff",
            ],
            "TOK-008",
        ),
    ];
    for (switches, code) in faults {
        let output = seal(&out, &token, PIN, switches);
        assert_eq!(output.status.code(), Some(9), "{}", said(&output));
        assert!(said(&output).contains(code), "{code}: {}", said(&output));
    }
    assert!(all_wait(&out));
    let bare = tempfile::tempdir().expect("a folder");
    let token = SoftToken::without_certificate(bare.path(), "rsa2048");
    let output = seal(&out, &token, PIN, &with_token(LABEL, MODULE));
    assert!(said(&output).contains("TOK-010"), "{}", said(&output));
}

#[test]
fn a_certificate_of_another_key_is_not_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = SoftToken::without_certificate(folder.path(), "rsa2048");
    // The same number as the key's: only a signature tells that it is another's.
    token.add_certificate("rsa3072", 1);
    let out = waiting(folder.path());
    let output = seal(&out, &token, PIN, &with_token(LABEL, MODULE));
    assert_eq!(output.status.code(), Some(9), "{}", said(&output));
    assert!(said(&output).contains("TOK-010"), "{}", said(&output));
}

#[test]
fn one_of_two_keys_is_chosen_by_its_label_and_labels_may_be_decomposed() {
    use unicode_normalization::UnicodeNormalization;
    let folder = tempfile::tempdir().expect("a folder");
    let token = SoftToken::holding(folder.path(), &["rsa2048", "ecdsa_p256"]);
    let out = waiting(folder.path());
    let both = seal(&out, &token, PIN, &with_token(LABEL, MODULE));
    assert!(said(&both).contains("TOK-009"), "{}", said(&both));
    let label: String = LABEL.nfd().collect();
    assert_ne!(label, LABEL);
    let key: String = "khóa ecdsa_p256".nfd().collect();
    let mut switches = with_token(&label, MODULE).to_vec();
    switches.extend(["--token-key", &key]);
    let output = seal(&out, &token, PIN, &switches);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    judged_valid(&out);
}

#[test]
fn a_run_without_its_token_leaves_everything_waiting_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = SoftToken::holding(folder.path(), &["rsa2048"]);
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    lay_out(&drop);
    let plan = folder.path().join("patient.toml");
    fs::write(&plan, PATIENT).expect("can be written");
    let mut run = sohoa(&["run"]);
    run.arg(&drop).arg("--out").arg(&out);
    run.arg("--plan").arg(&plan);
    run.args(with_token("Token khác", MODULE));
    run.args(["--exit-zero-on", "review"]);
    token.serve(&mut run);
    let output = run.output().expect("the program starts");
    assert_eq!(output.status.code(), Some(9), "{}", said(&output));
    assert!(all_wait(&out));
    let sealed = seal(&out, &token, PIN, &with_token(LABEL, MODULE));
    assert_eq!(sealed.status.code(), Some(0), "{}", said(&sealed));
    judged_valid(&out);
}

#[test]
fn doctor_lists_the_tokens_of_the_plans_module() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = SoftToken::holding(folder.path(), &["rsa2048"]);
    let plan = folder.path().join("plan.toml");
    let text = format!("[seal.token]\nmodule = \"{MODULE}\"\n");
    fs::write(&plan, text).expect("can be written");
    let mut doctor = sohoa(&["doctor", "--plan"]);
    token.serve(doctor.arg(&plan));
    let output = doctor.output().expect("the program starts");
    assert!(said(&output).contains(LABEL), "{}", said(&output));
}

/// Removed and put back: the module fails so many signatures behind the first ones.
fn failing(token: &SoftToken, command: &mut Command, after: u32, times: u32) {
    token.serve(command);
    command
        .env("TOKEN_BEHIND", SPY)
        .env("TOKEN_FAILS_AFTER", after.to_string())
        .env("TOKEN_FAILS_TIMES", times.to_string());
}

/// A plan for the failing module that waits so long.
fn plan_of(folder: &Path, token: &SoftToken, wait_s: u64) -> PathBuf {
    let module = token.failing_module();
    let text = format!(
        "{PATIENT}[seal.token]\nmodule = \"{}\"\ntoken = \"{LABEL}\"\nwait_s = {wait_s}\n",
        module.display()
    );
    let plan = folder.join("plan.toml");
    fs::write(&plan, text).expect("can be written");
    plan
}

fn seal_by_plan(out: &Path, token: &SoftToken, plan: &Path, times: u32) -> Output {
    seal_flagged(out, token, plan, times, 0)
}

/// The same with a token that says these flags of itself (CKF_…, PKCS#11 2.40, 3.2).
fn seal_flagged(out: &Path, token: &SoftToken, plan: &Path, times: u32, flags: u32) -> Output {
    let pin_file = token.folder().join("pin");
    fs::write(&pin_file, PIN).expect("can be written");
    let mut command = sohoa(&["seal"]);
    command.arg(out).arg("--plan").arg(plan);
    command.arg("--pin-file").arg(&pin_file);
    command.env("TOKEN_FLAGS", flags.to_string());
    // The first signature tells whose certificate it is; the document's comes next.
    failing(token, &mut command, 1, times);
    command.output().expect("the program starts")
}

#[test]
fn a_token_with_one_last_try_or_a_locked_pin_is_not_tried_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = SoftToken::holding(folder.path(), &["rsa2048"]);
    let out = waiting(folder.path());
    let plan = plan_of(folder.path(), &token, 1);
    // CKF_USER_PIN_FINAL_TRY and CKF_USER_PIN_LOCKED.
    for (flag, code) in [(0x0002_0000, "TOK-005"), (0x0004_0000, "TOK-006")] {
        let output = seal_flagged(&out, &token, &plan, 0, flag);
        assert_eq!(output.status.code(), Some(9), "{}", said(&output));
        assert!(said(&output).contains(code), "{}", said(&output));
        assert!(all_wait(&out));
        assert_eq!(token.calls("C_Login"), 0);
    }
}

#[test]
fn a_token_that_comes_back_signs_on_after_another_login() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = SoftToken::holding(folder.path(), &["rsa2048"]);
    let out = waiting(folder.path());
    let plan = plan_of(folder.path(), &token, 30);
    let output = seal_by_plan(&out, &token, &plan, 2);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(
        token.calls("C_Login"),
        3,
        "one at first, one each time it came back"
    );
    judged_valid(&out);
}

#[test]
fn a_token_that_stays_away_leaves_no_dossier_half_signed() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = SoftToken::holding(folder.path(), &["rsa2048"]);
    let out = waiting(folder.path());
    let plan = plan_of(folder.path(), &token, 1);
    let output = seal_by_plan(&out, &token, &plan, 1000);
    assert_eq!(output.status.code(), Some(9), "{}", said(&output));
    assert!(said(&output).contains("TOK-014"), "{}", said(&output));
    assert!(all_wait(&out) && !out.join(".work").exists());
    let later = seal(&out, &token, PIN, &with_token(LABEL, MODULE));
    assert_eq!(later.status.code(), Some(0), "{}", said(&later));
    judged_valid(&out);
}

#[test]
fn a_run_whose_token_is_lost_keeps_what_it_digitised() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = SoftToken::holding(folder.path(), &["rsa2048"]);
    let (drop, out) = (folder.path().join("drop"), folder.path().join("out"));
    lay_out(&drop);
    let plan = plan_of(folder.path(), &token, 1);
    let mut run = sohoa(&["run"]);
    run.arg(&drop).arg("--out").arg(&out);
    run.arg("--plan").arg(&plan);
    let pin_command = format!("echo {PIN}");
    run.env("SOHOA_PIN_COMMAND", pin_command);
    failing(&token, &mut run, 1, 1000);
    let output = run.output().expect("the program starts");
    assert_eq!(output.status.code(), Some(9), "{}", said(&output));
    assert!(said(&output).contains("TOK-014"), "{}", said(&output));
    assert!(all_wait(&out));
}
