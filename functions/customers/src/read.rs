//! `GET …/customers` and `GET /v2/customers/{id}`

use api::{ApiError, ApiResponse, ApiState, Caller, PathId, QueryParams, require};
use axum::extract::State;
use contract::CustomerListQuery;
use domain::{Customer, CustomerId};
use store::RecordFilter;

/// Returns a customer.
pub(crate) async fn get(
    State(api): State<ApiState>,
    caller: Caller<require::CustomersRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let id = id.parse("customerId", "customer", CustomerId::parse)?;
    let customer: Customer = api.records(&caller).find(&id.simple(), "customer").await?;
    Ok(ApiResponse::ok(caller.profile().customer_json(&customer)))
}

/// Returns a page of customers, newest first.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::CustomersRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let profile = caller.profile();
    let CustomerListQuery { business, created } = profile.parse_customer_list(&mut query);
    let show = |customer: &Customer| profile.customer_json(customer);
    api.records(&caller).list("customers", query, (business, created), &RecordFilter::default(), show).await
}
