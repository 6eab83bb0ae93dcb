//! A dossier of the package taken up again, to put other bytes in the place of some of its files.

use std::fs;
use std::path::Path;

use super::store::entries;
use super::{Draft, PackageFault, Store};
use crate::model::DossierCode;

impl Store {
    /// The codes of all dossiers in the package, in order.
    pub fn codes(&self) -> Result<Vec<DossierCode>, PackageFault> {
        let folders = entries(&self.out.join("dossiers"))?;
        let code = |path: &Path| path.file_name()?.to_str()?.parse().ok();
        let mut codes: Vec<DossierCode> = folders.iter().filter_map(|path| code(path)).collect();
        codes.sort();
        Ok(codes)
    }

    /// The bytes of one of its files.
    pub fn file(&self, code: &DossierCode, name: &str) -> Result<Vec<u8>, PackageFault> {
        let path = self.shelf().place_of(code).join(name);
        fs::read(&path).map_err(PackageFault::at(&path))
    }

    /// A draft that holds everything of the dossier but its record and the files named, which
    /// are to be written anew; finished, it takes the dossier's place in one step.
    ///
    /// What stays is linked, not copied: scans are large, and none of their bytes changes.
    pub fn rework(&self, code: &DossierCode, anew: &[&str]) -> Result<Draft, PackageFault> {
        let draft = self.draft(code)?;
        let from = self.shelf().place_of(code);
        let stays = |name: &str| name != "record.json" && !anew.contains(&name);
        for path in entries(&from)? {
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.unwrap_or_default();
            match path.is_dir() {
                true => link_folder(&path, &draft.path_of(name))?,
                false if stays(name) => link(&path, &draft.path_of(name))?,
                false => {}
            }
        }
        Ok(draft)
    }
}

fn link_folder(from: &Path, to: &Path) -> Result<(), PackageFault> {
    super::durable::create_folder(to)?;
    for path in entries(from)? {
        let name = path.file_name().unwrap_or_default();
        link(&path, &to.join(name))?;
    }
    Ok(())
}

/// A second name for a file; a copy where the file system has no links.
fn link(from: &Path, to: &Path) -> Result<(), PackageFault> {
    let copy = |_| fs::copy(from, to).map(|_| ());
    let linked = fs::hard_link(from, to).or_else(copy);
    linked.map_err(PackageFault::at(to))
}
