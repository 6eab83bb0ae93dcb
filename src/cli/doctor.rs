//! `sohoa doctor`: does this machine have what a run needs?

use std::path::PathBuf;

use super::engine::EngineArgument;
use super::run::start_workers;
use super::{Exit, say};
use crate::messages::Language;
use crate::run::Plan;
use crate::stages::recognize::{Engine, RecognizeFault};
use crate::stages::seal::{self, TokenOptions, TokenSeen};

/// Arguments of `sohoa doctor`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Tệp kế hoạch · Plan file
    #[arg(long, value_name = "TỆP")]
    plan: Option<PathBuf>,

    #[command(flatten)]
    engine: EngineArgument,
}

/// Checks and reports.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    let mut plan = match super::run::read_plan(arguments.plan.as_deref(), language) {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    arguments.engine.choose(&mut plan);
    let tokens = tell_tokens(&plan.seal.token, language);
    match Engine::identify(&plan.recognize) {
        Ok(identity) => {
            // As a run does it: the engine must also start in a process of its own.
            if let Err(fault) = start_workers(&plan, identity.clone()) {
                say::fault(&fault, "", language);
                return Exit::MissingTool;
            }
            let ready = say::by(language, "Sẵn sàng", "Ready");
            let model = say::by(language, "mô hình", "model");
            say::line(format_args!(
                "{ready}: {} · {model} {} {}",
                identity.name,
                plan.recognize.language,
                identity.model.short()
            ));
            tokens
        }
        Err(fault) => {
            say::fault(&fault, "", language);
            Exit::MissingTool
        }
    }
}

/// Lists the tokens that the plan's module knows of; without a module there is nothing to list.
fn tell_tokens(options: &TokenOptions, language: Language) -> Exit {
    if !options.is_configured() {
        return Exit::Done;
    }
    let seen = match seal::tokens(&options.module) {
        Ok(seen) => seen,
        Err(fault) => {
            say::fault(&fault, "", language);
            return Exit::SigningImpossible;
        }
    };
    if seen.is_empty() {
        say::line(say::by(language, "Không có token nào", "No token"));
    }
    for token in &seen {
        say::line(token_line(token, language));
    }
    Exit::Done
}

fn token_line(token: &TokenSeen, language: Language) -> String {
    let slot = say::by(language, "khe", "slot");
    let danger = match token.pin_in_danger {
        true => say::by(
            language,
            " · PIN còn một lần thử hoặc đã bị khóa",
            " · PIN locked, or one try left",
        ),
        false => "",
    };
    format!(
        "Token: {} · {slot} {} · {}{danger}",
        token.label, token.slot, token.maker
    )
}

/// The recognition engine that the plan names.
pub fn open_engine(plan: &Plan) -> Result<Engine, RecognizeFault> {
    Engine::open(&plan.recognize)
}
