//! What the dossier's own lists add to the borders: papers in the order in which a mục lục names them, with their sheets.
//!
//! Lists are kept by people: papers are forgotten, swapped, or listed and not there. So a list only adds a little to
//! what a page shows itself, at most [`MOST`] either way, and its numbers of sheets count only where most of them
//! agree with headings that were read.

use crate::model::ListedPaper;

use super::{PageToSplit, Side};

/// A page whose heading is that of a paper listed at this point of the order.
const NAMED: i32 = 80;
/// By the list's numbers of sheets a paper begins here.
const SHEET_BEGINS: i32 = 110;
/// By them no paper begins here.
const SHEET_GOES_ON: i32 = -80;
/// What all of it together may add to a border, either way.
pub const MOST: i32 = NAMED + SHEET_BEGINS;
/// Headings that must agree with the list's sheets before these are believed.
const AGREEING: usize = 2;

/// What a list says of one page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Log-odds that a document begins on it, in hundredths of a nat.
    pub opens: i32,
    /// Row of the type table of the paper that is listed as beginning on it.
    pub kind: Option<u16>,
}

/// What the lists say of each page.
pub fn said(pages: &[PageToSplit], listed: &[ListedPaper]) -> Vec<Said> {
    let mut said = vec![Said::default(); pages.len()];
    let written: Vec<usize> = (0..pages.len())
        .filter(|place| is_a_paper(&pages[*place]))
        .collect();
    let kinds: Vec<Option<u16>> = written
        .iter()
        .map(|place| heading(&pages[*place]))
        .collect();
    let named = in_order(&kinds, listed);
    for (sheet, paper) in &named {
        said[written[*sheet]].opens += NAMED;
        said[written[*sheet]].kind = listed[*paper].kind;
    }
    let Some(offset) = agreed(&named, listed) else {
        return said;
    };
    let place = |sheet: u16| {
        let at = usize::try_from(i64::from(sheet) + offset).ok()?;
        written.get(at).copied()
    };
    for paper in listed {
        let Some((first, last)) = paper.sheets else {
            continue;
        };
        if let Some(place) = place(first) {
            said[place].opens += SHEET_BEGINS;
            said[place].kind = said[place].kind.or(paper.kind);
        }
        for place in (first + 1..=last).filter_map(place) {
            said[place].opens += SHEET_GOES_ON;
        }
    }
    for said in &mut said {
        said.opens = said.opens.clamp(-MOST, MOST);
    }
    said
}

/// Written, and no list itself: lists stand before what they count.
fn is_a_paper(page: &PageToSplit) -> bool {
    match page.side {
        Side::Written(signs) => !signs.lists,
        Side::Kept => true,
        Side::Blank | Side::Separator => false,
    }
}

/// The type that the page's heading names, where the page may begin a document.
fn heading(page: &PageToSplit) -> Option<u16> {
    match page.side {
        Side::Written(signs) if signs.opens > 0 => signs.kind,
        _ => None,
    }
}

