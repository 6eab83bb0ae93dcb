//! What a child process cost: the most memory that it ever had, CPU and wall time.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Linux counts a process's time in these.
const TICKS_A_SECOND: f64 = 100.0;

/// The cost of one process.
pub struct Cost {
    pub peak_mib: u64,
    pub cpu_s: f64,
    pub wall_s: f64,
}

/// Runs a command to its end and asks the system all the while; it must end with this exit code.
pub fn cost_of(command: &mut Command, exit: i32) -> Cost {
    let began = Instant::now();
    let child = command.stdout(Stdio::null()).spawn();
    let mut child = child.expect("starts");
    let place = format!("/proc/{}", child.id());
    let (mut peak_kib, mut ticks) = (0, 0);
    loop {
        peak_kib = peak_kib.max(peak_kib_of(&place).unwrap_or_default());
        ticks = ticks.max(ticks_of(&place).unwrap_or_default());
        if let Some(ended) = child.try_wait().expect("a child") {
            assert_eq!(ended.code(), Some(exit), "{command:?}");
            return Cost {
                peak_mib: peak_kib / 1024,
                cpu_s: ticks as f64 / TICKS_A_SECOND,
                wall_s: began.elapsed().as_secs_f64(),
            };
        }
        thread::sleep(Duration::from_millis(2));
    }
}

fn peak_kib_of(place: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("{place}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// User and system time, all threads together (proc(5), fields 14 and 15).
fn ticks_of(place: &str) -> Option<u64> {
    let stat = fs::read_to_string(format!("{place}/stat")).ok()?;
    let (_, behind_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = behind_name.split_whitespace().collect();
    let [user, system] = [11, 12].map(|at| fields.get(at)?.parse::<u64>().ok());
    Some(user? + system?)
}
