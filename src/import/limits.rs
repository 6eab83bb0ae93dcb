//! How long the fields of a dossier may be, as data: what is longer is rejected with the reason, never cut.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::refusal::Refusal;
use super::{DossierRow, PaperRow};

static LIMITS: LazyLock<Limits> =
    LazyLock::new(|| toml::from_str(include_str!("limits.toml")).expect("shipped and tested"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    #[expect(dead_code, reason = "for whoever reads the file")]
    version: String,
    #[expect(dead_code, reason = "for whoever reads the file")]
    source: String,
    /// Column → characters.
    max_chars: BTreeMap<String, usize>,
}

/// The first field that is too long.
pub fn check(dossier: &DossierRow, papers: &[PaperRow]) -> Result<(), Refusal> {
    let of_dossier = [
        ("code", Some(&dossier.code)),
        ("unit", Some(&dossier.unit)),
        ("procedure_code", dossier.procedure_code.as_ref()),
    ];
    check_all(&of_dossier, "")?;
    papers.iter().try_for_each(|paper| {
        let of_paper = [
            ("type_id", Some(&paper.type_id)),
            ("title", Some(&paper.title)),
            ("result_code", paper.result_code.as_ref()),
            ("so_ky_hieu", paper.so_ky_hieu.as_ref()),
            ("issuer", paper.issuer.as_ref()),
            ("signer", paper.signer.as_ref()),
            ("subject", paper.subject.as_ref()),
            ("file", Some(&paper.file)),
        ];
        check_all(&of_paper, &paper.file)
    })
}

fn check_all(fields: &[(&'static str, Option<&String>)], file: &str) -> Result<(), Refusal> {
    for (field, value) in fields {
        let length = value.map_or(0, |value| value.chars().count());
        let limit = LIMITS.max_chars[*field];
        if length > limit {
            return Err(Refusal::TooLong {
                field,
                file: file.to_owned(),
                length,
                limit,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted_and_not_bytes() {
        let paper = |signer: String| PaperRow {
            signer: Some(signer),
            ..PaperRow::default()
        };
        let fits = [paper("Ễ".repeat(50))];
        assert_eq!(check(&DossierRow::default(), &fits), Ok(()));
        let long = [paper("Ễ".repeat(51))];
        let expected = Refusal::TooLong {
            field: "signer",
            file: String::new(),
            length: 51,
            limit: 50,
        };
        assert_eq!(check(&DossierRow::default(), &long), Err(expected));
    }
}
