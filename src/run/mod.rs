//! MANY DOSSIERS: the road of one, the lanes of many, the plan, the events.

pub mod corrections;
mod document;
pub mod elsewhere;
pub mod events;
pub mod fault;
mod forecast;
pub mod journal;
mod lanes;
pub mod later;
pub mod log;
mod memory;
mod pace;
mod page;
pub mod plan;
pub mod prove;
pub mod reader;
mod record;
pub mod rehash;
pub mod renew;
pub mod review;
pub mod road;
pub mod stamp;
mod stop;
mod streams;
pub mod trial;
pub mod watch;

use std::path::Path;
use std::sync::OnceLock;

use rayon::ThreadPool;
use time::OffsetDateTime;

use crate::formats::signer::Signer;
use crate::model::manifest::{
    BatchHeader, DossierCounts, MANIFEST_VERSION, PageCounts, Software, iso_8601,
};
use crate::model::{Coded, Describer, Params};
use crate::stages::intake::{self, DropFolder, IntakeFault, Listing};
use crate::stages::package::{KeptCounts, ManifestSums, PackageFault, Store};
use crate::stages::recognize::RecognizeFault;
use crate::stages::seal::{self, SealFault};

pub use corrections::Corrections;
pub use events::{Event, Ways};
pub use forecast::{Forecast, foresee};
use journal::{Beginning, Journal};
pub use memory::Budget;
pub use plan::Plan;
pub use reader::PageReader;
pub use stop::{Stop, StopReason};

/// Everything a run works with; all that differs between a night and a test comes in here.
pub struct Tools<'a> {
    /// What to do and within which limits.
    pub plan: &'a Plan,
    /// Opens scans and reads pages.
    pub reader: &'a dyn PageReader,
    /// What all pages in work may take together.
    pub memory: &'a Budget,
    /// Tells types and fields.
    pub describer: &'a dyn Describer,
    /// What people know better.
    pub corrections: &'a Corrections,
    /// Signs files and header; absent for a run that leaves them waiting for signature.
    pub signer: Option<&'a dyn Signer>,
    /// What signatures beyond level B-B are made with; absent where the plan asks for none.
    pub lasting: Option<&'a seal::Lasting<'a>>,
    /// The clock.
    pub now: &'a (dyn Fn() -> OffsetDateTime + Sync),
    /// Where the events go.
    pub report: &'a (dyn Fn(Event<'_>) + Sync),
    /// The threads that read pages.
    pub pool: &'a ThreadPool,
    /// Whether the run shall end early.
    pub stop: &'a Stop,
}

/// What a run did: the sums that must close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Why the run ended before all dossiers did; `None` where it ended by itself.
    pub stopped: Option<StopReason>,
    /// Dossiers of this run by the way they ended.
    pub ways: Ways,
    /// Dossiers of the whole package.
    pub dossiers: DossierCounts,
    /// Pages of the whole package.
    pub pages: PageCounts,
    /// Documents of the whole package.
    pub documents: u64,
    /// Scans that occur more than once in the whole package.
    pub duplicates: u64,
    /// Those among them that came signed and were kept as they came.
    pub kept: KeptCounts,
    /// Pages of the whole package that are most likely a sheet scanned before.
    pub scanned_twice: u64,
    /// The code of why the key did not sign something in this run; `None` where it did all.
    pub signing_failed: Option<&'static str>,
}

