//! Lines read by a network of two characters: `a` has its ink above the middle, `b` below. Once as a function here, once
//! (with the feature `onnx`) as a network in ONNX whose bytes are written below.

use image::{GrayImage, Luma};
use sohoa_lines::find::LinePicture;

use super::*;
use crate::model::{Affine, Digest, Orientation};
use crate::stages::recognize::{
    EngineIdentity, Linewise, PageKey, Picture, RecognizeFault, Recognizer,
};

/// Pixels of the network's picture to a step, and its rows.
const STEP_PX: usize = 4;
const HEIGHT_PX: usize = 8;
/// How much a half of a step's columns must be inked, as a share of full ink, to be seen.
const SEEN: f32 = 0.5;

/// How the network's output comes out.
#[derive(Clone, Copy)]
enum Gives {
    /// `1 × T × C`.
    StepsFirst,
    /// `T × 1 × C`.
    StepsLast,
    /// One class too many.
    TooManyClasses,
    /// The best class and its share.
    Classes,
    /// A class that nothing stands for.
    UnknownClass,
    /// Nothing: the runtime fails.
    Nothing,
}

struct Scripted(Gives);

impl Scripted {
    fn scores(width: usize, values: &[f32]) -> Vec<f32> {
        let mut scores = Vec::new();
        for step in 0..width / STEP_PX {
            let half = |rows: std::ops::Range<usize>| -> f32 {
                let columns = || step * STEP_PX..(step + 1) * STEP_PX;
                let cells = rows.flat_map(|y| columns().map(move |x| y * width + x));
                let sum: f32 = cells.map(|cell| values[cell]).sum();
                sum / (STEP_PX * HEIGHT_PX / 2) as f32
            };
            let (above, below) = (half(0..HEIGHT_PX / 2), half(HEIGHT_PX / 2..HEIGHT_PX));
            scores.extend([SEEN * 10.0, above * 10.0, below * 10.0]);
        }
        scores
    }
}

impl Network for Scripted {
    fn inputs(&self) -> Vec<Port> {
        vec![Port {
            name: "x".to_owned(),
            sides: Some(vec![None, Some(1), Some(HEIGHT_PX), None]),
            is_float: Some(true),
        }]
    }

    fn outputs(&self) -> Vec<Port> {
        let names: &[&str] = match self.0 {
            Gives::Classes | Gives::UnknownClass => &["ids", "conf"],
            _ => &["y"],
        };
        let port = |name: &&str| Port {
            name: (*name).to_owned(),
            sides: None,
            is_float: None,
        };
        names.iter().map(port).collect()
    }

    fn run(
        &self,
        (name, [_, _, height, width], values): (&str, [usize; 4], &[f32]),
        _: Option<(&str, i32)>,
        _: &[String],
    ) -> Result<Vec<Numbers>, OnnxFlaw> {
        assert_eq!(
            (name, height, height * width),
            ("x", HEIGHT_PX, values.len())
        );
        let scores = Self::scores(width, values);
        let steps = scores.len() / 3;
        let classes = || {
            let classes = scores
                .chunks(3)
                .map(|scores| Step::of_scores(scores).class as i32);
            classes.collect::<Vec<_>>()
        };
        Ok(match self.0 {
            Gives::StepsFirst => vec![Numbers::Float(vec![1, steps, 3], scores)],
            Gives::StepsLast => vec![Numbers::Float(vec![steps, 1, 3], scores)],
            Gives::TooManyClasses => vec![Numbers::Float(vec![1, steps / 4 * 3, 4], scores)],
            Gives::Classes => vec![
                Numbers::Whole(vec![1, steps], classes()),
                Numbers::Float(vec![1, steps], vec![0.75; steps]),
            ],
            Gives::UnknownClass => vec![
                Numbers::Whole(vec![1, steps], vec![3; steps]),
                Numbers::Float(vec![1, steps], vec![0.75; steps]),
            ],
            Gives::Nothing => {
                return Err(OnnxFlaw::Refused {
                    cause: "no memory".to_owned(),
                });
            }
        })
    }
}

const DRIVEN: &str = "paper = 0.0\nink = 1.0\nwidth_multiple_px = 4\ntail_px = 4\n";

fn opened(gives: Gives) -> Result<OnnxReader, OnnxFlaw> {
    let named = match gives {
        Gives::Classes | Gives::UnknownClass => "classes = \"ids\"\nconfidences = \"conf\"\n",
        _ => "",
    };
    let settings = Settings::read(&format!("{DRIVEN}{named}")).expect("valid");
    let characters = ["a", "b"].map(str::to_owned).to_vec();
    OnnxReader::with(Box::new(Scripted(gives)), settings, characters)
}

/// Inks the upper or the lower half of cells of 20 × 20 pixels for each `a` or `b`.
fn ink(grey: &mut GrayImage, text: &str) {
    for (cell, letter) in text.chars().enumerate() {
        let rows = match letter {
            'a' => 0..20,
            'b' => 20..40,
            _ => continue,
        };
        for y in rows {
            for x in 0..20 {
                grey.put_pixel(cell as u32 * 20 + x, y, Luma([0]));
            }
        }
    }
}

