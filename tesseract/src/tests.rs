//! What the doors hold; that the text is libtesseract's is held by the program's tests.

use std::path::Path;

use super::*;

/// Where Debian puts the models.
const TESSDATA: &str = "/usr/share/tesseract-ocr/5/tessdata";

fn engine() -> Engine {
    Engine::open(Path::new(TESSDATA), "vie").expect("tesseract-ocr-vie")
}

#[test]
fn the_version_is_one_whose_functions_we_know() {
    let major = version().split('.').next().map(str::parse::<u32>);
    assert!(matches!(major, Some(Ok(5..))), "{}", version());
}

#[test]
fn what_libtesseract_does_not_know_is_a_fault() {
    let unknown = Engine::open(Path::new("/nowhere"), "vie").map(|_| ());
    assert_eq!(unknown, Err(Fault::Init));
    let with_nul = Engine::open(Path::new(TESSDATA), "v\0ie").map(|_| ());
    assert_eq!(with_nul, Err(Fault::Init));
    let mut engine = engine();
    let unknown = engine.set_variable("no_such_variable", "1");
    assert_eq!(unknown, Err(Fault::Variable));
}

#[test]
fn a_picture_that_is_not_what_it_says_is_refused_before_c_sees_it() {
    let mut engine = engine();
    let short = engine.set_picture(&[255; 99], 10, 10);
    assert_eq!(short, Err(Fault::Pixels));
    assert_eq!(engine.set_picture(&[], 0, 10), Err(Fault::Dimensions));
    for (width, height) in [(u32::MAX, 1), (1 << 16, 1 << 16)] {
        let large = engine.set_picture(&[255; 100], width, height);
        assert_eq!(large, Err(Fault::Dimensions));
    }
}

#[test]
fn a_blank_picture_has_no_words_and_the_engine_goes_on() {
    let mut engine = engine();
    keep_openmp_to_this_thread();
    for _ in 0..2 {
        engine
            .set_picture(&[255; 200 * 100], 200, 100)
            .expect("a picture");
        engine.set_resolution(300);
        assert!(engine.recognize_until(10_000));
        let text = engine.words().and_then(|words| words.text());
        assert_eq!(text.unwrap_or_default().trim(), "");
        engine.clear();
    }
}
