//! AIP_hoso, AIP_tailieu and SIP_hoso of TT 05/2025/TT-BNV (Phụ lục I, II, III): a package a dossier.
//!
//! Digitized paper is packed as an AIP (Điều 8.3); the SIP is for handing over to another system. Names
//! of elements, lengths and codes are data ([`fields.toml`](fields.toml)); where the circular and the
//! package of a system in use differ, the profile's `variant` says which is followed
//! ([`readings`]). Every identifier is worked out of the dossier's content key, so the same delivery
//! always gives the same package.

mod mets;
mod premis;
mod readings;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;
use time::OffsetDateTime;
use time::macros::offset;

use super::Exporter;
use super::fault::{ExportFault, Refused};
use super::profile::Variant;
use super::rules::{FieldRule, fill};
use super::staged::{Staged, copy_new, write_new};
use super::subject::Subject;
use super::xml::Element;
use crate::model::Digest;
use crate::model::manifest::iso_8601;
use crate::verify::delivery::Delivery;

static FIELDS: LazyLock<Fields> =
    LazyLock::new(|| toml::from_str(include_str!("fields.toml")).expect("embedded and tested"));

/// METS 1.12, CC0 1.0 (its first lines say so); each package has to carry it.
const METS_XSD: &[u8] = include_bytes!("mets.xsd");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[allow(dead_code, reason = "tells people which text the file is")]
    version: String,
    aip_hoso: Vec<FieldRule>,
    aip_tailieu: Vec<FieldRule>,
    sip_hoso: Vec<FieldRule>,
    aip_document: Vec<FieldRule>,
    sip_document: Vec<FieldRule>,
}

/// The packages of the circular that are made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A dossier for keeping (Phụ lục I).
    AipHoso,
    /// Loose papers for keeping (Phụ lục II).
    AipTailieu,
    /// A dossier for handing over (Phụ lục III).
    SipHoso,
}

impl Kind {
    fn is_aip(self) -> bool {
        self != Kind::SipHoso
    }

    /// The fields of EAD.xml.
    fn fields(self) -> &'static [FieldRule] {
        match self {
            Kind::AipHoso => &FIELDS.aip_hoso,
            Kind::AipTailieu => &FIELDS.aip_tailieu,
            Kind::SipHoso => &FIELDS.sip_hoso,
        }
    }

    /// The fields of each EAD_doc.
    fn document_fields(self) -> &'static [FieldRule] {
        match self {
            Kind::AipHoso | Kind::AipTailieu => &FIELDS.aip_document,
            Kind::SipHoso => &FIELDS.sip_document,
        }
    }
}

/// A folder of packages in the making.
pub struct Packages<'d> {
    delivery: &'d Delivery,
    staged: Staged,
    kind: Kind,
    /// When the delivery was made, in Viet Nam's zone, as the circular writes times.
    made: String,
}

impl<'d> Packages<'d> {
    /// An empty folder.
    pub fn new(
        delivery: &'d Delivery,
        target: &Path,
        kind: Kind,
        made: OffsetDateTime,
    ) -> Result<Self, ExportFault> {
        let staged = Staged::at(target)?;
        staged.folder()?;
        Ok(Self {
            delivery,
            staged,
            kind,
            made: iso_8601(made.to_offset(offset!(+7))),
        })
    }
}

/// One package while it is written.
struct Package<'a> {
    subject: &'a Subject<'a>,
    kind: Kind,
    variant: Variant,
    made: &'a str,
    /// `urn:uuid:…`, `urn:<fonds>:uuid-…` or `uuid-…`.
    objid: String,
    folder: PathBuf,
}

/// A file of a package as METS and PREMIS tell of it.
struct Placed {
    /// Its path below the package or the representation, `/` between the parts.
    href: String,
    mime: &'static str,
    sha256: Digest,
    bytes: u64,
}

