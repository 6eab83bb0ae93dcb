//! The child's side: takes requests from standard input, answers on standard output.

use std::io::{self, BufRead, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::wire::{Answer, Asked, Request, hear, say};
use super::{InProcess, PageReader, PageTask, reading};
use crate::run::Plan;
use crate::stages::intake::ScanFile;
use crate::stages::recognize::{RecognizeFault, Recognizer};

/// Serves until the parent closes the pipe, or is gone.
///
/// `open` makes the engine for the plan that the parent sends first. Requests are heard
/// in a thread of their own: when the parent is gone in the middle of a page, the child
/// must not read on to nobody.
pub fn serve<Engine: Recognizer>(
    mut input: impl BufRead + Send + 'static,
    mut output: impl Write,
    open: impl FnOnce(&Plan) -> Result<Engine, RecognizeFault>,
) -> io::Result<()> {
    let Some(plan) = hear::<Plan>(&mut input)? else {
        return Ok(());
    };
    let engine = match open(&plan) {
        Ok(engine) => engine,
        Err(fault) => {
            say(&mut output, &Answer::Refused(fault.clone()))?;
            return Err(io::Error::other(fault));
        }
    };
    // Where no thread can be had, no child is ready either.
    let requests = hear_until_gone(input);
    say(&mut output, &Answer::Ready)?;
    let mut child = Child {
        engine,
        plan,
        held: None,
    };
    for request in requests {
        child.answer(request, &mut output)?;
    }
    Ok(())
}

fn hear_until_gone(mut input: impl BufRead + Send + 'static) -> Receiver<Asked> {
    let (sender, receiver) = sync_channel(1);
    thread::spawn(move || {
        while let Ok(Some(request)) = hear(&mut input) {
            if sender.send(request).is_err() {
                return;
            }
        }
        std::process::exit(0);
    });
    receiver
}

struct Child<Engine> {
    engine: Engine,
    plan: Plan,
    /// The file of the last page: those that follow are mostly of the same.
    held: Option<ScanFile>,
}

impl<Engine: Recognizer> Child<Engine> {
    fn answer(&mut self, request: Asked, output: &mut impl Write) -> io::Result<()> {
        match request {
            Request::Open(scan) => say(output, &Answer::Opened(self.here().open_file(&scan))),
            Request::Judge(scan) => {
                let judged = self.here().judge_signatures(&scan);
                say(output, &Answer::Judged(judged))
            }
            Request::Look { scan, index } => {
                self.hold(scan);
                let seen = self.here().look(self.held(), index);
                say(output, &Answer::Seen(seen))
            }
            Request::Read {
                scan,
                index,
                spool,
                effort,
            } => {
                self.hold(scan);
                let task = PageTask {
                    scan: self.held(),
                    index,
                    spool: &spool,
                    effort,
                };
                let decoded = || {
                    // Where the parent is gone, the answer below fails as well.
                    let _ = say(output, &Answer::Decoded);
                };
                let read = reading::read_page(&task, &self.engine, &self.plan, decoded);
                let read = read.map(Box::new).map_err(Into::into);
                say(output, &Answer::Read(read))
            }
        }
    }

    fn here(&self) -> InProcess<'_> {
        InProcess {
            engine: &self.engine,
            plan: &self.plan,
        }
    }

    /// Keeps a file open from page to page.
    fn hold(&mut self, scan: ScanFile) {
        let same = |held: &ScanFile| held.sha256 == scan.sha256 && held.path == scan.path;
        if !self.held.as_ref().is_some_and(same) {
            self.held = Some(scan);
        }
    }

    fn held(&self) -> &ScanFile {
        self.held.as_ref().expect("asked for after `hold`")
    }
}
