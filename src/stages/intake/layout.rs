//! Layouts: which folders and files of a drop are dossiers, told by templates of the plan.
//!
//! `{fonds}/{box}/{dossier}/` is a folder a dossier, two folders deep; `{dossier}.*` a
//! file a dossier; `{dossier}_*.*` a flat folder with the code in each file's name.
//! `{dossier}` stands for a dossier code and nothing else, `{stream}` for any name of a
//! pile scanned at once, every other placeholder for any name, kept as a label.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::model::dossier_code::SHAPE;

const DOSSIER: &str = "dossier";
const STREAM: &str = "stream";

/// Deeper templates are no filing system's work.
const MAX_PARTS: usize = 16;

/// The templates of the plan in the order they are tried; at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Layouts(Vec<Layout>);

/// One template, ready for matching.
#[derive(Clone, Debug)]
struct Layout {
    template: String,
    /// One pattern a part of the path.
    parts: Vec<Regex>,
    unit: Unit,
    is_stream: bool,
}

/// What a dossier is in a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A folder with all below it: the template ends in `/`.
    Folder,
    /// The files of one folder whose names bear the same code.
    Files,
}

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum LayoutFault {
    #[error("`layouts` is empty: name at least one, such as \"{{dossier}}/\"")]
    None,
    #[error("layout \"{template}\": {cause}")]
    Template { template: String, cause: Wrong },
}

/// What is wrong with one template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum Wrong {
    #[error("it must hold {{dossier}} or {{stream}}, one of them and once")]
    NoCode,
    #[error("{{dossier}} or {{stream}} must stand in its last part")]
    CodeNotLast,
    #[error("it is no path below the drop: an empty part, `.`, `..` or a backslash")]
    NotBelow,
    #[error("more than {MAX_PARTS} parts")]
    TooDeep,
    #[error("{{{0}}} stands twice")]
    Twice(String),
    #[error("{{{0}}}: a placeholder is a-z, 0-9 and _, a letter first")]
    BadName(String),
    #[error("a brace without its other half")]
    Brace,
    #[error("nothing parts {{{0}}} from what follows it, so it could end anywhere")]
    Unparted(String),
}

/// A name that a layout takes for a dossier or a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which template, from 0: files belong together by template and code.
    pub layout: usize,
    /// The dossier code, or the stream's name.
    pub code: String,
    /// A pile scanned at once, to be cut into dossiers.
    pub is_stream: bool,
    /// What the other placeholders stand for.
    pub labels: BTreeMap<String, String>,
}

/// How far down the templates a folder of the drop lies.
#[derive(Clone, Debug)]
pub struct Descent<'a>(Vec<Open<'a>>);

#[derive(Clone, Debug)]
struct Open<'a> {
    number: usize,
    layout: &'a Layout,
    /// Parts that lie behind.
    depth: usize,
    labels: BTreeMap<String, String>,
}

impl Default for Layouts {
    fn default() -> Self {
        let templates = ["{dossier}/", "{dossier}.*"].map(str::to_owned).to_vec();
        Self::try_from(templates).expect("the defaults are sound, as a test shows")
    }
}

impl TryFrom<Vec<String>> for Layouts {
    type Error = LayoutFault;

