//! `--engine`: which engine reads, in place of what the plan says.

use clap::Args;

use crate::run::Plan;
use crate::stages::recognize::EngineName;

/// The choice of an engine on the command line.
#[derive(Args)]
pub struct EngineArgument {
    /// Máy đọc chữ, thay cho điều kế hoạch nói: sohoa, tesseract, recorded:THƯ_MỤC (chữ đã đọc từ trước) hoặc tệp mô hình .onnx ·
    /// Engine, in place of what the plan says: sohoa, tesseract, recorded:FOLDER (pages read before) or a line model FILE.onnx
    #[arg(long, value_name = "MÁY", env = "SOHOA_ENGINE")]
    engine: Option<EngineName>,
}

impl EngineArgument {
    /// Puts the choice into the plan.
    pub fn choose(&self, plan: &mut Plan) {
        if let Some(chosen) = &self.engine {
            plan.recognize.engine = chosen.clone();
        }
    }
}
