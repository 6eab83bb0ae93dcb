//! What only the whole dossier tells: each document's role, and which of them speak against each other.

use time::{Date, Duration};

use crate::formats::vietnamese::fold;
use crate::model::document::Field;
use crate::model::{Confidence, Description, DossierCode, DossierFacts, Role, RoleId, RoleReason};

use super::check::day;
use super::doubt::Doubt;
use super::fields::nearly_equal;

/// The paper that tells of the reception.
const SLIP: &str = "giay_tiep_nhan";
/// Papers that bear the code of the dossier they lie in; others may name another one.
const OF_THIS_DOSSIER: [&str; 3] = ["giay_tiep_nhan", "phieu_", "xin_loi"];
/// A dossier handed in online gets its code then, and is received some working days later.
const LONGEST_TO_RECEPTION: Duration = Duration::days(5);
/// The label of the drop that names the procedure's result.
const RESULT_LABEL: &str = "ma_ket_qua";

/// What the table says of a type.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'t> {
    /// The roles it can have, the likeliest first.
    pub roles: &'t [RoleId],
    /// Its code as a result.
    pub result_code: Option<&'t str>,
}

/// What the dossier says of itself.
struct Facts<'d> {
    code: &'d DossierCode,
    received: Date,
    /// The agency that handles it, folded.
    handled_by: Option<String>,
    result_code: Option<&'d str>,
}

/// Gives each document its role and flags what does not fit together.
pub fn conclude<'t>(
    dossier: &DossierFacts<'_>,
    documents: &mut [Description],
    hints: impl Fn(&str) -> Hints<'t>,
) {
    let slip = documents.iter().find(|document| document.kind.id == SLIP);
    let on_slip = |id| slip.and_then(|slip| value(slip, id));
    let facts = Facts {
        code: dossier.code,
        received: on_slip("ngay_tiep_nhan")
            .and_then(day)
            .unwrap_or(dossier.code.day()),
        handled_by: on_slip("co_quan_giai_quyet").map(fold),
        result_code: dossier.labels.get(RESULT_LABEL).map(String::as_str),
    };
    for document in documents {
        document.role = Some(role(document, &facts, hints(&document.kind.id)));
        compare_code(document, &facts);
        compare_day(document, &facts);
        document
            .flags
            .sort_by(|one, other| one.code.cmp(&other.code));
    }
}

fn value<'d>(document: &'d Description, id: &str) -> Option<&'d str> {
    document.fields.get(id).map(|field| field.value.as_str())
}

/// A paper of this dossier that names another one, and any that names nearly this one.
fn compare_code(document: &mut Description, facts: &Facts) {
    let Some(Field {
        value, evidence, ..
    }) = document.fields.get("ma_ho_so")
    else {
        return;
    };
    if normal_code(value) == normal_code(facts.code.as_str()) {
        return;
    }
    let kind = &document.kind.id;
    let bears_it = OF_THIS_DOSSIER.iter().any(|own| kind.starts_with(own));
    if bears_it || nearly_equal(value, facts.code.as_str()) {
        let doubt = Doubt::CodeDiffers {
            read: value.clone(),
            dossier: facts.code.to_string(),
        };
        document.flags.push(doubt.flag(Some(evidence.clone())));
    }
}

/// The unit in its form of today: `000.00.12.H10` (QCVN 102:2016) is H10.12.
fn normal_code(code: &str) -> String {
    let (unit, rest) = code.split_once('-').unwrap_or((code, ""));
    let parts: Vec<&str> = unit.split('.').collect();
    match parts[..] {
        [a, b, c, province] if province.starts_with(|c: char| c.is_ascii_uppercase()) => {
            let mut parts = vec![province, c, b, a];
            while parts
                .last()
                .is_some_and(|part| part.bytes().all(|digit| digit == b'0'))
            {
                parts.pop();
            }
            format!("{}-{rest}", parts.join("."))
        }
        _ => code.to_owned(),
    }
}

/// The day inside the code is that of the reception, or a few before it.
fn compare_day(document: &mut Description, facts: &Facts) {
    if document.kind.id != SLIP {
        return;
    }
    let received = document.fields.get("ngay_tiep_nhan");
    let Some((field, received)) = received.and_then(|field| Some((field, day(&field.value)?)))
    else {
        return;
    };
    let code_day = facts.code.day();
    if !(Duration::ZERO..=LONGEST_TO_RECEPTION).contains(&(received - code_day)) {
        let doubt = Doubt::CodeDayDiffers {
            code_day: code_day.to_string(),
            received: received.to_string(),
        };
        document
            .flags
            .push(doubt.flag(Some(field.evidence.clone())));
    }
}

/// A document's role: the procedure's result code decides, then what its type can be at all, then
/// whether it was issued after the reception, and by the agency that handles the dossier.
fn role(document: &Description, facts: &Facts, hints: Hints) -> Role {
    let given = |id, sure_pct, why: &[RoleReason]| Role {
        id,
        confidence: Confidence::from_pct(sure_pct),
        why: why.to_vec(),
        result_code: (hints.result_code.filter(|_| id == RoleId::KetQua)).map(str::to_owned),
    };
    if hints.result_code.is_some() && hints.result_code == facts.result_code {
        return given(RoleId::KetQua, 97, &[RoleReason::MaKetQua]);
    }
    let issued = value(document, "ngay_ban_hanh").and_then(day);
    let before = issued.is_some_and(|issued| issued < facts.received);
    let can_be = |role| hints.roles.contains(&role);
    match hints.roles {
        // A decision that the citizen brought along: the procedure had not begun.
        roles if can_be(RoleId::KetQua) && before => {
            let why = [RoleReason::TruocTiepNhan, RoleReason::LoaiGiayTo];
            let other = roles.iter().find(|role| **role != RoleId::KetQua);
            given(*other.unwrap_or(&RoleId::ThanhPhan), 80, &why)
        }
        // What an office wrote before the dossier came in was brought along, too.
        [RoleId::NoiBo] if before => given(RoleId::ThanhPhan, 60, &[RoleReason::TruocTiepNhan]),
        [only] => given(*only, 90, &[RoleReason::LoaiGiayTo]),
        [] if value(document, "co_quan_ban_hanh").is_none() => {
            given(RoleId::ThanhPhan, 60, &[RoleReason::KhongCoQuanBanHanh])
        }
        [] => given(RoleId::NoiBo, 40, &[]),
        [likeliest, ..] if !can_be(RoleId::KetQua) || issued.is_none() => {
            given(*likeliest, 65, &[RoleReason::LoaiGiayTo])
        }
        [likeliest, ..] => {
            let issuer = value(document, "co_quan_ban_hanh").map(fold);
            let handled = facts.handled_by.as_ref().zip(issuer.as_ref());
            match handled.map(|(own, issuer)| own.contains(issuer) || issuer.contains(own)) {
                Some(true) => given(
                    RoleId::KetQua,
                    90,
                    &[RoleReason::CoQuanGiaiQuyet, RoleReason::SauTiepNhan],
                ),
                // Offices write to each other on the way as well.
                _ if can_be(RoleId::NoiBo) => given(*likeliest, 60, &[RoleReason::LoaiGiayTo]),
                _ => given(RoleId::KetQua, 70, &[RoleReason::SauTiepNhan]),
            }
        }
    }
}
