//! Reading everything that is counted, in order: data files, registers, deliveries; then the count itself.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use time::{Date, OffsetDateTime};

use super::arguments::Counting;
use crate::cli::{Exit, clock, say, secret, usage};
use crate::import::{Store, StoreFault};
use crate::messages::Language;
use crate::model::Holdings;
use crate::rates::census::Census;
use crate::rates::forecast::{self, Bottleneck, Day, Forecast, Run};
use crate::rates::ledger::Ledger;
use crate::rates::period::iso_day;
use crate::rates::register::{self, columns::Columns};
use crate::rates::table::{By, Table};
use crate::rates::{
    Campaign, Campaigns, Findings, Formula, Formulas, Fraction, Period, RatesFault, Tally, Units,
    delivery,
};
use crate::run::journal::{History, RunSeen};
use crate::verify::Trust;

/// Rows handed to the store at once.
const GROUP_ROWS: usize = 1_000;

/// What data files and arguments say.
pub struct Basis {
    /// The formulas asked for.
    pub formulas: Vec<Formula>,
    /// The version of their file.
    pub formulas_version: String,
    /// The version of the campaigns' file.
    pub campaigns_version: String,
    /// The table of units.
    pub units: Units,
    /// The campaign.
    pub campaign: Option<Campaign>,
    /// The days counted over.
    pub period: Period,
    /// The day it stands on.
    pub today: Date,
    columns: Columns,
    trust: Trust,
}

/// What was counted.
pub struct Counted<'b> {
    /// The count.
    pub tally: Tally<'b>,
    /// What is wrong with registers.
    pub findings: Findings,
    /// What the deliveries hold besides.
    pub census: Census,
    /// The runs that made them.
    pub runs: Vec<Run>,
    /// Dossiers of the register with papers.
    pub held: u64,
    /// When it was counted.
    pub at: OffsetDateTime,
}

/// Tells a fault and gives the exit code.
pub fn tell(fault: &RatesFault, language: Language) -> Exit {
    say::fault(fault, "", language);
    match fault {
        RatesFault::Unreadable { .. } | RatesFault::Changed { .. } => Exit::SourceUnreadable,
        RatesFault::NotVerified { .. } => Exit::Invalid,
        RatesFault::InDoubt { .. } => Exit::Indeterminate,
        RatesFault::Scratch { .. } => Exit::StoreNotWritable,
        _ => Exit::Usage,
    }
}

impl Basis {
    /// Reads the data files. `usual` are the formulas where neither arguments nor campaign name one.
    pub fn read(counting: &Counting, usual: &[&str], language: Language) -> Result<Self, Exit> {
        let told = |fault: RatesFault| tell(&fault, language);
        let text = |path: &Path| {
            fs::read_to_string(path).map_err(|cause| usage::unreadable(path, &cause, language))
        };
        let formulas = match &counting.formulas {
            Some(path) => {
                Formulas::read(&text(path)?, &path.display().to_string()).map_err(told)?
            }
            None => Formulas::shipped(),
        };
        let campaigns = match &counting.campaigns {
            Some(path) => {
                Campaigns::read(&text(path)?, &path.display().to_string()).map_err(told)?
            }
            None => Campaigns::shipped(),
        };
        let columns = match &counting.columns {
            Some(path) => Columns::read(&text(path)?, &path.display().to_string()).map_err(told)?,
            None => Columns::shipped(),
        };
        let units = match &counting.units {
            Some(path) => Units::read(&text(path)?, &path.display().to_string()).map_err(told)?,
            None => Units::default(),
        };
        let campaign = (counting.campaign.as_deref())
            .map(|id| campaigns.named(id).cloned())
            .transpose()
            .map_err(told)?;
        let period = (counting.period)
            .or_else(|| campaign.as_ref()?.period())
            .ok_or(RatesFault::NoPeriod)
            .map_err(told)?;
        let (formulas_version, campaigns_version) = (formulas.version.clone(), campaigns.version);
        let formulas =
            chosen(counting, &formulas, campaign.as_ref(), usual, period).map_err(told)?;
        Ok(Self {
            formulas,
            formulas_version,
            campaigns_version,
            units,
            campaign,
            period,
            today: counting.today.unwrap_or_else(|| clock::clock()().date()),
            columns,
            trust: counting.trust.read(language)?,
        })
    }

