//! The visible mark of a signature: agency and time in black letters, top right on page 1.
//!
//! NĐ 30/2020/NĐ-CP, annex I (box 14) and TT 05/2025/TT-BNV, Điều 8: Times New Roman, upright,
//! size 10, black, no picture of a seal, time by ISO 8601. The letters are Tinos, which has the
//! measures of Times New Roman; the font goes into the file (ISO 19005-2, 6.2.11.4.1) and is the
//! same in every file, so that an auditor knows it by its digest.

mod place;
mod words;

use std::fmt::Write;
use std::sync::LazyLock;

use lopdf::{Object, ObjectId, Stream, dictionary};
use unicode_normalization::UnicodeNormalization;

use super::base::{Base, BaseFault};
use super::revision::Revision;
use crate::formats::typeface::{Face, FontParts};
use place::Area;

/// Size of the letters, in points.
const TYPE_PT: f64 = 10.0;

/// From base line to base line, in points.
const LINE_PT: f64 = 12.0;

/// The widest line, in points: a third of A4. A longer name goes on in the next line.
const MOST_WIDTH_PT: f64 = 200.0;

/// From the lower edge to the last base line: what letters reach below it.
const BELOW_PT: f64 = 2.5;

/// The font's objects, made and deflated once: they are the same in every file.
static FONT: LazyLock<FontParts> = LazyLock::new(|| Face::times().with_all_letters().parts());

/// What the mark says, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    lines: Vec<String>,
}

impl Mark {
    /// A mark of these lines; what is too wide is broken between words.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let face = Face::times();
        let broken = lines.into_iter().flat_map(|line| broken(&face, line));
        Self {
            lines: broken.filter(|line| !line.is_empty()).collect(),
        }
    }

    /// What a reader sees, lines ended by line feeds between them.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }
}

/// The lines that a text takes; a word wider than a line is cut.
fn broken(face: &Face, text: &str) -> Vec<String> {
    let most = (MOST_WIDTH_PT / TYPE_PT) as f32;
    let mut lines: Vec<String> = vec![String::new()];
    let text: String = text.nfc().collect();
    for word in face.writable(&text).split_whitespace() {
        let last = lines.last_mut().expect("there is always a line");
        let longer = match last.is_empty() {
            true => word.to_owned(),
            false => format!("{last} {word}"),
        };
        match last.is_empty() || face.width(&longer) <= most {
            true => *last = face.fitted(&longer, most),
            false => lines.push(face.fitted(word, most)),
        }
    }
    lines
}

/// The mark laid out on the first page, its objects written.
pub(super) struct Placed {
    /// Where it stands, for the field's `/Rect`.
    pub(super) rect: Vec<Object>,
    /// Its appearance stream.
    pub(super) appearance: ObjectId,
}

/// Writes the mark's font and appearance and finds its place.
pub(super) fn write(
    mark: &Mark,
    base: &Base<'_>,
    revision: &mut Revision,
) -> Result<Placed, BaseFault> {
    let mut face = Face::times();
    let unit = base.first_page_unit()?;
    let widths = mark.lines.iter().map(|line| f64::from(face.width(line)));
    let width = widths.fold(0.0, f64::max) * TYPE_PT / unit;
    let height = mark.lines.len() as f64 * LINE_PT / unit;
    let (width, height) = (rounded_up(width), rounded_up(height));
    let words = words::areas(&base.first_page_content()?);
    let [left, bottom, right, top] = base.first_page_box()?;
    let page = Area {
        left,
        bottom,
        right,
        top,
    };
    let area = place::beside(&words, page, (width, height), 1.0 / unit);
    let font = FONT.put(|object| {
        let id = revision.new_id();
        revision.write(id, &object);
        id
    });
    let appearance = revision.new_id();
    let content = content(mark, &mut face, height, unit);
    revision.write(appearance, &form(width, height, font, content).into());
    Ok(Placed {
        rect: rect(&area),
        appearance,
    })
}

/// The appearance (ISO 32000-1, 12.5.5), as large as its place, so that nothing is scaled.
fn form(width: f64, height: f64, font: ObjectId, content: String) -> Stream {
    let entries = dictionary! {
        "Type" => "XObject",
        "Subtype" => "Form",
        "BBox" => vec![0.into(), 0.into(), number(width), number(height)],
        "Resources" => dictionary! { "Font" => dictionary! { "Tinos" => font } },
    };
    Stream::new(entries, content.into_bytes())
}

/// One text object: black, a line below the other.
fn content(mark: &Mark, face: &mut Face, height: f64, unit: f64) -> String {
    let (size, leading) = (TYPE_PT / unit, LINE_PT / unit);
    let first = height - leading + BELOW_PT / unit;
    let mut content = format!(
        "BT\n0 g\n/Tinos {} Tf\n{} TL\n0 {} Td\n",
        short(size),
        short(leading),
        short(first)
    );
    for (index, line) in mark.lines.iter().enumerate() {
        let next = if index == 0 { "" } else { "T*\n" };
        let _ = writeln!(content, "{next}{} Tj", face.string(line));
    }
    content + "ET\n"
}

fn rect(area: &Area) -> Vec<Object> {
    [area.left, area.bottom, area.right, area.top]
        .map(number)
        .to_vec()
}

/// Up to a hundredth of a unit.
fn rounded_up(value: f64) -> f64 {
    (value * 100.0).ceil() / 100.0
}

fn number(value: f64) -> Object {
    Object::Real(((value * 100.0).round() / 100.0) as f32)
}

fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_goes_on_in_the_next_line_and_no_line_is_too_wide() {
        let name = "Trung tâm Phục vụ hành chính công tỉnh Thử Nghiệm, Văn phòng Ủy ban nhân dân";
        let mark = Mark::of(["SAO Y", name, "2026-11-21T16:14:30+07:00"]);
        assert!(mark.lines.len() > 3, "{:?}", mark.lines);
        assert_eq!(
            mark.text().replace('\n', " "),
            format!("SAO Y {name} 2026-11-21T16:14:30+07:00")
        );
        let face = Face::times();
        let widest = mark.lines.iter().map(|line| face.width(line) * 10.0);
        assert!(widest.fold(0.0, f32::max) <= 200.0);
    }

    #[test]
    fn what_the_face_cannot_write_is_not_left_to_the_viewer() {
        assert_eq!(Mark::of(["Xã 北", "", "x"]).text(), "Xã ?\nx");
        let endless = "W".repeat(500);
        let cut = Mark::of([endless.as_str()]).text();
        assert!(cut.ends_with('…') && cut.len() < 40, "{cut}");
    }
}
