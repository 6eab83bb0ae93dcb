//! Times as people claim them: `/M` of a signature, and RFC 3339 in the records.

use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// A time in the records.
pub fn from_record(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// `D:YYYYMMDDHHmmSS+HH'mm'`, the form our writer gives (ISO 32000-1, 7.9.4).
pub fn from_pdf(text: &[u8]) -> Option<OffsetDateTime> {
    let text = std::str::from_utf8(text)
        .ok()
        .filter(|text| text.is_ascii())?;
    let rest = text.strip_prefix("D:")?;
    let number = |range: std::ops::Range<usize>| {
        let digits = rest.get(range)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let small = |range| number(range).and_then(|n| u8::try_from(n).ok());
    let month = Month::try_from(small(4..6)?).ok()?;
    let date = Date::from_calendar_date(number(0..4)?.into(), month, small(6..8)?).ok()?;
    let time = Time::from_hms(small(8..10)?, small(10..12)?, small(12..14)?).ok()?;
    let offset = zone(rest.get(14..)?)?;
    Some(date.with_time(time).assume_offset(offset))
}

/// The same as other programs write it (ISO 32000-2, 7.9.4): `Z` for UTC, no last apostrophe.
/// A time without a zone is none: it may be off by a day.
pub fn from_any_pdf(text: &[u8]) -> Option<OffsetDateTime> {
    let text = std::str::from_utf8(text).ok()?.trim_end();
    let (clock, zone) = text.split_at_checked(16)?;
    let zone = match zone.trim_end_matches('\'') {
        "Z" | "Z00'00" | "Z0000" => "+00'00".to_owned(),
        zone if zone.len() == 3 => format!("{zone}'00"),
        zone => zone.to_owned(),
    };
    from_pdf(format!("{clock}{zone}'").as_bytes())
}

/// `YYYYMMDDHHmmSS[.f…]Z`, the time of a time stamp (RFC 3161, 2.4.2).
pub fn from_generalized(text: &[u8]) -> Option<OffsetDateTime> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (clock, fraction) = text.split_at_checked(14)?;
    let digits = match fraction.strip_prefix('.') {
        Some(digits) => Some(digits).filter(|digits| !digits.is_empty())?,
        None if fraction.is_empty() => "",
        None => return None,
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let nanoseconds = format!("{digits:0<9}").get(..9)?.parse::<u32>().ok();
    let time = from_pdf(format!("D:{clock}+00'00'").as_bytes())?;
    time.replace_nanosecond(nanoseconds.filter(|_| plain)?).ok()
}

fn zone(text: &str) -> Option<UtcOffset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.strip_suffix('\'')?.split_once('\'')?;
    let two_digits = |text: &str| {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<i8>().ok()).flatten()
    };
    UtcOffset::from_hms(sign * two_digits(hours)?, sign * two_digits(minutes)?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn times_are_read_with_their_zone() {
        let hanoi = Some(datetime!(2026-11-21 08:05:09 +7));
        assert_eq!(from_pdf(b"D:20261121080509+07'00'"), hanoi);
        assert_eq!(from_record("2026-11-21T08:05:09+07:00"), hanoi);
        let west = Some(datetime!(2026-01-02 03:04:05 -03:30));
        assert_eq!(from_pdf(b"D:20260102030405-03'30'"), west);
    }

    #[test]
    fn other_programs_write_the_zone_in_other_ways() {
        let utc = Some(datetime!(2026-11-21 08:05:09 UTC));
        for zone in ["Z", "Z00'00'", "+00'00", "+00", "-00'00'"] {
            assert_eq!(
                from_any_pdf(format!("D:20261121080509{zone}").as_bytes()),
                utc
            );
        }
        for text in [
            "",
            "D:20261121080509",
            "D:20261121080509+7",
            "D:2026112108Z",
        ] {
            assert_eq!(from_any_pdf(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn time_stamps_may_carry_fractions_of_a_second() {
        let read = |text: &str| from_generalized(text.as_bytes());
        let whole = datetime!(2026-11-21 08:05:09 UTC);
        assert_eq!(read("20261121080509Z"), Some(whole));
        assert_eq!(
            read("20261121080509.25Z"),
            Some(datetime!(2026-11-21 08:05:09.25 UTC))
        );
        for text in [
            "20261121080509",
            "20261121080509.Z",
            "20261121080509.xZ",
            "Z",
            "2026Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn other_forms_are_no_times() {
        for text in [
            "",
            "D:2026",
            "D:20261321080509+07'00'",
            "D:20261121080509Z",
            "D:20261121080509+0700",
            "D:+0261121080509+07'00'",
            "D:20261121080509+99'00'",
        ] {
            assert_eq!(from_pdf(text.as_bytes()), None, "{text}");
        }
    }
}
