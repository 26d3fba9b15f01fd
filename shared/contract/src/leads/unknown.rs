//! Fields of a request that creates a lead and that a lead does not have.
//!
//! A form has more fields than a lead, or other names for them. They are kept among the lead's attributes as far as
//! there is room: no lead is lost, and nothing that a person wrote.

use crate::fields::{MAX_LISTED, Unknown};
use crate::json_value::JsonValue;
use crate::leads::attributes::{attribute_name, attribute_value};
use crate::leads::secret_names::is_secret_name;
use crate::leads::warning::{SECRET_LEFT_OUT, Warning};
use domain::leads::Attributes;
use domain::text::is_blank;

/// Adds the unknown fields to `attributes`, of which none is replaced, and returns them with a warning about each
/// unknown field. What is no scalar, looks like a secret or does not fit is left out.
pub(crate) fn keep_unknown(unknown: Unknown<'_>, mut attributes: Attributes) -> (Attributes, Vec<Warning>) {
    let mut warnings = Vec::new();
    for (field, value) in &unknown.fields {
        let outcome = keep(field, value, &mut attributes);
        if warnings.len() < MAX_LISTED {
            warnings.push(Warning::of_unknown(field, &outcome, &unknown));
        }
    }
    if let Some(more) = unknown.fields.len().checked_sub(MAX_LISTED).filter(|more| *more > 0) {
        let message = format!("the request has {more} more unknown fields");
        warnings.push(Warning::of_body(message));
    }
    (attributes, warnings)
}

/// Adds one unknown field to `attributes` if it can be kept, and returns what became of it.
fn keep(field: &str, value: &JsonValue, attributes: &mut Attributes) -> String {
    if is_secret_name(field) {
        return SECRET_LEFT_OUT.to_owned();
    }
    let name = attribute_name(field);
    match (value, attribute_value(value)) {
        (JsonValue::Null, _) => "was left out, because it is empty".to_owned(),
        (JsonValue::String(text), _) if is_blank(text) => "was left out, because it is empty".to_owned(),
        (_, None) => "was left out, because attributes are strings, numbers and booleans".to_owned(),
        (_, Some(_)) if attributes.contains(&name) => {
            "was left out, because there is an attribute of this name".to_owned()
        }
        (_, Some(value)) => match attributes.insert(name, value) {
            Ok(()) => "was kept in attributes".to_owned(),
            Err(reason) => format!("was left out, because attributes {reason}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::{Fields, UnknownFields};
    use domain::leads::AttributeValue;

    fn keep_all(body: &str, attributes: Attributes) -> (Attributes, Vec<Warning>) {
        let object = crate::parse_body(body.as_bytes()).expect("an object");
        let mut fields = Fields::new(&object, UnknownFields::Rejected);
        for known in ["name", "email", "phone"] {
            fields.value(known);
        }
        keep_unknown(fields.finish_with_unknown().expect("no errors"), attributes)
    }

    fn names(attributes: &Attributes) -> Vec<&str> {
        attributes.iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn scalars_are_kept_and_named() {
        let body =
            r#"{"name": "Jane", "budget": 1.50, "phoneNumber": "+46", "vip": true, "tags": ["a"], "x": {}, "y": null}"#;
        let (attributes, warnings) = keep_all(body, Attributes::default());
        assert_eq!(names(&attributes), ["budget", "phoneNumber", "vip"]);
        let fields: Vec<_> = warnings.iter().map(|warning| warning.field.as_str()).collect();
        assert_eq!(fields, ["budget", "phoneNumber", "tags", "vip", "x", "y"]);
        assert_eq!(warnings[1].suggestion.as_deref(), Some("phone"));
        assert_eq!(
            warnings[1].message,
            "phoneNumber is not a field of a lead, and was kept in attributes; did you mean phone?"
        );
        assert!(warnings[2].message.contains("left out"));
    }

    #[test]
    fn an_explicit_attribute_wins() {
        let explicit = Attributes::parse([("budget".to_owned(), AttributeValue::Integer(1))]).expect("attributes");
        let (attributes, warnings) = keep_all(r#"{"budget": 2}"#, explicit.clone());
        assert_eq!(attributes, explicit);
        assert!(warnings[0].message.contains("there is an attribute of this name"));
    }

    #[test]
    fn secrets_of_forms_are_never_kept() {
        for name in [
            "g-recaptcha-response",
            "h-captcha-response",
            "cf-turnstile-response",
            "frc-captcha-solution",
            "csrf_token",
            "csrfmiddlewaretoken",
            "_csrf",
            "XSRF-TOKEN",
            "_token",
            "form_token",
            "authenticity_token",
            "__RequestVerificationToken",
            "_wpnonce",
            "password",
            "Password2",
            "passwd",
            "user_pwd",
            "pass",
            "confirmPassword",
            "mot_de_passe",
            "Lösenord",
        ] {
            let (attributes, warnings) = keep_all(&format!(r#"{{"{name}": "s3cret"}}"#), Attributes::default());
            assert!(attributes.is_empty(), "{name}");
            assert!(warnings[0].field == name && !warnings[0].message.contains("s3cret"), "{name}");
        }
        let (attributes, _) = keep_all(r#"{"passengers": 2, "spinning": true, "compass": "N"}"#, Attributes::default());
        assert_eq!(names(&attributes), ["compass", "passengers", "spinning"]);
    }

    #[test]
    fn what_exceeds_the_bounds_is_left_out() {
        let long = "x".repeat(1_001);
        let many: Vec<_> = (0..60).map(|number| format!("\"field{number:02}\":1")).collect();
        let body = format!(r#"{{"aaa":"{long}","{}":1,{}}}"#, "n".repeat(65), many.join(","));
        let (attributes, warnings) = keep_all(&body, Attributes::default());
        assert_eq!(names(&attributes).len(), Attributes::MAX_ENTRIES);
        assert_eq!(warnings.len(), 62);
        assert!(warnings.iter().all(|warning| warning.message.contains("was ")));
    }

    #[test]
    fn warnings_are_bounded() {
        let many: Vec<_> = (0..5_000).map(|number| format!("\"f{number}\":[]")).collect();
        let (_, warnings) = keep_all(&format!("{{{}}}", many.join(",")), Attributes::default());
        assert_eq!(warnings.len(), MAX_LISTED + 1);
        assert_eq!(warnings[MAX_LISTED].message, "the request has 4900 more unknown fields");
    }
}
