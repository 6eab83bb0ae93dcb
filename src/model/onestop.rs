//! What the one-stop system knows of a dossier, and what the verified manifests hold of it.
//!
//! The register (sổ theo dõi hồ sơ) gives the denominators of a digitization rate, the papers of
//! verified deliveries give the numerators; neither is ever taken from the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;

use super::manifest::{DocumentRecord, DossierRecord, KeptVerdict, Outcome, SealRecord};
use super::paper::STATE_LABEL;
use super::{DossierCode, PaperKind, RoleId};

/// One row of the one-stop's dossier register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredDossier {
    /// Mã hồ sơ.
    pub code: DossierCode,
    /// The handling unit, as the table of units names it (`H15.50`).
    pub unit: String,
    /// Mã thủ tục hành chính (`2.000815`).
    pub procedure: String,
    /// Ngày tiếp nhận; without it a dossier is listed and not counted.
    pub received_on: Option<Date>,
    /// Ngày hẹn trả.
    pub due_on: Option<Date>,
    /// Ngày kết thúc xử lý.
    pub finished_on: Option<Date>,
    /// Trạng thái hồ sơ, 1 to 10.
    pub state: RegisterState,
    /// The procedure gives the citizen a paper (thủ tục có kết quả là giấy tờ).
    pub returns_paper: bool,
    /// A component came from the national store (`TaiLieuNop.DuocLayTuKhoDMQG = 1`).
    pub reused_from_store: bool,
    /// Its result was sent to the national store.
    pub result_synced: bool,
    /// Data of the national population database were used.
    pub from_population_db: bool,
    /// The applicant signed in by VNeID.
    pub vneid: bool,
    /// Its result is still in force (kết quả còn hiệu lực): counts for the backfill.
    pub result_in_force: bool,
}

/// Trạng thái hồ sơ of the one-stop system: 1 mới đăng ký, 2 được tiếp nhận, 3 không tiếp nhận, 4 đang xử lý,
/// 5 yêu cầu bổ sung, 6 nghĩa vụ tài chính, 7 công dân rút, 8 dừng, 9 đã xử lý xong, 10 đã trả kết quả.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct RegisterState(u8);

/// A number that is no state of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no state of a dossier (1 to 10)")]
pub struct NoSuchState(pub u8);

impl TryFrom<u8> for RegisterState {
    type Error = NoSuchState;

    fn try_from(number: u8) -> Result<Self, NoSuchState> {
        match number {
            1..=10 => Ok(Self(number)),
            _ => Err(NoSuchState(number)),
        }
    }
}

impl From<RegisterState> for u8 {
    fn from(state: RegisterState) -> Self {
        state.0
    }
}

/// How a component came to be digital (states 0 to 3 of the one-stop systems).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ComponentState {
    /// Chưa số hóa.
    NotDigitized = 0,
    /// Được số hóa.
    Digitized = 1,
    /// Tái sử dụng.
    Reused = 2,
    /// Tái sử dụng từ kết quả của hồ sơ khác.
    ReusedFromResult = 3,
}

impl ComponentState {
    /// The state that the drop's label says; what has a file and no such label was digitized.
    pub fn of(labels: &BTreeMap<String, String>) -> Self {
        match labels.get(STATE_LABEL).map(|value| value.trim()) {
            Some("2") => Self::Reused,
            Some("3") => Self::ReusedFromResult,
            _ => Self::Digitized,
        }
    }
}

impl PaperKind {
    /// The kind of a document; the offices' own papers (`noi_bo`) are neither.
    ///
    /// A document without a role comes from a package of before roles were given; it was handed in
    /// as far as anybody knows. One that came signed and whose signatures do not hold proves nothing.
    pub fn of(document: &DocumentRecord) -> Option<Self> {
        let broken = matches!(
            document.seal,
            SealRecord::Kept {
                verdict: KeptVerdict::Broken,
                ..
            }
        );
        match document.description.role.as_ref().map(|role| role.id) {
            _ if broken => None,
            Some(RoleId::NoiBo) => None,
            Some(RoleId::KetQua) => Some(Self::Result),
            Some(RoleId::ThanhPhan) | None => Some(Self::Component),
        }
    }
}

/// The papers of one dossier in verified deliveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holdings {
    /// Files of components, by [`ComponentState`].
    pub components: [u32; 4],
    /// Files of results.
    pub results: u32,
}

impl Holdings {
    /// What one line of a manifest holds; a dossier set aside holds nothing.
    pub fn of(record: &DossierRecord) -> Self {
        let mut holdings = Self::default();
        if record.outcome == Outcome::SetAside {
            return holdings;
        }
        let state = ComponentState::of(&record.labels);
        for document in &record.documents {
            match PaperKind::of(document) {
                Some(PaperKind::Component) => holdings.components[state as usize] += 1,
                Some(PaperKind::Result) => holdings.results += 1,
                None => {}
            }
        }
        holdings
    }

    /// A component with a file.
    pub fn has_component(&self) -> bool {
        self.components[1..].iter().any(|&files| files > 0)
    }

    /// A component that was used again instead of being scanned.
    pub fn has_reused_component(&self) -> bool {
        self.components[2..].iter().any(|&files| files > 0)
    }

    /// A result with a file.
    pub fn has_result(&self) -> bool {
        self.results > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ten_states_of_the_register_are_states() {
        for number in 0..=u8::MAX {
            let state = RegisterState::try_from(number);
            assert_eq!(state.is_ok(), (1..=10).contains(&number), "{number}");
        }
    }

    #[test]
    fn a_component_without_a_file_is_no_component() {
        let mut holdings = Holdings {
            components: [3, 0, 0, 0],
            results: 0,
        };
        assert!(!holdings.has_component());
        holdings.components[3] = 1;
        assert!(holdings.has_component() && holdings.has_reused_component());
    }

    #[test]
    fn the_state_is_that_of_the_label_and_else_digitized() {
        let of = |value: &str| {
            ComponentState::of(&BTreeMap::from([(
                STATE_LABEL.to_owned(),
                value.to_owned(),
            )]))
        };
        assert_eq!(of(" 2 "), ComponentState::Reused);
        assert_eq!(of("3"), ComponentState::ReusedFromResult);
        assert_eq!(of("0"), ComponentState::Digitized);
        assert_eq!(
            ComponentState::of(&BTreeMap::new()),
            ComponentState::Digitized
        );
    }
}
