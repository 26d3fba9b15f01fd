//! `POST …/disputes`: a dispute is opened.

use crate::Disputes;
use api::{ApiError, ApiResponse, Caller, JsonBody, require};
use axum::extract::State;
use contract::DisputeDraft;
use domain::{Customer, Dispute, DisputeId, NewDispute, Transaction};

/// Stores a dispute.
pub(crate) async fn create(
    State(disputes): State<Disputes>,
    caller: Caller<require::DisputesWrite>,
    input: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let draft = DisputeDraft::read(&input.fields)?;
    let idempotency_key = caller.idempotency_key(&input)?;
    if let Some(first) = caller.replay(idempotency_key.as_ref()).await? {
        return Ok(first);
    }
    let business = caller.place(draft.business).await?;
    let (customer, transaction) = tokio::join!(
        caller.named::<Customer>(draft.customer.map(|customer| customer.simple()), business.id, "customer"),
        caller.named::<Transaction>(draft.transaction.map(|one| one.simple()), business.id, "transaction"),
    );
    let of_customer = customer?.and_then(|customer| customer.lead);
    let of_transaction = transaction?.and_then(|transaction| transaction.lead);
    let lead = caller.lead_of(draft.lead, of_customer.or(of_transaction), business.id).await?;
    let now = disputes.api.now();
    let new = NewDispute {
        business: business.id,
        reason: draft.reason,
        money: draft.money.placed_in(&business),
        customer: draft.customer,
        transaction: draft.transaction,
        lead: lead.as_ref().map(|lead| lead.lead.id),
        customer_claim: draft.customer_claim,
        evidence_due_by: draft.evidence_due_by,
    };
    let dispute = Dispute::new(DisputeId::new(now, disputes.api.random()?), new, now);
    let answer = ApiResponse::created(caller.profile().dispute(&dispute)).with_version(dispute.version);
    caller.make(&dispute, lead.as_ref(), idempotency_key.as_ref(), answer).await
}
