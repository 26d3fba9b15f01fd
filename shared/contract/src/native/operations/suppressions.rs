//! Operations on suppressions.

use crate::examples::{self, NOW};
use crate::fields::UnknownFields::Rejected;
use crate::native::follow_up::suppression::{
    ContactsRequest, LookupJson, SuppressionJson, SuppressionRequest, suppression_json, suppression_lookup_json,
};
use crate::native::profile::PAGE_LIMITS;
use crate::operation::{Access, Operation};
use domain::follow_up::suppression::{Contact, SuppressionOrigin};
use domain::leads::contact::Email;
use domain::{Scope, Suppression, SuppressionKey};

const TAG: &str = "Suppressions";

const CONTACT: &str = r#"{ "email": "anna@example.com" }"#;

fn suppression() -> Suppression {
    let email = Email::parse("anna@example.com").unwrap_or_else(|reason| panic!("{reason}"));
    let contact = Contact::of_email(&email);
    let id = SuppressionKey::new([0; 32]).id(examples::environment(), &contact);
    Suppression { id, kind: contact.kind(), origin: SuppressionOrigin::Api, created_at: NOW }
}

/// Returns every operation on suppressions.
pub(super) fn operations() -> Vec<Operation> {
    let read = Access::Scope(Scope::LeadsRead);
    let suppression = suppression();
    let example = suppression_json(&suppression);
    vec![
        Operation::get("/suppressions", "listSuppressions", read)
            .texts(
                TAG,
                "List suppressions",
                "Lists the suppressions of the tenant, the newest first. They do not show the number or address. A \
                 key that is bound to a business may not do this (403).",
            )
            .page_of::<SuppressionJson>(PAGE_LIMITS, example.clone()),
        Operation::post("/suppressions", "createSuppression", Access::Scope(Scope::LeadsWrite))
            .texts(
                TAG,
                "Suppress a number or address",
                "Suppresses a telephone number or an e-mail address, whichever leads have it: when this returns, no \
                 further message goes to it. Send `email` or `phone`, not both. A national number is read as one of \
                 the country of the business.",
            )
            .checked_body(Rejected, SuppressionRequest::parse, CONTACT)
            .json::<SuppressionJson>(200, "The suppression that there was already.", example.clone())
            .json::<SuppressionJson>(201, "The suppression.", example)
            .errors(&[404]),
        Operation::post("/suppressions/lookup", "lookUpSuppression", read)
            .texts(
                TAG,
                "Look up a number or address",
                "Returns whether a telephone number or an e-mail address, or either of both, is suppressed. It is a \
                 `POST` so that personal data stays out of URLs and their logs.",
            )
            .checked_body(Rejected, ContactsRequest::parse, CONTACT)
            .json::<LookupJson>(200, "The suppressions that were found.", suppression_lookup_json(&[suppression]))
            .errors(&[404]),
        Operation::delete("/suppressions/{id}", "liftSuppression", Access::Scope(Scope::SequencesWrite))
            .texts(
                TAG,
                "Lift a suppression",
                "Lifts a suppression: messages may go out again to leads that have not opted out. Lift it only if \
                 the person asks for messages. A key that is bound to a business may not do this (403).",
            )
            .path_example(suppression.id.to_string())
            .empty(204, "The suppression is lifted."),
    ]
}
