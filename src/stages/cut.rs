//! Cut: which pages of a long stream (a box scanned at once) make one dossier.
//!
//! Nothing is lost here: every page of the stream lies in exactly one piece, and a piece
//! whose dossier cannot be told is set aside with its reason, under its pages' numbers.
//! Sheets stay with the dossier they open; the road gives them their fate.

use std::collections::HashMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::formats::barcode::{Mark, Symbol};
use crate::model::{Coded, DossierCode, Params};

/// What cuts a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The signs that are obeyed.
    pub by: Vec<By>,
    /// Whether a dossier that begins without a code may take it from what is read on its
    /// first pages.
    pub code_from_text: bool,
}

/// A sign that another dossier begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The QR of a separator sheet.
    Qr,
    /// The bars of a separator sheet: Code 128, or Code 39 as other programs print it.
    Code128,
    /// A sheet with Patch T.
    PatchT,
    /// The dossier's cover (bìa HỒ SƠ).
    Cover,
    /// The dossier's list of papers (MỤC LỤC VĂN BẢN, TÀI LIỆU).
    MucLuc,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            by: vec![By::Qr, By::Code128, By::PatchT],
            code_from_text: false,
        }
    }
}

impl Options {
    /// True where pages have to be read before they can be cut.
    pub fn needs_text(&self) -> bool {
        self.by.contains(&By::Cover) || self.by.contains(&By::MucLuc)
    }

    /// What the marks on a page mean under these options.
    pub fn sign(&self, marks: &[Mark]) -> Sign {
        let obeyed = marks.iter().filter(|mark| {
            self.by.contains(&match mark {
                Mark::Dossier {
                    symbol: Symbol::Qr, ..
                } => By::Qr,
                Mark::Dossier { .. } => By::Code128,
                Mark::NextDossier => By::PatchT,
            })
        });
        let mut sign = Sign::Page;
        for mark in obeyed {
            sign = match (sign, mark) {
                (Sign::Page | Sign::NextDossier, Mark::Dossier { code, .. }) => {
                    Sign::Sheet(code.clone())
                }
                (Sign::Page, Mark::NextDossier) => Sign::NextDossier,
                (Sign::Sheet(first), Mark::Dossier { code, .. }) if first != *code => {
                    Sign::TwoCodes
                }
                (sign, _) => sign,
            };
        }
        sign
    }
}

/// What a page is to the cutter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A page of the dossier before it.
    Page,
    /// A separator sheet of this dossier.
    Sheet(DossierCode),
    /// A separator sheet whose symbols name different dossiers.
    TwoCodes,
    /// A separator sheet without a code.
    NextDossier,
    /// A dossier's own first page, with the code read on it.
    Front(Option<DossierCode>),
}

impl Sign {
    /// True for a sheet that only parts dossiers and belongs into none of their documents.
    pub fn is_sheet(&self) -> bool {
        matches!(self, Sign::Sheet(_) | Sign::TwoCodes | Sign::NextDossier)
    }
}

/// Pages of a stream that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Places of its pages, from 0.
    pub pages: Range<usize>,
    /// Its dossier, or why there is none.
    pub code: Result<DossierCode, CutFault>,
}

/// Why a piece of a stream is no dossier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CutFault {
    /// The pages in front of the first sheet.
    #[error("no sheet stands before these pages")]
    NoSheetBefore,
    /// What opens it says no code, or two.
    #[error("what opens it on page {page} gives no code")]
    NoCode {
        /// Page of the stream, from 1.
        page: usize,
    },
    /// The same code opens another piece of the stream, with other dossiers in between.
    #[error("{code} stands on page {page} and on page {other}")]
    Twice {
        /// The code.
        code: DossierCode,
        /// Where this piece begins, page of the stream from 1.
        page: usize,
        /// Where the other begins.
        other: usize,
    },
    /// A sheet follows directly.
    #[error("no page between the sheet of {code} and the next")]
    Empty {
        /// The code.
        code: DossierCode,
    },
}

impl CutFault {
    /// The dossier it is about, where it is about one.
    pub fn dossier(&self) -> Option<&DossierCode> {
        match self {
            Self::Twice { code, .. } | Self::Empty { code } => Some(code),
            Self::NoSheetBefore | Self::NoCode { .. } => None,
        }
    }
}

impl Coded for CutFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Twice { .. } => "INT-043",
            Self::NoSheetBefore => "INT-044",
            Self::NoCode { .. } => "INT-045",
            Self::Empty { .. } => "INT-046",
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::NoSheetBefore => Params::new(),
            Self::NoCode { page } => Params::from([("page", page.to_string())]),
            Self::Twice { code, page, other } => Params::from([
                ("dossier", code.to_string()),
                ("page", page.to_string()),
                ("other", other.to_string()),
            ]),
            Self::Empty { code } => Params::from([("dossier", code.to_string())]),
        }
    }
}

