//! Whether a confidence is worth what it says: of what is 80 % sure, 80 % should be right.

/// Bins of the reliability table.
const BINS: usize = 10;

/// One statement: how sure it was, and whether it is true.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// In percent, 0 to 100.
    pub confidence_pct: u8,
    /// Whether it is true.
    pub right: bool,
}

/// Statements of like confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bin {
    /// How many.
    pub count: u64,
    /// Their confidences added up, in percent.
    pub confidence_pct: u64,
    /// How many are true.
    pub right: u64,
}

impl Bin {
    /// Their mean confidence, 0 to 1.
    pub fn confidence(&self) -> f64 {
        self.confidence_pct as f64 / 100.0 / self.count as f64
    }

    /// The share that is true.
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.count as f64
    }
}

/// Statements in ten bins of confidence: 0-9 %, 10-19 % … 90-100 %.
#[derive(Clone, Debug, Default)]
pub struct Calibration {
    bins: [Bin; BINS],
}

impl Calibration {
    /// Takes one more statement in.
    pub fn add(&mut self, sample: Sample) {
        let bin = (usize::from(sample.confidence_pct) / (100 / BINS)).min(BINS - 1);
        let bin = &mut self.bins[bin];
        bin.count += 1;
        bin.confidence_pct += u64::from(sample.confidence_pct);
        bin.right += u64::from(sample.right);
    }

    /// Takes all statements of another in.
    pub fn add_all(&mut self, other: &Self) {
        for (bin, more) in self.bins.iter_mut().zip(&other.bins) {
            bin.count += more.count;
            bin.confidence_pct += more.confidence_pct;
            bin.right += more.right;
        }
    }

    /// The bins, the least sure first.
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// Expected calibration error: the mean distance between confidence and accuracy of the
    /// bins, weighed by what they hold; `None` without a statement.
    pub fn error(&self) -> Option<f64> {
        let all: u64 = self.bins.iter().map(|bin| bin.count).sum();
        let filled = self.bins.iter().filter(|bin| bin.count > 0);
        let apart = filled.map(|bin| (bin.confidence() - bin.accuracy()).abs() * bin.count as f64);
        (all > 0).then(|| apart.sum::<f64>() / all as f64)
    }
}
