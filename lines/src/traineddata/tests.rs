//! Models sound and broken.

use super::specimen::{SOUND, Specimen};
use super::*;

fn fault(file: &[u8]) -> ModelFault {
    LineModel::read(file)
        .map(|_| ())
        .expect_err("a broken model")
}

#[test]
fn a_model_is_read_in_either_order_of_bytes() {
    let little = LineModel::read(&SOUND.file()).expect("a sound model");
    let big = Specimen {
        big_endian: true,
        ..SOUND
    };
    let big = LineModel::read(&big.file()).expect("a sound model");
    assert_eq!(little.network, big.network);
    assert_eq!((little.null_code, little.seed), (5, 77));
    assert_eq!((big.null_code, big.seed), (5, 77));
    assert_eq!(little.version, "a specimen");
    let letter = little.charset.glyph(4).expect("a glyph");
    assert_eq!(
        (letter.text.as_str(), letter.digit, letter.spaced),
        ("ạ", false, true)
    );
    assert!(little.charset.glyph(5).expect("a glyph").digit);
    assert_eq!(little.recoder.encoded()[4], [2]);
}

#[test]
fn the_fuzzer_starts_from_the_specimen() {
    assert!(SOUND.file() == include_bytes!("specimen.traineddata"));
}

#[test]
fn float_weights_are_read_as_well() {
    let float = Specimen {
        float: true,
        ..SOUND
    };
    let model = LineModel::read(&float.file()).expect("a sound model");
    assert_eq!(model.network.outputs(), 6);
}

#[test]
fn words_are_found_in_their_graph_letter_by_letter() {
    let model = LineModel::read(&SOUND.file()).expect("a sound model");
    let words = model.graphs.words.expect("words");
    let first = words.begin(3).expect("a word begins so");
    assert!(!words.ends_word(first) && words.begin(4).is_none());
    let second = words.follow(first, 4).expect("a word goes on so");
    assert!(words.ends_word(second) && words.follow(second, 4).is_none());
}

#[test]
fn a_model_cut_off_anywhere_is_refused() {
    let file = SOUND.file();
    // The last part is the name of the training, of any length.
    for length in 0..file.len() - "a specimen".len() {
        assert!(LineModel::read(&file[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_model_with_any_byte_changed_is_read_or_refused() {
    let sound = SOUND.file();
    for place in 0..sound.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut file = sound.clone();
            file[place] ^= change;
            // Neither panics nor asks for memory that the file does not warrant.
            let _ = LineModel::read(&file);
        }
    }
}

/// The specimen with the first finding of some bytes replaced.
fn changed(from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut file = SOUND.file();
    let place = file.windows(from.len()).position(|part| part == from);
    let place = place.expect("the bytes are there");
    file[place..place + to.len()].copy_from_slice(to);
    file
}

#[test]
fn absurd_sizes_are_refused_before_memory_is_asked_for() {
    // Rows and columns of the convolution's weights.
    let sizes = [129, 3, 0, 0, 0, 10, 0, 0, 0];
    let most = [129, 255, 255, 0, 0, 255, 255, 0, 0];
    let cut_off = ModelFault::CutOff { part: "lstm" };
    assert_eq!(fault(&changed(&sizes, &most)), cut_off);
    let huge = [129, 255, 255, 255, 127, 255, 255, 255, 127];
    assert_eq!(
        fault(&changed(&sizes, &huge)),
        ModelFault::TooLarge { part: "lstm" }
    );
    let negative = [129, 255, 255, 255, 255, 10, 0, 0, 0];
    assert!(matches!(
        fault(&changed(&sizes, &negative)),
        ModelFault::Malformed { .. }
    ));
    let large = vec![0; MAX_MODEL_BYTES + 1];
    assert_eq!(fault(&large), ModelFault::TooLarge { part: "file" });
}

#[test]
fn what_is_no_line_model_is_told_apart() {
    assert_eq!(fault(b"not a model at all"), ModelFault::NotAModel);
    let tensorflow = changed(b"Maxpool", b"Foopool");
    let unknown = ModelFault::Unsupported {
        layer: "Foopool".into(),
    };
    assert_eq!(fault(&tensorflow), unknown);
    // No network: its place in the table says that it is not there.
    let mut legacy = SOUND.file();
    legacy[4 + 17 * 8..][..8].fill(0xff);
    assert_eq!(fault(&legacy), ModelFault::Missing { part: "lstm" });
}

#[test]
fn layers_within_layers_end_somewhere() {
    let mut writer = specimen::Writer::new(false);
    for _ in 0..10_000 {
        writer.head("RTLReversed", 1, 1);
        writer.i32(1);
    }
    let mut bytes = Bytes::new(&writer.bytes, "lstm", false);
    assert!(matches!(
        network::read(&mut bytes),
        Err(ModelFault::Malformed { .. })
    ));
}

#[test]
fn an_edge_that_leads_out_of_a_word_graph_is_refused() {
    let mut writer = specimen::Writer::new(false);
    writer.i16(42);
    for number in [6, 1] {
        writer.i32(number);
    }
    // Glyph 3, last of its node, to node 9 of a graph of one edge.
    writer.i64(3 | 1 << 3 | 9 << 6);
    let mut bytes = Bytes::new(&writer.bytes, "lstm-word-dawg", false);
    assert!(WordGraph::read(&mut bytes).is_err());
}
