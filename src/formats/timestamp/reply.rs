//! TimeStampResp (RFC 3161, 2.4.2): granted with a token, or refused with a reason.

use der::asn1::{BitStringRef, Utf8StringRef};
use der::{AnyRef, Decode, Reader, Sequence, SliceReader, Tag};

use super::{MAX_REPLY_BYTES, TimestampFault};

/// granted and grantedWithMods; every other status comes without a token.
const GRANTED: [u8; 2] = [0, 1];

/// Characters of an authority's own words that are passed on.
const MAX_TEXT_CHARS: usize = 200;

/// PKIStatusInfo (RFC 4210, 5.2.3).
#[derive(Sequence)]
struct StatusInfo<'a> {
    status: u8,
    #[asn1(optional = "true")]
    text: Option<Vec<Utf8StringRef<'a>>>,
    #[asn1(optional = "true")]
    failure: Option<BitStringRef<'a>>,
}

/// The token's bytes, where one was granted.
pub(super) fn token_of(reply: &[u8]) -> Result<&[u8], TimestampFault> {
    if reply.len() > MAX_REPLY_BYTES {
        return Err(TimestampFault::TooLarge {
            max_bytes: MAX_REPLY_BYTES,
        });
    }
    let (status, token) = parts(reply).map_err(|_| TimestampFault::Unreadable)?;
    if !GRANTED.contains(&status.status) {
        return Err(refusal(&status));
    }
    token.ok_or(TimestampFault::NoToken)
}

/// The status, and the token where there is one; nothing may follow.
fn parts(reply: &[u8]) -> der::Result<(StatusInfo<'_>, Option<&[u8]>)> {
    let outer = AnyRef::from_der(reply)?;
    der::Tagged::tag(&outer).assert_eq(Tag::Sequence)?;
    let mut inside = SliceReader::new(outer.value())?;
    let status = StatusInfo::decode(&mut inside)?;
    let token = match inside.is_finished() {
        true => None,
        false => Some(inside.tlv_bytes()?),
    };
    inside.finish((status, token))
}

fn refusal(status: &StatusInfo<'_>) -> TimestampFault {
    let words = status.text.iter().flatten().map(|words| words.as_ref());
    let words = words.collect::<Vec<&str>>().join(" ");
    let shown = words.chars().filter(|letter| !letter.is_control());
    TimestampFault::Refused {
        status: status.status,
        reason: failure_name(status.failure.as_ref()),
        text: shown.take(MAX_TEXT_CHARS).collect(),
    }
}

/// The first failure named (RFC 3161, 2.4.2).
fn failure_name(failure: Option<&BitStringRef<'_>>) -> &'static str {
    let set = failure.into_iter().flat_map(|bits| bits.bits()).enumerate();
    match set.filter(|(_, set)| *set).map(|(bit, _)| bit).next() {
        Some(0) => "badAlg",
        Some(2) => "badRequest",
        Some(5) => "badDataFormat",
        Some(14) => "timeNotAvailable",
        Some(15) => "unacceptedPolicy",
        Some(16) => "unacceptedExtension",
        Some(17) => "addInfoNotAvailable",
        Some(25) => "systemFailure",
        Some(_) => "unknown",
        None => "none",
    }
}
