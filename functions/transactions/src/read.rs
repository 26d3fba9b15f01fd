//! `GET …/transactions` and `GET /v2/transactions/{id}`.

use access::{Answer, Caller, PathId, Queried, Refused, needs};
use contract::id;
use domain::disputes::transaction::TransactionStatus;
use domain::{BusinessId, Contract, Transaction, TransactionId};
use store::BelongingFilter;

/// One transaction.
pub(crate) async fn one(caller: Caller<needs::TransactionsRead>, id: PathId) -> Result<Answer, Refused> {
    let id = id.parse("transactionId", "transaction", TransactionId::parse)?;
    let found: Transaction = caller.record(&id.simple(), "transaction").await?;
    Ok(Answer::ok(caller.wire().transaction(&found)))
}

/// A page of transactions, newest first.
pub(crate) async fn list(
    caller: Caller<needs::TransactionsRead>,
    Queried(mut query): Queried,
) -> Result<Answer, Refused> {
    let business = query.optional("businessId", id(BusinessId::parse));
    let mut filter = BelongingFilter::default();
    if caller.contract == Contract::Native {
        let status = query.one_of("status", &TransactionStatus::ALL, TransactionStatus::name);
        filter.word = status.map(TransactionStatus::name);
        (filter.created_from, filter.created_to) = query.range("createdFrom", "createdTo");
    }
    let wire = caller.wire();
    let show = |transaction: &Transaction| wire.transaction(transaction);
    caller.records("transactions", query, business, &filter, show).await
}
