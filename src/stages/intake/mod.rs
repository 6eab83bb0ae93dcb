//! Intake: what lies in the drop folder, file by file, page by page; nothing is left unmentioned.
//!
//! [`list`] names the drop's entries, [`survey()`] hashes, recognises and counts the files
//! of one, [`ScanFile::load_page`] decodes one page. All input is a stranger's: limits
//! ([`Options`]) are checked before memory is taken, and each decoder runs contained
//! ([`contain`]), so that the worst a file can do is to have its dossier set aside.

mod contain;
mod fault;
mod kind;
mod listing;
mod natural;
mod options;
mod pdf;
mod scan_file;
mod survey;

pub use contain::THREAD_NAME as DECODER_THREAD_NAME;
pub use fault::IntakeFault;
pub use kind::Kind;
pub use listing::{Folder, list};
pub use options::Options;
#[cfg(feature = "fuzzing")]
pub(crate) use pdf::first_page as first_pdf_page;
pub use scan_file::{ScanFile, ScannedPage};
pub use survey::{Survey, survey};

#[cfg(test)]
mod tests;
