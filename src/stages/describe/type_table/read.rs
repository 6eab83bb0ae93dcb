//! Reading a table of types, checked row by row.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::fault::TypeTableFault;
use super::{CueRow, TypeRow, Zone};
use crate::formats::vietnamese::{Pattern, fold};
use crate::model::RoleId;

/// Fewer letters stand on every page by chance.
const LEAST_CUE_LETTERS: usize = 5;
/// A cue never weighs more than an exact heading.
const MOST_CUE_WEIGHT: i32 = 500;

/// The fields that a type may name (DOMAIN sections 2.5, 3 and 5).
const FIELDS: [&str; 27] = [
    "so_ky_hieu",
    "ngay_ban_hanh",
    "dia_danh",
    "co_quan_chu_quan",
    "co_quan_ban_hanh",
    "trich_yeu",
    "nguoi_ky",
    "chuc_vu",
    "quyen_han",
    "do_mat",
    "do_khan",
    "hinh_thuc_sao",
    "ma_ho_so",
    "ma_tthc",
    "chu_ho_so",
    "ngay_tiep_nhan",
    "ngay_hen_tra",
    "so_dinh_danh",
    "so_cmnd",
    "ngay_sinh",
    "ma_so_thue",
    "so_thua",
    "so_to_ban_do",
    "so_phat_hanh",
    "so_chung_thuc",
    "quyen_so",
    "ky_hieu",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    version: String,
    #[serde(rename = "type", default)]
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: Spanned<String>,
    type_name: Spanned<String>,
    title: String,
    #[serde(default)]
    origin: String,
    broader: Option<Spanned<String>>,
    abbreviation: Option<Spanned<String>>,
    headings: Vec<Spanned<String>>,
    #[serde(default)]
    cues: Vec<Cue>,
    #[serde(default)]
    later: Vec<Spanned<String>>,
    #[serde(default = "yes")]
    opens: bool,
    #[serde(default = "yes")]
    subject: bool,
    regime: Option<bool>,
    #[serde(default)]
    role: Vec<RoleId>,
    result_code: Option<String>,
    #[serde(default)]
    fields: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cue {
    text: Spanned<String>,
    #[serde(rename = "in")]
    zone: Zone,
    weight: Spanned<i32>,
}

fn yes() -> bool {
    true
}

/// Version and rows of a table that may name, and replace, the rows `known`.
pub fn read(toml: &str, known: &[TypeRow]) -> Result<(String, Vec<TypeRow>), TypeTableFault> {
    let sheet: Sheet = toml::from_str(toml).map_err(|fault| TypeTableFault::Shape {
        line: line_of(toml, fault.span().unwrap_or(0..0)),
        reason: fault.message().to_owned(),
    })?;
    let replaced: BTreeSet<&str> = sheet
        .rows
        .iter()
        .map(|row| row.id.get_ref().as_str())
        .collect();
    let kept = known
        .iter()
        .filter(|row| !replaced.contains(row.id.as_str()));
    let mut check = Check {
        toml,
        ids: BTreeSet::new(),
        general: general(kept.clone(), &sheet.rows),
        headings: owners(kept.clone(), |row| {
            row.headings.iter().map(|text| fold(text)).collect()
        }),
        abbreviations: owners(kept, |row| row.abbreviation.iter().cloned().collect()),
    };
    let rows = sheet.rows.into_iter().map(|row| check.row(row));
    Ok((sheet.version, rows.collect::<Result<_, _>>()?))
}

/// Ids of all types that are no kind of another.
fn general<'r>(kept: impl Iterator<Item = &'r TypeRow>, rows: &[Row]) -> BTreeSet<String> {
    let kept = kept
        .filter(|row| row.broader.is_none())
        .map(|row| row.id.clone());
    let read = rows.iter().filter(|row| row.broader.is_none());
    kept.chain(read.map(|row| row.id.get_ref().clone()))
        .collect()
}

fn owners<'r>(
    kept: impl Iterator<Item = &'r TypeRow>,
    texts: impl Fn(&TypeRow) -> Vec<String>,
) -> BTreeMap<String, String> {
    let of_row = |row: &'r TypeRow| texts(row).into_iter().map(|text| (text, row.id.clone()));
    kept.flat_map(of_row).collect()
}

/// What was seen in the rows above.
struct Check<'t> {
    toml: &'t str,
    ids: BTreeSet<String>,
    general: BTreeSet<String>,
    headings: BTreeMap<String, String>,
    abbreviations: BTreeMap<String, String>,
}

