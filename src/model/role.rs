//! What a document is in its dossier: a component handed in, the result, or the office's own paper.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Confidence, DossierCode};

/// A document's role and why it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Role {
    /// The role.
    pub id: RoleId,
    /// How sure the choice is.
    pub confidence: Confidence,
    /// What decided, the weightiest first.
    pub why: Vec<RoleReason>,
    /// The code of a result (mã kết quả, `KQ.G15.000031`), as the table of types has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_code: Option<String>,
}

/// The roles of a document in a dossier (DOMAIN section 1.2: kind 0 component, 1 result).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RoleId {
    /// Thành phần hồ sơ: handed in by the citizen.
    ThanhPhan,
    /// Kết quả: what the procedure issued.
    KetQua,
    /// Nội bộ: made by the offices on the way (receipt, control slip, proposal).
    NoiBo,
}

/// What speaks for a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleReason {
    /// The drop names the procedure's result, and this type bears that code.
    MaKetQua,
    /// The type has only this role.
    LoaiGiayTo,
    /// Issued by the agency that handles the dossier.
    CoQuanGiaiQuyet,
    /// Issued on or after the day of reception.
    SauTiepNhan,
    /// Issued before the day of reception.
    TruocTiepNhan,
    /// Made by a citizen: no issuer, no number.
    KhongCoQuanBanHanh,
}

/// What is known of a dossier besides its documents.
#[derive(Clone, Copy, Debug)]
pub struct DossierFacts<'a> {
    /// The code it travels under.
    pub code: &'a DossierCode,
    /// What the layout of the drop says besides; `ma_ket_qua` names the procedure's result.
    pub labels: &'a BTreeMap<String, String>,
}
