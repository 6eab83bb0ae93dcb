//! What a network's inputs and outputs ask for, held against the settings beside it before the first line is read.

use super::OnnxFlaw;
use super::settings::Settings;

/// An input or an output as the network declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its sides; `None` for one that is open. No shape at all where the network declares none.
    pub sides: Option<Vec<Option<usize>>>,
    /// Whether it takes numbers with a fraction; `None` where the network does not say.
    pub is_float: Option<bool>,
}

/// The shape of the pictures that the network takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// One for grey, three for the grey three times.
    pub channels: usize,
    /// Rows.
    pub height_px: u32,
    /// Columns, where all pictures must have as many.
    pub width_px: Option<u32>,
    /// Columns that hold a line at most.
    pub max_width_px: u32,
}

impl Fit {
    /// The shape of a picture `N × channels × height × width`, of which one is read at a time.
    pub fn of(picture: &Port, settings: &Settings) -> Result<Self, OnnxFlaw> {
        let wrong = |cause: String| OnnxFlaw::Shape {
            port: picture.name.clone(),
            cause,
        };
        let sides = picture.sides.clone().unwrap_or(vec![None; 4]);
        let [lines, channels, height, width] = sides[..] else {
            return Err(wrong(format!("{} ≠ 4 (N, C, H, W)", sides.len())));
        };
        if picture.is_float == Some(false) {
            return Err(wrong("≠ float32".to_owned()));
        }
        if lines.is_some_and(|lines| lines != 1) {
            return Err(wrong(format!("N = {}", lines.unwrap_or_default())));
        }
        let channels = channels.unwrap_or(1);
        if channels != 1 && channels != 3 {
            return Err(wrong(format!("C = {channels}")));
        }
        let height_px = match (height, settings.height_px) {
            (None, 0) => return Err(wrong("H = ?, height_px = 0".to_owned())),
            (None, told) => told as usize,
            (Some(own), 0) => own,
            (Some(own), told) if own == told as usize => own,
            (Some(own), told) => return Err(wrong(format!("H = {own}, height_px = {told}"))),
        };
        if !(8..=256).contains(&height_px) {
            return Err(wrong(format!("H = {height_px}")));
        }
        let width_px = match width {
            Some(width) if !(8..=16_384).contains(&width) => {
                return Err(wrong(format!("W = {width}")));
            }
            width => width.map(|width| width as u32),
        };
        let max_width_px = width_px.map_or(settings.max_width_px, |own| {
            own.saturating_sub(settings.tail_px)
                .clamp(1, settings.max_width_px)
        });
        Ok(Self {
            channels,
            height_px: height_px as u32,
            width_px,
            max_width_px,
        })
    }

    /// How wide a picture is made of which a line takes so many columns.
    pub fn width_for(&self, used_px: u32, settings: &Settings) -> u32 {
        let filled = used_px.next_multiple_of(settings.width_multiple_px) + settings.tail_px;
        self.width_px.unwrap_or(filled)
    }
}

/// The picture's input among all, and that no other is left for which there is nothing to give.
pub fn picture_input<'p>(inputs: &'p [Port], settings: &Settings) -> Result<&'p Port, OnnxFlaw> {
    let named = |name: &str| inputs.iter().any(|input| input.name == name);
    if !settings.widths.is_empty() && !named(&settings.widths) {
        return Err(missing(&settings.widths, inputs));
    }
    let mut others = inputs
        .iter()
        .filter(|input| settings.widths.is_empty() || input.name != settings.widths);
    let first = others.next().ok_or_else(|| missing("N × C × H × W", &[]))?;
    match others.next() {
        None => Ok(first),
        Some(other) => Err(OnnxFlaw::Shape {
            port: other.name.clone(),
            cause: "?".to_owned(),
        }),
    }
}

