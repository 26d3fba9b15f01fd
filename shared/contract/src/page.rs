//! Query strings of lists.

use crate::cursor::{Cursor, ListIdentity};
use crate::fields::words;
use domain::{Environment, FieldError, FieldErrors, Timestamp};
use std::collections::BTreeMap;

/// How many things a page of a contract has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimits {
    /// Where the caller does not say.
    pub default: usize,
    /// At most.
    pub most: usize,
}

/// The parameters of a list, each read once; what is wrong is found in one reading.
#[derive(Debug, Default)]
pub struct Query {
    parameters: BTreeMap<String, String>,
    read: Vec<(String, String)>,
    field_errors: Vec<FieldError>,
}

impl Query {
    /// The parameters as they were sent, decoded.
    pub fn new(parameters: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { parameters: parameters.into_iter().collect(), ..Self::default() }
    }

    /// A parameter that `parse` accepts; it belongs to what a cursor is bound to.
    pub fn optional<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = self.parameters.get(name)?;
        self.read.push((name.to_owned(), text.clone()));
        match parse(text) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.field_errors.push(FieldError::new(name, reason));
                None
            }
        }
    }

    /// A parameter that must be there.
    pub fn required<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        if !self.parameters.contains_key(name) {
            self.field_errors.push(FieldError::new(name, "is required"));
        }
        self.optional(name, parse)
    }

    /// One of a few words.
    pub fn one_of<T: Copy>(&mut self, name: &str, all: &[T], word: impl Fn(T) -> &'static str) -> Option<T> {
        self.optional(name, |text| {
            all.iter().copied().find(|value| word(*value) == text).ok_or_else(|| words(all, &word))
        })
    }

    /// A range of time: from and to, both included.
    pub fn range(&mut self, from: &str, to: &str) -> (Option<Timestamp>, Option<Timestamp>) {
        let parse = |text: &str| Timestamp::parse(text);
        let range = (self.optional(from, parse), self.optional(to, parse));
        if let (Some(first), Some(last)) = range
            && first > last
        {
            self.field_errors.push(FieldError::new(from, format!("must not be after {to}")));
        }
        range
    }

    /// Ends the reading of a query that is no list's.
    pub fn finish(self) -> Result<(), FieldErrors> {
        if self.field_errors.is_empty() { Ok(()) } else { Err(FieldErrors(self.field_errors)) }
    }

    /// The list that these parameters mean, the page's limit, and the position to go on from. To be read last: a
    /// cursor is bound to every filter read before.
    pub fn page(
        mut self,
        list: &str,
        environment: Environment,
        limits: PageLimits,
    ) -> Result<(ListIdentity, usize, Option<String>), FieldErrors> {
        let filters: Vec<_> = self.read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let identity = ListIdentity::new(list, environment, &filters);
        let limit = match self.parameters.get("limit") {
            None => limits.default,
            Some(text) => text.parse().ok().filter(|limit| (1..=limits.most).contains(limit)).unwrap_or_else(|| {
                self.field_errors
                    .push(FieldError::new("limit", format!("must be a whole number from 1 to {}", limits.most)));
                limits.default
            }),
        };
        let position = match self.parameters.get("cursor").map(|text| Cursor::decode(text, &identity)) {
            None => None,
            Some(Ok(position)) => Some(position),
            Some(Err(reason)) => {
                self.field_errors.push(FieldError::new("cursor", reason));
                None
            }
        };
        if self.field_errors.is_empty() { Ok((identity, limit, position)) } else { Err(FieldErrors(self.field_errors)) }
    }
}
