//! Cutting signed PDF files open: what an attacker with a hex editor would do.

use crate::verify::revisions;

/// Where a needle first stands in a file.
pub fn find(file: &[u8], needle: &[u8]) -> usize {
    let mut windows = file.windows(needle.len());
    windows
        .position(|window| window == needle)
        .expect("stands in the file")
}

/// The same file with one needle replaced by another of the same length.
pub fn replaced(file: &[u8], needle: &[u8], other: &[u8]) -> Vec<u8> {
    assert_eq!(needle.len(), other.len(), "offsets must stay");
    let mut file = file.to_vec();
    let at = find(&file, needle);
    file[at..at + other.len()].copy_from_slice(other);
    file
}

/// The file with one more revision that writes these objects.
pub fn with_revision(file: &[u8], objects: &[(u32, &str)]) -> Vec<u8> {
    let objects: Vec<_> = objects
        .iter()
        .map(|(number, body)| (*number, body.as_bytes()))
        .collect();
    with_raw_revision(file, &objects)
}

/// The same, for objects that are no text.
pub fn with_raw_revision(file: &[u8], objects: &[(u32, &[u8])]) -> Vec<u8> {
    let previous = last_number(file, b"startxref\n");
    let (root, size) = (last_number(file, b"/Root "), last_number(file, b"/Size "));
    let mut file = file.to_vec();
    let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
    for (number, body) in objects {
        table.push_str(&format!("{number} 1\n{:010} 00000 n \n", file.len()));
        file.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        file.extend_from_slice(body);
        file.extend_from_slice(b"\nendobj\n");
    }
    let at = file.len();
    file.extend_from_slice(table.as_bytes());
    let trailer = format!("<</Size {size}/Root {root} 0 R/ID[<00><00>]/Prev {previous}>>");
    let end = format!("trailer\n{trailer}\nstartxref\n{at}\n%%EOF\n");
    file.extend_from_slice(end.as_bytes());
    file
}

/// The number behind the last place where a keyword stands.
pub fn last_number(file: &[u8], keyword: &[u8]) -> usize {
    let at = file
        .windows(keyword.len())
        .rposition(|window| window == keyword);
    let digits = &file[at.expect("stands in the file") + keyword.len()..];
    let digits: String = digits
        .iter()
        .map(|byte| char::from(*byte))
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().expect("a number")
}

/// Object number of the first page and of its content stream.
pub fn first_page(file: &[u8]) -> (u32, u32) {
    let document = lopdf::Document::load_mem(file).expect("loads");
    let page = document.page_iter().next().expect("a page");
    let contents = document
        .get_dictionary(page)
        .expect("a page")
        .get(b"Contents");
    (
        page.0,
        contents
            .expect("there")
            .as_reference()
            .expect("a reference")
            .0,
    )
}

/// Places of the two ends of the value of `/Contents`, brackets included.
pub fn contents(file: &[u8]) -> std::ops::Range<usize> {
    let start = find(file, b"/Contents<") + b"/Contents".len();
    let length = file[start..]
        .iter()
        .position(|byte| *byte == b'>')
        .expect("ends");
    start..start + length + 1
}

/// The unsigned file at the beginning of a signed one.
pub fn first_revision(file: &[u8]) -> Vec<u8> {
    let revisions = revisions::read(file).expect("reads");
    file[..revisions[0].end].to_vec()
}

/// Puts new hexadecimal digits at the start of `/Contents`.
pub fn with_value(file: &[u8], value: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    let gap = contents(&file);
    let digits: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    let inside = &mut file[gap.start + 1..gap.end - 1];
    assert!(digits.len() <= inside.len(), "the value must fit");
    inside.fill(b'0');
    inside[..digits.len()].copy_from_slice(digits.as_bytes());
    file
}

/// The signature value with its padding.
pub fn value(file: &[u8]) -> Vec<u8> {
    let gap = contents(file);
    let digits = str::from_utf8(&file[gap.start + 1..gap.end - 1]).expect("ASCII");
    let pairs = (0..digits.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}
