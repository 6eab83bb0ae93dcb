//! Chủ hồ sơ: who handed the dossier in, a person or an organisation.

use crate::formats::vietnamese::{compose, fold};
use crate::model::Confidence;

use super::Findings;
use super::value::{Form, Parsed, Run, as_field, words_of};

/// Forms of address before a name.
const ADDRESSES: [&str; 6] = ["ONG", "BA", "ANH", "CHI", "ONGBA", "OB"];
/// How the name of an organisation begins, folded, the longest first; it may go on in small letters.
const ORGANISATIONS: [&str; 9] = [
    "CONGTY",
    "DOANHNGHIEP",
    "HOPTACXA",
    "HTX",
    "TRUONG",
    "HOKINHDOANH",
    "CHINHANH",
    "UBND",
    "UYBAN",
];
/// How a label begins whose rest stands on the next line; each may also end a name of three words.
const BEGIN_A_LABEL: [&str; 6] = ["Sinh", "Giới", "Ngày", "Năm", "Dân", "Số"];
/// Words of a person's name.
const PERSON_WORDS: std::ops::RangeInclusive<usize> = 2..=6;
/// Words of an organisation's name at most.
const MAX_ORGANISATION_WORDS: usize = 16;

/// Where only the person is named whom the paper is about.
const OF_THE_PAPER_PCT: u8 = 70;

/// Puts in `chu_ho_so`.
pub fn find(form: &Form, found: &mut Findings) {
    let owners = form.whole_readings("chu_ho_so", parse);
    let owner = as_field(form.case, &owners, "chu_ho_so.nhan");
    let named = || {
        let persons = form.whole_readings("ho_ten", parse);
        let mut first = as_field(form.case, persons.get(..1)?, "chu_ho_so.ho_ten")?;
        first.confidence = first.confidence.min(Confidence::from_pct(OF_THE_PAPER_PCT));
        Some(first)
    };
    found.add("chu_ho_so", owner.or_else(named));
}

fn parse(run: &Run) -> Parsed {
    let mut words = words_of(&run.text).skip_while(|(_, word)| {
        let letters = fold(word);
        letters.is_empty() || ADDRESSES.contains(&letters.as_str())
    });
    let rest: Vec<(usize, &str)> = words.by_ref().collect();
    let letters: String = rest.iter().take(3).map(|(_, word)| fold(word)).collect();
    let capital = rest
        .first()
        .is_some_and(|(_, word)| word.starts_with(char::is_uppercase));
    let of_organisation = capital && ORGANISATIONS.iter().any(|own| letters.starts_with(own));
    let taken = match of_organisation {
        true => name_words(&rest, MAX_ORGANISATION_WORDS, |_| true),
        false => name_words(&rest, *PERSON_WORDS.end() + 1, is_name_word),
    };
    if taken == 0 || (!of_organisation && !PERSON_WORDS.contains(&taken)) {
        return None;
    }
    let start = rest[0].0;
    let end = rest[taken - 1].0 + rest[taken - 1].1.len();
    let name = run.text[start..end].trim_matches(|c: char| !c.is_alphanumeric());
    let name = match of_organisation {
        true => compose(name).into_owned(),
        false => in_name_case(&compose(name)),
    };
    Some((name, start..end, 0))
}

/// A person's name as it is written outside of headings: `NGUYỄN KIM HẰNG` is Nguyễn Kim Hằng.
fn in_name_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().into_iter();
        first
            .chain(letters.flat_map(char::to_lowercase))
            .collect::<String>()
    };
    name.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// How many words make a name, up to a mark that ends it.
fn name_words(words: &[(usize, &str)], most: usize, belongs: impl Fn(&str) -> bool) -> usize {
    let mut taken = 0;
    for (_, word) in words.iter().take(most) {
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let next_label = taken >= 3 && BEGIN_A_LABEL.contains(&bare);
        if bare.is_empty() || next_label || !belongs(bare) {
            break;
        }
        taken += 1;
        if bare.len() < word.len() {
            break;
        }
    }
    taken
}

/// A capital and letters only; a name may be all in capitals.
fn is_name_word(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
        && word.chars().count() <= 7
        && word.chars().all(char::is_alphabetic)
}
