//! The version that a change expects to meet.

use crate::api_error::ApiError;
use crate::caller::Caller;
use contract::ErrorKind;

/// What `If-Match` says, if it was sent (RFC 9110, section 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// Any version will do.
    Any,
    /// One of these entity tags, as they were sent.
    OneOf(Vec<String>),
}

impl IfMatch {
    /// Whether something of this version may be changed.
    pub fn allows(&self, version: u64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.contains(&format!("\"{version}\"")),
        }
    }

    /// Reads the header's value: a star, or entity tags with commas between them.
    fn parse(header: &str) -> Option<Self> {
        if header.trim_matches([' ', '\t']) == "*" {
            return Some(Self::Any);
        }
        let mut rest = header.trim_matches([' ', '\t', ',']);
        let mut tags = Vec::new();
        while !rest.is_empty() {
            let (tag, after) = entity_tag(rest)?;
            tags.push(tag.to_owned());
            let next = after.trim_start_matches([' ', '\t']);
            if !next.is_empty() && !next.starts_with(',') {
                return None;
            }
            rest = next.trim_start_matches([' ', '\t', ',']);
        }
        (!tags.is_empty()).then_some(Self::OneOf(tags))
    }
}

/// The entity tag that `text` begins with, and what follows it (RFC 9110, section 8.8.3).
fn entity_tag(text: &str) -> Option<(&str, &str)> {
    let opaque = text.strip_prefix("W/").unwrap_or(text).strip_prefix('"')?;
    let (tag, after) = opaque.split_once('"')?;
    tag.bytes().all(|byte| byte > b' ' && byte != 0x7f).then(|| text.split_at(text.len() - after.len()))
}

impl<S> Caller<S> {
    /// The version that the call expects.
    pub fn expected_version(&self) -> Result<IfMatch, ApiError> {
        let Some(header) = self.one_header("If-Match")? else { return Ok(IfMatch::Any) };
        let malformed = || ErrorKind::field("If-Match", "must be * or what ETag said, in quotes, as in \"3\"");
        IfMatch::parse(header).ok_or_else(|| malformed().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_meets_the_version_that_it_expects() {
        let allows = |header, version| IfMatch::parse(header).map(|expected| expected.allows(version));
        for header in ["\"3\"", " \"3\" ", "\"1\", \"3\"", "\"a,b\",\"3\"", ", \"3\",,", "*", "\"3\" ,\t\"4\""] {
            assert_eq!(allows(header, 3), Some(true), "{header}");
        }
        // A weak tag is no promise that it is the same (RFC 9110, section 13.1.1).
        for header in ["\"2\"", "W/\"3\"", "\"\"", "\"*\"", "\" 3\"", "\"33\""] {
            assert_ne!(allows(header, 3), Some(true), "{header}");
        }
    }

    #[test]
    fn what_is_no_list_of_tags_is_malformed() {
        for header in [
            "",
            ",",
            "3",
            "\"3",
            "3\"",
            "W/3",
            "\"1\" \"3\"",
            "*, \"3\"",
            ", *",
            "*,",
            "\"3\", *",
            "\"3\"x",
            "w/\"3\"",
            "'3'",
        ] {
            assert_eq!(IfMatch::parse(header), None, "{header}");
        }
    }
}
