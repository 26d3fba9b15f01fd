//! Contact data of a person: name, e-mail address and telephone number.

use crate::text::{single_line, token};
use serde::{Deserialize, Serialize};

pub use super::phone::Phone;

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

/// Checks that a lead can be reached: by an e-mail address, or else by a phone that could be read. Returns the reason,
/// for the phone, as a sentence fragment if not.
pub fn require_readable_contact(email: Option<&Email>, phone: Option<&Phone>) -> Result<(), String> {
    match (email, phone) {
        (None, Some(phone)) => {
            require_readable(phone).map_err(|reason| format!("{reason}, because there is no e-mail address"))
        }
        _ => Ok(()),
    }
}

/// Checks that a phone could be read. Returns the reason as a sentence fragment if not.
pub fn require_readable(phone: &Phone) -> Result<(), String> {
    match phone.e164() {
        Some(_) => Ok(()),
        None => Err("must be a telephone number such as +46701234567".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
