//! What comes in from people: the secrets that prove it, and the marks, in a lead's own partition, by which an event is
//! taken once and a first reply is known as such.

use crate::Store;
use crate::commit::{CommitError, Table, Write};
use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{Item, from_item, number, text, to_item};
use crate::keys::{self, Key, MESSAGE_PREFIX, PK, SK, TTL};
use domain::follow_up::message::Direction;
use domain::{Environment, InboundSecret, Lead, LeadId, Message, Timestamp};

/// Messages that are looked at in one trip for the first that was sent: mostly it is the very first.
const SOME: i32 = 10;

impl Store {
    /// Which secrets prove what comes in to `environment`, if one was ever made.
    pub async fn inbound_secret(&self, environment: Environment) -> Result<Option<InboundSecret>, StoreError> {
        let found = self.item(&keys::inbound_secret(environment)).await?;
        found.map(|item| from_item(item, "an inbound secret")).transpose()
    }

    /// The write of a secret in the place of `before`, or of none; it fails when that has changed since.
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

    /// Stores a world's first secret, and answers with the one that it has then: one that is there stays.
    pub async fn add_inbound_secret(
        &self,
        environment: Environment,
        secret: &InboundSecret,
    ) -> Result<InboundSecret, StoreError> {
        match self.commit(vec![self.put_inbound_secret(environment, secret, None)?]).await {
            Ok(()) => Ok(secret.clone()),
            Err(CommitError::ConditionFailed { .. }) => {
                let found = self.inbound_secret(environment).await?;
                found.ok_or_else(|| StoreError::Internal("an inbound secret is there and is not".to_owned()))
            }
            Err(error) => Err(error.into_contended()),
        }
    }

    /// The write by which an event of `lead` counts as taken; it fails where it was taken before.
    pub fn put_inbound_event(&self, environment: Environment, lead: &Lead, digest: &str) -> Write {
        mark(&keys::inbound_event(environment, lead.id, digest), lead, Condition::InboundEventNew)
    }

    /// The write by which `lead` has replied; it fails where it had before.
    pub fn put_first_reply(&self, environment: Environment, lead: &Lead) -> Write {
        mark(&keys::first_reply(environment, lead.id), lead, Condition::FirstReplyAbsent)
    }

    /// When the lead was first written to, where it has been and has not replied yet.
    pub async fn unanswered_since(
        &self,
        environment: Environment,
        lead: LeadId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let key = keys::first_reply(environment, lead);
        let (replied, sent) = tokio::join!(self.item(&key), self.first_sent(environment, lead));
        let replied = replied?.is_some();
        Ok(sent?.filter(|_| !replied))
    }

    /// When the first message to a lead was sent.
    async fn first_sent(&self, environment: Environment, lead: LeadId) -> Result<Option<Timestamp>, StoreError> {
        let pk = keys::lead(environment, lead).pk;
        let mut from = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression(format!("{PK} = :pk AND begins_with({SK}, :prefix)"))
                .expression_attribute_values(":pk", text(&*pk))
                .expression_attribute_values(":prefix", text(MESSAGE_PREFIX))
                .consistent_read(true)
                .limit(SOME)
                .set_exclusive_start_key(from)
                .send()
                .await?;
            for item in page.items.unwrap_or_default() {
                let message: Message = from_item(item, "a message")?;
                if message.direction == Direction::Outbound && message.is_sent() {
                    return Ok(Some(message.at.unwrap_or(message.created_at)));
                }
            }
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(None);
            }
        }
    }
}

/// A mark that goes with its lead.
fn mark(key: &Key, lead: &Lead, condition: Condition) -> Write {
    let item = Item::from([(TTL.to_owned(), number(lead.expires_at().seconds()))]);
    Write::put(Table::Main, key.with(item)).require(condition, "attribute_not_exists(pk)")
}
