//! A campaign: what is to be reached, by whom, by when; and where it stands on a day.

use serde::Deserialize;
use time::{Date, Duration};

use super::period::written_day;
use super::{Fraction, Percent, Period, RatesFault};

/// The campaigns that come with the program, as examples.
pub const SHIPPED: &str = include_str!("campaigns.toml");

/// A file of campaigns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaigns {
    /// The file's own version.
    pub version: String,
    /// The campaigns, in their order.
    #[serde(rename = "campaign")]
    pub all: Vec<Campaign>,
}

/// One campaign.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Its name for the command line.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The plan that orders it, or who tells of it.
    pub source: String,
    /// Its first day; none where nobody told.
    #[serde(default, deserialize_with = "written_day")]
    pub first: Option<Date>,
    /// Its last day.
    #[serde(default, deserialize_with = "written_day")]
    pub last: Option<Date>,
    /// Its length in days, where the source gives that and no first day.
    pub days: Option<u16>,
    /// What is to be reached.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// What was reached, as published.
    #[serde(default)]
    pub results: Vec<Target>,
}

/// A rate that units of a level, or one unit, are to reach.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// All units of this level.
    pub level: Option<String>,
    /// This unit alone, whatever its level's target.
    pub unit: Option<String>,
    /// The formula's id.
    pub formula: String,
    /// The rate.
    pub percent: Percent,
}

/// Where a campaign stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The day of the campaign, from 1; 0 before its first, at most its length.
    pub day: i64,
    /// Its length in days.
    pub days: i64,
    /// Days left, the day itself counted.
    pub left: i64,
}

impl Campaigns {
    /// The campaigns that come with the program.
    pub fn shipped() -> Self {
        Self::read(SHIPPED, "campaigns.toml").expect("the shipped campaigns are tested")
    }

    /// Reads a file of campaigns.
    pub fn read(text: &str, path: &str) -> Result<Self, RatesFault> {
        let wrong = |cause: String| RatesFault::BadData {
            path: path.to_owned(),
            cause,
        };
        let campaigns: Self = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        for campaign in &campaigns.all {
            let backwards = campaign.last.is_some() && campaign.first > campaign.last;
            let all = campaign.targets.iter().chain(&campaign.results);
            let for_one = |target: &Target| target.level.is_some() != target.unit.is_some();
            if backwards || campaign.days == Some(0) || !all.into_iter().all(for_one) {
                return Err(wrong(campaign.id.clone()));
            }
        }
        Ok(campaigns)
    }

    /// The campaign of this id.
    pub fn named(&self, id: &str) -> Result<&Campaign, RatesFault> {
        let found = self.all.iter().find(|campaign| campaign.id == id);
        found.ok_or_else(|| RatesFault::UnknownCampaign {
            id: id.to_owned(),
            known: (self.all.iter().map(|one| one.id.as_str()))
                .collect::<Vec<_>>()
                .join(", "),
        })
    }
}

impl Campaign {
    /// Its days, where first and last are known or follow from its length.
    pub fn period(&self) -> Option<Period> {
        let days = self.days.map(|days| Duration::days(i64::from(days) - 1));
        let first = self.first.or_else(|| self.last?.checked_sub(days?));
        let last = self.last.or_else(|| first?.checked_add(days?));
        Some(Period {
            first: first?,
            last: last?,
        })
    }

    /// What this unit of this level is to reach by this formula.
    pub fn target(
        &self,
        formula: &str,
        unit: Option<&str>,
        level: Option<&str>,
    ) -> Option<Percent> {
        let mut of_formula = self.targets.iter().filter(|one| one.formula == formula);
        let own =
            (of_formula.clone()).find(|one| one.unit.is_some() && one.unit.as_deref() == unit);
        let own = own.or_else(|| {
            of_formula.find(|one| one.level.is_some() && one.level.as_deref() == level)
        });
        own.map(|target| target.percent)
    }

    /// The formulas that it has targets for, each once.
    pub fn formulas(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for target in self.targets.iter().chain(&self.results) {
            if !ids.contains(&target.formula.as_str()) {
                ids.push(&target.formula);
            }
        }
        ids
    }

    /// Where it stands on a day.
    pub fn standing(&self, today: Date) -> Option<Standing> {
        let period = self.period()?;
        let days = period.days();
        let day = ((today - period.first).whole_days() + 1).clamp(0, days);
        let left = ((period.last - today).whole_days() + 1).clamp(0, days);
        Some(Standing { day, days, left })
    }
}

impl Standing {
    /// Dossiers a day that reach the target on the last day; none where no day is left.
    pub fn needed_per_day(self, rate: Fraction, target: Percent) -> Option<u64> {
        let left = u64::try_from(self.left).ok().filter(|&left| left > 0)?;
        Some(rate.short_of(target).div_ceil(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn the_campaigns_of_the_press_have_their_days_and_targets() {
        let all = Campaigns::shipped();
        let days = |id: &str| {
            let campaign = all.named(id).expect("shipped");
            campaign.period().map(Period::days)
        };
        assert_eq!(days("binh-phuoc-2022"), Some(92));
        assert_eq!(days("bac-kan-2023"), Some(102));
        assert_eq!(days("ca-mau-2023-1"), None);
        assert_eq!(all.all.len(), 5);
        let second = all.named("ca-mau-2023-2").expect("shipped");
        let target = |level| {
            let target = second.target("local.ho_so", None, Some(level));
            target.map(Percent::hundredths)
        };
        assert_eq!(
            ["tinh", "huyen", "xa"].map(target),
            [Some(9_000), Some(8_000), Some(7_000)]
        );
        assert_eq!(second.target("766.4.2", None, Some("xa")), None);
    }

    #[test]
    fn days_are_counted_from_the_first_to_the_last() {
        let all = Campaigns::shipped();
        let campaign = all.named("binh-phuoc-2022").expect("shipped");
        let on = |day| {
            let standing = campaign.standing(day).expect("its days are known");
            (standing.day, standing.left)
        };
        assert_eq!(on(date!(2022 - 05 - 31)), (0, 92));
        assert_eq!(on(date!(2022 - 06 - 01)), (1, 92));
        assert_eq!(on(date!(2022 - 08 - 31)), (92, 1));
        assert_eq!(on(date!(2022 - 09 - 01)), (92, 0));
    }

    #[test]
    fn what_is_needed_a_day_is_what_is_short_over_the_days_left() {
        let rate = Fraction { hits: 10, of: 100 };
        let half = "50".parse().expect("a percentage");
        let standing = |left| Standing {
            day: 1,
            days: 10,
            left,
        };
        assert_eq!(standing(7).needed_per_day(rate, half), Some(6));
        assert_eq!(standing(0).needed_per_day(rate, half), None);
    }

    #[test]
    fn a_unit_s_own_target_outranks_its_level_s() {
        let text = r#"version = "1"
            [[campaign]]
            id = "a"
            name = "A"
            source = "kế hoạch"
            targets = [
                { level = "xa", formula = "766.4.2", percent = 70 },
                { unit = "H99.70", formula = "766.4.2", percent = "95.5" },
            ]"#;
        let campaigns = Campaigns::read(text, "campaigns.toml").expect("a file");
        let target = |unit| {
            let target = campaigns.all[0].target("766.4.2", Some(unit), Some("xa"));
            target.map(Percent::hundredths)
        };
        assert_eq!(
            (target("H99.70"), target("H99.71")),
            (Some(9_550), Some(7_000))
        );
        let both = text.replace("{ level", "{ unit = \"H99\", level");
        assert!(Campaigns::read(&both, "campaigns.toml").is_err());
    }
}
