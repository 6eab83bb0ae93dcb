//! JPEG inside TIFF (Technical Note 2): a strip or tile is a JPEG file but for its tables.

use super::directory::{Directory, RGB, YCBCR};
use crate::formats::raster::{Decoded, RasterFault, jpeg};

/// Decodes a page that is one JPEG, so that its bytes can be kept; `None` where it is several.
pub(super) fn decode(
    bytes: &[u8],
    page: &Directory,
    max_pixels: u64,
) -> Result<Option<Decoded>, RasterFault> {
    if page.offsets.len() != 1 {
        return Ok(None);
    }
    let decoded = decode_chunk(page.chunk(bytes, 0)?, page, max_pixels)?;
    let whole = decoded.raster.pixels.size() == (page.width_px, page.height_px);
    Ok(whole.then_some(decoded))
}

/// Decodes one strip or tile.
pub(super) fn decode_chunk(
    data: &[u8],
    page: &Directory,
    max_pixels: u64,
) -> Result<Decoded, RasterFault> {
    let told_transform = match page.photometric {
        RGB => Some(0),
        YCBCR => Some(1),
        _ => None,
    };
    jpeg::decode(&whole_file(page, data)?, max_pixels, told_transform)
}

/// Start marker, the shared tables, the strip's own segments.
fn whole_file(page: &Directory, strip: &[u8]) -> Result<Vec<u8>, RasterFault> {
    let tables = match page.jpeg_tables.as_slice() {
        [] => return Ok(strip.to_vec()),
        [0xFF, 0xD8, tables @ .., 0xFF, 0xD9] => tables,
        _ => return Err(RasterFault::corrupt("JPEG tables without their markers")),
    };
    let segments = match strip {
        [0xFF, 0xD8, segments @ ..] => segments,
        _ => return Err(RasterFault::corrupt("a JPEG strip without a start marker")),
    };
    Ok([&[0xFF, 0xD8], tables, segments].concat())
}
