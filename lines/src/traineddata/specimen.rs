//! Draws a small model, sound unless a test breaks it: the same layers as Tesseract's, in little.

/// Writes numbers in one order of bytes.
pub struct Writer {
    pub bytes: Vec<u8>,
    big_endian: bool,
}

impl Writer {
    pub fn new(big_endian: bool) -> Self {
        Self {
            bytes: Vec::new(),
            big_endian,
        }
    }

    fn put<const N: usize>(&mut self, mut little: [u8; N]) {
        if self.big_endian {
            little.reverse();
        }
        self.bytes.extend(little);
    }

    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub fn i16(&mut self, value: i16) {
        self.put(value.to_le_bytes());
    }

    pub fn i32(&mut self, value: i32) {
        self.put(value.to_le_bytes());
    }

    pub fn i64(&mut self, value: i64) {
        self.put(value.to_le_bytes());
    }

    pub fn f64(&mut self, value: f64) {
        self.put(value.to_le_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.i32(text.len() as i32);
        self.bytes.extend(text.as_bytes());
    }

    /// What stands before a layer.
    pub fn head(&mut self, kind: &str, inputs: usize, outputs: usize) {
        self.u8(0);
        self.text(kind);
        self.u8(0);
        self.u8(0);
        self.i32(if kind == "Series" { 64 } else { 0 });
        self.i32(inputs as i32);
        self.i32(outputs as i32);
        self.i32(0);
        self.text("a layer");
    }

    fn rates(&mut self, layers: usize) {
        self.i32(layers as i32);
        self.bytes.extend(vec![0; 4 * layers]);
    }
}

/// What a specimen is made like.
#[derive(Clone, Copy)]
pub struct Specimen {
    pub big_endian: bool,
    pub float: bool,
    pub cells: usize,
    pub glyphs: &'static [&'static str],
}

pub const SOUND: Specimen = Specimen {
    big_endian: false,
    float: false,
    cells: 5,
    glyphs: &[
        "NULL 0 Common 0",
        "Joined 7 Latin 1",
        "|Broken|0|1 f Common 2",
        "a 3 Latin 3",
        "ạ 3 0,255,0,255,0,0,0,0,0,0 Latin 4 0 4 ạ",
        "7 8 Common 5",
        ". 10 Common 6",
    ],
};

/// Outputs of the network: the space, four characters and none.
const OUTPUTS: usize = 6;
const FILTERS: usize = 3;

impl Specimen {
    /// The file.
    pub fn file(&self) -> Vec<u8> {
        let graph = |words: &[&[u64]]| self.graph(words);
        let parts = [
            (17, self.network()),
            // Words stand alone or before a full stop.
            (18, graph(&[&[0], &[0, 6]])),
            (19, graph(&[&[3, 4]])),
            (20, graph(&[&[0, 0]])),
            (21, self.charset()),
            (22, self.recoder()),
            (23, b"a specimen".to_vec()),
        ];
        let mut writer = Writer::new(self.big_endian);
        writer.i32(24);
        let mut offset = 4 + 24 * 8;
        for place in 0..24 {
            let part = parts.iter().find(|(part, _)| *part == place);
            writer.i64(part.map_or(-1, |_| offset));
            offset += part.map_or(0, |(_, bytes)| bytes.len() as i64);
        }
        let bodies = parts.into_iter().flat_map(|(_, bytes)| bytes);
        writer.bytes.extend(bodies);
        writer.bytes
    }

