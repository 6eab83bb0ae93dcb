//! TSTInfo (RFC 3161, 2.4.2): what an authority states. Read here and not by the `x509-tsp` crate,
//! which refuses a genTime with parts of a second, as many authorities give it.

use const_oid::ObjectIdentifier;
use der::asn1::IntRef;
use der::{AnyRef, Decode, Reader, SliceReader, Tag, Tagged};
use time::{Date, Month, OffsetDateTime, Time};
use x509_tsp::MessageImprint;

/// What the token states, as far as a client must look at it.
pub(super) struct Statement<'a> {
    pub(super) version: u8,
    pub(super) policy: ObjectIdentifier,
    pub(super) imprint: MessageImprint,
    pub(super) at: OffsetDateTime,
    pub(super) nonce: Option<IntRef<'a>>,
}

impl<'a> Statement<'a> {
    /// Reads it; `None` where it is no TSTInfo.
    pub(super) fn read(der: &'a [u8]) -> Option<Self> {
        Self::decode(der).ok().flatten()
    }

    fn decode(der: &'a [u8]) -> der::Result<Option<Self>> {
        let outer = AnyRef::from_der(der)?;
        outer.tag().assert_eq(Tag::Sequence)?;
        let mut fields = SliceReader::new(outer.value())?;
        let version = u8::decode(&mut fields)?;
        let policy = ObjectIdentifier::decode(&mut fields)?;
        let imprint = MessageImprint::decode(&mut fields)?;
        IntRef::decode(&mut fields)?; // serial number
        let gen_time = AnyRef::decode(&mut fields)?;
        gen_time.tag().assert_eq(Tag::GeneralizedTime)?;
        let mut nonce = None;
        // Of what follows (accuracy, ordering, nonce, tsa, extensions) only the nonce is an INTEGER.
        while !fields.is_finished() {
            let field = AnyRef::decode(&mut fields)?;
            if field.tag() == Tag::Integer {
                nonce = Some(field.decode_as::<IntRef<'_>>()?);
            }
        }
        let at = moment(gen_time.value());
        Ok(at.map(|at| Self {
            version,
            policy,
            imprint,
            at,
            nonce,
        }))
    }
}

/// `YYYYMMDDhhmmss[.f…]Z`, the one form that RFC 3161 allows.
fn moment(text: &[u8]) -> Option<OffsetDateTime> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let number = |at: std::ops::Range<usize>| whole[at].parse::<u8>().ok();
    let month = Month::try_from(number(4..6)?).ok()?;
    let date = Date::from_calendar_date(whole[..4].parse().ok()?, month, number(6..8)?).ok()?;
    let nanoseconds = format!("{fraction:0<9}").parse().ok()?;
    let (hour, minute, second) = (number(8..10)?, number(10..12)?, number(12..14)?);
    let time = Time::from_hms_nano(hour, minute, second, nanoseconds).ok()?;
    Some(date.with_time(time).assume_utc())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::moment;

    #[test]
    fn times_are_read_with_and_without_parts_of_a_second_and_nothing_else() {
        let whole = datetime!(2026-11-21 01:02:03 UTC);
        assert_eq!(moment(b"20261121010203Z"), Some(whole));
        let parts = datetime!(2026-11-21 01:02:03.25 UTC);
        assert_eq!(moment(b"20261121010203.25Z"), Some(parts));
        for wrong in [
            &b"20261121010203"[..],
            b"20261121010203+0700",
            b"202611210102Z",
            b"20261321010203Z",
            b"20261121010203.Z",
            b"20261121010203.0123456789Z",
            b"2026112101020\xc3\xa9Z",
            b"",
        ] {
            assert_eq!(moment(wrong), None, "{wrong:?}");
        }
    }
}
