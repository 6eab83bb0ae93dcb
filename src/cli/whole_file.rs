//! Writing a file so that under its final name it is always a whole one.

use std::fs::File;
use std::io::Write;
use std::path::Path;

/// Writes it under a name of its own first, to the disk, and then renames it.
pub fn write(out: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let half = out.with_added_extension("part");
    let written = File::create(&half)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&half, out));
    if written.is_err() {
        // What is left of a failed try is nobody's; the fault itself is told.
        let _ = std::fs::remove_file(&half);
    }
    written
}
