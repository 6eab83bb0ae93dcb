//! The embedded model, its file, and that training gives the same bytes for the same pages.

use super::sample::Chance;
use super::*;
use crate::model::PageText;

/// A table of four types: training on all of them would take a minute here.
fn few_types() -> TypeTable {
    let row = |id: &str, heading: &str, cue: &str| {
        format!(
            "[[type]]\nid = \"{id}\"\ntype_name = \"32\"\ntitle = \"{id}\"\nheadings = [\"{heading}\"]\n\
             cues = [{{ in = \"body\", weight = 50, text = \"{cue}\" }}]\n"
        )
    };
    let rows = [
        row("chung_sinh", "GIẤY CHỨNG SINH", "Cân nặng khi sinh"),
        row("hoa_don", "HÓA ĐƠN BÁN HÀNG", "Cộng tiền hàng hóa"),
        row("lai_xe", "GIẤY PHÉP LÁI XE", "Hạng xe được điều khiển"),
        row("ke_hoach", "KẾ HOẠCH", "Mục đích và yêu cầu"),
    ];
    TypeTable::parse(&format!("version = \"4\"\n{}", rows.concat())).expect("a good table")
}

fn right_of(model: &LinearModel, types: &TypeTable, seed: u64) -> usize {
    let mut chance = Chance::seeded(seed);
    let mut is_right = |row: &usize| {
        let page = set_page(types, Some(*row), &mut chance);
        let points = model.opinion(&Layout::of(1, &page), types).types;
        points.iter().max() == Some(&points[*row])
    };
    let rows: Vec<usize> = (0..100).map(|n| n % types.rows.len()).collect();
    rows.iter().filter(|row| is_right(row)).count()
}

#[test]
fn the_embedded_model_reads_and_knows_every_embedded_type() {
    let (model, types) = (LinearModel::embedded(), TypeTable::embedded());
    for row in &types.rows {
        assert!(model.classes.contains(&row.id), "{}: sohoa train", row.id);
    }
    assert!(EMBEDDED.len() < 1_500_000);
}

#[test]
fn what_was_learned_is_known_on_pages_never_seen() {
    let types = few_types();
    let file = train(&types, None, &[]);
    let model = LinearModel::read(&file).expect("a good file");
    assert!(right_of(&model, &types, 77) >= 90);
}

#[test]
fn the_same_pages_give_the_same_bytes_and_a_correction_changes_them() {
    let types = few_types();
    let plain = train(&types, None, &[]);
    assert_eq!(plain, train(&types, None, &[]));
    let page = set_page(&types, Some(0), &mut Chance::seeded(5));
    let corrected = Example {
        class: "ke_hoach".to_owned(),
        page: page.clone(),
    };
    let from = LinearModel::read(&plain).expect("a good file");
    let taught = train(&types, Some(&from), &[corrected.clone(), corrected]);
    let taught = LinearModel::read(&taught).expect("a good file");
    assert_ne!(taught.digest, from.digest);
    let layout = Layout::of(1, &page);
    let of = |model: &LinearModel| model.opinion(&layout, &types).types[3];
    assert!(of(&taught) > of(&from));
    // What was not corrected is still known.
    assert!(right_of(&taught, &types, 78) >= 85);
}

#[test]
fn a_page_without_letters_gets_no_opinion() {
    let (model, types) = (LinearModel::embedded(), TypeTable::embedded());
    let empty = PageText::default();
    let opinion = model.opinion(&Layout::of(1, &empty), &types);
    assert!(opinion.begins == 0 && opinion.types.iter().all(|points| *points == 0));
}

#[test]
fn a_damaged_file_is_refused_with_its_reason() {
    let whole = LinearModel::write(&[NO_TYPE.to_owned()], &vec![0.5; features::FEATURES]);
    assert!(LinearModel::read(&whole).is_ok());
    let fault = |bytes: &[u8]| LinearModel::read(bytes).expect_err("damaged");
    assert_eq!(fault(b"%PDF-1.5"), ModelFault::NoModel);
    assert_eq!(fault(b"sohoa-lm"), ModelFault::NoModel);
    let mut other = whole.clone();
    other[8] = 9;
    assert_eq!(fault(&other), ModelFault::OtherVersion { found: 9 });
    let (cut, expected) = (&whole[..whole.len() - 3], whole.len());
    assert_eq!(
        fault(cut),
        ModelFault::Length {
            expected,
            found: expected - 3
        }
    );
    let mut class = whole.clone();
    class[21] = b'!';
    assert_eq!(fault(&class), ModelFault::Class { place: 0 });
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_reader_stumble(
        mut bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
    ) {
        let _ = LinearModel::read(&bytes);
        bytes.splice(0..0, b"sohoa-lm\x01\0\0\0\x40\x30\0\0".iter().copied());
        let _ = LinearModel::read(&bytes);
    }
}