    fn try_from(templates: Vec<String>) -> Result<Self, LayoutFault> {
        if templates.is_empty() {
            return Err(LayoutFault::None);
        }
        let parse = |template: String| {
            Layout::parse(&template).map_err(|cause| LayoutFault::Template { template, cause })
        };
        templates
            .into_iter()
            .map(parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl From<Layouts> for Vec<String> {
    fn from(layouts: Layouts) -> Self {
        layouts
            .0
            .into_iter()
            .map(|layout| layout.template)
            .collect()
    }
}

impl PartialEq for Layout {
    fn eq(&self, other: &Self) -> bool {
        self.template == other.template
    }
}

impl Eq for Layout {}

impl Layouts {
    /// The drop folder itself: nothing of any template lies behind.
    pub fn top(&self) -> Descent<'_> {
        let open = |(number, layout)| Open {
            number,
            layout,
            depth: 0,
            labels: BTreeMap::new(),
        };
        Descent(self.0.iter().enumerate().map(open).collect())
    }
}

impl<'a> Descent<'a> {
    /// The first template for which this name, in this folder, is such a unit.
    pub fn unit(&self, name: &str, unit: Unit) -> Option<Taken> {
        let ends = |open: &&Open<'_>| {
            open.layout.unit == unit && open.depth + 1 == open.layout.parts.len()
        };
        self.0.iter().filter(ends).find_map(|open| {
            let mut labels = open.labels_with(name)?;
            let key = if open.layout.is_stream {
                STREAM
            } else {
                DOSSIER
            };
            Some(Taken {
                layout: open.number,
                code: labels.remove(key)?,
                is_stream: open.layout.is_stream,
                labels,
            })
        })
    }

    /// The folder of this name in this one; `None` where no template leads through it.
    pub fn below(&self, name: &str) -> Option<Self> {
        let goes_on = |open: &&Open<'_>| open.depth + 1 < open.layout.parts.len();
        let step = |open: &Open<'a>| {
            Some(Open {
                labels: open.labels_with(name)?,
                depth: open.depth + 1,
                ..open.clone()
            })
        };
        let open: Vec<_> = self.0.iter().filter(goes_on).filter_map(step).collect();
        (!open.is_empty()).then_some(Self(open))
    }

    /// Inside an archive of this name: it may stand for a folder, or only wrap what it holds.
    pub fn inside_archive(&self, stem: &str) -> Self {
        let as_folder = self.below(stem).map(|below| below.0).unwrap_or_default();
        Self(
            as_folder
                .into_iter()
                .chain(self.0.iter().cloned())
                .collect(),
        )
    }
}

impl Open<'_> {
    /// The labels so far and those of the next part, where this name fits it.
    fn labels_with(&self, name: &str) -> Option<BTreeMap<String, String>> {
        let pattern = &self.layout.parts[self.depth];
        let found = pattern.captures(name)?;
        let mut labels = self.labels.clone();
        for key in pattern.capture_names().flatten() {
            labels.insert(key.to_owned(), found[key].to_owned());
        }
        Some(labels)
    }
}

impl Layout {
    fn parse(template: &str) -> Result<Self, Wrong> {
        let (path, unit) = match template.strip_suffix('/') {
            Some(path) => (path, Unit::Folder),
            None => (template, Unit::Files),
        };
        let mut names = BTreeSet::new();
        let texts: Vec<&str> = path.split('/').collect();
        if texts.len() > MAX_PARTS {
            return Err(Wrong::TooDeep);
        }
        let mut parts = Vec::with_capacity(texts.len());
        for text in &texts {
            parts.push(part(text, &mut names)?);
        }
        let is_stream = names.contains(STREAM);
        if is_stream == names.contains(DOSSIER) {
            return Err(Wrong::NoCode);
        }
        let last = texts.last().copied().unwrap_or_default();
        if !last.contains("{dossier}") && !last.contains("{stream}") {
            return Err(Wrong::CodeNotLast);
        }
        Ok(Self {
            template: template.to_owned(),
            parts,
            unit,
            is_stream,
        })
    }
}

/// The pattern of one part of a template.
fn part(text: &str, names: &mut BTreeSet<String>) -> Result<Regex, Wrong> {
    if matches!(text, "" | "." | "..") || text.contains('\\') {
        return Err(Wrong::NotBelow);
    }
    let mut pattern = String::from("^(?s:");
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = after;
        match first {
            '{' => {
                let (name, behind) = after.split_once('}').ok_or(Wrong::Brace)?;
                pattern.push_str(&placeholder(name, behind, names)?);
                rest = behind;
            }
            '}' => return Err(Wrong::Brace),
            '*' => pattern.push_str(".*"),
            letter => pattern.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4]))),
        }
    }
    pattern.push_str(")$");
    // A template of many thousand letters makes a pattern that regex refuses.
    Regex::new(&pattern).map_err(|_| Wrong::TooDeep)
}

