//! Query parameters. Reading goes on after an error, so that one response names every invalid parameter.

use crate::cursor::{Cursor, ListIdentity};
use crate::fields::text_format::{self, ParseText, TextFormat};
use crate::fields::{MAX_LISTED, UnknownFields, likeliest};
use crate::page::PageLimits;
use domain::leads::contact::Email;
use domain::text::is_blank;
use domain::time_range::TimeRange;
use domain::{Environment, FieldError, FieldErrors};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};

/// Parameters that advertising platforms, analytics and caches append to links. No call has a use for them.
const TRACKING_PARAMETERS: [&str; 3] = ["gclid", "fbclid", "_"];

/// Prefix of further tracking parameters.
const TRACKING_PREFIX: &str = "utm_";

/// The query parameters of a request.
#[derive(Debug)]
pub struct Query {
    /// Names and values, in the order in which they were sent.
    parameters: Vec<(String, String)>,
    unknown_parameters: UnknownFields,
    /// Names that the reading code has asked for.
    known: Vec<String>,
    /// Names and values in the order in which they were read: the filters that a cursor is bound to.
    read: Vec<(String, String)>,
    field_errors: Vec<FieldError>,
    /// The parameters that the reading code asks for, if it is run to describe them.
    description: Option<ParameterDescriptions>,
}

/// The description of a query parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterDescription {
    /// Name.
    pub name: String,
    /// JSON Schema of the value.
    pub schema: Value,
    /// True if the parameter must be sent.
    pub required: bool,
}

/// Descriptions in the order of reading.
type ParameterDescriptions = Arc<Mutex<Vec<ParameterDescription>>>;

/// Returns the parameters that `read` reads: it is run without a request.
pub(crate) fn describe_parameters(read: impl FnOnce(Query)) -> Vec<ParameterDescription> {
    let description = ParameterDescriptions::default();
    let query = Query { description: Some(description.clone()), ..Query::new([], UnknownFields::Ignored) };
    read(query);
    std::mem::take(&mut *description.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Query {
    /// Returns the query with these decoded parameters, read by the rules of a contract for unknown ones.
    pub fn new(parameters: impl IntoIterator<Item = (String, String)>, unknown_parameters: UnknownFields) -> Self {
        Self {
            parameters: parameters.into_iter().collect(),
            unknown_parameters,
            known: Vec::new(),
            read: Vec::new(),
            field_errors: Vec::new(),
            description: None,
        }
    }

    /// Notes a parameter, if the query is read to be described.
    fn note(&self, name: &str, required: bool, schema: impl FnOnce() -> Value) {
        let Some(description) = &self.description else { return };
        let mut all = description.lock().unwrap_or_else(PoisonError::into_inner);
        if all.iter().all(|noted| noted.name != name) {
            all.push(ParameterDescription { name: name.to_owned(), schema: schema(), required });
        }
    }

    /// Returns the value of a parameter unless it is absent or blank; of several the last one.
    fn value(&mut self, name: &str) -> Option<String> {
        if !self.known.iter().any(|known| known == name) {
            self.known.push(name.to_owned());
        }
        let (_, value) = self.parameters.iter().rev().find(|(sent, _)| sent == name)?;
        (!is_blank(value)).then(|| value.clone())
    }

    /// Reads a parameter of a form. The list's cursors are bound to its value.
    pub fn optional<T, P: FnOnce(&str) -> Result<T, String>>(
        &mut self,
        name: &str,
        format: TextFormat<P>,
    ) -> Option<T> {
        self.note(name, false, || format.schema());
        let text = self.value(name)?;
        let parsed = format.parse(&text);
        self.read.push((name.to_owned(), text));
        match parsed {
            Ok(value) => Some(value),
            Err(reason) => {
                self.field_errors.push(FieldError::new(name, reason));
                None
            }
        }
    }

    /// Reads a required parameter of a form.
    pub fn required<T, P: FnOnce(&str) -> Result<T, String>>(
        &mut self,
        name: &str,
        format: TextFormat<P>,
    ) -> Option<T> {
        self.note(name, true, || format.schema());
        if self.value(name).is_none() {
            self.field_errors.push(FieldError::new(name, "is required"));
        }
        self.optional(name, format)
    }

    /// Reads a parameter that must be the name of one of `all`, in any letter case.
    pub fn one_of<T: Copy>(&mut self, name: &str, all: &[T], name_of: impl Fn(T) -> &'static str) -> Option<T> {
        self.optional(name, text_format::name_of(all, name_of))
    }

    /// Reads `true` or `false`, in any letter case.
    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        self.one_of(name, &[true, false], |flag| if flag { "true" } else { "false" })
    }

    /// Reads an e-mail address.
    pub fn email(&mut self, name: &str) -> Option<Email> {
        self.optional(name, text_format::email().around(with_plus))
    }

    /// Reads the inclusive bounds of a range of time.
    pub fn range(&mut self, from: &str, to: &str) -> TimeRange {
        let mut bound = |name: &str| self.optional(name, text_format::time_or_day().around(with_plus));
        let range = TimeRange { from: bound(from), to: bound(to) };
        if range.is_reversed() {
            self.field_errors.push(FieldError::new(from, format!("must not be after {to}")));
        }
        range
    }

    /// Ends the reading of a query without pages. Unknown parameters are ignored: links of all kinds have them.
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
    /// filter has changed. Unknown parameters are errors, or ignored, as the contract has it: a filter with a
    /// misspelled name would show everything.
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
        self.note_page(limits);
        let limit = match self.value("limit") {
            None => limits.default,
            Some(text) => {
                text.trim().parse().ok().filter(|limit| (1..=limits.max).contains(limit)).unwrap_or_else(|| {
                    let reason = format!("must be an integer from 1 to {}", limits.max);
                    self.field_errors.push(FieldError::new("limit", reason));
                    limits.default
                })
            }
        };
        let position = match self.value("cursor").map(|text| Cursor::decode(text.trim(), &identity)) {
            None => None,
            Some(Ok(position)) => Some(position),
            Some(Err(reason)) => {
                self.field_errors.push(FieldError::new("cursor", reason));
                None
            }
        };
        match self.unknown_parameters {
            UnknownFields::Ignored => {}
            UnknownFields::Rejected => self.reject_unknown(),
        }
        if self.field_errors.is_empty() { Ok((identity, limit, position)) } else { Err(FieldErrors(self.field_errors)) }
    }

    /// Notes the parameters of a page, if the query is read to be described.
    pub(crate) fn note_page(&self, limits: PageLimits) {
        self.note(
            "limit",
            false,
            || json!({ "type": "integer", "minimum": 1, "maximum": limits.max, "default": limits.default }),
        );
        self.note("cursor", false, || json!({ "type": "string" }));
    }

    /// Adds an error for each parameter that the list does not have, or that has two values.
    fn reject_unknown(&mut self) {
        let mut seen: Vec<&(String, String)> = Vec::new();
        let mut errors: Vec<FieldError> = Vec::new();
        for parameter in &self.parameters {
            let (name, value) = parameter;
            let reason = if is_tracking(name) {
                None
            } else if !self.known.contains(name) {
                Some(match likeliest(name, self.known.iter().map(String::as_str)) {
                    Some(meant) => format!("is not a parameter of this list; did you mean {meant}?"),
                    None => format!("is not a parameter of this list, which has {}", self.known.join(", ")),
                })
            } else if seen.iter().any(|(seen, other)| seen == name && other != value) {
                Some("must be sent once: it was sent with two values".to_owned())
            } else {
                None
            };
            seen.push(parameter);
            if let Some(reason) = reason
                && errors.len() < MAX_LISTED
                && !errors.iter().any(|error| error.field == *name)
            {
                errors.push(FieldError::new(name.clone(), reason));
            }
        }
        self.field_errors.extend(errors);
    }
}

