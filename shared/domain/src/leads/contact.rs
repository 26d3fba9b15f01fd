//! Contact data of a person: name, e-mail address and telephone number.

use crate::accounts::business::Country;
use crate::text::{single_line, token};
use serde::{Deserialize, Serialize};

/// The name of a person as given, trimmed, of up to 200 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// Parses a name. Returns the reason as a sentence fragment if it is empty, too long or not a single line.
    pub fn parse(text: &str) -> Result<Self, String> {
        single_line(text, 200).map(Self)
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address as given, trimmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Parses an address: one `@` between a local part of up to 64 characters and a domain with at least one dot, 254
    /// characters in total (RFC 5321). The last label of the domain is not a number: no top-level domain is (RFC 3696,
    /// section 2), but that of an IP address. Whether the address exists is not checked. Returns the reason as a
    /// sentence fragment for anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        const ACCEPTED: &str = "must be an e-mail address such as jane@example.com";
        let text = token(text, 254)?;
        let (local, domain) = text.rsplit_once('@').ok_or(ACCEPTED)?;
        let labels_fit = domain.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
        let local_fits = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && !local.chars().any(|c| {
                c.is_whitespace() || matches!(c, '@' | '"' | '(' | ')' | ',' | ':' | ';' | '<' | '>' | '[' | '\\' | ']')
            });
        let is_named = domain.rsplit('.').next().is_some_and(|last| !last.chars().all(char::is_numeric));
        if text.len() <= 254 && local_fits && labels_fit && domain.contains('.') && is_named {
            Ok(Self(text))
        } else {
            Err(ACCEPTED.to_owned())
        }
    }

    /// Returns the address as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the address in lower case. Two addresses are the same if these forms are equal.
    pub fn normalized(&self) -> String {
        self.0.to_lowercase()
    }

    /// Returns whether both are the same address.
    pub fn is_same(&self, other: &Self) -> bool {
        self.normalized() == other.normalized()
    }
}

/// A telephone number as given and, if it can be read, in E.164 form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// The number as given, trimmed.
    #[serde(rename = "g")]
    given: String,
    /// The number in E.164 form, if it can be read.
    #[serde(rename = "e", skip_serializing_if = "Option::is_none", default)]
    e164: Option<String>,
}

impl Phone {
    /// Parses a number in international form, or in the national form of the business's `country`.
    ///
    /// A number must be possible (of a length that exists), not valid (assigned): the sample numbers in the contract
    /// documents are not all assigned. Returns the reason as a sentence fragment for anything else.
    pub fn parse(text: &str, country: &Country) -> Result<Self, String> {
        const ACCEPTED: &str = "must be a telephone number such as +46701234567";
        if let Ok(international) = Self::parse_e164(text) {
            return Ok(international);
        }
        let given = single_line(text, 40)?;
        let digits = given.chars().filter(char::is_ascii_digit).count();
        let dialled = given
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '.' | '(' | ')' | '/' | '#' | '*' | 'x'));
        if !(3..=20).contains(&digits) || !dialled || given.chars().skip(1).any(|c| c == '+') {
            return Err(ACCEPTED.to_owned());
        }
        let country = country.as_str().parse::<phonenumber::country::Id>().ok();
        let e164 = phonenumber::parse(country, &given)
            .ok()
            .filter(is_possible)
            .map(|number| number.format().mode(phonenumber::Mode::E164).to_string());
        Ok(Self { given, e164 })
    }

    /// Parses a number in E.164 form only: a plus sign and up to fifteen digits, with no separators. The length must be
    /// possible for the calling code. Returns the reason as a sentence fragment for anything else.
    pub fn parse_e164(text: &str) -> Result<Self, String> {
        const ACCEPTED: &str = "must be a possible telephone number in E.164 form, such as +46701234567";
        let given = single_line(text, 40)?;
        let digits = given.strip_prefix('+').unwrap_or_default();
        let fits = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if fits && is_possible_international(digits) {
            Ok(Self { e164: Some(given.clone()), given })
        } else {
            Err(ACCEPTED.to_owned())
        }
    }

    /// Returns the number as given.
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// Returns the number in E.164 form, or `None` if it could not be read.
    pub fn e164(&self) -> Option<&str> {
        self.e164.as_deref()
    }
}

/// Returns whether `digits` are a calling code followed by a national number of possible length.
///
/// No calling code is the prefix of another, so at most one split matches. The national number keeps its first digits:
/// none is taken for a trunk prefix.
fn is_possible_international(digits: &str) -> bool {
    (1..=3).filter_map(|length| digits.split_at_checked(length)).any(|(code, national)| {
        let length = u16::try_from(national.len()).unwrap_or(u16::MAX);
        !code.starts_with('0') && code.parse().is_ok_and(|code| is_possible_length(code, length))
    })
}

