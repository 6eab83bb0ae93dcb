//! Level B-T: a time stamp over the signature, put into the room left behind it.
//!
//! `/Contents` is the one part of a file that its signature does not cover, so the stamp comes in
//! after the signature stands: where no stamp is to be had, what is left is a whole file at B-B.

use super::base::Base;
use super::{PadesFault, RereadFault, SignedPdf, dictionary, reread};
use crate::formats::cms::{self, CmsFault};
use crate::formats::timestamp::{Timestamper, Token};
use crate::model::Digest;

/// Room for a token: those of honest authorities, two certificates inside, take 3 to 6 KiB.
pub const TOKEN_ROOM_BYTES: usize = 8 << 10;

/// The signed file with a time stamp over its newest signature, and the stamp.
pub fn stamp(
    signed: &SignedPdf,
    timestamper: &dyn Timestamper,
) -> Result<(SignedPdf, Token), PadesFault> {
    let (gap, content_info) = {
        let file = Base::read(&signed.bytes)?;
        let (gap, contents) = reread::newest_value(&file)?;
        (gap, contents.to_vec())
    };
    let signature = cms::signature_of(&content_info).map_err(CmsFault::from)?;
    let token = timestamper.stamp(&Digest::of(&signature))?;
    let stamped = cms::with_timestamp(&content_info, token.der()).map_err(CmsFault::from)?;
    let mut bytes = signed.bytes.clone();
    dictionary::fill_contents(&mut bytes, &gap, &stamped)?;
    let again = Base::read(&bytes)?;
    let (again_gap, written) = reread::newest_value(&again)?;
    if again_gap != gap || written != stamped {
        return Err(RereadFault::Contents.into());
    }
    Ok((SignedPdf { bytes }, token))
}
