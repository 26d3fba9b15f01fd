//! `POST /v2/customers`: creates a customer.

use api::{ApiError, ApiResponse, ApiState, Caller, Idempotency, JsonBody, require};
use axum::extract::State;
use contract::CustomerRequest;
use domain::{Customer, CustomerId};

/// Creates a customer, as a child record of the lead that it names.
pub(crate) async fn create(
    State(api): State<ApiState>,
    caller: Caller<require::CustomersWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = CustomerRequest::parse(body.fields())?;
    idempotency
        .run(&caller, &body, async |call| {
            let records = api.records(&caller);
            let business = api.businesses(&caller).resolve(request.business).await?;
            let lead = records.parent_lead(request.lead, None, business.id).await?;
            let now = api.now();
            let id = CustomerId::new(now, api.random()?);
            let customer = Customer::new(id, request.in_business(&business)?, now);
            let response = ApiResponse::created(caller.profile().customer_json(&customer));
            records.create(&customer, lead.as_ref(), &call, response).await
        })
        .await
}
