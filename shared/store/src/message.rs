//! A lead's messages: they lie in its own partition, in the order of their time, and go with it.

use crate::Store;
use crate::commit::{Table, Write};
use crate::error::StoreError;
use crate::item::{Item, from_item, get_text, is_expired, number, text, to_item};
use crate::keys::{self, MESSAGE_PREFIX, PK, SK, TTL};
use crate::list::{Page, PageRequest, Position, Start};
use domain::{Environment, LeadId, Message, MessageId, Timestamp};

/// The item of a message.
pub(crate) fn item_of(environment: Environment, message: &Message) -> Result<Item, StoreError> {
    let mut item = keys::message(environment, message.lead, message.id).with(to_item(message)?);
    item.insert(TTL.to_owned(), number(message.expires_at.seconds()));
    Ok(item)
}

impl Store {
    /// The write of a message into its lead's history, or of what has become of it.
    pub fn put_message(&self, environment: Environment, message: &Message) -> Result<Write, StoreError> {
        Ok(Write::put(Table::Main, item_of(environment, message)?))
    }

    /// The message of this id.
    pub async fn message(
        &self,
        environment: Environment,
        lead: LeadId,
        id: MessageId,
    ) -> Result<Option<Message>, StoreError> {
        let found = self.item(&keys::message(environment, lead, id)).await?;
        found.map(|item| from_item(item, "a message")).transpose()
    }

    /// A page of a lead's messages, newest first.
    pub async fn messages(
        &self,
        environment: Environment,
        lead: LeadId,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Message>, StoreError> {
        let pk = keys::lead(environment, lead).pk;
        let start = match page.start("0", "g") {
            Start::AtTheEnd => None,
            Start::Behind(after) => Some(Item::from([
                (PK.to_owned(), text(&*pk)),
                (SK.to_owned(), text(format!("{MESSAGE_PREFIX}{}", after.as_str()))),
            ])),
            Start::Nowhere => return Ok(Page { items: Vec::new(), next: None }),
        };
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk AND begins_with({SK}, :prefix)"))
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":prefix", text(MESSAGE_PREFIX))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(page.limit + 1).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await?;
        // A page that the database cut short ends at its last message.
        let cut = found.last_evaluated_key.as_ref().and_then(|key| get_text(key, SK)).map(id_of);
        let mut items = found
            .items
            .unwrap_or_default()
            .into_iter()
            .filter(|item| !is_expired(item, now))
            .map(|item| from_item::<Message>(item, "a message"))
            .collect::<Result<Vec<_>, _>>()?;
        let more = items.len() > page.limit;
        items.truncate(page.limit);
        let last = items.last().map(|message| Position::from_key(message.id.simple()));
        Ok(Page { items, next: if more { last } else { cut.map(Position::from_key) } })
    }
}

fn id_of(sort_key: &str) -> String {
    sort_key.strip_prefix(MESSAGE_PREFIX).unwrap_or(sort_key).to_owned()
}
