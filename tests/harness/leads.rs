//! Builders of leads: request bodies, and leads that a test stores directly.

use domain::leads::contact::{Email, Name};
use domain::leads::{Attributes, Category, Source, Utm};
use domain::{BusinessId, NewLead};
use serde_json::{Value, json};

/// Returns a lead without an e-mail address, which is stored by a single write.
pub(crate) fn with_phone() -> Value {
    json!({ "name": "Jane Smith", "phone": "+15551234567" })
}

/// Returns a lead with an e-mail address, which is stored in one transaction with the record of its address.
pub(crate) fn with_email() -> Value {
    json!({ "name": "Jane Smith", "email": "jane@example.com" })
}

/// Returns a lead of usual size with a telephone number.
pub(crate) fn with_phone_and_message() -> Value {
    with_message(with_phone())
}

/// Returns a lead of usual size with an e-mail address.
pub(crate) fn with_email_and_message() -> Value {
    with_message(with_email())
}

fn with_message(mut lead: Value) -> Value {
    lead["message"] = json!("I need a roof repair estimate");
    lead
}

/// Returns a lead with this name, which is also the local part of its e-mail address.
pub(crate) fn named(name: &str) -> Value {
    json!({ "name": name, "email": format!("{name}@example.com") })
}

/// Returns a lead with this name who may be contacted by e-mail.
pub(crate) fn named_with_consent(name: &str) -> Value {
    let mut lead = named(name);
    lead["consent"] = json!({ "given": true });
    lead
}

/// Returns a lead from `source`.
pub(crate) fn from_source(source: &str) -> Value {
    let mut lead = with_phone();
    lead["source"] = json!(source);
    lead
}

/// Returns a lead with an e-mail address of its own.
pub(crate) fn numbered(number: usize) -> Value {
    json!({ "name": format!("Jane {number}"), "email": format!("jane{number}@example.com") })
}

/// Returns a lead with the field `name` set to `value`.
pub(crate) fn with_field(name: &str, value: Value) -> Value {
    let mut lead = with_email();
    lead[name] = value;
    lead
}

/// Returns a lead with this e-mail address that every contract accepts.
pub(crate) fn for_every_contract(email: &str) -> Value {
    json!({ "first_name": "Sam", "name": "Sam", "email": email })
}

/// Returns a new lead of `business` for tests that write to the tables directly.
pub(crate) fn new_lead(business: BusinessId, email: Option<&str>) -> NewLead {
    NewLead {
        business,
        name: Name::parse("Jane Smith").unwrap(),
        email: email.map(|email| Email::parse(email).unwrap()),
        phone: None,
        message: None,
        service_interest: None,
        source: Source::default(),
        category: Category::General,
        utm: Utm::default(),
        consent: None,
        attributes: Attributes::default(),
        visitor: None,
    }
}
