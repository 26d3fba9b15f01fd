//! Inbound events (replies and opt-outs of people): the secrets that they are signed with, and the records that make
//! each event count once.
//!
//! That an event was processed is an item in its lead's partition, put in the same transaction as its effect and on the
//! condition that it is absent: an event that comes twice has one effect. The key holds a hash of the event's id, or,
//! without an id, of the event itself. An event with neither an id nor a time is told from a later one with the same
//! words by when it was recorded. That the lead has replied is another such item, so that only the first reply counts for
//! the time to the first reply.

use crate::follow_up::message::DESCRIPTION;
use crate::table::Store;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, get_number, number, to_item};
use crate::table::key_schema::{self as keys, Key, MESSAGE_PREFIX};
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use domain::follow_up::message::Direction;
use domain::{Environment, InboundMessage, InboundSecret, Lead, LeadId, Message, Timestamp};

/// Number of messages that are read to find the first one that was sent, if a release that did not keep its time in the
/// sequence has sent it: usually it is the very first.
const FIRST_SENT_BATCH_SIZE: usize = 10;

/// Attribute of a sequence: when the first message to its lead was sent.
const FIRST_SENT_AT: &str = "firstSentAt";

/// Attribute of the record of an event with neither an id nor a time: when it was recorded, in epoch milliseconds.
const RECORDED_AT: &str = "recordedAt";

impl Store {
    /// Reads the secrets that inbound events of an environment are signed with; `None` if none was ever created.
    pub async fn inbound_secret(&self, environment: Environment) -> Result<Option<InboundSecret>, StoreError> {
        self.entity(&keys::inbound_secret(environment), "an inbound secret").await
    }

    /// Returns the write of a secret that replaces `before`; it fails with [`Condition::Unchanged`] or, without
    /// `before`, with [`Condition::Absent`] if another one is there.
    pub fn put_inbound_secret(
        &self,
        environment: Environment,
        secret: &InboundSecret,
        before: Option<&InboundSecret>,
    ) -> Result<Write, StoreError> {
        let write = Write::put(Table::Main, keys::inbound_secret(environment).with(to_item(secret)?));
        Ok(match before {
            Some(before) => write
                .require(Condition::Unchanged, "#secret.v = :before")
                .name("#secret", "secret")
                .value(":before", number(before.secret.version)),
            None => write.require_absent(),
        })
    }

    /// Stores the first secret of an environment, and returns the one that is then stored: an existing one stays.
    pub async fn add_inbound_secret(
        &self,
        environment: Environment,
        secret: &InboundSecret,
    ) -> Result<InboundSecret, StoreError> {
        match self.commit(vec![self.put_inbound_secret(environment, secret, None)?]).await {
            Ok(()) => Ok(secret.clone()),
            Err(CommitError::ConditionFailed { .. }) => {
                let existing = self.inbound_secret(environment).await?;
                existing.ok_or_else(|| StoreError::Internal("an inbound secret exists and is not found".to_owned()))
            }
            Err(error) => Err(error.into_contended()),
        }
    }

    /// Returns the write that records that an event of `lead` was processed at `now`; it fails with
    /// [`Condition::InboundEventNew`] if it was before.
    pub fn put_inbound_event(
        &self,
        environment: Environment,
        lead: &Lead,
        event: &InboundMessage,
        now: Timestamp,
    ) -> Write {
        let key = keys::inbound_event(environment, lead.id, &event.digest);
        let Some(distinct_after) = event.distinct_after else {
            return put_once(&key, lead, Condition::InboundEventNew);
        };
        let mut item = key.expiring_at(lead.expires_at());
        item.insert(RECORDED_AT.to_owned(), number(now.millis()));
        // A record without the time is of a release that did not know it, and of an event of before.
        let is_new = format!("attribute_not_exists({RECORDED_AT}) OR {RECORDED_AT} <= :before");
        Write::put(Table::Main, item)
            .require(Condition::InboundEventNew, is_new)
            .value(":before", number(now.before(distinct_after).millis()))
    }

    /// Returns the write that records that `lead` has replied; it fails with [`Condition::FirstReplyAbsent`] if it had
    /// before.
    pub fn put_first_reply(&self, environment: Environment, lead: &Lead) -> Write {
        put_once(&keys::first_reply(environment, lead.id), lead, Condition::FirstReplyAbsent)
    }

    /// Reads when the first message was sent to a lead that has not replied yet; `None` if none was sent, or if the
    /// lead has replied. The number of reads does not depend on the length of the lead's history.
    pub async fn unanswered_since(
        &self,
        environment: Environment,
        lead: LeadId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let key = keys::first_reply(environment, lead);
        let sequence = keys::sequence(environment, lead);
        let oldest = self
            .query(Source::Table, keys::lead(environment, lead).pk)
            .sort_key_prefix(MESSAGE_PREFIX)
            .limit(FIRST_SENT_BATCH_SIZE)
            .page();
        let (reply, sequence, oldest) = tokio::join!(self.item(&key), self.item(&sequence), oldest);
        if reply?.is_some() {
            return Ok(None);
        }
        let of_sequence = sequence?.and_then(|item| get_number(&item, FIRST_SENT_AT)).map(Timestamp::from_millis);
        // Both, for a release that did not keep the time may have sent an earlier message than the one that is kept.
        let of_messages = oldest?.items.into_iter().map(sent_at).collect::<Result<Vec<_>, _>>()?;
        Ok(of_messages.into_iter().flatten().chain(of_sequence).min())
    }
}

/// Returns when a message was sent to a lead; `None` if it was not. A message that this version cannot read is an error: it
/// may be the first one, and the time to the reply is counted once.
fn sent_at(item: Item) -> Result<Option<Timestamp>, StoreError> {
    let message: Message = from_item(item, DESCRIPTION)?;
    let was_sent = message.direction == Direction::Outbound && message.is_sent();
    Ok(was_sent.then(|| message.at.unwrap_or(message.created_at)))
}

/// Returns the write of an item of nothing but its key, which is kept as long as its lead and fails with `condition`
/// if it exists.
fn put_once(key: &Key, lead: &Lead, condition: Condition) -> Write {
    Write::put(Table::Main, key.expiring_at(lead.expires_at())).require_absent_as(condition)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::item::text;

    #[test]
    fn an_unreadable_message_is_an_error() {
        for item in [Item::new(), Item::from([("direction".to_owned(), text("SIDEWAYS"))])] {
            assert!(matches!(sent_at(item), Err(StoreError::Unreadable(_))));
        }
    }
}
