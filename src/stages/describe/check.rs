//! What the fields of one document say against each other, against its type and against the tables.

use time::Date;
use time::macros::format_description;

use crate::formats::vietnamese::fold;
use crate::model::document::DocumentType;

use super::doubt::Doubt;
use super::fields::Findings;
use super::provinces;

/// Papers that bear their dossier's code, whatever became of the print.
const BEAR_THE_CODE: [&str; 2] = ["giay_tiep_nhan", "phieu_kiem_soat"];

/// Flags what does not fit.
pub fn check(kind: &DocumentType, found: &mut Findings) {
    if BEAR_THE_CODE.contains(&kind.id.as_str()) && found.value("ma_ho_so").is_none() {
        found.flag(Doubt::CodeUnreadable, None);
    }
    born_before_the_paper(found);
    issuer_existed(found);
}

fn born_before_the_paper(found: &mut Findings) {
    let (Some(born), Some(issued)) = (found.value("ngay_sinh"), found.value("ngay_ban_hanh"))
    else {
        return;
    };
    // ISO 8601 sorts as the days do.
    if born > issued {
        let doubt = Doubt::DatesOutOfOrder {
            first: "ngay_sinh",
            first_day: born.to_owned(),
            then: "ngay_ban_hanh",
            then_day: issued.to_owned(),
        };
        let evidence = found.evidence("ngay_ban_hanh");
        found.flag(doubt, evidence);
    }
}

/// The level of government or the province whose office issued the paper had not ended.
fn issuer_existed(found: &mut Findings) {
    let issued = found.value("ngay_ban_hanh").and_then(day);
    for office in ["co_quan_ban_hanh", "co_quan_chu_quan"] {
        let (Some(issued), Some(name)) = (issued, found.value(office)) else {
            continue;
        };
        let ended = provinces::embedded().ended_on(&fold(name));
        if let Some(ended) = ended.filter(|ended| issued >= *ended) {
            let doubt = Doubt::IssuerGone {
                issuer: name.to_owned(),
                ended: ended.to_string(),
            };
            let evidence = found.evidence(office);
            found.flag(doubt, evidence);
        }
    }
}

/// A day as the fields hold it.
pub fn day(iso_8601: &str) -> Option<Date> {
    Date::parse(iso_8601, format_description!("[year]-[month]-[day]")).ok()
}