/// Parts a stream's pages into pieces, in order.
///
/// Sheets of one dossier with none of another between them make one piece: a dossier laid
/// down in two bundles, or a sheet of which two were printed. Dossiers that come back after
/// another are set aside, every part of them: nobody but a person can tell whether a sheet
/// was misplaced or a code given twice.
pub fn cut(signs: &[Sign]) -> Vec<Piece> {
    let mut opened: Vec<Opened> = Vec::new();
    for (place, sign) in signs.iter().enumerate() {
        match opened.last_mut() {
            Some(open) if open.goes_on(sign) => open.take(sign),
            _ => opened.push(Opened::by(sign, place)),
        }
    }
    let ends: Vec<usize> = opened.iter().skip(1).map(|open| open.start).collect();
    let ends = ends.into_iter().chain([signs.len()]);
    let pieces = opened.into_iter().zip(ends);
    let mut pieces: Vec<Piece> = pieces.map(|(open, end)| open.closed(end)).collect();
    set_aside_twins(&mut pieces);
    pieces
}

/// A piece in the making.
struct Opened {
    start: usize,
    claim: Claim,
    /// True while it holds nothing but what opens dossiers.
    only_opening: bool,
    /// True where one of its pages is a page of the dossier itself.
    has_pages: bool,
}

/// What a piece's opening says of its dossier.
enum Claim {
    /// Nothing opened it.
    Nothing,
    Code(DossierCode),
    NoCode,
    TwoCodes,
}

impl Opened {
    fn by(sign: &Sign, place: usize) -> Self {
        let claim = match sign {
            Sign::Page => Claim::Nothing,
            Sign::Sheet(code) | Sign::Front(Some(code)) => Claim::Code(code.clone()),
            Sign::NextDossier | Sign::Front(None) => Claim::NoCode,
            Sign::TwoCodes => Claim::TwoCodes,
        };
        Self {
            start: place,
            claim,
            only_opening: *sign != Sign::Page,
            has_pages: !sign.is_sheet(),
        }
    }

    /// True where the page belongs to this piece.
    fn goes_on(&self, sign: &Sign) -> bool {
        match (sign, &self.claim) {
            (Sign::Page, _) => true,
            (Sign::Sheet(code) | Sign::Front(Some(code)), Claim::Code(own)) => code == own,
            // A plain divider, or a cover without a code, directly before what has one.
            (Sign::Sheet(_) | Sign::Front(Some(_)), Claim::NoCode) => self.only_opening,
            // Cover and list of papers behind their dossier's sheet, or behind each other.
            (Sign::Front(None), Claim::Code(_) | Claim::NoCode) => self.only_opening,
            (Sign::NextDossier, Claim::NoCode) => self.only_opening && !self.has_pages,
            _ => false,
        }
    }

    fn take(&mut self, sign: &Sign) {
        if let (Claim::NoCode, Sign::Sheet(code) | Sign::Front(Some(code))) = (&self.claim, sign) {
            self.claim = Claim::Code(code.clone());
        }
        self.only_opening &= *sign != Sign::Page;
        self.has_pages |= !sign.is_sheet();
    }

    fn closed(self, end: usize) -> Piece {
        let page = self.start + 1;
        let code = match self.claim {
            Claim::Nothing => Err(CutFault::NoSheetBefore),
            Claim::Code(code) if !self.has_pages => Err(CutFault::Empty { code }),
            Claim::Code(code) => Ok(code),
            Claim::NoCode | Claim::TwoCodes => Err(CutFault::NoCode { page }),
        };
        Piece {
            pages: self.start..end,
            code,
        }
    }
}

