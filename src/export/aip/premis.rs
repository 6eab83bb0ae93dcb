//! PREMIS.xml and PREMIS_rep1.xml (PREMIS 3.0 as TT 05/2025/TT-BNV, Phụ lục I, section 6 writes it).
//!
//! One object a file with its SHA-256, one event `transfer` (that is what the circular calls
//! digitizing), two agents: the program and the agency. A signature on a file is told as its kind and
//! signer; the value itself stays in the PDF, where it can be judged.

use super::super::xml::Element;
use super::{Package, Placed};
use crate::model::manifest::SealRecord;

/// What is told about these files; `part` names this PREMIS file, for its identifiers.
pub fn about(package: &Package<'_>, files: &[Placed], part: &str) -> Element {
    let objects = files.iter().map(|file| object(package, file));
    let event = event(package, files, part);
    Element::new("premis")
        .with("xmlns", "http://www.loc.gov/premis/v3")
        .with("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .with("version", "3.0")
        .children(objects)
        .child(event)
        .children(agents(package))
}

fn identifier(
    of: &'static str,
    kind: &'static str,
    value: &'static str,
    pair: (&str, String),
) -> Element {
    Element::new(of)
        .child(Element::of(kind, pair.0))
        .child(Element::of(value, pair.1))
}

fn object(package: &Package<'_>, file: &Placed) -> Element {
    let id = package.file_id(&file.href);
    let characteristics =
        Element::new("objectCharacteristics")
            .child(Element::of("compositionLevel", "0"))
            .child(
                Element::new("fixity")
                    .child(Element::of("messageDigestAlgorithm", "SHA-256"))
                    .child(Element::of("messageDigest", file.sha256.to_string())),
            )
            .child(Element::of("size", file.bytes.to_string()))
            .child(Element::new("format").child(
                Element::new("formatDesignation").child(Element::of("formatName", file.mime)),
            ));
    let location = Element::new("storage").child(
        Element::new("contentLocation")
            .child(Element::of("contentLocationType", "URI"))
            .child(Element::of("contentLocationValue", &*file.href)),
    );
    Element::new("object")
        .with("xmlID", package.id(&format!("object {}", file.href)))
        .child(identifier(
            "objectIdentifier",
            "objectIdentifierType",
            "objectIdentifierValue",
            ("File", id),
        ))
        .child(Element::of("objectCategory", "file"))
        .child(characteristics)
        .children(original_name(package, file))
        .child(location)
        .children(signature(package, file))
}

/// Which document of the delivery a file is.
fn document(package: &Package<'_>, file: &Placed) -> Option<usize> {
    let name = file.href.strip_prefix("data/")?;
    package.subject.names.iter().position(|known| known == name)
}

fn original_name(package: &Package<'_>, file: &Placed) -> Option<Element> {
    let document = &package.subject.documents()[document(package, file)?];
    Some(Element::of("originalName", &*document.file))
}

fn signature(package: &Package<'_>, file: &Placed) -> Option<Element> {
    let document = &package.subject.documents()[document(package, file)?];
    let SealRecord::Signed { level, signer, .. } = &document.seal else {
        return None;
    };
    let signature = Element::new("signature")
        .child(Element::of("signatureEncoding", "CMS"))
        .child(Element::of("signer", &**signer))
        .child(Element::of("signatureMethod", &**level));
    Some(Element::new("signatureInformation").child(signature))
}

fn event(package: &Package<'_>, files: &[Placed], part: &str) -> Element {
    let objects = files.iter().map(|file| {
        identifier(
            "linkingObjectIdentifier",
            "linkingObjectIdentifierType",
            "linkingObjectIdentifierValue",
            ("File", package.file_id(&file.href)),
        )
        .child(Element::of("linkingObjectRole", "outcome"))
    });
    let outcome = Element::new("eventOutcomeInformation").child(Element::of("eventOutcome", "00"));
    Element::new("event")
        .child(identifier(
            "eventIdentifier",
            "eventIdentifierType",
            "eventIdentifierValue",
            ("UUID", package.id(&format!("event {part}"))),
        ))
        .child(Element::of("eventType", "transfer"))
        .child(Element::of("eventDateTime", package.made))
        .child(outcome)
        .child(
            identifier(
                "linkingAgentIdentifier",
                "linkingAgentIdentifierType",
                "linkingAgentIdentifierValue",
                ("software", program()),
            )
            .child(Element::of("linkingAgentRole", "executing program")),
        )
        .children(objects)
}

fn program() -> String {
    format!("sohoa {}", env!("CARGO_PKG_VERSION"))
}

fn agents(package: &Package<'_>) -> Vec<Element> {
    let agent = |kind: &str, value: String, name: String, is: &str| {
        Element::new("agent")
            .child(identifier(
                "agentIdentifier",
                "agentIdentifierType",
                "agentIdentifierValue",
                (kind, value),
            ))
            .child(Element::of("agentName", name))
            .child(Element::of("agentType", is))
    };
    let mut agents = vec![agent("software", program(), program(), "software")];
    let values = &package.subject.profile.values;
    if let (Some(code), Some(name)) = (values.get("agency_code"), values.get("agency_name")) {
        agents.push(agent("agency", code.clone(), name.clone(), "organization"));
    }
    agents
}
