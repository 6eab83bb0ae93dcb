//! Level B-LTA: a time stamp over the whole file, as a revision of its own (ETSI EN 319 142-1, 5.4.3).

use super::base::Base;
use super::form;
use super::revision::Revision;
use super::stamp::TOKEN_ROOM_BYTES;
use super::{PadesFault, SignedPdf, dictionary, digest_around, identity, reread};
use crate::formats::timestamp::{Timestamper, Token};

/// A signed file with a time stamp over all of it behind it, and the stamp.
///
/// The bytes given stay the exact beginning; no key is needed. Two stamps are asked for where the
/// first token does not fit into the usual room.
pub fn with_document_timestamp(
    file: &[u8],
    timestamper: &dyn Timestamper,
) -> Result<(SignedPdf, Token), PadesFault> {
    let base = Base::read(file)?;
    match append(&base, timestamper, TOKEN_ROOM_BYTES) {
        Err(PadesFault::TooLong { needed_bytes, .. }) => {
            append(&base, timestamper, needed_bytes + TOKEN_ROOM_BYTES)
        }
        outcome => outcome,
    }
}

fn append(
    base: &Base<'_>,
    timestamper: &dyn Timestamper,
    room_bytes: usize,
) -> Result<(SignedPdf, Token), PadesFault> {
    let mut revision = Revision::after(base, room_bytes);
    let stamp_id = revision.new_id();
    for (id, object) in form::with_signature(base, &mut revision, stamp_id, form::TIMESTAMP, None)?
    {
        revision.write(id, &object);
    }
    let gaps = dictionary::write_document_timestamp(&mut revision, stamp_id, room_bytes);
    let mut bytes = revision.finish(base, &identity(base, &[b"document time stamp"]));
    gaps.fill_byte_range(&mut bytes);
    let token = timestamper.stamp(&digest_around(&bytes, &gaps.contents))?;
    gaps.fill_contents(&mut bytes, token.der())?;
    reread::confirm_timestamp(&bytes, base, &token)?;
    Ok((SignedPdf { bytes }, token))
}
