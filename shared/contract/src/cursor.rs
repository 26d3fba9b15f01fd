//! Cursors: the position at which a page ended, bound to the list, filters and environment that it was issued for.

use crate::error::ErrorKind;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Environment;
use domain::id::derived;
use serde::{Deserialize, Serialize};

/// Reason in the error for a cursor that is malformed or was issued for another list.
const ACCEPTED: &str = "must be the cursor of the previous page of the same list, requested with the same filters";

/// Maximum length of an encoded cursor in bytes, above which it is not decoded. Issued cursors are far shorter.
const MAX_ENCODED_LENGTH: usize = 512;

/// Fingerprint of a list: its name, its environment and every filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListIdentity(String);

impl ListIdentity {
    /// Returns the identity of the list `name` in `environment` with these filters.
    pub(crate) fn new(name: &str, environment: Environment, filters: &[(&str, &str)]) -> Self {
        let mut parts: Vec<&[u8]> =
            vec![name.as_bytes(), environment.tenant.bytes(), environment.mode.name().as_bytes()];
        for (filter, value) in filters {
            parts.push(filter.as_bytes());
            parts.push(value.as_bytes());
        }
        Self(derived(&parts).simple().to_string()[..16].to_owned())
    }
}

/// The position at which a page ended. Opaque to callers, but not secret: it grants nothing beyond the API key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(rename = "after")]
    position: String,
    #[serde(rename = "list")]
    list: String,
}

impl Cursor {
    /// Returns the encoded cursor for `position` in `list`.
    fn encode(position: &str, list: &ListIdentity) -> String {
        let cursor = Self { position: position.to_owned(), list: list.0.clone() };
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
    }

    /// Returns the error for a cursor that is malformed or was issued for another list.
    pub fn error() -> ErrorKind {
        ErrorKind::field("cursor", ACCEPTED)
    }

    /// Returns the position that an encoded cursor has in `list`.
    ///
    /// # Errors
    ///
    /// Returns the reason if the cursor is malformed or was issued for another list, filter or environment.
    pub fn decode(text: &str, list: &ListIdentity) -> Result<String, String> {
        if text.len() > MAX_ENCODED_LENGTH {
            return Err(ACCEPTED.to_owned());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| ACCEPTED)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| ACCEPTED)?;
        if cursor.list == list.0 { Ok(cursor.position) } else { Err(ACCEPTED.to_owned()) }
    }
}

/// The cursor of the page behind this one, or the end of the list.
///
/// A page needs one, one needs the list's identity, and that comes from [`crate::Query::page`] alone: no route responds
/// with a list whose parameters have not been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextCursor(Option<String>);

impl NextCursor {
    /// Returns the cursor behind `position` in `list`; `None` on the last page.
    pub fn behind(position: Option<&str>, list: &ListIdentity) -> Self {
        Self(position.map(|position| Cursor::encode(position, list)))
    }

    /// Returns the encoded cursor; `None` on the last page.
    pub(crate) fn into_text(self) -> Option<String> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Mode, TenantId};

    #[test]
    fn a_cursor_is_valid_only_for_its_own_list() {
        let environment = Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live };
        let list = ListIdentity::new("leads", environment, &[("status", "NEW")]);
        let text = Cursor::encode("0001#ab", &list);
        assert_eq!(Cursor::decode(&text, &list).as_deref(), Ok("0001#ab"));
        let others = [
            ListIdentity::new("leads", environment, &[("status", "WON")]),
            ListIdentity::new("keys", environment, &[("status", "NEW")]),
            ListIdentity::new("leads", Environment { mode: Mode::Test, ..environment }, &[("status", "NEW")]),
        ];
        for other in others {
            assert!(Cursor::decode(&text, &other).is_err());
        }
        for bad in ["", "eyJsYXN0SWQiOiIxMjM0In0=", "%%%", &text[1..]] {
            assert!(Cursor::decode(bad, &list).is_err(), "{bad}");
        }
    }
}
