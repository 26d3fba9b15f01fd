//! Operations on transactions.

use super::customers::customer;
use crate::disputes::transaction::{TransactionJson, TransactionListQuery, TransactionRequest, transaction_json};
use crate::examples::{self, NOW, random_bytes};
use crate::fields::UnknownFields::Rejected;
use crate::native::profile::PAGE_LIMITS;
use crate::operation::{Access, Operation};
use domain::{NewTransaction, Scope, Transaction, TransactionId};
use serde_json::json;

const TAG: &str = "Transactions";

fn request() -> String {
    json!({
        "customerId": customer().id.to_string(),
        "amountCents": 250_000,
        "currency": "SEK",
        "status": "PAID",
        "description": "Deposit for the flat in Vasastan",
        "occurredAt": "2026-11-25T09:30:00Z"
    })
    .to_string()
}

/// Returns the transaction of the examples.
pub(super) fn transaction() -> Transaction {
    let business = examples::business();
    let request = examples::read(&request(), TransactionRequest::parse);
    let new = NewTransaction {
        business: business.id,
        customer: request.customer,
        lead: customer().lead,
        money: request.money.in_business(&business),
        status: request.status,
        description: request.description,
        occurred_at: request.occurred_at,
    };
    Transaction::new(TransactionId::new(NOW, random_bytes("transaction")), new, NOW)
}

/// Returns every operation on transactions.
pub(super) fn operations() -> Vec<Operation> {
    let read = Access::Scope(Scope::TransactionsRead);
    let transaction = transaction();
    let example = transaction_json(&transaction);
    vec![
        Operation::get("/transactions", "listTransactions", read)
            .texts(TAG, "List transactions", "Lists transactions, the newest first, with every filter that is sent.")
            .parameters(|query| {
                TransactionListQuery::read(query);
            })
            .page_of::<TransactionJson<'_>>(PAGE_LIMITS, example.clone())
            .errors(&[404]),
        Operation::post("/transactions", "createTransaction", Access::Scope(Scope::TransactionsWrite))
            .texts(
                TAG,
                "Create a transaction",
                "Records a payment. Without `currency`, the amount is in the currency of the business; without \
                 `occurredAt`, the payment was made now.",
            )
            .checked_body(Rejected, TransactionRequest::parse, request())
            .json::<TransactionJson<'_>>(201, "The transaction.", example.clone())
            .located()
            .errors(&[404, 410]),
        Operation::get("/transactions/{id}", "getTransaction", read)
            .texts(TAG, "Retrieve a transaction", "Returns the transaction.")
            .path_example(transaction.id.to_string())
            .json::<TransactionJson<'_>>(200, "The transaction.", example),
    ]
}
