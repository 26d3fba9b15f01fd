//! Disputes.

use crate::accounts::business::{business_id_parameter, read_business_id};
use crate::disputes::money::{MoneyFields, MoneyRequest};
use crate::fields::{Fields, required_value, text_format};
use crate::json::Json;
use crate::query::Query;
use crate::schema::{DisputeReasonName, DisputeStatusName, Time, Uuid};
use domain::disputes::dispute::DisputeReason;
use domain::text::MultiLine;
use domain::time_range::TimeRange;
use domain::{BusinessId, CustomerId, Dispute, DisputeStatus, FieldErrors, LeadId, Timestamp, TransactionId};
use schemars::JsonSchema;
use serde::Serialize;

/// A request that creates a dispute, before its business is known.
#[derive(Clone, Debug, PartialEq)]
pub struct DisputeRequest {
    /// Business that the request names.
    pub business: Option<BusinessId>,
    /// Reason of the dispute.
    pub reason: DisputeReason,
    /// Disputed amount.
    pub money: MoneyRequest,
    /// Customer who disputes.
    pub customer: Option<CustomerId>,
    /// Disputed transaction.
    pub transaction: Option<TransactionId>,
    /// Lead that became the customer.
    pub lead: Option<LeadId>,
    /// The customer's account.
    pub customer_claim: Option<MultiLine>,
    /// Deadline for evidence.
    pub evidence_due_by: Option<Timestamp>,
}

impl DisputeRequest {
    /// Parses a request; `reason` and `amountCents` are required.
    pub fn parse(mut fields: Fields<'_>) -> Result<Self, FieldErrors> {
        let business = read_business_id(&mut fields);
        fields.require("reason");
        let reason = fields.one_of("reason", &DisputeReason::ALL, DisputeReason::name);
        let money = MoneyFields::read(&mut fields);
        let customer = fields.optional("customerId", text_format::id(CustomerId::parse));
        let transaction = fields.optional("transactionId", text_format::id(TransactionId::parse));
        let lead = fields.optional("leadId", text_format::id(LeadId::parse));
        let customer_claim = fields.optional("customerClaim", text_format::long_text());
        let evidence_due_by = fields.timestamp("evidenceDueBy");
        fields.finish()?;
        let (reason, money) = (required_value("reason", reason)?, money.finish()?);
        Ok(Self { business, reason, money, customer, transaction, lead, customer_claim, evidence_due_by })
    }
}

/// The fields of a dispute that a change may send back but not change.
const READ_ONLY: [&str; 15] = [
    "id",
    "businessId",
    "reason",
    "amountCents",
    "currency",
    "customerId",
    "transactionId",
    "leadId",
    "customerClaim",
    "evidenceDueBy",
    "createdAt",
    "updatedAt",
    "version",
    // Those of a single dispute, which change without it.
    "evidenceChecklist",
    "packages",
];

/// Reason for a change of another field than the status.
const ONLY_STATUS: &str = "cannot be changed; only status can be";

/// Parses a change of a dispute. Only the status can be changed.
pub fn parse_dispute_change(mut fields: Fields<'_>) -> Result<DisputeStatus, FieldErrors> {
    fields.read_only(&READ_ONLY);
    if fields.value("status").is_none() {
        fields.reject(&READ_ONLY, ONLY_STATUS);
    }
    fields.require("status");
    let status = fields.one_of("status", &DisputeStatus::ALL, DisputeStatus::name);
    fields.finish()?;
    required_value("status", status)
}

/// Checks that a change sends back the read-only fields of a dispute, which `current` shows, as they are.
pub fn check_read_only_dispute_fields(fields: &Fields<'_>, current: &Json) -> Result<(), FieldErrors> {
    fields.check_read_only(&READ_ONLY, current, ONLY_STATUS)
}

/// The filter of a list of disputes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DisputeListQuery {
    /// Business that the request names.
    pub business: Option<BusinessId>,
    /// Only disputes in this status.
    pub status: Option<DisputeStatus>,
    /// Only disputes created in this range.
    pub created: TimeRange,
}

impl DisputeListQuery {
    /// Reads every parameter.
    pub(crate) fn read(query: &mut Query) -> Self {
        let business_and_status = Self::read_business_and_status(query);
        let created = query.range("createdFrom", "createdTo");
        Self { created, ..business_and_status }
    }

