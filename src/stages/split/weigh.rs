//! What speaks for and against a document's borders, in hundredths of a nat of log-odds.

use crate::model::{Confidence, PageSigns};

use super::best::Worth;

/// Of the page before, its signs of an end count so much: annexes and backs follow signatures too.
const CLOSES_PCT: i32 = 60;
/// The number printed is the one after that of the page before.
const NUMBER_GOES_ON: i32 = -250;
/// It is that number again or a smaller one.
const NUMBER_STARTS_ANEW: i32 = 200;
/// The paper is of another size.
const OTHER_PAPER: i32 = 120;
/// The letters are of another size.
const OTHER_LETTERS: i32 = 50;
/// The back of the page before is blank, where most backs are written.
const BLANK_BACK: i32 = 60;
/// The number printed is that of the page in the document so begun.
const NUMBER_AGREES: i32 = 120;
const NUMBER_DISAGREES: i32 = -40;
/// The document has as many pages as it says.
const ALL_PAGES: i32 = 200;
const TOO_MANY_PAGES: i32 = -250;
/// A later page of a paper of the type with which the document begins, or of another.
const SAME_TYPE_GOES_ON: i32 = 250;
const OTHER_TYPE_GOES_ON: i32 = -60;

/// Papers differ in size by more than scanners cut off.
const SAME_PAPER_MM: u16 = 15;
/// Letters of one paper, of which one page may be mostly small print.
const SAME_LETTERS_PCT: u32 = 18;

/// A page of a run.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Its place among the dossier's pages.
    pub place: usize,
    /// What it shows; none for a page of a file that is kept as it came.
    pub signs: Option<PageSigns>,
    /// Blank pages between it and the page before.
    pub blanks_before: usize,
    /// What the dossier's own lists add to its being a first page.
    pub listed: i32,
}

/// The pages of one run, as the search weighs them.
pub struct Run {
    signs: Vec<PageSigns>,
    blanks_before: Vec<usize>,
    listed: Vec<i32>,
    /// Every back is blank: they say nothing then.
    backs_are_blank: bool,
}

impl Run {
    /// Weighs these pages.
    pub fn of(pages: &[Page]) -> Self {
        let inner = pages.iter().skip(1);
        let blanks = inner.filter(|page| page.blanks_before > 0).count();
        Self {
            signs: pages
                .iter()
                .map(|page| page.signs.unwrap_or_default())
                .collect(),
            blanks_before: pages.iter().map(|page| page.blanks_before).collect(),
            listed: pages.iter().map(|page| page.listed).collect(),
            backs_are_blank: blanks * 2 > pages.len(),
        }
    }

    /// What is gained by taking page `at` into the document that began at `first`.
    fn taken_in(&self, first: usize, at: usize, blanks: usize) -> i32 {
        let (head, page) = (&self.signs[first], &self.signs[at]);
        let place = at - first + 1;
        let number = match page.number.map(usize::from) {
            // Blank backs are counted by those who number sides.
            Some(number) if number == place || number == place + blanks => NUMBER_AGREES,
            Some(_) => NUMBER_DISAGREES,
            None => 0,
        };
        let kind = match page.continues {
            Some(kind) if head.kind == Some(kind) => SAME_TYPE_GOES_ON,
            Some(_) if head.kind.is_some() => OTHER_TYPE_GOES_ON,
            _ => 0,
        };
        number + kind
    }
}

impl Worth for Run {
    fn cut(&self, first: usize) -> i32 {
        let (before, page) = (&self.signs[first - 1], &self.signs[first]);
        let number = match (before.number, page.number) {
            (Some(last), Some(next)) if next.checked_sub(1) == Some(last) => NUMBER_GOES_ON,
            (Some(last), Some(next)) if next <= last => NUMBER_STARTS_ANEW,
            _ => 0,
        };
        let blank_back = self.blanks_before[first] > 0 && !self.backs_are_blank;
        let paper = before.width_mm.abs_diff(page.width_mm) > SAME_PAPER_MM
            || before.height_mm.abs_diff(page.height_mm) > SAME_PAPER_MM;
        let (small, large) = sorted(before.letter_um, page.letter_um);
        let letters = small > 0 && (large - small) * 100 > large * SAME_LETTERS_PCT;
        page.opens
            + self.listed[first]
            + before.closes * CLOSES_PCT / 100
            + number
            + i32::from(paper) * OTHER_PAPER
            + i32::from(letters) * OTHER_LETTERS
            + i32::from(blank_back) * BLANK_BACK
    }

