//! The scales of the types: rules first (heading, notation, the layout of a công văn, phrases of the
//! table), the trained model beside them.

use crate::model::Word;
use crate::model::document::{Cue, Evidence};

use super::heading::{Heading, has_unknown_title};
use super::kind::Witnesses;
use super::layout::{Layout, Line};
use super::marks::begins_with_any;
use super::notation::Notation;
use super::phrase::Spoken;
use super::subject::find_re_line;
use super::type_table::{TypeTable, Zone};
use super::unnamed;

const OFFICIAL_LETTER: &str = "cong_van";
const PUBLIC_LETTER: &str = "thu_cong";

/// So many cues are told of a document; the others weigh little.
const MOST_CUES_TOLD: usize = 8;

/// What the witnesses are worth, in hundredths of a nat.
pub mod weigh {
    /// A heading in capitals, alone and exact.
    pub const HEADING: i32 = 520;
    pub const A_LETTER: i32 = 4;
    pub const AN_EDIT: i32 = -75;
    pub const GOES_ON_IN_CAPITALS: i32 = -60;
    pub const OPERATIVE_ONLY: i32 = -230;
    /// A better one stands on the page.
    pub const A_BETTER_HEADING: i32 = -260;
    /// A longer heading of another type begins with it (`GIẤY PHÉP` of `GIẤY PHÉP HÀNH NGHỀ`).
    pub const IN_A_BETTER_HEADING: i32 = -320;
    /// The heading of the more general type.
    pub const BROADER_HEADING: i32 = -60;
    /// From here on phrases and model together say which form it is, whatever its heading calls it.
    pub const FORM_SPEAKS: i32 = 110;
    /// A general heading of which the form is no kind (`ĐƠN ĐỀ NGHỊ` over what others call `TỜ KHAI`).
    pub const HEADING_OF_OTHERS: i32 = -110;
    pub const REGIME: i32 = 60;
    pub const NO_REGIME: i32 = -40;
    pub const NOTATION_AGREES: i32 = 140;
    pub const NOTATION_DISAGREES: i32 = -140;
    /// Only the notation says it.
    pub const NOTATION_ALONE: i32 = 250;
    /// A công văn by its number, subject and addressee.
    pub const LETTER_BY_THREE: i32 = 640;
    pub const LETTER_BY_TWO: i32 = 430;
    /// A thư công: organ and addressee, but neither number nor subject.
    pub const LETTER_WITHOUT_NUMBER: i32 = 320;
    /// Something on it was taken for a heading all the same.
    pub const LETTER_WITH_HEADING: i32 = -230;
    /// A heading that no row names stands over it.
    pub const LETTER_WITH_TITLE: i32 = -300;
    /// Cues together, where no heading was read.
    pub const MOST_CUES: i32 = 380;
    /// From here on the model alone brings up a type.
    pub const MODEL_ALONE: i32 = 60;
    /// The dossier's own list names it here; people keep such lists, so it decides nothing alone.
    pub const LISTED: i32 = 150;
    /// Neither heading nor notation nor the heads of a letter: phrases also stand on later pages.
    pub const NO_HEAD: i32 = -80;
    /// What no type must exceed to stay unknown.
    pub const UNKNOWN: i32 = 200;
    /// The same where a heading stands on the page that no row names.
    pub const UNKNOWN_TITLE: i32 = 300;
    /// Weights are not independent, so their sum is worth less than it says: divided by this it
    /// gives nats. Chosen on the tuning part of the truth set (docs/evaluation.md): no type was wrong there,
    /// so it stays on the cautious side.
    pub const SCALE: f64 = 120.0;
}

/// One weight in the scales of a type.
pub struct Weight<'w> {
    row: usize,
    id: &'static str,
    points: i32,
    page: u32,
    /// The words that weigh; none for what is seen on the page as a whole.
    pub words: Vec<&'w Word>,
}

/// All weights.
pub struct Scales<'w>(Vec<Weight<'w>>);

impl<'w> Scales<'w> {
    /// Weighs everything that the witnesses say.
    pub fn of(witnesses: &'w Witnesses<'w, '_>, types: &TypeTable) -> Self {
        let mut scales = Self(Vec::new());
        scales.headings(witnesses);
        scales.notation(witnesses, types);
        scales.letters(witnesses, types);
        scales.broader_headings(witnesses, types);
        scales.headings_by_form(witnesses, types);
        scales.layout(witnesses, types);
        scales.cues_spoken(witnesses, types);
        scales.model(witnesses, types);
        if let Some(row) = witnesses.listed.filter(|row| *row < types.rows.len()) {
            scales.put(row, "listed", weigh::LISTED, Vec::new());
        }
        scales
    }