/// A picture of 40 rows: each cell of 20 columns is one step of the network.
fn line(text: &str) -> LinePicture {
    let width_px = 20 * text.len();
    let mut grey = GrayImage::from_pixel(width_px as u32, 40, Luma([255]));
    ink(&mut grey, text);
    LinePicture {
        pixels: grey.into_raw(),
        width_px,
        height_px: 40,
        left_px: 0,
        closed_up: None,
    }
}

fn reads_a_and_b(reader: &OnnxReader) {
    let read = reader.read(&line(" a bba b ")).expect("a line");
    assert_eq!(read.text(), "abab");
    let symbols = &read.words[0].symbols;
    let middle = |at: usize| (symbols[at].left_px + symbols[at].right_px) / 2;
    assert!((25..55).contains(&middle(0)), "{symbols:?}");
    assert!((65..95).contains(&middle(1)), "{symbols:?}");
}

#[test]
fn a_line_is_read_whichever_way_the_output_lies() {
    for gives in [Gives::StepsFirst, Gives::StepsLast, Gives::Classes] {
        reads_a_and_b(&opened(gives).expect("a reader"));
    }
}

#[test]
fn what_the_network_gives_is_held_against_the_list_before_the_first_line() {
    let flaw = |gives| opened(gives).err().expect("a flaw");
    let wrong = OnnxFlaw::Characters {
        listed: 3,
        classes: 4,
    };
    assert_eq!(flaw(Gives::TooManyClasses), wrong);
    assert_eq!(flaw(Gives::UnknownClass), wrong);
    assert_eq!(flaw(Gives::Nothing).code(), "OCR-025");
}

fn picture(pixels: &GrayImage) -> Picture<'_> {
    Picture {
        key: PageKey {
            scan: Digest::of(b""),
            index: 0,
        },
        pixels,
        colors: None,
        dpi: 200,
        to_page: Affine::IDENTITY,
        page_width_px: pixels.width(),
        page_height_px: pixels.height(),
        page_dpi: 200,
        orientation: Orientation::UPRIGHT,
        max_ms: 60_000,
    }
}

fn engine(reader: OnnxReader) -> Linewise {
    let identity = EngineIdentity {
        name: "onnx line.onnx".to_owned(),
        model: Digest::of(b""),
    };
    Linewise::with_network(reader, "line.onnx".as_ref(), identity)
}

#[test]
fn a_page_that_takes_too_long_is_stopped() {
    let pixels = GrayImage::from_pixel(200, 100, Luma([255]));
    let hurried = Picture {
        max_ms: 0,
        ..picture(&pixels)
    };
    let fault = engine(opened(Gives::StepsFirst).expect("a reader")).read(&hurried);
    assert_eq!(fault, Err(RecognizeFault::OutOfTime { max_page_ms: 0 }));
}

/// Networks as bytes of protobuf (onnx.proto3), run by rten.
#[cfg(feature = "onnx")]
mod by_rten {
    use std::path::Path;

    use super::super::files;
    use super::*;
    use crate::model::Coded;
    use crate::stages::recognize::{Engine, EngineName, Options};

    /// A field of length-delimited bytes, and one of a whole number.
    fn bytes(field: u8, content: &[u8]) -> Vec<u8> {
        [
            varint(u64::from(field) << 3 | 2),
            varint(content.len() as u64),
            content.to_vec(),
        ]
        .concat()
    }

    fn whole(field: u8, value: u64) -> Vec<u8> {
        [varint(u64::from(field) << 3), varint(value)].concat()
    }

