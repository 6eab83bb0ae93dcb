//! One dossier as an exporter sees it: what its record says, what the profile adds, by name.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use time::Date;
use time::macros::format_description;

use super::profile::{Procedure, Profile};
use crate::model::manifest::{DocumentRecord, SealRecord};
use crate::model::{Paper, PaperKind, PaperState};
use crate::verify::delivery::Delivered;

/// The paper that says when a dossier was received, and from whom.
const SLIP: &str = "giay_tiep_nhan";

/// A dossier with all that names of values can ask for.
pub struct Subject<'a> {
    /// The dossier, its files held against its record.
    pub dossier: &'a Delivered,
    /// The receiver's values.
    pub profile: &'a Profile,
    /// Its number in this export, from 1.
    pub ordinal: u64,
    /// The names its documents have in this export, in their order.
    pub names: Vec<String>,
    /// The addresses of its documents, where the profile says how they are made.
    pub urls: Vec<String>,
}

/// Where a value comes from, as the tables of fields write it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Origin {
    /// `label:fonds`: a label of the drop.
    Label(String),
    /// `field:trich_yeu`: a field of the document; of a dossier, of the first document that has it.
    Field(String),
    /// `profile:mode`: a value of the profile.
    Profile(String),
    /// `=02`: these very letters.
    Letters(String),
    /// Anything that is worked out.
    Known(Known),
}

