//! Child processes that open files and read pages: whatever one of them does, the run goes on.
//!
//! One child serves one thread at a time; a child that ran out of time is killed, one
//! that died is replaced. What that costs, `scripts/bench readers` measures.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::wire::{Answer, Request};
use super::worker::{NoAnswer, Worker};
use super::{PageFound, PageReader, PageTask, ReadFault};
use crate::formats::barcode::Mark;
use crate::model::manifest::SealRecord;
use crate::model::{Coded, Params, Retry};
use crate::run::Plan;
use crate::stages::intake::{Contents, IntakeFault, ScanFile};
use crate::stages::recognize::{EngineIdentity, RecognizeFault};

/// Loading a model takes a tenth of a second; a machine under load may need much longer.
const MAX_START: Duration = Duration::from_secs(60);
/// What a child may take over its own limits before it is killed: it keeps them itself
/// wherever it can, and an answer is cheaper than a new child.
const GRACE: Duration = Duration::from_secs(2);

/// A slow share must not look like a slow decoder: time to read a file at 1 MB a second.
fn reading_time(scan: &ScanFile) -> Duration {
    Duration::from_millis(scan.bytes / 1_000)
}

/// Why no child process can be had.
#[derive(Debug, thiserror::Error)]
pub enum WorkersFault {
    /// It does not start.
    #[error("cannot start a reading process: {cause}")]
    NoStart {
        /// The system's words.
        cause: String,
    },
    /// It starts, and its engine cannot be had. What strangers made is loaded there alone.
    #[error(transparent)]
    NoEngine(RecognizeFault),
}

impl Coded for WorkersFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoStart { .. } => "OCR-008",
            Self::NoEngine(fault) => fault.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NoStart { cause } => Params::from([("cause", cause.clone())]),
            Self::NoEngine(fault) => fault.params(),
        }
    }

    fn retry(&self) -> Retry {
        Retry::AfterPerson
    }
}

/// Reads pages in child processes.
pub struct Workers<'a> {
    program: PathBuf,
    arguments: Vec<String>,
    plan: &'a Plan,
    identity: EngineIdentity,
    idle: Mutex<Vec<Worker>>,
}

impl<'a> Workers<'a> {
    /// To start children as `program arguments…`, which must end in [`super::serve()`].
    ///
    /// Starts the first one at once, so that what is missing shows before the first page.
    pub fn start(
        program: PathBuf,
        arguments: Vec<String>,
        plan: &'a Plan,
        identity: EngineIdentity,
    ) -> Result<Self, WorkersFault> {
        let workers = Self {
            program,
            arguments,
            plan,
            identity,
            idle: Mutex::default(),
        };
        let first = workers.new_worker()?;
        workers.give_back(first);
        Ok(workers)
    }

    fn new_worker(&self) -> Result<Worker, WorkersFault> {
        let mut program = Command::new(&self.program);
        program.args(&self.arguments);
        Worker::start(&mut program, self.plan, MAX_START)
    }

    fn take(&self) -> Result<Worker, NoAnswer> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match idle {
            Some(worker) => Ok(worker),
            None => self.new_worker().map_err(|fault| match fault {
                WorkersFault::NoStart { cause } => NoAnswer::NotStarted(cause),
                WorkersFault::NoEngine(fault) => NoAnswer::NotStarted(fault.to_string()),
            }),
        }
    }

    fn give_back(&self, worker: Worker) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(worker);
    }

    /// Asks a child and gives its answer; `true` beside a failure where the page was decoded.
    ///
    /// A child that was killed, or died before that, is asked again once: the system may have
    /// been short of memory, and that is not the page's fault.
    fn ask(&self, request: &Request<&ScanFile>, max: Duration) -> Result<Answer, (NoAnswer, bool)> {
        match self.ask_once(request, max) {
            Err(
                (NoAnswer::KilledByOthers, _)
                | (NoAnswer::Died(_) | NoAnswer::NotStarted(_), false),
            ) => self.ask_once(request, max),
            other => other,
        }
    }

    /// Asks what has a decoder's time to be answered; `take` picks the kind of answer.
    fn ask_of_file<Found>(
        &self,
        scan: &ScanFile,
        request: &Request<&ScanFile>,
        take: impl FnOnce(Answer) -> Option<Result<Found, IntakeFault>>,
    ) -> Result<Found, IntakeFault> {
        let limit_ms = self.plan.intake.max_decode_ms;
        let max = Duration::from_millis(limit_ms) + reading_time(scan);
        match self.ask(request, max) {
            Ok(answer) => take(answer).unwrap_or_else(|| Err(died_decoding(scan))),
            Err((why, _)) => Err(undecoded(scan, &why, limit_ms)),
        }
    }

    fn ask_once(
        &self,
        request: &Request<&ScanFile>,
        max: Duration,
    ) -> Result<Answer, (NoAnswer, bool)> {
        let mut worker = self.take().map_err(|why| (why, false))?;
        worker.ask(request);
        let until = Instant::now() + max + GRACE;
        let mut decoded = false;
        loop {
            match worker.wait(until) {
                Ok(Answer::Decoded) => decoded = true,
                Ok(answer) => {
                    // Its decoder's thread is still at work: only the end of the child ends it.
                    if !took_too_long(&answer) {
                        self.give_back(worker);
                    }
                    return Ok(answer);
                }
                Err(why) => return Err((why, decoded)),
            }
        }
    }
}

