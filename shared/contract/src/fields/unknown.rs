//! Fields that the reading code has not asked for.

use super::{Fields, Found, likeliest};
use crate::json_value::JsonValue;
use domain::{FieldError, FieldErrors};

/// Maximum number of unknown fields that a response lists. A body of a megabyte has room for a hundred thousand.
pub(crate) const MAX_LISTED: usize = 100;

/// Treatment of fields that a request does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownFields {
    /// Each of them is an error.
    Rejected,
    /// They are ignored.
    Ignored,
}

/// The fields that a request does not have, and the fields that it may have.
#[derive(Debug, Default)]
pub(crate) struct Unknown<'a> {
    /// Paths and values of the unknown fields, in the order of their names.
    pub(crate) fields: Vec<(String, &'a JsonValue)>,
    /// Paths of the known ones.
    known: Vec<String>,
}

impl Unknown<'_> {
    /// Returns the known field that was probably meant by the unknown one at `path`.
    pub(crate) fn likeliest(&self, path: &str) -> Option<&str> {
        likeliest(path, self.known.iter().map(String::as_str))
    }

    /// Returns the reason for rejecting the unknown field at `path`.
    fn reason(&self, path: &str) -> String {
        match self.likeliest(path) {
            Some(meant) => format!("is not a field of this request; did you mean {meant}?"),
            None => "is not a field of this request".to_owned(),
        }
    }
}

impl<'a> Fields<'a> {
    /// Adds the fields of this object that the reading code has not asked for.
    pub(super) fn find_unknown(&mut self) {
        for (name, value) in self.object {
            if !self.known.contains(name) {
                self.found.unknown.fields.push((format!("{}{name}", self.prefix), value));
            }
        }
        let paths = self.known.drain(..).map(|name| format!("{}{name}", self.prefix));
        self.found.unknown.known.extend(paths);
    }

    /// Ends the reading. Unknown fields are errors, or ignored, as the contract has it.
    ///
    /// # Errors
    ///
    /// Returns every error that was found.
    pub fn finish(mut self) -> Result<(), FieldErrors> {
        self.note(|object| object.unknown(self.policy));
        self.find_unknown();
        let unknown = std::mem::take(&mut self.found.unknown);
        match self.policy {
            UnknownFields::Ignored => {}
            UnknownFields::Rejected => self.reject_unknown(&unknown),
        }
        self.field_errors()
    }

    /// Ends the reading of a request that has a use for unknown fields, and returns them.
    ///
    /// # Errors
    ///
    /// Returns every error that was found. That of a required field names the unknown one by which it was sent.
    pub(crate) fn finish_with_unknown(mut self) -> Result<Unknown<'a>, FieldErrors> {
        self.find_unknown();
        let unknown = std::mem::take(&mut self.found.unknown);
        for (path, _) in unknown.fields.iter().take(MAX_LISTED) {
            let Some(meant) = unknown.likeliest(path) else { continue };
            let is_meant = |error: &&mut FieldError| {
                error.reason.contains("required") && (error.field == meant || error.reason.contains(meant))
            };
            if let Some(error) = self.found.field_errors.iter_mut().find(is_meant) {
                error.reason = format!("{} ({path} is not a field; did you mean {meant}?)", error.reason);
            }
        }
        self.field_errors().map(|()| unknown)
    }

    fn reject_unknown(&mut self, unknown: &Unknown<'_>) {
        let listed = unknown.fields.iter().take(MAX_LISTED);
        self.found.field_errors.extend(listed.map(|(path, _)| FieldError::new(path.clone(), unknown.reason(path))));
        if let Some(more) = unknown.fields.len().checked_sub(MAX_LISTED).filter(|more| *more > 0) {
            self.add_error("body", format!("has {more} more unknown fields"));
        }
    }

    /// Returns every error that was found.
    fn field_errors(self) -> Result<(), FieldErrors> {
        let Found { field_errors: mut errors, lacks, .. } = self.found;
        if let Some(reason) = lacks
            && errors.is_empty()
        {
            errors.push(FieldError::new("body", reason));
        }
        if errors.is_empty() { Ok(()) } else { Err(FieldErrors(errors)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::text_format;
    use crate::json_value::JsonObject;

    fn object(text: &str) -> JsonObject {
        crate::parse_body(text.as_bytes()).expect("an object")
    }

    fn read(fields: &mut Fields<'_>) {
        fields.optional("name", text_format::url());
        fields.optional("phone", text_format::url());
        fields.object("utm", |utm| utm.optional("source", text_format::url()));
        fields.objects("steps", 3, |step| step.boolean("first"));
    }

    fn errors(text: &str, unknown_fields: UnknownFields) -> Vec<(String, String)> {
        let object = object(text);
        let mut fields = Fields::new(&object, unknown_fields);
        read(&mut fields);
        let errors = fields.finish().err().map(|errors| errors.0).unwrap_or_default();
        errors.into_iter().map(|error| (error.field, error.reason)).collect()
    }

    #[test]
    fn unknown_fields_are_named_with_the_likeliest_one() {
        for (body, field, meant) in [
            (r#"{"nmae": "Jane"}"#, "nmae", Some("name")),
            (r#"{"phoneNumber": null}"#, "phoneNumber", Some("phone")),
            (r#"{"utm_source": ""}"#, "utm_source", Some("utm.source")),
            (r#"{"utm": {"sorce": "x"}}"#, "utm.sorce", Some("utm.source")),
            (r#"{"steps": [{}, {"frist": true}]}"#, "steps[1].frist", Some("steps[1].first")),
            (r#"{"colour": {"a": 1}}"#, "colour", None),
        ] {
            let errors = errors(body, UnknownFields::Rejected);
            let fields: Vec<_> = errors.iter().map(|(field, _)| field.as_str()).collect();
            assert_eq!(fields, [field], "{body}");
            match meant {
                Some(meant) => assert!(errors[0].1.ends_with(&format!("did you mean {meant}?")), "{}", errors[0].1),
                None => assert!(!errors[0].1.contains("did you mean"), "{}", errors[0].1),
            }
            assert_eq!(super::tests::errors(body, UnknownFields::Ignored), [], "{body}");
        }
        assert_eq!(errors(r#"{"name": "Jane", "utm": {"source": "x"}}"#, UnknownFields::Rejected), []);
    }

    #[test]
    fn errors_about_unknown_fields_are_bounded() {
        let body: Vec<_> = (0..5_000).map(|number| format!("\"field{number}\":1")).collect();
        let errors = errors(&format!("{{{}}}", body.join(",")), UnknownFields::Rejected);
        assert_eq!(errors.len(), MAX_LISTED + 1);
        assert_eq!(errors[MAX_LISTED], ("body".to_owned(), "has 4900 more unknown fields".to_owned()));
    }

    #[test]
    fn a_missing_field_is_named_by_what_was_sent() {
        let object = object(r#"{"fullName": "Jane"}"#);
        let mut fields = Fields::new(&object, UnknownFields::Rejected);
        fields.require("name");
        let errors = fields.finish_with_unknown().expect_err("no name").0;
        assert_eq!(errors[0].reason, "is required (fullName is not a field; did you mean name?)");
    }

    #[test]
    fn blanks_are_absent_unless_they_are_values() {
        for blank in [r#""""#, r#"" ""#, r#""\u200b""#, r#""\u0000\n""#] {
            let object = object(&format!(r#"{{"name": {blank}}}"#));
            let mut fields = Fields::new(&object, UnknownFields::Rejected);
            assert!(fields.value("name").is_none() && fields.has("name"));
            assert!(fields.with_blank_values().value("name").is_some());
        }
    }
}
