//! Colour spaces of image dictionaries, as far as intake must know them.

use lopdf::{Dictionary, Document, Object};

/// Channels of an image's colour space; `None` where it is one of the rarer kinds.
pub(super) fn channels(document: &Document, image: &Dictionary) -> Option<u64> {
    channels_of(document, image.get_deref(b"ColorSpace", document).ok()?)
}

/// Channels of a colour space.
pub(super) fn channels_of(document: &Document, space: &Object) -> Option<u64> {
    match document.dereference(space).ok()?.1 {
        Object::Name(name) => by_name(name),
        Object::Array(parts) => {
            let first = document.dereference(parts.first()?).ok()?.1;
            match first.as_name().ok()? {
                b"Indexed" | b"Separation" => Some(1),
                b"ICCBased" => {
                    let profile = document.dereference(parts.get(1)?).ok()?.1;
                    let count = profile.as_stream().ok()?.dict.get(b"N").ok()?;
                    u64::try_from(document.dereference(count).ok()?.1.as_i64().ok()?).ok()
                }
                name => by_name(name),
            }
        }
        _ => None,
    }
}

/// The device's space of so many channels.
pub(super) fn of_device(channels: usize) -> &'static str {
    match channels {
        1 => "DeviceGray",
        3 => "DeviceRGB",
        _ => "DeviceCMYK",
    }
}

fn by_name(name: &[u8]) -> Option<u64> {
    match name {
        b"DeviceGray" | b"CalGray" => Some(1),
        b"DeviceRGB" | b"CalRGB" | b"Lab" => Some(3),
        b"DeviceCMYK" => Some(4),
        _ => None,
    }
}
