//! What parent and child say to each other: one JSON object a line, a request and its answer.
//!
//! Images do not travel here: the child writes them to the spool and says where.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Effort, PageFound, ReadFault};
use crate::formats::barcode::Mark;
use crate::model::manifest::SealRecord;
use crate::stages::intake::{Contents, IntakeFault, ScanFile, path_in_bytes};
use crate::stages::recognize::RecognizeFault;

/// From parent to child; the first line is the plan.
#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "Scan: DeserializeOwned"))]
pub enum Request<Scan> {
    /// Say what is in this file.
    Open(Scan),
    /// Say in what state the signatures of this PDF are.
    Judge(Scan),
    /// Look for marks on this page.
    Look { scan: Scan, index: u32 },
    /// Read this page.
    Read {
        scan: Scan,
        index: u32,
        #[serde(with = "path_in_bytes")]
        spool: PathBuf,
        effort: Effort,
    },
}

/// As the parent sends them.
pub type Asking<'a> = Request<&'a ScanFile>;
/// As the child receives them.
pub type Asked = Request<ScanFile>;

/// From child to parent.
#[derive(Serialize, Deserialize)]
pub enum Answer {
    /// The engine stands ready.
    Ready,
    /// The engine cannot be had.
    Refused(RecognizeFault),
    /// On the way: the page is decoded, what comes now is the engine's work.
    Decoded,
    /// What is in the file.
    Opened(Result<Contents, IntakeFault>),
    /// In what state the signatures are.
    Judged(Result<SealRecord, IntakeFault>),
    /// The marks on the page.
    Seen(Result<Vec<Mark>, IntakeFault>),
    /// What is on the page.
    Read(Result<Box<PageFound>, Fault>),
}

/// A [`ReadFault`] that can travel.
#[derive(Serialize, Deserialize)]
pub enum Fault {
    Intake(IntakeFault),
    Recognize(RecognizeFault),
    /// The system's number of the error, and its words where it has none.
    Spool {
        #[serde(with = "path_in_bytes")]
        path: PathBuf,
        errno: Option<i32>,
        words: String,
    },
}

impl From<ReadFault> for Fault {
    fn from(fault: ReadFault) -> Self {
        match fault {
            ReadFault::Intake(fault) => Fault::Intake(fault),
            ReadFault::Recognize(fault) => Fault::Recognize(fault),
            ReadFault::Spool { path, cause } => Fault::Spool {
                path,
                errno: cause.raw_os_error(),
                words: cause.to_string(),
            },
        }
    }
}

impl From<Fault> for ReadFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Intake(fault) => ReadFault::Intake(fault),
            Fault::Recognize(fault) => ReadFault::Recognize(fault),
            Fault::Spool { path, errno, words } => {
                let cause =
                    errno.map_or_else(|| io::Error::other(words), io::Error::from_raw_os_error);
                ReadFault::Spool { path, cause }
            }
        }
    }
}

/// Writes one object and its line end, and lets it go at once.
pub fn say(to: &mut impl Write, what: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    to.write_all(&line)?;
    to.flush()
}

/// Reads one object; `None` where the other side has gone.
pub fn hear<T: DeserializeOwned>(from: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    if from.read_until(b'\n', &mut line)? == 0 || line.last() != Some(&b'\n') {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&line)?))
}
