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
            });
            line["package"] = json!({
                "dossiers": summary.dossiers,
                "pages": summary.pages,
                "documents": summary.documents,
                "kept": summary.kept,
            });
        }
        format!("{line}\n")
    }

    /// Three lines (four with signed sources): this run, the whole package, where it lies. Nothing where a fault was told.
    pub fn text(&self, out: &Path, language: Language) -> String {
        let Some(summary) = &self.summary else {
            return String::new();
        };
        let number = |number| numbers::whole(number, language);
        let ways = summary.ways;
        let (taken, packaged) = (number(ways.total()), number(ways.packaged));
        let (already, aside) = (number(ways.already_done), number(ways.set_aside));
        let (dossiers, documents) = (number(summary.dossiers.total), number(summary.documents));
        let pages = summary.pages;
        let (scanned, published) = (number(pages.scanned), number(pages.published));
        let (blank, separator) = (number(pages.blank), number(pages.separator));
        let rejected = number(pages.rejected);
        let (speed, out) = (self.speed(language), out.display());
        let kept = kept(summary, language);
        match language {
            Language::Vi => format!(
                "Lần chạy này: {taken} hồ sơ = {packaged} đóng gói + {already} đã làm từ trước + {aside} để riêng{speed}\n\
                 Cả gói: {dossiers} hồ sơ, {documents} tài liệu · {scanned} trang quét = {published} xuất bản + {blank} trắng + {separator} phân cách + {rejected} loại\n{kept}\
                 Kết quả: {out}\n"
            ),
            Language::En => format!(
                "This run: {taken} dossiers = {packaged} packaged + {already} already done + {aside} set aside{speed}\n\
                 Package: {dossiers} dossiers, {documents} documents · {scanned} pages scanned = {published} published + {blank} blank + {separator} separator + {rejected} rejected\n{kept}\
                 Result: {out}\n"
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
