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