/// Declares the values that are worked out, each with its name in the tables.
macro_rules! known {
    ($($(#[$doc:meta])+ $name:ident = $id:literal,)+) => {
        /// A value that is worked out of the record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Known { $($(#[$doc])+ $name,)+ }

        impl Known {
            #[cfg(test)]
            pub(super) const ALL: &'static [Known] = &[$(Known::$name,)+];

            /// Its name in the tables.
            pub fn id(self) -> &'static str {
                match self { $(Known::$name => $id,)+ }
            }
        }

        impl FromStr for Known {
            type Err = NoSuchValue;

            fn from_str(text: &str) -> Result<Self, NoSuchValue> {
                match text { $($id => Ok(Known::$name),)+ _ => Err(NoSuchValue(text.to_owned())) }
            }
        }
    };
}

known! {
    /// The dossier's code.
    Dossier = "dossier",
    /// Its number in this export.
    Ordinal = "ordinal",
    /// Archive code and dossier code, with a full stop between.
    ArchiveFileCode = "archive_file_code",
    /// `[archive].[box].[dossier]`, where archive and box are known.
    PaperFileCode = "paper_file_code",
    /// `Hồ sơ` and the code.
    NamedByCode = "named_by_code",
    /// Number of its documents.
    Documents = "documents",
    /// Number of its pages.
    DossierPages = "dossier_pages",
    /// The first day of issue of its documents, else that of the code.
    FirstDay = "first_day",
    /// The day of the month of it.
    FirstDayDay = "first_day.day",
    /// Its month.
    FirstDayMonth = "first_day.month",
    /// Its year.
    FirstDayYear = "first_day.year",
    /// The last day of issue of its documents, else that of the code.
    LastDay = "last_day",
    /// The day of the month of it.
    LastDayDay = "last_day.day",
    /// Its month.
    LastDayMonth = "last_day.month",
    /// Its year.
    LastDayYear = "last_day.year",
    /// The procedure's name.
    ProcedureName = "procedure.name",
    /// Code of the procedure's field.
    ProcedureFieldCode = "procedure.field_code",
    /// Name of the procedure's field.
    ProcedureFieldName = "procedure.field_name",
    /// Day of reception, `yyyyMMddHHmmss`.
    Received = "received",
    /// Day on which it is due, the same way.
    Due = "due",
    /// 1 where it has a component, else 0.
    HasComponents = "has_components",
    /// Number of the document.
    N = "n",
    /// Dossier code, a full stop and the number.
    DocumentId = "document_id",
    /// Dossier code, a full stop and the number in seven digits.
    DocumentCode = "document_code",
    /// Archive code, dossier code and the number in seven digits.
    ArchiveDocumentCode = "archive_document_code",
    /// Name of its file in this export.
    File = "file",
    /// Folder of the dossier and name of the file.
    Path = "path",
    /// Its address.
    Url = "url",
    /// The code `typeName`.
    TypeCode = "type.code",
    /// The type's title.
    TypeTitle = "type.title",
    /// The type's id.
    TypeId = "type.id",
    /// How sure the type is, percent.
    TypeSure = "type.sure",
    /// The number of `số, ký hiệu`: what stands before the first stroke.
    Number = "number",
    /// The sign of `số, ký hiệu`: what stands behind the first stroke.
    Notation = "notation",
    /// Day of issue, `DD/MM/YYYY`.
    Issued = "issued",
    /// The day of the month of it.
    IssuedDay = "issued.day",
    /// Its month.
    IssuedMonth = "issued.month",
    /// Its year.
    IssuedYear = "issued.year",
    /// Its pages.
    Pages = "pages",
    /// Its digest.
    Sha256 = "sha256",
    /// Its length.
    Bytes = "bytes",
    /// 0 a component, 1 a result.
    Kind = "kind",
    /// How it came to be digital, 0 to 3.
    State = "state",
    /// 1 reused, else 0.
    Reused = "reused",
    /// 1 where it came from the citizen's store, else 0.
    FromStore = "from_store",
    /// Code of the component in its procedure.
    ComponentCode = "component_code",
    /// Code of the result.
    ResultCode = "result_code",
    /// Until when it holds.
    ValidUntil = "valid_until",
    /// Its role.
    Role = "role",
    /// `signed`, `waiting` or `kept`.
    Seal = "seal",
    /// Codes of what waits for a person, by semicolons.
    Flags = "flags",
}

/// A table names a value that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no value")]
pub struct NoSuchValue(String);

impl TryFrom<String> for Origin {
    type Error = NoSuchValue;

    fn try_from(text: String) -> Result<Self, NoSuchValue> {
        let behind = |start: &str| text.strip_prefix(start).map(str::to_owned);
        if let Some(label) = behind("label:") {
            Ok(Self::Label(label))
        } else if let Some(field) = behind("field:") {
            Ok(Self::Field(field))
        } else if let Some(key) = behind("profile:") {
            Ok(Self::Profile(key))
        } else if let Some(letters) = behind("=") {
            Ok(Self::Letters(letters))
        } else {
            text.parse().map(Self::Known)
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(name) => write!(f, "label:{name}"),
            Self::Field(name) => write!(f, "field:{name}"),
            Self::Profile(name) => write!(f, "profile:{name}"),
            Self::Letters(letters) => write!(f, "={letters}"),
            Self::Known(known) => f.write_str(known.id()),
        }
    }
}

impl Subject<'_> {
    /// The documents with their places, from 0.
    pub fn documents(&self) -> &[DocumentRecord] {
        &self.dossier.record.documents
    }

    /// What a document counts for.
    pub fn paper(&self, at: usize) -> Option<Paper> {
        self.dossier.record.paper(&self.documents()[at])
    }

    /// Where a fault about a document is told: `H10.12-221013-0001.02.pdf`.
    pub fn place(&self, at: Option<usize>) -> String {
        match at {
            Some(at) => self.documents()[at].file.clone(),
            None => self.dossier.code.to_string(),
        }
    }

    /// A value: of the document at a place, or of the dossier; nothing where it is not known.
    pub fn value(&self, origin: &Origin, at: Option<usize>) -> Option<String> {
        let value = match origin {
            Origin::Label(name) => self.label(name).map(str::to_owned),
            Origin::Field(id) => self.field(id, at).map(str::to_owned),
            Origin::Profile(key) => self.profile_value(key).map(str::to_owned),
            Origin::Letters(letters) => Some(letters.clone()),
            Origin::Known(known) => match at {
                Some(at) => self
                    .of_document(*known, at)
                    .or_else(|| self.of_dossier(*known)),
                None => self.of_dossier(*known),
            },
        };
        value.filter(|value| !value.trim().is_empty())
    }

    fn label(&self, name: &str) -> Option<&str> {
        self.dossier.record.labels.get(name).map(String::as_str)
    }

    fn profile_value(&self, key: &str) -> Option<&str> {
        let value = self.profile.values.get(key).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    fn field(&self, id: &str, at: Option<usize>) -> Option<&str> {
        let of = |document: &'_ DocumentRecord| document.description.fields.contains_key(id);
        let document = match at {
            Some(at) => Some(&self.documents()[at]),
            None => self
                .slip()
                .filter(|slip| of(slip))
                .or_else(|| self.documents().iter().find(|d| of(d))),
        };
        let field = document?.description.fields.get(id)?;
        Some(field.value.as_str())
    }

    fn slip(&self) -> Option<&DocumentRecord> {
        let mut documents = self.documents().iter();
        documents.find(|document| document.description.kind.id == SLIP)
    }

    /// The procedure's code: the drop knows it, else a paper says it, else the profile names it for all.
    fn procedure_code(&self) -> Option<&str> {
        let read = || self.field("ma_tthc", None);
        let named = || self.profile_value("procedure");
        self.label("ma_tthc").or_else(read).or_else(named)
    }

    fn procedure(&self) -> Option<&Procedure> {
        self.profile.procedures.get(self.procedure_code()?)
    }

    /// The days of issue of its documents, earliest and latest; the day of its code where none is known.
    fn span(&self) -> (Date, Date) {
        let days = self.documents().iter().filter_map(issued);
        let code_day = self.dossier.code.day();
        let days: Vec<Date> = days.collect();
        let first = days.iter().min().copied().unwrap_or(code_day);
        (first, days.iter().max().copied().unwrap_or(code_day))
    }

    fn of_dossier(&self, known: Known) -> Option<String> {
        let code = self.dossier.code.as_str();
        let (first, last) = self.span();
        Some(match known {
            Known::Dossier => code.to_owned(),
            Known::Ordinal => self.ordinal.to_string(),
            Known::ArchiveFileCode => format!("{}.{code}", self.profile_value("archive_code")?),
            Known::PaperFileCode => self.paper_file_code()?,
            Known::NamedByCode => format!("Hồ sơ {code}"),
            Known::Documents => self.documents().len().to_string(),
            Known::DossierPages => self.pages().to_string(),
            Known::FirstDay => day_first(first),
            Known::FirstDayDay => first.day().to_string(),
            Known::FirstDayMonth => u8::from(first.month()).to_string(),
            Known::FirstDayYear => first.year().to_string(),
            Known::LastDay => day_first(last),
            Known::LastDayDay => last.day().to_string(),
            Known::LastDayMonth => u8::from(last.month()).to_string(),
            Known::LastDayYear => last.year().to_string(),
            Known::ProcedureName => self.procedure()?.name.clone(),
            Known::ProcedureFieldCode => self.procedure()?.field_code.clone(),
            Known::ProcedureFieldName => self.procedure()?.field_name.clone(),
            Known::Received => midnight(self.received()),
            Known::Due => midnight(day(self.field("ngay_hen_tra", None)?)?),
            Known::HasComponents => u8::from(self.has(PaperKind::Component)).to_string(),
            _ => return None,
        })
    }

    fn of_document(&self, known: Known, at: usize) -> Option<String> {
        let document = &self.documents()[at];
        let kind = &document.description.kind;
        let code = &self.dossier.code;
        let day = issued(document);
        Some(match known {
            Known::N => document.n.to_string(),
            Known::DocumentId => format!("{code}.{}", document.n),
            Known::DocumentCode => format!("{code}.{:07}", document.n),
            Known::ArchiveDocumentCode => {
                format!(
                    "{}.{code}.{:07}",
                    self.profile_value("archive_code")?,
                    document.n
                )
            }
            Known::File => self.names.get(at)?.clone(),
            Known::Path => format!("{code}/{}", self.names.get(at)?),
            Known::Url => self.urls.get(at)?.clone(),
            Known::TypeCode => kind.type_name.clone(),
            Known::TypeTitle => kind.title.clone(),
            Known::TypeId => kind.id.clone(),
            Known::TypeSure => kind.confidence.pct().to_string(),
            Known::Number => self.number_parts(at)?.0.to_owned(),
            Known::Notation => self.number_parts(at)?.1.to_owned(),
            Known::Issued => day_first(day?),
            Known::IssuedDay => day?.day().to_string(),
            Known::IssuedMonth => u8::from(day?.month()).to_string(),
            Known::IssuedYear => day?.year().to_string(),
            Known::Pages => document.pages.to_string(),
            Known::Sha256 => self.dossier.files[at].sha256.to_string(),
            Known::Bytes => self.dossier.files[at].bytes.to_string(),
            Known::Kind => u8::from(self.paper(at)?.kind).to_string(),
            Known::State => u8::from(self.paper(at)?.state).to_string(),
            Known::Reused => {
                let reused = [PaperState::Reused, PaperState::ReusedFromResult];
                u8::from(reused.contains(&self.paper(at)?.state)).to_string()
            }
            Known::FromStore => u8::from(self.paper(at)?.state == PaperState::Reused).to_string(),
            Known::ComponentCode => self.procedure()?.components.get(&kind.id)?.clone(),
            Known::ResultCode => self.paper(at)?.result_code?,
            Known::ValidUntil => self.paper(at)?.valid_until?,
            Known::Role => role_id(document)?.to_owned(),
            Known::Seal => seal_id(&document.seal).to_owned(),
            Known::Flags => flags(document),
            _ => return None,
        })
    }

    fn pages(&self) -> u64 {
        let pages = self
            .documents()
            .iter()
            .map(|document| u64::from(document.pages));
        pages.sum()
    }

    fn has(&self, kind: PaperKind) -> bool {
        (0..self.documents().len()).any(|at| self.paper(at).is_some_and(|p| p.kind == kind))
    }

    fn received(&self) -> Date {
        let said = self
            .slip()
            .and_then(|slip| slip.description.fields.get("ngay_tiep_nhan"));
        said.and_then(|field| day(&field.value))
            .unwrap_or(self.dossier.code.day())
    }

    /// TT 05/2025: `[Mã cơ quan lưu trữ].[Số kho/giá/hộp].[Số hồ sơ giấy]`.
    fn paper_file_code(&self) -> Option<String> {
        let archive = self.profile_value("archive_code")?;
        let shelf = self.label("hop").or_else(|| self.label("box"))?;
        Some(format!("{archive}.{shelf}.{}", self.dossier.code))
    }

    fn number_parts(&self, at: usize) -> Option<(&str, &str)> {
        let whole = self.field("so_ky_hieu", Some(at))?;
        Some(whole.split_once('/').unwrap_or((whole, "")))
    }
}

fn role_id(document: &DocumentRecord) -> Option<&'static str> {
    use crate::model::RoleId;
    Some(match document.description.role.as_ref()?.id {
        RoleId::ThanhPhan => "thanh_phan",
        RoleId::KetQua => "ket_qua",
        RoleId::NoiBo => "noi_bo",
    })
}