impl Check<'_> {
    fn row(&mut self, row: Row) -> Result<TypeRow, TypeTableFault> {
        self.id(&row.id)?;
        self.type_name(&row.type_name)?;
        let id = row.id.into_inner();
        if let Some(broader) = &row.broader {
            self.broader(&id, broader)?;
        }
        if let Some(abbreviation) = &row.abbreviation {
            self.abbreviation(&id, abbreviation)?;
        }
        for heading in &row.headings {
            self.heading(&id, heading)?;
        }
        for text in &row.later {
            self.text(text)?;
        }
        for field in &row.fields {
            self.field(field)?;
        }
        let cues = row.cues.into_iter().map(|cue| self.cue(cue));
        Ok(TypeRow {
            cues: cues.collect::<Result<_, _>>()?,
            id,
            type_name: row.type_name.into_inner(),
            title: row.title,
            origin: row.origin,
            broader: row.broader.map(Spanned::into_inner),
            abbreviation: row.abbreviation.map(Spanned::into_inner),
            headings: plain(row.headings),
            later: plain(row.later),
            opens: row.opens,
            has_subject: row.subject,
            regime: row.regime,
            role: row.role,
            result_code: row.result_code,
            fields: plain(row.fields),
        })
    }

    fn id(&mut self, id: &Spanned<String>) -> Result<(), TypeTableFault> {
        let line = line_of(self.toml, id.span());
        let id = id.get_ref().clone();
        let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if id.is_empty() || !id.bytes().all(fine) {
            return Err(TypeTableFault::BadId { line, id });
        }
        if !self.ids.insert(id.clone()) {
            return Err(TypeTableFault::RepeatedId { line, id });
        }
        Ok(())
    }

    fn type_name(&self, code: &Spanned<String>) -> Result<(), TypeTableFault> {
        let known = (1..=32).any(|n| format!("{n:02}") == *code.get_ref());
        known
            .then_some(())
            .ok_or_else(|| TypeTableFault::UnknownTypeName {
                line: line_of(self.toml, code.span()),
                code: code.get_ref().clone(),
            })
    }

    fn broader(&self, id: &str, broader: &Spanned<String>) -> Result<(), TypeTableFault> {
        let named = broader.get_ref();
        if named != id && self.general.contains(named) {
            return Ok(());
        }
        Err(TypeTableFault::UnknownBroader {
            line: line_of(self.toml, broader.span()),
            id: named.clone(),
        })
    }

    fn abbreviation(&mut self, id: &str, own: &Spanned<String>) -> Result<(), TypeTableFault> {
        let owner = self
            .abbreviations
            .insert(own.get_ref().clone(), id.to_owned());
        owner.map_or(Ok(()), |owner| {
            Err(TypeTableFault::SharedAbbreviation {
                line: line_of(self.toml, own.span()),
                abbreviation: own.get_ref().clone(),
                owner,
            })
        })
    }

    fn heading(&mut self, id: &str, heading: &Spanned<String>) -> Result<(), TypeTableFault> {
        let folded = self.text(heading)?;
        match self.headings.insert(folded, id.to_owned()) {
            Some(owner) => Err(TypeTableFault::SharedHeading {
                line: line_of(self.toml, heading.span()),
                heading: heading.get_ref().clone(),
                owner,
            }),
            None => Ok(()),
        }
    }

    fn cue(&self, cue: Cue) -> Result<CueRow, TypeTableFault> {
        let (text, weight) = (cue.text.get_ref(), *cue.weight.get_ref());
        if self.text(&cue.text)?.len() < LEAST_CUE_LETTERS {
            return Err(TypeTableFault::ShortCue {
                line: line_of(self.toml, cue.text.span()),
                text: text.clone(),
                least: LEAST_CUE_LETTERS,
            });
        }
        if weight == 0 || weight.abs() > MOST_CUE_WEIGHT {
            return Err(TypeTableFault::BadWeight {
                line: line_of(self.toml, cue.weight.span()),
                weight,
                most: MOST_CUE_WEIGHT,
            });
        }
        Ok(CueRow {
            weight,
            zone: cue.zone,
            text: cue.text.into_inner(),
        })
    }

    /// The words folded, where they can be searched for.
    fn text(&self, text: &Spanned<String>) -> Result<String, TypeTableFault> {
        let folded = fold(text.get_ref());
        match Pattern::new(&folded) {
            Ok(_) => Ok(folded),
            Err(reason) => Err(TypeTableFault::BadText {
                line: line_of(self.toml, text.span()),
                text: text.get_ref().clone(),
                reason,
            }),
        }
    }

    fn field(&self, field: &Spanned<String>) -> Result<(), TypeTableFault> {
        if FIELDS.contains(&field.get_ref().as_str()) {
            return Ok(());
        }
        Err(TypeTableFault::UnknownField {
            line: line_of(self.toml, field.span()),
            field: field.get_ref().clone(),
        })
    }
}

fn plain(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(Spanned::into_inner).collect()
}

fn line_of(toml: &str, span: Range<usize>) -> usize {
    let before = toml.bytes().take(span.start);
    1 + before.filter(|b| *b == b'\n').count()
}
