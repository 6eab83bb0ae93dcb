//! What a dossier's own lists say of its papers: the mục lục văn bản, tài liệu and the giấy tiếp nhận.

/// A paper as a list names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedPaper {
    /// Row of the type table that its title names; none where it names no known one.
    pub kind: Option<u16>,
    /// First and last of its sheets (tờ số), from 1, where the list says them.
    pub sheets: Option<(u16, u16)>,
}
