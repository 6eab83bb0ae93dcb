//! All dossiers of a group added up, and the figures that are told of them.

use std::collections::BTreeMap;

use super::calibration::{Calibration, Sample};
use super::judge::{Borders, DocumentJudgement, DossierJudgement, FieldJudgement, Verdict};

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that count.
    pub part: u64,
    /// All of them.
    pub whole: u64,
}

impl Share {
    fn add(&mut self, counts: bool) {
        self.part += u64::from(counts);
        self.whole += 1;
    }

    /// 0 to 1; `None` of nothing.
    pub fn value(self) -> Option<f64> {
        (self.whole > 0).then(|| self.part as f64 / self.whole as f64)
    }
}

/// One field over all documents that print it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldScore {
    /// As printed.
    pub right: u64,
    /// Something else, and a person will look at the document.
    pub wrong_flagged: u64,
    /// Something else, and nobody will look.
    pub wrong_unflagged: u64,
    /// Not found.
    pub missing: u64,
    /// Not found, and a person will look.
    pub missing_flagged: u64,
}

impl FieldScore {
    fn add(&mut self, field: &FieldJudgement, flagged: bool) {
        match field.verdict {
            Verdict::Right => self.right += 1,
            Verdict::Wrong if flagged => self.wrong_flagged += 1,
            Verdict::Wrong => self.wrong_unflagged += 1,
            Verdict::Missing => {
                self.missing += 1;
                self.missing_flagged += u64::from(flagged);
            }
        }
    }

    /// Documents that print it.
    pub fn printed(&self) -> u64 {
        self.right + self.wrong_flagged + self.wrong_unflagged + self.missing
    }

    /// The share as printed.
    pub fn exact(&self) -> Share {
        Share {
            part: self.right,
            whole: self.printed(),
        }
    }

    /// The share that is as printed or will be looked at.
    pub fn right_or_flagged(&self) -> Share {
        Share {
            part: self.right + self.wrong_flagged + self.missing_flagged,
            whole: self.printed(),
        }
    }
}

/// One group of dossiers added up.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// Dossiers.
    pub dossiers: u64,
    /// Written pages that stand in a document of their type, of all.
    pub pages: Share,
    /// Documents whose pages and type are right.
    pub types: Share,
    /// Of the documents whose pages are right, those whose type is.
    pub types_of_cut: Share,
    /// Borders between documents.
    pub borders: Borders,
    /// Documents whose role is right.
    pub roles: Share,
    /// Each field.
    pub fields: BTreeMap<String, FieldScore>,
    /// Confidence of the types.
    pub type_calibration: Calibration,
    /// Confidence of the borders.
    pub split_calibration: Calibration,
    /// Documents that a person will look at.
    pub flagged: Share,
    /// Documents that are wrong although nobody will look at them.
    pub wrong_unflagged: Share,
    /// Dossiers with a stamp of secrecy that were held back.
    pub secrets: Share,
    /// Dossiers without one that were held back all the same.
    pub false_alarms: Share,
    /// True type, found type and how often, where they differ.
    pub confusions: BTreeMap<(String, String), u64>,
}

/// What is told where a page of a document stands in none.
const NOWHERE: &str = "-";

impl Scores {
    /// Adds a dossier.
    pub fn add(&mut self, dossier: &DossierJudgement) {
        self.dossiers += 1;
        match dossier.secret {
            true => self.secrets.add(dossier.held_back),
            false => self.false_alarms.add(dossier.held_back),
        }
        self.borders.right += dossier.borders.right;
        self.borders.invented += dossier.borders.invented;
        self.borders.missed += dossier.borders.missed;
        self.pages.part += dossier.pages_right;
        for document in &dossier.documents {
            self.add_document(document);
        }
    }

    fn add_document(&mut self, document: &DocumentJudgement) {
        self.pages.whole += document.pages;
        self.types.add(document.right());
        if document.cut_right {
            self.types_of_cut.add(document.kind_right());
        }
        if let Some((role, found)) = document.role {
            self.roles.add(found == Some(role));
        }
        for field in &document.fields {
            let score = self.fields.entry(field.id.clone()).or_default();
            score.add(field, document.flagged);
        }
        self.flagged.add(document.flagged);
        self.wrong_unflagged
            .add(document.wrong() && !document.flagged);
        if document.found_kind.is_some() {
            let confidence_pct = document.kind_confidence.pct();
            let right = document.kind_right();
            self.type_calibration.add(Sample {
                confidence_pct,
                right,
            });
            self.split_calibration.add(Sample {
                confidence_pct: document.split_confidence.pct(),
                right: document.cut_right,
            });
        }
        if !document.kind_right() {
            let found = document.found_kind.clone();
            let pair = (document.kind.clone(), found.unwrap_or(NOWHERE.to_owned()));
            *self.confusions.entry(pair).or_default() += 1;
        }
    }