impl Placed {
    fn of(href: impl Into<String>, mime: &'static str, bytes: &[u8]) -> Self {
        Self {
            href: href.into(),
            mime,
            sha256: Digest::of(bytes),
            bytes: bytes.len() as u64,
        }
    }
}

impl<'a> Package<'a> {
    fn new(packages: &'a Packages<'_>, subject: &'a Subject<'a>) -> Self {
        let (kind, variant) = (packages.kind, subject.profile.variant);
        let mut package = Self {
            subject,
            kind,
            variant,
            made: &packages.made,
            objid: String::new(),
            folder: PathBuf::new(),
        };
        let uuid = package.uuid("package");
        let fonds = subject.profile.values.get("fonds_code");
        package.objid = match fonds.filter(|fonds| is_urn_part(fonds)) {
            _ if !kind.is_aip() => format!("uuid-{uuid}"),
            Some(fonds) => format!("urn:{fonds}:uuid-{uuid}"),
            None => format!("urn:uuid:{uuid}"),
        };
        package.folder = packages.staged.path().join(package.objid.replace(':', "_"));
        package
    }

    /// A UUID (version 8, RFC 9562) out of the dossier's content and the part's name, in capitals.
    fn uuid(&self, part: &str) -> String {
        let record = &self.subject.dossier.record;
        let key = record
            .content_key
            .map(|key| key.to_string())
            .unwrap_or_default();
        let kind = self.kind;
        let seed = format!(
            "sohoa.export.1\n{kind:?}\n{}\n{key}\n{part}",
            self.subject.dossier.code
        );
        let digest = Digest::of(seed.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.as_bytes()[..16]);
        let uuid = uuid::Builder::from_custom_bytes(bytes).into_uuid();
        uuid.hyphenated()
            .encode_upper(&mut uuid::Uuid::encode_buffer())
            .to_owned()
    }

    /// The identifier of anything but a file.
    fn id(&self, part: &str) -> String {
        format!("uuid-{}", self.uuid(part))
    }

    /// The identifier of a `<file>`.
    fn file_id(&self, part: &str) -> String {
        format!("ID-{}", self.uuid(part))
    }

    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), ExportFault> {
        write_new(&self.folder.join(path), bytes)
    }

    /// Writes all of it; what describes a file is made after the file.
    fn write(&self, delivery: &Delivery, described: &Described) -> Result<(), ExportFault> {
        let data = self.write_data(delivery)?;
        let mut documents = Vec::new();
        for (name, xml) in self.subject.names.iter().zip(&described.documents) {
            let stem = name.strip_suffix(".pdf").unwrap_or(name);
            let href = format!("metadata/descriptive/EAD_doc_{stem}.xml");
            self.put(&format!("{REP}/{href}"), xml)?;
            documents.push(Placed::of(href, self.reading().xml_mime, xml));
        }
        let kept = self.write_premis(
            &format!("{REP}/metadata/preservation/PREMIS_rep1.xml"),
            &data,
            REP,
        )?;
        let mets = mets::of_representation(self, &documents, kept.as_ref(), &data).document();
        self.put(&format!("{REP}/METS.xml"), &mets)?;
        let rep = Placed::of(format!("{REP}/METS.xml"), "application/xml", &mets);

        self.put("metadata/descriptive/EAD.xml", &described.dossier)?;
        let ead = Placed::of(
            "metadata/descriptive/EAD.xml",
            self.reading().xml_mime,
            &described.dossier,
        );
        let kept = self.write_premis(
            "metadata/preservation/PREMIS.xml",
            std::slice::from_ref(&rep),
            "",
        )?;
        let schemas = self.write_schemas()?;
        let mets = mets::of_package(self, &ead, kept.as_ref(), &schemas, &rep).document();
        self.put("METS.xml", &mets)
    }

    fn write_data(&self, delivery: &Delivery) -> Result<Vec<Placed>, ExportFault> {
        let mut data = Vec::new();
        for (file, name) in self.subject.dossier.files.iter().zip(&self.subject.names) {
            let href = format!("data/{name}");
            copy_new(
                &self.folder.join(REP).join(&href),
                delivery.stream(&file.path)?,
            )?;
            data.push(Placed {
                href,
                mime: "application/pdf",
                sha256: file.sha256,
                bytes: file.bytes,
            });
        }
        Ok(data)
    }

    /// What is written about keeping; a SIP has none.
    fn write_premis(
        &self,
        path: &str,
        objects: &[Placed],
        below: &str,
    ) -> Result<Option<Placed>, ExportFault> {
        if !self.kind.is_aip() {
            return Ok(None);
        }
        let xml = premis::about(self, objects, path).document();
        self.put(path, &xml)?;
        let href = path
            .strip_prefix(below)
            .unwrap_or(path)
            .trim_start_matches('/');
        Ok(Some(Placed::of(href, self.reading().xml_mime, &xml)))
    }

    fn write_schemas(&self) -> Result<Vec<Placed>, ExportFault> {
        let names = self.reading().schema_names;
        let ead = schema::of(self.kind.fields());
        let ead_doc = schema::of(self.kind.document_fields());
        let files = [
            (names[0], METS_XSD),
            (names[1], ead.as_slice()),
            (names[2], ead_doc.as_slice()),
        ];
        let mut placed = Vec::new();
        for (name, bytes) in files {
            let href = format!("schemas/{name}");
            self.put(&href, bytes)?;
            placed.push(Placed::of(href, self.reading().xsd_mime, bytes));
        }
        Ok(placed)
    }

    fn reading(&self) -> &'static readings::Reading {
        readings::of(self.variant)
    }
}

