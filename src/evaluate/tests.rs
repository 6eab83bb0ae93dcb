//! The measures on cases made by hand.

use super::*;
use crate::evaluate::report::{ALL, Evaluation, page};
use crate::model::document::{DocumentType, Evidence, Field};
use crate::model::{Confidence, Description, PxBox};

fn evidence() -> Evidence {
    let bounds = PxBox {
        x_px: 0,
        y_px: 0,
        w_px: 1,
        h_px: 1,
    };
    Evidence {
        page: 1,
        bounds,
        read: String::new(),
    }
}

pub(super) fn description(kind: &str, sure_pct: u8, fields: &[(&str, &str)]) -> Description {
    let field = |value: &str| Field {
        value: value.to_owned(),
        confidence: Confidence::from_pct(90),
        evidence: evidence(),
        rule: "test".to_owned(),
        alternatives: Vec::new(),
        repaired: 0,
    };
    let fields = fields
        .iter()
        .map(|(id, value)| ((*id).to_owned(), field(value)));
    Description {
        kind: DocumentType {
            id: kind.to_owned(),
            type_name: "32".to_owned(),
            title: kind.to_owned(),
            confidence: Confidence::from_pct(sure_pct),
            broader: None,
            evidence: None,
            cues: Vec::new(),
            runner_up: None,
        },
        fields: fields.collect(),
        role: None,
        flags: Vec::new(),
    }
}

/// Pages of one file: `found(0..2, …)` are its first two.
fn found(pages: std::ops::Range<u32>, description: Description) -> FoundDocument {
    FoundDocument {
        pages: pages.map(|index| ("quet.tif".to_owned(), index)).collect(),
        words: Vec::new(),
        split_confidence: Confidence::from_pct(95),
        description,
        waits_for: Vec::new(),
    }
}

