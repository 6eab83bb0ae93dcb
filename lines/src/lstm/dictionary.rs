//! Whether what has been read so far may become a word: punctuation around words and numbers.
//!
//! A punctuation graph has a blank where a word or a number goes. So where a reading stands in the
//! dictionary is a place in a graph of words or numbers, one in the graph of punctuation, or both.

use crate::traineddata::{Charset, Edge, WordGraph, WordGraphs};

/// What stands for any word in punctuation, and for any digit in numbers: the space, which is in
/// no word.
const ANY: u32 = 0;

/// Standings of one reading. Real graphs give a handful; made-up ones could give more at each step.
const MOST_STANDINGS: usize = 64;

/// What kind of graph a reading was last found in; the greater speaks more for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// None.
    None,
    /// Punctuation alone.
    Punctuation,
    /// Not looked up.
    Free,
    /// A number.
    Number,
    /// A word.
    Word,
}

/// Where a reading stands in the dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In which graph the word is; none before it.
    core: Option<Core>,
    /// By which edge it got where it is; none at its begin.
    edge: Option<Edge>,
    /// Whether there is punctuation to hold to.
    wrapped: bool,
    /// By which edge it stands in the punctuation; none before any.
    punctuation: Option<Edge>,
    /// The word is over, only punctuation may follow.
    after: bool,
}

/// The graphs of what punctuation may surround.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Core {
    Words,
    Numbers,
}

impl Core {
    fn kind(self) -> Kind {
        match self {
            Self::Words => Kind::Word,
            Self::Numbers => Kind::Number,
        }
    }
}

/// The word graphs of a model.
pub struct Dictionary<'a> {
    graphs: &'a WordGraphs,
    charset: &'a Charset,
    /// Where every word begins.
    beginning: Vec<Standing>,
}

/// What a character makes of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The best graph it was found in.
    pub kind: Kind,
    /// Whether the word may end with it.
    pub ends: bool,
}

impl Outcome {
    fn found(&mut self, kind: Kind, ends: bool) {
        self.kind = self.kind.max(kind);
        self.ends |= ends;
    }
}

impl<'a> Dictionary<'a> {
    /// None where the model has no word graph at all.
    pub fn new(graphs: &'a WordGraphs, charset: &'a Charset) -> Option<Self> {
        let standing = |core| Standing {
            core,
            edge: None,
            wrapped: core.is_none(),
            punctuation: None,
            after: false,
        };
        let mut dictionary = Self {
            graphs,
            charset,
            beginning: Vec::new(),
        };
        let mut reaches_words = false;
        if let Some(punctuation) = &graphs.punctuation {
            dictionary.beginning.push(standing(None));
            let any = punctuation.begin(ANY);
            reaches_words = any.is_some_and(|edge| punctuation.ends_word(edge));
        }
        let cores = [Core::Words, Core::Numbers];
        for core in cores.into_iter().filter(|_| !reaches_words) {
            if dictionary.graph(core).is_some() {
                dictionary.beginning.push(standing(Some(core)));
            }
        }
        (!dictionary.beginning.is_empty()).then_some(dictionary)
    }

    /// Where every word begins.
    pub fn beginning(&self) -> &[Standing] {
        &self.beginning
    }

    /// Whether words are parted by spaces.
    pub fn spaced(&self) -> bool {
        self.charset.spaced()
    }

    /// Whether a character's script parts words by spaces.
    pub fn spaced_glyph(&self, glyph: u32) -> bool {
        self.charset.glyph(glyph).is_none_or(|glyph| glyph.spaced)
    }

    /// Adds to `after` where a reading that stands at `before` stands with one character more.
    pub fn read_on(&self, before: &[Standing], glyph: u32, after: &mut Vec<Standing>) -> Outcome {
        let mut outcome = Outcome {
            kind: Kind::None,
            ends: false,
        };
        let first = after.len();
        let mut add = |standing: Standing| {
            let known = &after[first..];
            if known.len() < MOST_STANDINGS && !known.contains(&standing) {
                after.push(standing);
            }
        };
        if glyph == ANY {
            return outcome;
        }
        for standing in before {
            match standing.core {
                None => self.before_word(standing, glyph, &mut outcome, &mut add),
                Some(core) => self.in_word(standing, core, glyph, &mut outcome, &mut add),
            }
        }
        outcome
    }

    fn before_word(
        &self,
        standing: &Standing,
        glyph: u32,
        outcome: &mut Outcome,
        add: &mut impl FnMut(Standing),
    ) {
        let Some(punctuation) = &self.graphs.punctuation else {
            return;
        };
        if let Some(blank) = step(punctuation, standing.punctuation, ANY) {
            for core in [Core::Words, Core::Numbers] {
                let Some(graph) = self.graph(core) else {
                    continue;
                };
                if let Some(edge) = graph.begin(self.letter(core, glyph)) {
                    let ends = graph.ends_word(edge) && punctuation.ends_word(blank);
                    outcome.found(core.kind(), ends);
                    add(Standing {
                        core: Some(core),
                        edge: Some(edge),
                        punctuation: Some(blank),
                        ..*standing
                    });
                }
            }
        }
        if let Some(edge) = step(punctuation, standing.punctuation, glyph) {
            outcome.found(Kind::Punctuation, punctuation.ends_word(edge));
            add(Standing {
                punctuation: Some(edge),
                ..*standing
            });
        }
    }

    fn in_word(
        &self,
        standing: &Standing,
        core: Core,
        glyph: u32,
        outcome: &mut Outcome,
        add: &mut impl FnMut(Standing),
    ) {
        let Some(graph) = self.graph(core) else {
            return;
        };
        let punctuation = self.graphs.punctuation.as_ref();
        let punctuation = punctuation.filter(|_| standing.wrapped);
        let over = standing.edge.is_some_and(|edge| graph.ends_word(edge));
        if let Some(punctuation) = punctuation.filter(|_| over)
            && let Some(edge) = step(punctuation, standing.punctuation, glyph)
        {
            outcome.found(core.kind(), punctuation.ends_word(edge));
            add(Standing {
                punctuation: Some(edge),
                after: true,
                ..*standing
            });
        }
        if standing.after {
            return;
        }
        if let Some(edge) = step(graph, standing.edge, self.letter(core, glyph)) {
            let may_end = punctuation.zip(standing.punctuation);
            let may_end = may_end.is_none_or(|(graph, edge)| graph.ends_word(edge));
            outcome.found(core.kind(), graph.ends_word(edge) && may_end);
            add(Standing {
                edge: Some(edge),
                after: false,
                ..*standing
            });
        }
    }

    fn graph(&self, core: Core) -> Option<&'a WordGraph> {
        match core {
            Core::Words => self.graphs.words.as_ref(),
            Core::Numbers => self.graphs.numbers.as_ref(),
        }
    }

    /// In numbers any digit will do.
    fn letter(&self, core: Core, glyph: u32) -> u32 {
        let digit = self.charset.glyph(glyph).is_some_and(|glyph| glyph.digit);
        if core == Core::Numbers && digit {
            ANY
        } else {
            glyph
        }
    }
}

fn step(graph: &WordGraph, edge: Option<Edge>, glyph: u32) -> Option<Edge> {
    match edge {
        None => graph.begin(glyph),
        Some(edge) => graph.follow(edge, glyph),
    }
}