/// The names of the outputs to ask for: scores, or classes and their confidences.
pub fn wanted_outputs(outputs: &[Port], settings: &Settings) -> Result<Vec<String>, OnnxFlaw> {
    let wanted = match (settings.classes.as_str(), settings.scores.as_str()) {
        ("", "") => match outputs {
            [only] => vec![only.name.clone()],
            _ => return Err(missing("scores", outputs)),
        },
        ("", scores) => vec![scores.to_owned()],
        (classes, _) => vec![classes.to_owned(), settings.confidences.clone()],
    };
    for name in &wanted {
        if !outputs.iter().any(|output| output.name == *name) {
            return Err(missing(name, outputs));
        }
    }
    Ok(wanted)
}

/// A port that is not there, with those that are.
fn missing(name: &str, ports: &[Port]) -> OnnxFlaw {
    let names: Vec<&str> = ports.iter().map(|port| port.name.as_str()).collect();
    OnnxFlaw::Shape {
        port: name.to_owned(),
        cause: format!("≠ {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(name: &str, sides: &[Option<usize>]) -> Port {
        Port {
            name: name.to_owned(),
            sides: Some(sides.to_vec()),
            is_float: Some(true),
        }
    }

    fn fit(sides: &[Option<usize>], told: &str) -> Result<Fit, OnnxFlaw> {
        let settings = Settings::read(told).expect("valid");
        Fit::of(&port("x", sides), &settings)
    }

    #[test]
    fn the_networks_own_shape_says_height_channels_and_width() {
        let open = fit(&[None, Some(3), Some(48), None], "").expect("fits");
        assert_eq!(
            (open.channels, open.height_px, open.width_px),
            (3, 48, None)
        );
        let settings = Settings::read("width_multiple_px = 8\ntail_px = 8").expect("valid");
        assert_eq!(open.width_for(50, &settings), 64);
        let fixed = fit(&[Some(1), Some(1), Some(32), Some(320)], "tail_px = 20").expect("fits");
        assert_eq!((fixed.width_px, fixed.max_width_px), (Some(320), 300));
        assert_eq!(fixed.width_for(50, &settings), 320);
    }

    #[test]
    fn shapes_that_no_line_fits_are_refused() {
        for (sides, told) in [
            (&[None, Some(1), None, None][..], ""),
            (&[None, Some(1), Some(32), None], "height_px = 48"),
            (&[None, Some(4), Some(32), None], ""),
            (&[Some(8), Some(1), Some(32), None], ""),
            (&[None, Some(1), Some(3), None], ""),
            (&[None, Some(1), Some(1 << 40), None], ""),
            (&[None, Some(1), Some(32), Some(1 << 40)], ""),
            (&[None, Some(32), None], ""),
        ] {
            let flaw = fit(sides, told).expect_err("no line fits");
            assert_eq!(flaw.code(), "OCR-026", "{sides:?}");
        }
    }

    #[test]
    fn an_input_for_which_there_is_nothing_to_give_is_refused() {
        let inputs = [port("x", &[]), port("widths", &[None])];
        let with = Settings::read("widths = \"widths\"").expect("valid");
        assert_eq!(picture_input(&inputs, &with).expect("known").name, "x");
        assert!(picture_input(&inputs, &Settings::default()).is_err());
        assert!(picture_input(&inputs[..1], &with).is_err());
    }

    #[test]
    fn outputs_are_found_by_name_where_there_is_more_than_one() {
        let outputs = [port("ids", &[]), port("conf", &[])];
        assert!(wanted_outputs(&outputs, &Settings::default()).is_err());
        let told = Settings::read("classes = \"ids\"\nconfidences = \"conf\"").expect("valid");
        assert_eq!(
            wanted_outputs(&outputs, &told),
            Ok(vec!["ids".into(), "conf".into()])
        );
        let told = Settings::read("scores = \"y\"").expect("valid");
        assert!(wanted_outputs(&outputs, &told).is_err());
        let only = wanted_outputs(&outputs[..1], &Settings::default());
        assert_eq!(only, Ok(vec!["ids".into()]));
    }
}
