//! What counts: the formulas of `formulas.toml`, dated, each with its source and how sure we are of it.

use serde::Deserialize;
use time::Date;

use super::period::written_day;
use super::{Percent, Period, RatesFault};
use crate::model::{Holdings, RegisteredDossier};

/// The formulas that come with the program.
pub const SHIPPED: &str = include_str!("formulas.toml");

/// A file of formulas.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formulas {
    /// The file's own version.
    pub version: String,
    /// The formulas, in their order.
    #[serde(rename = "formula")]
    pub all: Vec<Formula>,
}

/// One indicator: which dossiers are counted, and which of them are hits.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// Its name for the command line: `766.4.2`.
    pub id: String,
    /// Its name in Vietnamese.
    pub vi: String,
    /// Its name in English.
    pub en: String,
    /// Where it is written.
    pub source: String,
    /// How far that was seen.
    pub certainty: Certainty,
    /// The first day it is used.
    #[serde(default, deserialize_with = "written_day")]
    pub from: Option<Date>,
    /// The last day it is used.
    #[serde(default, deserialize_with = "written_day")]
    pub until: Option<Date>,
    /// Which day of a dossier must lie in the period.
    pub day: DayRule,
    /// States that are counted; all where none is named.
    #[serde(default)]
    pub states: Vec<u8>,
    /// Facts that a dossier must have to be counted at all.
    #[serde(default)]
    pub counted: Vec<Fact>,
    /// A counted dossier is a hit where of each list one fact holds.
    pub hit: Vec<Vec<Fact>>,
    /// The rate that earns all points, or that is called `Đạt`.
    pub full: Option<Percent>,
    /// Points of the indicator.
    pub points: Option<u64>,
}

/// How far a rule was seen in writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Read in the source.
    Found,
    /// From memory, to be held against the source.
    Memory,
    /// Follows from what was read.
    Deduced,
}

/// Which day of a dossier decides whether it belongs to the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayRule {
    /// Received in the period.
    Received,
    /// Finished in the period.
    Finished,
    /// Finished up to the period's end, however long ago.
    FinishedUpTo,
}

/// Something that is true of a dossier or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A component has a file in a verified manifest.
    HasComponent,
    /// A result has a file in a verified manifest.
    HasResult,
    /// A component in a verified manifest was used again.
    HasReusedComponent,
    /// The procedure returns a paper (register).
    ReturnsPaper,
    /// The procedure returns no paper (register).
    ReturnsNoPaper,
    /// A component came from the national store (register).
    ReusedFromStore,
    /// The result was sent to the national store (register).
    ResultSynced,
    /// The applicant signed in by VNeID (register).
    Vneid,
    /// Data of the population database were used (register).
    FromPopulationDb,
    /// The result is still in force (register).
    ResultInForce,
}

impl Fact {
    /// Whether it is true of this dossier.
    pub fn holds(self, dossier: &RegisteredDossier, holdings: &Holdings) -> bool {
        match self {
            Fact::HasComponent => holdings.has_component(),
            Fact::HasResult => holdings.has_result(),
            Fact::HasReusedComponent => holdings.has_reused_component(),
            Fact::ReturnsPaper => dossier.returns_paper,
            Fact::ReturnsNoPaper => !dossier.returns_paper,
            Fact::ReusedFromStore => dossier.reused_from_store,
            Fact::ResultSynced => dossier.result_synced,
            Fact::Vneid => dossier.vneid,
            Fact::FromPopulationDb => dossier.from_population_db,
            Fact::ResultInForce => dossier.result_in_force,
        }
    }
}

/// What a formula makes of one dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Not one that the formula counts.
    Outside,
    /// It would be counted, but has no day to be counted by.
    Undated,
    /// Counted.
    Counted {
        /// The day it is counted by.
        day: Date,
        /// What keeps it from being a hit.
        lack: Lack,
    },
}

/// What keeps a counted dossier from being a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Nothing: it is one.
    Nothing,
    /// One thing alone.
    One(Fact),
    /// More than one thing.
    More,
}

impl Formula {
    /// What it makes of a dossier in a period.
    pub fn judge(
        &self,
        period: Period,
        dossier: &RegisteredDossier,
        holdings: &Holdings,
    ) -> Judged {
        let holds = |fact: &Fact| fact.holds(dossier, holdings);
        let state = u8::from(dossier.state);
        let is_counted = self.states.is_empty() || self.states.contains(&state);
        if !is_counted || !self.counted.iter().all(holds) {
            return Judged::Outside;
        }
        let (day, is_in) = match self.day {
            DayRule::Received => (dossier.received_on, Period::holds as fn(_, _) -> _),
            DayRule::Finished => (dossier.finished_on, Period::holds as fn(_, _) -> _),
            DayRule::FinishedUpTo => (
                dossier.finished_on,
                (|period: Period, day| day <= period.last) as fn(_, _) -> _,
            ),
        };
        match day {
            None => Judged::Undated,
            Some(day) if !is_in(period, day) => Judged::Outside,
            Some(day) => Judged::Counted {
                day,
                lack: self.lack(&holds),
            },
        }
    }

    fn lack(&self, holds: &dyn Fn(&Fact) -> bool) -> Lack {
        let mut unmet = self.hit.iter().filter(|one_of| !one_of.iter().any(holds));
        match (unmet.next(), unmet.next()) {
            (None, _) => Lack::Nothing,
            (Some(one_of), None) => Lack::One(one_of[0]),
            (Some(_), Some(_)) => Lack::More,
        }
    }
}

impl Formulas {
    /// The formulas that come with the program.
    pub fn shipped() -> Self {
        Self::read(SHIPPED, "formulas.toml").expect("the shipped formulas are tested")
    }

    /// Reads a file of formulas.
    pub fn read(text: &str, path: &str) -> Result<Self, RatesFault> {
        let wrong = |cause: String| RatesFault::BadData {
            path: path.to_owned(),
            cause,
        };
        let formulas: Self = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        for formula in &formulas.all {
            if formula.hit.is_empty() || formula.hit.iter().any(Vec::is_empty) {
                return Err(wrong(format!("{}: hit", formula.id)));
            }
            if formula.full.is_some_and(|full| full.hundredths() == 0) {
                return Err(wrong(format!("{}: full = 0", formula.id)));
            }
        }
        Ok(formulas)
    }

    /// The formula of this id that is in use on the period's last day.
    pub fn named(&self, id: &str, period: Period) -> Result<&Formula, RatesFault> {
        let known = || self.all.iter().filter(|formula| formula.id == id);
        let day = period.last;
        let in_use = |formula: &&Formula| {
            formula.from.is_none_or(|from| from <= day)
                && formula.until.is_none_or(|until| day <= until)
        };
        if let Some(formula) = known().find(in_use) {
            return Ok(formula);
        }
        Err(match known().next() {
            Some(_) => RatesFault::FormulaNotInUse {
                id: id.to_owned(),
                day,
            },
            None => RatesFault::UnknownFormula {
                id: id.to_owned(),
                known: self.ids().join(", "),
            },
        })
    }

    /// The ids, each once, in their order.
    pub fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.all.iter().map(|one| one.id.as_str()).collect();
        ids.dedup();
        ids
    }
}
