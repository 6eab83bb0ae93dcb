//! `--engine`: which engine reads, in place of what the plan says.

use clap::{Args, ValueEnum};

use crate::run::Plan;
use crate::stages::recognize::EngineName;

/// The choice of an engine on the command line.
#[derive(Args)]
pub struct EngineArgument {
    /// Máy đọc chữ, thay cho điều kế hoạch nói · Engine, in place of what the plan says
    #[arg(long, value_name = "MÁY", value_enum, env = "SOHOA_ENGINE")]
    engine: Option<Chosen>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Chosen {
    /// Của chương trình này · Our own
    Sohoa,
    /// libtesseract, đọc cả trang · libtesseract, on whole pages
    Tesseract,
}

impl EngineArgument {
    /// Puts the choice into the plan.
    pub fn choose(&self, plan: &mut Plan) {
        if let Some(chosen) = self.engine {
            plan.recognize.engine = match chosen {
                Chosen::Sohoa => EngineName::Sohoa,
                Chosen::Tesseract => EngineName::Tesseract,
            };
        }
    }
}