/// The only representation of a package.
const REP: &str = "representations/rep1";

/// The descriptions of a dossier and its documents, before anything is written.
struct Described {
    dossier: Vec<u8>,
    documents: Vec<Vec<u8>>,
}

fn describe(kind: Kind, subject: &Subject<'_>) -> Result<Described, Refused> {
    let mut faults = Vec::new();
    let dossier = described(kind.fields(), subject, None, &mut faults);
    let documents = 0..subject.documents().len();
    let documents =
        documents.map(|at| described(kind.document_fields(), subject, Some(at), &mut faults));
    let documents = documents.collect();
    match faults.is_empty() {
        true => Ok(Described { dossier, documents }),
        false => Err(Refused::Fields(faults)),
    }
}

/// `<simpledc>` with every field in the order of the circular, unknown ones empty.
fn described(
    rules: &'static [FieldRule],
    subject: &Subject<'_>,
    at: Option<usize>,
    faults: &mut Vec<super::FieldFault>,
) -> Vec<u8> {
    let values = fill(rules, subject, at, faults);
    let fields = rules
        .iter()
        .zip(values)
        .map(|(rule, value)| Element::of(&rule.name, value));
    Element::new("simpledc").children(fields).document()
}

/// Letters, digits and what a URN and a folder's name both take.
fn is_urn_part(text: &str) -> bool {
    let fine = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    !text.is_empty() && !text.starts_with('.') && text.bytes().all(fine)
}

impl Exporter for Packages<'_> {
    fn add(&mut self, subject: &Subject<'_>) -> Result<(), Refused> {
        let described = describe(self.kind, subject)?;
        Package::new(self, subject).write(self.delivery, &described)?;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ExportFault> {
        self.staged.put()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_those_that_the_circular_counts() {
        let counts = [
            &FIELDS.aip_hoso,
            &FIELDS.sip_hoso,
            &FIELDS.aip_tailieu,
            &FIELDS.aip_document,
            &FIELDS.sip_document,
        ];
        assert_eq!(counts.map(|fields| fields.len()), [18, 18, 4, 19, 21]);
    }

    #[test]
    fn only_plain_letters_come_into_an_identifier() {
        assert!(is_urn_part("P_KHCN") && is_urn_part("G09.01"));
        for text in ["", "a:b", "../x", ".x", "phông", "a b"] {
            assert!(!is_urn_part(text), "{text}");
        }
    }
}
