//! Transactions.

use crate::accounts::business::{business_id_parameter, read_business_id};
use crate::disputes::money::{MoneyFields, MoneyRequest};
use crate::fields::{Fields, text_format};
use crate::json::Json;
use crate::query::Query;
use crate::schema::{Time, TransactionStatusName, Uuid};
use domain::disputes::transaction::TransactionStatus;
use domain::text::MultiLine;
use domain::time_range::TimeRange;
use domain::{BusinessId, CustomerId, FieldErrors, Timestamp, Transaction};
use schemars::JsonSchema;
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
        let customer = fields.optional("customerId", text_format::id(CustomerId::parse));
        let money = MoneyFields::read(&mut fields);
        let status = fields.one_of("status", &TransactionStatus::ALL, TransactionStatus::name).unwrap_or_default();
        let description = fields.optional("description", text_format::long_text());
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

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Transaction")]
#[serde(rename_all = "camelCase")]
pub(crate) struct TransactionJson<'a> {
    #[schemars(with = "Uuid")]
    id: String,
    #[schemars(with = "Uuid")]
    business_id: String,
    #[schemars(with = "Option<Uuid>")]
    customer_id: Option<String>,
    amount_cents: i64,
    currency: &'a str,
    #[schemars(with = "TransactionStatusName")]
    status: &'static str,
    description: Option<&'a str>,
    #[schemars(with = "Time")]
    occurred_at: String,
    #[schemars(with = "Time")]
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
