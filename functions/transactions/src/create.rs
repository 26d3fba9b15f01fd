//! `POST /v2/transactions`

use api::{ApiError, ApiResponse, ApiState, Caller, Idempotency, JsonBody, require};
use axum::extract::State;
use contract::TransactionDraft;
use domain::{Customer, NewTransaction, Transaction, TransactionId};

/// Creates a transaction, as a child record of its customer's lead.
pub(crate) async fn create(
    State(api): State<ApiState>,
    caller: Caller<require::TransactionsWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let draft = TransactionDraft::read(&body.fields)?;
    idempotency
        .run(&caller, &body, async |call| {
            let records = api.records(&caller);
            let business = api.businesses(&caller).resolve(draft.business).await?;
            let customer = draft.customer.map(|customer| customer.simple());
            let customer: Option<Customer> = records.find_named(customer, business.id, "customer").await?;
            let lead = records.parent_lead(None, customer.and_then(|customer| customer.lead), business.id).await?;
            let now = api.now();
            let new = NewTransaction {
                business: business.id,
                customer: draft.customer,
                lead: lead.as_ref().map(|lead| lead.lead.id),
                money: draft.money.placed_in(&business),
                status: draft.status,
                description: draft.description,
                occurred_at: draft.occurred_at,
            };
            let transaction = Transaction::new(TransactionId::new(now, api.random()?), new, now);
            let response = ApiResponse::created(caller.profile().transaction(&transaction));
            records.create(&transaction, lead.as_ref(), &call, response).await
        })
        .await
}
