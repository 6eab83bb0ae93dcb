//! `sohoa train`: a new model file from what people corrected.

use std::path::{Path, PathBuf};

use super::run::correction_lines;
use super::{Exit, numbers, say, whole_file};
use crate::messages::Language;
use crate::model::{Coded, Digest};
use crate::stages::describe::{self, Example, LinearModel, TypeTable, read_model, train};
use crate::stages::package::PackageFault;

/// Arguments of `sohoa train`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Các tệp `corrections.jsonl` đã được người rà soát ghi · Files of corrections by reviewers
    #[arg(value_name = "TỆP", required = true)]
    corrections: Vec<PathBuf>,

    /// Tệp mô hình mới; ghi tên nó vào `[describe] model` của kế hoạch
    /// · The new model file; name it in the plan under `[describe] model`
    #[arg(long, value_name = "TỆP")]
    out: PathBuf,

    /// Tệp loại giấy tờ riêng của tỉnh (như `[describe] types`) · The province's own types
    #[arg(long, value_name = "TỆP", default_value = "")]
    types: String,

    /// Học tiếp từ mô hình này (mặc định: mô hình đi kèm chương trình)
    /// · Go on from this model (by default the one that comes with the program)
    #[arg(long, value_name = "TỆP", conflicts_with = "from_nothing")]
    from: Option<PathBuf>,

    /// Học lại từ đầu · Begin with no weights at all
    #[arg(long)]
    from_nothing: bool,
}

/// Trains; writes nothing where anything is wrong with the corrections.
pub fn run(arguments: &Arguments, language: Language) -> Exit {
    match try_run(arguments, language) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_run(arguments: &Arguments, language: Language) -> Result<Exit, Exit> {
    let refuse = |fault: &dyn Coded| {
        say::fault(fault, "", language);
        Exit::Usage
    };
    let options = describe::Options {
        types: arguments.types.clone(),
        ..describe::Options::default()
    };
    let types = options.table().map_err(|fault| refuse(&fault))?;
    let from = match (&arguments.from, arguments.from_nothing) {
        (Some(file), _) => Some(read_model(file).map_err(|fault| refuse(&fault))?),
        (None, false) => Some(LinearModel::embedded()),
        (None, true) => None,
    };
    let mut examples = Vec::new();
    for file in &arguments.corrections {
        examples.extend(read_examples(file, &types, language)?);
    }
    let model = train(&types, from.as_ref(), &examples);
    if let Err(cause) = whole_file::write(&arguments.out, &model) {
        say::fault(&PackageFault::at(&arguments.out)(cause), "", language);
        return Ok(Exit::StoreNotWritable);
    }
    let learned = numbers::whole(examples.len() as u64, language);
    let pages = say::by(language, "trang đã học", "pages learned");
    let (out, digest) = (arguments.out.display(), Digest::of(&model).short());
    say::line(format_args!("{learned} {pages}: {out} · {digest}"));
    Ok(Exit::Done)
}

/// What a file of corrections teaches; says how many of its lines teach nothing.
fn read_examples(file: &Path, types: &TypeTable, language: Language) -> Result<Vec<Example>, Exit> {
    let corrections = correction_lines(file, language)?;
    let examples: Vec<Example> = corrections
        .iter()
        .filter_map(|correction| Example::of(correction, types))
        .collect();
    let idle = (corrections.len() - examples.len()) as u64;
    if idle > 0 {
        let count = numbers::whole(idle, language);
        let words = say::by(
            language,
            "dòng không dùng để học (sửa trường, thiếu chữ của trang, hoặc loại lạ)",
            "lines teach nothing (a field, no words of the page, or an unknown type)",
        );
        say::remark(format_args!("{}: {count} {words}", file.display()));
    }
    Ok(examples)
}
