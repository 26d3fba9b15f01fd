//! Sends the step of a sequence that the queue hands over, and decides what follows.
//!
//! A step is claimed before its message is sent, and a claim without an outcome is never sent again: nobody is written
//! to twice. A stop marks first and then waits for the claim, so that nothing goes out after its answer.

mod step;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::{Business, BusinessId, Clock, Environment, LeadId, TenantId};
use messaging::MessageSender;
use runtime::{FollowUpMessage, Queue, Timing, parse_batch};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use store::{StepToSend, Store, StoreError};

/// What a [`FollowUp`] is made of.
pub struct Dependencies {
    /// The tables.
    pub store: Store,
    /// Takes the next step where it is near.
    pub queue: Arc<dyn Queue<FollowUpMessage>>,
    /// Sends messages to people.
    pub sender: Arc<dyn MessageSender>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// When the sweep is to look, and how fast waits pass.
    pub timing: Timing,
}

/// The queue's reader.
#[derive(Clone)]
pub struct FollowUp(Arc<Dependencies>);

/// What is known of the steps of a batch.
struct BatchContext {
    steps: HashMap<(Environment, LeadId), StepToSend>,
    businesses: HashMap<TenantId, Vec<Business>>,
}

impl BatchContext {
    fn business(&self, tenant: TenantId, id: BusinessId) -> Option<&Business> {
        self.businesses.get(&tenant)?.iter().find(|business| business.id == id)
    }
}

impl FollowUp {
    /// A reader made of `dependencies`.
    pub fn new(dependencies: Dependencies) -> Self {
        Self(Arc::new(dependencies))
    }

    /// Handles a batch of messages, all at once. Names those that are to be handed out again.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let queued: Vec<(_, FollowUpMessage)> = parse_batch(&batch);
        let mut failed = Vec::new();
        match self.context(&queued).await {
            Ok(context) => {
                let steps = queued.iter().map(|(id, message)| {
                    let context = &context;
                    async move { self.follow_up(message, context).await.err().map(|error| (id.clone(), error)) }
                });
                for (id, error) in futures_util::future::join_all(steps).await.into_iter().flatten() {
                    tracing::warn!(message_id = id, %error, "a step did not come to its end");
                    failed.extend(id);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a batch of steps was not read");
                failed.extend(queued.into_iter().filter_map(|(id, _)| id));
            }
        }
        let mut response = SqsBatchResponse::default();
        response.set_failures(failed);
        response
    }

    /// Reads what a batch is about: sequences and leads in one trip, then the businesses of each tenant.
    async fn context(&self, queued: &[(Option<String>, FollowUpMessage)]) -> Result<BatchContext, StoreError> {
        let wanted: Vec<_> = queued.iter().map(|(_, message)| (message.environment(), message.lead)).collect();
        let steps = self.0.store.steps_to_send(&wanted, self.0.clock.now()).await?;
        let tenants: HashSet<_> = steps.keys().map(|(environment, _)| environment.tenant).collect();
        let mut businesses = HashMap::new();
        for tenant in tenants {
            businesses.insert(tenant, self.0.store.businesses(tenant).await?);
        }
        Ok(BatchContext { steps, businesses })
    }
}
