//! Describe: which type of document this is and what its fields say, with evidence.
//!
//! One rule a file, each a function from the laid-out pages to a field with its
//! place, its sureness and its name. What the rules look for is data: the types
//! in `types.toml`, the marks of a paper's parts in `marks.toml`, the labels of forms in
//! `fields/labels.toml`, provinces and levels of government in `provinces.toml`.

mod case;
mod check;
mod citizen_id;
mod conclude;
mod dossier_code;
mod doubt;
mod fields;
mod heading;
mod issue_date;
mod issuer;
mod kind;
mod layout;
mod marks;
mod notation;
mod provinces;
mod regime;
mod signer;
mod stamp;
mod subject;
mod type_table;

#[cfg(test)]
mod tests;

use time::{Date, macros::date};

use crate::model::{Describer, Description, DossierFacts, PageSigns, PageText, Secrecy};

pub use kind::UNKNOWN;
pub use type_table::{TypeRow, TypeTable, TypeTableFault};

use case::Case;
use fields::{Findings, Labels};
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
    labels: Labels,
    latest: Date,
}

impl RuleDescriber {
    /// With this table of types. Written dates after `latest` (normally today) are not believed.
    pub fn new(types: TypeTable, latest: Date) -> Self {
        Self {
            types,
            marks: Marks::embedded(),
            labels: Labels::embedded(),
            latest,
        }
    }

    fn find_fields(&self, pages: &[Layout], seen: &Seen) -> Findings {
        let case = Case {
            pages,
            heading: seen.heading.as_ref(),
            marks: &self.marks,
            latest: self.latest,
        };
        fields::find(&case, &self.labels, seen.notation.as_ref())
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
        format!(
            "rules, types {}, marks {}, labels {}, provinces {}",
            self.types.version,
            self.marks.version,
            self.labels.version,
            provinces::embedded().version
        )
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
        let kind = kind::kind(&witnesses, &self.types);
        let mut found = self.find_fields(layouts, &seen);
        check::check(&kind, &mut found);
        Description {
            kind,
            fields: found.fields,
            role: None,
            flags: found.flags,
        }
    }

    fn conclude(&self, dossier: &DossierFacts<'_>, documents: &mut [Description]) {
        conclude::conclude(dossier, documents, |_| conclude::Hints::default());
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
