//! Split: which pages of a dossier make one document.
//!
//! People scan in two ways: one image a page, or a container (a TIFF of several
//! pages, a PDF) with a paper or a whole pile in it. A container begins and ends a
//! document: what somebody put into one file is never joined with another file.
//! Within a container and within a run of single images, the pages are cut where
//! that is likeliest for the whole run ([`best`]), not page by page: a printed page
//! number or a `Trang 2/5` says something of all pages since the first.

mod best;
mod lists;
mod weigh;

use crate::model::{Confidence, ListedPaper, PageSigns};

use best::Cuts;
use weigh::Page;

/// What a page is to the splitter.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    /// A page with something on it, and what it shows.
    Written(PageSigns),
    /// Of a file that is kept as it came: all its pages make one document.
    Kept,
    /// Nothing on it, or not usable: stands in no document and cuts nothing.
    Blank,
    /// A separator sheet: stands in no document, and a new one begins behind it.
    Separator,
}

/// A page as the splitter sees it.
#[derive(Clone, Copy, Debug)]
pub struct PageToSplit {
    /// What is on it.
    pub side: Side,
    /// Number of its file among the dossier's sources.
    pub source: u32,
    /// Pages that file has.
    pub pages_in_source: u32,
}

/// The pages of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Their places among the dossier's pages, from 0, in order.
    pub pages: Vec<usize>,
    /// How sure it is that the document begins, goes on and ends as it does here: the least
    /// sure of these. A container's border is certain.
    pub confidence: Confidence,
    /// Row of the type table that the dossier's own list names where it begins.
    pub listed: Option<u16>,
}

/// Parts a dossier's pages into documents.
///
/// Every written page stands in exactly one document, the others in none.
pub fn split(pages: &[PageToSplit]) -> Vec<Piece> {
    split_listed(pages, &[])
}

/// The same where the dossier's own lists name its papers, in their order.
pub fn split_listed(pages: &[PageToSplit], listed: &[ListedPaper]) -> Vec<Piece> {
    let said = lists::said(pages, listed);
    let mut pieces = Vec::new();
    for run in runs(pages, &said) {
        match run.first().expect("a run is begun by a page").signs {
            Some(_) => pieces.extend(cut(&run)),
            None => pieces.push(Piece {
                pages: run.iter().map(|page| page.place).collect(),
                confidence: Confidence::CERTAIN,
                listed: None,
            }),
        }
    }
    for piece in &mut pieces {
        piece.listed = said[piece.pages[0]].kind;
    }
    pieces
}

/// Runs of written pages between which a document always ends.
fn runs(pages: &[PageToSplit], said: &[lists::Said]) -> Vec<Vec<Page>> {
    let mut runs: Vec<Vec<Page>> = Vec::new();
    // The page that the next one may join.
    let mut before: Option<&PageToSplit> = None;
    let mut blanks = 0;
    for (place, page) in pages.iter().enumerate() {
        let signs = match page.side {
            Side::Written(signs) => Some(signs),
            Side::Kept => None,
            Side::Blank => {
                blanks += 1;
                continue;
            }
            Side::Separator => {
                before = None;
                continue;
            }
        };
        let found = Page {
            place,
            signs,
            blanks_before: blanks,
            listed: said[place].opens,
        };
        blanks = 0;
        let joins = before.is_some_and(|last| belong_together(last, page));
        match runs.last_mut().filter(|_| joins) {
            Some(run) => run.push(found),
            None => runs.push(vec![found]),
        }
        before = Some(page);
    }
    runs
}

/// Pages of one file, or two files of one page each that need not be kept whole.
fn belong_together(last: &PageToSplit, page: &PageToSplit) -> bool {
    let is_single =
        |page: &PageToSplit| page.pages_in_source == 1 && !matches!(page.side, Side::Kept);
    last.source == page.source || (is_single(last) && is_single(page))
}

