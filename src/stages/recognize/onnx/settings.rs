//! How a line model is driven: the TOML file beside it. docs/engines.md explains each setting to who brings a model.

use std::path::PathBuf;

use serde::Deserialize;

/// No line model that is known sees more rows.
const MOST_HEIGHT_PX: u32 = 256;
/// A line this wide, in the network's pixels, is two metres of print.
const MOST_WIDTH_PX: u32 = 16_384;
/// White around a line, in heights of its picture.
const MOST_MARGIN: f32 = 4.0;
/// Values that a network can be meant to see.
const MOST_VALUE: f32 = 1024.0;

/// The settings; what the file does not name keeps its default, and no file is needed where all defaults serve.
///
/// The defaults are those of the models of PaddleOCR's make: 1 for white, −1 for black, the blank before the characters.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// File of the characters, one a line in the order of the classes; empty for the model's name with `.txt`.
    pub characters: PathBuf,
    /// Where among the classes the blank stands.
    pub blank: Blank,
    /// Rows that the network sees; 0 where its own shape says it.
    pub height_px: u32,
    /// Wider lines are squeezed.
    pub max_width_px: u32,
    /// Widths are filled up with paper to a multiple of this.
    pub width_multiple_px: u32,
    /// So many more columns of paper stand behind a line.
    pub tail_px: u32,
    /// Paper above and below the line's picture, each in heights of that picture.
    pub margin_y: f32,
    /// Paper at both ends, the same way.
    pub margin_x: f32,
    /// What the network sees where the paper is white.
    pub paper: f32,
    /// What it sees where the ink is black.
    pub ink: f32,
    /// Name of the input that takes the line's width in pixels, for models that have one.
    pub widths: String,
    /// Name of the output with a share of each class at each step; empty for the only output.
    pub scores: String,
    /// Name of the output with the best class of each step, for models that tell no other.
    pub classes: String,
    /// Name of the output with how sure that class is, 0 to 1; needed with `classes`.
    pub confidences: String,
}

/// Where among the classes the blank of CTC stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blank {
    /// Before the characters.
    #[default]
    First,
    /// Behind them.
    Last,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            characters: PathBuf::new(),
            blank: Blank::First,
            height_px: 0,
            max_width_px: 4096,
            width_multiple_px: 1,
            tail_px: 0,
            margin_y: 0.0,
            margin_x: 0.0,
            paper: 1.0,
            ink: -1.0,
            widths: String::new(),
            scores: String::new(),
            classes: String::new(),
            confidences: String::new(),
        }
    }
}

impl Settings {
    /// Reads the file; what is wrong is told in words.
    pub fn read(text: &str) -> Result<Self, String> {
        let settings: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        match settings.wrong() {
            Some(cause) => Err(cause.to_owned()),
            None => Ok(settings),
        }
    }

    /// What no network can be meant to be given.
    fn wrong(&self) -> Option<&'static str> {
        let is_margin = |share: f32| (0.0..=MOST_MARGIN).contains(&share);
        let is_value = |value: f32| (-MOST_VALUE..=MOST_VALUE).contains(&value);
        let rules = [
            (self.height_px <= MOST_HEIGHT_PX, "height_px: 0 … 256"),
            (
                (8..=MOST_WIDTH_PX).contains(&self.max_width_px),
                "max_width_px: 8 … 16384",
            ),
            (
                (1..=256).contains(&self.width_multiple_px),
                "width_multiple_px: 1 … 256",
            ),
            (self.tail_px <= 256, "tail_px: 0 … 256"),
            (is_margin(self.margin_y), "margin_y: 0 … 4"),
            (is_margin(self.margin_x), "margin_x: 0 … 4"),
            (is_value(self.paper), "paper: -1024 … 1024"),
            (is_value(self.ink), "ink: -1024 … 1024"),
            (self.paper != self.ink, "paper = ink"),
            (
                self.classes.is_empty() == self.confidences.is_empty(),
                "classes + confidences",
            ),
            (
                self.classes.is_empty() || self.scores.is_empty(),
                "classes / scores",
            ),
        ];
        let broken = rules.into_iter().find(|(holds, _)| !holds);
        broken.map(|(_, rule)| rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_keeps_its_default() {
        let settings = Settings::read("height_px = 48\nblank = \"last\"").expect("valid");
        let expected = Settings {
            height_px: 48,
            blank: Blank::Last,
            ..Settings::default()
        };
        assert_eq!(settings, expected);
        assert_eq!(Settings::read(""), Ok(Settings::default()));
    }

    #[test]
    fn what_no_network_can_be_given_is_refused() {
        for (text, word) in [
            ("height_px = 4000", "height_px"),
            ("max_width_px = 100000", "max_width_px"),
            ("width_multiple_px = 0", "width_multiple_px"),
            ("margin_y = nan", "margin_y"),
            ("margin_x = -0.1", "margin_x"),
            ("paper = inf", "paper"),
            ("paper = -1.0", "paper = ink"),
            ("classes = \"ids\"", "confidences"),
            (
                "classes = \"ids\"\nconfidences = \"conf\"\nscores = \"y\"",
                "scores",
            ),
            ("heigth_px = 32", "heigth_px"),
        ] {
            let cause = Settings::read(text).expect_err(text);
            assert!(cause.contains(word), "{text}: {cause}");
        }
    }
}
