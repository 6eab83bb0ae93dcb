//! EXPORTS: what a verified delivery becomes for portals, archives and spreadsheets.
//!
//! [`export`] reads a package dossier by dossier ([`crate::verify::delivery()`]), holds each against
//! header and signature, and gives it to one exporter. The receivers' names and limits are data
//! files beside the code. The result is whole or not there: it gets its name only after the last
//! line of the manifest was held against the header. Equal deliveries give equal bytes; the only
//! time in them is the delivery's.

mod aip;
mod bag;
mod fault;
mod names;
mod portal;
mod profile;
mod rules;
mod separated;
mod staged;
mod subject;
mod table;
mod text;
mod workbook;
mod xml;

use std::path::Path;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub use fault::{ExportFault, FieldFault};
pub use names::Template;
pub use profile::{DEFAULT_TOML, Procedure, Profile, Variant};
pub use separated::harmless;

use fault::Refused;
use subject::Subject;
use table::Table;

use crate::verify::Trust;
use crate::verify::delivery::Delivery;

/// Faults of fields that are kept to be told; more are only counted.
pub const FAULTS_KEPT: usize = 1000;

/// What a delivery can be exported to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The national portal's older sync payload, a JSON file a dossier.
    PortalJson,
    /// The archive's sheet of 46 columns.
    ArchiveXlsx,
    /// `MetaDuLieu.xlsx`: Hồ sơ, Văn bản, Ảnh, Video.
    MetadataXlsx,
    /// A row a document.
    Csv,
    /// AIP_hoso of TT 05/2025/TT-BNV, a package a dossier.
    AipHoso,
    /// AIP_tailieu of TT 05/2025/TT-BNV, a package a dossier's loose papers.
    AipTailieu,
    /// SIP_hoso of TT 05/2025/TT-BNV, a package a dossier.
    SipHoso,
    /// BagIt 1.0, a bag a dossier.
    Bagit,
    /// ALTO 4, a file a document.
    Alto,
    /// hOCR 1.2, a file a document.
    Hocr,
}

/// How an export is wished for.
pub struct Options<'o> {
    /// What to export to.
    pub format: Format,
    /// The receiver's values.
    pub profile: Profile,
    /// How documents are named.
    pub names: Template,
    /// Roots that the header's signature is judged by.
    pub trust: &'o Trust,
    /// The time of the export, for judging certificates; it stands nowhere in the result.
    pub at: OffsetDateTime,
    /// Whether a package without a signature is exported, too.
    pub unsigned: bool,
    /// Whether dossiers whose fields do not fit are left out, rather than nothing exported.
    pub leave_out: bool,
}

/// What was exported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Dossiers.
    pub dossiers: u64,
    /// Their documents.
    pub documents: u64,
    /// Files whose digests were held against the manifest.
    pub files_checked: u64,
    /// The signer of the header; absent where the package is unsigned.
    pub signer: Option<String>,
    /// Dossiers left out, with the first faults of their fields.
    pub left_out: u64,
    /// Why they were, at most [`FAULTS_KEPT`].
    pub faults: Vec<FieldFault>,
}