    /// The table of the count's `n`-th formula.
    pub fn table<'b>(&'b self, tally: &Tally<'b>, n: usize, by: By) -> Table<'b> {
        Table::of(tally, n, by, self.campaign.as_ref(), self.today)
    }
}

/// Named formulas must be in use in the period; of the usual ones those that are.
fn chosen(
    counting: &Counting,
    formulas: &Formulas,
    campaign: Option<&Campaign>,
    usual: &[&str],
    period: Period,
) -> Result<Vec<Formula>, RatesFault> {
    let named = |id: &str| formulas.named(id, period).cloned();
    if !counting.formula.is_empty() {
        return counting.formula.iter().map(|id| named(id)).collect();
    }
    let of_campaign = campaign.map(Campaign::formulas).unwrap_or_default();
    if !of_campaign.is_empty() {
        return of_campaign.into_iter().map(named).collect();
    }
    Ok(usual.iter().filter_map(|id| named(id).ok()).collect())
}

/// Why nothing was counted.
enum CountFault {
    Rates(RatesFault),
    Store(StoreFault),
}

impl From<RatesFault> for CountFault {
    fn from(fault: RatesFault) -> Self {
        Self::Rates(fault)
    }
}

impl From<StoreFault> for CountFault {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault)
    }
}

/// Reads registers and deliveries, and counts.
pub fn count<'b>(
    counting: &Counting,
    basis: &'b Basis,
    language: Language,
) -> Result<Counted<'b>, Exit> {
    let scratch = Scratch::make().map_err(|fault| tell(&fault, language))?;
    let password = counting.db_password_file.as_deref();
    let password = password.map(|file| secret::from_file(file, language));
    let password = password.transpose()?;
    let password = password.as_ref().map(|password| password.as_str());
    let counted = counted(counting, basis, password, &scratch);
    counted.map_err(|fault| match fault {
        CountFault::Rates(fault) => tell(&fault, language),
        CountFault::Store(fault) => {
            say::fault(&fault, "", language);
            Exit::StoreNotWritable
        }
    })
}

fn counted<'b>(
    counting: &Counting,
    basis: &'b Basis,
    password: Option<&str>,
    scratch: &Scratch,
) -> Result<Counted<'b>, CountFault> {
    if counting.register.is_empty() && counting.db.is_none() {
        return Err(RatesFault::NoRegister.into());
    }
    let mut ledger = Ledger::create(&scratch.0.join("ledger.sqlite"))?;
    let formulas = basis.formulas.iter().collect();
    let mut counted = Counted {
        tally: Tally::new(formulas, basis.period, &basis.units, counting.units_on),
        findings: Findings::default(),
        census: Census::default(),
        runs: Vec::new(),
        held: 0,
        at: clock::clock()(),
    };
    for path in &counting.register {
        read_register(path, basis, &mut ledger, &mut counted.findings)?;
    }
    let at = counted.at;
    counted.runs = read_deliveries(counting, basis, at, &mut ledger, &mut counted.census)?;
    match &counting.db {
        None => counted.by_ledger(&ledger)?,
        Some(db) => counted.by_store(&ledger, &mut Store::open(db, password)?)?,
    }
    Ok(counted)
}

fn read_register(
    path: &Path,
    basis: &Basis,
    ledger: &mut Ledger,
    findings: &mut Findings,
) -> Result<(), RatesFault> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|cause| RatesFault::Unreadable {
        path: name.clone(),
        cause: cause.to_string(),
    })?;
    let mut take =
        |row: &register::NumberedRow, findings: &mut Findings| ledger.register(row, findings);
    register::read(file, &name, &basis.columns, findings, &mut take)?;
    Ok(())
}

/// The oldest first, so that the newest of a dossier counts.
fn read_deliveries(
    counting: &Counting,
    basis: &Basis,
    at: OffsetDateTime,
    ledger: &mut Ledger,
    census: &mut Census,
) -> Result<Vec<Run>, RatesFault> {
    let mut verified = Vec::new();
    for out in &counting.deliveries {
        let found = delivery::verify(out, &basis.trust, &counting.accept, at, &|_| {})?;
        verified.push((out, found));
    }
    verified.sort_by(|(_, one), (_, other)| one.created.cmp(&other.created));
    let mut runs = Vec::new();
    for (out, found) in &verified {
        delivery::read(out, found, &mut |record| {
            census.take(&record, out);
            ledger.papers(&record)
        })?;
        // The history is no part of the package; without one there is no forecast.
        let history = History::read(out).unwrap_or_default();
        runs.extend(runs_of(&history.runs));
    }
    runs.sort_by_key(|run: &Run| run.day);
    Ok(runs)
}