fn placeholder(name: &str, behind: &str, names: &mut BTreeSet<String>) -> Result<String, Wrong> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) {
        return Err(Wrong::BadName(name.to_owned()));
    }
    if !names.insert(name.to_owned()) {
        return Err(Wrong::Twice(name.to_owned()));
    }
    if name == DOSSIER {
        // A code ends by itself: its last digit is followed by what is none, or by a star.
        return Ok(format!("(?P<{name}>{SHAPE})"));
    }
    if behind.starts_with(['{', '*']) {
        return Err(Wrong::Unparted(name.to_owned()));
    }
    Ok(format!("(?P<{name}>.+?)"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn layouts(templates: &[&str]) -> Layouts {
        let templates: Vec<String> = templates.iter().map(|&t| t.to_owned()).collect();
        Layouts::try_from(templates).expect("sound templates")
    }

    fn wrong(template: &str) -> Wrong {
        match Layouts::try_from(vec![template.to_owned()]) {
            Err(LayoutFault::Template { cause, .. }) => cause,
            other => panic!("{template}: {other:?}"),
        }
    }

    /// What a path is taken for, walking down from the top.
    fn taken(layouts: &Layouts, path: &str, unit: Unit) -> Option<Taken> {
        let (above, name) = path
            .rsplit_once('/')
            .map_or((None, path), |(a, n)| (Some(a), n));
        let mut descent = layouts.top();
        for part in above.into_iter().flat_map(|above| above.split('/')) {
            descent = descent.below(part)?;
        }
        descent.unit(name, unit)
    }

    #[test]
    fn one_folder_or_one_file_a_dossier_is_the_default() {
        let layouts = Layouts::default();
        let code = "H10.12-221013-0001";
        let folder = taken(&layouts, code, Unit::Folder).expect("a dossier");
        assert_eq!((folder.code.as_str(), folder.is_stream), (code, false));
        let file = taken(&layouts, "H10.12-221013-0001.pdf", Unit::Files).expect("a dossier");
        assert_eq!((file.code.as_str(), file.layout), (code, 1));
        for name in [
            "ho so",
            "H10.12-221013-0001 ",
            "h10.12-221013-0001",
            "xH10.12-221013-0001",
        ] {
            assert_eq!(taken(&layouts, name, Unit::Folder), None, "{name}");
        }
        // The day is judged later, with a reason of its own.
        assert!(taken(&layouts, "H10.12-221313-0001", Unit::Folder).is_some());
    }

    #[test]
    fn deeper_folders_become_labels() {
        let layouts = layouts(&["{fonds}/Hộp {box}/{dossier}/"]);
        let found = taken(
            &layouts,
            "Phông UBND/Hộp 07/H10.12-221013-0001",
            Unit::Folder,
        );
        let labels = found.expect("a dossier").labels;
        let expected = [("box", "07"), ("fonds", "Phông UBND")];
        assert_eq!(
            labels,
            expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into()
        );
        assert_eq!(
            taken(&layouts, "Phông/07/H10.12-221013-0001", Unit::Folder),
            None
        );
        assert_eq!(taken(&layouts, "H10.12-221013-0001", Unit::Folder), None);
    }

    #[test]
    fn a_code_in_a_file_name_ends_where_its_digits_end() {
        let layouts = layouts(&["{dossier}_*.*", "{dossier}*.*"]);
        for (name, code, layout) in [
            ("H10.12-221013-0001_01.tif", "H10.12-221013-0001", 0),
            ("H10.12-221013-0001 trang 2.tif", "H10.12-221013-0001", 1),
            ("H10.12-221013-0001.pdf", "H10.12-221013-0001", 1),
        ] {
            let found = taken(&layouts, name, Unit::Files).expect("a page of a dossier");
            assert_eq!(
                (found.code.as_str(), found.layout),
                (code, layout),
                "{name}"
            );
        }
        assert_eq!(taken(&layouts, "H10.12-221013-0001_01", Unit::Files), None);
    }

    #[test]
    fn a_stream_may_have_any_name() {
        let layouts = layouts(&["{box}/{stream}.pdf"]);
        let found = taken(&layouts, "Hộp 1/quét cả hộp.pdf", Unit::Files).expect("a stream");
        assert!(found.is_stream);
        assert_eq!(found.code, "quét cả hộp");
    }

    #[test]
    fn an_archive_is_a_folder_or_only_a_wrapping() {
        let layouts = layouts(&["{box}/{dossier}/"]);
        let inside = layouts.top().inside_archive("Hộp 1");
        let direct = inside
            .unit("H10.12-221013-0001", Unit::Folder)
            .expect("as a folder");
        assert_eq!(direct.labels["box"], "Hộp 1");
        let wrapped = inside.below("Hộp 2").expect("as a wrapping");
        let wrapped = wrapped
            .unit("H10.12-221013-0001", Unit::Folder)
            .expect("a dossier");
        assert_eq!(wrapped.labels["box"], "Hộp 2");
    }

    #[test]
    fn what_is_wrong_with_a_template_is_said() {
        for (template, cause) in [
            ("{fonds}/", Wrong::NoCode),
            ("{dossier}{stream}/", Wrong::NoCode),
            ("", Wrong::NotBelow),
            ("/{dossier}/", Wrong::NotBelow),
            ("../{dossier}/", Wrong::NotBelow),
            ("a\\{dossier}/", Wrong::NotBelow),
            ("{dossier}/*.tif", Wrong::CodeNotLast),
            ("{box}/{box}/{dossier}/", Wrong::Twice("box".into())),
            ("{Box}/{dossier}/", Wrong::BadName("Box".into())),
            ("{}/{dossier}/", Wrong::BadName(String::new())),
            ("{dossier/", Wrong::Brace),
            ("dossier}/", Wrong::Brace),
            ("{stream}*.*", Wrong::Unparted("stream".into())),
            ("{a}{b}_{dossier}/", Wrong::Unparted("a".into())),
        ] {
            assert_eq!(wrong(template), cause, "{template}");
        }
        assert_eq!(wrong(&"a/".repeat(20)), Wrong::TooDeep);
        assert_eq!(Layouts::try_from(Vec::new()), Err(LayoutFault::None));
        let told = Layouts::try_from(vec!["{fonds}/".to_owned()]).expect_err("no code");
        assert!(told.to_string().contains("\"{fonds}/\""), "{told}");
    }

    proptest! {
        #[test]
        fn any_template_is_taken_or_refused_without_a_panic(template in "[a{}*/.\\\\ds(\\[+?]{0,24}|\\PC{0,24}") {
            if let Ok(layouts) = Layouts::try_from(vec![template.clone()]) {
                prop_assert_eq!(Vec::from(layouts.clone()), vec![template]);
                let _ = layouts.top().unit("H10.12-221013-0001", Unit::Folder);
            }
        }

        #[test]
        fn a_path_made_from_a_template_gives_its_parts_back(
            fonds in "[^/{}*\u{0}]{1,12}",
            counter in "[0-9]{4,7}",
            page in "[^/0-9][^/]{0,8}",
        ) {
            let code = format!("H10.12-221013-{counter}");
            let deep = layouts(&["{fonds}/{dossier}/", "{fonds}/{dossier}*"]);
            let folder = taken(&deep, &format!("{fonds}/{code}"), Unit::Folder).expect("a dossier");
            prop_assert_eq!(&folder.code, &code);
            prop_assert_eq!(&folder.labels["fonds"], &fonds);
            let file = taken(&deep, &format!("{fonds}/{code}{page}"), Unit::Files).expect("a page");
            prop_assert_eq!(&file.code, &code);
        }
    }
}