/// Pairs of page and listed paper of one type, both in order: the most there can be (longest common
/// subsequence; of equals the earliest).
fn in_order(kinds: &[Option<u16>], listed: &[ListedPaper]) -> Vec<(usize, usize)> {
    let (rows, columns) = (kinds.len(), listed.len());
    let equal =
        |row: usize, column: usize| kinds[row].is_some() && kinds[row] == listed[column].kind;
    let mut longest = vec![vec![0u32; columns + 1]; rows + 1];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            longest[row][column] = match equal(row, column) {
                true => longest[row + 1][column + 1] + 1,
                false => longest[row + 1][column].max(longest[row][column + 1]),
            };
        }
    }
    let (mut row, mut column, mut pairs) = (0, 0, Vec::new());
    while row < rows && column < columns {
        if equal(row, column) {
            pairs.push((row, column));
            (row, column) = (row + 1, column + 1);
        } else if longest[row + 1][column] >= longest[row][column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

/// Where sheet 1 stands less one, if the headings that were found agree on it: more than half of those
/// whose sheets are listed, and two at least.
fn agreed(named: &[(usize, usize)], listed: &[ListedPaper]) -> Option<i64> {
    let offset = |(sheet, paper): &(usize, usize)| {
        let (first, _) = listed[*paper].sheets?;
        Some(*sheet as i64 - i64::from(first))
    };
    let offsets: Vec<i64> = named.iter().filter_map(offset).collect();
    let votes = |own: i64| offsets.iter().filter(|other| **other == own).count();
    let most = offsets.iter().copied().max_by_key(|own| votes(*own))?;
    (votes(most) >= AGREEING && votes(most) * 2 > offsets.len()).then_some(most)
}

#[cfg(test)]
mod tests {
    use super::super::{Piece, split_listed};
    use super::*;
    use crate::model::PageSigns;
    use proptest::prelude::*;

    fn page(source: usize, opens: i32, kind: Option<u16>) -> PageToSplit {
        PageToSplit {
            side: Side::Written(PageSigns {
                opens,
                kind,
                ..PageSigns::default()
            }),
            source: source as u32,
            pages_in_source: 1,
        }
    }

    fn pages(of: &[(i32, Option<u16>)]) -> Vec<PageToSplit> {
        let numbered = of.iter().enumerate();
        numbered
            .map(|(n, (opens, kind))| page(n, *opens, *kind))
            .collect()
    }

    fn paper(kind: u16, first: u16, last: u16) -> ListedPaper {
        ListedPaper {
            kind: Some(kind),
            sheets: Some((first, last)),
        }
    }

    fn lengths(pieces: &[Piece]) -> Vec<usize> {
        pieces.iter().map(|piece| piece.pages.len()).collect()
    }

    #[test]
    fn sheets_in_the_list_part_papers_whose_heading_is_lost_and_name_them() {
        // The third paper (type 7) shows nothing of itself.
        let pages = pages(&[
            (300, Some(1)),
            (-130, None),
            (300, Some(2)),
            (-60, None),
            (300, Some(3)),
        ]);
        let alone = split_listed(&pages, &[]);
        assert_eq!(lengths(&alone), [2, 2, 1]);
        let list = [
            paper(1, 1, 2),
            paper(2, 3, 3),
            paper(7, 4, 4),
            paper(3, 5, 5),
        ];
        let listed = split_listed(&pages, &list);
        assert_eq!(lengths(&listed), [2, 1, 1, 1]);
        assert_eq!(listed[2].listed, Some(7));
    }

    #[test]
    fn a_heading_inside_a_paper_that_the_list_counts_as_one_opens_less() {
        let pages = pages(&[
            (300, Some(1)),
            (60, Some(9)),
            (300, Some(2)),
            (300, Some(3)),
        ]);
        assert_eq!(lengths(&split_listed(&pages, &[])), [1, 1, 1, 1]);
        let list = [paper(1, 1, 2), paper(2, 3, 3), paper(3, 4, 4)];
        assert_eq!(lengths(&split_listed(&pages, &list)), [2, 1, 1]);
    }

    #[test]
    fn sheets_that_agree_with_no_headings_are_not_believed() {
        let pages = pages(&[
            (300, Some(1)),
            (-60, None),
            (300, Some(2)),
            (-60, None),
            (300, Some(3)),
        ]);
        // Of another dossier, or misread: each number is off by another amount.
        let list = [paper(1, 2, 2), paper(2, 5, 6), paper(3, 9, 9)];
        let said = said(&pages, &list);
        assert!(
            said.iter()
                .all(|said| said.opens == 0 || said.opens == NAMED),
            "{said:?}"
        );
    }

    fn any_list() -> impl Strategy<Value = Vec<ListedPaper>> {
        let sheets = proptest::option::of(
            (1u16..12, 0u16..4).prop_map(|(first, more)| (first, first + more)),
        );
        let paper = (proptest::option::of(0u16..5), sheets);
        proptest::collection::vec(
            paper.prop_map(|(kind, sheets)| ListedPaper { kind, sheets }),
            0..12,
        )
    }

    proptest! {
        #[test]
        fn no_list_however_wrong_moves_a_border_that_the_pages_show(
            shown in proptest::collection::vec((any::<bool>(), proptest::option::of(0u16..5)), 1..12),
            list in any_list(),
        ) {
            let sure = |(opens, kind): &(bool, Option<u16>)| {
                (if *opens { MOST + 10 } else { -MOST - 10 }, *kind)
            };
            let signs: Vec<_> = shown.iter().map(sure).collect();
            let pages = pages(&signs);
            let (alone, listed) = (split_listed(&pages, &[]), split_listed(&pages, &list));
            prop_assert_eq!(
                alone.iter().map(|piece| &piece.pages).collect::<Vec<_>>(),
                listed.iter().map(|piece| &piece.pages).collect::<Vec<_>>()
            );
        }

        #[test]
        fn the_order_is_the_longest_that_trying_all_finds(
            kinds in proptest::collection::vec(proptest::option::of(0u16..3), 0..8),
            list in any_list(),
        ) {
            let list: Vec<_> = list.into_iter().take(8).collect();
            let pairs = in_order(&kinds, &list);
            prop_assert!(pairs.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1));
            // Every choice of pages, matched greedily.
            let longest = (0u32..1 << kinds.len()).filter_map(|mask| {
                let chosen = (0..kinds.len()).filter(|at| mask >> at & 1 == 1);
                let mut from = 0;
                for at in chosen {
                    let kind = kinds[at]?;
                    from += list[from..].iter().position(|paper| paper.kind == Some(kind))? + 1;
                }
                Some(mask.count_ones() as usize)
            }).max();
            prop_assert_eq!(Some(pairs.len()), longest);
        }
    }
}