    fn network(&self) -> Vec<u8> {
        let mut writer = Writer::new(self.big_endian);
        let cells = self.cells;
        writer.head("Series", 36, OUTPUTS);
        writer.i32(7);
        writer.head("Input", 36, 1);
        for number in [1, 36, 0, 1, 0] {
            writer.i32(number);
        }
        writer.head("Series", 1, FILTERS);
        writer.i32(2);
        writer.head("Convolve", 1, 9);
        writer.i32(1);
        writer.i32(1);
        writer.head("Tanh", 9, FILTERS);
        self.matrix(&mut writer, FILTERS, 10, 1);
        writer.rates(2);
        writer.head("Maxpool", FILTERS, FILTERS);
        writer.i32(3);
        writer.i32(3);
        writer.head("XYTranspose", FILTERS, cells);
        writer.i32(1);
        self.lstm(&mut writer, "SummLSTM", FILTERS, 2);
        self.lstm(&mut writer, "LSTM", cells, 3);
        writer.head("RTLReversed", cells, cells);
        writer.i32(1);
        self.lstm(&mut writer, "LSTM", cells, 4);
        writer.head("Softmax", cells, OUTPUTS);
        self.matrix(&mut writer, OUTPUTS, cells + 1, 5);
        writer.rates(7);
        writer.text("[1,36,0,1 Ct3,3,3 Mp3,3 Lfys5 Lfx5 Lrx5 O1c6]");
        // Flags, steps of training, the seed, the code of none, three rates.
        for number in [1, 20, 77, OUTPUTS as i32 - 1, 0, 0, 0] {
            writer.i32(number);
        }
        writer.bytes
    }

    fn lstm(&self, writer: &mut Writer, kind: &str, inputs: usize, seed: u64) {
        writer.head(kind, inputs, self.cells);
        writer.i32((inputs + self.cells) as i32);
        for gate in 0..4 {
            self.matrix(
                writer,
                self.cells,
                inputs + self.cells + 1,
                seed * 10 + gate,
            );
        }
    }

    fn matrix(&self, writer: &mut Writer, rows: usize, columns: usize, seed: u64) {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut weight = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % 255) as i32 - 127
        };
        writer.u8(if self.float { 128 } else { 129 });
        writer.i32(rows as i32);
        writer.i32(columns as i32);
        if self.float {
            writer.f64(0.0);
            (0..rows * columns).for_each(|_| writer.f64(f64::from(weight()) / 50.0));
            return;
        }
        writer.u8(0);
        (0..rows * columns).for_each(|_| writer.u8(weight() as i8 as u8));
        writer.i32(rows as i32);
        (0..rows).for_each(|row| writer.f64(0.02 + row as f64 / 1000.0));
    }

    fn charset(&self) -> Vec<u8> {
        format!("{}\n{}\n", self.glyphs.len(), self.glyphs.join("\n")).into_bytes()
    }

    /// Space 0, "joined" and "broken" as none, the others from 1 on.
    fn recoder(&self) -> Vec<u8> {
        let mut writer = Writer::new(self.big_endian);
        writer.i32(self.glyphs.len() as i32);
        for glyph in 0..self.glyphs.len() as i32 {
            writer.u8(1);
            writer.i32(1);
            writer.i32(match glyph {
                0 => 0,
                1 | 2 => OUTPUTS as i32 - 1,
                other => other - 2,
            });
        }
        writer.bytes
    }

    /// A graph of a few words that share no beginnings, or that of each other's whole.
    fn graph(&self, words: &[&[u64]]) -> Vec<u8> {
        let bits = (self.glyphs.len() as u64 + 1)
            .next_power_of_two()
            .trailing_zeros();
        let edge = |glyph: u64, last: bool, end: bool, next: u64| {
            glyph | u64::from(last) << bits | u64::from(end) << (bits + 2) | next << (bits + 3)
        };
        let longest = words.iter().max_by_key(|word| word.len()).expect("a word");
        let edges = longest.iter().enumerate().map(|(place, glyph)| {
            let ends = words.iter().any(|word| **word == longest[..=place]);
            let next = if place + 1 < longest.len() {
                place as u64 + 1
            } else {
                0
            };
            edge(*glyph, true, ends, next)
        });
        let edges: Vec<u64> = edges.collect();
        let mut writer = Writer::new(self.big_endian);
        writer.i16(42);
        writer.i32(self.glyphs.len() as i32);
        writer.i32(edges.len() as i32);
        edges.iter().for_each(|edge| writer.i64(*edge as i64));
        writer.bytes
    }
}
