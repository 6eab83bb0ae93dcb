//! The status for people.

use std::time::Duration;

use super::{Status, receipts};
use crate::cli::progress::pages_per_minute;
use crate::cli::say::{by, told};
use crate::cli::{Exit, numbers};
use crate::messages::Language;
use crate::run::journal::{Ended, RunEnded, RunSeen};

impl Status<'_> {
    /// Who is at work, the counts, what was set aside and why, the last runs.
    pub fn text(&self, language: Language) -> String {
        let sections = [
            self.work(language),
            self.counts(language),
            self.codes(language),
            list(&self.standing.review, language),
            list(&self.standing.set_aside, language),
            self.runs(language),
            (self.reconciled.as_ref())
                .map(|reconciled| receipts::text(reconciled, language))
                .unwrap_or_default(),
        ];
        sections.concat()
    }

    fn work(&self, language: Language) -> String {
        let number = |number| numbers::whole(number, language);
        match (&self.owner, self.at_work()) {
            (Some(owner), Some(run)) => {
                let (ended, all) = (number(run.dossiers_ended), number(self.listed));
                let (name, since) = (&owner.name, &owner.since);
                match language {
                    Language::Vi => {
                        format!("Đang chạy: {name}, từ {since} · {ended}/{all} hồ sơ\n")
                    }
                    Language::En => {
                        format!("At work: {name}, since {since} · {ended}/{all} dossiers\n")
                    }
                }
            }
            (Some(owner), None) if owner.lives => {
                let begins = by(
                    language,
                    "Đang bắt đầu hoặc kết thúc",
                    "Beginning or ending",
                );
                format!("{begins}: {}, {}\n", owner.name, owner.since)
            }
            _ => by(
                language,
                "Không có lần chạy nào đang làm.\n",
                "No run is at work.\n",
            )
            .to_owned(),
        }
    }

    fn counts(&self, language: Language) -> String {
        let standing = &self.standing;
        let counts = [
            (standing.done, by(language, "Đã xong", "Done")),
            (
                standing.review.len() as u64,
                by(
                    language,
                    "Trong gói, chờ người xem lại",
                    "In the package, waiting for review",
                ),
            ),
            (standing.waiting, by(language, "Chưa làm", "Not begun")),
            (
                standing.left,
                by(
                    language,
                    "Còn lại từ lần trước",
                    "Left by a run that was stopped",
                ),
            ),
            (standing.open.len() as u64, self.word_for_open(language)),
            (
                standing.set_aside.len() as u64,
                by(language, "Để riêng", "Set aside"),
            ),
        ];
        let lines = counts.map(|(count, word)| {
            let count = numbers::whole(count, language);
            format!("{count:>10}  {word}\n")
        });
        let open = standing
            .open
            .iter()
            .map(|name| format!("            {name}\n"));
        let (above, aside) = lines.split_at(5);
        above.concat() + &open.collect::<String>() + &aside.concat()
    }

    fn word_for_open(&self, language: Language) -> &'static str {
        match self.at_work() {
            Some(_) => by(language, "Đang mở", "Open now"),
            None => by(
                language,
                "Đang mở khi bị tắt ngang; lần sau làm lại",
                "Open when the run died; the next one does them",
            ),
        }
    }

    fn codes(&self, language: Language) -> String {
        let codes = self.standing.codes.iter();
        let line = |(code, count): (&&str, &u64)| {
            format!("{code:>20}  {}\n", numbers::whole(*count, language))
        };
        codes.map(line).collect()
    }

    fn runs(&self, language: Language) -> String {
        if self.last_runs.is_empty() {
            return by(
                language,
                "\nChưa có nhật ký lần chạy nào.\n",
                "\nNo run has written a history yet.\n",
            )
            .to_owned();
        }
        let title = by(language, "\nCác lần chạy gần đây\n", "\nLast runs\n").to_owned();
        let lines = self
            .last_runs
            .iter()
            .map(|run| self.run_line(run, language));
        title + &lines.collect::<String>()
    }

    fn run_line(&self, run: &RunSeen, language: Language) -> String {
        let at_work = self.at_work().is_some_and(|now| std::ptr::eq(now, run));
        let end = match &run.ended {
            Some(ended) => run_end(ended, language),
            None if at_work => by(language, "đang chạy", "at work").to_owned(),
            None => by(language, "bị tắt ngang", "died").to_owned(),
        };
        format!("  {} · {end}\n", run.began.at)
    }
}

/// Each dossier with its reasons.
fn list(dossiers: &[&Ended], language: Language) -> String {
    let mut text = String::new();
    for ended in dossiers {
        text += &format!("\n{}\n", ended.folder);
        text.extend(ended.reasons.iter().map(|reason| told(reason, language)));
        let all: u64 = ended.codes.values().sum();
        let more = all.saturating_sub(ended.reasons.len() as u64);
        if more > 0 {
            let more = numbers::whole(more, language);
            let words = by(
                language,
                "lý do nữa, trong bản ghi của hồ sơ",
                "more reasons, in the dossier's record",
            );
            text += &format!("… {more} {words}\n");
        }
    }
    text
}

fn run_end(ended: &RunEnded, language: Language) -> String {
    let number = |number| numbers::whole(number, language);
    let time = Duration::from_millis(ended.ms);
    let speed = numbers::tenths(pages_per_minute(ended.pages_read, time), language);
    let unit = by(language, "trang/phút", "pages/min");
    let time = numbers::span(time, language);
    let sums = ended.ways.map(|ways| {
        let (packaged, already) = (number(ways.packaged), number(ways.already_done));
        let (aside, left) = (number(ways.set_aside), number(ways.left));
        let review = number(ways.waiting_for_review);
        match language {
            Language::Vi => format!("{packaged} đóng gói, {already} đã làm từ trước, {review} chờ xem lại, {aside} để riêng, {left} còn lại · "),
            Language::En => format!("{packaged} packaged, {already} already done, {review} waiting for review, {aside} set aside, {left} left · "),
        }
    });
    let exit = Exit::of_history(ended);
    let (sums, code, meaning) = (sums.unwrap_or_default(), exit as u8, exit.meaning(language));
    format!("{time} · {speed} {unit} · {sums}{code}: {meaning}")
}
