//! `GET …/transactions` and `GET /v2/transactions/{id}`

use api::{ApiError, ApiResponse, ApiState, Caller, PathId, QueryParams, require};
use axum::extract::State;
use contract::TransactionListQuery;
use domain::disputes::transaction::TransactionStatus;
use domain::{Transaction, TransactionId};
use store::RecordFilter;

/// Returns a transaction.
pub(crate) async fn get(
    State(api): State<ApiState>,
    caller: Caller<require::TransactionsRead>,
    id: PathId,
) -> Result<ApiResponse, ApiError> {
    let id = id.parse("transactionId", "transaction", TransactionId::parse)?;
    let transaction: Transaction = api.records(&caller).find(&id.simple(), "transaction").await?;
    Ok(ApiResponse::ok(caller.profile().transaction_json(&transaction)))
}

/// Returns a page of transactions, newest first.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::TransactionsRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let profile = caller.profile();
    let TransactionListQuery { business, status, created } = profile.parse_transaction_list(&mut query);
    let index_value = status.map(TransactionStatus::name);
    let filter = RecordFilter { index_value, ..RecordFilter::default() };
    let show = |transaction: &Transaction| profile.transaction_json(transaction);
    api.records(&caller).list("transactions", query, (business, created), &filter, show).await
}
