//! One child process as the parent sees it: asked, waited for, killed.

use std::io::{self, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::SIGKILL;

use super::WorkersFault;
use super::wire::{Answer, Asking, hear, say};
use crate::run::Plan;

/// A child that stands ready.
pub struct Worker {
    child: Child,
    requests: ChildStdin,
    answers: Receiver<Answer>,
}

/// How a child failed to answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// Its time was over; it was killed.
    #[error("timed out")]
    OutOfTime,
    /// It ended by itself, in these words.
    #[error("{0}")]
    Died(String),
    /// None could be started: this machine is short of something, which is no fault of the file's.
    #[error("{0}")]
    NotStarted(String),
    /// It was killed, and not by us: for lack of memory, or by a person.
    #[error("signal {SIGKILL}")]
    KilledByOthers,
}

impl Worker {
    /// Starts a child and waits until its engine stands ready.
    pub fn start(
        program: &mut Command,
        plan: &Plan,
        max_start: Duration,
    ) -> Result<Self, WorkersFault> {
        let mut child = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // An engine's words about a page are for nobody; how the child ended is told.
            .stderr(Stdio::null())
            // Ctrl-C at the terminal is for the run, which lets open pages be finished.
            .process_group(0)
            .spawn()
            .map_err(no_start)?;
        let requests = child.stdin.take().expect("asked for above");
        let output = child.stdout.take().expect("asked for above");
        let (sender, answers) = channel();
        let listening = thread::Builder::new().spawn(move || {
            let mut output = BufReader::new(output);
            while let Ok(Some(answer)) = hear(&mut output) {
                if sender.send(answer).is_err() {
                    return;
                }
            }
        });
        listening.map_err(no_start)?;
        let mut worker = Self {
            child,
            requests,
            answers,
        };
        say(&mut worker.requests, plan).map_err(no_start)?;
        match worker.wait(Instant::now() + max_start) {
            Ok(Answer::Refused(fault)) => Err(WorkersFault::NoEngine(fault)),
            Ok(_) => Ok(worker),
            Err(why) => Err(WorkersFault::NoStart {
                cause: why.to_string(),
            }),
        }
    }

    /// Sends a request; where that fails, the next wait tells why.
    pub fn ask(&mut self, request: &Asking<'_>) {
        let _ = say(&mut self.requests, request);
    }

    /// The next answer. After a [`NoAnswer`] the child is gone.
    pub fn wait(&mut self, until: Instant) -> Result<Answer, NoAnswer> {
        let left = until.saturating_duration_since(Instant::now());
        match self.answers.recv_timeout(left) {
            Ok(answer) => Ok(answer),
            Err(RecvTimeoutError::Timeout) => {
                self.kill();
                Err(NoAnswer::OutOfTime)
            }
            Err(RecvTimeoutError::Disconnected) => Err(match self.child.wait() {
                Ok(status) if status.signal() == Some(SIGKILL) => NoAnswer::KilledByOthers,
                Ok(status) => NoAnswer::Died(in_words(status)),
                Err(error) => NoAnswer::Died(error.kind().to_string()),
            }),
        }
    }

    fn kill(&mut self) {
        // It may have ended by itself just now; either way nothing is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

fn no_start(error: io::Error) -> WorkersFault {
    WorkersFault::NoStart {
        cause: error.to_string(),
    }
}

/// `signal 6` or `exit 1`.
fn in_words(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("signal {signal}"),
        (None, Some(code)) => format!("exit {code}"),
        (None, None) => status.to_string(),
    }
}
