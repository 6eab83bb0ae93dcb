//! What the plan says of describing: a province's own types, a model of its own.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use time::Date;

use super::{LinearModel, ModelFault, RuleDescriber, TypeTable, TypeTableFault};
use crate::model::{Coded, Params};

/// What documents are described with, beside what comes with the program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// File of types that are added to the table or take the place of some; empty for none.
    pub types: String,
    /// Model file that `sohoa train` made; empty for the one that comes with the program.
    pub model: String,
}

/// Why documents cannot be described as the plan says.
#[derive(Debug, thiserror::Error)]
pub enum DescribeFault {
    /// A file that the plan names cannot be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// The file of types is faulty.
    #[error("{path}: {fault}")]
    Types {
        /// The file.
        path: String,
        /// What is wrong with it.
        fault: TypeTableFault,
    },
    /// The model cannot be used.
    #[error("{path}: {fault}")]
    Model {
        /// The file.
        path: String,
        /// What is wrong with it.
        fault: ModelFault,
    },
}

impl Coded for DescribeFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Types { .. } => "DSC-020",
            Self::Model { .. } => "DSC-021",
            Self::Unreadable { .. } => "DSC-022",
        }
    }

    fn params(&self) -> Params {
        let (path, cause) = match self {
            Self::Unreadable { path, cause } => (path, cause.clone()),
            Self::Types { path, fault } => (path, fault.to_string()),
            Self::Model { path, fault } => (path, fault.to_string()),
        };
        Params::from([("path", path.clone()), ("cause", cause)])
    }
}

impl Options {
    /// The table of types as the plan says.
    pub fn table(&self) -> Result<TypeTable, DescribeFault> {
        let table = TypeTable::embedded();
        if self.types.is_empty() {
            return Ok(table);
        }
        let toml =
            fs::read_to_string(&self.types).map_err(|cause| unreadable(&self.types, &cause))?;
        table.extended(&toml).map_err(|fault| DescribeFault::Types {
            path: self.types.clone(),
            fault,
        })
    }

    /// The model as the plan says.
    pub fn model(&self) -> Result<LinearModel, DescribeFault> {
        match self.model.as_str() {
            "" => Ok(LinearModel::embedded()),
            path => read_model(Path::new(path)),
        }
    }
}

/// The model in a file.
pub fn read_model(path: &Path) -> Result<LinearModel, DescribeFault> {
    let place = path.display().to_string();
    let bytes = fs::read(path).map_err(|cause| unreadable(&place, &cause))?;
    LinearModel::read(&bytes).map_err(|fault| DescribeFault::Model { path: place, fault })
}

fn unreadable(path: &str, cause: &std::io::Error) -> DescribeFault {
    DescribeFault::Unreadable {
        path: path.to_owned(),
        cause: cause.to_string(),
    }
}

impl RuleDescriber {
    /// As the plan says. Written dates after `latest` (normally today) are not believed.
    pub fn open(options: &Options, latest: Date) -> Result<Self, DescribeFault> {
        Ok(Self::with_model(options.table()?, options.model()?, latest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Describer;

    const TODAY: Date = time::macros::date!(2026 - 11 - 22);

    #[test]
    fn a_province_table_is_used_and_changes_the_identity() {
        let file = std::env::temp_dir().join(format!("sohoa-types-{}.toml", std::process::id()));
        let rows = "version = \"An Bình 1\"\n[[type]]\nid = \"phieu_ca\"\ntype_name = \"32\"\n\
                    title = \"Phiếu nguồn gốc thủy sản\"\nheadings = [\"PHIẾU NGUỒN GỐC THỦY SẢN\"]\n";
        fs::write(&file, rows).expect("a temporary file");
        let options = Options {
            types: file.display().to_string(),
            ..Options::default()
        };
        let own = RuleDescriber::open(&options, TODAY).expect("a good table");
        let plain = RuleDescriber::open(&Options::default(), TODAY).expect("nothing to read");
        assert!(own.types.by_id("phieu_ca").is_some());
        assert_ne!(own.identity(), plain.identity());
        fs::write(&file, rows.replace("\"32\"", "\"99\"")).expect("a temporary file");
        let fault = RuleDescriber::open(&options, TODAY).expect_err("a faulty table");
        assert_eq!(fault.code(), "DSC-020");
        assert!(fault.params()["cause"].contains("line 4"), "{fault}");
        fs::remove_file(&file).expect("it was there");
        let gone = RuleDescriber::open(&options, TODAY).expect_err("no file");
        assert_eq!(gone.code(), "DSC-022");
    }

    #[test]
    fn a_file_that_is_no_model_is_refused() {
        let options = Options {
            model: concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").to_owned(),
            ..Options::default()
        };
        let fault = RuleDescriber::open(&options, TODAY).expect_err("no model");
        assert_eq!(fault.code(), "DSC-021");
    }
}
