//! Where the words of the circular and a package in use differ, and what each says.

use super::Variant;

/// One reading of TT 05/2025/TT-BNV.
pub struct Reading {
    /// `MDTYPE` of what describes the package; `OTHER` is followed by `OTHERMDTYPE`.
    pub package_md_type: &'static str,
    /// `MDTYPEVERSION` of descriptions.
    pub md_type_version: &'static str,
    /// Media type of descriptions.
    pub xml_mime: &'static str,
    /// Media type of schemas.
    pub xsd_mime: &'static str,
    /// Names of the schemas of METS, EAD and EAD_doc.
    pub schema_names: [&'static str; 3],
    /// Whether a SIP bears an empty `amdSec`.
    pub empty_amd_sec: bool,
    /// Whether the agent of the package's METS bears the code of the fonds, not the program's version.
    pub fonds_on_package: bool,
    /// Whether the agent of the representation is the person who packed, not the agency.
    pub person_packs: bool,
}

/// The circular: Phụ lục I to IV, sections on METS.
const THONG_TU: Reading = Reading {
    package_md_type: "OTHER",
    md_type_version: "1.0",
    xml_mime: "text/xml",
    xsd_mime: "application/xml",
    schema_names: ["METS.xsd", "EAD.xsd", "EAD_doc.xsd"],
    empty_amd_sec: false,
    fonds_on_package: false,
    person_packs: false,
};

/// The package of 12/6/2026 (137 documents).
const GOI_MAU: Reading = Reading {
    package_md_type: "DC",
    md_type_version: "1.0.0",
    xml_mime: "application/xml",
    xsd_mime: "application/octet-stream",
    schema_names: ["mets1_12.xsd", "ead.xsd", "ead_doc.xsd"],
    empty_amd_sec: true,
    fonds_on_package: true,
    person_packs: true,
};

/// The reading that a profile asks for.
pub fn of(variant: Variant) -> &'static Reading {
    match variant {
        Variant::ThongTu => &THONG_TU,
        Variant::GoiMau => &GOI_MAU,
    }
}
