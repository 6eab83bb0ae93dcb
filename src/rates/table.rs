//! A count as the rows that people read: units below their parents, levels, procedures; target and verdict.

use std::collections::BTreeMap;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale_core::locale;
use time::Date;

use super::campaign::Standing;
use super::tally::{Counted, UnitId};
use super::{Campaign, Formula, Percent, Period, Tally, units};

/// How the rows are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Units, each with what is below it.
    #[default]
    Unit,
    /// Levels, each the sum of its units' own dossiers.
    Level,
    /// Procedures.
    Procedure,
}

/// One formula's rates.
pub struct Table<'t> {
    /// The formula.
    pub formula: &'t Formula,
    /// Its days.
    pub period: Period,
    /// The campaign that gives the targets, and where it stands.
    pub campaign: Option<(&'t Campaign, Option<Standing>)>,
    /// The rows, in the order they are read in.
    pub rows: Vec<Row>,
    /// Everything.
    pub total: Row,
}

/// One row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// How many rows of it stand above.
    pub depth: usize,
    /// The unit's code, the level's id, the procedure's code.
    pub code: String,
    /// Its name; of a procedure its code again.
    pub name: String,
    /// The level's id, of a unit that the table knows.
    pub level: Option<String>,
    /// Counted here and below.
    pub counted: Counted,
    /// Counted here alone.
    pub own: Counted,
    /// What is to be reached.
    pub target: Option<Percent>,
    /// Whether it is; none without target or denominator.
    pub reached: Option<bool>,
    /// Dossiers short of it.
    pub needed: Option<u64>,
    /// Dossiers a day that reach it by the campaign's end.
    pub needed_per_day: Option<u64>,
}

/// The order of the Vietnamese alphabet, for showing only.
pub fn collator() -> CollatorBorrowed<'static> {
    Collator::try_new(locale!("vi").into(), CollatorOptions::default())
        .expect("the order of Vietnamese is compiled in")
}

impl<'t> Table<'t> {
    /// The table of the count's `n`-th formula.
    pub fn of(
        tally: &Tally<'t>,
        n: usize,
        by: By,
        campaign: Option<&'t Campaign>,
        today: Date,
    ) -> Self {
        let formula = tally.formulas[n];
        let campaign = campaign.map(|one| (one, one.standing(today)));
        let total = Row {
            name: "Toàn bộ".to_owned(),
            counted: tally.total[n].clone(),
            own: tally.total[n].clone(),
            ..Row::default()
        };
        let rows = match by {
            By::Unit => by_unit(tally, n),
            By::Level => by_level(tally, n),
            By::Procedure => by_procedure(tally, n),
        };
        let mut table = Self {
            formula,
            period: tally.period,
            campaign,
            rows,
            total,
        };
        table.set_targets(by);
        table
    }

    /// The campaign's target for a unit or its level; without a campaign the formula's own.
    fn set_targets(&mut self, by: By) {
        let (formula, campaign) = (self.formula, self.campaign);
        let set = |row: &mut Row, unit: Option<&str>, level: Option<&str>| {
            row.target = match campaign {
                Some((campaign, _)) => campaign.target(&formula.id, unit, level),
                None => formula.full,
            };
            let Some(target) = row.target else { return };
            let rate = row.counted.rate;
            row.reached = rate.reaches(target);
            row.needed = row.reached.map(|_| rate.short_of(target));
            let standing = campaign.and_then(|(_, standing)| standing);
            row.needed_per_day = standing.and_then(|one| one.needed_per_day(rate, target));
        };
        for row in &mut self.rows {
            let (code, level) = (row.code.clone(), row.level.clone());
            let unit = (by == By::Unit).then_some(code.as_str());
            set(row, unit, level.as_deref());
        }
        set(&mut self.total, None, Some("toan_tinh"));
    }
}