/// The documents of one run, with the sureness of their borders.
fn cut(run: &[Page]) -> Vec<Piece> {
    let Cuts { firsts, margins } = best::best(run.len(), &weigh::Run::of(run));
    let ends = firsts.iter().skip(1).copied().chain([run.len()]);
    let piece = |(first, end): (&usize, usize)| Piece {
        pages: run[*first..end].iter().map(|page| page.place).collect(),
        confidence: margins[*first..=end]
            .iter()
            .flatten()
            .min()
            .map_or(Confidence::CERTAIN, |margin| weigh::confidence(*margin)),
        listed: None,
    };
    firsts.iter().zip(ends).map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Sort {
        Opens,
        GoesOn,
        Blank,
        Separator,
    }
    use Sort::*;

    /// Splits these files; says too which places hold written pages.
    fn split_files(files: &[Vec<Sort>]) -> (Vec<Vec<usize>>, Vec<usize>) {
        let page = |sort: &Sort, source: usize| PageToSplit {
            side: match sort {
                Opens | GoesOn => written(*sort == Opens),
                Blank => Side::Blank,
                Separator => Side::Separator,
            },
            source: source as u32,
            pages_in_source: files[source].len() as u32,
        };
        let numbered = files.iter().enumerate();
        let pages: Vec<PageToSplit> = numbered
            .flat_map(|(source, file)| file.iter().map(move |sort| (sort, source)))
            .map(|(sort, source)| page(sort, source))
            .collect();
        let written = |place: &usize| matches!(pages[*place].side, Side::Written { .. });
        let places = (0..pages.len()).filter(written).collect();
        (places_of(&pages), places)
    }

    fn places_of(pages: &[PageToSplit]) -> Vec<Vec<usize>> {
        split(pages).into_iter().map(|piece| piece.pages).collect()
    }

    fn written(opens_document: bool) -> Side {
        Side::Written(PageSigns {
            opens: if opens_document { 300 } else { -300 },
            ..PageSigns::default()
        })
    }

    #[test]
    fn single_images_are_cut_where_a_page_opens_a_document() {
        let files = [Opens, GoesOn, Blank, GoesOn, Opens, Blank].map(|page| vec![page]);
        assert_eq!(split_files(&files).0, [vec![0, 1, 3], vec![4]]);
    }

    #[test]
    fn a_container_shares_no_document_and_is_cut_like_single_images() {
        let files = [
            vec![Opens],
            vec![GoesOn, GoesOn, Opens, Blank, GoesOn],
            vec![GoesOn],
            vec![GoesOn],
        ];
        let expected = [vec![0], vec![1, 2], vec![3, 5], vec![6, 7]];
        assert_eq!(split_files(&files).0, expected);
    }

    #[test]
    fn a_file_that_is_kept_is_one_document_by_itself() {
        let page = |side, source| PageToSplit {
            side,
            source,
            pages_in_source: if source == 1 { 2 } else { 1 },
        };
        let pages = [
            page(written(true), 0),
            page(Side::Kept, 1),
            page(Side::Kept, 1),
            page(Side::Kept, 2),
            page(written(false), 3),
            page(written(false), 4),
        ];
        let expected = [vec![0], vec![1, 2], vec![3], vec![4, 5]];
        assert_eq!(places_of(&pages), expected);
    }

    #[test]
    fn two_containers_never_share_a_document() {
        let files = [vec![Opens, GoesOn], vec![GoesOn, GoesOn]];
        assert_eq!(split_files(&files).0, [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn behind_a_separator_a_new_document_begins() {
        let files = [Opens, Separator, GoesOn].map(|page| vec![page]);
        assert_eq!(split_files(&files).0, [vec![0], vec![2]]);
    }

    #[test]
    fn a_first_page_that_opens_nothing_still_begins_a_document() {
        assert_eq!(split_files(&[vec![GoesOn]]).0, [vec![0]]);
        assert!(split_files(&[vec![Blank], vec![Separator]]).0.is_empty());
        assert!(split_files(&[]).0.is_empty());
    }

    #[test]
    fn borders_are_as_sure_as_the_least_sure_page_and_certain_between_files() {
        let page = |opens, source, pages_in_source| PageToSplit {
            side: Side::Written(PageSigns {
                opens,
                ..PageSigns::default()
            }),
            source,
            pages_in_source,
        };
        let pages = [
            page(300, 0, 3),
            page(-400, 0, 3),
            page(50, 0, 3),
            page(-300, 1, 2),
            page(-300, 1, 2),
        ];
        let sure: Vec<u8> = split(&pages).iter().map(|p| p.confidence.pct()).collect();
        // e^0.5 / (1 + e^0.5) for both sides of the doubtful cut.
        assert_eq!(sure, [62, 62, 95]);
        let alone = split(&pages[3..4]);
        assert_eq!(alone[0].confidence.pct(), 100);
    }

    fn any_sort() -> impl Strategy<Value = Sort> {
        proptest::sample::select(vec![Opens, GoesOn, Blank, Separator])
    }

    proptest! {
        #[test]
        fn every_written_page_is_in_exactly_one_document(
            files in proptest::collection::vec(proptest::collection::vec(any_sort(), 1..5), 0..12)
        ) {
            let (documents, written) = split_files(&files);
            // Equal to the pages in order: none lost, none twice, order kept.
            prop_assert_eq!(documents.concat(), written);
            prop_assert!(documents.iter().all(|document| !document.is_empty()));
        }

        #[test]
        fn no_document_holds_pages_of_a_container_and_of_another_file(
            files in proptest::collection::vec(proptest::collection::vec(any_sort(), 1..5), 0..12)
        ) {
            let (documents, _) = split_files(&files);
            let source_of: Vec<usize> = files
                .iter()
                .enumerate()
                .flat_map(|(source, file)| file.iter().map(move |_| source))
                .collect();
            for document in documents {
                let mut sources: Vec<usize> = document.iter().map(|p| source_of[*p]).collect();
                sources.dedup();
                prop_assert!(sources.len() == 1 || sources.iter().all(|s| files[*s].len() == 1));
            }
        }
    }
}
