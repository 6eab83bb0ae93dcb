//! The fields of descriptions, as TT 05/2025/TT-BNV lists them: names, order, lengths, what must be said.

use super::flaw::Wrong;

/// A field: its name, its most characters (0: the circular names none), whether it must be said.
pub type Field = (&'static str, usize, bool);

/// Phụ lục I, 4.1, and III, 4.1: they differ in the first name alone.
const AIP_HOSO: [Field; 18] = of_dossier("arcFileCode");
const SIP_HOSO: [Field; 18] = of_dossier("fileCode");

const fn of_dossier(code: &'static str) -> [Field; 18] {
    [
        (code, 100, true),
        ("title", 1000, true),
        ("maintenance", 100, true),
        ("mode", 30, true),
        ("language", 100, true),
        ("startDate", 10, true),
        ("endDate", 10, true),
        ("keyword", 100, false),
        ("totalDoc", 10, true),
        ("numberOfPaper", 10, false),
        ("numberOfPage", 10, true),
        ("format", 50, false),
        ("inforSign", 30, false),
        ("confidenceLevel", 40, false),
        // "bắt buộc với hồ sơ số hóa", which is what these packages hold.
        ("paperFileCode", 100, true),
        ("riskRecovery", 1, false),
        ("riskRecoveryStatus", 2, false),
        ("description", 2000, false),
    ]
}

/// Phụ lục II, 4.2.
const AIP_TAILIEU: [Field; 4] = [
    ("arcFileCode", 100, true),
    ("title", 1000, true),
    ("source", 100, true),
    ("description", 2000, false),
];

/// Phụ lục I, page 103, and II, page 175.
const AIP_DOCUMENT: [Field; 19] = [
    ("arcFileCode", 100, true),
    ("mode", 20, true),
    ("language", 100, true),
    ("keyword", 100, false),
    ("numberOfPage", 4, true),
    ("format", 50, false),
    ("inforSign", 30, false),
    ("confidenceLevel", 30, false),
    ("description", 500, false),
    ("docCode", 100, true),
    ("docOrdinal", 0, true),
    ("typeName", 10, true),
    ("codeNumber", 11, false),
    ("codeNotation", 30, false),
    ("issuedDate", 10, false),
    ("organName", 200, false),
    ("subject", 500, true),
    ("autograph", 2000, false),
    ("process", 1, false),
];

/// Phụ lục III, 5.1.
const SIP_DOCUMENT: [Field; 21] = [
    ("docId", 25, true),
    ("docCode", 100, true),
    ("maintenance", 100, true),
    ("typeName", 10, true),
    ("codeNumber", 11, false),
    ("codeNotation", 30, false),
    ("issuedDate", 10, false),
    ("organName", 200, false),
    ("subject", 500, true),
    ("language", 100, true),
    ("numberOfPage", 4, true),
    ("inforSign", 30, false),
    ("keyword", 100, false),
    ("mode", 20, true),
    ("confidenceLevel", 30, false),
    ("autograph", 2000, false),
    ("format", 50, false),
    ("riskRecovery", 1, false),
    ("riskRecoveryStatus", 2, false),
    ("process", 1, false),
    ("description", 500, false),
];

/// The fields of EAD.xml; `kind` is `mets/@TYPE`.
pub fn of_package(is_aip: bool, kind: &str) -> &'static [Field] {
    match (is_aip, kind) {
        (true, "Collection") => &AIP_TAILIEU,
        (true, _) => &AIP_HOSO,
        (false, _) => &SIP_HOSO,
    }
}

/// The fields of an EAD_doc.
pub fn of_document(is_aip: bool) -> &'static [Field] {
    match is_aip {
        true => &AIP_DOCUMENT,
        false => &SIP_DOCUMENT,
    }
}

/// What is wrong with the fields that were found.
pub fn compare(fields: &[Field], found: &[(String, String)]) -> Vec<Wrong> {
    let names = found.iter().map(|(name, _)| name.as_str());
    if !names.eq(fields.iter().map(|(name, ..)| *name)) {
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        return vec![Wrong::Field(names.join(" "))];
    }
    let each = fields
        .iter()
        .zip(found)
        .filter(|((_, limit, required), (_, value))| {
            let length = value.chars().count();
            (*required && value.trim().is_empty()) || (*limit > 0 && length > *limit)
        });
    each.map(|((name, ..), _)| Wrong::Field((*name).to_owned()))
        .collect()
}
