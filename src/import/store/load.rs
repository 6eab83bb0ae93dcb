//! How dossiers of a verified delivery enter: wholly or not at all, once, as a new version and never over an old one.

use std::collections::HashMap;

use super::many;
use super::{Store, StoreFault, Value};

/// One delivery, as its signed header tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// SHA-256 of `batch.json`.
    pub batch: String,
    /// Root of the batch's Merkle tree.
    pub merkle_root: String,
    /// SHA-256 of the manifest.
    pub manifest_sha256: String,
    /// When the header was written, as it says.
    pub created: String,
    /// The same in seconds since 1970.
    pub created_s: i64,
    /// Subject of the certificate that signed the header.
    pub signer: String,
    /// SHA-256 of that certificate.
    pub key_id: String,
    /// Codes of doubts that whoever imported took upon themselves, with commas.
    pub accepted_doubts: String,
    /// Where its files lie.
    pub place: String,
    /// When it was first imported, ISO 8601.
    pub imported_at: String,
}

/// A delivery that stands in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Its number.
    pub id: i64,
    /// Its time, seconds since 1970.
    pub created_s: i64,
    /// Every line of it was seen in an earlier import.
    pub was_finished: bool,
}

/// One dossier of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The dossier.
    pub dossier: DossierRow,
    /// Its papers.
    pub papers: Vec<PaperRow>,
    /// Why it cannot enter; nothing where it may.
    pub refused: Option<Refused>,
}

/// A row of `dossier` but for version and delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DossierRow {
    /// Mã hồ sơ.
    pub code: String,
    /// Its folder in the drop.
    pub folder: String,
    /// SHA-256 over inputs, plan and software; empty where the line has none, which is refused.
    pub content_key: String,
    /// SHA-256 of the dossier's line.
    pub record_sha256: String,
    /// The handling unit.
    pub unit: String,
    /// Mã thủ tục, where it is known.
    pub procedure_code: Option<String>,
    /// The reception day inside the code.
    pub code_day: String,
    /// Published pages.
    pub pages: i64,
    /// Something in it waits for a person.
    pub needs_review: bool,
    /// What the drop said of it, a JSON object.
    pub labels: String,
}

/// A row of `paper` but for dossier and version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaperRow {
    /// Number in the dossier, from 1.
    pub ordinal: i64,
    /// 0 component, 1 result, 2 neither.
    pub kind: i64,
    /// 0 to 3, as the one-stop systems count.
    pub state: i64,
    /// Id of the type.
    pub type_id: String,
    /// `typeName` of TT 05/2025.
    pub type_name: String,
    /// The type's name.
    pub title: String,
    /// Mã kết quả, of a result whose code the drop names.
    pub result_code: Option<String>,
    /// Until when it holds: a day (ISO 8601) or `vinh_vien`.
    pub valid_until: Option<String>,
    /// Số, ký hiệu.
    pub so_ky_hieu: Option<String>,
    /// Ngày ban hành, ISO 8601.
    pub issued_on: Option<String>,
    /// Cơ quan ban hành.
    pub issuer: Option<String>,
    /// Người ký.
    pub signer: Option<String>,
    /// Trích yếu.
    pub subject: Option<String>,
    /// All fields, a JSON object of id and value.
    pub fields: String,
    /// File below the dossier's folder.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: i64,
    /// Its pages.
    pub pages: i64,
    /// How sure the type is.
    pub confidence_pct: i64,
    /// `signed`, `kept` or `waiting`.
    pub seal_state: String,
    /// The level that was reached, where we signed.
    pub seal_level: Option<String>,
    /// It waits for a person.
    pub needs_review: bool,
}

/// Why a dossier does not enter, for machines and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Stable code, docs/codes.md.
    pub code: String,
    /// The file it is about, below the delivery.
    pub place: String,
    /// What happened, in Vietnamese.
    pub what: String,
}

/// What became of one dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stands in the database since this delivery.
    Accepted,
    /// The same content stood there before.
    Duplicate,
    /// It did not enter.
    Rejected(Refused),
}

/// A verdict and the version it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What became of it.
    pub verdict: Verdict,
    /// The version in the database, where there is one of this content.
    pub version: Option<i64>,
}

/// Versions of a dossier that stand there already.
struct Known {
    version: i64,
    content_key: String,
    delivery: i64,
    created_s: i64,
}

impl Store {
    /// Begins a delivery, or goes on with one that stands there; other imports wait.
    pub fn begin_delivery(&mut self, delivery: &DeliveryRow) -> Result<Delivered, StoreFault> {
        self.db.hold_off_other_imports()?;
        self.whole(|store| match store.delivery(&delivery.batch)? {
            Some(known) => Ok(known),
            None => store.add_delivery(delivery),
        })
    }

    /// The delivery of this header, where it stands there.
    pub fn delivery(&mut self, batch: &str) -> Result<Option<Delivered>, StoreFault> {
        let mut found = None;
        let sql = "SELECT id, created_s, finished FROM delivery WHERE batch = $1";
        self.db.query(sql, &[batch.into()], &mut |row| {
            found = Some(Delivered {
                id: number(row.int(0)?),
                created_s: number(row.int(1)?),
                was_finished: row.bool(2)?,
            });
            Ok(())
        })?;
        Ok(found)
    }

