//! Limits of card networks and acquirers on the evidence that answers a dispute. A document above them is rejected, or
//! costs a fee for each page.
//!
//! Sources, as read in 2026:
//!
//! - Checkout.com, "Dispute evidence file requirements" and "Mastercard dispute documentation requirements": Mastercard 19
//!   pages (then a fee for each page), 14.5 MB in all and images of at most 300 pixels per inch; American Express 20 pages
//!   and 5 MB a file; Discover and Diners 3 MB in all.
//! - J.P. Morgan, "Documentation parameters": Visa 2 MB and 100 pages for a PDF, resolution of at most 200 pixels per inch.
//! - Oracle Payment Cloud, "Defend a chargeback": 2 MB for a PDF of any network, 19 pages for Mastercard, 3 MB for
//!   Discover.

use crate::text::token;
use serde::{Deserialize, Serialize};

/// Bytes of a megabyte. Decimal, so that a document fits whether the reader counts 10^6 or 2^20 bytes.
const MEGABYTE: u64 = 1_000_000;

/// Maximum number of pages where neither network nor acquirer has a limit: nobody reviews more by hand, and a document
/// remains bounded.
const MAX_PAGES_OF_UNLIMITED: u32 = 100;

/// Names that people and other systems write instead of those of the API, without spaces, hyphens and underscores.
const ALIASES: &[(&str, NetworkProfile)] =
    &[("AMEX", NetworkProfile::AmericanExpress), ("MC", NetworkProfile::Mastercard)];

/// Maximum length of a name, in characters.
const MAX_NAME_CHARS: usize = 64;

/// A profile: the card network or acquirer that a package is made for, with its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NetworkProfile {
    /// The smallest of all limits, so that the package is accepted everywhere.
    #[default]
    Safest,
    /// Mastercard.
    Mastercard,
    /// American Express.
    AmericanExpress,
    /// Discover and Diners Club.
    Discover,
    /// Visa, whose limits are those of the acquirer: the smallest that a large acquirer publishes for it.
    Visa,
    /// An acquirer that accepts two megabytes in all.
    StrictAcquirer,
}

/// The limits of a profile. A package is one file, so that limits of a file are limits of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackageBudget {
    /// Maximum number of pages.
    pub max_pages: u32,
    /// Maximum size of the document in bytes.
    pub max_bytes: u64,
    /// Maximum resolution of images in pixels per inch.
    pub max_pixels_per_inch: u32,
}

impl NetworkProfile {
    /// Every profile.
    pub const ALL: [Self; 6] =
        [Self::Safest, Self::Mastercard, Self::AmericanExpress, Self::Discover, Self::Visa, Self::StrictAcquirer];

