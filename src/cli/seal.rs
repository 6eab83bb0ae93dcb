//! `sohoa seal`: signs what an earlier run left waiting for signature, with a key of ours or by lists that
//! a program elsewhere signs.

use std::path::{Path, PathBuf};

use super::clock::clock;
use super::key::{self, KeyArguments, Opened};
use super::lasting::Lastingly;
use super::usage::{UsageFault, unreadable};
use super::{Exit, numbers, say};
use crate::messages::Language;
use crate::run::elsewhere::{self, ElsewhereFault, Exported, Exporting, Importing};
use crate::run::later::{self, Later, LaterFault, SignedLater, WaitingFault};
use crate::stages::seal::Options;

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

    /// Ghi danh sách cần ký vào thư mục trống này, cho chương trình ký bên ngoài · Write what is to be
    /// signed into this empty folder, for a program elsewhere
    #[arg(long, value_name = "THƯ_MỤC", requires = "certificate", conflicts_with_all = ["import", "key", "token"])]
    export: Option<PathBuf>,

    /// Chứng thư số của người ký bên ngoài và các chứng thư bên trên, PEM · Certificate of who signs
    /// elsewhere, with those above it, PEM
    #[arg(long, value_name = "TỆP", requires = "export")]
    certificate: Option<PathBuf>,

    /// Nhận chữ ký (.sig, .p7s) mà chương trình ký bên ngoài để trong thư mục đã xuất · Take in the
    /// signatures that a program elsewhere put into the exported folder
    #[arg(long, value_name = "THƯ_MỤC", conflicts_with_all = ["key", "token"])]
    import: Option<PathBuf>,
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
    if let (Some(to), Some(certificate)) = (&arguments.export, &arguments.certificate) {
        return export(&arguments.out, to, certificate, &plan.seal, language);
    }
    if let Some(from) = &arguments.import {
        return import(&arguments.out, from, &plan.seal, language);
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
        signer: &|_| signer.as_ref(),
        options: &plan.seal,
        lasting: lasting.as_ref(),
        now: &now,
        report: &|_, signed| tell(signed, language),
    };
    let done =
        later::sign_waiting(&arguments.out, &by).map_err(|fault| stopped(&fault, language))?;
    if let Some(fault) = &done.key_failed {
        say::fault(fault, "", language);
    }
    say::line(last_line(&done, language));
    Ok(exit_of(&done))
}

/// Writes the list of what waits.
fn export(
    out: &Path,
    to: &Path,
    certificate: &Path,
    options: &Options,
    language: Language,
) -> Result<Exit, Exit> {
    let certificates = std::fs::read(certificate);
    let certificates = certificates.map_err(|cause| unreadable(certificate, &cause, language))?;
    let by = Exporting {
        certificates: &certificates,
        options,
        at: clock()(),
        report: &|fault| say::fault(fault, fault.file(), language),
    };
    let exported = elsewhere::export(out, to, &by);
    let exported = exported.map_err(|fault| turned_away(&fault, language))?;
    say::line(listed(&exported, to, language));
    Ok(match exported.refused {
        0 => Exit::Done,
        _ => Exit::SomeSetAside,
    })
}

fn listed(exported: &Exported, to: &Path, language: Language) -> String {
    let documents = numbers::whole(exported.documents, language);
    let folder = to.display();
    match (language, exported.header) {
        (Language::Vi, true) => format!("sohoa: phiếu lô cần ký · {folder}"),
        (Language::En, true) => format!("sohoa: the batch's header is to be signed · {folder}"),
        (Language::Vi, false) => format!("sohoa: {documents} tài liệu cần ký · {folder}"),
        (Language::En, false) => format!("sohoa: {documents} documents to be signed · {folder}"),
    }
}

/// Signs with what came back.
fn import(out: &Path, from: &Path, options: &Options, language: Language) -> Result<Exit, Exit> {
    let lasting = Lastingly::open(options, language)?;
    let lasting = lasting.as_ref().map(Lastingly::lend);
    let by = Importing {
        options,
        lasting: lasting.as_ref(),
        report: &|_, signed| tell(signed, language),
        refuse: &|fault| say::fault(fault, "", language),
    };
    let done = elsewhere::import(out, from, &by);
    let done = done.map_err(|fault| turned_away(&fault, language))?;
    if let Some(fault) = &done.key_failed {
        say::fault(fault, "batch.json", language);
    }
    say::line(last_line(&done, language));
    if done.header_waits {
        let line = say::by(
            language,
            "sohoa: phiếu lô còn chờ ký; khi mọi tài liệu đã ký, chạy lại sohoa seal --export",
            "sohoa: the batch's header waits; when all documents are signed, run sohoa seal --export again",
        );
        say::line(line);
    }
    Ok(exit_of(&done))
}

fn turned_away(fault: &ElsewhereFault, language: Language) -> Exit {
    match fault {
        ElsewhereFault::Later(fault) => stopped(fault, language),
        ElsewhereFault::Seal(fault) => {
            say::fault(fault, "", language);
            Exit::SigningImpossible
        }
        fault => {
            say::fault(fault, "", language);
            Exit::Usage
        }
    }
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
fn tell(signed: &Result<u64, WaitingFault>, language: Language) {
    match signed {
        Ok(_) => {}
        Err(WaitingFault::Seal { source, .. }) if source.stops_the_key() => {}
        Err(fault) => say::fault(fault, fault.file(), language),
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
