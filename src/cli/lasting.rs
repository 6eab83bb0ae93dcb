//! What signatures beyond B-B are made with, opened from the plan.

use std::path::Path;

use super::usage::unreadable;
use super::{Exit, say};
use crate::formats::tls::Roots;
use crate::messages::Language;
use crate::model::Coded;
use crate::stages::seal::{Evidence, HttpTimestamper, Lasting, Level, Options, Sparing};

/// The roots that servers of https must lead to; `None`, for this computer's, where no file is named.
pub fn tls_roots(file: &Path, language: Language) -> Result<Option<Roots>, Exit> {
    if file.as_os_str().is_empty() {
        return Ok(None);
    }
    let name = file.display().to_string();
    let pem = std::fs::read(file).map_err(|cause| unreadable(file, &cause, language))?;
    let roots = Roots::of_pem(&name, &pem).map_err(|fault| {
        say::fault(&fault, &name, language);
        Exit::Usage
    })?;
    Ok(Some(roots))
}

/// The authority and the evidence of a plan.
pub struct Lastingly {
    timestamper: Sparing<HttpTimestamper>,
    evidence: Evidence,
}

impl Lastingly {
    /// Opens what the plan names; `None` where it asks for B-B alone.
    pub fn open(options: &Options, language: Language) -> Result<Option<Self>, Exit> {
        match options.level {
            Level::BB => Ok(None),
            _ => Self::of(options, language).map(Some),
        }
    }

    /// Opens what the plan names, whatever the level.
    pub fn of(options: &Options, language: Language) -> Result<Self, Exit> {
        let refused = |fault: &dyn Coded| {
            say::fault(fault, "[seal]", language);
            Exit::Usage
        };
        let mut files = Vec::new();
        for file in &options.evidence {
            let bytes = std::fs::read(file).map_err(|cause| unreadable(file, &cause, language))?;
            files.push((file.display().to_string(), bytes));
        }
        let files = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.clone()));
        let evidence = Evidence::of_files(files).map_err(|fault| refused(&fault))?;
        let roots = tls_roots(&options.tls_roots, language)?;
        let timestamper = HttpTimestamper::new(&options.tsa, &options.patience, roots.as_ref());
        Ok(Self {
            timestamper: Sparing::new(timestamper.map_err(|fault| refused(&fault))?),
            evidence: match options.fetch {
                true => evidence.with_web(&options.patience, roots.as_ref()),
                false => evidence,
            },
        })
    }

    /// The same, lent for a run.
    pub fn lend(&self) -> Lasting<'_> {
        Lasting {
            timestamper: &self.timestamper,
            evidence: &self.evidence,
        }
    }
}
