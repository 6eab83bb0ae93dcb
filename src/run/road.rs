//! The road: how one dossier travels from the drop folder into the package.
//!
//! Read [`package_dossier`] first: a plain call a stage, in order. Whatever goes
//! wrong with one dossier ends in a record that says why; only what no dossier
//! could survive (engine, key, disk) stops the run.

use rayon::prelude::*;

use super::events::{Event, Way};
use super::fault::DossierFault;
use super::page::{self, ReadPage};
use super::{RunFault, Tools, record};
use crate::model::manifest::{DocumentRecord, DossierRecord, Fate, PublishedPage, SealRecord};
use crate::model::{Coded, Digest, Digester, DossierCode, PageText};
use crate::stages::assemble::{self, AssembleFault, AssembleInput};
use crate::stages::intake::{self, Folder, Survey};
use crate::stages::package::{Draft, PackageFault, Store, document_name};
use crate::stages::seal::{self, SealFault};
use crate::stages::split::{self, PageToSplit};

/// How a dossier ended, with the record that stands in the manifest.
pub struct Ending {
    /// How it ended in this run.
    pub way: Way,
    /// What the manifest says of it.
    pub record: DossierRecord,
}

/// What keeps a dossier from being packaged.
enum Halt {
    /// This dossier cannot be done: each fault with its place below the drop.
    SetAside(Vec<(String, Box<dyn Coded + Send>)>),
    /// No dossier can be done.
    StopTheRun(RunFault),
}

impl<F: Into<RunFault>> From<F> for Halt {
    fn from(fault: F) -> Self {
        Halt::StopTheRun(fault.into())
    }
}

/// Why a document was not assembled: its own fault, or the disk's that holds its images.
enum Unmade {
    Assemble(AssembleFault),
    Spool(PackageFault),
}

impl From<AssembleFault> for Unmade {
    fn from(fault: AssembleFault) -> Self {
        Self::Assemble(fault)
    }
}

impl From<PackageFault> for Unmade {
    fn from(fault: PackageFault) -> Self {
        Self::Spool(fault)
    }
}

/// Takes one dossier down the road; an error is one that stops the run.
pub fn travel(folder: &Folder, tools: &Tools<'_>, store: &Store) -> Result<Ending, RunFault> {
    let survey = intake::survey(folder, &tools.plan.intake);
    (tools.report)(Event::Taken {
        folder: &folder.name,
        pages: page::places(&survey).count() as u64,
    });
    match package_dossier(folder, &survey, tools, store) {
        Ok(ending) => {
            store.no_longer_set_aside(&folder.name)?;
            Ok(ending)
        }
        Err(Halt::SetAside(faults)) => {
            set_aside(record::set_aside(folder, &survey, &faults), store)
        }
        Err(Halt::StopTheRun(fault)) => Err(fault),
    }
}

/// Sets a dossier aside whose work panicked: a bug of ours must not cost the night.
pub fn set_aside_after_bug(folder: &Folder, store: &Store) -> Result<Ending, RunFault> {
    set_aside(record::after_bug(folder), store)
}

fn set_aside(record: DossierRecord, store: &Store) -> Result<Ending, RunFault> {
    store.set_aside(&record)?;
    Ok(Ending {
        way: Way::SetAside,
        record,
    })
}

fn package_dossier(
    folder: &Folder,
    survey: &Survey,
    tools: &Tools<'_>,
    store: &Store,
) -> Result<Ending, Halt> {
    let code = admit(folder, survey, tools)?;
    let key = content_key(&code, survey, tools);
    if let Some(record) = store.already_done(&code, key) {
        return Ok(Ending {
            way: Way::AlreadyDone,
            record,
        });
    }
    let draft = store.draft(&code)?;
    let kept = keep_scans(folder, survey, &draft, tools)?;
    let pages = read_pages(folder, survey, &draft, tools)?;
    let documents = make_documents(folder, &code, &pages, &draft, tools)?;
    let record = record::packaged(folder, &code, key, survey, kept, &pages, documents);
    draft.finish(&record)?;
    Ok(Ending {
        way: Way::Packaged,
        record,
    })
}

/// The dossier's code, where its name is one and nothing in the folder speaks against it.
fn admit(folder: &Folder, survey: &Survey, tools: &Tools<'_>) -> Result<DossierCode, Halt> {
    let today = (tools.now)().date();
    match DossierFault::code_of(&folder.name, today) {
        Ok(code) if survey.faults.is_empty() => Ok(code),
        // The survey's own faults are told in any case.
        Ok(_) => Err(Halt::SetAside(Vec::new())),
        Err(fault) => Err(Halt::SetAside(vec![(folder.name.clone(), Box::new(fault))])),
    }
}

/// SHA-256 over everything that decides the result: equal keys mean equal bytes.
fn content_key(code: &DossierCode, survey: &Survey, tools: &Tools<'_>) -> Digest {
    let engine = tools.engine.identity();
    let signer = tools
        .signer
        .map(|signer| Digest::of(signer.certificate_der()).to_string());
    let mut key = Digester::new();
    let mut say = |words: &str| {
        key.update(&(words.len() as u64).to_be_bytes());
        key.update(words.as_bytes());
    };
    say(concat!("sohoa ", env!("CARGO_PKG_VERSION")));
    say(&engine.name);
    say(&engine.model.to_string());
    say(&tools.plan.digest().to_string());
    say(&tools.describer.identity());
    say(signer.as_deref().unwrap_or("unsigned"));
    say(code.as_str());
    for file in &survey.files {
        say(&file.name);
        say(&file.sha256.to_string());
    }
    key.finish()
}

