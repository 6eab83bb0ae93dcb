//! The last word of a run: one summary for people, one JSON line for programs.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::progress::pages_per_minute;
use super::{Exit, numbers, say};
use crate::messages::Language;
use crate::run::Summary;

/// What there is to tell at the end of a run.
pub struct Told {
    /// The sums; absent where a fault stopped the run.
    pub summary: Option<Summary>,
    /// Pages read in this run.
    pub pages_read: u64,
    /// How long it took.
    pub time: Duration,
    /// How it ends.
    pub exit: Exit,
}

impl Told {
    /// The line of type `summary`, which is always the last.
    pub fn json(&self) -> String {
        let speed = (pages_per_minute(self.pages_read, self.time) * 10.0).round() / 10.0;
        let mut line = json!({
            "v": 1, "type": "summary", "exit_code": self.exit as u8,
            "pages_read": self.pages_read, "pages_per_minute": speed,
        });
        if let Some(summary) = &self.summary {
            line["run"] = json!({
                "packaged": summary.ways.packaged,
                "already_done": summary.ways.already_done,
                "set_aside": summary.ways.set_aside,
                "waiting_for_review": summary.ways.waiting_for_review,
                "left": summary.ways.left,
            });
            line["package"] = json!({
                "dossiers": summary.dossiers,
                "pages": summary.pages,
                "documents": summary.documents,
                "duplicates": summary.duplicates,
                "kept": summary.kept,
                "scanned_twice": summary.scanned_twice,
            });
        }
        format!("{line}\n")
    }

    /// The whole package in one line, scans that occur twice and files kept as they came (where
    /// any do), and the line made for the mail of a cron job; of the package nothing where a
    /// fault stopped the run.
    pub fn text(&self, out: &Path, language: Language) -> String {
        let package = self
            .summary
            .as_ref()
            .map(|sums| package(sums, language) + &kept(sums, language) + &twice(sums, language));
        let line = self.last_line(out, language);
        format!("{}{line}\n", package.unwrap_or_default())
    }

    /// What was done, what not, where, how long, and the exit code with its meaning.
    fn last_line(&self, out: &Path, language: Language) -> String {
        let code = say::by(language, "mã thoát", "exit code");
        let (exit, meaning) = (self.exit as u8, self.exit.meaning(language));
        let out = out.display();
        let Some(summary) = &self.summary else {
            let stopped = say::by(language, "không xong", "not finished");
            return format!("sohoa: {stopped} · {out} · {code} {exit}: {meaning}");
        };
        let number = |number| numbers::whole(number, language);
        let ways = summary.ways;
        let taken = number(ways.total() + ways.left);
        let (packaged, already) = (number(ways.packaged), number(ways.already_done));
        let (aside, left) = (number(ways.set_aside), number(ways.left));
        let review = number(ways.waiting_for_review);
        let speed = self.speed(language);
        match language {
            Language::Vi => format!(
                "sohoa: {taken} hồ sơ = {packaged} đóng gói + {already} đã làm từ trước + {review} chờ xem lại + {aside} để riêng + {left} còn lại{speed} · {out} · {code} {exit}: {meaning}"
            ),
            Language::En => format!(
                "sohoa: {taken} dossiers = {packaged} packaged + {already} already done + {review} waiting for review + {aside} set aside + {left} left{speed} · {out} · {code} {exit}: {meaning}"
            ),
        }
    }

    /// Time and speed, where anything was read at all.
    fn speed(&self, language: Language) -> String {
        if self.pages_read == 0 {
            return String::new();
        }
        let speed = numbers::tenths(pages_per_minute(self.pages_read, self.time), language);
        let unit = say::by(language, "trang/phút", "pages/min");
        format!(" · {} · {speed} {unit}", numbers::span(self.time, language))
    }
}

/// The page equation of the whole package.
fn package(summary: &Summary, language: Language) -> String {
    let number = |number| numbers::whole(number, language);
    let (dossiers, documents) = (number(summary.dossiers.total), number(summary.documents));
    let pages = summary.pages;
    let (scanned, published) = (number(pages.scanned), number(pages.published));
    let (blank, separator) = (number(pages.blank), number(pages.separator));
    let rejected = number(pages.rejected);
    match language {
        Language::Vi => format!(
            "Cả gói: {dossiers} hồ sơ, {documents} tài liệu · {scanned} trang quét = {published} xuất bản + {blank} trắng + {separator} phân cách + {rejected} loại\n"
        ),
        Language::En => format!(
            "Package: {dossiers} dossiers, {documents} documents · {scanned} pages scanned = {published} published + {blank} blank + {separator} separator + {rejected} rejected\n"
        ),
    }
}

/// A line about files and about pages that are there more than once, where there are any.
fn twice(summary: &Summary, language: Language) -> String {
    let files = say::by(
        language,
        "tệp quét xuất hiện nhiều lần, xem duplicates.jsonl",
        "scans occur more than once, see duplicates.jsonl",
    );
    let pages = say::by(
        language,
        "trang có thể quét hai lần cùng một tờ, xem same_sheet_as trong manifest.jsonl",
        "pages may be a sheet scanned twice, see same_sheet_as in manifest.jsonl",
    );
    let counts = [(summary.duplicates, files), (summary.scanned_twice, pages)];
    let told = counts.iter().filter(|(count, _)| *count > 0);
    told.map(|(count, words)| format!("{} {words}\n", numbers::whole(*count, language)))
        .collect()
}

/// A line about documents that came signed, where there are any; broken ones are told first.
fn kept(summary: &Summary, language: Language) -> String {
    let kept = summary.kept;
    if kept.total() == 0 {
        return String::new();
    }
    let number = |number| numbers::whole(number, language);
    let (total, sound) = (number(kept.total()), number(kept.sound));
    let (broken, unknown) = (number(kept.broken), number(kept.unknown));
    let warning = if kept.broken > 0 { "⚠ " } else { "" };
    match language {
        Language::Vi => format!(
            "{warning}Giữ nguyên vì đã ký số từ trước: {total} tài liệu = {broken} chữ ký hỏng + {sound} nguyên vẹn + {unknown} chưa xét được\n"
        ),
        Language::En => format!(
            "{warning}Kept as they came, already signed: {total} documents = {broken} broken + {sound} sound + {unknown} unknown\n"
        ),
    }
}