fn is_tracking(name: &str) -> bool {
    TRACKING_PARAMETERS.contains(&name) || name.starts_with(TRACKING_PREFIX)
}

/// Parses `text`. If that fails and the text has a space, the error says how a plus sign is sent: unescaped, it is read
/// as a space.
fn with_plus<T>(text: &str, parse: ParseText<T>) -> Result<T, String> {
    parse(text).map_err(
        |reason| {
            if text.trim().contains(' ') { format!("{reason}; in a URL, write + as %2B") } else { reason }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{LeadStatus, Mode, TenantId};

    fn query(parameters: &[(&str, &str)], unknown: UnknownFields) -> Query {
        Query::new(parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())), unknown)
    }

    fn errors(parameters: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut query = query(parameters, UnknownFields::Rejected);
        query.one_of("status", &LeadStatus::ALL, LeadStatus::name);
        query.email("email");
        query.range("createdFrom", "createdTo");
        let environment = Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live };
        let page = query.page("leads", environment, PageLimits { default: 20, max: 100 });
        page.err().map_or_else(Vec::new, |all| all.0.into_iter().map(|one| (one.field, one.reason)).collect())
    }

    #[test]
    fn unknown_and_ambiguous_parameters_are_named() {
        for (parameters, field) in [
            (&[("createdfrom", "2026-11-26")][..], "createdfrom"),
            (&[("status[]", "NEW")], "status[]"),
            (&[("status", "NEW"), ("status", "WON")], "status"),
            (&[("page", "2")], "page"),
            (&[("limit", "0")], "limit"),
            (&[("colour", "")], "colour"),
        ] {
            let fields: Vec<_> = errors(parameters).into_iter().map(|(field, _)| field).collect();
            assert_eq!(fields, [field], "{parameters:?}");
        }
        assert!(errors(&[("createdfrom", "x")])[0].1.ends_with("did you mean createdFrom?"));
        assert!(errors(&[("status[]", "NEW")])[0].1.ends_with("did you mean status?"));
    }

    #[test]
    fn tracking_parameters_and_repetitions_are_ignored() {
        assert_eq!(errors(&[("utm_source", "x"), ("gclid", "1"), ("fbclid", "2"), ("_", "3"), ("utm_id", "4")]), []);
        assert_eq!(errors(&[("status", "NEW"), ("status", "NEW")]), []);
        let other_call = query(&[("createdfrom", "x")], UnknownFields::Rejected);
        assert_eq!(other_call.finish(), Ok(()));
    }

    #[test]
    fn blank_parameters_are_absent() {
        assert_eq!(errors(&[("status", ""), ("email", " "), ("createdTo", ""), ("limit", ""), ("cursor", "")]), []);
    }

    #[test]
    fn a_raw_plus_is_explained() {
        for (name, value) in [("createdFrom", "2026-11-26T10:00:00 02:00"), ("email", "jane tag@example.com")] {
            let all = errors(&[(name, value)]);
            assert!(all.len() == 1 && all[0].0 == name && all[0].1.contains("%2B"), "{all:?}");
        }
        assert!(!errors(&[("email", "jane")])[0].1.contains("%2B"));
    }
}
