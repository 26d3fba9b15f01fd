//! `GET …/customers` and `GET /v2/customers/{id}`.

use api::{ApiError, ApiResponse, Caller, PathId, QueryParams, require};
use contract::id;
use domain::{BusinessId, Contract, Customer, CustomerId};
use store::RecordFilter;

/// One customer.
pub(crate) async fn one(caller: Caller<require::CustomersRead>, id: PathId) -> Result<ApiResponse, ApiError> {
    let id = id.parse("customerId", "customer", CustomerId::parse)?;
    let found: Customer = caller.record(&id.simple(), "customer").await?;
    Ok(ApiResponse::ok(caller.profile().customer(&found)))
}

/// A page of customers, newest first.
pub(crate) async fn list(
    caller: Caller<require::CustomersRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let business = query.optional("businessId", id(BusinessId::parse));
    let mut filter = RecordFilter::default();
    if caller.contract == Contract::Native {
        (filter.created_from, filter.created_to) = query.range("createdFrom", "createdTo");
    }
    let profile = caller.profile();
    caller.records("customers", query, business, &filter, |customer: &Customer| profile.customer(customer)).await
}
