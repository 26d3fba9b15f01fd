//! Operations on leads.

use crate::error::ErrorKind;
use crate::examples;
use crate::fields::UnknownFields::Rejected;
use crate::json::Json;
use crate::native::leads::batch::{Batch, BatchResult, batch_json, parse_batch};
use crate::native::leads::check_lead_change;
use crate::native::leads::lead::{
    CreatedLeadJson, LeadJson, created_lead_json, lead_json, parse_lead_request, read_lead_list,
};
use crate::native::profile::PAGE_LIMITS;
use crate::operation::{Access, Operation};
use domain::{Contract, FieldErrors, Lead, Scope};

const TAG: &str = "Leads";

const LEAD: &str = r#"{
  "name": "Anna Karlsson",
  "email": "anna@example.com",
  "phone": "070-123 45 67",
  "message": "Is the flat in Vasastan still available?",
  "serviceInterest": "3 rooms, Vasastan",
  "source": "WEB_FORM",
  "category": "PROPERTY_SEARCH",
  "utm": { "source": "google", "medium": "cpc", "campaign": "autumn" },
  "consent": { "given": true, "text": "I agree to be contacted about this request." },
  "attributes": { "budget": 4500000 }
}"#;

/// Returns the lead of the examples.
pub(super) fn lead() -> Lead {
    examples::lead(Contract::Native, LEAD, parse_lead_request)
}

fn batch() -> Json {
    let invalid = FieldErrors::single("phone", "must be a telephone number such as +46701234567");
    batch_json(&[
        BatchResult::created(lead_json(&lead()), &[], 0),
        BatchResult::failed(&ErrorKind::Invalid(invalid), 1),
    ])
}

/// Returns every operation on leads.
pub(super) fn operations() -> Vec<Operation> {
    [list_and_create(), read_change_and_erase()].into_iter().flatten().collect()
}

fn list_and_create() -> Vec<Operation> {
    let write = Access::Scope(Scope::LeadsWrite);
    let lead = lead();
    vec![
        Operation::post("/leads", "createLead", write)
            .texts(
                TAG,
                "Create a lead",
                "Stores a lead, scores it and notifies subscribers of `lead.created`. `name` and one of `email` and \
                 `phone` are required. Numbers in national form are read as those of the business's \
                 country.\n\nFields that a lead does not have are kept in `attributes` if they fit; `warnings` of \
                 the response name them.",
            )
            .checked_body(Rejected, parse_lead_request, LEAD)
            .json::<CreatedLeadJson<'_>>(201, "The lead.", created_lead_json(&lead, &[]))
            .located()
            .tagged()
            .errors(&[404, 410]),
        Operation::get("/leads", "listLeads", Access::Scope(Scope::LeadsRead))
            .texts(TAG, "List leads", "Lists leads, the newest first, with every filter that is sent.")
            .parameters(|query| drop(read_lead_list(query)))
            .page_of::<LeadJson<'_>>(PAGE_LIMITS, lead_json(&lead))
            .errors(&[404]),
        Operation::post("/leads/batch", "createLeads", write)
            .texts(
                TAG,
                "Create several leads",
                "Creates up to 100 leads. Each is created or fails on its own: `results` has a `status` for each \
                 entry in order, 201 with the lead or that of an error. An invalid entry does not prevent the \
                 others, and the response is 200 even if all of them failed.\n\nUnder an `Idempotency-Key` the same \
                 batch may be sent again after a failure: leads that were created are returned, and the missing ones \
                 are created.",
            )
            .checked_body(
                Rejected,
                |fields| parse_batch(fields).map(drop),
                format!(r#"{{ "leads": [{LEAD}, {{ "name": "Erik Lund", "phone": "12" }}] }}"#),
            )
            .json::<Batch<'_>>(200, "A result for each entry, in order.", batch()),
    ]
}

fn read_change_and_erase() -> Vec<Operation> {
    let read = Access::Scope(Scope::LeadsRead);
    let write = Access::Scope(Scope::LeadsWrite);
    let lead = lead();
    vec![
        Operation::get("/leads/{id}", "getLead", read)
            .texts(TAG, "Retrieve a lead", "Returns the lead with its current version as `ETag`.")
            .path_example(lead.id.to_string())
            .json::<LeadJson<'_>>(200, "The lead.", lead_json(&lead))
            .tagged()
            .errors(&[404]),
        Operation::patch("/leads/{id}", "updateLead", write)
            .texts(
                TAG,
                "Change a lead",
                "Changes the fields that are sent; null clears one. Fields of a lead that was fetched may be sent \
                 back unchanged. With `If-Match`, only the version that was read is changed.",
            )
            .path_example(lead.id.to_string())
            .checked_body(Rejected, check_lead_change, r#"{ "status": "CONTACTED" }"#)
            .json::<LeadJson<'_>>(200, "The changed lead.", lead_json(&lead))
            .tagged()
            .conditional()
            .errors(&[404, 409, 410]),
        Operation::delete("/leads/{id}", "eraseLead", write)
            .texts(
                TAG,
                "Erase a lead",
                "Erases the lead and everything that belongs to it: messages, sequence, photo, evidence and the \
                 bodies of webhooks. It cannot be undone.",
            )
            .path_example(lead.id.to_string())
            .empty(204, "The lead is erased.")
            .errors(&[404]),
    ]
}
