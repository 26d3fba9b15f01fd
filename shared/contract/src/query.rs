//! Query parameters. Reading goes on after an error, so that one response names every invalid parameter.

use crate::cursor::{Cursor, ListIdentity};
use crate::fields::parse_one_of;
use crate::page::PageLimits;
use domain::{Environment, FieldError, FieldErrors, Timestamp};
use std::collections::BTreeMap;

/// The query parameters of a request.
#[derive(Debug, Default)]
pub struct Query {
    parameters: BTreeMap<String, String>,
    /// Names and values in the order in which they were read: the filters that a cursor is bound to.
    read: Vec<(String, String)>,
    field_errors: Vec<FieldError>,
}

impl Query {
    /// Returns the query with these decoded parameters.
    pub fn new(parameters: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { parameters: parameters.into_iter().collect(), ..Self::default() }
    }

    /// Reads a parameter with `parse`. The list's cursors are bound to its value.
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

    /// Reads a required parameter with `parse`.
    pub fn required<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        if !self.parameters.contains_key(name) {
            self.field_errors.push(FieldError::new(name, "is required"));
        }
        self.optional(name, parse)
    }

    /// Reads a parameter that must be the name of one of `all`.
    pub fn one_of<T: Copy>(&mut self, name: &str, all: &[T], name_of: impl Fn(T) -> &'static str) -> Option<T> {
        self.optional(name, |text| parse_one_of(text, all, &name_of))
    }

    /// Reads the inclusive bounds of a range of time.
    pub fn range(&mut self, from: &str, to: &str) -> (Option<Timestamp>, Option<Timestamp>) {
        let range = (self.optional(from, Timestamp::parse), self.optional(to, Timestamp::parse));
        if let (Some(first), Some(last)) = range
            && first > last
        {
            self.field_errors.push(FieldError::new(from, format!("must not be after {to}")));
        }
        range
    }

    /// Ends the reading of a query without pages.
    ///
    /// # Errors
    ///
    /// Returns every error that was found.
    pub fn finish(self) -> Result<(), FieldErrors> {
        if self.field_errors.is_empty() { Ok(()) } else { Err(FieldErrors(self.field_errors)) }
    }

    /// Reads `limit` and `cursor`, and returns the list's identity, the page's limit and the position to continue at.
    ///
    /// Ends the reading: a cursor is bound to every parameter that was read before, so that it is rejected when a
    /// filter has changed.
    ///
    /// # Errors
    ///
    /// Returns every error that was found.
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
            Some(text) => text.parse().ok().filter(|limit| (1..=limits.max).contains(limit)).unwrap_or_else(|| {
                let reason = format!("must be an integer from 1 to {}", limits.max);
                self.field_errors.push(FieldError::new("limit", reason));
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