    fn put(&mut self, row: usize, id: &'static str, points: i32, words: Vec<&'w Word>) {
        self.0.push(Weight {
            row,
            id,
            points,
            page: 1,
            words,
        });
    }

    fn headings(&mut self, witnesses: &'w Witnesses<'w, '_>) {
        for (place, heading) in witnesses.headings.iter().enumerate() {
            let mut points = weigh::HEADING
                + weigh::A_LETTER * heading.letters as i32
                + weigh::AN_EDIT * heading.edits as i32;
            if !heading.stands_alone() {
                points += weigh::GOES_ON_IN_CAPITALS;
            }
            if heading.operative {
                points += weigh::OPERATIVE_ONLY;
            }
            if place > 0 {
                points += match is_part(heading, &witnesses.headings[0]) {
                    true => weigh::IN_A_BETTER_HEADING,
                    false => weigh::A_BETTER_HEADING,
                };
            }
            self.put(heading.number, "heading", points, heading.words.clone());
        }
    }

    /// The heading of the more general type counts where words in heading or trích yếu say which kind.
    fn broader_headings(&mut self, witnesses: &'w Witnesses<'w, '_>, types: &TypeTable) {
        for row in 0..types.rows.len() {
            let Some(broader) = types.broader(row) else {
                continue;
            };
            if !self.is_headed(row) && is_named(row, witnesses, types) {
                self.inherit(row, broader, weigh::BROADER_HEADING);
            }
        }
    }

    /// A general heading, or one that explains less than half of what stands there, counts for the form of which
    /// phrases and model speak together: offices word headings as they like, the lines of one form are much alike.
    fn headings_by_form(&mut self, witnesses: &'w Witnesses<'w, '_>, types: &TypeTable) {
        let Some(heading) = witnesses.headings.first() else {
            return;
        };
        let general = heading.number;
        let (read, rest) = unnamed::letters(general, heading, witnesses, types);
        if !types.is_general(general) && rest < read {
            return;
        }
        for row in 0..types.rows.len() {
            let own_general = types.broader(row) == Some(general);
            let speaks = row != general && form_points(row, witnesses) >= weigh::FORM_SPEAKS;
            if speaks && !self.is_headed(row) && !types.is_general(row) {
                let less = match own_general {
                    true => weigh::BROADER_HEADING,
                    false => weigh::HEADING_OF_OTHERS,
                };
                self.inherit(row, general, less);
            }
        }
    }

    /// Heading and notation of the general type count for this row too, `less` hundredths of a nat each.
    fn inherit(&mut self, row: usize, general: usize, less: i32) {
        let general = self.0.iter().filter(|weight| weight.row == general);
        let inherited: Vec<(i32, Vec<&Word>)> = general
            .filter(|weight| weight.id == "heading" || weight.id == "notation")
            .map(|weight| (weight.points, weight.words.clone()))
            .collect();
        for (points, words) in inherited {
            self.put(row, "broader_heading", points + less, words);
        }
    }

    fn notation(&mut self, witnesses: &'w Witnesses<'w, '_>, types: &TypeTable) {
        let Some(notation) = witnesses.notation else {
            return;
        };
        let Some(said) = notation
            .kind(types)
            .and_then(|row| types.number_of(&row.id))
        else {
            return;
        };
        let words = || notation.words.iter().collect();
        for heading in witnesses.headings {
            let agrees = heading.number == said || types.broader(heading.number) == Some(said);
            // Only a type that has a sign of its own is contradicted by another's.
            if agrees {
                self.put(heading.number, "notation", weigh::NOTATION_AGREES, words());
            } else if heading.row.abbreviation.is_some() {
                self.put(
                    heading.number,
                    "notation",
                    weigh::NOTATION_DISAGREES,
                    words(),
                );
            }
        }
        if witnesses
            .headings
            .iter()
            .all(|heading| heading.number != said)
        {
            self.put(said, "notation", weigh::NOTATION_ALONE, words());
        }
    }

