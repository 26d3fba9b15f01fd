//! Inbound events (replies and opt-outs of people): the secrets that they are signed with, and the records that make
//! each event count once.
//!
//! That an event was processed is an item in its lead's partition, put in the same transaction as its effect and on the
//! condition that it is absent: an event that comes twice has one effect. The key holds a hash of the event's id, or,
//! without an id, of the event itself. That the lead has replied is another such item, so that only the first reply
//! counts for the time to the first reply.

use crate::follow_up::message::DESCRIPTION;
use crate::table::Store;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{from_item, number, to_item};
use crate::table::key_schema::{self as keys, Key, MESSAGE_PREFIX};
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use domain::follow_up::message::Direction;
use domain::{Environment, InboundSecret, Lead, LeadId, Message, Timestamp};

/// Number of messages that are read in one query to find the first one that was sent: usually it is the very first.
const FIRST_SENT_BATCH_SIZE: usize = 10;

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

    /// Returns the write that records that an event of `lead` was processed; it fails with
    /// [`Condition::InboundEventNew`] if it was before.
    pub fn put_inbound_event(&self, environment: Environment, lead: &Lead, digest: &str) -> Write {
        put_once(&keys::inbound_event(environment, lead.id, digest), lead, Condition::InboundEventNew)
    }

    /// Returns the write that records that `lead` has replied; it fails with [`Condition::FirstReplyAbsent`] if it had
    /// before.
    pub fn put_first_reply(&self, environment: Environment, lead: &Lead) -> Write {
        put_once(&keys::first_reply(environment, lead.id), lead, Condition::FirstReplyAbsent)
    }

    /// Reads when the first message was sent to a lead that has not replied yet; `None` if none was sent, or if the
    /// lead has replied.
    pub async fn unanswered_since(
        &self,
        environment: Environment,
        lead: LeadId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let key = keys::first_reply(environment, lead);
        let (reply, sent_at) = tokio::join!(self.item(&key), self.first_sent_at(environment, lead));
        let has_replied = reply?.is_some();
        Ok(sent_at?.filter(|_| !has_replied))
    }

    /// Reads when the first message was sent to a lead.
    async fn first_sent_at(&self, environment: Environment, lead: LeadId) -> Result<Option<Timestamp>, StoreError> {
        let mut pages = self
            .query(Source::Table, keys::lead(environment, lead).pk)
            .sort_key_prefix(MESSAGE_PREFIX)
            .limit(FIRST_SENT_BATCH_SIZE)
            .pages();
        while let Some(items) = pages.next().await? {
            for item in items {
                let message: Message = from_item(item, DESCRIPTION)?;
                if message.direction == Direction::Outbound && message.is_sent() {
                    return Ok(Some(message.at.unwrap_or(message.created_at)));
                }
            }
        }
        Ok(None)
    }
}

/// Returns the write of an item of nothing but its key, which is kept as long as its lead and fails with `condition`
/// if it exists.
fn put_once(key: &Key, lead: &Lead, condition: Condition) -> Write {
    Write::put(Table::Main, key.expiring_at(lead.expires_at())).require_absent_as(condition)
}