/// Sets aside all pieces whose code opens more than one of them, each naming another.
pub fn set_aside_twins(pieces: &mut [Piece]) {
    let mut starts: HashMap<DossierCode, Vec<usize>> = HashMap::new();
    for piece in pieces.iter() {
        if let Ok(code) = &piece.code {
            starts
                .entry(code.clone())
                .or_default()
                .push(piece.pages.start + 1);
        }
    }
    for piece in pieces {
        let Ok(code) = &piece.code else { continue };
        let page = piece.pages.start + 1;
        let other = starts[code].iter().find(|start| **start != page);
        if let Some(&other) = other {
            let code = code.clone();
            piece.code = Err(CutFault::Twice { code, page, other });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(n: u8) -> DossierCode {
        format!("H10.12-221013-00{n:02}").parse().expect("a code")
    }

    fn sheet(n: u8) -> Sign {
        Sign::Sheet(code(n))
    }

    fn pieces(signs: &[Sign]) -> Vec<(Range<usize>, Result<DossierCode, &'static str>)> {
        let told = |piece: Piece| (piece.pages, piece.code.map_err(|fault| fault.code()));
        cut(signs).into_iter().map(told).collect()
    }

    use Sign::{Front, NextDossier, Page, TwoCodes};

    #[test]
    fn each_sheet_opens_its_dossier() {
        let signs = [sheet(1), Page, Page, sheet(2), Page];
        assert_eq!(pieces(&signs), [(0..3, Ok(code(1))), (3..5, Ok(code(2)))]);
    }

    #[test]
    fn pages_before_the_first_sheet_are_a_piece_without_a_code() {
        let expected = [(0..2, Err("INT-044")), (2..4, Ok(code(1)))];
        assert_eq!(pieces(&[Page, Page, sheet(1), Page]), expected);
        assert_eq!(pieces(&[Page, Page]), [(0..2, Err("INT-044"))]);
        assert_eq!(pieces(&[]), []);
    }

    #[test]
    fn a_dossier_in_two_bundles_is_one() {
        let signs = [sheet(1), Page, sheet(1), Page, sheet(2), sheet(2), Page];
        assert_eq!(pieces(&signs), [(0..4, Ok(code(1))), (4..7, Ok(code(2)))]);
    }

    #[test]
    fn a_dossier_that_comes_back_is_set_aside_and_both_places_are_named() {
        let signs = [sheet(1), Page, sheet(2), Page, sheet(1), Page];
        let found = cut(&signs);
        let twice = |page, other| {
            let code = code(1);
            Err(CutFault::Twice { code, page, other })
        };
        assert_eq!(found[0].code, twice(1, 5));
        assert_eq!(found[1].code, Ok(code(2)));
        assert_eq!(found[2].code, twice(5, 1));
    }

    #[test]
    fn a_sheet_directly_before_another_is_an_empty_dossier() {
        let expected = [
            (0..1, Err("INT-046")),
            (1..3, Ok(code(2))),
            (3..4, Err("INT-046")),
        ];
        assert_eq!(pieces(&[sheet(1), sheet(2), Page, sheet(3)]), expected);
    }

    #[test]
    fn a_divider_without_a_code_opens_a_dossier_without_a_code() {
        let signs = [sheet(1), Page, NextDossier, Page, TwoCodes, Page];
        let expected = [
            (0..2, Ok(code(1))),
            (2..4, Err("INT-045")),
            (4..6, Err("INT-045")),
        ];
        assert_eq!(pieces(&signs), expected);
    }

    #[test]
    fn a_divider_before_a_sheet_with_a_code_belongs_to_it() {
        let signs = [sheet(1), Page, NextDossier, sheet(2), Page];
        assert_eq!(pieces(&signs), [(0..2, Ok(code(1))), (2..5, Ok(code(2)))]);
    }

    #[test]
    fn cover_and_list_of_papers_open_one_dossier() {
        let signs = [
            Front(Some(code(1))),
            Front(None),
            Page,
            Front(None),
            Front(Some(code(2))),
            Page,
            Front(Some(code(2))),
        ];
        assert_eq!(pieces(&signs), [(0..3, Ok(code(1))), (3..7, Ok(code(2)))]);
        let signs = [sheet(1), Front(Some(code(2))), Page];
        assert_eq!(
            pieces(&signs),
            [(0..1, Err("INT-046")), (1..3, Ok(code(2)))]
        );
        assert_eq!(pieces(&[Front(None), Page]), [(0..2, Err("INT-045"))]);
    }

    #[test]
    fn only_the_signs_of_the_plan_are_obeyed() {
        let marks = [
            Mark::Dossier {
                code: code(1),
                symbol: Symbol::Qr,
            },
            Mark::Dossier {
                code: code(2),
                symbol: Symbol::Code128,
            },
            Mark::NextDossier,
        ];
        let sign = |by: &[By]| {
            let by = by.to_vec();
            Options {
                by,
                ..Options::default()
            }
            .sign(&marks)
        };
        assert_eq!(sign(&[By::Qr]), sheet(1));
        assert_eq!(sign(&[By::Code128, By::PatchT]), sheet(2));
        assert_eq!(sign(&[By::PatchT]), NextDossier);
        assert_eq!(sign(&[By::Qr, By::Code128]), TwoCodes);
        assert_eq!(sign(&[By::Cover]), Page);
    }

    fn any_sign() -> impl Strategy<Value = Sign> {
        prop_oneof![
            4 => Just(Page),
            2 => (0..4_u8).prop_map(sheet),
            1 => Just(NextDossier),
            1 => Just(TwoCodes),
            1 => proptest::option::of(0..4_u8).prop_map(|n| Front(n.map(code))),
        ]
    }

    proptest! {
        #[test]
        fn every_page_lies_in_exactly_one_piece(signs in proptest::collection::vec(any_sign(), 0..40)) {
            let pages: Vec<usize> = cut(&signs).into_iter().flat_map(|p| p.pages).collect();
            prop_assert_eq!(pages, (0..signs.len()).collect::<Vec<_>>());
        }

        #[test]
        fn no_two_pieces_make_the_same_dossier(signs in proptest::collection::vec(any_sign(), 0..40)) {
            let pieces = cut(&signs);
            let mut codes: Vec<_> = pieces.iter().filter_map(|p| p.code.as_ref().ok()).collect();
            let all = codes.len();
            codes.sort();
            codes.dedup();
            prop_assert_eq!(codes.len(), all);
        }

        #[test]
        fn a_dossier_holds_no_sheet_of_another(signs in proptest::collection::vec(any_sign(), 0..40)) {
            for piece in cut(&signs) {
                let Ok(own) = piece.code else { continue };
                for sign in &signs[piece.pages] {
                    let fits = !matches!(sign, Sign::Sheet(code) if *code != own);
                    prop_assert!(fits && *sign != TwoCodes);
                }
            }
        }
    }
}
