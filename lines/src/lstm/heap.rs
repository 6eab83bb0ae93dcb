//! A few of the best: a heap with its worst at the top, which keeps the order of equals that
//! libtesseract's has, as that decides between readings of the same score.

/// What is kept, with the key that orders it.
#[derive(Clone, Debug)]
pub struct Heap<T> {
    entries: Vec<(f32, T)>,
}

impl<T: Copy> Default for Heap<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
        }
    }
}

impl<T: Copy> Heap<T> {
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn entries(&self) -> &[(f32, T)] {
        &self.entries
    }

    /// Whether something of this key would be kept among `most`.
    pub fn takes(&self, key: f32, most: usize) -> bool {
        self.entries.len() < most || key > self.entries[0].0
    }

    /// The key that must be passed to be kept among `most`, once there are so many.
    pub fn worst_kept(&self, most: usize) -> Option<f32> {
        let full = self.entries.len() >= most;
        self.entries.first().filter(|_| full).map(|(key, _)| *key)
    }

    /// Adds; what is worst goes where there are more than `most`.
    pub fn push(&mut self, key: f32, item: T, most: usize) {
        self.entries.push((key, item));
        self.sift_up(self.entries.len() - 1, (key, item));
        if self.entries.len() > most {
            self.pop();
        }
    }

    /// Takes out the worst.
    pub fn pop(&mut self) -> Option<(f32, T)> {
        let last = self.entries.pop()?;
        let Some(worst) = self.entries.first().copied() else {
            return Some(last);
        };
        let hole = self.sift_down(0, last);
        self.entries[hole] = last;
        Some(worst)
    }

    /// Puts something better in the place of an entry.
    pub fn replace(&mut self, index: usize, key: f32, item: T) {
        let hole = self.sift_down(index, (key, item));
        self.sift_up(hole, (key, item));
    }

    fn sift_up(&mut self, mut hole: usize, entry: (f32, T)) {
        while hole > 0 {
            let parent = (hole - 1) / 2;
            if entry.0 >= self.entries[parent].0 {
                break;
            }
            self.entries[hole] = self.entries[parent];
            hole = parent;
        }
        self.entries[hole] = entry;
    }

    fn sift_down(&mut self, mut hole: usize, entry: (f32, T)) -> usize {
        loop {
            let mut child = 2 * hole + 1;
            if child >= self.entries.len() {
                return hole;
            }
            if child + 1 < self.entries.len() && self.entries[child + 1].0 < self.entries[child].0 {
                child += 1;
            }
            if self.entries[child].0 >= entry.0 {
                return hole;
            }
            self.entries[hole] = self.entries[child];
            hole = child;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_few_stay_and_the_worst_is_at_hand() {
        let mut heap = Heap::default();
        for key in [3.0, 9.0, 1.0, 7.0, 5.0, 8.0, 2.0] {
            heap.push(key, key as u32, 4);
        }
        assert!(!heap.takes(5.0, 4) && heap.takes(5.5, 4));
        let mut kept = Vec::new();
        while let Some((_, item)) = heap.pop() {
            kept.push(item);
        }
        assert_eq!(kept, [5, 7, 8, 9]);
    }

    #[test]
    fn a_better_entry_moves_to_its_place() {
        let mut heap = Heap::default();
        for key in [1.0, 2.0, 3.0] {
            heap.push(key, 0, 3);
        }
        heap.replace(0, 9.0, 1);
        assert_eq!(heap.pop().map(|(key, _)| key), Some(2.0));
        heap.pop();
        assert_eq!(heap.pop(), Some((9.0, 1)));
    }
}