    fn add_delivery(&mut self, delivery: &DeliveryRow) -> Result<Delivered, StoreFault> {
        let mut id = 0;
        let sql = "SELECT COALESCE(MAX(id), 0) + 1 FROM delivery";
        self.db.query(sql, &[], &mut |row| {
            id = number(row.int(0)?);
            Ok(())
        })?;
        let row = [
            id.into(),
            (&delivery.batch).into(),
            (&delivery.merkle_root).into(),
            (&delivery.manifest_sha256).into(),
            (&delivery.created).into(),
            delivery.created_s.into(),
            (&delivery.signer).into(),
            (&delivery.key_id).into(),
            (&delivery.accepted_doubts).into(),
            (&delivery.place).into(),
            (&delivery.imported_at).into(),
            false.into(),
        ];
        let into = "delivery (id, batch, merkle_root, manifest_sha256, created, created_s, signer, key_id, \
                    accepted_doubts, place, imported_at, finished)";
        many::insert(self.db.as_mut(), into, &[row], "")?;
        Ok(Delivered {
            id,
            created_s: delivery.created_s,
            was_finished: false,
        })
    }

    /// Every line of the delivery was seen.
    pub fn finish_delivery(&mut self, delivery: Delivered) -> Result<(), StoreFault> {
        let sql = "UPDATE delivery SET finished = $1 WHERE id = $2 AND finished <> $1";
        self.whole(|store| {
            let values = [true.into(), delivery.id.into()];
            store.db.execute(sql, &values).map(drop)
        })
    }

    /// Takes dossiers in, all of these in one transaction; gives what became of each, in their order.
    ///
    /// No two of them may have the same code. `older` gives the reason for one that is older than what
    /// stands there.
    pub fn load(
        &mut self,
        delivery: Delivered,
        entries: &[Entry],
        older: &dyn Fn(&Entry, i64) -> Refused,
    ) -> Result<Vec<Taken>, StoreFault> {
        self.whole(|store| {
            let known = store.known(entries)?;
            let taken: Vec<Taken> = (entries.iter())
                .map(|entry| judge(entry, delivery, known.get(&entry.dossier.code), older))
                .collect();
            store.add_dossiers(delivery, entries, &taken, &known)?;
            store.write_receipts(delivery, entries, &taken)?;
            Ok(taken)
        })
    }

    fn known(&mut self, entries: &[Entry]) -> Result<HashMap<String, Vec<Known>>, StoreFault> {
        let keys: Vec<Value> = (entries.iter())
            .map(|entry| (&entry.dossier.code).into())
            .collect();
        let mut known: HashMap<String, Vec<Known>> = HashMap::new();
        let select = "SELECT d.code, d.version, d.content_key, d.delivery, v.created_s \
                      FROM dossier d JOIN delivery v ON v.id = d.delivery WHERE d.code IN";
        many::query_in(self.db.as_mut(), select, &keys, &mut |row| {
            let code = row.text(0)?.unwrap_or_default();
            known.entry(code).or_default().push(Known {
                version: number(row.int(1)?),
                content_key: row.text(2)?.unwrap_or_default(),
                delivery: number(row.int(3)?),
                created_s: number(row.int(4)?),
            });
            Ok(())
        })?;
        Ok(known)
    }

    fn add_dossiers(
        &mut self,
        delivery: Delivered,
        entries: &[Entry],
        taken: &[Taken],
        known: &HashMap<String, Vec<Known>>,
    ) -> Result<(), StoreFault> {
        let is_new = |entry: &Entry| {
            let versions = known.get(&entry.dossier.code);
            versions.is_none_or(|all| of_content(all, entry).is_none())
        };
        let new: Vec<(&Entry, i64)> = (entries.iter().zip(taken))
            .filter(|(entry, taken)| taken.verdict == Verdict::Accepted && is_new(entry))
            .map(|(entry, taken)| (entry, number(taken.version)))
            .collect();
        let dossiers: Vec<_> = (new.iter())
            .map(|(entry, version)| dossier_values(&entry.dossier, *version, delivery.id))
            .collect();
        many::insert(self.db.as_mut(), DOSSIER_COLUMNS, &dossiers, "")?;
        let papers: Vec<_> = (new.iter())
            .flat_map(|(entry, version)| {
                let papers = entry.papers.iter();
                papers.map(|paper| paper_values(paper, &entry.dossier.code, *version))
            })
            .collect();
        many::insert(self.db.as_mut(), PAPER_COLUMNS, &papers, "")
    }

