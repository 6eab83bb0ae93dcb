//! One stream of bytes packed by gzip or zstd.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The window a frame may ask for. `zstd --ultra -22` takes 128 MiB; what asks for more
/// was not made by an archive's own tools.
const MAX_WINDOW_BYTES: u64 = 128 << 20;

/// Unpacks gzip, several streams after each other as one.
pub fn gzip(source: impl Read) -> impl Read {
    MultiGzDecoder::new(BufReader::new(source))
}

/// Unpacks zstd, several frames after each other as one, each with its checksum held.
pub struct Zstd {
    source: BufReader<File>,
    decoder: FrameDecoder,
    /// Whether a frame was begun.
    begun: bool,
}

impl Zstd {
    /// Starts at the file's beginning.
    pub fn new(source: File) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_WINDOW_BYTES);
        Self {
            source: BufReader::new(source),
            decoder,
            begun: false,
        }
    }

    /// Begins the next frame; false at the end of the file.
    fn next_frame(&mut self) -> io::Result<bool> {
        if self.begun {
            let stated = self.decoder.get_checksum_from_data();
            if stated.is_some() && stated != self.decoder.get_calculated_checksum() {
                return Err(io::Error::other("a wrong checksum"));
            }
        }
        while !self.source.fill_buf()?.is_empty() {
            if !self.skip_frame()? {
                self.decoder
                    .init(&mut self.source)
                    .map_err(io::Error::other)?;
                self.begun = true;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Passes over a skippable frame (RFC 8878, 3.1.2); false where none stands here.
    fn skip_frame(&mut self) -> io::Result<bool> {
        let here = self.source.fill_buf()?;
        if !matches!(here, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..]) {
            return Ok(false);
        }
        let mut head = [0; 8];
        self.source.read_exact(&mut head)?;
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let skipped = io::copy(&mut (&mut self.source).take(length.into()), &mut io::sink())?;
        if skipped < u64::from(length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(true)
    }
}

impl Read for Zstd {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let finished = !self.begun || self.decoder.is_finished();
            if finished && self.decoder.can_collect() == 0 {
                if !self.next_frame()? {
                    return Ok(0);
                }
            } else if self.decoder.can_collect() == 0 {
                // One block, at most 128 KiB, a time: a bomb is met while it unpacks.
                let one = BlockDecodingStrategy::UptoBlocks(1);
                let decoded = self.decoder.decode_blocks(&mut self.source, one);
                decoded.map_err(io::Error::other)?;
            } else {
                return self.decoder.read(buffer);
            }
        }
    }
}
