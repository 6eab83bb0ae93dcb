//! What the plan says of a signature's visible mark (NĐ 30/2020/NĐ-CP; TT 05/2025/TT-BNV, Điều 8).

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::formats::pades::Mark;
use crate::model::manifest::iso_8601;

/// Whose mark stands on page 1, and what kind of copy the file is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MarkOptions {
    /// The agency that signs; empty for no visible mark.
    pub agency: String,
    /// What kind of copy it is.
    pub copy: CopyKind,
}

/// Kinds of copies (NĐ 30/2020/NĐ-CP, Điều 25).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyKind {
    /// Nothing is said of it.
    #[default]
    None,
    /// Sao y.
    SaoY,
    /// Sao lục.
    SaoLuc,
    /// Trích sao.
    TrichSao,
}

impl CopyKind {
    fn words(self) -> &'static str {
        match self {
            Self::None => "",
            Self::SaoY => "SAO Y",
            Self::SaoLuc => "SAO LỤC",
            Self::TrichSao => "TRÍCH SAO",
        }
    }
}

impl MarkOptions {
    /// The mark of a signature at this moment; `None` where no agency is named.
    pub(super) fn at(&self, at: OffsetDateTime) -> Option<Mark> {
        let named = !self.agency.trim().is_empty();
        named.then(|| Mark::of([self.copy.words(), &self.agency, &iso_8601(at)]))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_mark_says_kind_agency_and_time_with_zone() {
        let at = datetime!(2026-11-21 16:14:30 +7);
        let options = MarkOptions {
            agency: "UBND xã Thử Nghiệm".to_owned(),
            copy: CopyKind::SaoLuc,
        };
        let text = options.at(at).expect("an agency is named").text();
        assert_eq!(
            text,
            "SAO LỤC\nUBND xã Thử Nghiệm\n2026-11-21T16:14:30+07:00"
        );
        assert_eq!(MarkOptions::default().at(at), None);
    }
}
