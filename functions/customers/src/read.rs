//! `GET …/customers` and `GET /v2/customers/{id}`

use api::{ApiError, ApiResponse, ApiState, Caller, PathId, QueryParams, require};
use axum::extract::State;
use contract::id;
use domain::{BusinessId, Contract, Customer, CustomerId};
use store::RecordFilter;

/// Returns a customer.
pub(crate) async fn one(
    State(api): State<ApiState>,
    caller: Caller<require::CustomersRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let id = id.parse("customerId", "customer", CustomerId::parse)?;
    let customer: Customer = api.records(&caller).find(&id.simple(), "customer").await?;
    Ok(ApiResponse::ok(caller.profile().customer(&customer)))
}

/// Returns a page of customers, newest first.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::CustomersRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let business = query.optional("businessId", id(BusinessId::parse));
    let mut filter = RecordFilter::default();
    if caller.contract == Contract::Native {
        (filter.created_from, filter.created_to) = query.range("createdFrom", "createdTo");
    }
    let profile = caller.profile();
    let show = |customer: &Customer| profile.customer(customer);
    api.records(&caller).list("customers", query, business, &filter, show).await
}
