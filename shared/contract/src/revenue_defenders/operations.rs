//! The operations of Revenue Defenders, described.

use crate::disputes::customer::{CustomerJson, customer_json};
use crate::disputes::dispute::{CamelCaseDispute, DisputeRequest, camel_case_dispute_json};
use crate::disputes::evidence::{EvidenceJson, evidence_json};
use crate::disputes::package::CamelCasePackage;
use crate::disputes::transaction::{TransactionJson, transaction_json};
use crate::examples::{self, records};
use crate::fields::UnknownFields::Ignored;
use crate::follow_up::message::CamelCaseMessage;
use crate::operation::{Access, ContractDescription, Operation};
use crate::profile::ContractProfile;
use crate::revenue_defenders::lead::{LeadJson, lead_json, parse_lead_request};
use crate::revenue_defenders::profile::{ErrorEnvelope, PAGE_LIMITS, RevenueDefenders, page_schema};
use crate::webhooks::payload_schema::{self, Subjects};
use crate::webhooks::subscription::CamelCaseSubscription;
use domain::{Contract, EventType, Lead, Scope};
use schemars::SchemaGenerator;
use serde_json::Value;

const TEXT: &str = "Leads with a score and a proposed follow-up, and disputes of payments with the records that decide \
    them: evidence, customers and transactions.\n\n\
    Bodies are JSON in camelCase; ids are UUIDs; times are RFC 3339 in UTC. An error is one sentence in `error`, which \
    names the field if there is one. A list without `businessId` covers the first business of the tenant; a business \
    of another tenant is 403. An id in a path that does not exist, or is no id at all, is 404. Fields that are not \
    listed are ignored, but for those of a lead, which are kept with it.";

const LEAD: &str = r#"{
  "source": "WEB_FORM",
  "name": "Sara Lindqvist",
  "email": "sara@example.com",
  "phone": "+46701740633",
  "message": "Two tiles came loose in the storm. When could somebody look at the roof?",
  "serviceInterest": "Roof inspection"
}"#;

fn lead() -> Lead {
    examples::lead(Contract::RevenueDefenders, LEAD, parse_lead_request)
}

/// Returns the description of the contract.
pub(crate) fn describe() -> ContractDescription {
    ContractDescription {
        text: TEXT,
        operations: [leads(), disputes(), records_of_disputes()].into_iter().flatten().collect(),
        page_schema,
        payload_schema,
        example_lead: lead,
        error_schema: |schemas| schemas.subschema_for::<ErrorEnvelope>(),
    }
}

/// Returns the JSON Schema of a payload, which is the subject itself.
fn payload_schema(event: EventType, schemas: &mut SchemaGenerator) -> Value {
    let subjects = Subjects {
        lead: |schemas| schemas.subschema_for::<LeadJson<'_>>(),
        dispute: |schemas| schemas.subschema_for::<CamelCaseDispute<'_>>(),
        package: |schemas| schemas.subschema_for::<CamelCasePackage<'_>>(),
        reply: |schemas| schemas.subschema_for::<CamelCaseMessage<'_>>(),
        subscription: |schemas| schemas.subschema_for::<CamelCaseSubscription<'_>>(),
    };
    payload_schema::of_subject(event, &subjects, schemas)
}

fn leads() -> Vec<Operation> {
    let read = Access::Scope(Scope::LeadsRead);
    let lead = lead();
    vec![
        Operation::get("/leads", "listLeads", read)
            .texts("Leads", "List leads", "Lists the leads of a business, the newest first.")
            .parameters(|query| drop(RevenueDefenders.parse_lead_list(query)))
            .page_of::<LeadJson<'_>>(PAGE_LIMITS, lead_json(&lead))
            .errors(&[409]),
        Operation::post("/leads", "createLead", Access::Scope(Scope::LeadsWrite))
            .texts(
                "Leads",
                "Create a lead",
                "Stores a lead and notifies subscribers of `lead.created`. The response has its score from 0 to 100, \
                 with the reasons for it, and the messages that are proposed as follow-up. `name` and one of `email` \
                 and `phone` are required.",
            )
            .checked_body(Ignored, parse_lead_request, LEAD)
            .json::<LeadJson<'_>>(201, "The lead.", lead_json(&lead))
            .located()
            .tagged()
            .errors(&[410]),
        Operation::get("/leads/{id}", "getLead", read)
            .texts("Leads", "Retrieve a lead", "Returns the lead with its current version as `ETag`.")
            .path_example(lead.id.to_string())
            .json::<LeadJson<'_>>(200, "The lead.", lead_json(&lead))
            .tagged(),
    ]
}

fn disputes() -> Vec<Operation> {
    let read = Access::Scope(Scope::DisputesRead);
    let dispute = records::dispute(records::DISPUTE);
    let example = camel_case_dispute_json(&dispute);
    vec![
        Operation::get("/disputes", "listDisputes", read)
            .texts("Disputes", "List disputes", "Lists the disputes with a business, the newest first.")
            .parameters(|query| {
                RevenueDefenders.parse_dispute_list(query);
            })
            .page_of::<CamelCaseDispute<'_>>(PAGE_LIMITS, example.clone())
            .errors(&[409]),
        Operation::post("/disputes", "createDispute", Access::Scope(Scope::DisputesWrite))
            .texts(
                "Disputes",
                "Open a dispute",
                "Opens a dispute and notifies subscribers of `dispute.created`. `reason` and `amountCents` are \
                 required; without `currency`, the amount is in that of the business. The dispute belongs to the lead \
                 that it names, or else to that of its customer or transaction. A customer, transaction or lead that \
                 does not exist is 404.",
            )
            .checked_body(Ignored, DisputeRequest::parse, records::DISPUTE)
            .json::<CamelCaseDispute<'_>>(201, "The dispute.", example.clone())
            .located()
            .tagged()
            .errors(&[404, 410]),
        Operation::get("/disputes/{id}", "getDispute", read)
            .texts("Disputes", "Retrieve a dispute", "Returns the dispute with its current version as `ETag`.")
            .path_example(dispute.id.to_string())
            .json::<CamelCaseDispute<'_>>(200, "The dispute.", example)
            .tagged(),
    ]
}

fn records_of_disputes() -> Vec<Operation> {
    let (evidence, links) = records::evidence();
    vec![
        Operation::get("/evidence", "listEvidence", Access::Scope(Scope::EvidenceRead))
            .texts(
                "Evidence",
                "List evidence",
                "Lists the evidence of a business, the newest first. `fileUrl` downloads the file for a few minutes; \
                 it is null until a file is uploaded.",
            )
            .parameters(|query| {
                RevenueDefenders.parse_evidence_list(query);
            })
            .page_of::<EvidenceJson<'_>>(PAGE_LIMITS, evidence_json(&evidence, links))
            .errors(&[409]),
        Operation::get("/customers", "listCustomers", Access::Scope(Scope::CustomersRead))
            .texts("Customers", "List customers", "Lists the customers of a business, the newest first.")
            .parameters(|query| {
                RevenueDefenders.parse_customer_list(query);
            })
            .page_of::<CustomerJson<'_>>(PAGE_LIMITS, customer_json(&records::customer()))
            .errors(&[409]),
        Operation::get("/transactions", "listTransactions", Access::Scope(Scope::TransactionsRead))
            .texts("Transactions", "List transactions", "Lists the payments to a business, the newest first.")
            .parameters(|query| {
                RevenueDefenders.parse_transaction_list(query);
            })
            .page_of::<TransactionJson<'_>>(PAGE_LIMITS, transaction_json(&records::transaction()))
            .errors(&[409]),
    ]
}