fn runs_of(seen: &[RunSeen]) -> Vec<Run> {
    let mut waiting_before = 0;
    let mut runs = Vec::new();
    for run in seen {
        let Some(day) = run.began.at.get(..10).and_then(iso_day) else {
            continue;
        };
        let ended = run.ended.as_ref();
        let ways = ended.and_then(|ended| ended.ways).unwrap_or_default();
        // Those that wait are counted by every run again: what came to them is what this one made.
        let came = ways.waiting_for_review.saturating_sub(waiting_before);
        waiting_before = ways.waiting_for_review.max(waiting_before);
        runs.push(Run {
            day,
            how: ended.map(|ended| ended.how.clone()),
            packaged: ways.packaged + came,
            set_aside: ways.set_aside,
            waiting: came,
            left: ways.left,
            pages: ended.map_or(0, |ended| ended.pages_read),
            ms: ended.map_or(0, |ended| ended.ms),
            reading_ms: ended.map_or(0, |ended| ended.reading_ms),
            signing_ms: ended.map_or(0, |ended| ended.signing_ms),
        });
    }
    runs
}

impl Counted<'_> {
    /// Counts what the ledger holds.
    fn by_ledger(&mut self, ledger: &Ledger) -> Result<(), RatesFault> {
        ledger.not_registered(&mut self.findings)?;
        ledger.joined(&mut |row, dossier, holdings| {
            self.tally.take(row, dossier, holdings, &mut self.findings);
        })?;
        (_, self.held) = ledger.counts()?;
        Ok(())
    }

    /// Puts the registers that were read into the store and counts what it holds: its papers were verified when
    /// they were imported.
    fn by_store(&mut self, ledger: &Ledger, store: &mut Store) -> Result<(), CountFault> {
        let (mut group, mut put) = (Vec::new(), Ok(0));
        ledger.joined(&mut |_, dossier, _| {
            group.push(dossier.clone());
            if group.len() == GROUP_ROWS && put.is_ok() {
                put = store.put_register(&mut group.drain(..));
            }
        })?;
        put?;
        store.put_register(&mut group.drain(..))?;
        store.registered(&mut |dossier, holdings| {
            self.held += u64::from(holdings != Holdings::default());
            self.tally
                .take(None, &dossier, &holdings, &mut self.findings);
            Ok(())
        })?;
        Ok(())
    }

    /// When the table's total reaches its target, by the pace of the runs.
    pub fn forecast(
        &self,
        table: &Table<'_>,
        counting: &Counting,
        today: Date,
    ) -> Option<Forecast> {
        let needed = table.total.needed.or_else(|| all_needed(table))?;
        let days: Vec<Day> = forecast::days(&self.runs).into_values().collect();
        let gain = Fraction {
            hits: table.total.counted.rate.hits,
            of: self.held,
        };
        let (what_if, seed) = (counting.what_if, counting.seed);
        Some(forecast::forecast(
            &days, needed, gain, what_if, today, seed,
        ))
    }

    /// What holds the work up.
    pub fn bottleneck(&self) -> Bottleneck {
        forecast::bottleneck(&self.runs)
    }
}

/// Where the total has no target of its own, what its rows with one are short of; units below others not twice.
fn all_needed(table: &Table<'_>) -> Option<u64> {
    let of_rows = table.rows.iter().filter_map(|row| {
        let target = row.target?;
        Some(row.own.rate.short_of(target))
    });
    let needed: Vec<u64> = of_rows.collect();
    (!needed.is_empty()).then(|| needed.iter().sum())
}

/// A folder for the ledger, readable by nobody else, gone when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> Result<Self, RatesFault> {
        let name = format!("sohoa-rates-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // What a dead process of the same number left.
        let _ = fs::remove_dir_all(&path);
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|cause| RatesFault::Scratch {
            cause: format!("{}: {cause}", path.display()),
        })?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // In the folder for temporary files; the next one of this number clears it.
        let _ = fs::remove_dir_all(&self.0);
    }
}
