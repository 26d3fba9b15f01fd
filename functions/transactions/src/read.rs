//! `GET …/transactions` and `GET /v2/transactions/{id}`

use api::{ApiError, ApiResponse, ApiState, Caller, PathId, QueryParams, require};
use axum::extract::State;
use contract::id;
use domain::disputes::transaction::TransactionStatus;
use domain::{BusinessId, Contract, Transaction, TransactionId};
use store::RecordFilter;

/// Returns a transaction.
pub(crate) async fn one(
    State(api): State<ApiState>,
    caller: Caller<require::TransactionsRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let id = id.parse("transactionId", "transaction", TransactionId::parse)?;
    let transaction: Transaction = api.records(&caller).find(&id.simple(), "transaction").await?;
    Ok(ApiResponse::ok(caller.profile().transaction(&transaction)))
}

/// Returns a page of transactions, newest first.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::TransactionsRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let business = query.optional("businessId", id(BusinessId::parse));
    let mut filter = RecordFilter::default();
    if caller.contract == Contract::Native {
        let status = query.one_of("status", &TransactionStatus::ALL, TransactionStatus::name);
        filter.index_value = status.map(TransactionStatus::name);
        (filter.created_from, filter.created_to) = query.range("createdFrom", "createdTo");
    }
    let profile = caller.profile();
    let show = |transaction: &Transaction| profile.transaction(transaction);
    api.records(&caller).list("transactions", query, business, &filter, show).await
}
