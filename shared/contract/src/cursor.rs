//! Cursors: where a page ended, bound to the list, filter and tenant it was given for.

use crate::error::ErrorKind;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Environment;
use domain::id::derived;
use serde::{Deserialize, Serialize};

/// What a caller is told of a cursor that cannot be used.
const ACCEPTED: &str = "must be the cursor that a page of this list ended with, under the same filters";

/// Which list a cursor belongs to: the list's name, the world and every filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListIdentity(String);

impl ListIdentity {
    /// The list of `name` in `environment` under these filters.
    pub fn new(name: &str, environment: Environment, filters: &[(&str, &str)]) -> Self {
        let mut parts: Vec<&[u8]> =
            vec![name.as_bytes(), environment.tenant.bytes(), environment.mode.name().as_bytes()];
        for (filter, value) in filters {
            parts.push(filter.as_bytes());
            parts.push(value.as_bytes());
        }
        Self(derived(&parts).simple().to_string()[..16].to_owned())
    }
}

/// Where a page ended. Opaque to callers; nothing in it opens what the key does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(rename = "after")]
    position: String,
    #[serde(rename = "list")]
    list: String,
}

impl Cursor {
    /// The cursor behind `position` of `list`, as callers get it.
    pub fn encode(position: &str, list: &ListIdentity) -> String {
        let cursor = Self { position: position.to_owned(), list: list.0.clone() };
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
    }

    /// A cursor that is malformed or belongs to another list.
    pub fn error() -> ErrorKind {
        ErrorKind::field("cursor", ACCEPTED)
    }

    /// The position that `text` names in `list`.
    pub fn decode(text: &str, list: &ListIdentity) -> Result<String, String> {
        if text.len() > 512 {
            return Err(ACCEPTED.to_owned());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| ACCEPTED)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| ACCEPTED)?;
        if cursor.list == list.0 { Ok(cursor.position) } else { Err(ACCEPTED.to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Mode, TenantId};

    #[test]
    fn a_cursor_opens_only_its_own_list() {
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
