//! What every PDF/A-2u file must say and carry, as far as the auditor looks itself.
//!
//! Not a full check of ISO 19005-2: veraPDF is the judge of that, and
//! docs/verify.md says how to ask it. Here stand the marks without which a file
//! is no PDF/A-2u at all, and the doors that let a file act (6.5.1, 6.6.1, 6.8).

use lopdf::{Dictionary, Object};

use super::finding::{Code, Finding, Findings, Place};
use super::pdf::Pdf;

/// Entries that a catalog of ours may have.
const CATALOG: [&[u8]; 7] = [
    b"Type",
    b"Pages",
    b"Metadata",
    b"OutputIntents",
    b"Lang",
    b"ViewerPreferences",
    b"AcroForm",
];

/// Reports every missing mark and every door.
pub fn check(pdf: &Pdf<'_>, path: &str, findings: &mut Findings) {
    let mut add = |detail: &str| {
        let finding = Finding::new(Code::NotPdfA, Place::file(path));
        findings.add(finding.with("detail", detail));
    };
    if !pdf.file.starts_with(b"%PDF-1.7\n%") {
        add("header is not that of PDF 1.7 with a binary mark (6.1.2)");
    }
    if pdf.document.was_encrypted() || pdf.document.is_encrypted() {
        add("encrypted (6.1.3)");
    }
    if !pdf.document.trailer.has(b"ID") {
        add("no file identifier (6.1.3)");
    }
    let Some(catalog) = pdf.catalog() else {
        add("no catalog");
        return;
    };
    if !claims_part_2_level_u(pdf, catalog) {
        add("metadata do not say PDF/A-2u (6.6.4)");
    }
    if !has_output_intent(pdf, catalog) {
        add("no PDF/A output intent (6.2.3)");
    }
    for (key, _) in catalog
        .iter()
        .filter(|(key, _)| !CATALOG.contains(&key.as_slice()))
    {
        add(&format!("catalog entry {}", String::from_utf8_lossy(key)));
    }
}

fn claims_part_2_level_u(pdf: &Pdf<'_>, catalog: &Dictionary) -> bool {
    let stream = pdf
        .entry(catalog, b"Metadata")
        .and_then(|m| m.as_stream().ok());
    let Some(packet) = stream.and_then(|stream| pdf.inflated(stream)) else {
        return false;
    };
    let packet = String::from_utf8_lossy(&packet);
    packet.contains("<pdfaid:part>2</pdfaid:part>")
        && packet.contains("<pdfaid:conformance>U</pdfaid:conformance>")
}

fn has_output_intent(pdf: &Pdf<'_>, catalog: &Dictionary) -> bool {
    let intents = pdf
        .entry(catalog, b"OutputIntents")
        .and_then(|list| list.as_array().ok());
    intents.into_iter().flatten().any(|intent| {
        let intent = pdf
            .document
            .dereference(intent)
            .ok()
            .and_then(|(_, o)| o.as_dict().ok());
        let kind = intent.and_then(|intent| pdf.entry(intent, b"S"));
        matches!(kind, Some(Object::Name(name)) if name == b"GTS_PDFA1")
    })
}
