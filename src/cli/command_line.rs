//! A command line that clap refuses, told as every other fault: Vietnamese or English, with a code.

use std::io::IsTerminal;

use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory, Parser};

use super::{Arguments, Exit, Lang, say};
use crate::messages::{self, Language};
use crate::model::{Coded, Params};

/// Reads the command line; help and the version are printed here, and so is what is wrong.
pub(super) fn read() -> Result<Arguments, Exit> {
    Arguments::try_parse().map_err(|error| {
        let language = language_asked_for();
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                let text = help(&error, std::io::stdout().is_terminal(), language);
                say::result(&text, Exit::Done, language)
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                say::remark(help(&error, say::is_watched(), language).trim_end());
                Exit::Usage
            }
            _ => {
                say::fault(&CommandLineFault(error), "", language);
                Exit::Usage
            }
        }
    })
}

/// The help that was asked for; bold headings only for a terminal.
fn help(asked: &clap::Error, is_watched: bool, language: Language) -> String {
    let text = match is_watched && std::env::var_os("NO_COLOR").is_none() {
        true => asked.render().ansi().to_string(),
        false => asked.render().to_string(),
    };
    match language {
        Language::Vi => messages::help_in_vietnamese(&text),
        Language::En => text,
    }
}

/// The language by the command line's own word or the environment's: clap gives none with an error.
fn language_asked_for() -> Language {
    let words: Vec<String> = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let after = words.iter().position(|word| word == "--lang");
    let after = after.and_then(|at| words.get(at + 1)).map(String::as_str);
    let joined = words.iter().find_map(|word| word.strip_prefix("--lang="));
    let variable = std::env::var("SOHOA_LANG").unwrap_or_default();
    let asked = after.or(joined).unwrap_or(&variable);
    <Lang as clap::ValueEnum>::from_str(asked, false).map_or(Language::Vi, Language::from)
}

/// What is wrong with a command line, as clap found it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct CommandLineFault(clap::Error);

impl Coded for CommandLineFault {
    fn code(&self) -> &'static str {
        match self.0.kind() {
            ErrorKind::UnknownArgument if self.said(ContextKind::SuggestedArg).is_empty() => {
                "RUN-016"
            }
            ErrorKind::UnknownArgument => "RUN-047",
            ErrorKind::InvalidSubcommand
                if self.said(ContextKind::SuggestedSubcommand).is_empty() =>
            {
                "RUN-017"
            }
            ErrorKind::InvalidSubcommand => "RUN-048",
            ErrorKind::MissingRequiredArgument => "RUN-018",
            ErrorKind::MissingSubcommand => "RUN-019",
            ErrorKind::InvalidValue if self.said(ContextKind::InvalidValue).is_empty() => "RUN-020",
            ErrorKind::InvalidValue => "RUN-021",
            ErrorKind::ValueValidation => "RUN-022",
            ErrorKind::ArgumentConflict => "RUN-023",
            _ => "RUN-024",
        }
    }

    fn params(&self) -> Params {
        let cause = std::error::Error::source(&self.0).map(ToString::to_string);
        Params::from([
            ("argument", self.said(ContextKind::InvalidArg)),
            ("value", self.said(ContextKind::InvalidValue)),
            ("choices", self.said(ContextKind::ValidValue)),
            ("other", self.said(ContextKind::PriorArg)),
            ("meant", self.said(ContextKind::SuggestedArg)),
            ("verb", self.said(ContextKind::InvalidSubcommand)),
            ("verb_meant", self.said(ContextKind::SuggestedSubcommand)),
            ("verbs", self.said(ContextKind::ValidSubcommand)),
            ("cause", cause.unwrap_or_else(|| self.0.kind().to_string())),
            ("command", command(&self.said(ContextKind::Usage))),
        ])
    }
}

impl CommandLineFault {
    fn said(&self, kind: ContextKind) -> String {
        self.0
            .get(kind)
            .map(ToString::to_string)
            .unwrap_or_default()
    }
}

/// The program and its verb, whose help tells more, out of clap's line of usage (`Usage: sohoa verify
/// [OPTIONS] …`); where it has none, by the first word that is a verb.
fn command(usage: &str) -> String {
    let is_name = |word: &&str| word.starts_with(|c: char| c.is_ascii_lowercase());
    let names: Vec<&str> = usage
        .split_whitespace()
        .skip(1)
        .take_while(is_name)
        .collect();
    if !names.is_empty() {
        return names.join(" ");
    }
    let verbs = Arguments::command();
    let words = std::env::args_os().skip(1);
    let verb = words
        .into_iter()
        .find_map(|word| Some(verbs.find_subcommand(word)?.get_name().to_owned()));
    verb.map_or_else(|| "sohoa".to_owned(), |verb| format!("sohoa {verb}"))
}
