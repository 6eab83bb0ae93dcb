//! From the shares of outputs to the best reading: a beam of readings, with and without dictionary.
//!
//! The search is Tesseract's (`RecodeBeamSearch`), so that a model reads here what it reads there:
//! at each step only the two likeliest outputs and "none" go on, unless these lead nowhere; readings
//! within the dictionary stand in beams of their own and cost less; a reading is told from another
//! by the outputs it was made of. Each beam keeps the best five (ten, sixteen inside a longer code).

use super::codes::{BEGIN, CodeTree, Place};
use super::dictionary::{Dictionary, Kind, Standing};
use super::forward::Outputs;
use super::heap::Heap;

/// Readings kept in a beam, by the length of the code that is begun.
const WIDTHS: [usize; 10] = [5, 10, 16, 16, 16, 16, 16, 16, 16, 16];
/// How many times dearer a character is outside the dictionary.
const FREE_RATIO: f32 = 2.25;
/// Added to each certainty, so that longer words within the dictionary do not win by their length.
const OFFSET: f64 = -0.085;
/// In the dictionary nothing less certain is followed up.
const WORST_KNOWN: f32 = -25.0 / 7.0;
/// No certainty is lower.
const LOWEST: f32 = -20.0;
/// Outputs that are looked at, where the two likeliest lead nowhere.
const LIKELY: usize = 5;
/// Shares that are looked at together.
const SHARES_AT_ONCE: usize = 16;
const SPACE: u32 = 0;
const NONE: u32 = u32::MAX;

/// What may follow a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// Anything.
    Anything,
    /// The same output again, whose share is already counted in.
    Same,
    /// Anything but that.
    Other,
}

const NEXTS: [Next; 3] = [Next::Anything, Next::Same, Next::Other];

/// How likely an output is at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rank {
    /// The first or the second, and always "none".
    First,
    /// Among the likely ones.
    Likely,
    /// Not.
    Other,
}

const RANKS: [Rank; 3] = [Rank::First, Rank::Likely, Rank::Other];

/// One step of a reading.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// The output taken.
    pub code: u32,
    /// The character that it completes.
    glyph: u32,
    /// In what graph the reading is.
    pub kind: Kind,
    /// A word of the dictionary may begin after it.
    begins_dictionary: bool,
    /// It is the first of a word of the dictionary.
    pub begins_word: bool,
    /// A word of the dictionary may end with it.
    ends_word: bool,
    /// It goes on with the output of the step before.
    pub again: bool,
    /// How certain this step is, as a logarithm.
    pub certainty: f32,
    score: f32,
    before: u32,
    place: Place,
    standings: (u32, u32),
    signature: u64,
}

impl Node {
    /// The character that this step completes.
    pub fn glyph(&self) -> Option<u32> {
        (self.glyph != NONE).then_some(self.glyph)
    }
}

/// A beam, by what its readings have in common.
#[derive(Clone, Copy)]
struct Beam {
    dictionary: bool,
    next: Next,
    /// Codes of the character that is begun.
    length: usize,
}

/// A search; kept to be used for line after line.
pub struct Search<'a> {
    tree: &'a CodeTree,
    dictionary: Option<&'a Dictionary<'a>>,
    null: u32,
    codes: u64,
    /// All steps of all readings, those of one step of the outputs after those of the one before.
    nodes: Vec<Node>,
    standings: Vec<Standing>,
    /// Room for the standings of one reading.
    scratch: Vec<Standing>,
    heaps: Vec<Heap<Node>>,
    /// The readings of the step before, beam by beam.
    spans: Vec<std::ops::Range<usize>>,
    /// The one best begin of a word at this step, for each way to go on.
    beginnings: [Option<Node>; 3],
    step: Step,
}

/// The outputs of a step.
#[derive(Default)]
struct Step {
    ranks: Vec<Rank>,
    top: u32,
    second: u32,
    heap: Heap<u32>,
    /// Codes of rank First that complete a character at the tree's begin: code, character.
    first: Vec<(u32, u32)>,
}