    fn pieces(&self, first: usize) -> impl Iterator<Item = i32> {
        let mut worth = 0;
        let mut blanks = 0;
        let said = self.signs[first].of_pages.map(usize::from);
        (first..self.signs.len()).map(move |last| {
            if last > first {
                blanks += self.blanks_before[last];
                worth += self.taken_in(first, last, blanks);
            }
            let pages = last - first + 1;
            worth
                + match said {
                    Some(said) if said > 1 && said == pages => ALL_PAGES,
                    Some(said) if pages > said => TOO_MANY_PAGES,
                    _ => 0,
                }
        })
    }
}

fn sorted(one: u32, other: u32) -> (u32, u32) {
    (one.min(other), one.max(other))
}

/// How sure a choice is that is likelier than the other by this margin.
pub fn confidence(margin: u32) -> Confidence {
    let odds = (f64::from(margin) / 100.0).exp();
    Confidence::from_pct_f32((100.0 * odds / (1.0 + odds)).min(99.0) as f32)
}

#[cfg(test)]
mod tests {
    use super::super::{PageToSplit, Side, split};
    use super::*;

    /// Single images with these signs; the pages of each document.
    fn documents(signs: &[PageSigns]) -> Vec<usize> {
        let pages: Vec<PageToSplit> = signs
            .iter()
            .zip(0..)
            .map(|(signs, source)| PageToSplit {
                side: Side::Written(*signs),
                source,
                pages_in_source: 1,
            })
            .collect();
        split(&pages)
            .iter()
            .map(|piece| piece.pages.len())
            .collect()
    }

    fn opens(opens: i32) -> PageSigns {
        PageSigns {
            opens,
            width_mm: 210,
            height_mm: 297,
            ..PageSigns::default()
        }
    }

    #[test]
    fn a_number_that_starts_anew_cuts_where_no_heading_could_be_read() {
        let numbered = |number| PageSigns {
            number: Some(number),
            ..opens(-100)
        };
        let pages = [1, 2, 3, 1, 2].map(numbered);
        assert_eq!(documents(&pages), [3, 2]);
    }

    #[test]
    fn a_heading_inside_a_numbered_paper_opens_none() {
        let numbered = |opens_, number| PageSigns {
            number: Some(number),
            ..opens(opens_)
        };
        let pages = [
            opens(300),
            numbered(-100, 2),
            numbered(150, 3),
            numbered(-100, 4),
        ];
        assert_eq!(documents(&pages), [4]);
    }

    #[test]
    fn a_paper_has_as_many_pages_as_it_says() {
        let first = PageSigns {
            of_pages: Some(2),
            ..opens(200)
        };
        // Alone the third page would go on; the first one says that it does not.
        assert_eq!(documents(&[opens(200), opens(-50), opens(-50)]), [3]);
        assert_eq!(documents(&[first, opens(-50), opens(-50)]), [2, 1]);
    }

    #[test]
    fn paper_of_another_size_and_a_signature_before_it_cut() {
        let signed = PageSigns {
            closes: 200,
            ..opens(300)
        };
        let map = PageSigns {
            width_mm: 420,
            ..opens(-120)
        };
        assert_eq!(documents(&[signed, map]), [1, 1]);
        assert_eq!(documents(&[signed, opens(-150)]), [2]);
    }

    #[test]
    fn a_later_page_joins_the_paper_of_its_type() {
        let card = |opens_| PageSigns {
            kind: Some(7),
            ..opens(opens_)
        };
        let back = PageSigns {
            continues: Some(7),
            ..opens(60)
        };
        assert_eq!(documents(&[card(300), back]), [2]);
        assert_eq!(documents(&[opens(300), back]), [1, 1]);
    }

    #[test]
    fn a_blank_back_parts_only_where_backs_are_written() {
        let page = |blanks_before| Page {
            place: 0,
            signs: Some(opens(-30)),
            blanks_before,
            listed: 0,
        };
        let few = Run::of(&[page(0), page(0), page(1), page(0)]);
        assert!(few.cut(2) > few.cut(1));
        let all = Run::of(&[page(0), page(1), page(1), page(1)]);
        assert_eq!(all.cut(2), -30);
    }

    #[test]
    fn sureness_grows_with_the_margin_and_is_never_whole() {
        assert_eq!(confidence(0).pct(), 50);
        assert!(confidence(100) < confidence(300));
        assert_eq!(confidence(u32::MAX).pct(), 99);
    }
}
