//! Describe: which type of document this is and what its fields say, with evidence.
//!
//! One rule a file, each a function from the laid-out pages to a field with its
//! place, its sureness and its name. What the rules look for is data: the types
//! in `types.toml`, the marks of a paper's parts in `marks.toml`.

mod case;
mod conclude;
mod dossier_code;
mod heading;
mod issue_date;
mod issuer;
mod kind;
mod layout;
mod marks;
mod notation;
mod regime;
mod signer;
mod stamp;
mod subject;
mod type_table;

#[cfg(test)]
mod tests;

use time::{Date, macros::date};

use crate::model::document::{Field, Fields};
use crate::model::{Describer, Description, DossierFacts, PageSigns, PageText, Secrecy};

pub use kind::UNKNOWN;
pub use type_table::{TypeRow, TypeTable, TypeTableFault};

use case::Case;
use heading::find_heading;
use kind::Witnesses;
use layout::Layout;
use marks::Marks;

/// Down to here a heading alone (without the regime header) opens a document.
const OPENING_ZONE: f32 = 0.4;

/// The id of the sheet that parts dossiers or documents.
const SEPARATOR: &str = "to_phan_cach";

/// Describes documents by rules.
#[derive(Debug)]
pub struct RuleDescriber {
    types: TypeTable,
    marks: Marks,
    latest: Date,
}

impl RuleDescriber {
    /// With this table of types. Written dates after `latest` (normally today) are not believed.
    pub fn new(types: TypeTable, latest: Date) -> Self {
        Self {
            types,
            marks: Marks::embedded(),
            latest,
        }
    }

    fn fields(&self, pages: &[Layout], seen: &Seen) -> Fields {
        let case = Case {
            pages,
            heading: seen.heading.as_ref(),
            marks: &self.marks,
            latest: self.latest,
        };
        let notation = seen.notation.as_ref();
        let date_line = issue_date::find_date_line(&case);
        let date_line = date_line.as_ref();
        let rules: [(&str, Option<Field>); 8] = [
            ("so_ky_hieu", notation::number(&case, notation)),
            ("ky_hieu", notation::signs_only(&case, notation)),
            ("ngay_ban_hanh", issue_date::date(&case, date_line)),
            ("dia_danh", issue_date::place(&case, date_line)),
            ("ma_ho_so", dossier_code::dossier_code(&case)),
            ("trich_yeu", subject::subject(&case)),
            ("co_quan_ban_hanh", issuer::issuer(&case, notation)),
            ("nguoi_ky", signer::signer(&case)),
        ];
        let found = rules.into_iter();
        found
            .filter_map(|(id, field)| Some((id.to_owned(), field?)))
            .collect()
    }

    fn look<'s, 'a>(&'s self, first: &Layout<'a>) -> Seen<'s, 'a> {
        let heading = find_heading(first, &self.types);
        let row = heading.as_ref().map(|heading| heading.row);
        Seen {
            notation: notation::find_notation(first, &self.types, &self.marks, row),
            heading,
        }
    }
}

impl Default for RuleDescriber {
    /// The embedded table; every date of the calendar up to 2099 is believed.
    fn default() -> Self {
        Self::new(TypeTable::embedded(), date!(2099 - 12 - 31))
    }
}

/// What the first page shows.
struct Seen<'s, 'a> {
    heading: Option<heading::Heading<'s, 'a>>,
    notation: Option<notation::Notation<'a>>,
}

impl Describer for RuleDescriber {
    fn identity(&self) -> String {
        format!("rules, types {}", self.types.version)
    }

    fn is_separator(&self, page: &PageText) -> bool {
        let layout = Layout::of(1, page);
        find_heading(&layout, &self.types).is_some_and(|heading| heading.row.id == SEPARATOR)
    }

    fn describe(&self, pages: &[&PageText]) -> Description {
        let layouts: Vec<Layout> = pages
            .iter()
            .zip(1..)
            .map(|(text, page)| Layout::of(page, text))
            .collect();
        let empty = PageText::default();
        let blank = [Layout::of(1, &empty)];
        let layouts = if layouts.is_empty() {
            &blank[..]
        } else {
            &layouts
        };
        let seen = self.look(&layouts[0]);
        let witnesses = Witnesses {
            layout: &layouts[0],
            heading: seen.heading.as_ref(),
            notation: seen.notation.as_ref(),
            regime: regime::has_regime_header(&layouts[0], &self.marks),
            marks: &self.marks,
        };
        Description {
            kind: kind::kind(&witnesses, &self.types),
            fields: self.fields(layouts, &seen),
            role: None,
            flags: Vec::new(),
        }
    }

    fn conclude(&self, dossier: &DossierFacts<'_>, documents: &mut [Description]) {
        conclude::conclude(dossier, documents);
    }

    fn secrecy(&self, page: &PageText) -> Option<Secrecy> {
        stamp::secrecy(&Layout::of(1, page))
    }

    fn signs(&self, page: &PageText) -> PageSigns {
        let layout = Layout::of(1, page);
        let seen = self.look(&layout);
        let heading_opens = |heading: &heading::Heading| {
            let line = &layout.lines[heading.lines[0]];
            layout.down(line) < OPENING_ZONE
                && heading.row.opens
                && !heading.operative
                && !heading::is_enclosed(&layout, heading)
        };
        let opens = regime::has_regime_header(&layout, &self.marks)
            || regime::has_number_head(&layout, seen.notation.as_ref(), &self.marks)
            || seen.heading.as_ref().is_some_and(heading_opens);
        PageSigns {
            opens: if opens { 300 } else { -300 },
            ..PageSigns::default()
        }
    }
}
