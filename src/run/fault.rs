//! What keeps a dossier from being packaged, and what keeps all of them.

use time::{Date, Duration};

use super::RunFault;
use crate::model::dossier_code::NotADossierCode;
use crate::model::{Coded, DossierCode, Params, Retry, Secrecy};

/// A fault with the place it is about, below the drop.
pub type Placed = (String, Box<dyn Coded + Send>);

/// What keeps a dossier from being packaged.
pub enum Halt {
    /// This dossier cannot be done, for all these reasons.
    SetAside(Vec<Placed>),
    /// No dossier can be done.
    StopTheRun(RunFault),
    /// The run was asked to end: this dossier is left for the next one.
    Left,
}

impl Halt {
    /// One reason to set the dossier aside.
    pub fn set_aside(place: impl Into<String>, fault: impl Coded + Send + 'static) -> Self {
        Self::SetAside(vec![(place.into(), Box::new(fault))])
    }
}

impl<F: Into<RunFault>> From<F> for Halt {
    fn from(fault: F) -> Self {
        Halt::StopTheRun(fault.into())
    }
}

/// Why a dossier cannot be done although each of its pages could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DossierFault {
    /// Its folder's name is no dossier code.
    #[error("the name is no dossier code")]
    NoCode,
    /// The six digits of its code name no day.
    #[error("the code's day does not exist")]
    NoSuchDay,
    /// The day in its code has not come yet.
    #[error("the code's day lies in the future")]
    FutureDay,
    /// No page of it has anything written on it.
    #[error("nothing is written on any page")]
    NothingWritten,
    /// A page bears a stamp of secrecy: no word of it may leave the work folder.
    #[error("page {page} bears a stamp of secrecy")]
    Secret {
        /// The degree.
        level: Secrecy,
        /// The page of its file, from 1.
        page: u32,
    },
    /// The work on it panicked.
    #[error("a bug in sohoa")]
    Bug,
}

impl DossierFault {
    /// The dossier code that a folder's name is; `today` bounds the day inside it.
    pub fn code_of(name: &str, today: Date) -> Result<DossierCode, Self> {
        let code: DossierCode = name.parse().map_err(|fault| match fault {
            NotADossierCode::Shape => Self::NoCode,
            NotADossierCode::NoSuchDay => Self::NoSuchDay,
        })?;
        // One day's grace: the clock of an old machine may lag behind the counter's.
        if code.day() > today + Duration::DAY {
            Err(Self::FutureDay)
        } else {
            Ok(code)
        }
    }
}

impl Coded for DossierFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NothingWritten => "RUN-003",
            Self::Bug => "RUN-004",
            Self::Secret { .. } => "DSC-030",
            Self::NoCode => "RUN-008",
            Self::NoSuchDay => "RUN-009",
            Self::FutureDay => "RUN-010",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::Secret { level, page } => Params::from([
                ("level", level.as_stamped().to_owned()),
                ("page", page.to_string()),
            ]),
            _ => Params::new(),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::FutureDay | Self::Bug => Retry::Later,
            _ => Retry::Never,
        }
    }
}

/// The run history was damaged: told, and no reason to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cut_bytes} bytes cut off, {damaged_lines} damaged lines")]
pub struct HistoryDamage {
    /// Bytes that a killed run left half written.
    pub cut_bytes: u64,
    /// Damaged lines before those.
    pub damaged_lines: u64,
}

impl Coded for HistoryDamage {
    fn code(&self) -> &'static str {
        "RUN-011"
    }

    fn params(&self) -> Params {
        Params::from([
            ("bytes", self.cut_bytes.to_string()),
            ("lines", self.damaged_lines.to_string()),
        ])
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_code_of_the_future_is_told_from_one_that_is_none() {
        let today = date!(2026 - 11 - 21);
        let fault = |name| DossierFault::code_of(name, today).err();
        assert_eq!(fault("H10.12-261121-0001"), None);
        assert_eq!(fault("H10.12-261201-0001"), Some(DossierFault::FutureDay));
        assert_eq!(fault("H10.12-221313-0001"), Some(DossierFault::NoSuchDay));
        assert_eq!(fault("ho so khong co ma"), Some(DossierFault::NoCode));
    }
}
