//! The plan: every stage's options in one file, with a digest that stands in the batch header.
//!
//! `default.toml` beside this file is the documentation of all settings and is
//! tested to say what the code does by default.

use serde::{Deserialize, Serialize};

use super::review;
use super::watch::WatchOptions;
use crate::model::{Coded, Digest, Params};
use crate::stages::{clean, cut, describe, intake, package, recognize, seal};

/// The documented defaults, as printed by `sohoa plan`.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

/// What a run does and within which limits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// How much at a time.
    pub run: RunOptions,
    /// How a watched drop is taken in.
    pub watch: WatchOptions,
    /// What is taken in.
    pub intake: intake::Options,
    /// What cuts a long stream of pages into dossiers.
    pub cut: cut::Options,
    /// How pages are cleaned for reading.
    pub clean: clean::Options,
    /// How pages are read.
    pub recognize: recognize::Options,
    /// What documents are described with.
    pub describe: describe::Options,
    /// What a person has to look at.
    pub review: review::Options,
    /// What the signatures say.
    pub seal: seal::Options,
    /// What goes into the package.
    pub package: package::Options,
}

/// How much is worked on at a time; changes the speed, never a byte of the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunOptions {
    /// Threads that read pages; 0 for one a core.
    pub jobs: usize,
    /// Dossiers open at a time; 0 for one more than threads.
    pub lanes: usize,
    /// Bytes that the pages in work may take together; no reading process may take more.
    pub memory_bytes: u64,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            jobs: 0,
            lanes: 0,
            memory_bytes: 3 << 30,
        }
    }
}

impl RunOptions {
    /// Dossiers open at a time, given the number of reading threads.
    pub fn lanes(&self, threads: usize) -> usize {
        if self.lanes == 0 {
            threads + 1
        } else {
            self.lanes
        }
    }
}

/// Why a plan cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct PlanFault {
    /// The parser's words, with line and column.
    pub cause: String,
}

impl Coded for PlanFault {
    fn code(&self) -> &'static str {
        "RUN-002"
    }

    fn params(&self) -> Params {
        Params::from([("cause", self.cause.clone())])
    }
}

impl Plan {
    /// Reads a plan; what it does not name keeps its default.
    pub fn from_toml(text: &str) -> Result<Self, PlanFault> {
        toml::from_str(text).map_err(|error| PlanFault {
            cause: error.to_string(),
        })
    }

    /// SHA-256 over everything in the plan that can change a byte of the result.
    pub fn digest(&self) -> Digest {
        let without_speed = Plan {
            run: RunOptions::default(),
            watch: WatchOptions::default(),
            seal: self.seal.deciding(),
            ..self.clone()
        };
        let text = serde_json::to_vec(&without_speed).expect("a plan has only string keys");
        Digest::of(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_defaults_are_the_defaults_of_the_code() {
        let documented = Plan::from_toml(DEFAULT_TOML).expect("default.toml is valid");
        assert_eq!(documented, Plan::default());
    }

    /// `section.setting` of everything in a plan.
    fn settings(plan: &toml::Table) -> Vec<String> {
        let sections = plan.iter().flat_map(|(section, settings)| {
            let settings = settings.as_table().expect("a plan is sections of settings");
            settings
                .keys()
                .map(move |setting| format!("{section}.{setting}"))
        });
        sections.collect()
    }

    #[test]
    fn every_setting_is_documented() {
        let all = toml::Table::try_from(Plan::default()).expect("a plan is TOML");
        let documented: toml::Table = toml::from_str(DEFAULT_TOML).expect("valid");
        assert_eq!(settings(&all), settings(&documented));
    }

    #[test]
    fn a_misspelt_setting_is_named_with_its_line() {
        let fault = Plan::from_toml("[run]\nlane = 3\n").expect_err("no such setting");
        assert!(
            fault.cause.contains("line 2") && fault.cause.contains("lane"),
            "{fault}"
        );
    }

    #[test]
    fn speed_does_not_change_the_plan_digest_but_limits_do() {
        let fast = Plan::from_toml("[run]\njobs = 7\n[watch]\nsettle_s = 5\n").expect("valid");
        assert_eq!(fast.digest(), Plan::default().digest());
        let other = Plan::from_toml("[recognize]\nlanguage = \"eng\"\n").expect("valid");
        assert_ne!(other.digest(), Plan::default().digest());
    }
}
