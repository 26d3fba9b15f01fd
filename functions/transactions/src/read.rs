//! `GET …/transactions` and `GET /v2/transactions/{id}`.

use api::{ApiError, ApiResponse, Caller, PathId, QueryParams, require};
use contract::id;
use domain::disputes::transaction::TransactionStatus;
use domain::{BusinessId, Contract, Transaction, TransactionId};
use store::RecordFilter;

/// One transaction.
pub(crate) async fn one(caller: Caller<require::TransactionsRead>, id: PathId) -> Result<ApiResponse, ApiError> {
    let id = id.parse("transactionId", "transaction", TransactionId::parse)?;
    let found: Transaction = caller.record(&id.simple(), "transaction").await?;
    Ok(ApiResponse::ok(caller.profile().transaction(&found)))
}

/// A page of transactions, newest first.
pub(crate) async fn list(
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
    caller.records("transactions", query, business, &filter, show).await
}
