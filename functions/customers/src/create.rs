//! `POST /v2/customers`: a customer is added.

use crate::Customers;
use api::{ApiError, ApiResponse, Caller, JsonBody, require};
use axum::extract::State;
use contract::CustomerDraft;
use domain::{Customer, CustomerId};

/// Stores a customer.
pub(crate) async fn create(
    State(customers): State<Customers>,
    caller: Caller<require::CustomersWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let draft = CustomerDraft::read(&input.fields)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    let business = caller.place(draft.business).await?;
    let lead = caller.lead_of(draft.lead, None, business.id).await?;
    let now = customers.api.now();
    let id = CustomerId::new(now, customers.api.random()?);
    let customer = Customer::new(id, draft.placed_in(&business)?, now);
    let answer = ApiResponse::created(caller.profile().customer(&customer));
    caller.make(&customer, lead.as_ref(), idempotency_key.as_ref(), answer).await
}
