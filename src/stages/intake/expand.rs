//! A dossier's files with the archives among them unpacked, archives in archives too.

use std::path::Path;
use std::sync::Arc;

use super::listing::{Entry, Lying};
use super::scratch::ScratchFolder;
use super::unpack::{self, Out, Unpacked};
use super::{IntakeFault, Options, names};
use crate::model::manifest::Container;

/// What became of a dossier's files.
pub(super) struct Expanded {
    /// Files that are no archives, and what is wrong with those that are none.
    pub lying: Vec<Lying>,
    /// The archives, in the order they were unpacked.
    pub containers: Vec<Container>,
    /// Members passed over by the plan's rule.
    pub ignored: Vec<String>,
    /// Holds what was unpacked.
    pub scratch: Vec<Arc<ScratchFolder>>,
}

/// Unpacks every archive; an error is one that stops the run.
pub(super) fn expand(
    entry: &Entry,
    lying: Vec<Lying>,
    options: &Options,
    scratch: &Path,
) -> Result<Expanded, IntakeFault> {
    let mut expander = Expander {
        entry,
        options,
        root: scratch,
        left_bytes: options.max_dossier_unpacked_bytes,
        done: Expanded {
            lying: Vec::with_capacity(lying.len()),
            containers: Vec::new(),
            ignored: Vec::new(),
            scratch: Vec::new(),
        },
        full: false,
    };
    for lying in lying {
        expander.one(lying, entry.containers.len() as u32)?;
    }
    Ok(expander.done)
}

struct Expander<'a> {
    entry: &'a Entry,
    options: &'a Options,
    root: &'a Path,
    /// What the dossier's archives may still unpack to.
    left_bytes: u64,
    done: Expanded,
    /// True where the dossier holds more files than allowed, which is told once.
    full: bool,
}

impl Expander<'_> {
    /// One file that lies in so many archives.
    fn one(&mut self, lying: Lying, nesting: u32) -> Result<(), IntakeFault> {
        let Some(path) = lying.path() else {
            self.keep(lying);
            return Ok(());
        };
        if unpack::is_part(&lying.name) {
            let file = lying.name.clone();
            self.refuse(lying.name, IntakeFault::PartOfArchive { file });
            return Ok(());
        }
        let kind = match unpack::kind_of(path) {
            Ok(Some(kind)) => kind,
            Ok(None) => {
                self.keep(lying);
                return Ok(());
            }
            Err(error) => {
                let fault = IntakeFault::unreadable(&lying.name, &error);
                self.refuse(lying.name, fault);
                return Ok(());
            }
        };
        let name = self.entry.place_of(&lying.name);
        if nesting >= self.options.max_archive_nesting {
            let limit = self.options.max_archive_nesting;
            let file = lying.name.clone();
            self.refuse(lying.name, IntakeFault::NestedTooDeep { file, limit });
            return Ok(());
        }
        let budget = self.left_bytes;
        match unpack::unpack(path, &name, kind, budget, self.options, self.root) {
            Ok(unpacked) => self.members(&lying.name, unpacked, nesting + 1),
            Err(fault) if fault.stops_the_run() => Err(fault),
            Err(fault) => {
                self.refuse(lying.name, fault);
                Ok(())
            }
        }
    }

    fn members(
        &mut self,
        archive: &str,
        unpacked: Unpacked,
        nesting: u32,
    ) -> Result<(), IntakeFault> {
        self.left_bytes = self.left_bytes.saturating_sub(unpacked.bytes);
        self.done.containers.push(unpacked.container);
        let members = match unpacked.members {
            Ok(members) => members,
            Err(fault) => {
                self.refuse(archive.to_owned(), fault);
                return Ok(());
            }
        };
        self.done.scratch.push(unpacked.scratch);
        let mut empty = true;
        for member in members {
            let name = names::join(archive, &member.parts.join("/"));
            let passed_over = member.parts.iter().any(|part| self.options.ignores(part));
            match member.what {
                Out::Folder => continue,
                _ if passed_over => self.done.ignored.push(name),
                Out::Refused(fault) => self.refuse(name, fault),
                Out::File(path) => {
                    let path = Ok(path);
                    self.one(Lying { name, path }, nesting)?;
                }
            }
            empty = false;
        }
        if empty {
            let file = archive.to_owned();
            self.refuse(archive.to_owned(), IntakeFault::EmptyFile { file });
        }
        Ok(())
    }

    fn refuse(&mut self, name: String, fault: IntakeFault) {
        let path = Err(fault);
        self.keep(Lying { name, path });
    }

    fn keep(&mut self, lying: Lying) {
        let limit = self.options.max_dossier_files;
        if self.done.lying.len() < limit as usize || lying.path.is_err() {
            self.done.lying.push(lying);
        } else if !self.full {
            self.full = true;
            let file = self.entry.name.clone();
            let path = Err(IntakeFault::TooManyFiles { file, limit });
            self.done.lying.push(Lying {
                name: String::new(),
                path,
            });
        }
    }
}