impl Step {
    /// Sorts out which outputs are the likeliest.
    fn rank(&mut self, shares: &[f32], null: u32, tree: &CodeTree) {
        self.heap.clear();
        let (together, rest) = shares.as_chunks::<SHARES_AT_ONCE>();
        for (number, shares) in together.iter().enumerate() {
            // Nearly all are next to nothing.
            let passes = |least| {
                shares
                    .iter()
                    .fold(false, |any, share| any | (*share > least))
            };
            if self.heap.worst_kept(LIKELY).is_none_or(passes) {
                self.take(SHARES_AT_ONCE * number, shares);
            }
        }
        self.take(shares.len() - rest.len(), rest);
        self.ranks.clear();
        self.ranks.resize(shares.len(), Rank::Other);
        while let Some((_, code)) = self.heap.pop() {
            let left = self.heap.len();
            self.ranks[code as usize] = if left > 1 { Rank::Likely } else { Rank::First };
            match left {
                0 => self.top = code,
                1 => self.second = code,
                _ => {}
            }
        }
        self.ranks[null as usize] = Rank::First;
        tree.singles([null, self.top, self.second], &mut self.first);
    }

    /// Keeps the likeliest of outputs; the first of these is the output `begin`.
    fn take(&mut self, begin: usize, shares: &[f32]) {
        for (code, share) in (begin..).zip(shares) {
            if self.heap.takes(*share, LIKELY) {
                self.heap.push(*share, code as u32, LIKELY);
            }
        }
    }
}

fn certainty(share: f32) -> f32 {
    // e^−20
    const LEAST: f32 = 2.061_153_6e-9;
    let certainty = if share > LEAST { share.ln() } else { LOWEST };
    (f64::from(certainty) + OFFSET) as f32
}

impl<'a> Search<'a> {
    pub fn new(tree: &'a CodeTree, dictionary: Option<&'a Dictionary<'a>>, null: u32) -> Self {
        let beams = 2 * NEXTS.len() * tree.longest();
        Self {
            tree,
            dictionary,
            null,
            codes: 0,
            nodes: Vec::new(),
            standings: Vec::new(),
            scratch: Vec::new(),
            heaps: vec![Heap::default(); beams],
            spans: vec![0..0; beams],
            beginnings: [None; 3],
            step: Step::default(),
        }
    }

    /// The best reading, step by step; empty where nothing can be read.
    pub fn read(&mut self, outputs: &Outputs, codes: usize) -> Vec<Node> {
        self.codes = codes as u64;
        self.nodes.clear();
        self.standings.clear();
        self.spans.fill(0..0);
        for (number, shares) in outputs.steps().enumerate() {
            self.read_step(shares, number == 0);
        }
        self.best()
    }

    fn beam(&self, index: usize) -> Beam {
        let lengths = self.tree.longest();
        Beam {
            dictionary: index / (lengths * NEXTS.len()) > 0,
            next: NEXTS[index / lengths % NEXTS.len()],
            length: index % lengths,
        }
    }

    fn index(&self, beam: Beam) -> usize {
        let dictionary = usize::from(beam.dictionary);
        (dictionary * NEXTS.len() + beam.next as usize) * self.tree.longest() + beam.length
    }

    fn read_step(&mut self, shares: &[f32], first: bool) {
        let mut step = std::mem::take(&mut self.step);
        step.rank(shares, self.null, self.tree);
        self.heaps.iter_mut().for_each(Heap::clear);
        self.beginnings = [None; 3];
        if first {
            self.begin(shares, &step);
        } else {
            self.go_on(shares, &step);
        }
        self.step = step;
        for (heap, span) in self.heaps.iter().zip(&mut self.spans) {
            let begin = self.nodes.len();
            self.nodes
                .extend(heap.entries().iter().map(|(_, node)| *node));
            *span = begin..self.nodes.len();
        }
    }

    fn begin(&mut self, shares: &[f32], step: &Step) {
        for dictionary in [false, true] {
            if !dictionary || self.dictionary.is_some() {
                let beam = Beam {
                    dictionary,
                    next: Next::Anything,
                    length: 0,
                };
                self.extend(None, beam, shares, step, Rank::First);
            }
        }
    }