/// One form of export: dossiers are added in the manifest's order, then it is finished.
trait Exporter {
    /// Adds a dossier; where its fields do not fit, nothing of it.
    fn add(&mut self, subject: &Subject<'_>) -> Result<(), Refused>;

    /// Puts the whole in its place.
    fn finish(self: Box<Self>) -> Result<(), ExportFault>;
}

/// Exports a package to a place where nothing stands yet.
pub fn export(out: &Path, target: &Path, options: &Options<'_>) -> Result<Exported, ExportFault> {
    let delivery = Delivery::open(out, options.trust, options.at);
    let delivery = delivery.map_err(ExportFault::NotSound)?;
    if delivery.signature().is_none() && !options.unsigned {
        return Err(ExportFault::Unsigned);
    }
    if !options.profile.url.is_empty() {
        names::check_url(&options.profile.url)?;
    }
    let mut exporter = exporter(&delivery, target, options)?;
    let mut gathering = Gathering {
        options,
        done: Exported {
            signer: delivery
                .signature()
                .and_then(|signature| signature.signer.clone()),
            ..Exported::default()
        },
        fault_count: 0,
    };
    delivery.each(|dossier| gathering.take(dossier, exporter.as_mut()))?;
    if gathering.done.left_out > 0 && !options.leave_out {
        return Err(ExportFault::Unfit {
            faults: gathering.done.faults,
            count: gathering.fault_count,
        });
    }
    exporter.finish()?;
    Ok(gathering.done)
}

fn exporter<'d>(
    delivery: &'d Delivery,
    target: &Path,
    options: &Options<'d>,
) -> Result<Box<dyn Exporter + 'd>, ExportFault> {
    let made = made(delivery);
    let table = |text| Table::embedded(text);
    Ok(match options.format {
        Format::PortalJson => Box::new(portal::Portal::new(target)?),
        Format::ArchiveXlsx => {
            let table = table(include_str!("archive_sheet.toml"));
            Box::new(workbook::Book::new(table, target, made)?)
        }
        Format::MetadataXlsx => {
            let table = table(include_str!("metadata_book.toml"));
            Box::new(workbook::Book::new(table, target, made)?)
        }
        Format::Csv => {
            let table = table(include_str!("separated.toml"));
            Box::new(separated::Separated::new(table, target)?)
        }
        Format::Bagit => Box::new(bag::Bags::new(delivery, target)?),
        Format::AipHoso => Box::new(aip::Packages::new(
            delivery,
            target,
            aip::Kind::AipHoso,
            made,
        )?),
        Format::AipTailieu => Box::new(aip::Packages::new(
            delivery,
            target,
            aip::Kind::AipTailieu,
            made,
        )?),
        Format::SipHoso => Box::new(aip::Packages::new(
            delivery,
            target,
            aip::Kind::SipHoso,
            made,
        )?),
        Format::Alto => Box::new(text::Texts::new(delivery, target, text::Form::Alto)?),
        Format::Hocr => Box::new(text::Texts::new(delivery, target, text::Form::Hocr)?),
    })
}

/// When the delivery was made, by its header.
fn made(delivery: &Delivery) -> OffsetDateTime {
    let created = OffsetDateTime::parse(&delivery.header().created, &Rfc3339);
    created.expect("the header was refused where this is no time")
}

struct Gathering<'o> {
    options: &'o Options<'o>,
    done: Exported,
    fault_count: u64,
}

impl Gathering<'_> {
    fn take(
        &mut self,
        dossier: &crate::verify::delivery::Delivered,
        exporter: &mut dyn Exporter,
    ) -> Result<(), ExportFault> {
        self.done.files_checked += dossier.files.len() as u64;
        match self.add(dossier, exporter) {
            Ok(()) => {
                self.done.dossiers += 1;
                self.done.documents += dossier.files.len() as u64;
                Ok(())
            }
            Err(Refused::Whole(fault)) => Err(fault),
            Err(Refused::Fields(faults)) => {
                self.done.left_out += 1;
                self.fault_count += faults.len() as u64;
                let room = FAULTS_KEPT.saturating_sub(self.done.faults.len());
                self.done.faults.extend(faults.into_iter().take(room));
                Ok(())
            }
        }
    }

    fn add(
        &mut self,
        dossier: &crate::verify::delivery::Delivered,
        exporter: &mut dyn Exporter,
    ) -> Result<(), Refused> {
        let profile = &self.options.profile;
        let mut subject = Subject {
            dossier,
            profile,
            ordinal: self.done.dossiers + 1,
            names: Vec::new(),
            urls: Vec::new(),
        };
        subject.names = self
            .options
            .names
            .names(&subject)
            .map_err(Refused::Fields)?;
        if !profile.url.is_empty() {
            let code = dossier.code.as_str();
            let urls = subject
                .names
                .iter()
                .map(|name| names::url(&profile.url, code, name));
            subject.urls = urls.collect();
        }
        exporter.add(&subject)
    }
}
