//! Word graphs (`dawg`): all words of a list as one graph whose edges are characters.
//!
//! An edge is 64 bits: the character, three marks (last of its node, direction, end of a word) and
//! the node it leads to, which is the place of that node's first edge.

use super::ModelFault;
use super::bytes::Bytes;

const MAGIC: i16 = 42;
const MARKS: u32 = 3;
const LAST: u64 = 1;
const BACKWARD: u64 = 2;
const WORD_END: u64 = 4;
const MAX_GLYPHS: usize = 1 << 24;

/// The place of an edge in its graph.
pub type Edge = u32;

/// A word graph.
#[derive(Clone, Debug)]
pub struct WordGraph {
    edges: Vec<u64>,
    glyph_bits: u32,
    /// Edges of the first node, which are sorted by character.
    first_node: usize,
}

impl WordGraph {
    /// Reads the part. Every edge must lead into the graph and the last one close its node, so
    /// that no walk along a node's edges can leave the table.
    pub fn read(bytes: &mut Bytes<'_>) -> Result<Self, ModelFault> {
        if bytes.i16()? != MAGIC {
            return Err(bytes.wrong("no word graph"));
        }
        let glyphs = bytes.size(MAX_GLYPHS)?;
        let count = bytes.count(8)?;
        if glyphs == 0 || count == 0 {
            return Err(bytes.wrong("an empty word graph"));
        }
        // Enough bits for each character and one more that is none.
        let glyph_bits = (glyphs as u64 + 1).next_power_of_two().trailing_zeros();
        let mut graph = Self {
            edges: Vec::with_capacity(count),
            glyph_bits,
            first_node: 0,
        };
        for _ in 0..count {
            graph.edges.push(bytes.u64()?);
        }
        let inside = graph
            .edges
            .iter()
            .all(|record| graph.target(*record) < count as u64 || graph.is_vacant(*record));
        if !inside || !graph.marked(count - 1, LAST) {
            return Err(bytes.wrong("an edge that leads out of the word graph"));
        }
        graph.first_node = graph.length_of_first_node();
        Ok(graph)
    }

    fn target(&self, record: u64) -> u64 {
        record >> (self.glyph_bits + MARKS)
    }

    /// No edge: all bits of the target and no others.
    fn is_vacant(&self, record: u64) -> bool {
        record == u64::MAX << (self.glyph_bits + MARKS)
    }

    fn marked(&self, edge: usize, mark: u64) -> bool {
        self.edges[edge] & (mark << self.glyph_bits) != 0
    }

    fn glyph(&self, edge: usize) -> u64 {
        self.edges[edge] & !(u64::MAX << self.glyph_bits)
    }

    fn length_of_first_node(&self) -> usize {
        if self.is_vacant(self.edges[0]) || self.marked(0, BACKWARD) {
            return 0;
        }
        let last = (0..self.edges.len()).find(|edge| self.marked(*edge, LAST));
        last.map_or(0, |last| last + 1)
    }

    /// The edge by which a word begins with this character.
    pub fn begin(&self, glyph: u32) -> Option<Edge> {
        let (mut start, mut end) = (0, self.first_node);
        // Halved as Tesseract does: of several edges of one character it finds the same one.
        while start < end {
            let middle = (start + end - 1) / 2;
            match self.glyph(middle).cmp(&u64::from(glyph)) {
                std::cmp::Ordering::Equal => return Some(middle as Edge),
                std::cmp::Ordering::Less => start = middle + 1,
                std::cmp::Ordering::Greater => end = middle,
            }
        }
        None
    }

    /// The edge by which a word goes on with this character; none where it cannot.
    pub fn follow(&self, edge: Edge, glyph: u32) -> Option<Edge> {
        let record = *self.edges.get(edge as usize)?;
        let node = self.target(record) as usize;
        // The first node is no one's target: 0 says that all words end here.
        if node == 0 || node >= self.edges.len() || self.is_vacant(self.edges[node]) {
            return None;
        }
        for next in node..self.edges.len() {
            if self.glyph(next) == u64::from(glyph) {
                return Some(next as Edge);
            }
            if self.marked(next, LAST) {
                break;
            }
        }
        None
    }

    /// Whether a word may end with this edge.
    pub fn ends_word(&self, edge: Edge) -> bool {
        self.marked(edge as usize, WORD_END)
    }

    /// How many edges.
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// True of no graph that was read.
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }
}
