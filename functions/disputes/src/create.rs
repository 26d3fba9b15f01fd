//! `POST …/disputes`: creates a dispute.

use api::{ApiError, ApiResponse, ApiState, Caller, Idempotency, JsonBody, require};
use axum::extract::State;
use contract::DisputeRequest;
use domain::{Customer, Dispute, DisputeId, NewDispute, Transaction};

/// Creates a dispute, as a child record of the lead that it names, or else of its customer's or transaction's lead.
pub(crate) async fn create(
    State(api): State<ApiState>,
    caller: Caller<require::DisputesWrite>,
    idempotency: Idempotency,
    body: JsonBody,
) -> Result<ApiResponse, ApiError> {
    let request = DisputeRequest::parse(body.fields())?;
    idempotency
        .run(&caller, &body, async |call| {
            let records = api.records(&caller);
            let business = api.businesses(&caller).resolve(request.business).await?;
            let (customer, transaction) =
                (request.customer.map(|id| id.simple()), request.transaction.map(|id| id.simple()));
            let (customer, transaction) = tokio::join!(
                records.find_named::<Customer>(customer, business.id, "customer"),
                records.find_named::<Transaction>(transaction, business.id, "transaction"),
            );
            let lead_of_customer = customer?.and_then(|customer| customer.lead);
            let lead_of_transaction = transaction?.and_then(|transaction| transaction.lead);
            let inherited = lead_of_customer.or(lead_of_transaction);
            let lead = records.parent_lead(request.lead, inherited, business.id).await?;
            let now = api.now();
            let new = NewDispute {
                business: business.id,
                reason: request.reason,
                money: request.money.in_business(&business),
                customer: request.customer,
                transaction: request.transaction,
                lead: lead.as_ref().map(|lead| lead.lead.id),
                customer_claim: request.customer_claim,
                evidence_due_by: request.evidence_due_by,
            };
            let dispute = Dispute::new(DisputeId::new(now, api.random()?), new, now);
            let response = ApiResponse::created(caller.profile().dispute_json(&dispute)).with_version(dispute.version);
            records.create(&dispute, lead.as_ref(), &call, response).await
        })
        .await
}
