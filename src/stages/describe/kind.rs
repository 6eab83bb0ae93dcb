//! Which type a document has: everything that speaks for a type is weighed, the likeliest wins.
//!
//! What is laid into the scales, and what each thing weighs, is in `scales.rs`. All weights are log-odds in
//! hundredths of a nat, so they add up; one constant turns their sum into a sureness.

use crate::model::document::DocumentType;
use crate::model::{Confidence, RunnerUp};

use super::heading::{Heading, has_unknown_title};
use super::layout::Layout;
use super::linear::Opinion;
use super::marks::Marks;
use super::notation::Notation;
use super::phrase::Spoken;
use super::scales::{Scales, weigh};
use super::type_table::{TypeRow, TypeTable};
use super::unnamed;

/// The id where no type was recognised.
pub const UNKNOWN: &str = "khong_ro";

/// A kind that weighs so much less than its general type has a fifth of its odds.
const NEARLY_AS_LIKELY: i32 = 190;

/// What the witnesses say of a document.
pub struct Witnesses<'w, 'a> {
    /// Its first page.
    pub layout: &'w Layout<'a>,
    /// Its headings, the best first.
    pub headings: &'w [Heading<'w, 'a>],
    /// The cues on it.
    pub spoken: &'w [Spoken<'w, 'a>],
    /// Its number line.
    pub notation: Option<&'w Notation<'a>>,
    /// Whether it bears the regime header.
    pub regime: bool,
    /// What the trained model thinks.
    pub opinion: &'w Opinion,
    /// The number of the type that the dossier's own list names here.
    pub listed: Option<usize>,
    /// The marks of a paper's parts.
    pub marks: &'w Marks,
}

/// Decides the type.
pub fn kind(witnesses: &Witnesses, types: &TypeTable) -> DocumentType {
    let scales = Scales::of(witnesses, types);
    let mut sums: Vec<(usize, i32)> = scales.sums(types.rows.len());
    // Stable: of equals the one that stands first in the table.
    sums.sort_by_key(|(_, points)| -points);
    let Some((best, points)) = sums.first().copied() else {
        return unknown(None);
    };
    let headed = witnesses.headings.iter().any(|heading| !heading.operative);
    let titled = !headed && has_unknown_title(witnesses.layout, witnesses.marks);
    let unknown_points = if titled {
        weigh::UNKNOWN_TITLE
    } else {
        weigh::UNKNOWN
    };
    let sure = Shares::of(
        &sums,
        unnamed::points(&scales, best, witnesses, types),
        unknown_points,
    );
    let next = |place: usize| {
        let (row, points) = sums.get(place)?;
        let confidence = sure.of_points(*points);
        (confidence.pct() > 0).then(|| RunnerUp {
            id: types.rows[*row].id.clone(),
            title: types.rows[*row].title.clone(),
            confidence,
        })
    };
    if points <= weigh::UNKNOWN {
        return unknown(next(0));
    }
    let decided = scales.decided(best);
    DocumentType {
        confidence: sure.of_points_with(points, kinds_within(best, &sums, types)),
        evidence: decided
            .and_then(|weight| witnesses.layout.evidence(weight.words.iter().copied())),
        cues: scales.cues(best, witnesses),
        runner_up: next(1),
        ..named(&types.rows[best])
    }
}

/// This type and no other, as a person says it.
pub fn named(row: &TypeRow) -> DocumentType {
    DocumentType {
        id: row.id.clone(),
        type_name: row.type_name.clone(),
        title: row.title.clone(),
        confidence: Confidence::CERTAIN,
        evidence: None,
        broader: row.broader.clone(),
        cues: Vec::new(),
        runner_up: None,
    }
}

/// How the types share the certainty between them, with what is not known.
struct Shares {
    all: f64,
}

impl Shares {
    fn of(sums: &[(usize, i32)], unnamed: Option<i32>, unknown: i32) -> Self {
        let types: f64 = sums.iter().map(|(_, points)| odds(*points)).sum();
        Self {
            all: types + unnamed.map_or(0.0, odds) + odds(unknown),
        }
    }

    fn of_points(&self, points: i32) -> Confidence {
        self.of_points_with(points, 0.0)
    }

    /// With the odds of types that are this one too.
    fn of_points_with(&self, points: i32, others: f64) -> Confidence {
        let share = 100.0 * (odds(points) + others) / self.all;
        Confidence::from_pct_f32(share.min(99.0) as f32)
    }
}

/// The odds of its kinds that can be the same in a dossier and have all of its fields: a paper of such a kind
/// is rightly called by the general name, unless the kind is nearly as likely: then a person says which.
fn kinds_within(row: usize, sums: &[(usize, i32)], types: &TypeTable) -> f64 {
    let own = &types.rows[row];
    let general_points = sums[0].1;
    let is_own = |kind: &usize| {
        let other = &types.rows[*kind];
        types.broader(*kind) == Some(row)
            && other.role == own.role
            && own.fields.iter().all(|field| other.fields.contains(field))
    };
    let unlikely = |points: i32| points < general_points - NEARLY_AS_LIKELY;
    let kinds = sums
        .iter()
        .filter(|(kind, points)| is_own(kind) && unlikely(*points));
    kinds.map(|(_, points)| odds(*points)).sum()
}

/// Against the unknown.
fn odds(points: i32) -> f64 {
    (f64::from(points - weigh::UNKNOWN) / weigh::SCALE).exp()
}

fn unknown(runner_up: Option<RunnerUp>) -> DocumentType {
    DocumentType {
        id: UNKNOWN.to_owned(),
        type_name: "32".to_owned(),
        title: "Không rõ".to_owned(),
        confidence: Confidence::from_pct(0),
        evidence: None,
        broader: None,
        cues: Vec::new(),
        runner_up,
    }
}
