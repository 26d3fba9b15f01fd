//! `POST /v2/transactions`: a transaction is added.

use crate::Transactions;
use api::{ApiError, ApiResponse, Caller, JsonBody, require};
use axum::extract::State;
use contract::TransactionDraft;
use domain::{Customer, NewTransaction, Transaction, TransactionId};

/// Stores a transaction.
pub(crate) async fn create(
    State(transactions): State<Transactions>,
    caller: Caller<require::TransactionsWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let draft = TransactionDraft::read(&input.fields)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    let business = caller.place(draft.business).await?;
    let customer = draft.customer.map(|customer| customer.simple());
    let customer: Option<Customer> = caller.named(customer, business.id, "customer").await?;
    let lead = caller.lead_of(None, customer.and_then(|customer| customer.lead), business.id).await?;
    let now = transactions.api.now();
    let new = NewTransaction {
        business: business.id,
        customer: draft.customer,
        lead: lead.as_ref().map(|lead| lead.lead.id),
        money: draft.money.placed_in(&business),
        status: draft.status,
        description: draft.description,
        occurred_at: draft.occurred_at,
    };
    let transaction = Transaction::new(TransactionId::new(now, transactions.api.random()?), new, now);
    let answer = ApiResponse::created(caller.profile().transaction(&transaction));
    caller.make(&transaction, lead.as_ref(), idempotency_key.as_ref(), answer).await
}
