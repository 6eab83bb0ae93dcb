//! `sohoa seal`: signs what an earlier run left waiting for signature.

use std::io::Write;
use std::path::PathBuf;

use super::clock::clock;
use super::key::{self, KeyArguments, Opened};
use super::lasting::Lastingly;
use super::usage::UsageFault;
use super::{Exit, numbers, say};
use crate::messages::Language;
use crate::model::DossierCode;
use crate::run::later::{self, Later, LaterFault, SignedLater, WaitingFault};
use crate::stages::seal::SealFault;

/// Arguments of `sohoa seal`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Gói kết quả có hồ sơ chờ ký · Package with dossiers that wait for signature
    #[arg(value_name = "KẾT_QUẢ")]
    out: PathBuf,

    #[command(flatten)]
    key: KeyArguments,

    /// Tệp kế hoạch (xem `sohoa plan`) · Plan file
    #[arg(long, value_name = "TỆP", env = "SOHOA_PLAN")]
    plan: Option<PathBuf>,
}

/// Signs, tells and gives the exit code.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    match try_run(arguments, language) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(arguments: &Arguments, language: Language) -> Result<Exit, Exit> {
    let plan = super::run::read_plan(arguments.plan.as_deref(), language)?;
    if !arguments.out.join("dossiers").is_dir() {
        let path = arguments.out.display().to_string();
        return Err(UsageFault::NoPackage { path }.tell(language));
    }
    let now = clock();
    let signer = match key::open(&arguments.key, &plan.seal, now(), language)? {
        Some(Opened::Ready(signer)) => signer,
        // Why it is away was told; nothing was touched.
        Some(Opened::Away) => return Err(Exit::SigningImpossible),
        None => return Err(UsageFault::NoKey.tell(language)),
    };
    let lasting = Lastingly::open(&plan.seal, language)?;
    let lasting = lasting.as_ref().map(Lastingly::lend);
    let by = Later {
        signer: signer.as_ref(),
        options: &plan.seal,
        lasting: lasting.as_ref(),
        now: &now,
        report: &|code, signed| tell(code, signed, language),
    };
    let done =
        later::sign_waiting(&arguments.out, &by).map_err(|fault| stopped(&fault, language))?;
    if let Some(fault) = &done.key_failed {
        say::fault(fault, "", language);
    }
    // A closed pipe ends the reader; the exit code still tells.
    let _ = writeln!(std::io::stdout(), "{}", last_line(&done, language));
    Ok(exit_of(&done))
}

fn exit_of(done: &SignedLater) -> Exit {
    match done {
        SignedLater {
            key_failed: Some(_),
            ..
        } => Exit::SigningImpossible,
        SignedLater { refused: 0, .. } => Exit::Done,
        _ => Exit::SomeSetAside,
    }
}

fn stopped(fault: &LaterFault, language: Language) -> Exit {
    say::fault(fault.coded(), "", language);
    match fault {
        LaterFault::Unfinished(_) => Exit::SourceUnreadable,
        LaterFault::Run(fault) => Exit::from(fault),
    }
}

/// What went wrong with a dossier; a key that fails is told once, at the end.
fn tell(code: &DossierCode, signed: &Result<u64, WaitingFault>, language: Language) {
    let place = match signed {
        Err(WaitingFault::Changed { file } | WaitingFault::Foreign { file }) => file.clone(),
        Err(WaitingFault::Seal(SealFault::Pdf(_))) => code.to_string(),
        Ok(_) | Err(WaitingFault::Seal(_)) => return,
    };
    if let Err(fault) = signed {
        say::fault(fault, &place, language);
    }
}

fn last_line(done: &SignedLater, language: Language) -> String {
    let number = |number| numbers::whole(number, language);
    let (documents, dossiers) = (number(done.documents), number(done.dossiers));
    let refused = number(done.refused);
    let exit = exit_of(done);
    let (code, meaning) = (exit as u8, exit.meaning(language));
    match language {
        Language::Vi => format!(
            "sohoa: đã ký {documents} tài liệu của {dossiers} hồ sơ, không ký được {refused} hồ sơ · mã thoát {code}: {meaning}"
        ),
        Language::En => format!(
            "sohoa: signed {documents} documents of {dossiers} dossiers, {refused} dossiers could not be signed · exit code {code}: {meaning}"
        ),
    }
}
