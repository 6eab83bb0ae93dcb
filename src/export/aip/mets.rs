//! METS.xml of a package and of its representation (METS 1.12 with the attributes of E-ARK CSIP).

use super::super::xml::Element;
use super::{Kind, Package, Placed};

const CSIP_PROFILE: &str = "https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml";
/// The profile that the circular's own AIP names.
const AIP_PROFILE: &str = "http://www.ra.ee/METS/v01/IP.xml";

/// The METS of the package.
pub fn of_package(
    package: &Package<'_>,
    ead: &Placed,
    premis: Option<&Placed>,
    schemas: &[Placed],
    rep: &Placed,
) -> Element {
    let described = package.reading().package_md_type;
    let profile = match package.kind.is_aip() {
        true => AIP_PROFILE,
        false => CSIP_PROFILE,
    };
    let groups = Element::new("fileSec")
        .with("ID", package.id("fileSec"))
        .child(group(package, "Schemas", schemas))
        .child(group(
            package,
            "Representations/rep1",
            std::slice::from_ref(rep),
        ));
    let metadata = linked(package, div(package, "Metadata"), ead, premis);
    let of_schemas =
        div(package, "Schemas").children(schemas.iter().map(|file| pointer(package, file)));
    let of_rep = div(package, "Representations/rep1").child(
        Element::new("mptr")
            .with("LOCTYPE", "URL")
            .with("xlink:type", "simple")
            .with("xlink:href", &rep.href)
            .with("xlink:title", package.id("fileGrp Representations/rep1")),
    );
    let top = div(package, &package.objid).children([metadata, of_schemas, of_rep]);
    root(package, profile, "package")
        .child(header(package))
        .child(described_by(package, ead, described))
        .children(kept_by(package, premis, "package"))
        .child(groups)
        .child(structure(package, "package", top))
}

/// The METS of the representation.
pub fn of_representation(
    package: &Package<'_>,
    documents: &[Placed],
    premis: Option<&Placed>,
    data: &[Placed],
) -> Element {
    let groups = Element::new("fileSec")
        .with("ID", package.id("rep1 fileSec"))
        .child(group(package, "Data", data));
    let of_data = div(package, "Data").children(data.iter().map(|file| pointer(package, file)));
    let links = data.iter().zip(documents).map(|(file, document)| {
        let link = Element::new("div")
            .with("ID", package.id(&format!("link {}", file.href)))
            .with("LABEL", "MetadataLink/File");
        linked(package, link, document, premis).child(pointer(package, file))
    });
    let links = div(package, "MetadataLink").children(links);
    let normal = match package.kind.is_aip() {
        true => "NORMALIZED",
        false => "ORIGINAL",
    };
    let top = div(package, "rep1")
        .with("TYPE", normal)
        .children([of_data, links]);
    let described = documents
        .iter()
        .map(|document| described_by(package, document, "DC"));
    root(package, CSIP_PROFILE, "rep1")
        .child(representation_header(package))
        .children(described)
        .children(kept_by(package, premis, "rep1"))
        .child(groups)
        .child(structure(package, "rep1", top))
}

