//! Further invocations, among which a run divides the shards that it cannot read to their end in time.

use crate::shards::{ShardQueue, UnfinishedShard};
use futures_util::future::join_all;
use runtime::{InvokeError, Invoker};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::DueShard;

/// An event of the function: one of the schedule, or the shards that a run hands over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepEvent {
    /// Names of the shards. Absent in events of the schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shards: Option<Vec<String>>,
}

impl SweepEvent {
    fn handing_over(shards: &[UnfinishedShard]) -> Self {
        Self { shards: Some(shards.iter().map(|unfinished| unfinished.shard.name()).collect()) }
    }

    /// Returns the shards that are handed over; `None` if it is an event of the schedule. Names that this release does not know
    /// are left out: the release that does finds them by its schedule.
    pub(crate) fn shards(&self) -> Option<Vec<DueShard>> {
        let names = self.shards.as_ref()?;
        Some(DueShard::prompt().filter(|shard| names.contains(&shard.name())).collect())
    }
}

/// Invokes the function again.
pub struct Continuations {
    /// Invokes the function that runs.
    pub invoker: Arc<dyn Invoker>,
    /// Maximum number of invocations among which shards are divided, the one that divides them included.
    pub max_invocations: usize,
}

impl Continuations {
    /// Divides the shards of the queue; leaves one part, and what is not accepted, in it. Returns the number of shards that
    /// were handed over.
    pub(crate) async fn divide(&self, queue: &ShardQueue) -> usize {
        let unfinished = queue.take_all();
        let count = self.max_invocations.clamp(1, unfinished.len().max(1));
        let mut parts = vec![Vec::new(); count];
        for (index, shard) in unfinished.into_iter().enumerate() {
            parts[index % count].push(shard);
        }
        queue.put_back(parts.swap_remove(0));
        let mut handed_over = 0;
        for (part, result) in join_all(parts.into_iter().map(|part| self.hand_over(part))).await {
            match result {
                Ok(()) => handed_over += part.len(),
                Err(error) => {
                    tracing::warn!(%error, "shards not handed over; this run goes on with them");
                    queue.put_back(part);
                }
            }
        }
        handed_over
    }

    async fn hand_over(&self, part: Vec<UnfinishedShard>) -> (Vec<UnfinishedShard>, Result<(), InvokeError>) {
        let result = match serde_json::to_vec(&SweepEvent::handing_over(&part)) {
            Ok(event) => self.invoker.invoke(event).await,
            Err(error) => Err(InvokeError(error.to_string())),
        };
        (part, result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use runtime::InvokeFuture;
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    /// Accepts some invocations, and keeps their events.
    struct Accepting {
        accepted: usize,
        events: Mutex<Vec<SweepEvent>>,
    }

    impl Invoker for Accepting {
        fn invoke(&self, event: Vec<u8>) -> InvokeFuture<'_> {
            let mut events = self.events.lock().expect("no panic");
            let result = if events.len() < self.accepted {
                events.push(serde_json::from_slice(&event).expect("an event"));
                Ok(())
            } else {
                Err(InvokeError("429".to_owned()))
            };
            Box::pin(async { result })
        }
    }

    async fn divide(
        shards: Vec<DueShard>,
        max_invocations: usize,
        accepted: usize,
    ) -> (Vec<Vec<DueShard>>, Vec<DueShard>) {
        let invoker = Arc::new(Accepting { accepted, events: Mutex::default() });
        let continuations = Continuations { invoker: Arc::<Accepting>::clone(&invoker), max_invocations };
        let queue = ShardQueue::new(shards);
        let handed_over = continuations.divide(&queue).await;
        let events = invoker.events.lock().expect("no panic");
        let parts: Vec<_> = events.iter().map(|event| event.shards().expect("shards")).collect();
        assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), handed_over);
        (parts, queue.take_all().into_iter().map(|unfinished| unfinished.shard).collect())
    }

    fn names<'a>(shards: impl IntoIterator<Item = &'a DueShard>) -> BTreeSet<String> {
        shards.into_iter().map(|shard| shard.name()).collect()
    }

    #[tokio::test]
    async fn shards_are_divided_evenly() {
        let all: Vec<_> = DueShard::prompt().collect();
        let (parts, kept) = divide(all.clone(), 4, 9).await;
        assert_eq!((parts.len(), kept.len()), (3, 17));
        assert!(parts.iter().all(|part| (16..=17).contains(&part.len())), "{parts:?}");
        assert_eq!(names(parts.iter().flatten().chain(&kept)), names(&all), "each is somewhere");
        assert_eq!(parts.iter().flatten().count() + kept.len(), all.len(), "and only there");
    }

    #[tokio::test]
    async fn what_is_not_accepted_is_kept() {
        let all: Vec<_> = DueShard::prompt().collect();
        let (parts, kept) = divide(all.clone(), 4, 1).await;
        assert_eq!(parts.len(), 1);
        assert_eq!(names(parts.iter().flatten().chain(&kept)), names(&all));
    }

    #[tokio::test]
    async fn few_shards_need_few_invocations() {
        let two: Vec<_> = DueShard::prompt().take(2).collect();
        for (shards, max_invocations, expected) in
            [(two.clone(), 16, (1, 1)), (two, 1, (0, 2)), (Vec::new(), 4, (0, 0))]
        {
            let (parts, kept) = divide(shards, max_invocations, 9).await;
            assert_eq!((parts.len(), kept.len()), expected);
        }
    }

    #[test]
    fn scheduled_events_name_no_shards() {
        let scheduled = r#"{"version": "0", "detail-type": "Scheduled Event", "detail": {}, "resources": ["rule"]}"#;
        let event: SweepEvent = serde_json::from_str(scheduled).expect("an event");
        assert_eq!(event.shards(), None);
        let unknown: SweepEvent = serde_json::from_str(r#"{"shards": ["due#9", "due#new#1"]}"#).expect("an event");
        assert_eq!(unknown.shards().map(|shards| names(&shards)), Some(BTreeSet::from(["due#9".to_owned()])));
    }
}
