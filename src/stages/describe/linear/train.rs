//! Training: from first pages with their types to a model file, the same bytes for the same pages.
//!
//! Gradient descent with a rate for each weight (AdaGrad), pages in an order drawn from a
//! fixed seed. Only additions, multiplications, divisions and square roots are used, whose
//! results IEEE 754 fixes: the C library's `exp` differs from machine to machine.

use super::super::layout::Layout;
use super::super::type_table::TypeTable;
use super::features::{self, FEATURES};
use super::sample::{Chance, set_page};
use super::{LinearModel, NO_TYPE};
use crate::model::{Change, Correction, PageText};

/// Rounds through all pages.
const ROUNDS: usize = 8;
/// How far a weight moves at first.
const RATE: f32 = 0.6;
/// Pages that are set for each type of the table.
const SET_PAGES: usize = 24;
/// A corrected page counts as so many set ones: few people correct, and they are right.
const PAGE_COUNTS: usize = 3;
/// Weights begun from count as if so much had been learned for them.
const BEGUN_FROM: f32 = 0.05;

/// A first page of a known type.
#[derive(Clone, Debug)]
pub struct Example {
    /// The type's id; [`NO_TYPE`] for a page that begins no document.
    pub class: String,
    /// Its words.
    pub page: PageText,
}

impl Example {
    /// What a correction teaches; none where it is of a field, without words, or of a type that
    /// the table does not have.
    pub fn of(correction: &Correction, types: &TypeTable) -> Option<Self> {
        let class = match &correction.change {
            Change::Type { new, .. } => types.by_id(new)?.id.clone(),
            Change::Cut { new: false, .. } => NO_TYPE.to_owned(),
            Change::Cut { new: true, .. } | Change::Field { .. } => return None,
        };
        let page = correction.page.clone()?;
        Some(Self { class, page })
    }
}

/// A page as the trainer sees it.
struct Lesson {
    class: usize,
    features: Vec<u32>,
}

/// The file of a model that begins with the weights of another (or with none) and learns these
/// pages, beside pages set from the table so that no type is forgotten.
pub fn train(types: &TypeTable, from: Option<&LinearModel>, examples: &[Example]) -> Vec<u8> {
    let classes: Vec<String> = [NO_TYPE.to_owned()]
        .into_iter()
        .chain(types.rows.iter().map(|row| row.id.clone()))
        .collect();
    let mut lessons = lessons(types, &classes, examples);
    let mut weights = from.map_or_else(
        || vec![0f32; FEATURES * classes.len()],
        |model| model.weights_for(&classes),
    );
    let learned = if from.is_some() { BEGUN_FROM } else { 1e-4 };
    let mut squares = vec![learned; weights.len()];
    let mut chance = Chance::seeded(0x50_48_4f_41);
    let mut shares = vec![0f64; classes.len()];
    for _ in 0..ROUNDS {
        chance.shuffle(&mut lessons);
        for lesson in &lessons {
            learn(lesson, &mut weights, &mut squares, &mut shares);
        }
    }
    LinearModel::write(&classes, &weights)
}

fn lessons(types: &TypeTable, classes: &[String], examples: &[Example]) -> Vec<Lesson> {
    let mut lessons = Vec::new();
    let mut add = |class: usize, page: &PageText, times: usize| {
        let features = features::of(&Layout::of(1, page));
        if !features.is_empty() {
            let lesson = || Lesson {
                class,
                features: features.clone(),
            };
            lessons.extend((0..times).map(|_| lesson()));
        }
    };
    for example in examples {
        if let Some(class) = classes.iter().position(|class| *class == example.class) {
            add(class, &example.page, PAGE_COUNTS);
        }
    }
    let mut chance = Chance::seeded(0x74_72_61_69);
    for row in 0..types.rows.len() {
        for _ in 0..SET_PAGES {
            add(row + 1, &set_page(types, Some(row), &mut chance), 1);
        }
    }
    for _ in 0..SET_PAGES * 12 {
        add(0, &set_page(types, None, &mut chance), 1);
    }
    lessons
}

fn learn(lesson: &Lesson, weights: &mut [f32], squares: &mut [f32], shares: &mut [f64]) {
    let count = shares.len();
    let value = 1.0 / (lesson.features.len() as f32).sqrt();
    let mut scores = vec![0f32; count];
    for feature in &lesson.features {
        let row = &weights[*feature as usize * count..][..count];
        for (score, weight) in scores.iter_mut().zip(row) {
            *score += weight;
        }
    }
    let most = scores.iter().fold(f32::MIN, |most, score| most.max(*score));
    for (share, score) in shares.iter_mut().zip(&scores) {
        *share = exp(f64::from((score - most) * value));
    }
    let all: f64 = shares.iter().sum();
    let steps: Vec<f32> = (0..count)
        .map(|class| {
            let wanted = f64::from(u8::from(class == lesson.class));
            ((shares[class] / all - wanted) as f32) * value
        })
        .collect();
    for feature in &lesson.features {
        let from = *feature as usize * count;
        let row = weights[from..from + count]
            .iter_mut()
            .zip(&mut squares[from..from + count]);
        for ((weight, square), step) in row.zip(&steps) {
            *square += step * step;
            *weight -= RATE * step / square.sqrt();
        }
    }
}

/// e to the power of a number of 0 or less, by squaring: right to four digits down to e^-30.
fn exp(power: f64) -> f64 {
    const SQUARINGS: i32 = 20;
    let mut result = (1.0 + power.max(-200.0) / f64::from(1 << SQUARINGS)).max(0.0);
    for _ in 0..SQUARINGS {
        result *= result;
    }
    result
}

impl LinearModel {
    /// Its weights in the order of these classes; zero for a class it does not know.
    fn weights_for(&self, classes: &[String]) -> Vec<f32> {
        let own: Vec<Option<usize>> = classes
            .iter()
            .map(|class| self.classes.iter().position(|known| known == class))
            .collect();
        let rows = self.weights.chunks(self.classes.len());
        let weight = |row: &[i8], own: &Option<usize>| {
            own.map_or(0.0, |class| f32::from(row[class]) * self.scales[class])
        };
        rows.flat_map(|row| {
            own.iter()
                .map(move |class| weight(row, class))
                .collect::<Vec<_>>()
        })
        .collect()
    }
}
