//! Reasons for a person to look at a document before it is believed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::Evidence;

/// One reason to look: a check that failed, or something that stands on the paper and could
/// not be read. Nothing was changed because of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Flag {
    /// Stable code, such as `DSC-036`, listed in docs/codes.md.
    pub code: String,
    /// The values of the message's placeholders. Personal numbers are masked (`098*******12`),
    /// names never stand here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// Where on the document; absent where something is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}
