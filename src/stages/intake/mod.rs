//! Intake: what lies in the drop folder, file by file, page by page; nothing is left unmentioned.
//!
//! [`list`] names the drop's entries, [`survey()`] finds and hashes the files of one,
//! [`open_file`] recognises a file and counts its pages, [`ScanFile::load_page`] decodes one. All input is a stranger's: limits
//! ([`Options`]) are checked before memory is taken, and each decoder runs contained
//! ([`contain`]), so that the worst a file can do is to have its dossier set aside.

mod contain;
mod expand;
mod fault;
mod kind;
mod layout;
mod listing;
mod names;
mod natural;
mod options;
mod pdf;
mod scan_file;
mod scratch;
mod survey;
mod tree;
mod unpack;
mod walk;

pub use contain::THREAD_NAME as DECODER_THREAD_NAME;
pub use fault::IntakeFault;
pub use kind::Kind;
pub use layout::{LayoutFault, Layouts};
pub use listing::{DropFolder, Entry, Listing, Lying, Place, borne_twice, list};
pub use options::Options;
#[cfg(feature = "fuzzing")]
pub(crate) use pdf::first_page as first_pdf_page;
pub use scan_file::{Contents, ScanFile, ScannedPage, path_in_bytes};
pub use scratch::ScratchFolder;
pub use survey::{Survey, open_file, read_file, survey};

#[cfg(test)]
mod tests;
