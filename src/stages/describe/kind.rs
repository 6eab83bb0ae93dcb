//! Which type a document has: three witnesses, the heading, the layout of a công văn, the notation.

use crate::model::document::DocumentType;
use crate::model::{Confidence, Word};

use super::heading::Heading;
use super::layout::{Layout, Line};
use super::marks::{Marks, begins_with_any};
use super::notation::Notation;
use super::subject::find_re_line;
use super::type_table::{TypeRow, TypeTable};

/// The id where no type was recognised.
pub const UNKNOWN: &str = "khong_ro";
const OFFICIAL_LETTER: &str = "cong_van";
const PUBLIC_LETTER: &str = "thu_cong";

/// What the witnesses are worth, in percent.
mod weigh {
    /// A heading in capitals, alone and exact, under a regime header.
    pub const HEADING: i32 = 92;
    pub const AN_EDIT: i32 = -12;
    pub const GOES_ON_IN_CAPITALS: i32 = -8;
    pub const NO_REGIME_HEADER: i32 = -10;
    pub const OPERATIVE_ONLY: i32 = -25;
    pub const NOTATION_AGREES: i32 = 7;
    pub const NOTATION_DISAGREES: i32 = -20;
    /// A công văn by its number, subject and addressee.
    pub const LETTER_BY_THREE: i32 = 93;
    pub const LETTER_BY_TWO: i32 = 80;
    /// A thư công: organ and addressee, but neither number nor subject.
    pub const LETTER_WITHOUT_NUMBER: i32 = 50;
    /// Only the notation says it.
    pub const NOTATION_ALONE: i32 = 60;
}

/// What the witnesses say of a first page.
pub struct Witnesses<'w, 'a> {
    /// The page.
    pub layout: &'w Layout<'a>,
    /// Its heading.
    pub heading: Option<&'w Heading<'w, 'a>>,
    /// Its number line.
    pub notation: Option<&'w Notation<'a>>,
    /// Whether it bears the regime header.
    pub regime: bool,
    /// The marks of a paper's parts.
    pub marks: &'w Marks,
}

/// Decides the type.
pub fn kind(witnesses: &Witnesses, types: &TypeTable) -> DocumentType {
    by_heading(witnesses, types)
        .or_else(|| official_letter(witnesses, types))
        .or_else(|| by_notation(witnesses, types))
        .or_else(|| public_letter(witnesses, types))
        .unwrap_or_else(unknown)
}

fn by_heading(witnesses: &Witnesses, types: &TypeTable) -> Option<DocumentType> {
    let heading = witnesses.heading?;
    let mut sure = weigh::HEADING + weigh::AN_EDIT * heading.edits as i32;
    if !heading.stands_alone() {
        sure += weigh::GOES_ON_IN_CAPITALS;
    }
    if !witnesses.regime {
        sure += weigh::NO_REGIME_HEADER;
    }
    if heading.operative {
        sure += weigh::OPERATIVE_ONLY;
    }
    match witnesses.notation.and_then(|n| n.kind(types)) {
        Some(row) if row.id == heading.row.id => sure += weigh::NOTATION_AGREES,
        Some(_) => sure += weigh::NOTATION_DISAGREES,
        None => {}
    }
    Some(of_row(
        witnesses,
        heading.row,
        sure,
        heading.words.iter().copied(),
    ))
}

/// A công văn has no heading: a number whose first sign is no type, `V/v`, `Kính gửi`.
fn official_letter(witnesses: &Witnesses, types: &TypeTable) -> Option<DocumentType> {
    let layout = witnesses.layout;
    let number = witnesses.notation.filter(|n| n.kind(types).is_none());
    let re = find_re_line(layout).map(|line| &layout.lines[line]);
    let addressee = layout.lines.iter().find(|line| is_addressee(layout, line));
    let seen = [number.is_some(), re.is_some(), addressee.is_some()];
    let sure = match seen.iter().filter(|seen| **seen).count() {
        3 => weigh::LETTER_BY_THREE,
        2 => weigh::LETTER_BY_TWO,
        _ => return None,
    };
    let words = re.or(addressee)?.words;
    Some(of_row(
        witnesses,
        types.by_id(OFFICIAL_LETTER)?,
        sure,
        words,
    ))
}

/// A thư công bears the heads of an office and an addressee, but no number and no subject.
fn public_letter(witnesses: &Witnesses, types: &TypeTable) -> Option<DocumentType> {
    let layout = witnesses.layout;
    let lines = &layout.lines;
    let addressee = lines.iter().find(|line| is_addressee(layout, line))?;
    let from_organ = lines.iter().any(|line| {
        layout.down(line) < 0.25
            && layout.across(line) < 0.45
            && begins_with_any(&line.folded, &witnesses.marks.organ_starts)
    });
    let bare = witnesses.notation.is_none() && find_re_line(layout).is_none();
    let row = types.by_id(PUBLIC_LETTER)?;
    (witnesses.regime && from_organ && bare).then(|| {
        of_row(
            witnesses,
            row,
            weigh::LETTER_WITHOUT_NUMBER,
            addressee.words,
        )
    })
}

fn is_addressee(layout: &Layout, line: &Line) -> bool {
    layout.down(line) < 0.5 && line.folded.letters().starts_with("KINHGUI")
}

fn by_notation(witnesses: &Witnesses, types: &TypeTable) -> Option<DocumentType> {
    let notation = witnesses.notation?;
    let row = notation.kind(types)?;
    Some(of_row(
        witnesses,
        row,
        weigh::NOTATION_ALONE,
        notation.words,
    ))
}

fn of_row<'w>(
    witnesses: &Witnesses,
    row: &TypeRow,
    sure: i32,
    words: impl IntoIterator<Item = &'w Word>,
) -> DocumentType {
    DocumentType {
        id: row.id.clone(),
        type_name: row.type_name.clone(),
        title: row.title.clone(),
        confidence: Confidence::from_pct(sure.clamp(5, 99) as u8),
        evidence: witnesses.layout.evidence(words),
        broader: None,
        cues: Vec::new(),
        runner_up: None,
    }
}

fn unknown() -> DocumentType {
    DocumentType {
        id: UNKNOWN.to_owned(),
        type_name: "32".to_owned(),
        title: "Không rõ".to_owned(),
        confidence: Confidence::from_pct(0),
        evidence: None,
        broader: None,
        cues: Vec::new(),
        runner_up: None,
    }
}
