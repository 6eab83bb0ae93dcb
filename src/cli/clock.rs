//! What time it is: in Viet Nam's zone, which has no summer time.

use time::{OffsetDateTime, UtcOffset};

/// Seven hours before Greenwich.
pub const ZONE: UtcOffset = time::macros::offset!(+7);

/// The time that is written into files; fixed by `SOURCE_DATE_EPOCH`
/// (reproducible-builds.org) for runs that must give the same bytes twice.
pub fn clock() -> impl Fn() -> OffsetDateTime + Sync {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok();
    let fixed = fixed.and_then(|text| OffsetDateTime::from_unix_timestamp(text.parse().ok()?).ok());
    move || fixed.map_or_else(wall_clock, |fixed| fixed.to_offset(ZONE))
}

/// The time on the wall, whatever is written into files.
pub fn wall_clock() -> OffsetDateTime {
    OffsetDateTime::now_utc().to_offset(ZONE)
}
