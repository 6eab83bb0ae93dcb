//! Streams unpacked under a budget, so that whoever reads them next has nothing to inflate.

use lopdf::{Dictionary, Document, Object, Stream, dictionary};

use super::colour::{channels, of_device};
use super::vet::vet_image;
use super::{PdfFault, RasterFault};
use crate::formats::raster::jpeg;
use crate::stages::intake::Options;

/// Codings that stay as they are: they hold pixels and are checked by [`vet_image`].
const IMAGE_FILTERS: [&[u8]; 4] = [
    b"DCTDecode",
    b"CCITTFaxDecode",
    b"JBIG2Decode",
    b"JPXDecode",
];
/// Keys that tell how a stream is stored.
const STORAGE: [&[u8]; 7] = [
    b"Filter",
    b"DecodeParms",
    b"Length",
    b"DL",
    b"F",
    b"FFilter",
    b"FDecodeParms",
];
/// An inline image stays packed inside its content stream; it should not exceed 4 KB
/// (ISO 32000-1, 8.9.7). Deflate unpacks to at most 1032 times its size.
const DEFLATE_RATIO: u64 = 1032;

/// What one page may still unpack to.
pub(super) struct Budget {
    left_bytes: u64,
    limit_bytes: u64,
    pub(super) max_page_pixels: u64,
}

impl Budget {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            left_bytes: options.max_unpacked_bytes,
            limit_bytes: options.max_unpacked_bytes,
            max_page_pixels: options.max_page_pixels,
        }
    }

    pub(super) fn exceeded(&self) -> PdfFault {
        PdfFault::UnpacksTooLarge {
            limit: self.limit_bytes,
        }
    }

    fn spend(&mut self, bytes: u64) -> Result<(), PdfFault> {
        let left = self.left_bytes.checked_sub(bytes);
        self.left_bytes = left.ok_or_else(|| self.exceeded())?;
        Ok(())
    }
}

/// The stream with its general compression undone; an image's own coding stays.
pub(super) fn plain_stream(
    document: &Document,
    stream: &Stream,
    budget: &mut Budget,
) -> Result<Stream, PdfFault> {
    let filters = filters(document, &stream.dict)?;
    let params = params(document, &stream.dict, filters.len());
    let packed = filters
        .iter()
        .take_while(|name| !IMAGE_FILTERS.contains(&name.as_slice()))
        .count();
    let content = unpack(stream, &filters[..packed], &params[..packed], budget)?;
    let mut dict = stream.dict.clone();
    for key in STORAGE {
        dict.remove(key);
    }
    match filters.get(packed..).unwrap_or_default() {
        [] => check_inline_images(&content, budget)?,
        [coding] => {
            dict.set("Filter", Object::Name(coding.clone()));
            if let Some(params) = params[packed].clone() {
                dict.set("DecodeParms", params);
            }
        }
        _ => return Err(RasterFault::unsupported("an image packed after its own coding").into()),
    }
    let mut plain = Stream::new(dict, content).with_compression(false);
    vet_image(document, &plain, budget.max_page_pixels)?;
    let filter = plain.dict.get(b"Filter").and_then(Object::as_name);
    if matches!(filter, Ok(b"DCTDecode")) {
        let components = jpeg::components(&plain.content)?;
        trust_components(document, &mut plain.dict, components);
    }
    Ok(plain)
}

/// A JPEG's own number of components counts, as in other readers: laid out by a dictionary that
/// tells of another, its pixels would stand in the wrong places.
fn trust_components(document: &Document, image: &mut Dictionary, components: usize) {
    let stated = channels(document, image);
    if stated.is_some_and(|stated| stated != components as u64) {
        image.set("ColorSpace", of_device(components));
        image.remove(b"Decode");
    }
}

fn unpack(
    stream: &Stream,
    filters: &[Vec<u8>],
    params: &[Option<Dictionary>],
    budget: &mut Budget,
) -> Result<Vec<u8>, PdfFault> {
    if filters.is_empty() {
        budget.spend(stream.content.len() as u64)?;
        return Ok(stream.content.clone());
    }
    let names = filters
        .iter()
        .cloned()
        .map(Object::Name)
        .collect::<Vec<_>>();
    let params = params.iter().map(|p| match p {
        Some(dict) => Object::Dictionary(dict.clone()),
        None => Object::Null,
    });
    let packed = Stream::new(
        dictionary! { "Filter" => names, "DecodeParms" => params.collect::<Vec<_>>() },
        stream.content.clone(),
    );
    let limit = usize::try_from(budget.left_bytes).unwrap_or(usize::MAX);
    let content = packed
        .decompressed_content_with_limit(limit)
        .map_err(|error| PdfFault::from_lopdf(error, budget.limit_bytes))?;
    budget.spend(content.len() as u64)?;
    Ok(content)
}

/// The names of a stream's filters in order; `Crypt` is gone, lopdf has decrypted.
fn filters(document: &Document, dict: &Dictionary) -> Result<Vec<Vec<u8>>, PdfFault> {
    let names: Vec<&Object> = match dict.get_deref(b"Filter", document) {
        Ok(Object::Array(names)) => names.iter().collect(),
        Ok(name @ Object::Name(_)) => vec![name],
        _ => Vec::new(),
    };
    let names = names.into_iter().map(|name| {
        let (_, name) = document.dereference(name).map_err(PdfFault::corrupt)?;
        name.as_name()
            .map(<[u8]>::to_vec)
            .map_err(PdfFault::corrupt)
    });
    let names = names.collect::<Result<Vec<_>, _>>()?;
    Ok(names.into_iter().filter(|name| name != b"Crypt").collect())
}

/// The parameters of each filter, references inside them followed (lopdf does not).
fn params(document: &Document, dict: &Dictionary, filters: usize) -> Vec<Option<Dictionary>> {
    let resolved = |object: &Object| {
        let (_, object) = document.dereference(object).ok()?;
        let mut dict = object.as_dict().ok()?.clone();
        for (_, value) in dict.iter_mut() {
            // JBIG2Globals stay a reference: streams cannot be direct objects.
            if let Ok((_, target)) = document.dereference(value)
                && !matches!(target, Object::Stream(_))
            {
                *value = target.clone();
            }
        }
        Some(dict)
    };
    let stated = dict.get_deref(b"DecodeParms", document).ok();
    (0..filters)
        .map(|index| match stated {
            Some(Object::Array(list)) => list.get(index).and_then(resolved),
            Some(single @ Object::Dictionary(_)) => resolved(single),
            _ => None,
        })
        .collect()
}

/// Inline images stay packed within the content: count what they could unpack to.
fn check_inline_images(content: &[u8], budget: &mut Budget) -> Result<(), PdfFault> {
    let has = |word: &[u8]| content.windows(word.len()).any(|window| window == word);
    let packed = [&b"/Fl"[..], b"/LZW"].into_iter().any(has);
    if !(packed && has(b"BI") && has(b"ID")) {
        return Ok(());
    }
    // Two in a row unpack to a million times their size; no program writes that.
    let chained = content.split(|&b| b == b'[').skip(1).any(|list| {
        let end = list.iter().position(|&b| b == b']').unwrap_or(list.len());
        let list = &list[..end];
        list.windows(3)
            .filter(|w| *w == b"/Fl" || *w == b"/LZ")
            .count()
            > 1
    });
    match chained {
        true => Err(budget.exceeded()),
        false => budget.spend(content.len() as u64 * DEFLATE_RATIO),
    }
}
