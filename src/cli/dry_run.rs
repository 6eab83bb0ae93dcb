//! `sohoa run --dry-run`: what a run would do and how long it should take.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::night::Night;
use super::progress::Progress;
use super::{Exit, numbers, say};
use crate::messages::Language;
use crate::run::{Event, Forecast, Tools, foresee};

/// Looks, writes nothing anywhere, and tells; `speed` is pages a minute and whether it was
/// measured on this machine.
pub fn tell(drop: &Path, night: &Night<'_>, speed: (f64, bool), tools: &Tools<'_>) -> Exit {
    let language = night.shown.language;
    let progress = Progress::new(language, false, night.shown.bars, None);
    let report = |event: Event<'_>| progress.show(event);
    let tools = Tools {
        report: &report,
        ..*tools
    };
    let scratch = std::env::temp_dir().join(format!("sohoa-{}", std::process::id()));
    let foreseen = foresee(drop, night.out, &scratch, &tools);
    // Made only where archives were unpacked.
    let _ = std::fs::remove_dir_all(&scratch);
    progress.finish();
    match foreseen {
        Ok(forecast) => {
            let text = match night.shown.json {
                true => as_json(&forecast, speed),
                false => as_text(&forecast, speed, language),
            };
            say::result(&text, Exit::Done, language)
        }
        Err(fault) => {
            say::fault(&fault, &drop.display().to_string(), language);
            Exit::from(&fault)
        }
    }
}

fn needed(forecast: &Forecast, per_minute: f64) -> Duration {
    Duration::from_secs_f64(forecast.pages as f64 * 60.0 / per_minute)
}

fn as_json(forecast: &Forecast, (per_minute, measured): (f64, bool)) -> String {
    let mut lines = String::new();
    for (folder, reasons) in &forecast.problems {
        let line = json!({"v": 1, "type": "problem", "folder": folder, "reasons": reasons});
        lines += &format!("{line}\n");
    }
    let line = json!({
        "v": 1, "type": "summary", "exit_code": Exit::Done as u8,
        "dossiers": {
            "new": forecast.new, "changed": forecast.changed,
            "done": forecast.done, "set_aside": forecast.set_aside, "streams": forecast.streams,
        },
        "pages": forecast.pages, "bytes": forecast.bytes,
        "pages_per_minute": (per_minute * 10.0).round() / 10.0, "speed_measured": measured,
        "seconds": needed(forecast, per_minute).as_secs(),
    });
    format!("{lines}{line}\n")
}

fn as_text(forecast: &Forecast, speed: (f64, bool), language: Language) -> String {
    let mut text = String::new();
    let problem = say::by(language, "sẽ để riêng", "will be set aside");
    for (folder, reasons) in &forecast.problems {
        text += &format!("{folder}: {problem}\n");
        text.extend(reasons.iter().map(|reason| say::told(reason, language)));
    }
    let number = |number| numbers::whole(number, language);
    let dossiers = forecast.new + forecast.changed + forecast.done + forecast.set_aside;
    let (all, new, changed) = (
        number(dossiers),
        number(forecast.new),
        number(forecast.changed),
    );
    let (done, aside) = (number(forecast.done), number(forecast.set_aside));
    let (pages, megabytes) = (number(forecast.pages), forecast.bytes as f64 / 1e6);
    let megabytes = numbers::tenths(megabytes, language);
    let time = numbers::span(needed(forecast, speed.0), language);
    let per_minute = numbers::tenths(speed.0, language);
    let whence = match speed.1 {
        true => say::by(
            language,
            "đo ở các lần chạy trước",
            "measured in earlier runs",
        ),
        false => say::by(
            language,
            "ước chừng, chưa đo trên máy này",
            "a guess, not measured here yet",
        ),
    };
    if forecast.streams > 0 {
        let streams = number(forecast.streams);
        text += &match language {
            Language::Vi => format!(
                "{streams} xấp quét liền: có bao nhiêu hồ sơ chỉ rõ khi cắt; tính đủ số trang.\n"
            ),
            Language::En => format!(
                "{streams} piles scanned at once: their dossiers show when they are cut; all pages are counted.\n"
            ),
        };
    }
    text + &match language {
        Language::Vi => format!(
            "Sẽ thấy {all} hồ sơ = {new} mới + {changed} đã đổi + {done} đã xong + {aside} vẫn để riêng\n\
             Cần làm: {pages} trang · {megabytes} MB · khoảng {time} với {per_minute} trang/phút ({whence})\n\
             Chưa ghi gì.\n"
        ),
        Language::En => format!(
            "A run would find {all} dossiers = {new} new + {changed} changed + {done} done + {aside} still set aside\n\
             To do: {pages} pages · {megabytes} MB · about {time} at {per_minute} pages/min ({whence})\n\
             Nothing was written.\n"
        ),
    }
}