/// What stops a whole run.
#[derive(Debug, thiserror::Error)]
pub enum RunFault {
    /// The drop folder cannot be listed.
    #[error(transparent)]
    Intake(#[from] IntakeFault),
    /// No page can be read at all.
    #[error(transparent)]
    Recognize(#[from] RecognizeFault),
    /// No process that reads pages can be had.
    #[error(transparent)]
    Workers(#[from] reader::WorkersFault),
    /// The key does not sign.
    #[error(transparent)]
    Seal(#[from] SealFault),
    /// The package cannot be written.
    #[error(transparent)]
    Package(#[from] PackageFault),
    /// The sums do not close: a bug of ours, better said than shipped.
    #[error("taken in {taken}, ended {ended}")]
    Unbalanced {
        /// Dossiers taken in.
        taken: u64,
        /// Dossiers that ended.
        ended: u64,
    },
}

impl Coded for RunFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Intake(fault) => fault.code(),
            Self::Recognize(fault) => fault.code(),
            Self::Workers(fault) => fault.code(),
            Self::Seal(fault) => fault.code(),
            Self::Package(fault) => fault.code(),
            Self::Unbalanced { .. } => "RUN-001",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Intake(fault) => fault.params(),
            Self::Recognize(fault) => fault.params(),
            Self::Workers(fault) => fault.params(),
            Self::Seal(fault) => fault.params(),
            Self::Package(fault) => fault.params(),
            Self::Unbalanced { taken, ended } => {
                Params::from([("taken", taken.to_string()), ("ended", ended.to_string())])
            }
        }
    }
}

/// Takes every dossier of the drop down the road and seals the package.
pub fn run(drop: &Path, out: &Path, tools: &Tools<'_>) -> Result<Summary, RunFault> {
    // Before anything is made in OUT: a drop that is not there is no reason for a package.
    let found = DropFolder::find(drop)?;
    let store = Store::open(out)?;
    let listing = intake::list(drop, &tools.plan.intake, &store.unpacked())?;
    let journal = Journal::begin(
        out,
        &Beginning {
            at: (tools.now)(),
            drop,
            entries: listing.entries.len() as u64,
            plan: tools.plan,
        },
    )?;
    let signing_failed = OnceLock::new();
    let report = |event: Event<'_>| {
        if let Event::KeyFailed { fault, .. } = event {
            // The first reason tells; what follows comes from it.
            let _ = signing_failed.set(fault.code());
        }
        journal.hear(event);
        (tools.report)(event);
    };
    let tools = &Tools {
        report: &report,
        ..*tools
    };
    if let Some(mended) = journal.mended() {
        report(mended);
    }
    let outcome = work(&found, listing, tools, &store, &journal);
    let stopped = outcome.as_ref().map(|summary| summary.stopped);
    let ways = outcome.as_ref().ok().map(|summary| summary.ways);
    let written = journal.end(journal::how_it_ended(stopped), ways, (tools.now)());
    let summary = Summary {
        signing_failed: signing_failed.get().copied(),
        ..outcome?
    };
    written?;
    store.close()?;
    Ok(summary)
}

fn work(
    drop: &DropFolder,
    listing: Listing,
    tools: &Tools<'_>,
    store: &Store,
    journal: &Journal,
) -> Result<Summary, RunFault> {
    (tools.report)(Event::Started {
        run: journal.run(),
        dossiers: listing.entries.len() as u64,
        passed_over: &listing.passed_over,
    });
    let lots = streams::cut(listing.entries, tools, store)?;
    let names: Vec<&str> = lots.iter().map(|lot| lot.entry.name.as_str()).collect();
    journal.listed(&names)?;
    let taken = lots.len() as u64;
    let ways = lanes::drive(lots, drop, tools, store, journal)?;
    let ended = ways.total() + ways.left;
    if ended != taken {
        return Err(RunFault::Unbalanced { taken, ended });
    }
    let stopped = match ways.left {
        0 => tools.stop.asked().filter(|why| *why != StopReason::Window),
        // Left although nobody asked: their time would not have sufficed.
        _ => Some(tools.stop.asked().unwrap_or(StopReason::Window)),
    };
    let sums = store.write_manifest()?;
    seal_batch(store, &sums, tools)?;
    Ok(Summary {
        stopped,
        ways,
        dossiers: sums.dossiers,
        pages: sums.pages,
        documents: sums.documents,
        duplicates: sums.duplicates,
        kept: sums.kept,
        scanned_twice: sums.scanned_twice,
        signing_failed: None,
    })
}

/// Writes header and signature, unless the very same already stand in the package.
fn seal_batch(store: &Store, sums: &ManifestSums, tools: &Tools<'_>) -> Result<(), RunFault> {
    let mut header = header(sums, tools);
    let present = store
        .present_header()
        .filter(|_| store.has_signature() || tools.signer.is_none());
    if let Some(present) = present {
        let created = std::mem::replace(&mut header.created, present.created.clone());
        if present == header {
            // A package of an earlier version, or a run killed between two renames, has none.
            return match store.has_trees() {
                true => Ok(()),
                false => Ok(store.publish_trees()?),
            };
        }
        header.created = created;
    }
    let mut bytes = serde_json::to_vec_pretty(&header).expect("a header has only string keys");
    bytes.push(b'\n');
    let signature = tools
        .signer
        .and_then(|signer| sign_header(&bytes, signer, tools));
    Ok(store.publish(&bytes, signature.as_deref())?)
}

/// The header's signature; where the key fails the batch waits for it like its files.
fn sign_header(bytes: &[u8], signer: &dyn Signer, tools: &Tools<'_>) -> Option<String> {
    let signed = seal::seal_header(bytes, signer);
    signed
        .inspect_err(|fault| {
            (tools.report)(Event::KeyFailed {
                place: "batch.json",
                fault,
            });
        })
        .ok()
}

fn header(sums: &ManifestSums, tools: &Tools<'_>) -> BatchHeader {
    let engine = tools.reader.identity();
    BatchHeader {
        v: MANIFEST_VERSION,
        created: iso_8601((tools.now)()),
        software: Software {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            engine: engine.name,
            model_sha256: engine.model,
        },
        plan_sha256: tools.plan.digest(),
        manifest: sums.manifest.clone(),
        dossiers: sums.dossiers,
        pages: sums.pages,
        documents: sums.documents,
        merkle: sums.merkle.clone(),
    }
}
