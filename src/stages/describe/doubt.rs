//! What makes a document wait for a person: a failed check, or something that could not be read.

use std::collections::BTreeMap;

use crate::model::Flag;
use crate::model::document::Evidence;

/// A doubt about one document. Nothing is changed because of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// A dossier code should stand here and none can be read for certain.
    CodeUnreadable,
    /// The paper names another dossier than the one it lies in.
    CodeDiffers {
        /// The code on the paper.
        read: String,
        /// The dossier's own.
        dossier: String,
    },
    /// The day inside the dossier's code is not that of the reception.
    CodeDayDiffers {
        /// The day inside the code.
        code_day: String,
        /// The day on the paper.
        received: String,
    },
    /// There is a number line, but its number was left open or cannot be read.
    NumberUnreadable,
    /// There is a date, but it is no day of the calendar, or cannot be read.
    DateUnreadable {
        /// Id of the field.
        field: &'static str,
    },
    /// A date stands before one that must come first.
    DatesOutOfOrder {
        /// Id of the field that must come first.
        first: &'static str,
        /// Its day.
        first_day: String,
        /// Id of the field that must come after it.
        then: &'static str,
        /// Its day.
        then_day: String,
    },
    /// The check digit of a tax code does not fit.
    TaxCodeCheckDigit {
        /// The code, which names a business.
        value: String,
    },
    /// Two numbers of one kind differ in a digit or two: one of them is misread.
    NearlyEqual {
        /// Id of the field.
        field: &'static str,
        /// The first, masked.
        one: String,
        /// The other, masked.
        other: String,
    },
    /// A number of identity has neither twelve nor nine digits.
    IdLength {
        /// How many it has.
        digits: usize,
    },
    /// A number of identity begins with digits that no province was ever given, or names a
    /// century to come.
    IdStructure {
        /// The number, masked.
        value: String,
    },
    /// A number of identity tells another year of birth than the paper.
    IdAgainstBirth {
        /// The number, masked.
        value: String,
    },
    /// A number of identity tells another sex than the paper.
    IdAgainstSex {
        /// The number, masked.
        value: String,
    },
    /// The QR of a citizen card says something else than its print.
    QrDiffers {
        /// Id of the field.
        field: &'static str,
    },
    /// A birth date in words is not the one in digits.
    DateInWords,
    /// The issuer no longer existed on the day of the paper.
    IssuerGone {
        /// Its name.
        issuer: String,
        /// The day from which it did not exist.
        ended: String,
    },
    /// A value that decides was read with little certainty.
    Unsure {
        /// Id of the field.
        field: &'static str,
        /// How sure.
        sure_pct: u8,
    },
}

/// What fields are called in the messages of both languages: as they stand on the papers.
const NAMES: [(&str, &str); 9] = [
    ("so_ky_hieu", "số, ký hiệu"),
    ("ngay_ban_hanh", "ngày ban hành"),
    ("ma_ho_so", "mã hồ sơ"),
    ("ngay_sinh", "ngày sinh"),
    ("ngay_tiep_nhan", "ngày tiếp nhận"),
    ("ngay_hen_tra", "ngày hẹn trả"),
    ("so_dinh_danh", "số định danh"),
    ("so_cmnd", "số CMND"),
    ("ma_so_thue", "mã số thuế"),
];

impl Doubt {
    /// The number of identity breaks its own structure.
    pub fn id_structure(value: &str) -> Self {
        let value = masked(value);
        Self::IdStructure { value }
    }

    /// The number of identity speaks against the birth date.
    pub fn id_against_birth(value: &str) -> Self {
        let value = masked(value);
        Self::IdAgainstBirth { value }
    }

