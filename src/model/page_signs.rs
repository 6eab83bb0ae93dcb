//! What a page shows of its place in a document: what the splitter weighs, in a few bytes.

use serde::{Deserialize, Serialize};

use super::Secrecy;

/// Signs on one page that a document begins, goes on or ends there.
///
/// Log-odds are whole hundredths of a nat, so that sums are exact and equal on every machine:
/// 0 says nothing, 100 makes something e times as likely, -100 e times less likely.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageSigns {
    /// Log-odds that it is the first page of a document.
    pub opens: i32,
    /// Log-odds that it is the last page of a document.
    pub closes: i32,
    /// The number printed at its head or foot.
    pub number: Option<u16>,
    /// Pages that the document says it has (`Trang 2/5`).
    pub of_pages: Option<u16>,
    /// Row of the type table of which its heading is, where it has one.
    pub kind: Option<u16>,
    /// Row of the type table of which it is a later page, where its words say so.
    pub continues: Option<u16>,
    /// Median height of its letters, 1/1000 mm; 0 where too little is written on it.
    pub letter_um: u32,
    /// Width of the paper.
    pub width_mm: u16,
    /// Height of the paper.
    pub height_mm: u16,
    /// True for a separator sheet (tờ phân cách): it stands in no document.
    pub separator: bool,
    /// True where it lists the dossier's papers (mục lục, giấy tiếp nhận).
    #[serde(default)]
    pub lists: bool,
    /// The degree of secrecy stamped on it.
    pub secrecy: Option<Secrecy>,
}