    /// A công văn has no heading: a number whose first sign is no type, `V/v`, `Kính gửi`. A thư
    /// công bears the heads of an office and an addressee, but no number and no subject.
    fn letters(&mut self, witnesses: &'w Witnesses<'w, '_>, types: &TypeTable) {
        let headed = match () {
            () if !witnesses.headings.is_empty() => weigh::LETTER_WITH_HEADING,
            () if has_unknown_title(witnesses.layout, witnesses.marks) => weigh::LETTER_WITH_TITLE,
            () => 0,
        };
        let layout = witnesses.layout;
        let typed = |n: &&Notation| n.kind(types).is_some();
        let number = witnesses.notation.filter(|n| !typed(n));
        let re = find_re_line(layout).map(|line| &layout.lines[line]);
        let addressee = layout.lines.iter().find(|line| is_addressee(layout, line));
        let seen = [number.is_some(), re.is_some(), addressee.is_some()];
        let points = match seen.iter().filter(|seen| **seen).count() {
            3 => weigh::LETTER_BY_THREE,
            2 => weigh::LETTER_BY_TWO,
            _ => 0,
        };
        if let Some(words) = re.or(addressee).map(|line| line.words.iter().collect())
            && let Some(row) = types.number_of(OFFICIAL_LETTER)
            && points > 0
        {
            self.put(row, "letter", points + headed, words);
        }
        let bare = witnesses.notation.is_none() && re.is_none() && witnesses.regime;
        if let Some(addressee) = addressee.filter(|_| bare && heads_an_organ(witnesses))
            && let Some(row) = types.number_of(PUBLIC_LETTER)
        {
            let words = addressee.words.iter().collect();
            self.put(row, "letter", weigh::LETTER_WITHOUT_NUMBER + headed, words);
        }
    }

    fn layout(&mut self, witnesses: &'w Witnesses<'w, '_>, types: &TypeTable) {
        let named: Vec<usize> = witnesses
            .headings
            .iter()
            .map(|heading| heading.number)
            .collect();
        for row in named {
            let points = match (types.rows[row].regime, witnesses.regime) {
                (Some(false), true) | (Some(true), false) => weigh::NO_REGIME,
                (Some(false), false) | (_, true) => weigh::REGIME,
                (None, false) => 0,
            };
            if points != 0 {
                self.put(row, "layout", points, Vec::new());
            }
        }
    }

    fn cues_spoken(&mut self, witnesses: &'w Witnesses<'w, '_>, types: &TypeTable) {
        let spoken = witnesses.spoken.iter();
        for spoken in spoken.filter(|spoken| counts(spoken, witnesses, types)) {
            self.0.push(Weight {
                row: spoken.row,
                id: "phrase",
                points: spoken.cue.weight,
                page: spoken.page,
                words: spoken.words.clone(),
            });
        }
    }

    fn model(&mut self, witnesses: &'w Witnesses<'w, '_>, types: &TypeTable) {
        let mut seen = vec![false; witnesses.opinion.types.len()];
        let mut only_notation = seen.clone();
        for weight in &self.0 {
            let first = !std::mem::replace(&mut seen[weight.row], true);
            let notation = weight.id == "notation" && (first || only_notation[weight.row]);
            only_notation[weight.row] = notation;
        }
        for (row, points) in witnesses.opinion.types.iter().enumerate() {
            // A kind that the heading names is of the general type too: what speaks for that speaks for it.
            let broader = types
                .broader(row)
                .filter(|_| is_named(row, witnesses, types));
            let points = broader.map_or(points, |broader| {
                points.max(&witnesses.opinion.types[broader])
            });
            // Of types that nothing else speaks of, only the likely ones.
            // The notation's letters are what the model sees too: they are not counted twice.
            let speaks = *points != 0 && !only_notation[row];
            if speaks && (seen[row] || *points > weigh::MODEL_ALONE) {
                self.put(row, "model", *points, Vec::new());
            }
        }
    }

    /// What each type of which anything was seen weighs.
    pub fn sums(&self, rows: usize) -> Vec<(usize, i32)> {
        let (mut sums, mut cues) = (vec![0; rows], vec![0; rows]);
        let (mut seen, mut headed) = (vec![false; rows], vec![false; rows]);
        for weight in &self.0 {
            seen[weight.row] = true;
            headed[weight.row] |= !matches!(weight.id, "phrase" | "model" | "listed");
            match weight.id {
                "phrase" => cues[weight.row] += weight.points,
                _ => sums[weight.row] += weight.points,
            }
        }
        let sum = |row: usize| {
            let head = if headed[row] { 0 } else { weigh::NO_HEAD };
            sums[row] + cues[row].min(weigh::MOST_CUES) + head
        };
        let rows = (0..rows).filter(|row| seen[*row]);
        rows.map(|row| (row, sum(row))).collect()
    }