    /// Parses a name in the spellings that are in use: in any letter case, with spaces, hyphens, underscores or nothing
    /// between the words, or by another name of the network, such as `AMEX`. Returns the reason as a sentence fragment for
    /// anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        let plain = |name: &str| {
            let separates = |character: char| character.is_whitespace() || matches!(character, '-' | '_');
            name.chars().filter(|character| !separates(*character)).collect::<String>().to_ascii_uppercase()
        };
        let written = token(text, MAX_NAME_CHARS).map(|text| plain(&text)).unwrap_or_default();
        let known = Self::ALL.into_iter().find(|profile| plain(profile.name()) == written);
        let alias = || ALIASES.iter().find(|(alias, _)| *alias == written).map(|(_, profile)| *profile);
        known.or_else(alias).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("must be one of {names}")
        })
    }

    /// Returns the name in API requests and responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safest => "SAFEST",
            Self::Mastercard => "MASTERCARD",
            Self::AmericanExpress => "AMERICAN_EXPRESS",
            Self::Discover => "DISCOVER",
            Self::Visa => "VISA",
            Self::StrictAcquirer => "STRICT_ACQUIRER",
        }
    }

    /// Returns the name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Safest => "any network",
            Self::Mastercard => "Mastercard",
            Self::AmericanExpress => "American Express",
            Self::Discover => "Discover",
            Self::Visa => "Visa",
            Self::StrictAcquirer => "acquirers with a limit of 2 MB",
        }
    }

    /// Returns the card network that the profile names; `None` if it keeps the limits of several.
    pub const fn network(self) -> Option<&'static str> {
        match self {
            Self::Mastercard | Self::AmericanExpress | Self::Discover | Self::Visa => Some(self.title()),
            Self::Safest | Self::StrictAcquirer => None,
        }
    }

    /// Returns the limits.
    pub const fn budget(self) -> PackageBudget {
        match self {
            Self::Safest => PackageBudget { max_pages: 19, max_bytes: 2 * MEGABYTE, max_pixels_per_inch: 200 },
            Self::Mastercard => PackageBudget { max_pages: 19, max_bytes: 14_500_000, max_pixels_per_inch: 300 },
            Self::AmericanExpress => PackageBudget { max_pages: 20, max_bytes: 5 * MEGABYTE, max_pixels_per_inch: 200 },
            Self::Discover => {
                PackageBudget { max_pages: MAX_PAGES_OF_UNLIMITED, max_bytes: 3 * MEGABYTE, max_pixels_per_inch: 200 }
            }
            Self::Visa | Self::StrictAcquirer => {
                PackageBudget { max_pages: MAX_PAGES_OF_UNLIMITED, max_bytes: 2 * MEGABYTE, max_pixels_per_inch: 200 }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_safest_profile_keeps_every_limit() {
        let safest = NetworkProfile::default().budget();
        for profile in NetworkProfile::ALL {
            let budget = profile.budget();
            assert!(safest.max_pages <= budget.max_pages, "{profile:?}");
            assert!(safest.max_bytes <= budget.max_bytes, "{profile:?}");
            assert!(safest.max_pixels_per_inch <= budget.max_pixels_per_inch, "{profile:?}");
        }
    }

    #[test]
    fn published_limits_are_kept() {
        let limits = |profile: NetworkProfile| (profile.budget().max_pages, profile.budget().max_bytes);
        assert_eq!(limits(NetworkProfile::Mastercard), (19, 14_500_000));
        assert_eq!(limits(NetworkProfile::AmericanExpress).0, 20);
        assert_eq!(limits(NetworkProfile::Discover).1, 3_000_000);
        assert_eq!(limits(NetworkProfile::StrictAcquirer).1, 2_000_000);
    }

    #[test]
    fn names_are_read_in_the_spellings_in_use() {
        for profile in NetworkProfile::ALL {
            let name = profile.name();
            let spellings = [
                name.to_owned(),
                name.to_lowercase(),
                name.replace('_', " "),
                name.replace('_', "-"),
                format!(" {name}\n"),
            ];
            for spelling in spellings {
                assert_eq!(NetworkProfile::parse(&spelling), Ok(profile), "{spelling:?}");
            }
        }
        for (spelling, profile) in [
            ("AMEX", NetworkProfile::AmericanExpress),
            ("amex", NetworkProfile::AmericanExpress),
            ("American Express", NetworkProfile::AmericanExpress),
            ("americanExpress", NetworkProfile::AmericanExpress),
            ("Master Card", NetworkProfile::Mastercard),
            ("master-card", NetworkProfile::Mastercard),
            ("MasterCard", NetworkProfile::Mastercard),
            ("mc", NetworkProfile::Mastercard),
            ("\u{feff}visa\u{200b}", NetworkProfile::Visa),
            ("strict acquirer", NetworkProfile::StrictAcquirer),
        ] {
            assert_eq!(NetworkProfile::parse(spelling), Ok(profile), "{spelling:?}");
        }
    }

    #[test]
    fn unknown_names_are_told_what_is_accepted() {
        let expected = "must be one of SAFEST, MASTERCARD, AMERICAN_EXPRESS, DISCOVER, VISA, STRICT_ACQUIRER";
        for text in ["", " ", "-", "DINERS", "VISA,MASTERCARD", "American", "V\u{131}SA", &"VISA ".repeat(1_000)] {
            assert_eq!(NetworkProfile::parse(text), Err(expected.to_owned()), "{text:?}");
        }
    }
}
