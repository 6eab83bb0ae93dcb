//! Who holds the lock of a package, looked at without touching it.

use std::fs;
use std::path::Path;

use time::OffsetDateTime;

use crate::cli::clock::ZONE;
use crate::model::manifest::iso_8601;
use crate::stages::package::owner;

/// Whoever wrote their name into the lock.
pub struct Owner {
    /// `pid 4711 @ machine`, as it was written.
    pub name: String,
    /// When, ISO 8601 with zone.
    pub since: String,
    /// False where the process is gone; true where it lives, or is on another machine.
    pub lives: bool,
}

impl Owner {
    /// The owner of this package, where there is one.
    ///
    /// The lock itself is not tried: even for a moment that would turn away a run that begins.
    pub fn of(out: &Path) -> Option<Self> {
        let path = out.join(".lock");
        let text = fs::read_to_string(&path).ok()?;
        let name = text.trim().to_owned();
        let written = fs::metadata(&path)
            .and_then(|about| about.modified())
            .ok()?;
        let since = iso_8601(OffsetDateTime::from(written).to_offset(ZONE));
        let lives = lives(&name)?;
        Some(Self { name, since, lives })
    }
}

fn lives(name: &str) -> Option<bool> {
    let (pid, host) = name.strip_prefix("pid ")?.split_once(" @ ")?;
    if host != owner::host() {
        return Some(true);
    }
    let command = fs::read_to_string(format!("/proc/{pid}/comm"));
    Some(command.is_ok_and(|command| command.trim() == env!("CARGO_PKG_NAME")))
}
