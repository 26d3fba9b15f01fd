//! `POST /v2/transactions`: creates a transaction.

use api::{ApiError, ApiResponse, ApiState, Caller, Idempotency, JsonBody, require};
use axum::extract::State;
use contract::TransactionRequest;
use domain::{Customer, NewTransaction, Transaction, TransactionId};

/// Creates a transaction, as a child record of its customer's lead.
pub(crate) async fn create(
    State(api): State<ApiState>,
    caller: Caller<require::TransactionsWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = TransactionRequest::parse(body.fields())?;
    idempotency
        .run(&caller, &body, async |call| {
            let records = api.records(&caller);
            let business = api.businesses(&caller).resolve(request.business).await?;
            let customer = request.customer.map(|customer| customer.simple());
            let customer: Option<Customer> = records.find_named(customer, business.id, "customer").await?;
            let lead = records.parent_lead(None, customer.and_then(|customer| customer.lead), business.id).await?;
            let now = api.now();
            let new = NewTransaction {
                business: business.id,
                customer: request.customer,
                lead: lead.as_ref().map(|lead| lead.lead.id),
                money: request.money.in_business(&business),
                status: request.status,
                description: request.description,
                occurred_at: request.occurred_at,
            };
            let transaction = Transaction::new(TransactionId::new(now, api.random()?), new, now);
            let response = ApiResponse::created(caller.profile().transaction_json(&transaction));
            records.create(&transaction, lead.as_ref(), &call, response).await
        })
        .await
}
