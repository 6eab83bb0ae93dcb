//! A run's events as JSON lines, for programs (`--json`).

use serde_json::json;

use super::say;
use crate::model::Coded;
use crate::run::events::Event;

/// Prints an event; pages and files have no lines of their own, which would drown the rest.
pub fn print(event: Event<'_>) {
    let line = match event {
        Event::PageRead { .. } | Event::Signed { .. } | Event::PageLooked => return,
        Event::HistoryMended {
            cut_bytes,
            damaged_lines,
        } => {
            json!({"v": 1, "type": "history_mended", "cut_bytes": cut_bytes, "damaged_lines": damaged_lines})
        }
        Event::Started {
            run,
            dossiers,
            passed_over,
        } => json!({
            "v": 1, "type": "start", "run": run, "dossiers": dossiers, "passed_over": passed_over,
        }),
        Event::StreamCut {
            stream,
            pages,
            pieces,
        } => json!({"v": 1, "type": "stream", "folder": stream, "pages": pages, "pieces": pieces}),
        Event::Taken { folder, pages, .. } => {
            json!({"v": 1, "type": "taken", "folder": folder, "pages": pages})
        }
        Event::KeyFailed { place, fault } => {
            json!({"v": 1, "type": "key_failed", "place": place, "code": fault.code()})
        }
        Event::Left { folder } => json!({"v": 1, "type": "left", "folder": folder}),
        Event::Ended {
            folder,
            way,
            pages,
            reasons,
            ms,
            ..
        } => {
            json!({"v": 1, "type": "dossier", "folder": folder, "outcome": way.word(), "pages": pages, "reasons": reasons, "ms": ms})
        }
    };
    say::line(line);
}
