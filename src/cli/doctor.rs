//! `sohoa doctor`: does this machine have what a run needs?

use std::path::PathBuf;

use super::{Exit, say};
use crate::messages::Language;
use crate::run::Plan;
use crate::stages::recognize::{RecognizeFault, Recognizer};

/// Arguments of `sohoa doctor`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Tệp kế hoạch · Plan file
    #[arg(long, value_name = "TỆP")]
    plan: Option<PathBuf>,
}

/// Checks and reports.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    let plan = match super::run::read_plan(arguments.plan.as_deref(), language) {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    match open_engine(&plan) {
        Ok(engine) => {
            let identity = engine.identity();
            let ready = say::by(language, "Sẵn sàng", "Ready");
            let model = say::by(language, "mô hình", "model");
            println!(
                "{ready}: {} · {model} {} {}",
                identity.name,
                plan.recognize.language,
                identity.model.short()
            );
            Exit::Done
        }
        Err(fault) => {
            say::fault(&fault, "", language);
            Exit::MissingTool
        }
    }
}

/// The recognition engine of this build.
#[cfg(feature = "ocr")]
pub fn open_engine(plan: &Plan) -> Result<impl Recognizer + use<>, RecognizeFault> {
    crate::stages::recognize::Tesseract::open(&plan.recognize)
}

/// This build has no engine.
#[cfg(not(feature = "ocr"))]
pub fn open_engine(_: &Plan) -> Result<crate::stages::recognize::Recorded, RecognizeFault> {
    Err(RecognizeFault::NoEngine)
}