fn root(package: &Package<'_>, profile: &str, part: &str) -> Element {
    let up = if part == "rep1" { "../../" } else { "" };
    let [mets, ..] = package.reading().schema_names;
    let objid = match part {
        "rep1" => package.id("rep1"),
        _ => package.objid.clone(),
    };
    let kind = match package.kind {
        Kind::AipTailieu => "Collection",
        Kind::AipHoso | Kind::SipHoso => "Mixed",
    };
    Element::new("mets")
        .with("xmlns", "http://www.loc.gov/METS/")
        .with("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .with("xmlns:xlink", "http://www.w3.org/1999/xlink")
        .with("xmlns:csip", "https://DILCIS.eu/XML/METS/CSIPExtensionMETS")
        .with("OBJID", objid)
        .with("LABEL", package.subject.dossier.code.as_str())
        .with("TYPE", kind)
        .with("csip:CONTENTINFORMATIONTYPE", "MIXED")
        .with("PROFILE", profile)
        .with(
            "xsi:schemaLocation",
            format!("http://www.loc.gov/METS/ {up}schemas/{mets}"),
        )
}

fn header_start(package: &Package<'_>) -> Element {
    let kind = if package.kind.is_aip() { "AIP" } else { "SIP" };
    Element::new("metsHdr")
        .with("CREATEDATE", package.made)
        .with("LASTMODDATE", package.made)
        .with("RECORDSTATUS", "NEW")
        .with("csip:OAISPACKAGETYPE", kind)
}

fn header(package: &Package<'_>) -> Element {
    let agent = Element::new("agent")
        .with("ROLE", "CREATOR")
        .with("TYPE", "OTHER")
        .with("OTHERTYPE", "SOFTWARE")
        .child(Element::of("name", "sohoa"));
    let note = match package.reading().fonds_on_package {
        true => fonds_note(package),
        false => Some(note("SOFTWARE VERSION", env!("CARGO_PKG_VERSION"))),
    };
    let header = header_start(package).child(agent.children(note));
    // The circular: the number of the request to hand in. The package in use: the dossier's code.
    let agreed = match (package.kind, package.reading().fonds_on_package) {
        (Kind::SipHoso, true) => Some(package.subject.dossier.code.to_string()),
        (Kind::SipHoso, false) => value(package, "submission").map(str::to_owned),
        _ => None,
    };
    header.children(
        agreed.map(|id| Element::of("altRecordID", id).with("TYPE", "SUBMISSIONAGREEMENT")),
    )
}

fn representation_header(package: &Package<'_>) -> Element {
    let agent = Element::new("agent").with("ROLE", "CREATOR");
    let agent = match package.reading().person_packs {
        true => agent.with("TYPE", "INDIVIDUAL").child(Element::of(
            "name",
            value(package, "packer").unwrap_or("sohoa"),
        )),
        false => agent.with("TYPE", "ORGANIZATION").child(Element::of(
            "name",
            value(package, "agency_name").unwrap_or("sohoa"),
        )),
    };
    header_start(package).child(agent.children(fonds_note(package)))
}

fn fonds_note(package: &Package<'_>) -> Option<Element> {
    value(package, "fonds_code").map(|code| note("IDENTIFICATIONCODE", code))
}

fn note(kind: &str, text: &str) -> Element {
    Element::of("note", text).with("csip:NOTETYPE", kind)
}

fn value<'p>(package: &'p Package<'_>, key: &str) -> Option<&'p str> {
    let value = package.subject.profile.values.get(key).map(String::as_str);
    value.filter(|value| !value.is_empty())
}

/// `dmdSec`: what describes the package or a document.
fn described_by(package: &Package<'_>, file: &Placed, md_type: &str) -> Element {
    let mut reference = reference(package, file, md_type);
    if md_type == "OTHER" {
        reference = reference.with("OTHERMDTYPE", "EAD");
    }
    reference = reference.with("MDTYPEVERSION", package.reading().md_type_version);
    Element::new("dmdSec")
        .with("ID", package.id(&format!("dmdSec {}", file.href)))
        .with("CREATED", package.made)
        .with("STATUS", "CURRENT")
        .child(reference)
}

/// `amdSec`: what tells of keeping; the package in use has an empty one where there is nothing to tell.
fn kept_by(package: &Package<'_>, premis: Option<&Placed>, part: &str) -> Option<Element> {
    let section = Element::new("amdSec").with("ID", package.id(&format!("amdSec {part}")));
    match premis {
        Some(file) => Some(
            section.child(
                Element::new("digiprovMD")
                    .with("ID", package.id(&format!("digiprovMD {}", file.href)))
                    .with("CREATED", package.made)
                    .child(reference(package, file, "PREMIS").with("MDTYPEVERSION", "3.0")),
            ),
        ),
        None => package.reading().empty_amd_sec.then_some(section),
    }
}

fn reference(package: &Package<'_>, file: &Placed, md_type: &str) -> Element {
    located(
        Element::new("mdRef").with("ID", package.id(&format!("mdRef {}", file.href))),
        &file.href,
    )
    .with("MDTYPE", md_type)
    .with("MIMETYPE", file.mime)
    .with("SIZE", file.bytes)
    .with("CREATED", package.made)
    .with("CHECKSUMTYPE", "SHA-256")
    .with("CHECKSUM", file.sha256.to_string().to_uppercase())
}

fn located(element: Element, href: &str) -> Element {
    element
        .with("LOCTYPE", "URL")
        .with("xlink:type", "simple")
        .with(
            "xlink:href",
            super::super::names::percent_encoded_path(href),
        )
}

fn group(package: &Package<'_>, usage: &str, files: &[Placed]) -> Element {
    let files = files.iter().map(|file| {
        Element::new("file")
            .with("ID", package.file_id(&file.href))
            .with("MIMETYPE", file.mime)
            .with("SIZE", file.bytes)
            .with("CREATED", package.made)
            .with("CHECKSUMTYPE", "SHA-256")
            .with("CHECKSUM", file.sha256.to_string().to_uppercase())
            .child(located(Element::new("FLocat"), &file.href))
    });
    Element::new("fileGrp")
        .with("ID", package.id(&format!("fileGrp {usage}")))
        .with("USE", usage)
        .children(files)
}

fn structure(package: &Package<'_>, part: &str, top: Element) -> Element {
    Element::new("structMap")
        .with("ID", package.id(&format!("structMap {part}")))
        .with("TYPE", "PHYSICAL")
        .with("LABEL", "CSIP")
        .child(top)
}

fn div(package: &Package<'_>, label: &str) -> Element {
    Element::new("div")
        .with("ID", package.id(&format!("div {label}")))
        .with("LABEL", label)
}

/// A `div` that points to what describes it and to what tells of its keeping.
fn linked(
    package: &Package<'_>,
    div: Element,
    described: &Placed,
    premis: Option<&Placed>,
) -> Element {
    let div = div.with("DMDID", package.id(&format!("dmdSec {}", described.href)));
    match premis {
        Some(file) => div.with("ADMID", package.id(&format!("digiprovMD {}", file.href))),
        None => div,
    }
}

fn pointer(package: &Package<'_>, file: &Placed) -> Element {
    Element::new("fptr").with("FILEID", package.file_id(&file.href))
}
