//! A register as CSV: `,`, `;` or tab between cells, whichever the heading makes most sense of; any encoding.

use std::cell::Cell as Shared;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder};

use super::{CELLS, Cell, Rows, text_of, unreadable};
use crate::rates::RatesFault;
use crate::rates::finding::Wrong;

/// Bytes of one row: a quotation mark that nobody closes must not read a file into memory.
const ROW_BYTES: u64 = 1 << 20;
/// Bytes of the file that are looked at to find what parts its cells.
const HEAD_BYTES: usize = 1 << 16;
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Reads the rows.
pub fn read(register: impl Read, rows: &mut Rows<'_, '_>) -> Result<(), RatesFault> {
    let read_bytes = Rc::new(Shared::new(0));
    let metered = Metered {
        from: register,
        since_row: Rc::clone(&read_bytes),
    };
    let mut buffered = BufReader::with_capacity(HEAD_BYTES, metered);
    let head = buffered
        .fill_buf()
        .map_err(|cause| unreadable(rows.name, &cause))?;
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return Err(unreadable(rows.name, &"UTF-16"));
    }
    let bom = if head.starts_with(BOM) { BOM.len() } else { 0 };
    let delimiter = delimiter(&head[bom..], rows);
    buffered.consume(bom);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(buffered);
    let mut record = ByteRecord::new();
    let mut told_encoding = false;
    loop {
        read_bytes.set(0);
        let more = reader.read_byte_record(&mut record);
        if !more.map_err(|cause| unreadable(rows.name, &cause))? {
            return Ok(());
        }
        let row = record.position().map_or(0, csv::Position::line);
        if record.len() > CELLS {
            return Err(unreadable(
                rows.name,
                &format!("{} > {CELLS}", record.len()),
            ));
        }
        let mut cells = Vec::with_capacity(record.len());
        for (place, bytes) in record.iter().enumerate() {
            let (text, is_old) = text_of(bytes);
            if is_old && !told_encoding {
                // Said once: the whole file is so.
                rows.findings.add(Wrong::OldEncoding, Some(row), &text);
                told_encoding = true;
            }
            if looks_like_a_formula(&text) && rows.is_used(place) {
                rows.findings.add(Wrong::FormulaCell, Some(row), &text);
            }
            cells.push(match text.trim().is_empty() {
                true => Cell::Empty,
                false => Cell::Text(text),
            });
        }
        rows.take(row, &cells)?;
    }
}

/// What a spreadsheet would compute when it opens the file.
fn looks_like_a_formula(text: &str) -> bool {
    let mut letters = text.trim_start().chars();
    match letters.next() {
        Some('=' | '@') => true,
        // `-5` and `+84` are numbers.
        Some('+' | '-') => letters.any(|c| c.is_alphabetic() || c == '('),
        _ => false,
    }
}

/// The one of three that parts the first line into the most names that are known.
fn delimiter(head: &[u8], rows: &Rows<'_, '_>) -> u8 {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let (line, _) = text_of(line);
    let known = |delimiter: u8| {
        let names = line.trim_end().split(char::from(delimiter));
        let names = names.map(|name| name.trim_matches('"'));
        rows.columns.find(names).len()
    };
    // Of equals the last: a comma.
    *b"\t;,"
        .iter()
        .max_by_key(|&&one| known(one))
        .expect("three")
}

/// Counts bytes since the last row and ends where no row may be so long.
struct Metered<R> {
    from: R,
    since_row: Rc<Shared<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(into)?;
        let since_row = self.since_row.get() + length as u64;
        self.since_row.set(since_row);
        match since_row > ROW_BYTES + HEAD_BYTES as u64 {
            true => Err(io::Error::other("a row without end")),
            false => Ok(length),
        }
    }
}
