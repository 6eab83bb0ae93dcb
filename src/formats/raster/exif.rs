//! The four tags of EXIF that a scan needs: orientation and resolution.
//!
//! EXIF is a little TIFF inside another file; only its first directory is read, with
//! every offset checked, because cameras and phone apps write much of it wrongly.

use super::Dpi;
use super::dpi::PER_CM;
use crate::model::Orientation;

const ORIENTATION: u16 = 0x0112;
const X_RESOLUTION: u16 = 0x011A;
const Y_RESOLUTION: u16 = 0x011B;
const RESOLUTION_UNIT: u16 = 0x0128;
const TYPE_SHORT: u16 = 3;
const TYPE_RATIONAL: u16 = 5;
/// A real first directory has some 20 entries.
const MAX_ENTRIES: u16 = 512;

/// What EXIF says of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Exif {
    orientation: Option<u32>,
    x_resolution: Option<f64>,
    y_resolution: Option<f64>,
    unit: Option<u32>,
}

impl Exif {
    /// Reads the block that starts with `II` or `MM`; what cannot be read is left out.
    pub(crate) fn read(block: &[u8]) -> Exif {
        Self::try_read(block).unwrap_or_default()
    }

    fn try_read(block: &[u8]) -> Option<Exif> {
        let bytes = Bytes::new(block)?;
        let directory = bytes.u32_at(4)? as usize;
        let entries = bytes.u16_at(directory)?.min(MAX_ENTRIES);
        let mut exif = Exif::default();
        for index in 0..usize::from(entries) {
            let at = directory.checked_add(2 + index * 12)?;
            let Some(tag) = bytes.u16_at(at) else { break };
            match tag {
                ORIENTATION => exif.orientation = bytes.short(at),
                RESOLUTION_UNIT => exif.unit = bytes.short(at),
                X_RESOLUTION => exif.x_resolution = bytes.rational(at),
                Y_RESOLUTION => exif.y_resolution = bytes.rational(at),
                _ => {}
            }
        }
        Some(exif)
    }

    /// How to turn the stored image upright.
    pub(crate) fn orientation(&self) -> Orientation {
        Orientation::from_exif(self.orientation.unwrap_or(1))
    }

    /// The resolution, where one is stated with a unit and plausible.
    pub(crate) fn dpi(&self, size_px: (u32, u32)) -> Option<Dpi> {
        // EXIF 2.3, 4.6.4: the unit's default is inches; 1 is no value of EXIF.
        let per_inch = match self.unit.unwrap_or(2) {
            2 => 1.0,
            3 => PER_CM,
            _ => return None,
        };
        let (x, y) = (self.x_resolution?, self.y_resolution?);
        Dpi::plausible(x * per_inch, y * per_inch, size_px)
    }
}

struct Bytes<'a> {
    block: &'a [u8],
    little_endian: bool,
}

impl<'a> Bytes<'a> {
    fn new(block: &'a [u8]) -> Option<Self> {
        let little_endian = match block.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let bytes = Self {
            block,
            little_endian,
        };
        (bytes.u16_at(2)? == 42).then_some(bytes)
    }

    fn u16_at(&self, at: usize) -> Option<u16> {
        let raw = self.block.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little_endian {
            u16::from_le_bytes(raw)
        } else {
            u16::from_be_bytes(raw)
        })
    }

    fn u32_at(&self, at: usize) -> Option<u32> {
        let raw = self.block.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.little_endian {
            u32::from_le_bytes(raw)
        } else {
            u32::from_be_bytes(raw)
        })
    }

    fn short(&self, entry: usize) -> Option<u32> {
        let kind = self.u16_at(entry + 2)?;
        (kind == TYPE_SHORT).then(|| self.u16_at(entry + 8).map(u32::from))?
    }

    fn rational(&self, entry: usize) -> Option<f64> {
        if self.u16_at(entry + 2)? != TYPE_RATIONAL {
            return None;
        }
        let at = self.u32_at(entry + 8)? as usize;
        let (above, below) = (self.u32_at(at)?, self.u32_at(at.checked_add(4)?)?);
        (below != 0).then(|| f64::from(above) / f64::from(below))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A little-endian EXIF block with orientation and resolution.
    pub(crate) fn block(orientation: u16, dpi: u32) -> Vec<u8> {
        let mut out = b"II*\0\x08\0\0\0\x04\0".to_vec();
        let mut entry = |tag: u16, kind: u16, value: u32| {
            out.extend(tag.to_le_bytes());
            out.extend(kind.to_le_bytes());
            out.extend(1u32.to_le_bytes());
            out.extend(value.to_le_bytes());
        };
        let after = 8 + 2 + 4 * 12 + 4;
        entry(ORIENTATION, TYPE_SHORT, u32::from(orientation));
        entry(X_RESOLUTION, TYPE_RATIONAL, after);
        entry(Y_RESOLUTION, TYPE_RATIONAL, after);
        entry(RESOLUTION_UNIT, TYPE_SHORT, 2);
        out.extend(0u32.to_le_bytes());
        out.extend(dpi.to_le_bytes());
        out.extend(1u32.to_le_bytes());
        out
    }

    #[test]
    fn orientation_and_resolution_are_read() {
        let exif = Exif::read(&block(6, 300));
        assert_eq!(exif.orientation(), Orientation::from_exif(6));
        assert_eq!(exif.dpi((2480, 3508)), Some(Dpi { x: 300.0, y: 300.0 }));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Exif::read(&bytes);
        }

        #[test]
        fn a_damaged_block_is_read_without_panic(at in 0usize..60, value in any::<u8>()) {
            let mut bytes = block(1, 300);
            if let Some(byte) = bytes.get_mut(at) { *byte = value; }
            let _ = Exif::read(&bytes).dpi((100, 100));
        }
    }
}