    fn go_on(&mut self, shares: &[f32], step: &Step) {
        for rank in RANKS {
            for index in 0..self.spans.len() {
                for node in self.spans[index].clone().rev() {
                    self.extend(Some(node), self.beam(index), shares, step, rank);
                }
            }
            let open = (0..self.heaps.len())
                .filter(|index| self.beam(*index).next == Next::Anything)
                .any(|index| self.heaps[index].len() > 0);
            if open {
                break;
            }
        }
        // A word may begin after many readings; only the best of them is followed.
        for (next, beginning) in NEXTS.into_iter().zip(self.beginnings) {
            let beam = Beam {
                dictionary: true,
                next,
                length: 0,
            };
            if let Some(node) = beginning {
                let index = self.index(beam);
                push(&mut self.heaps[index], node, WIDTHS[0]);
            }
        }
    }

    /// Adds all that may follow a reading by outputs of one rank.
    fn extend(
        &mut self,
        before: Option<usize>,
        beam: Beam,
        shares: &[f32],
        step: &Step,
        rank: Rank,
    ) {
        let node = before.map(|index| self.nodes[index]);
        if let Some(node) = node {
            self.repeat(&node, before, beam, shares, step, rank);
            if beam.next == Next::Same {
                return;
            }
        }
        let place = node
            .filter(|_| beam.length > 0)
            .map_or(BEGIN, |node| node.place);
        let tree = self.tree;
        let complete = if place == BEGIN && rank == Rank::First {
            &step.first[..]
        } else {
            tree.complete(place)
        };
        let last = node.map(|node| node.code);
        for (code, glyph) in complete {
            if step.ranks[*code as usize] != rank || last == Some(*code) {
                continue;
            }
            let own = certainty(shares[*code as usize]);
            if own < LOWEST && *code != self.null {
                continue;
            }
            let nothing = beam.length == 0 && *code == self.null;
            let glyph = if nothing { NONE } else { *glyph };
            self.complete(*code, glyph, own, beam.dictionary, Next::Anything, before);
            if rank == Rank::First && *code != self.null {
                let all = certainty(self.with_neighbours(*code, &node, beam, shares, step));
                self.complete(*code, glyph, all, beam.dictionary, Next::Same, before);
            }
        }
        for (code, place) in tree.onward(place) {
            if step.ranks[*code as usize] != rank || last == Some(*code) {
                continue;
            }
            let own = certainty(shares[*code as usize]);
            let length = beam.length + 1;
            let onward = |next| Beam {
                next,
                length,
                ..beam
            };
            self.put(
                onward(Next::Anything),
                false,
                *code,
                NONE,
                own,
                before,
                *place,
            );
            if rank == Rank::First && *code != self.null {
                let all = certainty(self.with_neighbours(*code, &node, beam, shares, step));
                self.put(onward(Next::Same), false, *code, NONE, all, before, *place);
            }
        }
    }

    /// An output's share with those that may be taken for it: none, and the one before it where the
    /// two compete.
    fn with_neighbours(
        &self,
        code: u32,
        before: &Option<Node>,
        beam: Beam,
        shares: &[f32],
        step: &Step,
    ) -> f32 {
        let mut share = shares[code as usize] + shares[self.null as usize];
        if let Some(before) = before {
            let pair = (before.code, code);
            let compete = pair == (step.top, step.second) || pair == (step.second, step.top);
            if beam.next == Next::Anything && before.code != self.null && compete {
                share += shares[before.code as usize];
            }
        }
        share
    }

    /// The output of the step before once more, or "none" inside a longer code.
    fn repeat(
        &mut self,
        node: &Node,
        before: Option<usize>,
        beam: Beam,
        shares: &[f32],
        step: &Step,
        rank: Rank,
    ) {
        let own = shares[node.code as usize];
        let null = shares[self.null as usize];
        let with = |next| Beam { next, ..beam };
        if step.ranks[node.code as usize] == rank {
            if beam.next != Next::Other {
                let sure = certainty(own);
                let beam = with(Next::Anything);
                self.put(beam, true, node.code, node.glyph, sure, before, node.place);
            }
            if beam.next == Next::Anything && rank == Rank::First && node.code != self.null {
                let sure = certainty(own + null);
                let beam = with(Next::Other);
                self.put(beam, true, node.code, node.glyph, sure, before, node.place);
            }
        }
        let inside = beam.next != Next::Same && node.code != self.null && beam.length > 0;
        if inside && step.ranks[self.null as usize] == rank {
            let beam = with(Next::Anything);
            self.put(
                beam,
                false,
                self.null,
                NONE,
                certainty(null),
                before,
                node.place,
            );
        }
    }

