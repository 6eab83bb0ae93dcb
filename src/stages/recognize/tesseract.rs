//! Tesseract in this process: one engine handle a worker thread, kept for its life.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sohoa_tesseract::{Engine, Fault, Level, Words};
use unicode_normalization::UnicodeNormalization;

use super::model_file::ModelFile;
use super::{EngineIdentity, Options, Picture, RecognizeFault, Recognizer};
use crate::model::{Confidence, Digest, PageText, Point, PxBox, Word};

thread_local! {
    /// This thread's engine and the settings it was made from.
    static ENGINE: RefCell<Option<(u64, Engine)>> = const { RefCell::new(None) };
}

/// Numbers the settings, so that a thread sees that its engine is of other ones.
static NEXT_SETTINGS: AtomicU64 = AtomicU64::new(0);

/// Reads pages with Debian's libtesseract.
pub struct Tesseract {
    settings: u64,
    folder: PathBuf,
    language: String,
    identity: EngineIdentity,
    light_on_dark: bool,
}

impl Tesseract {
    /// Finds and tries the model, so that what is missing shows before the first page.
    pub fn open(options: &Options) -> Result<Self, RecognizeFault> {
        let model = ModelFile::read(options)?;
        let engine = Self {
            settings: NEXT_SETTINGS.fetch_add(1, Ordering::Relaxed),
            folder: model.folder(),
            language: options.language.clone(),
            identity: EngineIdentity {
                name: format!("tesseract {}", sohoa_tesseract::version()),
                model: Digest::of(&model.bytes),
            },
            light_on_dark: false,
        };
        engine.start().map_err(|_| model.is_bad())?;
        Ok(engine)
    }

    /// The same, looking for light letters on dark ground as well.
    pub fn light_on_dark(self) -> Self {
        Self {
            light_on_dark: true,
            ..self
        }
    }

    fn start(&self) -> Result<Engine, Fault> {
        sohoa_tesseract::keep_openmp_to_this_thread();
        let mut engine = Engine::open(&self.folder, &self.language)?;
        engine.set_variable("debug_file", "/dev/null")?;
        // Inverted text is not found on these papers; looking for it costs 5 % (TECH, Part II).
        let inverts = if self.light_on_dark { "1" } else { "0" };
        engine.set_variable("tessedit_do_invert", inverts)?;
        Ok(engine)
    }

    /// Lends this thread's engine, made on first use.
    fn with_engine<T>(
        &self,
        work: impl FnOnce(&mut Engine) -> Result<T, RecognizeFault>,
    ) -> Result<T, RecognizeFault> {
        ENGINE.with_borrow_mut(|slot| {
            if slot
                .as_ref()
                .is_none_or(|(settings, _)| *settings != self.settings)
            {
                *slot = Some((self.settings, self.start().map_err(engine_fault)?));
            }
            let (_, engine) = slot.as_mut().expect("filled just above");
            work(engine)
        })
    }

    fn recognize(
        &self,
        engine: &mut Engine,
        picture: &Picture<'_>,
    ) -> Result<Vec<Word>, RecognizeFault> {
        let (width, height) = picture.pixels.dimensions();
        engine
            .set_picture(picture.pixels, width, height)
            .map_err(engine_fault)?;
        engine.set_resolution(picture.dpi);
        let began = Instant::now();
        if !engine.recognize_until(picture.max_ms) {
            return Err(
                if began.elapsed() >= Duration::from_millis(picture.max_ms.into()) {
                    RecognizeFault::OutOfTime {
                        max_page_ms: picture.max_ms,
                    }
                } else {
                    RecognizeFault::Engine {
                        cause: "Recognize".to_owned(),
                    }
                },
            );
        }
        let words = engine.words().map(|found| copy_words(found, picture));
        engine.clear();
        Ok(words.unwrap_or_default())
    }
}

impl Recognizer for Tesseract {
    fn identity(&self) -> EngineIdentity {
        self.identity.clone()
    }

    fn read(&self, picture: &Picture<'_>) -> Result<PageText, RecognizeFault> {
        let words = self.with_engine(|engine| self.recognize(engine, picture))?;
        Ok(PageText {
            width_px: picture.page_width_px,
            height_px: picture.page_height_px,
            dpi: picture.page_dpi,
            symbols: Vec::new(),
            words,
        })
    }
}

fn engine_fault(error: Fault) -> RecognizeFault {
    RecognizeFault::Engine {
        cause: error.to_string(),
    }
}

/// Copies every word out of the engine at once.
fn copy_words(mut found: Words<'_>, picture: &Picture<'_>) -> Vec<Word> {
    let mut words = Vec::new();
    let (mut blocks, mut lines) = (0u32, 0u32);
    loop {
        blocks += u32::from(found.begins(Level::Block));
        lines += u32::from(found.begins(Level::Line));
        let place = (blocks.saturating_sub(1), lines.saturating_sub(1));
        words.extend(copy_word(&found, picture, place));
        if !found.go_on() {
            return words;
        }
    }
}

fn copy_word(found: &Words<'_>, picture: &Picture<'_>, (block, line): (u32, u32)) -> Option<Word> {
    let text: String = found.text()?.nfc().filter(|c| !c.is_whitespace()).collect();
    let [left, top, right, bottom] = found.bounds()?;
    if text.is_empty() || right <= left || bottom <= top {
        return None;
    }
    let [left, top, right, bottom] = [left, top, right, bottom].map(|v| v as f32);
    let on_page = |x_px: f32, y_px: f32| picture.to_page.map(Point { x_px, y_px });
    let corners = [
        on_page(left, top),
        on_page(right, top),
        on_page(left, bottom),
        on_page(right, bottom),
    ];
    let in_f32 = |(x, y): (i32, i32)| (x as f32, y as f32);
    let [start, end] = found
        .baseline()
        .map_or([(left, bottom), (right, bottom)], |ends| ends.map(in_f32));
    Some(Word {
        text,
        bounds: PxBox::around(&corners, picture.page_width_px, picture.page_height_px),
        baseline_start: on_page(start.0, start.1),
        baseline_end: on_page(end.0, end.1),
        confidence: Confidence::from_pct_f32(found.confidence()),
        block,
        line,
        leads_on: false,
    })
}