fn took_too_long(answer: &Answer) -> bool {
    use super::wire::Fault;
    matches!(
        answer,
        Answer::Opened(Err(IntakeFault::TookTooLong { .. }))
            | Answer::Seen(Err(IntakeFault::TookTooLong { .. }))
            | Answer::Read(Err(Fault::Intake(IntakeFault::TookTooLong { .. })))
    )
}

impl PageReader for Workers<'_> {
    fn identity(&self) -> EngineIdentity {
        self.identity.clone()
    }

    fn open_file(&self, scan: &ScanFile) -> Result<Contents, IntakeFault> {
        self.ask_of_file(scan, &Request::Open(scan), |answer| match answer {
            Answer::Opened(opened) => Some(opened),
            _ => None,
        })
    }

    fn judge_signatures(&self, scan: &ScanFile) -> Result<SealRecord, IntakeFault> {
        self.ask_of_file(scan, &Request::Judge(scan), |answer| match answer {
            Answer::Judged(judged) => Some(judged),
            _ => None,
        })
    }

    fn look(&self, scan: &ScanFile, index: u32) -> Result<Vec<Mark>, IntakeFault> {
        let request = Request::Look { scan, index };
        self.ask_of_file(scan, &request, |answer| match answer {
            Answer::Seen(seen) => Some(seen),
            _ => None,
        })
    }

    fn read_page(&self, task: &PageTask<'_>) -> Result<PageFound, ReadFault> {
        let max_page_ms = task.effort.share_ms(self.plan.recognize.max_page_ms);
        let request = Request::Read {
            scan: task.scan,
            index: task.index,
            spool: task.spool.to_owned(),
            effort: task.effort,
        };
        let max = Duration::from_millis(max_page_ms.into()) + reading_time(task.scan);
        match self.ask(&request, max) {
            Ok(Answer::Read(Ok(found))) => Ok(*found),
            Ok(Answer::Read(Err(fault))) => Err(fault.into()),
            Ok(_) => Err(died_decoding(task.scan).into()),
            Err((NoAnswer::OutOfTime, true)) => {
                Err(RecognizeFault::OutOfTime { max_page_ms }.into())
            }
            Err((NoAnswer::Died(cause), true)) => Err(RecognizeFault::Died { cause }.into()),
            Err((NoAnswer::KilledByOthers, true)) => {
                let cause = "signal 9".to_owned();
                Err(RecognizeFault::Died { cause }.into())
            }
            Err((why @ NoAnswer::NotStarted(_), _) | (why, false)) => {
                Err(undecoded(task.scan, &why, max_page_ms.into()).into())
            }
        }
    }
}

fn undecoded(scan: &ScanFile, why: &NoAnswer, limit_ms: u64) -> IntakeFault {
    match why {
        NoAnswer::OutOfTime => IntakeFault::TookTooLong {
            file: scan.name.clone(),
            limit_ms,
        },
        NoAnswer::NotStarted(cause) => IntakeFault::Unreadable {
            file: scan.name.clone(),
            detail: cause.clone(),
        },
        NoAnswer::Died(_) | NoAnswer::KilledByOthers => died_decoding(scan),
    }
}

fn died_decoding(scan: &ScanFile) -> IntakeFault {
    IntakeFault::DecoderFailed {
        file: scan.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model::Digest;
    use crate::stages::intake;

    #[test]
    fn a_file_is_not_to_blame_where_no_child_can_be_had() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dossier = folder.path().join("drop/H10.12-221013-0001");
        fs::create_dir_all(&dossier).expect("a folder");
        fs::write(dossier.join("1.jpg"), b"any bytes").expect("written");
        let plan = Plan::default();
        let scratch = folder.path().join("scratch");
        let drop = intake::list(&folder.path().join("drop"), &plan.intake, &scratch);
        let survey = intake::survey(&drop.expect("a drop").entries[0], &plan.intake, &scratch);
        let scan = &survey.expect("a dossier").files[0];

        // A child that is ready and gone, and no other after it.
        let once = folder.path().join("once");
        fs::write(&once, b"").expect("written");
        let child = format!("rm '{}' && read plan && echo '\"Ready\"'", once.display());
        let arguments = vec!["-c".to_owned(), child];
        let identity = EngineIdentity {
            name: "none".to_owned(),
            model: Digest::of(b""),
        };
        let workers = Workers::start("/bin/sh".into(), arguments, &plan, identity);
        let workers = workers.expect("the first child");
        let fault = workers
            .open_file(scan)
            .expect_err("nobody there to open it");
        assert_eq!(
            (fault.code(), fault.retry()),
            ("INT-016", Retry::AfterPerson)
        );
    }
}