    /// A step that completes no character of a word of the dictionary.
    #[allow(clippy::too_many_arguments)]
    fn put(
        &mut self,
        beam: Beam,
        again: bool,
        code: u32,
        glyph: u32,
        certainty: f32,
        before: Option<usize>,
        place: Place,
    ) {
        let (kind, certainty) = if beam.dictionary {
            if certainty <= WORST_KNOWN {
                return;
            }
            (Kind::None, certainty)
        } else {
            let certainty = certainty * FREE_RATIO;
            if certainty < LOWEST && code != self.null {
                return;
            }
            (Kind::Free, certainty)
        };
        let kind = before.map_or(kind, |before| self.nodes[before].kind);
        self.offer(
            beam,
            Node {
                glyph,
                kind,
                again,
                place,
                ..self.node(code, certainty, before, again)
            },
        );
    }

    /// A step with nothing said of it but output, certainty and what was before.
    fn node(&self, code: u32, certainty: f32, before: Option<usize>, again: bool) -> Node {
        let last = before.map(|before| &self.nodes[before]);
        let mut signature = last.map_or(0, |last| last.signature);
        if !again && code != self.null {
            let carry = ((signature >> 32).wrapping_mul(self.codes)) >> 32;
            signature = signature.wrapping_mul(self.codes);
            signature = signature.wrapping_add(carry).wrapping_add(u64::from(code));
        }
        Node {
            code,
            glyph: NONE,
            kind: Kind::None,
            begins_dictionary: false,
            begins_word: false,
            ends_word: false,
            again,
            certainty,
            score: last.map_or(certainty, |last| certainty + last.score),
            before: before.map_or(NONE, |before| before as u32),
            place: BEGIN,
            standings: (0, 0),
            signature,
        }
    }

    fn offer(&mut self, beam: Beam, node: Node) {
        let index = self.index(beam);
        push(&mut self.heaps[index], node, WIDTHS[beam.length]);
    }

    /// A step that completes a character, or is none.
    fn complete(
        &mut self,
        code: u32,
        glyph: u32,
        certainty: f32,
        dictionary: bool,
        next: Next,
        before: Option<usize>,
    ) {
        if dictionary {
            if certainty > WORST_KNOWN {
                self.complete_known(code, glyph, certainty, next, before);
            }
            return;
        }
        let free = Beam {
            dictionary: false,
            next,
            length: 0,
        };
        let node = self.node(code, certainty * FREE_RATIO, before, false);
        let kind = Kind::Free;
        self.offer(
            free,
            Node {
                glyph,
                kind,
                ..node
            },
        );
        let Some(words) = self.dictionary else {
            return;
        };
        // After a space, or a character that needs none, a word of the dictionary may begin. The
        // space counts for the word that follows, so it is not made dearer.
        let space = glyph == SPACE;
        if space && certainty > WORST_KNOWN {
            let node = self.node(code, certainty, before, false);
            self.begin_word(next, Node { glyph, ..node });
        } else if glyph != NONE && !space && !words.spaced_glyph(glyph) {
            let node = self.node(code, certainty * FREE_RATIO, before, false);
            self.begin_word(
                next,
                Node {
                    glyph,
                    kind,
                    ..node
                },
            );
        }
    }

    fn begin_word(&mut self, next: Next, node: Node) {
        let known = &mut self.beginnings[next as usize];
        if known.is_some_and(|known| node.score <= known.score) {
            return;
        }
        let Some(dictionary) = self.dictionary else {
            return;
        };
        let begin = self.standings.len() as u32;
        self.standings.extend(dictionary.beginning());
        *known = Some(Node {
            begins_dictionary: true,
            standings: (begin, self.standings.len() as u32),
            ..node
        });
    }