fn is_possible(number: &phonenumber::PhoneNumber) -> bool {
    let length = u16::try_from(number.national().to_string().len()).unwrap_or(u16::MAX);
    is_possible_length(number.code().value(), length)
}

/// Returns whether a numbering plan under the calling code has numbers of this length, of any type.
///
/// All plans are considered because the plan of a number is known only if the number is valid, and all types because
/// the general description of a plan has no lengths.
fn is_possible_length(code: u16, length: u16) -> bool {
    use phonenumber::Type;
    const TYPES: [Type; 9] = [
        Type::FixedLine,
        Type::Mobile,
        Type::TollFree,
        Type::PremiumRate,
        Type::SharedCost,
        Type::PersonalNumber,
        Type::Voip,
        Type::Pager,
        Type::Uan,
    ];
    let plans = phonenumber::metadata::DATABASE.by_code(&code).unwrap_or_default();
    plans.iter().any(|plan| {
        TYPES
            .iter()
            .filter_map(|kind| plan.descriptors().get(*kind))
            .any(|of_type| of_type.possible_length().contains(&length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_numbers_of_the_documents_parse() {
        let read = |text: &str, country: &str| {
            Phone::parse(text, &Country::parse(country).expect("a country")).expect(text).e164().map(str::to_owned)
        };
        assert_eq!(read("+15551234567", "US").as_deref(), Some("+15551234567"));
        assert_eq!(read("+15559876543", "SE").as_deref(), Some("+15559876543"));
        assert_eq!(read("+46701234567", "US").as_deref(), Some("+46701234567"));
        assert_eq!(read("07700 900000", "GB").as_deref(), Some("+447700900000"));
    }

    #[test]
    fn example_numbers_of_every_region_parse() {
        let mut regions = 0;
        for code in 1..1_000 {
            for plan in phonenumber::metadata::DATABASE.by_code(&code).unwrap_or_default() {
                let examples = [phonenumber::Type::Mobile, phonenumber::Type::FixedLine, phonenumber::Type::TollFree]
                    .into_iter()
                    .filter_map(|kind| plan.descriptors().get(kind)?.example());
                for example in examples {
                    let text = format!("+{code}{example}");
                    let read = Phone::parse(&text, &Country::parse("SE").expect("a country"));
                    assert!(Phone::parse_e164(&text).is_ok() && read.is_ok(), "{text} of {}", plan.id());
                    assert_eq!(read.expect("a number").e164(), Some(&*text), "as it is");
                }
                regions += 1;
            }
        }
        assert!(regions > 200, "{regions}");
    }

    #[test]
    fn parse_e164_accepts_only_e164_form() {
        assert_eq!(Phone::parse_e164("+46701234567").expect("a number").e164(), Some("+46701234567"));
        for bad in [
            "",
            "+",
            "0701234567",
            "46701234567",
            "0046701234567",
            "+46 70 123 45 67",
            "+46-701234567",
            "+46(0)701234567",
            "+4670123456789012",
            "+46",
            "+0701234567",
            "+999701234567",
            "+46７０１２３４５６７",
            "tel:+46701234567",
            "+46701234567;ext=1",
            "+46701234567x1",
        ] {
            assert!(Phone::parse_e164(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn texts_that_are_no_number_are_rejected() {
        let country = Country::parse("SE").expect("a country");
        for bad in ["", "call me", "12", "+46+70", "++46701234567", "1234567890123456789012345", "<script>"] {
            assert!(Phone::parse(bad, &country).is_err(), "{bad}");
        }
    }

    #[test]
    fn email_addresses_are_validated_and_normalized() {
        for good in [
            "jane@example.com",
            " Jane.Doe+tag@sub.example.co.uk ",
            "a@1.2.3.example",
            "o'brien@example.ie",
            "用户@例子.公司",
        ] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "jane",
            "jane@",
            "@example.com",
            "jane@example",
            "a b@example.com",
            "a@b@example.com",
            "a@-b.com",
            ".a@example.com",
            "a@1.2.3.4",
            "a@example.123",
            "a@127.0.0.1",
            "jane smith@example.com",
            "jane\n@example.com",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        for same in [" Jane@Example.COM ", "\u{200b}jane@example.com", "ja\u{ad}ne@example.com\u{feff}\n"] {
            assert_eq!(Email::parse(same).expect("an address").normalized(), "jane@example.com", "{same:?}");
        }
    }
}