/// Copies the scans beside the documents where the plan says so; the copies' names in page order.
fn keep_scans(
    folder: &Folder,
    survey: &Survey,
    draft: &Draft,
    tools: &Tools<'_>,
) -> Result<Vec<Option<String>>, Halt> {
    let keep = |file: &intake::ScanFile| {
        if !tools.plan.package.keep_scans {
            return Ok(None);
        }
        match draft.keep_scan(&file.path, &file.name, file.sha256) {
            Ok(kept) => Ok(Some(kept)),
            Err(fault) if fault.stops_the_run() => Err(fault.into()),
            Err(fault) => Err(Halt::SetAside(vec![(
                format!("{}/{}", folder.name, file.name),
                Box::new(fault),
            )])),
        }
    };
    survey.files.iter().map(keep).collect()
}

/// Cleans and reads every page, all pages of all open dossiers side by side.
fn read_pages(
    folder: &Folder,
    survey: &Survey,
    draft: &Draft,
    tools: &Tools<'_>,
) -> Result<Vec<ReadPage>, Halt> {
    let places: Vec<(usize, u32)> = page::places(survey).collect();
    let read = |&(file, index): &(usize, u32)| {
        let page = page::read(&survey.files[file], file, index, draft, tools);
        let blank = page.as_ref().is_ok_and(|page| page.fate == Fate::Blank);
        (tools.report)(Event::PageRead {
            folder: &folder.name,
            blank,
        });
        page.map_err(|fault| {
            (
                format!("{}/{}", folder.name, survey.files[file].name),
                fault,
            )
        })
    };
    let results: Vec<_> = tools.pool.install(|| places.par_iter().map(read).collect());
    let mut pages = Vec::with_capacity(results.len());
    let mut faults: Vec<(String, Box<dyn Coded + Send>)> = Vec::new();
    for result in results {
        match result {
            Ok(page) => pages.push(page),
            Err((_, page::PageFault::Stop(fault))) => return Err(Halt::StopTheRun(fault)),
            Err((place, page::PageFault::Page(fault))) => faults.push((place, fault)),
        }
    }
    if pages.iter().all(|page| page.fate != Fate::Published) && faults.is_empty() {
        faults.push((folder.name.clone(), Box::new(DossierFault::NothingWritten)));
    }
    if faults.is_empty() {
        Ok(pages)
    } else {
        Err(Halt::SetAside(faults))
    }
}

/// Splits the pages into documents, describes, assembles and seals each.
fn make_documents(
    folder: &Folder,
    code: &DossierCode,
    pages: &[ReadPage],
    draft: &Draft,
    tools: &Tools<'_>,
) -> Result<Vec<(DocumentRecord, Vec<PublishedPage>)>, Halt> {
    let to_split: Vec<PageToSplit<'_>> = pages.iter().map(ReadPage::to_split).collect();
    let cuts = split::split(&to_split, tools.describer);
    let make = |(n, cut): (usize, &Vec<usize>)| {
        let cut: Vec<&ReadPage> = cut.iter().map(|&place| &pages[place]).collect();
        make_document(folder, code, n as u32 + 1, &cut, draft, tools)
    };
    tools
        .pool
        .install(|| cuts.par_iter().enumerate().map(make).collect())
}

fn make_document(
    folder: &Folder,
    code: &DossierCode,
    n: u32,
    pages: &[&ReadPage],
    draft: &Draft,
    tools: &Tools<'_>,
) -> Result<(DocumentRecord, Vec<PublishedPage>), Halt> {
    let texts: Vec<&PageText> = pages.iter().map(|page| &page.text).collect();
    let description = tools.describer.describe(&texts);
    let set_aside = |fault: Box<dyn Coded + Send>| {
        Halt::SetAside(vec![(
            format!("{}/{}", folder.name, document_name(code, n)),
            fault,
        )])
    };
    let to_assemble: Vec<_> = pages.iter().map(|page| page.to_assemble()).collect();
    let input = AssembleInput {
        dossier: code,
        n,
        description: &description,
        pages: &to_assemble,
    };
    let assembled = assemble::assemble(&input, |place| Ok(pages[place].image()?)).map_err(
        |fault| match fault {
            Unmade::Assemble(fault) => set_aside(Box::new(fault)),
            Unmade::Spool(fault) => fault.into(),
        },
    )?;
    let (bytes, seal) = match tools.signer {
        None => (assembled.pdf.bytes().to_vec(), SealRecord::Waiting),
        Some(signer) => {
            let sealed = seal::seal(&assembled.pdf, signer, &tools.plan.seal, (tools.now)());
            let sealed = sealed.map_err(|fault| match fault {
                SealFault::Pdf(_) => set_aside(Box::new(fault)),
                stops => stops.into(),
            })?;
            (sealed.pdf.into_bytes(), sealed.record)
        }
    };
    let file = document_name(code, n);
    draft.write(&file, &bytes)?;
    let document = DocumentRecord {
        n,
        file,
        sha256: Digest::of(&bytes),
        bytes: bytes.len() as u64,
        pages: pages.len() as u32,
        description,
        seal,
    };
    let digests = assembled.pages.into_iter();
    let published = pages.iter().zip(1..).zip(digests);
    let published = published
        .map(|((page, at), digests)| page.published(n, at, digests))
        .collect();
    Ok((document, published))
}