/// A dossier of three documents: pages 0-1 (1 blank), 2-3 and 4.
fn truth() -> Truth {
    let page = |index: u32, blank: bool| {
        format!(r#"{{"file":"quet.tif","index":{index},"blank":{blank}}}"#)
    };
    let document = |kind: &str, fields: &str, pages: [String; 2]| {
        let pages = pages.join(",");
        format!(r#"{{"type":"{kind}","role":"noi_bo","fields":{fields},"pages":[{pages}]}}"#)
    };
    let documents = [
        document(
            "giay_tiep_nhan",
            r#"{"ma_ho_so":"H10.12-221013-0001"}"#,
            [page(0, false), page(1, true)],
        ),
        document(
            "quyet_dinh",
            r#"{"so_ky_hieu":"04/QĐ-UBND","ngay":"2022-10-13"}"#,
            [page(2, false), page(3, false)],
        ),
        document("to_trinh", "{}", [page(4, false), page(5, true)]),
    ]
    .join(",");
    let json = format!(
        r#"{{"ma_ho_so":"H10.12-221013-0001","profile":"noisy200","page_count":6,"documents":[{documents}]}}"#
    );
    Truth::parse(json.as_bytes()).expect("a truth")
}

fn all_right() -> Vec<FoundDocument> {
    let number = [
        ("so_ky_hieu", "04/QĐ-UBND"),
        ("ngay_ban_hanh", "2022-10-13"),
    ];
    vec![
        found(
            0..1,
            description("giay_tiep_nhan", 90, &[("ma_ho_so", "H10.12-221013-0001")]),
        ),
        found(2..4, description("quyet_dinh", 90, &number)),
        found(4..5, description("to_trinh", 90, &[])),
    ]
}

fn scores(documents: Vec<FoundDocument>) -> Scores {
    let mut scores = Scores::default();
    scores.add(&judge(&truth(), &Outcome::Described(documents)));
    scores
}

#[test]
fn what_is_as_the_truth_has_no_error_and_older_field_names_are_known() {
    let scores = scores(all_right());
    assert_eq!(scores.types, Share { part: 3, whole: 3 });
    assert_eq!(scores.pages, Share { part: 4, whole: 4 });
    assert_eq!((scores.split_f1(), scores.borders.right), (Some(1.0), 2));
    assert_eq!(scores.wrong_unflagged.part, 0);
    assert_eq!(scores.fields["ngay_ban_hanh"].right, 1);
    assert!(scores.confusions.is_empty());
}

#[test]
fn a_missed_and_an_invented_border_cost_recall_and_precision() {
    let kind = |kind| description(kind, 90, &[]);
    // Page 2 joined to page 0, and a cut between pages 2 and 3.
    let mut joined = found(0..1, kind("giay_tiep_nhan"));
    joined.pages.push(("quet.tif".to_owned(), 2));
    let scores = scores(vec![
        joined,
        found(3..4, kind("quyet_dinh")),
        found(4..5, kind("to_trinh")),
    ]);
    let expected = Borders {
        right: 1,
        invented: 1,
        missed: 1,
    };
    assert_eq!(scores.borders, expected);
    assert_eq!(
        scores.split(),
        (Share { part: 1, whole: 2 }, Share { part: 1, whole: 2 })
    );
    assert_eq!(scores.split_f1(), Some(0.5));
    // Only the last document has its own pages; a type on other pages is no right document.
    assert_eq!(scores.types, Share { part: 1, whole: 3 });
    assert_eq!(scores.types_of_cut, Share { part: 1, whole: 1 });
    assert_eq!(scores.pages, Share { part: 3, whole: 4 });
}

#[test]
fn a_blank_page_parts_nothing_and_a_page_in_no_document_is_a_document_to_look_at() {
    let mut documents = all_right();
    documents.remove(2);
    let scores = scores(documents);
    assert_eq!(scores.borders.right, 1);
    assert_eq!(scores.types, Share { part: 2, whole: 3 });
    assert_eq!(scores.flagged.part, 1);
    assert_eq!(
        scores.confusions[&("to_trinh".to_owned(), "-".to_owned())],
        1
    );
}

#[test]
fn a_blank_back_counts_for_nothing_unless_it_became_a_document() {
    let mut documents = all_right();
    documents[0].pages.push(("quet.tif".to_owned(), 1));
    assert_eq!(scores(documents).types, Share { part: 3, whole: 3 });
    let mut documents = all_right();
    documents.insert(1, found(1..2, description("khong_ro", 0, &[])));
    let scores = scores(documents);
    assert_eq!((scores.borders.right, scores.borders.invented), (2, 1));
}

#[test]
fn a_wrong_value_counts_unless_a_person_will_look() {
    let with = |waits_for: &[&str]| {
        let mut documents = all_right();
        let fields = [("so_ky_hieu", "94/QĐ-UBND")];
        documents[1] = found(2..4, description("quyet_dinh", 90, &fields));
        documents[1].waits_for = waits_for.iter().map(|code| (*code).to_owned()).collect();
        scores(documents)
    };
    let unseen = with(&[]);
    assert_eq!(unseen.wrong_unflagged, Share { part: 1, whole: 3 });
    assert_eq!(unseen.fields["so_ky_hieu"].wrong_unflagged, 1);
    // The date is missing: that misleads nobody, but it is not right either.
    assert_eq!(unseen.fields["ngay_ban_hanh"].missing, 1);
    let seen = with(&["REV-002"]);
    assert_eq!((seen.wrong_unflagged.part, seen.flagged.part), (0, 1));
    let number = seen.fields["so_ky_hieu"];
    assert_eq!(number.right_or_flagged().value(), Some(1.0));
    assert_eq!(number.exact().value(), Some(0.0));
}

#[test]
fn a_type_that_is_as_true_is_right() {
    let mut truth = truth();
    truth.documents[1].also = vec!["qd_giao_dat".to_owned()];
    let mut documents = all_right();
    documents[1].description.kind.id = "qd_giao_dat".to_owned();
    let mut scores = Scores::default();
    scores.add(&judge(&truth, &Outcome::Described(documents)));
    assert_eq!(scores.types, Share { part: 3, whole: 3 });
    assert_eq!((scores.pages.part, scores.confusions.len()), (4, 0));
}

#[test]
fn values_are_compared_letter_for_letter_but_for_case_and_gaps() {
    let value = |value| {
        let mut documents = all_right();
        documents[1] = found(
            2..4,
            description("quyet_dinh", 90, &[("so_ky_hieu", value)]),
        );
        scores(documents).fields["so_ky_hieu"].right
    };
    assert_eq!(value("04/qđ-ubnd "), 1);
    assert_eq!(value("04/QD-UBND"), 0);
    assert_eq!(value("4/QĐ-UBND"), 0);
}

#[test]
fn a_secret_dossier_is_right_only_when_it_is_held_back() {
    let mut secret = truth();
    secret.secrecy = Some("MẬT".to_owned());
    let mut scores = Scores::default();
    scores.add(&judge(&secret, &Outcome::HeldBack));
    scores.add(&judge(&secret, &Outcome::Described(all_right())));
    scores.add(&judge(&truth(), &Outcome::HeldBack));
    assert_eq!(scores.secrets, Share { part: 1, whole: 2 });
    assert_eq!(scores.false_alarms, Share { part: 1, whole: 1 });
    // The documents of the one rightly held back are nobody's business.
    assert_eq!(scores.types, Share { part: 3, whole: 6 });
}

#[test]
fn the_calibration_error_is_the_weighed_distance_of_confidence_and_truth() {
    let mut calibration = Calibration::default();
    assert_eq!(calibration.error(), None);
    let sample = |confidence_pct, right| Sample {
        confidence_pct,
        right,
    };
    // Three of 95 %, two true: apart by 0.2833. One of 20 %, false: apart by 0.2.
    for right in [true, true, false] {
        calibration.add(sample(95, right));
    }
    calibration.add(sample(20, false));
    let expected = (3.0 * (0.95 - 2.0 / 3.0) + 0.2) / 4.0;
    let error = calibration.error().expect("four statements");
    assert!((error - expected).abs() < 1e-12, "{error}");
    calibration.add(sample(100, true));
    assert_eq!(calibration.bins()[9].count, 4);
}

#[test]
fn reports_name_each_group_each_error_and_every_confused_type() {
    let mut documents = all_right();
    documents[1] = found(
        2..4,
        description("thong_bao", 90, &[("so_ky_hieu", "94/<QĐ>")]),
    );
    let evaluation = Evaluation {
        set: "tune".to_owned(),
        describer: "rules".to_owned(),
        pages_per_second: 1_000.0,
        reading_cost: None,
        dossiers: vec![judge(&truth(), &Outcome::Described(documents))],
    };
    let groups = evaluation.groups();
    assert_eq!(
        groups.keys().copied().collect::<Vec<_>>(),
        [ALL, "noisy200"]
    );
    let json = evaluation.as_json();
    assert_eq!(json["groups"]["all"]["figures"]["type_right"], 0.6667);
    assert_eq!(json["errors"][0]["page"], 3);
    let html = page(&evaluation);
    assert!(html.contains("94/&lt;QĐ&gt;") && !html.contains("<QĐ>"));
    assert_eq!(html.matches(">thong_bao</text>").count(), 2);
}

#[test]
fn a_file_that_is_no_truth_is_named_with_its_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let none = Truth::read_all(folder.path()).expect_err("an empty folder");
    assert!(matches!(none, TruthFault::NoTruth { .. }));
    std::fs::write(folder.path().join("a.json"), "{\n\"ma_ho_so\": 3}").expect("a file");
    let bad = Truth::read_all(folder.path()).expect_err("no truth");
    assert!(bad.to_string().contains("line 2"), "{bad}");
}