fn seal_id(seal: &SealRecord) -> &'static str {
    match seal {
        SealRecord::Signed { .. } => "signed",
        SealRecord::Waiting => "waiting",
        SealRecord::Kept { .. } => "kept",
    }
}

fn flags(document: &DocumentRecord) -> String {
    let codes = document
        .description
        .flags
        .iter()
        .map(|flag| flag.code.as_str());
    codes.collect::<Vec<_>>().join(";")
}

/// The day on which a document was issued, where one was read.
pub fn issued(document: &DocumentRecord) -> Option<Date> {
    day(&document.description.fields.get("ngay_ban_hanh")?.value)
}

fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

fn day_first(day: Date) -> String {
    let written = day.format(format_description!("[day]/[month]/[year]"));
    written.expect("every day has these parts")
}

/// The portal's form of a time. Papers name a day; the hour is not known and stands as zeros.
fn midnight(day: Date) -> String {
    let written = day.format(format_description!("[year][month][day]000000"));
    written.expect("every day has these parts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_one_name_and_is_found_by_it() {
        for known in Known::ALL {
            assert_eq!(known.id().parse(), Ok(*known));
        }
        let mut ids: Vec<&str> = Known::ALL.iter().map(|known| known.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Known::ALL.len());
    }

    #[test]
    fn origins_are_written_as_they_are_read() {
        for text in [
            "label:fonds",
            "field:trich_yeu",
            "profile:mode",
            "=02",
            "issued.year",
        ] {
            let origin = Origin::try_from(text.to_owned()).expect("an origin");
            assert_eq!(origin.to_string(), text);
        }
        assert!(Origin::try_from("titel".to_owned()).is_err());
    }
}
