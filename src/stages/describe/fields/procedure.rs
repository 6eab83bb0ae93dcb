//! Mã TTHC: `2.000815`, as a service `1.000894.01`, with its province `1.000894.000.00.00.H10`.

use std::sync::LazyLock;

use regex::Regex;

use super::Findings;
use super::digits::only_reading;
use super::value::{Form, Parsed, Run, as_field};

static CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:^|[^0-9A-Za-z.,])([1-3Il|][.,] ?[0-9OoIlSB|]{6}(?:[.,][0-9O]{2}|[.,]000[.,]00[.,]00[.,][A-Z][0-9]{2})?)",
        r"(?:$|[^0-9A-Za-z.,]|[.,](?:$| ))"
    ))
    .expect("the pattern is a constant and compiles")
});

static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[1-3]\.[0-9]{6}(?:\.[0-9]{2}|\.000\.00\.00\.[A-Z][0-9]{2})?$")
        .expect("the pattern is a constant and compiles")
});

/// Letters between the label and the code.
const MAX_BETWEEN: usize = 16;

/// Puts in `ma_tthc`.
pub fn find(form: &Form, found: &mut Findings) {
    let readings = form.readings("ma_tthc", parse);
    found.add("ma_tthc", as_field(form.case, &readings, "ma_tthc"));
}

fn parse(run: &Run) -> Parsed {
    let code = CODE.captures(&run.text)?.get(1)?;
    let read = code.as_str().replace(' ', "").replace(',', ".");
    let fits = |code: &str| WHOLE.is_match(code).then(|| code.to_owned());
    let (value, repaired) = only_reading(&read, fits)?;
    (code.start() <= MAX_BETWEEN).then_some((value, code.range(), repaired))
}
