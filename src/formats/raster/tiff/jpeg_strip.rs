//! JPEG inside TIFF (Technical Note 2): a page in one strip is a JPEG file but for its tables.

use super::directory::{Directory, RGB, YCBCR};
use crate::formats::raster::{Decoded, RasterFault, jpeg};

/// Decodes a page whose one strip holds it all; `None` where it has several.
///
/// With several, each strip is still checked here: the `tiff` crate would decode
/// whatever size a strip's own frame claims, and paint the missing end of it grey.
pub(super) fn decode(
    bytes: &[u8],
    page: &Directory,
    max_pixels: u64,
) -> Result<Option<Decoded>, RasterFault> {
    let told_transform = match page.photometric {
        RGB => Some(0),
        YCBCR => Some(1),
        _ => None,
    };
    for index in 0..page.offsets.len() {
        let file = whole_file(page, page.chunk(bytes, index)?)?;
        let size_px = jpeg::size_px(&file)?;
        if size_px == (page.width_px, page.height_px) && page.offsets.len() == 1 {
            return jpeg::decode(&file, max_pixels, told_transform).map(Some);
        }
        check_chunk_size(page, size_px, max_pixels)?;
    }
    Ok(None)
}

fn check_chunk_size(
    page: &Directory,
    (width_px, height_px): (u32, u32),
    max_pixels: u64,
) -> Result<(), RasterFault> {
    // A tile may stick out over the page's edge, by less than itself.
    let widest = match page.tiled {
        true => page.width_px.saturating_mul(2).max(4096),
        false => page.width_px,
    };
    if width_px > widest || u64::from(width_px) * u64::from(height_px) > max_pixels {
        return Err(RasterFault::corrupt("a JPEG strip larger than its page"));
    }
    Ok(())
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
