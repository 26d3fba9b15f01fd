//! `due --fold-into`: moves unfinished work to the shards that an earlier release reads, for a rollback.

use crate::CommandError;
use crate::CommandOutput;
use serde_json::json;
use std::num::NonZeroU8;
use store::{DuePosition, DueShard, Store};

/// Moves all entries to the first `count` shards. They stay readable for every release, so it may be repeated at any time.
pub(super) async fn fold_into(store: &Store, count: NonZeroU8) -> Result<CommandOutput, CommandError> {
    let mut moved = 0;
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
