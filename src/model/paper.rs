//! What a digitized document counts for in the one-stop system: kind, state, code, validity.
//!
//! The codes are those of the paper table of a one-stop system seen in use (DOMAIN section 1.2).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Role, RoleId};

/// The label of the drop that gives the state of a dossier's components: `1`, `2` or `3`.
pub const STATE_LABEL: &str = "trang_thai_so_hoa";
/// The label of the drop that says until when the papers hold: `vinh_vien` or a day, `2031-06-30`.
pub const VALIDITY_LABEL: &str = "hieu_luc";
/// What stands for a paper that holds for ever (vĩnh viễn).
pub const FOR_EVER: &str = "vinh_vien";

/// A document as a paper (giấy tờ) of the one-stop system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Paper {
    /// 0 a component (thành phần), 1 the result (kết quả).
    pub kind: PaperKind,
    /// How it came to be digital.
    pub state: PaperState,
    /// The code of a result (mã kết quả); absent for components and where the tables hold none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_code: Option<String>,
    /// Until when it holds: a day (ISO 8601) or `vinh_vien`; absent where the drop does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

/// The kind of a paper, a number in JSON.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "u8", into = "u8")]
#[schemars(with = "u8", extend("enum" = [0, 1]))]
pub enum PaperKind {
    /// 0: thành phần hồ sơ.
    Component,
    /// 1: kết quả giải quyết.
    Result,
}

/// How a paper came to be digital, a number in JSON.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "u8", into = "u8")]
#[schemars(with = "u8", extend("enum" = [0, 1, 2, 3]))]
pub enum PaperState {
    /// 0: chưa số hóa. No document of a package is in this state; registers of others speak of it.
    NotDigitized,
    /// 1: được số hóa.
    Digitized,
    /// 2: tái sử dụng, from the citizen's store.
    Reused,
    /// 3: tái sử dụng từ kết quả hồ sơ khác.
    ReusedFromResult,
}

/// The number names no kind or state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} names no kind or state of a paper")]
pub struct NoSuchPaper(u8);

impl TryFrom<u8> for PaperKind {
    type Error = NoSuchPaper;

    fn try_from(number: u8) -> Result<Self, NoSuchPaper> {
        match number {
            0 => Ok(Self::Component),
            1 => Ok(Self::Result),
            other => Err(NoSuchPaper(other)),
        }
    }
}

impl From<PaperKind> for u8 {
    fn from(kind: PaperKind) -> Self {
        kind as u8
    }
}

impl TryFrom<u8> for PaperState {
    type Error = NoSuchPaper;

    fn try_from(number: u8) -> Result<Self, NoSuchPaper> {
        match number {
            0 => Ok(Self::NotDigitized),
            1 => Ok(Self::Digitized),
            2 => Ok(Self::Reused),
            3 => Ok(Self::ReusedFromResult),
            other => Err(NoSuchPaper(other)),
        }
    }
}

impl From<PaperState> for u8 {
    fn from(state: PaperState) -> Self {
        state as u8
    }
}

impl Paper {
    /// What a document of this role counts for; nothing for the offices' own papers.
    pub fn of(role: &Role, labels: &BTreeMap<String, String>) -> Option<Self> {
        let kind = match role.id {
            RoleId::ThanhPhan => PaperKind::Component,
            RoleId::KetQua => PaperKind::Result,
            RoleId::NoiBo => return None,
        };
        Some(Self {
            kind,
            state: match kind {
                PaperKind::Component => state_in(labels),
                PaperKind::Result => PaperState::Digitized,
            },
            result_code: role.result_code.clone(),
            valid_until: validity_in(labels),
        })
    }
}

/// A file lies before us, so `0` (chưa số hóa) and what is no state count as not said.
fn state_in(labels: &BTreeMap<String, String>) -> PaperState {
    match labels.get(STATE_LABEL).map(String::as_str) {
        Some("2") => PaperState::Reused,
        Some("3") => PaperState::ReusedFromResult,
        _ => PaperState::Digitized,
    }
}

fn validity_in(labels: &BTreeMap<String, String>) -> Option<String> {
    let day = time::macros::format_description!("[year]-[month]-[day]");
    let said = labels.get(VALIDITY_LABEL)?;
    let holds = said == FOR_EVER || time::Date::parse(said, day).is_ok();
    holds.then(|| said.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Confidence;

    fn role(id: RoleId, code: Option<&str>) -> Role {
        Role {
            id,
            confidence: Confidence::CERTAIN,
            why: Vec::new(),
            result_code: code.map(str::to_owned),
        }
    }

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn the_state_of_components_comes_from_the_drop_and_a_result_is_digitized() {
        let reused = labels(&[(STATE_LABEL, "3"), (VALIDITY_LABEL, "vinh_vien")]);
        let component = Paper::of(&role(RoleId::ThanhPhan, None), &reused).expect("a paper");
        assert_eq!(
            (component.kind, component.state),
            (PaperKind::Component, PaperState::ReusedFromResult)
        );
        let result = role(RoleId::KetQua, Some("KQ.G15.000031"));
        let json = serde_json::to_string(&Paper::of(&result, &reused)).expect("JSON");
        let expected =
            r#"{"kind":1,"state":1,"result_code":"KQ.G15.000031","valid_until":"vinh_vien"}"#;
        assert_eq!(json, expected);
        assert_eq!(Paper::of(&role(RoleId::NoiBo, None), &reused), None);
    }

    #[test]
    fn what_the_drop_says_wrongly_counts_as_not_said() {
        for state in ["0", "4", "x", ""] {
            let said = labels(&[(STATE_LABEL, state), (VALIDITY_LABEL, "2031-02-30")]);
            let paper = Paper::of(&role(RoleId::ThanhPhan, None), &said).expect("a paper");
            assert_eq!(
                (paper.state, paper.valid_until),
                (PaperState::Digitized, None)
            );
        }
        assert!(serde_json::from_str::<PaperState>("4").is_err());
        assert!(serde_json::from_str::<PaperKind>("2").is_err());
    }
}
