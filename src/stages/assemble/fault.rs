//! Why a document could not be made.

use crate::formats::pdfa::PdfaFault;
use crate::model::{Coded, Params, Retry};

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AssembleFault {
    /// The file could not be written.
    #[error(transparent)]
    Pdfa(#[from] PdfaFault),
    /// The words read back from the file are not those of the recogniser; a bug, never hidden.
    #[error("page {page}: the words in the file are not those that were read")]
    WordsChanged {
        /// Page of the document, from 1.
        page: u32,
    },
}

impl Coded for AssembleFault {
    fn code(&self) -> &'static str {
        match self {
            AssembleFault::Pdfa(fault) => fault.code(),
            AssembleFault::WordsChanged { .. } => "ASM-010",
        }
    }

    fn params(&self) -> Params {
        match self {
            AssembleFault::Pdfa(fault) => fault.params(),
            AssembleFault::WordsChanged { page } => Params::from([("page", page.to_string())]),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            AssembleFault::Pdfa(fault) => fault.retry(),
            AssembleFault::WordsChanged { .. } => Retry::Never,
        }
    }
}
