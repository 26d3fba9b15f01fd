//! `due --fold-into`: moves unfinished work to the shards that an earlier release reads, for a rollback. Delivery batches,
//! which such a release does not know, are dissolved first: each of their deliveries gets an entry of its own.

use crate::CommandError;
use crate::CommandOutput;
use domain::Timestamp;
use serde_json::json;
use std::num::NonZeroU8;
use store::{DuePosition, DueShard, DueWork, Store};

/// Number of entries that are read in one query.
const PAGE_SIZE: usize = 200;

/// Moves all entries to the first `count` shards. They stay readable for every release, so it may be repeated at any time.
pub(super) async fn fold_into(store: &Store, count: NonZeroU8) -> Result<CommandOutput, CommandError> {
    let mut moved = dissolve_batches(store, count).await?;
    for shard in DueShard::all() {
        let Some(to) = shard.folded_into(count) else { continue };
        let mut position: Option<DuePosition> = None;
        loop {
            let (of_page, next) = store.fold_due_shard(shard, to, position).await?;
            moved += of_page;
            position = next;
            if position.is_none() {
                break;
            }
        }
    }
    Ok(CommandOutput::Object(json!({ "moved": moved, "shards": count })))
}

/// Gives every unfinished delivery of a batch an entry of its own, where a release with `count` shards looks for it. Leaves a
/// batch alone that cannot be read. Returns the number of entries.
async fn dissolve_batches(store: &Store, count: NonZeroU8) -> Result<usize, CommandError> {
    let mut entries = 0;
    for shard in DueShard::all().filter(|shard| matches!(shard, DueShard::Work(_))) {
        let mut position: Option<DuePosition> = None;
        loop {
            let page = store.due_page(shard, Timestamp::LATEST, PAGE_SIZE, position).await?;
            for due in page.items {
                let Ok(DueWork::DeliveryBatch(due)) = due else { continue };
                match store.dissolve_delivery_batch(&due, count).await {
                    Ok(of_batch) => entries += of_batch,
                    Err(error) if error.is_permanent() => {}
                    Err(error) => return Err(error.into()),
                }
            }
            position = page.next;
            if position.is_none() {
                break;
            }
        }
    }
    Ok(entries)
}
