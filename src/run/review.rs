//! Which documents wait for a person, and why: what was not recognised, what is not sure, and
//! what does not fit together. Nothing is held back: the dossier stands in the package.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::messages;
use crate::model::manifest::{DocumentRecord, Reason};
use crate::model::{Confidence, Description, Flag};
use crate::stages::describe::UNKNOWN;
use crate::stages::intake::ScanFile;

/// From where on a document is believed without anyone looking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// A type less sure than this, in percent, waits; one that was not recognised is 0 % sure.
    pub type_below_pct: u8,
    /// A document whose first page is less surely one, in percent, waits.
    pub split_below_pct: u8,
    /// A document waits that has a page with a picture or ink on which no text could be read.
    pub without_text: bool,
    /// A document waits that has a page of a PDF with files attached to it.
    pub attachments: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            type_below_pct: 70,
            split_below_pct: 70,
            without_text: true,
            attachments: true,
        }
    }
}

/// All reasons for a person to look at this document, which lies at `place`; none where one did.
pub fn reasons(document: &DocumentRecord, place: &str, options: &Options) -> Vec<Reason> {
    if document.looked_at_by.is_some() {
        return Vec::new();
    }
    let flags = flags(&document.description, document.split_confidence, options);
    let flags = flags.iter();
    flags
        .map(|flag| messages::review_reason(flag, place))
        .collect()
}

/// What makes a document wait that is described so and cut this surely.
pub fn flags(
    description: &Description,
    split_confidence: Option<Confidence>,
    options: &Options,
) -> Vec<Flag> {
    let doubts = [
        unsure_type(description, options),
        unsure_split(split_confidence, options),
    ];
    let doubts = doubts.into_iter().flatten();
    doubts.chain(description.flags.iter().cloned()).collect()
}

fn unsure_type(description: &Description, options: &Options) -> Option<Flag> {
    let kind = &description.kind;
    if kind.confidence >= Confidence::from_pct(options.type_below_pct) {
        return None;
    }
    if kind.id == UNKNOWN {
        return Some(flag("REV-001", &[]));
    }
    let other = kind.runner_up.as_ref().map_or("?", |other| &other.title);
    let pct = kind.confidence.pct().to_string();
    let params = [
        ("type", kind.title.as_str()),
        ("pct", &pct),
        ("other", other),
    ];
    Some(flag("REV-002", &params))
}

fn unsure_split(split_confidence: Option<Confidence>, options: &Options) -> Option<Flag> {
    let least = Confidence::from_pct(options.split_below_pct);
    let sure = split_confidence.filter(|sure| *sure < least)?;
    Some(flag("REV-003", &[("pct", &sure.pct().to_string())]))
}

/// Says which pages of a document bear something that is no text, or that nobody could read; `textless` tells each.
pub fn without_text(textless: impl Iterator<Item = bool>, options: &Options) -> Option<Flag> {
    let textless = textless.filter(|_| options.without_text);
    let pages = textless.zip(1..).filter(|(textless, _)| *textless);
    let pages: Vec<String> = pages.map(|(_, page): (_, u32)| page.to_string()).collect();
    (!pages.is_empty()).then(|| flag("REV-004", &[("pages", &pages.join(", "))]))
}

/// Says which scans of a document's pages carry files beside their pages: what stands in those is not read.
pub fn attachments<'s>(scans: impl Iterator<Item = &'s ScanFile>, options: &Options) -> Vec<Flag> {
    let carry = scans.filter(|scan| options.attachments && scan.attachments > 0 && !scan.signed);
    let carry: BTreeMap<_, _> = carry.map(|scan| (&scan.name, scan.attachments)).collect();
    let carry = carry.into_iter();
    let told = carry
        .map(|(scan, count)| flag("REV-005", &[("scan", scan), ("count", &count.to_string())]));
    told.collect()
}

fn flag(code: &str, params: &[(&str, &str)]) -> Flag {
    let params = params.iter();
    Flag {
        code: code.to_owned(),
        params: params
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        evidence: None,
    }
}
