//! One METS file: what it names, and whether its identifiers and links hold together.

use std::collections::BTreeSet;

use super::flaw::Wrong;
use super::read::{Begun, each};

/// What a METS file says.
#[derive(Debug, Default)]
pub struct Mets {
    /// `mets/@OBJID`.
    pub objid: String,
    /// `mets/@TYPE`.
    pub kind: String,
    /// `metsHdr/@csip:OAISPACKAGETYPE`.
    pub package_type: String,
    /// Files (`file/FLocat`).
    pub files: Vec<Named>,
    /// Descriptions (`dmdSec/mdRef`).
    pub described: Vec<Named>,
    /// What tells of keeping (`digiprovMD/mdRef`).
    pub kept: Vec<Named>,
    /// Where `mptr` leads.
    pub pointers: Vec<String>,
}

/// A file as METS names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Its path below the METS file's folder.
    pub href: String,
    /// Its digest.
    pub checksum: String,
    /// Its length.
    pub size: Option<String>,
}

#[derive(Default)]
struct Gathering {
    mets: Mets,
    wrong: Vec<Wrong>,
    ids: BTreeSet<String>,
    links: Vec<String>,
    /// The file that is open.
    file: Named,
    in_keeping: bool,
    has_structure: bool,
}

impl Mets {
    /// Reads a METS file; what can be told though it is wrong stands beside it.
    pub fn read(bytes: &[u8]) -> Result<(Self, Vec<Wrong>), String> {
        let mut gathering = Gathering::default();
        let mut root = None;
        each(
            bytes,
            |depth, begun| {
                if depth == 1 {
                    root = Some(begun.name.clone());
                }
                gathering.take(&begun);
            },
            |_, _, _| {},
        )?;
        if root.as_deref() != Some("mets") {
            return Err(format!("root {}", root.as_deref().unwrap_or("-")));
        }
        for link in &gathering.links {
            if !gathering.ids.contains(link) {
                gathering.wrong.push(Wrong::Dangling(link.clone()));
            }
        }
        if !gathering.has_structure {
            gathering
                .wrong
                .push(Wrong::NotNamed("structMap LABEL=\"CSIP\"".to_owned()));
        }
        Ok((gathering.mets, gathering.wrong))
    }
}

impl Gathering {
    fn take(&mut self, begun: &Begun) {
        let get = |name: &str| begun.get(name).unwrap_or_default().to_owned();
        if let Some(id) = begun.get("ID")
            && !self.ids.insert(id.to_owned())
        {
            self.wrong.push(Wrong::IdTwice(id.to_owned()));
        }
        for link in ["DMDID", "ADMID", "FILEID"] {
            let ids = begun.get(link).unwrap_or_default().split_whitespace();
            self.links.extend(ids.map(str::to_owned));
        }
        match begun.name.as_str() {
            "mets" => (self.mets.objid, self.mets.kind) = (get("OBJID"), get("TYPE")),
            "metsHdr" => self.mets.package_type = get("OAISPACKAGETYPE"),
            "dmdSec" => self.in_keeping = false,
            "amdSec" => self.in_keeping = true,
            "structMap" => self.has_structure |= begun.get("LABEL") == Some("CSIP"),
            "file" => self.file = named(begun),
            "FLocat" => {
                let mut file = std::mem::take(&mut self.file);
                file.href = self.href(begun);
                self.mets.files.push(file);
            }
            "mdRef" => {
                let mut file = named(begun);
                file.href = self.href(begun);
                match self.in_keeping {
                    true => self.mets.kept.push(file),
                    false => self.mets.described.push(file),
                }
            }
            "mptr" => {
                let href = self.href(begun);
                self.mets.pointers.push(href);
            }
            _ => {}
        }
    }

    /// A relative path; what is none stays as it stands and is found missing.
    fn href(&mut self, begun: &Begun) -> String {
        let said = begun.get("href").unwrap_or_default();
        percent_decoded(said).unwrap_or_else(|| {
            self.wrong.push(Wrong::Dangling(said.to_owned()));
            said.to_owned()
        })
    }
}

fn named(begun: &Begun) -> Named {
    Named {
        href: String::new(),
        checksum: match begun.get("CHECKSUMTYPE") {
            Some("SHA-256") => begun.get("CHECKSUM").unwrap_or_default().to_owned(),
            _ => String::new(),
        },
        size: begun.get("SIZE").map(str::to_owned),
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        if *first == b'%' {
            let hex = std::str::from_utf8(behind.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).ok()
}