    fn varint(mut value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while value >= 0x80 {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    }

    /// ValueInfoProto of float32 with these sides; 0 for an open one.
    fn value(name: &str, sides: &[u64]) -> Vec<u8> {
        let side = |side: &u64| match side {
            0 => bytes(1, &bytes(2, b"open")),
            side => bytes(1, &whole(1, *side)),
        };
        let shape: Vec<u8> = sides.iter().flat_map(side).collect();
        let tensor = [whole(1, 1), bytes(2, &shape)].concat();
        [bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat()
    }

    /// TensorProto with raw data; type 1 is float32, 7 is int64.
    fn tensor(name: &str, kind: u64, sides: &[u64], raw: &[u8]) -> Vec<u8> {
        let sides: Vec<u8> = sides.iter().flat_map(|side| whole(1, *side)).collect();
        let kind = whole(2, kind);
        [sides, kind, bytes(8, name.as_bytes()), bytes(9, raw)].concat()
    }

    fn attribute(name: &str, values: &[u64]) -> Vec<u8> {
        let values: Vec<u8> = values.iter().flat_map(|value| whole(8, *value)).collect();
        bytes(
            5,
            &[bytes(1, name.as_bytes()), values, whole(20, 7)].concat(),
        )
    }

    fn node(operator: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
        let inputs: Vec<u8> = inputs
            .iter()
            .flat_map(|name| bytes(1, name.as_bytes()))
            .collect();
        let name = [bytes(2, output.as_bytes()), bytes(4, operator.as_bytes())].concat();
        bytes(1, &[inputs, name, attributes.concat()].concat())
    }

    fn model(graph: &[Vec<u8>]) -> Vec<u8> {
        let opset = bytes(8, &whole(2, 17));
        [whole(1, 8), bytes(7, &graph.concat()), opset].concat()
    }

    fn floats(values: &[f32]) -> Vec<u8> {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect()
    }

    /// The same network as the function above: a convolution over a step's columns, then `1 × T × C`.
    fn specimen(rows: u64) -> Vec<u8> {
        let half = |ink: f32| vec![ink * 10.0 / (STEP_PX * HEIGHT_PX / 2) as f32; 16];
        let weights = [vec![0.0; 32], half(1.0), half(0.0), half(0.0), half(1.0)].concat();
        let kernel = [8, 4];
        model(&[
            node(
                "Conv",
                &["x", "weights", "bias"],
                "seen",
                &[
                    attribute("kernel_shape", &kernel),
                    attribute("strides", &kernel),
                ],
            ),
            node("Squeeze", &["seen", "rows"], "flat", &[]),
            node(
                "Transpose",
                &["flat"],
                "y",
                &[attribute("perm", &[0, 2, 1])],
            ),
            bytes(5, &tensor("weights", 1, &[3, 1, 8, 4], &floats(&weights))),
            bytes(
                5,
                &tensor("bias", 1, &[3], &floats(&[SEEN * 10.0, 0.0, 0.0])),
            ),
            bytes(5, &tensor("rows", 7, &[1], &2_i64.to_le_bytes())),
            bytes(11, &value("x", &[0, 1, rows, 0])),
            bytes(12, &value("y", &[0, 0, 3])),
        ])
    }

    fn open(path: &Path) -> Result<Engine, RecognizeFault> {
        Engine::open(&Options {
            engine: EngineName::Onnx(path.to_owned()),
            ..Options::default()
        })
    }

    fn code(model: &[u8], settings: &str, characters: &str) -> &'static str {
        let folder = tempfile::tempdir().expect("a folder");
        let path = files::write(folder.path(), model, settings, characters);
        open(&path).err().expect("a fault").code()
    }

    #[test]
    fn a_network_in_onnx_reads_its_lines() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = files::write(folder.path(), &specimen(8), DRIVEN, "a\nb");
        let files = Files::read(&path).expect("read");
        reads_a_and_b(&OnnxReader::load(files).expect("loaded"));
        let own = open(&path).expect("an engine");
        assert_eq!(own.identity().model, Digest::of(&specimen(8)));
    }

    #[test]
    fn other_settings_or_characters_are_another_engine() {
        let folder = tempfile::tempdir().expect("a folder");
        let identity = |settings, characters| {
            let path = files::write(folder.path(), &specimen(8), settings, characters);
            let options = Options {
                engine: EngineName::Onnx(path.clone()),
                ..Options::default()
            };
            let told = Engine::identify(&options).expect("files");
            assert_eq!(told, open(&path).expect("an engine").identity());
            told
        };
        let first = identity(DRIVEN, "a\nb");
        assert_ne!(first, identity(DRIVEN, "b\na"));
        assert_ne!(first, identity("paper = 0.0\nink = 1.0\n", "a\nb"));
    }

    #[test]
    fn models_that_cannot_be_used_are_told_apart() {
        assert_eq!(code(b"no model", "", "a\nb"), "OCR-025");
        assert_eq!(code(b"", "", "a\nb"), "OCR-025");
        assert_eq!(code(&specimen(8), DRIVEN, "a\nb\nc"), "OCR-027");
        assert_eq!(code(&specimen(8), "height_px = 32", "a\nb"), "OCR-026");
        // The network says 16 rows and gives two rows of output, which it cannot squeeze.
        assert_eq!(code(&specimen(16), DRIVEN, "a\nb"), "OCR-025");
    }

    #[test]
    fn every_cut_and_every_flipped_byte_of_a_model_is_borne() {
        let whole = specimen(8);
        let settings = || Settings::read(DRIVEN).expect("valid");
        let bear = |model: Vec<u8>| {
            let Ok(network) = rten::Loaded::load(model) else {
                return false;
            };
            let characters = ["a", "b"].map(str::to_owned).to_vec();
            OnnxReader::with(Box::new(network), settings(), characters).is_ok()
        };
        assert!(bear(whole.clone()));
        let cut = (0..whole.len()).filter(|end| bear(whole[..*end].to_vec()));
        assert!(cut.count() < 20, "a model without its end is mostly none");
        for at in 0..whole.len() {
            let mut spoilt = whole.clone();
            spoilt[at] ^= 0x41;
            bear(spoilt);
        }
    }
}