    fn complete_known(
        &mut self,
        code: u32,
        glyph: u32,
        certainty: f32,
        next: Next,
        before: Option<usize>,
    ) {
        let known = Beam {
            dictionary: true,
            next,
            length: 0,
        };
        let free = Beam {
            dictionary: false,
            ..known
        };
        let node = self.node(code, certainty, before, false);
        if glyph == NONE {
            self.offer(known, node);
            return;
        }
        let beams = [self.index(known), self.index(free)];
        if beams
            .iter()
            .all(|beam| !self.heaps[*beam].takes(node.score, WIDTHS[0]))
        {
            return;
        }
        let last = before.and_then(|before| self.last_character(before));
        if glyph == SPACE {
            if let Some(last) = last.filter(|last| last.ends_word) {
                let kind = last.kind;
                self.begin_word(
                    next,
                    Node {
                        glyph,
                        kind,
                        ..node
                    },
                );
                self.offer(
                    free,
                    Node {
                        glyph,
                        kind,
                        ..node
                    },
                );
            }
            return;
        }
        self.spell(known, free, glyph, node, last);
    }

    /// The last step of a reading that completed a character.
    fn last_character(&self, before: usize) -> Option<Node> {
        let mut node = self.nodes[before];
        while node.glyph == NONE || node.again {
            if node.before == NONE {
                return None;
            }
            node = self.nodes[node.before as usize];
        }
        Some(node)
    }

    /// Goes on in the dictionary by a character.
    fn spell(&mut self, known: Beam, free: Beam, glyph: u32, node: Node, last: Option<Node>) {
        let Some(dictionary) = self.dictionary else {
            return;
        };
        let begin = self.standings.len();
        let (outcome, begins_word) = match last {
            None => {
                let found = dictionary.read_on(dictionary.beginning(), glyph, &mut self.standings);
                (found, true)
            }
            Some(last) => {
                let broken = last.begins_dictionary
                    && last.glyph != SPACE
                    && dictionary.spaced_glyph(last.glyph)
                    && dictionary.spaced_glyph(glyph);
                if broken || last.standings.0 == last.standings.1 {
                    return;
                }
                let standings = last.standings.0 as usize..last.standings.1 as usize;
                let mut after = std::mem::take(&mut self.scratch);
                after.clear();
                let found = dictionary.read_on(&self.standings[standings], glyph, &mut after);
                self.standings.extend(&after);
                self.scratch = after;
                (found, last.begins_dictionary)
            }
        };
        if outcome.kind == Kind::None {
            self.standings.truncate(begin);
            return;
        }
        let node = Node {
            glyph,
            kind: outcome.kind,
            begins_word,
            ends_word: outcome.ends,
            standings: (begin as u32, self.standings.len() as u32),
            ..node
        };
        self.offer(known, node);
        if outcome.ends && !dictionary.spaced() {
            self.begin_word(known.next, node);
            let standings = (0, 0);
            self.offer(free, Node { standings, ..node });
        }
    }

    /// The best of the readings that may end here, from its first step.
    fn best(&self) -> Vec<Node> {
        let mut best: Option<Node> = None;
        for next in [Next::Anything, Next::Other] {
            for dictionary in [false, true] {
                let beam = Beam {
                    dictionary,
                    next,
                    length: 0,
                };
                for index in self.spans[self.index(beam)].clone() {
                    let node = self.nodes[index];
                    let whole = !dictionary
                        || self
                            .last_character(index)
                            .is_some_and(|last| last.ends_word || last.glyph == SPACE);
                    if whole && best.is_none_or(|best| node.score > best.score) {
                        best = Some(node);
                    }
                }
            }
        }
        let mut path = Vec::new();
        while let Some(node) = best {
            path.push(node);
            best = (node.before != NONE).then(|| self.nodes[node.before as usize]);
        }
        path.reverse();
        path
    }
}

/// Keeps a reading if it is among the best, once for each way to tell it from others.
fn push(heap: &mut Heap<Node>, node: Node, most: usize) {
    if !heap.takes(node.score, most) {
        return;
    }
    let same = heap.entries().iter().position(|(_, known)| {
        known.code == node.code
            && known.signature == node.signature
            && known.kind == node.kind
            && known.begins_dictionary == node.begins_dictionary
    });
    match same {
        Some(index) => {
            if node.score > heap.entries()[index].0 {
                heap.replace(index, node.score, node);
            }
        }
        None => heap.push(node.score, node, most),
    }
}