    /// What heading, notation and layout weigh for this type: what also a paper shows that only begins like it.
    pub fn head(&self, row: usize) -> i32 {
        let head = |weight: &&Weight| {
            weight.row == row && !matches!(weight.id, "phrase" | "model" | "listed")
        };
        self.0.iter().filter(head).map(|weight| weight.points).sum()
    }

    /// True where a heading speaks for this type, its own or that of the more general one.
    pub fn is_headed(&self, row: usize) -> bool {
        let heading = |id| id == "heading" || id == "broader_heading";
        let own = |weight: &Weight| weight.row == row && heading(weight.id);
        self.0.iter().any(own)
    }

    /// True where the sign in the number is that of this type.
    pub fn is_signed(&self, row: usize) -> bool {
        let own =
            |weight: &Weight| weight.row == row && weight.id == "notation" && weight.points > 0;
        self.0.iter().any(own)
    }

    /// What decided for this type: the weightiest words on the first page.
    pub fn decided(&self, row: usize) -> Option<&Weight<'w>> {
        let own = self
            .0
            .iter()
            .filter(|w| w.row == row && w.page == 1 && !w.words.is_empty());
        own.rev().max_by_key(|weight| weight.points)
    }

    /// What spoke for this type and against it, the weightiest first.
    pub fn cues(&self, row: usize, witnesses: &Witnesses) -> Vec<Cue> {
        let mut own: Vec<&Weight> = self.0.iter().filter(|weight| weight.row == row).collect();
        own.sort_by_key(|weight| -weight.points.abs());
        let cue = |weight: &&Weight| Cue {
            id: weight.id.to_owned(),
            weight: weight.points,
            evidence: witnesses
                .layout
                .evidence(weight.words.iter().copied())
                .map(|evidence| Evidence {
                    page: weight.page,
                    ..evidence
                }),
        };
        own.iter().take(MOST_CUES_TOLD).map(cue).collect()
    }
}

/// True where all words of the heading are words of the better one.
fn is_part(heading: &Heading, better: &Heading) -> bool {
    let better = |word: &&Word| better.words.iter().any(|own| std::ptr::eq(*own, *word));
    heading.words.iter().all(better)
}

/// Words in the heading count only for the type whose heading it is, or for a kind of it: those of
/// another type are part of what the paper is about (`ĐƠN ĐĂNG KÝ, CẤP GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT`).
fn counts(spoken: &Spoken, witnesses: &Witnesses, types: &TypeTable) -> bool {
    let best = witnesses.headings.first().map(|heading| heading.number);
    spoken.cue.zone != Zone::Heading
        || best == Some(spoken.row)
        || best.is_some() && best == types.broader(spoken.row)
}

/// True where words in heading or trích yếu say that it is this type.
fn is_named(row: usize, witnesses: &Witnesses, types: &TypeTable) -> bool {
    witnesses.spoken.iter().any(|spoken| {
        spoken.row == row && spoken.cue.zone == Zone::Heading && counts(spoken, witnesses, types)
    })
}

/// What the lines of the page say for this form, each once, its heading aside.
fn form_points(row: usize, witnesses: &Witnesses) -> i32 {
    let own = witnesses.spoken.iter();
    let own = own.filter(|spoken| spoken.row == row && spoken.cue.zone != Zone::Heading);
    let phrases: i32 = own.map(|spoken| spoken.cue.weight).sum();
    let model = witnesses.opinion.types.get(row).copied().unwrap_or(0);
    phrases + model.max(0)
}

fn heads_an_organ(witnesses: &Witnesses) -> bool {
    let layout = witnesses.layout;
    layout.lines.iter().any(|line| {
        layout.down(line) < 0.25
            && layout.across(line) < 0.45
            && begins_with_any(&line.folded, &witnesses.marks.organ_starts)
    })
}

fn is_addressee(layout: &Layout, line: &Line) -> bool {
    layout.down(line) < 0.5 && line.folded.letters().starts_with("KINHGUI")
}
