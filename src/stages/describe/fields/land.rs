//! Số thửa, tờ bản đồ and số phát hành of land papers.

use std::sync::LazyLock;

use regex::Regex;

use super::super::case::{Case, field};
use super::super::layout::{Layout, mean_confidence_pct, without_noise};
use super::Findings;
use super::value::{Form, Parsed, Run, as_field};
use crate::model::document::Field;

/// A number right behind its label: `Thửa đất số: 396;`.
static PARCEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^[^0-9\p{L}]{0,4}(?:số)?[^0-9\p{L}]{0,12}([0-9]{1,5})(?:$|[^0-9/.,]|[.,;/](?:$| ))",
    )
    .expect("the pattern is a constant and compiles")
});

/// Two letters and six digits, since 2024 two and eight.
static SERIAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^[^0-9\p{L}]{0,4}(?:số)?[^0-9\p{L}]{0,4}([A-ZĐ]{1,2}) ?([0-9]{8}|[0-9]{6})(?:$|[^0-9])",
    )
    .expect("the pattern is a constant and compiles")
});

/// A serial alone on its line counts only where it stands on a certificate's page.
const CERTIFICATE_WORDS: [&str; 2] = ["QUYENSUDUNGDAT", "TAISANGANLIENVOIDAT"];
/// It is not labelled: never quite sure.
const ALONE_AT_MOST_PCT: u8 = 80;

/// Puts in `so_thua`, `so_to_ban_do` and `so_phat_hanh`.
pub fn find(form: &Form, found: &mut Findings) {
    for id in ["so_thua", "so_to_ban_do"] {
        let readings = form.readings(id, parcel);
        found.add(id, as_field(form.case, &readings, id));
    }
    let labelled = form.readings("so_phat_hanh", serial);
    let labelled = as_field(form.case, &labelled, "so_phat_hanh.nhan");
    found.add("so_phat_hanh", labelled.or_else(|| serial_alone(form.case)));
}

fn parcel(run: &Run) -> Parsed {
    let number = PARCEL.captures(&run.text)?.get(1)?;
    let value = number.as_str().trim_start_matches('0');
    (!value.is_empty()).then(|| (value.to_owned(), number.range(), 0))
}

fn serial(run: &Run) -> Parsed {
    let parts = SERIAL.captures(&run.text)?;
    let (letters, digits) = (parts.get(1)?, parts.get(2)?);
    let value = format!("{} {}", letters.as_str(), digits.as_str());
    Some((value, letters.start()..digits.end(), 0))
}

/// `BX 123456` alone on a line of the certificate's first page.
fn serial_alone(case: &Case) -> Option<Field> {
    let layout: &Layout = case.first();
    let on_certificate = layout.lines.iter().any(|line| {
        let letters = line.folded.letters();
        line.in_capitals()
            && CERTIFICATE_WORDS
                .iter()
                .any(|words| letters.contains(words))
    });
    if !on_certificate {
        return None;
    }
    layout.lines.iter().find_map(|line| {
        let words = without_noise(line.words);
        let text = super::super::layout::text_of(words);
        let parts = SERIAL.captures(&text)?;
        let digits = parts.get(2)?;
        if digits.end() != text.len() || words.len() > 2 {
            return None;
        }
        let sure_pct = mean_confidence_pct(words).min(ALONE_AT_MOST_PCT);
        let value = format!("{} {}", &parts[1], digits.as_str());
        Some(field(
            value,
            sure_pct,
            0,
            layout.evidence(words)?,
            "so_phat_hanh.dung_rieng",
        ))
    })
}
