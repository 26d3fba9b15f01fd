//! Transactions.

use crate::accounts::business::{business_id_parameter, read_business_id};
use crate::disputes::money::{MoneyFields, MoneyRequest};
use crate::fields::{Fields, parse_id};
use crate::json::Json;
use crate::query::Query;
use domain::disputes::transaction::TransactionStatus;
use domain::text::MultiLine;
use domain::time_range::TimeRange;
use domain::{BusinessId, CustomerId, FieldErrors, Timestamp, Transaction};
use serde::Serialize;

/// A request that creates a transaction, before its business is known.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionRequest {
    /// Business that the request names.
    pub business: Option<BusinessId>,
    /// Customer who paid.
    pub customer: Option<CustomerId>,
    /// Amount paid.
    pub money: MoneyRequest,
    /// Status.
    pub status: TransactionStatus,
    /// Description of what was paid for.
    pub description: Option<MultiLine>,
    /// Time of the payment.
    pub occurred_at: Option<Timestamp>,
}

impl TransactionRequest {
    /// Parses a request; `amountCents` is required.
    pub fn parse(mut fields: Fields<'_>) -> Result<Self, FieldErrors> {
        let business = read_business_id(&mut fields);
        let customer = fields.optional("customerId", parse_id(CustomerId::parse));
        let money = MoneyFields::read(&mut fields);
        let status = fields.one_of("status", &TransactionStatus::ALL, TransactionStatus::name).unwrap_or_default();
        let description = fields.optional("description", MultiLine::parse);
        let occurred_at = fields.timestamp("occurredAt");
        fields.finish()?;
        Ok(Self { business, customer, money: money.finish()?, status, description, occurred_at })
    }
}

/// The filter of a list of transactions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransactionListQuery {
    /// Business that the request names.
    pub business: Option<BusinessId>,
    /// Only transactions in this status.
    pub status: Option<TransactionStatus>,
    /// Only transactions created in this range.
    pub created: TimeRange,
}

impl TransactionListQuery {
    /// Reads every parameter.
    pub(crate) fn read(query: &mut Query) -> Self {
        let business = business_id_parameter(query);
        let status = query.one_of("status", &TransactionStatus::ALL, TransactionStatus::name);
        let created = query.range("createdFrom", "createdTo");
        Self { business, status, created }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransactionJson<'a> {
    id: String,
    business_id: String,
    customer_id: Option<String>,
    amount_cents: i64,
    currency: &'a str,
    status: &'static str,
    description: Option<&'a str>,
    occurred_at: String,
    created_at: String,
}

/// Returns a transaction.
pub(crate) fn transaction_json(transaction: &Transaction) -> Json {
    Json::of(&TransactionJson {
        id: transaction.id.to_string(),
        business_id: transaction.business.to_string(),
        customer_id: transaction.customer.map(|customer| customer.to_string()),
        amount_cents: transaction.money.cents,
        currency: transaction.money.currency.as_str(),
        status: transaction.status.name(),
        description: transaction.description.as_ref().map(MultiLine::as_str),
        occurred_at: transaction.occurred_at.to_string(),
        created_at: transaction.created_at.to_string(),
    })
}
