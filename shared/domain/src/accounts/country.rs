//! Countries, and the defaults of the businesses in them.

use super::business::Currency;
use super::time_zone::TimeZone;
use serde::{Deserialize, Serialize};

/// An ISO 3166-1 alpha-2 country code. Decides how national telephone numbers are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Country(String);

impl Country {
    /// Parses an upper-case code. Returns the reason as a sentence fragment for anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        match defaults(text) {
            Some(_) => Ok(Self(text.to_owned())),
            None => Err("must be an ISO 3166-1 code such as SE".to_owned()),
        }
    }

    /// Returns the code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the currency in which most prices in the country are. The euro, if the table lacks the country.
    pub fn default_currency(&self) -> Currency {
        Currency::assigned(defaults(&self.0).map_or("EUR", |(currency, _)| currency))
    }

    /// Returns the time zone of the country, or the one where most of its people live. UTC, if the table lacks the
    /// country.
    pub fn default_time_zone(&self) -> TimeZone {
        defaults(&self.0).and_then(|(_, zone)| TimeZone::parse(zone).ok()).unwrap_or_default()
    }
}

/// Returns the codes of the countries, with currency and time zone.
fn countries() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    include_str!("countries.txt").lines().filter_map(|line| {
        let mut words = line.split(' ');
        let code = words.next().filter(|code| code.len() == 2)?;
        Some((code, words.next()?, words.next()?))
    })
}

/// Returns currency and time zone of a country.
fn defaults(code: &str) -> Option<(&'static str, &'static str)> {
    countries().find(|(known, ..)| *known == code).map(|(_, currency, zone)| (currency, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults_of(code: &str) -> (String, String) {
        let country = Country::parse(code).expect(code);
        (country.default_currency().as_str().to_owned(), country.default_time_zone().as_str().to_owned())
    }

    #[test]
    fn every_country_has_valid_defaults() {
        let mut count = 0;
        for (code, currency, zone) in countries() {
            assert_eq!(Currency::parse(currency).map(|currency| currency.as_str().to_owned()), Ok(currency.to_owned()));
            assert_eq!(TimeZone::parse(zone).map(|zone| zone.as_str().to_owned()), Ok(zone.to_owned()), "{code}");
            assert_eq!(defaults_of(code), (currency.to_owned(), zone.to_owned()));
            count += 1;
        }
        assert_eq!(count, 249 + 3, "ISO 3166-1 has 249 codes");
    }

    #[test]
    fn defaults_follow_the_country() {
        for (code, currency, zone) in [
            ("SE", "SEK", "Europe/Stockholm"),
            ("GB", "GBP", "Europe/London"),
            ("DE", "EUR", "Europe/Berlin"),
            ("US", "USD", "America/New_York"),
            ("CA", "CAD", "America/Toronto"),
            ("BR", "BRL", "America/Sao_Paulo"),
            ("AU", "AUD", "Australia/Sydney"),
            ("RU", "RUB", "Europe/Moscow"),
            ("ES", "EUR", "Europe/Madrid"),
            ("PT", "EUR", "Europe/Lisbon"),
            ("BG", "EUR", "Europe/Sofia"),
            ("IN", "INR", "Asia/Kolkata"),
            ("UA", "UAH", "Europe/Kyiv"),
            ("NZ", "NZD", "Pacific/Auckland"),
        ] {
            assert_eq!(defaults_of(code), (currency.to_owned(), zone.to_owned()), "{code}");
        }
    }

    #[test]
    fn other_texts_are_no_country() {
        for bad in ["", "ZZ", "EU", "UK", "se", "SWE", "S", "# ", "Of"] {
            assert!(Country::parse(bad).is_err(), "{bad}");
        }
    }
}
