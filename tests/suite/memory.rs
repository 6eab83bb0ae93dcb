//! The memory of a running program and of every process it started, sampled from /proc.

use std::collections::HashMap;
use std::fs;
use std::process::Child;
use std::thread;
use std::time::Duration;

const BETWEEN_SAMPLES: Duration = Duration::from_millis(50);

/// The largest sum of resident memory seen until the program ends, in bytes.
///
/// The program itself is not waited for: its exit code stays with the caller.
pub fn peak_of(child: &Child) -> u64 {
    let mut peak_bytes = 0;
    while let Some(now_bytes) = resident_bytes(child.id()) {
        peak_bytes = peak_bytes.max(now_bytes);
        thread::sleep(BETWEEN_SAMPLES);
    }
    peak_bytes
}

/// Of the process and all below it; `None` once it has ended.
fn resident_bytes(root: u32) -> Option<u64> {
    let processes = processes();
    processes.get(&root).filter(|process| process.lives)?;
    let is_below = |mut pid: u32| {
        // No tree of ours is deeper.
        for _ in 0..8 {
            if pid == root {
                return true;
            }
            let Some(process) = processes.get(&pid) else {
                return false;
            };
            pid = process.parent;
        }
        false
    };
    let below = processes.iter().filter(|(pid, _)| is_below(**pid));
    Some(below.map(|(_, process)| process.resident_bytes).sum())
}

struct Process {
    parent: u32,
    resident_bytes: u64,
    lives: bool,
}

fn processes() -> HashMap<u32, Process> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    // One that ends meanwhile is left out.
    pids.filter_map(|pid| Some((pid, process(pid)?))).collect()
}

fn process(pid: u32) -> Option<Process> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next().map(str::to_owned)
    };
    let state = field("State:")?;
    Some(Process {
        parent: field("PPid:")?.parse().ok()?,
        // A process that has ended has none.
        resident_bytes: field("VmRSS:")
            .and_then(|kb| kb.parse::<u64>().ok())
            .unwrap_or(0)
            << 10,
        lives: state != "Z" && state != "X",
    })
}
