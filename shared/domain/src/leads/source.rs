//! The source of a lead and the marketing campaign that it came from.

use crate::text::{SingleLine, upper_snake};
use serde::{Deserialize, Serialize};

/// Words of sources that people write in capitals.
const ABBREVIATIONS: [&str; 6] = ["API", "CRM", "CSV", "QR", "SMS", "URL"];

/// The source of a lead, an upper-snake word. `WEB_FORM` by default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Source(String);

impl Source {
    /// Parses an upper-snake word. Returns the reason as a sentence fragment for anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        upper_snake(text).map(Self)
    }

    /// Returns the word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the word for people: `web form` for `WEB_FORM`.
    pub fn title(&self) -> String {
        let words = self.0.split('_').filter(|word| !word.is_empty());
        let written = |word: &str| if ABBREVIATIONS.contains(&word) { word.to_owned() } else { word.to_lowercase() };
        words.map(written).collect::<Vec<_>>().join(" ")
    }
}

impl Default for Source {
    fn default() -> Self {
        Self("WEB_FORM".to_owned())
    }
}

/// The marketing campaign that a lead came from, as UTM parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utm {
    /// `utm_source`
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<SingleLine>,
    /// `utm_medium`
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub medium: Option<SingleLine>,
    /// `utm_campaign`
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub campaign: Option<SingleLine>,
    /// `utm_term`
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub term: Option<SingleLine>,
    /// `utm_content`
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content: Option<SingleLine>,
}

impl Utm {
    /// Maximum length of a parameter, in characters: advertising platforms put long ids and names into them.
    pub const MAX_CHARS: usize = 500;

    /// Parses the value of a parameter. Returns the reason as a sentence fragment if it is empty or too long.
    pub fn parse_value(text: &str) -> Result<SingleLine, String> {
        SingleLine::parse_within(text, Self::MAX_CHARS)
    }

    /// Returns whether no parameter is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_written_for_people() {
        let title = |text| Source::parse(text).expect("a source").title();
        assert_eq!(title("WEB_FORM"), "web form");
        assert_eq!(title("REFERRAL"), "referral");
        assert_eq!(title("SMS__CAMPAIGN_2"), "SMS campaign 2");
    }
}