    /// The number of identity speaks against the sex.
    pub fn id_against_sex(value: &str) -> Self {
        let value = masked(value);
        Self::IdAgainstSex { value }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CodeUnreadable => "DSC-031",
            Self::CodeDiffers { .. } => "DSC-032",
            Self::CodeDayDiffers { .. } => "DSC-033",
            Self::NumberUnreadable => "DSC-034",
            Self::DateUnreadable { .. } => "DSC-035",
            Self::DatesOutOfOrder { .. } => "DSC-036",
            Self::TaxCodeCheckDigit { .. } => "DSC-037",
            Self::NearlyEqual { .. } => "DSC-038",
            Self::IdLength { .. } => "DSC-039",
            Self::IdStructure { .. } => "DSC-040",
            Self::IdAgainstBirth { .. } => "DSC-041",
            Self::IdAgainstSex { .. } => "DSC-042",
            Self::QrDiffers { .. } => "DSC-043",
            Self::DateInWords => "DSC-044",
            Self::IssuerGone { .. } => "DSC-045",
            Self::Unsure { .. } => "DSC-046",
        }
    }

    /// The flag that stands in the manifest.
    pub fn flag(self, evidence: Option<Evidence>) -> Flag {
        Flag {
            code: self.code().to_owned(),
            params: self.params(),
            evidence,
        }
    }

    fn params(self) -> BTreeMap<String, String> {
        let named = |id: &str| {
            let name = NAMES.iter().find(|(own, _)| *own == id);
            name.map_or(id, |(_, name)| name).to_owned()
        };
        let params = match self {
            Self::CodeUnreadable | Self::NumberUnreadable | Self::DateInWords => vec![],
            Self::CodeDiffers { read, dossier } => vec![("read", read), ("dossier", dossier)],
            Self::CodeDayDiffers { code_day, received } => {
                vec![("code_day", code_day), ("received", received)]
            }
            Self::DateUnreadable { field } | Self::QrDiffers { field } => {
                vec![("field", named(field))]
            }
            Self::DatesOutOfOrder {
                first,
                first_day,
                then,
                then_day,
            } => vec![
                ("first", named(first)),
                ("first_day", first_day),
                ("then", named(then)),
                ("then_day", then_day),
            ],
            Self::NearlyEqual { field, one, other } => {
                vec![("field", named(field)), ("one", one), ("other", other)]
            }
            Self::IdLength { digits } => vec![("digits", digits.to_string())],
            Self::TaxCodeCheckDigit { value }
            | Self::IdStructure { value }
            | Self::IdAgainstBirth { value }
            | Self::IdAgainstSex { value } => vec![("value", value)],
            Self::IssuerGone { issuer, ended } => vec![("issuer", issuer), ("ended", ended)],
            Self::Unsure { field, sure_pct } => {
                vec![("field", named(field)), ("sure_pct", sure_pct.to_string())]
            }
        };
        let params = params.into_iter();
        params
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

/// The first three and the last two characters of a personal number.
pub fn masked(number: &str) -> String {
    let length = number.chars().count();
    let shown = |at: usize| at < 3 || at + 2 >= length;
    let letters = number.chars().enumerate();
    letters
        .map(|(at, c)| if shown(at) { c } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_numbers_are_masked() {
        assert_eq!(masked("098386340054"), "098*******54");
        let flag = Doubt::id_structure("098386340054").flag(None);
        assert!(!flag.params["value"].contains("386340"));
    }

    #[test]
    fn every_doubt_fills_all_placeholders_of_its_words() {
        let text = || "x".to_owned();
        let words = |toml| -> BTreeMap<String, BTreeMap<String, String>> {
            toml::from_str(toml).expect("a catalogue")
        };
        let languages = [
            words(include_str!("../../messages/vi/describe.toml")),
            words(include_str!("../../messages/en/describe.toml")),
        ];
        let placeholder = regex::Regex::new(r"\{[a-z_]+\}").expect("a pattern");
        for doubt in [
            Doubt::CodeUnreadable,
            Doubt::CodeDiffers {
                read: text(),
                dossier: text(),
            },
            Doubt::CodeDayDiffers {
                code_day: text(),
                received: text(),
            },
            Doubt::NumberUnreadable,
            Doubt::DateUnreadable { field: "ngay_sinh" },
            Doubt::DatesOutOfOrder {
                first: "ngay_tiep_nhan",
                first_day: text(),
                then: "ngay_hen_tra",
                then_day: text(),
            },
            Doubt::TaxCodeCheckDigit { value: text() },
            Doubt::NearlyEqual {
                field: "ma_so_thue",
                one: text(),
                other: text(),
            },
            Doubt::IdLength { digits: 11 },
            Doubt::IdStructure { value: text() },
            Doubt::IdAgainstBirth { value: text() },
            Doubt::IdAgainstSex { value: text() },
            Doubt::QrDiffers {
                field: "so_dinh_danh",
            },
            Doubt::DateInWords,
            Doubt::IssuerGone {
                issuer: text(),
                ended: text(),
            },
            Doubt::Unsure {
                field: "so_ky_hieu",
                sure_pct: 40,
            },
        ] {
            let flag = doubt.flag(None);
            for words in &languages {
                let words = &words[&flag.code];
                let open = placeholder.find_iter(&words["what"]);
                for open in open.chain(placeholder.find_iter(&words["remedy"])) {
                    let name = open.as_str().trim_matches(['{', '}']);
                    let filled = ["file", "place"].contains(&name);
                    assert!(filled || flag.params.contains_key(name), "{}", flag.code);
                }
            }
        }
    }
}
