//! What a province, an archive or a portal wants besides what the manifest knows: data, not code.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ExportFault;

/// The profile that comes with the program; it is the documentation of the format.
pub const DEFAULT_TOML: &str = include_str!("profile.toml");

/// Values and codes of one receiver.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// The day it was made, for people.
    pub version: String,
    /// Values for fields (`profile:…` in the tables of fields).
    pub values: BTreeMap<String, String>,
    /// What is known of procedures, by their code (mã TTHC).
    pub procedures: BTreeMap<String, Procedure>,
    /// The address of a document's file: `{base}/{dossier}/{file}`.
    pub url: String,
    /// Which circular's words or which package in use the archival packages follow.
    pub variant: Variant,
}

/// A procedure (thủ tục hành chính) as the portal knows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Procedure {
    /// Its name.
    pub name: String,
    /// Code of its field (mã lĩnh vực).
    pub field_code: String,
    /// Name of its field (tên lĩnh vực).
    pub field_name: String,
    /// Codes of its components (mã thành phần hồ sơ) by the id of the type, such as `to_khai`.
    pub components: BTreeMap<String, String>,
}

/// The two readings of TT 05/2025/TT-BNV that are met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// The words of the circular.
    #[default]
    ThongTu,
    /// The package that a system in use made (12/6/2026).
    GoiMau,
}

impl Profile {
    /// Reads a profile; what it does not name keeps the value of the default profile.
    pub fn from_toml(text: &str) -> Result<Self, ExportFault> {
        let read = |text: &str| {
            toml::from_str::<Self>(text).map_err(|fault| ExportFault::Profile {
                cause: fault.to_string(),
            })
        };
        let mut profile = read(DEFAULT_TOML).expect("the default profile is embedded and tested");
        let given = read(text)?;
        profile.values.extend(given.values);
        profile.procedures.extend(given.procedures);
        if !given.url.is_empty() {
            profile.url = given.url;
        }
        if !given.version.is_empty() {
            profile.version = given.version;
        }
        profile.variant = given.variant;
        Ok(profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_profile_does_not_name_keeps_its_default() {
        let given = Profile::from_toml("[values]\nmaintenance = \"01\"\n").expect("a profile");
        let default = Profile::from_toml("").expect("the default");
        assert_eq!(given.values["maintenance"], "01");
        assert_eq!(given.values["language"], default.values["language"]);
        assert_eq!(given.url, default.url);
    }

    #[test]
    fn a_key_that_nobody_knows_is_refused() {
        let refused = Profile::from_toml("ur1 = \"https://x\"").expect_err("refused");
        assert!(refused.to_string().contains("ur1"), "{refused}");
    }
}
