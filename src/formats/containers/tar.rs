//! TAR: ustar, GNU and pax (POSIX.1-2001, pax), read as a stream.
//!
//! Written here rather than taken from the `tar` crate because that crate reads long
//! names and pax headers whole into memory, however long they claim to be, and takes an
//! archive that was cut between two members for a whole one.

use std::io::{self, Read};

use super::{ContainerFault, Content, Member, Meter, Take, What};

const BLOCK_BYTES: usize = 512;

/// The longest path or pax header that is read; a path of 4,096 bytes is the most Linux opens.
const MAX_HEADER_BYTES: u64 = 1 << 16;

/// True where a file starts with a header whose checksum holds.
pub fn is_header(start: &[u8]) -> bool {
    let block = start.first_chunk::<BLOCK_BYTES>();
    block.is_some_and(|block| block[0] != 0 && Header(block).is_sound())
}

/// Unpacks a TAR.
pub fn unpack(
    source: impl Read,
    meter: &mut Meter,
    take: &mut Take<'_>,
) -> Result<(), ContainerFault> {
    let mut tar = Tar { source };
    let mut said = Said::default();
    let mut first = true;
    while let Some(block) = tar.header(first)? {
        first = false;
        meter.count_member()?;
        let header = Header(&block);
        let size = header.size()?;
        match header.kind() {
            b'L' => said.path = Some(until_zero(&tar.text(size, meter)?).to_vec()),
            b'K' => drop(tar.text(size, meter)?),
            b'x' => said.read_pax(&tar.text(size, meter)?)?,
            b'g' => drop(tar.text(size, meter)?),
            kind => {
                let said = std::mem::take(&mut said);
                let size = said.size.unwrap_or(size);
                tar.member(&header, kind, said, size, meter, take)?;
            }
        }
    }
    // What follows the end is of no use, but a checksum of the stream around it may stand there.
    let mut rest = Content {
        reader: &mut tar.source,
        meter,
    };
    rest.pour(&mut io::sink()).map(drop)
}

struct Tar<R> {
    source: R,
}

/// What headers before a member say of it.
#[derive(Default)]
struct Said {
    path: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

impl<R: Read> Tar<R> {
    /// The next header; `None` at the two blocks of zeros that end an archive.
    fn header(&mut self, first: bool) -> Result<Option<[u8; BLOCK_BYTES]>, ContainerFault> {
        let mut block = [0; BLOCK_BYTES];
        match self.source.read_exact(&mut block) {
            Ok(()) => {}
            // A stream that is no TAR at all may be shorter than a header.
            Err(error) if first && error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(ContainerFault::Unsupported("no TAR inside".to_owned()));
            }
            Err(error) => return Err(ContainerFault::of_reading(error)),
        }
        if block == [0; BLOCK_BYTES] {
            return Ok(None);
        }
        match Header(&block).is_sound() {
            true => Ok(Some(block)),
            false if first => Err(ContainerFault::Unsupported("no TAR inside".to_owned())),
            false => Err(ContainerFault::damaged("a header with a wrong checksum")),
        }
    }

    fn member(
        &mut self,
        header: &Header<'_>,
        kind: u8,
        said: Said,
        size: u64,
        meter: &mut Meter,
        take: &mut Take<'_>,
    ) -> Result<(), ContainerFault> {
        let name = said.path.unwrap_or_else(|| header.path());
        let what = match kind {
            _ if said.sparse => What::Refused(ContainerFault::NotPlain),
            // Before ustar a folder was a file whose name ends in a slash.
            b'5' => What::Folder,
            0 | b'0' | b'7' if name.ends_with(b"/") => What::Folder,
            0 | b'0' | b'7' => What::File,
            _ => What::Refused(ContainerFault::NotPlain),
        };
        // A link states the size of what it leads to, and nothing follows.
        let size = if matches!(kind, b'1' | b'2') { 0 } else { size };
        let mut rest = (&mut self.source).take(size);
        take(
            Member { name, what },
            &mut Content {
                reader: &mut rest,
                meter,
            },
        )?;
        let left = rest.limit();
        let padding = size.next_multiple_of(BLOCK_BYTES as u64) - size;
        self.skip(left, meter)?;
        self.skip(padding, meter)
    }