    /// A receipt stands once it is no refusal: importing again changes none of these.
    fn write_receipts(
        &mut self,
        delivery: Delivered,
        entries: &[Entry],
        taken: &[Taken],
    ) -> Result<(), StoreFault> {
        let rows: Vec<_> = (entries.iter().zip(taken))
            .map(|(entry, taken)| receipt_values(entry, taken, delivery.id))
            .collect();
        let again = "ON CONFLICT (delivery, folder) DO UPDATE SET verdict = excluded.verdict, \
                     version = excluded.version, reason = excluded.reason, place = excluded.place, \
                     what = excluded.what WHERE receipt.verdict = 'rejected'";
        let into = "receipt (delivery, folder, dossier, content_key, verdict, version, reason, place, what)";
        many::insert(self.db.as_mut(), into, &rows, again)
    }
}

/// What becomes of a dossier beside the versions that stand there.
fn judge(
    entry: &Entry,
    delivery: Delivered,
    known: Option<&Vec<Known>>,
    older: &dyn Fn(&Entry, i64) -> Refused,
) -> Taken {
    let known = known.map(Vec::as_slice).unwrap_or_default();
    if let Some(same) = of_content(known, entry) {
        // A delivery that was broken off goes on: what it brought itself is no duplicate.
        let goes_on = same.delivery == delivery.id && !delivery.was_finished;
        return Taken {
            verdict: if goes_on {
                Verdict::Accepted
            } else {
                Verdict::Duplicate
            },
            version: Some(same.version),
        };
    }
    if let Some(refused) = &entry.refused {
        let verdict = Verdict::Rejected(refused.clone());
        return Taken {
            verdict,
            version: None,
        };
    }
    let newest = known.iter().max_by_key(|known| known.version);
    match newest {
        Some(newest) if delivery.created_s < newest.created_s => Taken {
            verdict: Verdict::Rejected(older(entry, newest.version)),
            version: None,
        },
        newest => Taken {
            verdict: Verdict::Accepted,
            version: Some(newest.map_or(1, |newest| newest.version + 1)),
        },
    }
}

fn of_content<'k>(known: &'k [Known], entry: &Entry) -> Option<&'k Known> {
    let mut known = known.iter();
    known.find(|known| known.content_key == entry.dossier.content_key)
}

/// Of columns that the tables themselves keep from being NULL.
fn number(column: Option<i64>) -> i64 {
    column.unwrap_or_default()
}

const DOSSIER_COLUMNS: &str = "dossier (code, version, delivery, folder, content_key, record_sha256, unit, \
     procedure_code, code_day, pages, needs_review, labels)";

fn dossier_values(dossier: &DossierRow, version: i64, delivery: i64) -> [Value<'_>; 12] {
    [
        (&dossier.code).into(),
        version.into(),
        delivery.into(),
        (&dossier.folder).into(),
        (&dossier.content_key).into(),
        (&dossier.record_sha256).into(),
        (&dossier.unit).into(),
        (&dossier.procedure_code).into(),
        (&dossier.code_day).into(),
        dossier.pages.into(),
        dossier.needs_review.into(),
        (&dossier.labels).into(),
    ]
}

const PAPER_COLUMNS: &str = "paper (dossier, version, ordinal, kind, state, type_id, type_name, title, \
     result_code, valid_until, so_ky_hieu, issued_on, issuer, signer, subject, fields, file, sha256, bytes, pages, \
     confidence_pct, seal_state, seal_level, needs_review)";

fn paper_values<'v>(paper: &'v PaperRow, dossier: &'v str, version: i64) -> [Value<'v>; 24] {
    [
        dossier.into(),
        version.into(),
        paper.ordinal.into(),
        paper.kind.into(),
        paper.state.into(),
        (&paper.type_id).into(),
        (&paper.type_name).into(),
        (&paper.title).into(),
        (&paper.result_code).into(),
        (&paper.valid_until).into(),
        (&paper.so_ky_hieu).into(),
        (&paper.issued_on).into(),
        (&paper.issuer).into(),
        (&paper.signer).into(),
        (&paper.subject).into(),
        (&paper.fields).into(),
        (&paper.file).into(),
        (&paper.sha256).into(),
        paper.bytes.into(),
        paper.pages.into(),
        paper.confidence_pct.into(),
        (&paper.seal_state).into(),
        (&paper.seal_level).into(),
        paper.needs_review.into(),
    ]
}

fn receipt_values<'v>(entry: &'v Entry, taken: &'v Taken, delivery: i64) -> [Value<'v>; 9] {
    let dossier = &entry.dossier;
    let (verdict, refused) = match &taken.verdict {
        Verdict::Accepted => ("accepted", None),
        Verdict::Duplicate => ("duplicate", None),
        Verdict::Rejected(refused) => ("rejected", Some(refused)),
    };
    let said =
        |of: fn(&Refused) -> &String| Value::Text(refused.map(|refused| of(refused).as_str()));
    let key = Some(dossier.content_key.as_str()).filter(|key| !key.is_empty());
    [
        delivery.into(),
        (&dossier.folder).into(),
        (&dossier.code).into(),
        Value::Text(key),
        verdict.into(),
        taken.version.into(),
        said(|refused| &refused.code),
        said(|refused| &refused.place),
        said(|refused| &refused.what),
    ]
}
