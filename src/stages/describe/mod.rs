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
mod copy;
mod dossier_code;
mod doubt;
mod fields;
mod heading;
mod issue_date;
mod issuer;
mod kind;
mod layout;
mod linear;
mod listing;
mod marks;
mod notation;
mod options;
mod phrase;
mod provinces;
mod regime;
mod scales;
mod signer;
mod signs;
mod stamp;
mod subject;
mod type_table;
mod unnamed;

#[cfg(test)]
mod tests;

use time::{Date, macros::date};

use crate::model::{
    Describer, Description, DocumentType, DossierFacts, ListedPaper, PageSigns, PageText,
};

pub use kind::UNKNOWN;
pub use linear::{Example, LinearModel, ModelFault, NO_TYPE, train};
pub use options::{DescribeFault, Options, read_model};
pub use stamp::{Struck, struck};
pub use type_table::{TypeRow, TypeTable, TypeTableFault};

use case::Case;
use conclude::Hints;
use fields::{Findings, Labels};
use heading::{Heading, find_headings};
use kind::Witnesses;
use layout::Layout;
use marks::Marks;
use phrase::find_cues;
use signs::Sight;

/// Describes documents by rules, and by the trained model beside them.
#[derive(Debug)]
pub struct RuleDescriber {
    types: TypeTable,
    model: LinearModel,
    marks: Marks,
    labels: Labels,
    latest: Date,
}

impl RuleDescriber {
    /// With this table of types. Written dates after `latest` (normally today) are not believed.
    pub fn new(types: TypeTable, latest: Date) -> Self {
        Self::with_model(types, LinearModel::embedded(), latest)
    }

    /// With this table and this model.
    pub fn with_model(types: TypeTable, model: LinearModel, latest: Date) -> Self {
        Self {
            types,
            model,
            marks: Marks::embedded(),
            labels: Labels::embedded(),
            latest,
        }
    }

    fn find_fields(&self, pages: &[Layout], seen: &Seen) -> Findings {
        let case = Case {
            pages,
            heading: seen.headings.first(),
            marks: &self.marks,
            latest: self.latest,
        };
        fields::find(&case, &self.labels, seen.notation.as_ref())
    }

    fn look<'s, 'a>(&'s self, first: &Layout<'a>) -> Seen<'s, 'a> {
        let headings = find_headings(first, &self.types);
        let row = headings.first().map(|heading| heading.row);
        Seen {
            notation: notation::find_notation(first, &self.types, &self.marks, row),
            opinion: self.model.opinion(first, &self.types),
            headings,
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
    headings: Vec<Heading<'s, 'a>>,
    notation: Option<notation::Notation<'a>>,
    opinion: linear::Opinion,
}

impl Describer for RuleDescriber {
    fn identity(&self) -> String {
        format!(
            "rules, types {} {}, model {}, marks {}, labels {}, provinces {}",
            self.types.version,
            self.types.digest,
            self.model.digest,
            self.marks.version,
            self.labels.version,
            provinces::embedded().version
        )
    }

    fn named(&self, id: &str) -> Option<DocumentType> {
        self.types.by_id(id).map(kind::named)
    }

    fn listed(&self, page: &PageText) -> Vec<ListedPaper> {
        let layout = Layout::of(1, page);
        let headings = find_headings(&layout, &self.types);
        match headings.first() {
            Some(heading) if listing::LISTS.contains(&&*heading.row.id) => {
                listing::papers(&layout, &self.types)
            }
            _ => Vec::new(),
        }
    }

    fn describe_listed(&self, pages: &[&PageText], listed: Option<u16>) -> Description {
        let laid_out = pages.iter().zip(1..);
        let mut layouts: Vec<Layout> = laid_out
            .map(|(text, page)| Layout::of(page, text))
            .collect();
        let copied = copy::form_field(&layouts, &self.marks);
        for layout in &mut layouts {
            copy::take_off(layout, &self.marks);
        }
        let empty = PageText::default();
        let blank = [Layout::of(1, &empty)];
        let layouts = if layouts.is_empty() {
            &blank[..]
        } else {
            &layouts[..]
        };
        let seen = self.look(&layouts[0]);
        let spoken = find_cues(layouts, seen.headings.first(), &self.types, &self.marks);
        let witnesses = Witnesses {
            layout: &layouts[0],
            headings: &seen.headings,
            spoken: &spoken,
            notation: seen.notation.as_ref(),
            regime: regime::has_regime_header(&layouts[0], &self.marks),
            opinion: &seen.opinion,
            listed: listed.map(usize::from),
            marks: &self.marks,
        };
        let kind = kind::kind(&witnesses, &self.types);
        let mut found = self.find_fields(layouts, &seen);
        found.add("hinh_thuc_sao", copied);
        check::check(&kind, &mut found);
        Description {
            kind,
            fields: found.fields,
            role: None,
            flags: found.flags,
        }
    }

    fn conclude(&self, dossier: &DossierFacts<'_>, documents: &mut [Description]) {
        let hints = |id: &str| match self.types.by_id(id) {
            Some(row) => Hints {
                roles: &row.role,
                result_code: row.result_code.as_deref(),
            },
            None => Hints::default(),
        };
        conclude::conclude(dossier, documents, hints);
    }

    fn signs(&self, page: &PageText) -> PageSigns {
        let layout = Layout::of(1, page);
        let seen = self.look(&layout);
        let sight = Sight {
            layout: &layout,
            text: page,
            headings: &seen.headings,
            notation: seen.notation.as_ref(),
            opinion: &seen.opinion,
        };
        signs::signs(&sight, &self.types, &self.marks)
    }
}