    /// Precision and recall of the borders.
    pub fn split(&self) -> (Share, Share) {
        let Borders {
            right: part,
            invented,
            missed,
        } = self.borders;
        (
            Share {
                part,
                whole: part + invented,
            },
            Share {
                part,
                whole: part + missed,
            },
        )
    }

    /// The harmonic mean of precision and recall.
    pub fn split_f1(&self) -> Option<f64> {
        let Borders {
            right,
            invented,
            missed,
        } = self.borders;
        let whole = 2 * right + invented + missed;
        (whole > 0).then(|| 2.0 * right as f64 / whole as f64)
    }
}

/// One figure of a report.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Stable name, for machines.
    pub id: &'static str,
    /// What it is, in Vietnamese.
    pub vi: &'static str,
    /// What it is, in English.
    pub en: &'static str,
    /// 0 to 1; absent where nothing was measured.
    pub value: Option<f64>,
}

impl Scores {
    /// The figures that a report begins with, in their order.
    pub fn figures(&self) -> Vec<Figure> {
        let figure = |id, vi, en, value| Figure { id, vi, en, value };
        let field = |id: &str| self.fields.get(id).copied().unwrap_or_default();
        let (precision, recall) = self.split();
        let code = field("ma_ho_so");
        vec![
            figure(
                "type_right",
                "Văn bản đúng loại và đủ trang",
                "documents with right pages and type",
                self.types.value(),
            ),
            figure(
                "type_right_where_cut_right",
                "  đúng loại khi đã tách đúng",
                "  right type where cut right",
                self.types_of_cut.value(),
            ),
            figure(
                "page_type_right",
                "Trang đúng loại",
                "pages of right type",
                self.pages.value(),
            ),
            figure(
                "split_precision",
                "Tách: độ chính xác",
                "cuts: precision",
                precision.value(),
            ),
            figure(
                "split_recall",
                "Tách: độ phủ",
                "cuts: recall",
                recall.value(),
            ),
            figure("split_f1", "Tách: F1", "cuts: F1", self.split_f1()),
            figure(
                "role_right",
                "Đúng vai trò trong hồ sơ",
                "role right",
                self.roles.value(),
            ),
            figure(
                "number_right",
                "Số, ký hiệu đúng",
                "number and notation right",
                field("so_ky_hieu").exact().value(),
            ),
            figure(
                "date_right",
                "Ngày ban hành đúng",
                "date right",
                field("ngay_ban_hanh").exact().value(),
            ),
            figure(
                "code_right",
                "Mã hồ sơ đúng",
                "dossier code right",
                code.exact().value(),
            ),
            figure(
                "code_right_or_flagged",
                "  đúng hoặc có cờ",
                "  right or flagged",
                code.right_or_flagged().value(),
            ),
            figure(
                "type_calibration_error",
                "Sai lệch độ tin cậy của loại (ECE)",
                "calibration error of types (ECE)",
                self.type_calibration.error(),
            ),
            figure(
                "split_calibration_error",
                "Sai lệch độ tin cậy khi tách (ECE)",
                "calibration error of cuts (ECE)",
                self.split_calibration.error(),
            ),
            figure(
                "flagged",
                "Chờ người xem",
                "waiting for a person",
                self.flagged.value(),
            ),
            figure(
                "wrong_unflagged",
                "Sai mà không có cờ",
                "wrong without a flag",
                self.wrong_unflagged.value(),
            ),
            figure(
                "secrets_held_back",
                "Hồ sơ mật được giữ lại",
                "secret dossiers held back",
                self.secrets.value(),
            ),
            figure(
                "secret_false_alarms",
                "Giữ lại nhầm",
                "held back by mistake",
                self.false_alarms.value(),
            ),
        ]
    }
}