    /// Passes over content that nobody took, which is metered all the same.
    fn skip(&mut self, bytes: u64, meter: &mut Meter) -> Result<(), ContainerFault> {
        let mut rest = (&mut self.source).take(bytes);
        let mut content = Content {
            reader: &mut rest,
            meter,
        };
        let skipped = content.pour(&mut io::sink())?;
        match skipped == bytes {
            true => Ok(()),
            false => Err(ContainerFault::damaged("cut off")),
        }
    }

    /// The content of a header that speaks of the next one.
    fn text(&mut self, size: u64, meter: &mut Meter) -> Result<Vec<u8>, ContainerFault> {
        if size > MAX_HEADER_BYTES {
            return Err(ContainerFault::PathTooLong);
        }
        let mut text = vec![0; size as usize];
        let read = self.source.read_exact(&mut text);
        read.map_err(ContainerFault::of_reading)?;
        self.skip(size.next_multiple_of(BLOCK_BYTES as u64) - size, meter)?;
        Ok(text)
    }
}

impl Said {
    /// Lines `<length> <key>=<value>`; the length counts the whole line.
    fn read_pax(&mut self, mut text: &[u8]) -> Result<(), ContainerFault> {
        let bad = || ContainerFault::damaged("a pax header that does not add up");
        while !text.is_empty() {
            let space = text.iter().position(|&b| b == b' ').ok_or_else(bad)?;
            let length = decimal(&text[..space]).and_then(|n| usize::try_from(n).ok());
            let length = length.filter(|&n| n > space + 1 && n <= text.len());
            let (line, rest) = text.split_at(length.ok_or_else(bad)?);
            let line = &line[space + 1..line.len() - 1];
            let equals = line.iter().position(|&b| b == b'=').ok_or_else(bad)?;
            let (key, value) = (&line[..equals], &line[equals + 1..]);
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"size" => self.size = Some(decimal(value).ok_or_else(bad)?),
                key if key.starts_with(b"GNU.sparse.") => self.sparse = true,
                _ => {}
            }
            text = rest;
        }
        Ok(())
    }
}

/// The first block of a member (POSIX.1-2017, pax, ustar interchange format).
struct Header<'a>(&'a [u8; BLOCK_BYTES]);

impl Header<'_> {
    /// The sum of all bytes, those of the sum itself taken as spaces.
    fn is_sound(&self) -> bool {
        let sum = |byte: fn(u8) -> i64| -> i64 {
            let all = self.0.iter().enumerate();
            all.map(|(at, &b)| {
                if (148..156).contains(&at) {
                    32
                } else {
                    byte(b)
                }
            })
            .sum()
        };
        let Some(stated) = octal(&self.0[148..156]).and_then(|n| i64::try_from(n).ok()) else {
            return false;
        };
        // Some old writers added the bytes as signed ones.
        stated == sum(i64::from) || stated == sum(|b| i64::from(b as i8))
    }

    fn kind(&self) -> u8 {
        self.0[156]
    }

    fn size(&self) -> Result<u64, ContainerFault> {
        let field = &self.0[124..136];
        // GNU: the highest bit says that a binary number follows.
        let size = if field[0] & 0x80 != 0 {
            let (high, low) = field.split_at(4);
            let fits = high == [0x80, 0, 0, 0];
            let low = low.first_chunk().copied().map(u64::from_be_bytes);
            low.filter(|_| fits)
        } else {
            octal(field)
        };
        // Beyond 2^62 no sum of sizes could be trusted.
        size.filter(|&size| size < 1 << 62)
            .ok_or_else(|| ContainerFault::damaged("a size that is no number"))
    }

    fn path(&self) -> Vec<u8> {
        let name = until_zero(&self.0[..100]);
        let prefix = until_zero(&self.0[345..500]);
        // Only POSIX's own magic says that a prefix stands there; GNU keeps times in its place.
        if &self.0[257..263] == b"ustar\0" && !prefix.is_empty() {
            [prefix, b"/", name].concat()
        } else {
            name.to_vec()
        }
    }
}

fn until_zero(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|&b| b == 0);
    &field[..end.unwrap_or(field.len())]
}

/// Octal digits between spaces and zero bytes; an empty field is zero.
fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(until_zero(field)).ok()?.trim();
    if text.is_empty() {
        return Some(0);
    }
    let digits = text.bytes().all(|b| (b'0'..=b'7').contains(&b));
    digits.then(|| u64::from_str_radix(text, 8).ok()).flatten()
}

fn decimal(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    digits
        .then(|| std::str::from_utf8(text).ok()?.parse().ok())
        .flatten()
}
