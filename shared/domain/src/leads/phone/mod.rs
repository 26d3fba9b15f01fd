//! Telephone numbers: as given, and in E.164 form where they can be read.
//!
//! People, forms and spreadsheets write numbers in many ways. [`spelling`] brings them into ASCII and takes the number
//! out of the words around it; [`numbering_plan`] reads it with the numbering plan of the business's country
//! (libphonenumber's metadata).

mod numbering_plan;
mod spelling;
#[cfg(test)]
mod tests;

use crate::accounts::business::Country;
use crate::text::single_line;
use serde::{Deserialize, Serialize};
use spelling::Spelling;

/// Maximum length of a number as given, in characters. The longest spellings of one number have some 60; the rest is
/// room for what people write beside it, such as when to call.
pub const MAX_PHONE_CHARS: usize = 200;

/// Maximum number of digits of a number in E.164 form (ITU-T E.164, section 6.2.1).
const MAX_E164_DIGITS: usize = 15;

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
    /// Parses a number in international form, or in the national form of the business's `country`. Any other text of
    /// up to 200 characters is kept without an E.164 form. Returns the reason as a sentence fragment if the text is
    /// empty or longer.
    ///
    /// A number is read if it is possible (of a length that exists), even if it is not valid (assigned): the sample
    /// numbers in the contract documents are not all assigned.
    pub fn parse(text: &str, country: &Country) -> Result<Self, String> {
        let given = single_line(text, MAX_PHONE_CHARS)?;
        let e164 = Spelling::parse(&given).and_then(|spelling| numbering_plan::read(&spelling, Some(country)));
        Ok(Self { given, e164 })
    }

    /// Parses a number in E.164 form only: a plus sign and up to fifteen digits, with no separators. The length must be
    /// possible for the calling code. Returns the reason as a sentence fragment for anything else.
    pub fn parse_e164(text: &str) -> Result<Self, String> {
        const ACCEPTED: &str = "must be a possible telephone number in E.164 form, such as +46701234567";
        let given = single_line(text, MAX_PHONE_CHARS)?;
        let fits = given
            .strip_prefix('+')
            .is_some_and(|digits| digits.len() <= MAX_E164_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()));
        let spelling = Spelling::parse(&given).filter(|_| fits);
        let e164 = spelling.and_then(|spelling| numbering_plan::read(&spelling, None)).ok_or(ACCEPTED)?;
        Ok(Self { given, e164: Some(e164) })
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
