//! The exit codes: a public promise to cron jobs and scripts.

use std::process::ExitCode;

use crate::run::RunFault;
use crate::stages::intake::IntakeFault;
use crate::stages::package::PackageFault;

/// How the program ends. Unknown codes are to be read as failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All done.
    Done = 0,
    /// An internal error.
    Internal = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// Done, but some dossiers were set aside.
    SomeSetAside = 4,
    /// The source cannot be read.
    SourceUnreadable = 7,
    /// The package cannot be written, or the disk is full.
    StoreNotWritable = 8,
    /// Signing is impossible.
    SigningImpossible = 9,
    /// Verify: something is invalid.
    Invalid = 10,
    /// Verify: nothing is wrong, but not everything could be proven.
    Indeterminate = 11,
    /// Another run holds the lock.
    Locked = 12,
    /// An engine, a model or a tool is missing.
    MissingTool = 13,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

impl From<&RunFault> for Exit {
    fn from(fault: &RunFault) -> Self {
        match fault {
            RunFault::Intake(IntakeFault::ScratchUnusable { .. }) => Exit::StoreNotWritable,
            RunFault::Intake(_) => Exit::SourceUnreadable,
            RunFault::Recognize(_) | RunFault::Workers(_) => Exit::MissingTool,
            RunFault::Seal(_) => Exit::SigningImpossible,
            RunFault::Package(PackageFault::Locked { .. }) => Exit::Locked,
            RunFault::Package(_) => Exit::StoreNotWritable,
            RunFault::Unbalanced { .. } => Exit::Internal,
        }
    }
}
