//! Where the mark stands: in the top right corner, beside the words of the page where there is room.

/// From the right edge, in points: the least margin that office printers leave.
const RIGHT_PT: f64 = 28.0;

/// From the top edge, in points; the first that leaves the words free is taken.
const TOPS_PT: [f64; 5] = [20.0, 12.0, 28.0, 6.0, 36.0];

/// How far the mark moves at a time along the top margin, in points.
const STEP_PT: f64 = 14.0;

/// Free space around words, in points.
const AROUND_PT: f64 = 2.0;

/// A box in units of the page, upright, y upwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) bottom: f64,
    pub(super) right: f64,
    pub(super) top: f64,
}

impl Area {
    /// The common area of both, in square units.
    fn shared_with(&self, other: &Self) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.top.min(other.top) - self.bottom.max(other.bottom);
        width.max(0.0) * height.max(0.0)
    }

    fn grown(&self, by: f64) -> Self {
        Self {
            left: self.left - by,
            bottom: self.bottom - by,
            right: self.right + by,
            top: self.top + by,
        }
    }
}

/// A place of this size on the page; `point` is how many units a point has.
///
/// The right corner first, then ever further left up to the middle; a page full of words up to
/// its edge gets the mark where it covers least.
pub(super) fn beside(words: &[Area], page: Area, (width, height): (f64, f64), point: f64) -> Area {
    let words: Vec<Area> = words
        .iter()
        .map(|word| word.grown(AROUND_PT * point))
        .collect();
    let covered = |area: &Area| words.iter().map(|word| word.shared_with(area)).sum::<f64>();
    let mut best: Option<(f64, Area)> = None;
    for area in places(page, (width, height), point) {
        let covered = covered(&area);
        if best.is_none_or(|(least, _)| covered < least) {
            best = Some((covered, area));
        }
        if covered == 0.0 {
            break;
        }
    }
    best.expect("there is always the corner").1
}

fn places(page: Area, (width, height): (f64, f64), point: f64) -> impl Iterator<Item = Area> {
    let at = move |from_right: f64, from_top: f64| {
        // A scrap smaller than the mark gets it in its corner, as far as it goes.
        let right = (page.right - from_right * point).max(page.left + width);
        let top = (page.top - from_top * point).max(page.bottom + height);
        Area {
            left: right - width,
            bottom: top - height,
            right,
            top,
        }
    };
    let to_middle = ((page.right - page.left) / 2.0 / point - RIGHT_PT).max(0.0);
    let steps = (to_middle / STEP_PT) as usize;
    (0..=steps).flat_map(move |step| {
        let from_right = RIGHT_PT + step as f64 * STEP_PT;
        TOPS_PT.map(|from_top| at(from_right, from_top))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const A4: Area = Area {
        left: 0.0,
        bottom: 0.0,
        right: 595.0,
        top: 842.0,
    };
    const SIZE: (f64, f64) = (150.0, 24.0);

    fn word(left: f64, bottom: f64, right: f64, top: f64) -> Area {
        Area {
            left,
            bottom,
            right,
            top,
        }
    }

    #[test]
    fn an_empty_corner_is_taken() {
        let area = beside(&[], A4, SIZE, 1.0);
        assert_eq!(area, word(417.0, 798.0, 567.0, 822.0));
    }

    #[test]
    fn words_in_the_corner_are_left_free() {
        let corner = word(450.0, 790.0, 560.0, 826.0);
        let area = beside(&[corner], A4, SIZE, 1.0);
        assert_eq!(area.shared_with(&corner), 0.0);
        assert!(area.top > 800.0 && area.right > 297.0, "{area:?}");
    }

    #[test]
    fn a_page_without_room_gets_it_where_it_covers_least() {
        let mut words = vec![word(0.0, 0.0, 595.0, 842.0)];
        words.push(word(430.0, 780.0, 595.0, 842.0));
        let area = beside(&words, A4, SIZE, 1.0);
        assert_eq!(area.shared_with(&words[1]), 0.0, "{area:?}");
    }

    #[test]
    fn a_scrap_gets_it_inside_as_far_as_it_goes() {
        let scrap = word(0.0, 0.0, 100.0, 20.0);
        let area = beside(&[], scrap, SIZE, 1.0);
        assert_eq!((area.left, area.bottom), (0.0, 0.0));
    }
}
