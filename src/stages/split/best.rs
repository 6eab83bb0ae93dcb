//! The likeliest way to part a run of pages, and how much likelier it is than the other way at each page.
//!
//! Dynamic programming over the runs' pieces: what a piece is worth may hang on all
//! of its pages, so cuts are not judged one by one. *n* pages have n²/2 pieces; each is
//! weighed once a pass, which takes some 10 ms for 2,000 pages.

/// What pieces of a run are worth, in hundredths of a nat.
pub trait Worth {
    /// What it is worth that the pages before and from `first` on stand in two documents;
    /// `first` is 1 or more.
    fn cut(&self, first: usize) -> i32;

    /// What the documents beginning at `first` are worth, one for each last page from `first` on.
    fn pieces(&self, first: usize) -> impl Iterator<Item = i32>;
}

/// Where a run is cut.
#[derive(Debug, PartialEq, Eq)]
pub struct Cuts {
    /// The first page of each piece, from 0, in order.
    pub firsts: Vec<usize>,
    /// For each page and for the end: what the best parting that differs there is worth less,
    /// in hundredths of a nat; none for the first page and the end, where nothing else is possible.
    pub margins: Vec<Option<u32>>,
}

/// The best parting of a run of so many pages; of equals the one with fewer, earlier cuts.
pub fn best(pages: usize, worth: &impl Worth) -> Cuts {
    let (to, from_before) = forwards(pages, worth);
    let mut firsts = Vec::new();
    let mut end = pages;
    while end > 0 {
        end = from_before[end];
        firsts.push(end);
    }
    firsts.reverse();
    Cuts {
        margins: margins(pages, worth, &to, &firsts),
        firsts,
    }
}

/// For each place: what the best parting of the pages before it is worth, and where its last piece begins.
fn forwards(pages: usize, worth: &impl Worth) -> (Vec<i64>, Vec<usize>) {
    let mut to = vec![i64::MIN; pages + 1];
    let mut from_before = vec![0; pages + 1];
    to[0] = 0;
    for first in 0..pages {
        let here = to[first] + cut_at(first, worth);
        for (piece, end) in worth.pieces(first).zip(first + 1..=pages) {
            let sum = here + i64::from(piece);
            // `>`: of equals the earlier first page stays, which makes fewer pieces.
            if sum > to[end] {
                to[end] = sum;
                from_before[end] = first;
            }
        }
    }
    (to, from_before)
}

fn margins(pages: usize, worth: &impl Worth, to: &[i64], firsts: &[usize]) -> Vec<Option<u32>> {
    let mut from = vec![i64::MIN; pages + 1];
    let mut joined = vec![i64::MIN; pages + 1];
    from[pages] = 0;
    let mut row = Vec::with_capacity(pages);
    for first in (0..pages).rev() {
        row.clear();
        row.extend(worth.pieces(first));
        let here = cut_at(first, worth);
        let mut longest_best = i64::MIN;
        // From the longest piece down: what ends behind `end` runs through it.
        for (piece, end) in row.iter().zip(first + 1..pages + 1).rev() {
            joined[end] = joined[end].max(longest_best.saturating_add(to[first]));
            longest_best = longest_best.max(here + i64::from(*piece) + from[end]);
        }
        from[first] = longest_best;
    }
    let margin = |at: usize| {
        let inside = (1..pages).contains(&at);
        inside.then(|| {
            let parted = to[at] + from[at];
            let gained = if firsts.binary_search(&at).is_ok() {
                parted - joined[at]
            } else {
                joined[at] - parted
            };
            u32::try_from(gained.max(0)).unwrap_or(u32::MAX)
        })
    };
    (0..=pages).map(margin).collect()
}

fn cut_at(first: usize, worth: &impl Worth) -> i64 {
    match first {
        0 => 0,
        first => i64::from(worth.cut(first)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Worths without any rule in them.
    #[derive(Debug, Clone)]
    struct Table {
        cuts: Vec<i32>,
        pieces: Vec<Vec<i32>>,
    }

    impl Worth for Table {
        fn cut(&self, first: usize) -> i32 {
            self.cuts[first]
        }

        fn pieces(&self, first: usize) -> impl Iterator<Item = i32> {
            self.pieces[first].iter().copied()
        }
    }

    impl Table {
        /// The worth of the parting whose cuts are the bits of `mask` (bit 0: before page 1).
        fn worth(&self, pages: usize, mask: usize) -> i64 {
            let cuts = (1..pages).filter(|at| mask >> (at - 1) & 1 == 1);
            let firsts: Vec<usize> = [0].into_iter().chain(cuts).collect();
            let ends = firsts.iter().skip(1).copied().chain([pages]);
            let piece = |(first, end): (&usize, usize)| {
                i64::from(self.pieces[*first][end - first - 1]) + cut_at(*first, self)
            };
            firsts.iter().zip(ends).map(piece).sum()
        }
    }

    fn any_table() -> impl Strategy<Value = Table> {
        (1usize..=10).prop_flat_map(|pages| {
            let row = |first: usize| proptest::collection::vec(-400..400i32, pages - first);
            let rows: Vec<_> = (0..pages).map(row).collect();
            (proptest::collection::vec(-400..400i32, pages), rows)
                .prop_map(|(cuts, pieces)| Table { cuts, pieces })
        })
    }

    proptest! {
        #[test]
        fn the_parting_and_its_margins_are_those_of_trying_all(table in any_table()) {
            let pages = table.cuts.len();
            let cuts = best(pages, &table);
            let all: Vec<i64> = (0..1 << (pages - 1)).map(|mask| table.worth(pages, mask)).collect();
            let chosen: usize = cuts.firsts[1..].iter().map(|at| 1 << (at - 1)).sum();
            let most = *all.iter().max().expect("at least one parting");
            prop_assert_eq!(all[chosen], most);
            for at in 1..pages {
                let differs = |mask: &usize| (mask ^ chosen) >> (at - 1) & 1 == 1;
                let other = (0..all.len()).filter(differs).map(|mask| all[mask]).max();
                let other = other.expect("half of the partings differ here");
                prop_assert_eq!(cuts.margins[at], Some((most - other) as u32));
            }
            prop_assert_eq!(cuts.margins[0], None);
            prop_assert_eq!(cuts.margins[pages], None);
        }
    }
}