    /// Reads the parameters `businessId` and `status`.
    pub(crate) fn read_business_and_status(query: &mut Query) -> Self {
        let business = business_id_parameter(query);
        let status = query.one_of("status", &DisputeStatus::ALL, DisputeStatus::name);
        Self { business, status, ..Self::default() }
    }
}

/// Defines a dispute as it was created in one spelling; both spellings have the same fields.
macro_rules! dispute_json {
    ($name:ident, $case:literal) => {
        #[derive(Serialize, JsonSchema)]
        #[schemars(rename = "Dispute")]
        #[serde(rename_all = $case)]
        pub(crate) struct $name<'a> {
            #[schemars(with = "Uuid")]
            id: String,
            #[schemars(with = "Uuid")]
            business_id: String,
            #[schemars(with = "DisputeReasonName")]
            reason: &'static str,
            amount_cents: i64,
            currency: &'a str,
            #[schemars(with = "DisputeStatusName")]
            status: &'static str,
            #[schemars(with = "Option<Uuid>")]
            customer_id: Option<String>,
            #[schemars(with = "Option<Uuid>")]
            transaction_id: Option<String>,
            #[schemars(with = "Option<Uuid>")]
            lead_id: Option<String>,
            customer_claim: Option<&'a str>,
            #[schemars(with = "Time")]
            evidence_due_by: String,
            #[schemars(with = "Time")]
            created_at: String,
        }

        impl<'a> $name<'a> {
            fn of(dispute: &'a Dispute, write_lead_id: impl Fn(LeadId) -> String) -> Self {
                Self {
                    id: dispute.id.to_string(),
                    business_id: dispute.business.to_string(),
                    reason: dispute.reason.name(),
                    amount_cents: dispute.money.cents,
                    currency: dispute.money.currency.as_str(),
                    status: dispute.status.name(),
                    customer_id: dispute.customer.map(|customer| customer.to_string()),
                    transaction_id: dispute.transaction.map(|transaction| transaction.to_string()),
                    lead_id: dispute.lead.map(write_lead_id),
                    customer_claim: dispute.customer_claim.as_ref().map(MultiLine::as_str),
                    evidence_due_by: dispute.evidence_due_by.to_string(),
                    created_at: dispute.created_at.to_string(),
                }
            }
        }
    };
}

dispute_json!(CamelCaseDispute, "camelCase");
dispute_json!(SnakeCaseDispute, "snake_case");

/// A dispute in camelCase with its last change.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Dispute")]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionedDispute<'a> {
    #[serde(flatten)]
    dispute: CamelCaseDispute<'a>,
    #[schemars(with = "Time")]
    updated_at: String,
    version: u64,
}

/// A dispute in `snake_case` with the time of its last change.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Dispute")]
pub(crate) struct UpdatedDispute<'a> {
    #[serde(flatten)]
    dispute: SnakeCaseDispute<'a>,
    #[schemars(with = "Time")]
    updated_at: String,
}

/// Returns a dispute in camelCase.
pub(crate) fn camel_case_dispute_json(dispute: &Dispute) -> Json {
    Json::of(&CamelCaseDispute::of(dispute, |lead| lead.to_string()))
}

impl<'a> VersionedDispute<'a> {
    pub(crate) fn of(dispute: &'a Dispute) -> Self {
        Self {
            dispute: CamelCaseDispute::of(dispute, |lead| lead.to_string()),
            updated_at: dispute.updated_at.to_string(),
            version: dispute.version,
        }
    }
}

/// Returns a dispute in camelCase with `updatedAt` and `version`.
pub(crate) fn versioned_dispute_json(dispute: &Dispute) -> Json {
    Json::of(&VersionedDispute::of(dispute))
}

/// Returns a dispute in `snake_case`.
pub(crate) fn snake_case_dispute_json(dispute: &Dispute, write_lead_id: impl Fn(LeadId) -> String) -> Json {
    Json::of(&UpdatedDispute {
        dispute: SnakeCaseDispute::of(dispute, write_lead_id),
        updated_at: dispute.updated_at.to_string(),
    })
}
