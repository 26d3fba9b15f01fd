//! A lead's messages, in both directions: in the lead's partition, in order of time, and erased with it.

use crate::table::Store;
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, number, text, to_item};
use crate::table::key_schema::{self as keys, MESSAGE_PREFIX, PK, SK, TTL};
use crate::table::pagination::{Page, PageRequest, QuerySegment, SortKey, Start, merge};
use crate::table::query::Source;
use crate::table::write::{Table, Write};
use domain::{Environment, LeadId, Message, MessageId, Timestamp};

/// Names a message in errors.
pub(super) const DESCRIPTION: &str = "a message";

impl Store {
    /// Returns the write that puts a message into its lead's history, or replaces it with another status.
    pub fn put_message(&self, environment: Environment, message: &Message) -> Result<Write, StoreError> {
        let mut item = keys::message(environment, message.lead, message.id).with(to_item(message)?);
        item.insert(TTL.to_owned(), number(message.expires_at.seconds()));
        Ok(Write::put(Table::Main, item))
    }

    /// Reads the message with this id.
    pub async fn message(
        &self,
        environment: Environment,
        lead: LeadId,
        id: MessageId,
    ) -> Result<Option<Message>, StoreError> {
        self.entity(&keys::message(environment, lead, id), DESCRIPTION).await
    }

    /// Reads a page of a lead's messages, newest first.
    pub async fn messages(
        &self,
        environment: Environment,
        lead: LeadId,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Message>, StoreError> {
        let partition = keys::lead(environment, lead).pk;
        // Message ids are hexadecimal: `0` sorts before all of them, and `g` after.
        let start = match page.start("0", "g") {
            Start::Newest => None,
            Start::After(after) => Some(Item::from([
                (PK.to_owned(), text(&*partition)),
                (SK.to_owned(), text(format!("{MESSAGE_PREFIX}{}", after.as_str()))),
            ])),
            Start::BelowRange => return Ok(Page::empty()),
        };
        let query = self
            .query(Source::Table, partition)
            .sort_key_prefix(MESSAGE_PREFIX)
            .descending()
            .limit(page.limit + 1)
            .start_after(start);
        let sort_key = SortKey { attribute: SK, prefix: MESSAGE_PREFIX };
        let segment =
            QuerySegment::read(query, &sort_key, now, DESCRIPTION, |item| from_item(item, DESCRIPTION).map(Some))
                .await?;
        Ok(merge(vec![segment], page.limit))
    }
}
