//! Counting: one pass over the register, every formula at once, by unit, procedure and day.
//!
//! Memory follows units, procedures and days, not dossiers: of dossiers only the first codes of each list are kept.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;

use super::finding::{Findings, Wrong};
use super::formula::{Fact, Formula, Judged, Lack};
use super::units::Looked;
use super::{Fraction, Period, Units};
use crate::model::{Holdings, RegisteredDossier};

/// Codes kept of each list; the smallest, so that they are the same in whatever order rows come.
pub const CODES: usize = 50;
/// Names of units and procedures that no table knows; what comes beyond goes together.
const NAMES: usize = 20_000;
/// What the rest of them is called.
const OTHERS: &str = "…";

/// Which unit: a row of the table, or a name that stands for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitId {
    /// A row of the table of units.
    Row(usize),
    /// The register's own name for it.
    Named(String),
}

/// What was counted of one group by one formula.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The rate.
    pub rate: Fraction,
    /// Dossiers that have no day to be counted by.
    pub undated: Codes,
    /// Dossiers that one thing alone keeps from being hits.
    pub short_of: BTreeMap<Fact, Codes>,
}

/// Dossiers counted, the first of them by their codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes {
    /// All of them.
    pub count: u64,
    /// The smallest codes.
    pub first: BTreeSet<String>,
}

impl Codes {
    fn add(&mut self, code: &str) {
        self.count += 1;
        self.first.insert(code.to_owned());
        if self.first.len() > CODES {
            self.first.pop_last();
        }
    }

    fn add_all(&mut self, other: &Self) {
        self.count += other.count;
        self.first.extend(other.first.iter().cloned());
        while self.first.len() > CODES {
            self.first.pop_last();
        }
    }
}

impl Counted {
    /// Adds what was counted of another group.
    pub fn add(&mut self, other: &Self) {
        self.rate.add(other.rate);
        self.undated.add_all(&other.undated);
        for (fact, codes) in &other.short_of {
            self.short_of.entry(*fact).or_default().add_all(codes);
        }
    }
}

/// The count of a register.
pub struct Tally<'t> {
    /// What is counted, in this order everywhere below.
    pub formulas: Vec<&'t Formula>,
    /// The days it is counted over.
    pub period: Period,
    /// The table of units.
    pub units: &'t Units,
    units_on: Option<Date>,
    /// By unit, without what is below it.
    pub by_unit: BTreeMap<UnitId, Vec<Counted>>,
    /// By procedure.
    pub by_procedure: BTreeMap<String, Vec<Counted>>,
    /// By the day that the formula counts by.
    pub by_day: BTreeMap<Date, Vec<Fraction>>,
    /// Everything.
    pub total: Vec<Counted>,
    /// Rows seen.
    pub rows: u64,
}

impl<'t> Tally<'t> {
    /// An empty count. With `units_on` the work of a unit that is no more is counted with its successor of that day.
    pub fn new(
        formulas: Vec<&'t Formula>,
        period: Period,
        units: &'t Units,
        units_on: Option<Date>,
    ) -> Self {
        let total = vec![Counted::default(); formulas.len()];
        Self {
            formulas,
            period,
            units,
            units_on,
            by_unit: BTreeMap::new(),
            by_procedure: BTreeMap::new(),
            by_day: BTreeMap::new(),
            total,
            rows: 0,
        }
    }

    /// Counts one row of the register.
    pub fn take(
        &mut self,
        row: Option<u64>,
        dossier: &RegisteredDossier,
        holdings: &Holdings,
        findings: &mut Findings,
    ) {
        self.rows += 1;
        if dossier.received_on.is_none() {
            findings.about(Wrong::NoDay, row, &dossier.code);
        }
        let unit = self.unit_of(row, dossier, findings);
        let judged: Vec<Judged> = (self.formulas.iter())
            .map(|formula| formula.judge(self.period, dossier, holdings))
            .collect();
        if judged.iter().all(|judged| *judged == Judged::Outside) {
            return;
        }
        let procedure = known_or_other(&self.by_procedure, &dossier.procedure);
        let count = self.formulas.len();
        let none = || vec![Counted::default(); count];
        let of_unit = self.by_unit.entry(unit).or_insert_with(none);
        let of_procedure = self.by_procedure.entry(procedure).or_insert_with(none);
        for (n, judged) in judged.iter().enumerate() {
            for group in [&mut of_unit[n], &mut of_procedure[n], &mut self.total[n]] {
                count_in(group, dossier, *judged);
            }
            if let Judged::Counted { day, lack } = judged {
                let days = self.by_day.entry(*day);
                let of_day = days.or_insert_with(|| vec![Fraction::default(); count]);
                of_day[n].count(*lack == Lack::Nothing);
            }
        }
    }

    fn unit_of(
        &self,
        row: Option<u64>,
        dossier: &RegisteredDossier,
        findings: &mut Findings,
    ) -> UnitId {
        if self.units.is_empty() {
            return self.named(&dossier.unit);
        }
        let found = match self.units.look(&dossier.unit, dossier.received_on) {
            Looked::Known(found) => found,
            Looked::OutOfTime(found) => {
                findings.add(Wrong::UnitOutOfTime, row, &dossier.unit);
                found
            }
            Looked::Unknown => {
                findings.add(Wrong::UnknownUnit, row, &dossier.unit);
                return self.named(&dossier.unit);
            }
        };
        UnitId::Row(match self.units_on {
            Some(day) => self.units.on(found, day),
            None => found,
        })
    }

    fn named(&self, name: &str) -> UnitId {
        let named = UnitId::Named(name.to_owned());
        match self.by_unit.len() < NAMES || self.by_unit.contains_key(&named) {
            true => named,
            false => UnitId::Named(OTHERS.to_owned()),
        }
    }
}

fn known_or_other(known: &BTreeMap<String, Vec<Counted>>, name: &str) -> String {
    match known.len() < NAMES || known.contains_key(name) {
        true => name.to_owned(),
        false => OTHERS.to_owned(),
    }
}

fn count_in(group: &mut Counted, dossier: &RegisteredDossier, judged: Judged) {
    match judged {
        Judged::Outside => {}
        Judged::Undated => group.undated.add(dossier.code.as_str()),
        Judged::Counted { lack, .. } => {
            group.rate.count(lack == Lack::Nothing);
            if let Lack::One(fact) = lack {
                let codes = group.short_of.entry(fact).or_default();
                codes.add(dossier.code.as_str());
            }
        }
    }
}
