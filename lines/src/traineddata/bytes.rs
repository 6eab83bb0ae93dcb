//! Reads numbers out of a part of a model, in either order of bytes, and never beyond its end.

use super::ModelFault;

/// What is left of a part.
pub struct Bytes<'a> {
    left: &'a [u8],
    part: &'static str,
    big_endian: bool,
}

impl<'a> Bytes<'a> {
    pub fn new(left: &'a [u8], part: &'static str, big_endian: bool) -> Self {
        Self {
            left,
            part,
            big_endian,
        }
    }

    /// A fault of this part.
    pub fn wrong(&self, cause: &'static str) -> ModelFault {
        ModelFault::Malformed {
            part: self.part,
            cause,
        }
    }

    /// All that is left.
    pub fn rest(self) -> &'a [u8] {
        self.left
    }

    pub fn take(&mut self, length: usize) -> Result<&'a [u8], ModelFault> {
        let cut_off = ModelFault::CutOff { part: self.part };
        let (taken, left) = self.left.split_at_checked(length).ok_or(cut_off)?;
        self.left = left;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ModelFault> {
        let mut array: [u8; N] = self.take(N)?.try_into().expect("N bytes were taken");
        if self.big_endian {
            array.reverse();
        }
        Ok(array)
    }

    pub fn u8(&mut self) -> Result<u8, ModelFault> {
        Ok(self.array::<1>()?[0])
    }

    pub fn i16(&mut self) -> Result<i16, ModelFault> {
        self.array().map(i16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Result<u32, ModelFault> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn i32(&mut self) -> Result<i32, ModelFault> {
        self.array().map(i32::from_le_bytes)
    }

    pub fn i64(&mut self) -> Result<i64, ModelFault> {
        self.array().map(i64::from_le_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, ModelFault> {
        self.array().map(u64::from_le_bytes)
    }

    pub fn f64(&mut self) -> Result<f64, ModelFault> {
        self.array().map(f64::from_le_bytes)
    }

    /// A count of things that take at least `each_bytes` bytes: no more than the part can hold.
    pub fn count(&mut self, each_bytes: usize) -> Result<usize, ModelFault> {
        let count = self.u32()? as usize;
        self.room_for(count, each_bytes)?;
        Ok(count)
    }

    /// Refuses a count that the part cannot hold, before memory is asked for.
    pub fn room_for(&self, count: usize, each_bytes: usize) -> Result<(), ModelFault> {
        let wanted = count.checked_mul(each_bytes);
        if wanted.is_none_or(|wanted| wanted > self.left.len()) {
            return Err(ModelFault::CutOff { part: self.part });
        }
        Ok(())
    }

    /// A size or a number of steps: from 0 to `most`.
    pub fn size(&mut self, most: usize) -> Result<usize, ModelFault> {
        let size = usize::try_from(self.i32()?).map_err(|_| self.wrong("a negative size"))?;
        if size > most {
            return Err(ModelFault::TooLarge { part: self.part });
        }
        Ok(size)
    }
}