fn by_unit(tally: &Tally<'_>, n: usize) -> Vec<Row> {
    let mut rows: BTreeMap<UnitId, Row> = BTreeMap::new();
    for (unit, counted) in &tally.by_unit {
        let counted = &counted[n];
        if *counted == Counted::default() {
            continue;
        }
        row_of(&mut rows, tally, unit.clone()).own.add(counted);
        let above: Vec<UnitId> = match unit {
            UnitId::Row(row) => tally.units.ancestors(*row).map(UnitId::Row).collect(),
            UnitId::Named(_) => vec![unit.clone()],
        };
        for unit in above {
            row_of(&mut rows, tally, unit).counted.add(counted);
        }
    }
    in_order(rows, tally)
}

fn row_of<'r>(rows: &'r mut BTreeMap<UnitId, Row>, tally: &Tally<'_>, unit: UnitId) -> &'r mut Row {
    rows.entry(unit.clone()).or_insert_with(|| match unit {
        UnitId::Named(name) => Row {
            code: name.clone(),
            name,
            ..Row::default()
        },
        UnitId::Row(row) => {
            let unit = tally.units.unit(row);
            Row {
                depth: tally.units.ancestors(row).count() - 1,
                code: unit.code.clone(),
                name: unit.name.clone(),
                level: Some(unit.level.clone()),
                ..Row::default()
            }
        }
    })
}

/// Children behind their parents, brothers by the Vietnamese alphabet, units of no table last.
fn in_order(rows: BTreeMap<UnitId, Row>, tally: &Tally<'_>) -> Vec<Row> {
    let order = collator();
    let mut below: BTreeMap<Option<usize>, Vec<(UnitId, Row)>> = BTreeMap::new();
    for (unit, row) in rows {
        let parent = match &unit {
            UnitId::Row(row) => tally.units.parent(*row),
            UnitId::Named(_) => None,
        };
        below.entry(parent).or_default().push((unit, row));
    }
    for brothers in below.values_mut() {
        brothers.sort_by(|(one, left), (other, right)| {
            let is_named = |unit: &UnitId| matches!(unit, UnitId::Named(_));
            (is_named(one).cmp(&is_named(other)))
                .then_with(|| order.compare(&left.name, &right.name))
                .then_with(|| one.cmp(other))
        });
    }
    let mut ordered = Vec::new();
    let mut waiting = below.remove(&None).unwrap_or_default();
    waiting.reverse();
    while let Some((unit, row)) = waiting.pop() {
        ordered.push(row);
        if let UnitId::Row(parent) = unit {
            let children = below.remove(&Some(parent)).unwrap_or_default();
            waiting.extend(children.into_iter().rev());
        }
    }
    ordered
}

fn by_level(tally: &Tally<'_>, n: usize) -> Vec<Row> {
    let mut levels: BTreeMap<usize, Row> = BTreeMap::new();
    for (unit, counted) in &tally.by_unit {
        let UnitId::Row(row) = unit else { continue };
        let id = &tally.units.unit(*row).level;
        let place = units::levels().iter().position(|level| level.id == *id);
        let place = place.expect("the table was read with known levels");
        let level = &units::levels()[place];
        let row = levels.entry(place).or_insert_with(|| Row {
            code: level.id.clone(),
            name: level.name.clone(),
            level: Some(level.id.clone()),
            ..Row::default()
        });
        row.counted.add(&counted[n]);
        row.own.add(&counted[n]);
    }
    let with_dossiers = |row: &Row| row.counted != Counted::default();
    levels.into_values().filter(with_dossiers).collect()
}

fn by_procedure(tally: &Tally<'_>, n: usize) -> Vec<Row> {
    let rows = tally.by_procedure.iter();
    let rows = rows.map(|(code, counted)| Row {
        code: code.clone(),
        name: code.clone(),
        counted: counted[n].clone(),
        own: counted[n].clone(),
        ..Row::default()
    });
    rows.filter(|row| row.counted != Counted::default())
        .collect()
}
