//! Why an image could not be decoded or encoded.

/// What is wrong with an image; the file's name is added by whoever opened it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RasterFault {
    /// The data end before the image does.
    #[error("the data end before the image does")]
    Truncated,
    /// The data contradict their own format.
    #[error("damaged image data: {detail}")]
    Corrupt {
        /// What the decoder said.
        detail: String,
    },
    /// A correct image of a kind that is not read here.
    #[error("unsupported kind of image: {detail}")]
    Unsupported {
        /// What the decoder said.
        detail: String,
    },
    /// More pixels than the plan allows.
    #[error("{pixels} pixels, more than the {limit} allowed")]
    TooLarge {
        /// Pixels the file claims to have.
        pixels: u64,
        /// Most pixels allowed.
        limit: u64,
    },
    /// More pages than the plan allows.
    #[error("more than {limit} pages")]
    TooManyPages {
        /// Most pages allowed.
        limit: u32,
    },
    /// Several pictures one after the other, of which others would be lost.
    #[error("several pictures in one file")]
    SeveralPictures,
    /// The file has no page of this number.
    #[error("no such page")]
    NoSuchPage,
}

impl RasterFault {
    pub(crate) fn corrupt(detail: impl ToString) -> Self {
        Self::Corrupt {
            detail: detail.to_string(),
        }
    }

    pub(crate) fn unsupported(detail: impl ToString) -> Self {
        Self::Unsupported {
            detail: detail.to_string(),
        }
    }
}

/// Refuses an image of more pixels than allowed, or of none.
pub(crate) fn check_size(
    width_px: u32,
    height_px: u32,
    max_pixels: u64,
) -> Result<u64, RasterFault> {
    let pixels = u64::from(width_px) * u64::from(height_px);
    if pixels == 0 {
        return Err(RasterFault::corrupt("the image has no pixels"));
    }
    if pixels > max_pixels {
        return Err(RasterFault::TooLarge {
            pixels,
            limit: max_pixels,
        });
    }
    Ok(pixels)
}
