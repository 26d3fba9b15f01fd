//! Suppressions, and the leads that messages are sent to at a number or an address.
//!
//! There is one item for each contact, a number or an address, under an id that is derived from its keyed hash. It is
//! one of two things:
//!
//! - **Suppressed**: it has an origin, is in the index `business` (under the environment, not a business), and is kept
//!   until it is lifted.
//! - **In use**: it names the leads that messages were sent to, so that an opt-out finds them. It expires.
//!
//! Whoever sends a message **joins** the contact in the transaction that claims the message ([`join_contact`]),
//! which fails with [`Condition::ContactNotSuppressed`] if it is suppressed. Whoever suppresses it does so in the
//! transaction that records the opt-out ([`Store::suppress`]). Of the two transactions one is first, for they write the
//! same item: either the claim fails, or the opt-out finds the lead in the item and waits for its claim to end
//! ([`Store::end_suppressed`]). So no message is on its way when an opt-out has been acknowledged, whichever lead it is
//! for.
//!
//! An item names at most [`MAX_LEADS`]. Where there is no room, those whose messages are not being sent are dropped
//! ([`Store::make_room`]): they join again with their next message.

use crate::follow_up::sequence::DESCRIPTION as SEQUENCE;
use crate::table::Store;
use crate::table::batch::join_bounded;
use crate::table::commit::CommitError;
use crate::table::condition::Condition;
use crate::table::error::StoreError;
use crate::table::item::{Item, from_item, get_text, number, text};
use crate::table::key_schema::{self as keys, AT, BUSINESS_PK, Key, PK, SK, TTL};
use crate::table::pagination::{Page, PageRequest, Position, QuerySegment, SortKey, Start, merge};
use crate::table::query::Source;
use crate::table::retry::ConflictRetries;
use crate::table::write::{NONCE, Write};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Environment, LeadId, Sequence, Suppression, SuppressionId, Timestamp};
use std::time::Duration;

/// Names a suppression in errors.
const DESCRIPTION: &str = "a suppression";

/// Attribute: the origin of a suppression. A contact without it is not suppressed.
const ORIGIN: &str = "origin";

/// Attribute: the leads with the contact that messages were sent to, a string set.
const LEADS: &str = "leads";

/// Maximum number of leads that a contact's item names: as many as fit into 1 KB, one write unit, with all else.
const MAX_LEADS: usize = 16;

/// Time for which a contact's item is kept after the last message: longer than the usual time between two messages of a
/// sequence. A claim does not depend on it.
const IN_USE: Duration = Duration::from_hours(30 * 24);

impl Store {
    /// Returns the write that suppresses a contact. One that is suppressed stays as it was at first.
    pub fn suppress(&self, environment: Environment, suppression: &Suppression) -> Write {
        let id = suppression.id.simple();
        let position = Position::new(suppression.created_at, &id);
        let values = [
            ("id", text(suppression.id.to_string())),
            ("kind", text(suppression.kind.name())),
            (ORIGIN, text(suppression.origin.name())),
            ("createdAt", number(suppression.created_at.millis())),
            (BUSINESS_PK, text(keys::suppressions(environment))),
            (AT, text(position.as_str())),
        ];
        let assign = |(number, _)| format!("#n{number} = if_not_exists(#n{number}, :v{number})");
        let assignments: Vec<_> = values.iter().enumerate().map(assign).collect();
        let expression = format!("SET {} REMOVE #ttl", assignments.join(", "));
        let write = Write::update(&keys::suppression(environment, suppression.id), expression).name("#ttl", TTL);
        values.into_iter().enumerate().fold(write, |write, (number, (name, value))| {
            write.name(format!("#n{number}"), name).value(format!(":v{number}"), value)
        })
    }

    /// Returns the write that suppresses a contact and fails with [`Condition::ContactNotSuppressed`] if it is
    /// suppressed already.
    pub fn suppress_first(&self, environment: Environment, suppression: &Suppression) -> Write {
        let condition = format!("attribute_not_exists({ORIGIN})");
        self.suppress(environment, suppression).require(Condition::ContactNotSuppressed, condition)
    }

    /// Returns the write that lifts a suppression; it fails with [`Condition::Exists`] if there is none.
    pub fn lift_suppression(&self, environment: Environment, id: SuppressionId) -> Write {
        let condition = format!("attribute_exists({ORIGIN})");
        Write::delete(&keys::suppression(environment, id)).require(Condition::Exists, condition)
    }

    /// Reads the suppressions with these ids, those that exist.
    pub async fn suppressions(
        &self,
        environment: Environment,
        ids: &[SuppressionId],
    ) -> Result<Vec<Suppression>, StoreError> {
        let found = self.contacts(environment, ids).await?;
        let suppressed = found.into_iter().filter(|item| item.contains_key(ORIGIN));
        suppressed.map(|item| from_item(item, DESCRIPTION)).collect()
    }

    async fn contacts(&self, environment: Environment, ids: &[SuppressionId]) -> Result<Vec<Item>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> = ids.iter().map(|id| keys::suppression(environment, *id)).collect();
        let mut found = self.items(keys.iter().cloned()).await?;
        Ok(keys.iter().filter_map(|key| found.remove(key)).collect())
    }

    /// Reads a page of the suppressions of an environment, newest first.
    pub async fn suppression_list(
        &self,
        environment: Environment,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Suppression>, StoreError> {
        let partition = keys::suppressions(environment);
        // `~` sorts after every position.
        let start = match page.start("", "~") {
            Start::Newest => None,
            Start::After(after) => start_key(environment, &partition, after),
            Start::BelowRange => return Ok(Page::empty()),
        };
        let query = self.query(Source::BusinessIndex, partition).descending().limit(page.limit + 1).start_after(start);
        let sort_key = SortKey { attribute: AT, prefix: "" };
        let segment =
            QuerySegment::read(query, &sort_key, now, DESCRIPTION, |item| Ok(Some(from_item(item, DESCRIPTION)?)))
                .await?;
        Ok(merge(vec![segment], page.limit))
    }

    /// Stops the sequences of all leads that these contacts name, and waits until none of their messages is being sent.
    /// To be called when the contacts are suppressed: then no further message goes out.
    pub async fn end_suppressed(
        &self,
        environment: Environment,
        ids: &[SuppressionId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let contacts = self.contacts(environment, ids).await?;
        let mut leads: Vec<_> = contacts.iter().flat_map(leads_of).collect();
        leads.sort_unstable();
        leads.dedup();
        let ended = leads.into_iter().map(|lead| self.end_suppressed_lead(environment, lead, now));
        join_bounded(ended).await.into_iter().collect()
    }

    async fn end_suppressed_lead(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let stopped = self.stop_suppressed_sequence(environment, lead, now).await?;
        if stopped.is_some_and(|stopped| stopped.has_open_claim(now)) {
            self.await_claim(environment, lead, now).await?;
        }
        Ok(())
    }

    /// Drops leads from the contacts that are full: all of whom no message is being sent to.
    pub(super) async fn make_room(
        &self,
        environment: Environment,
        ids: &[SuppressionId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for id in ids {
            let mut retries = ConflictRetries::default();
            while !self.make_room_in(environment, *id, now).await? {
                retries.next_attempt()?;
            }
        }
        Ok(())
    }

    /// Drops leads from a full contact; returns `false` if a message has used it since it was read.
    async fn make_room_in(
        &self,
        environment: Environment,
        id: SuppressionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = keys::suppression(environment, id);
        let Some(item) = self.item(&key).await? else { return Ok(true) };
        let leads = leads_of(&item);
        if leads.len() < MAX_LEADS {
            return Ok(true);
        }
        let mut sequences = self.items(leads.iter().map(|lead| keys::sequence(environment, *lead))).await?;
        // What this version cannot read may have a claim.
        let may_be_sending = |lead: &LeadId| {
            let sequence = sequences.remove(&keys::sequence(environment, *lead));
            let sequence = sequence.map(|item| from_item::<Sequence>(item, SEQUENCE));
            sequence.is_some_and(|sequence| sequence.map_or(true, |sequence| sequence.has_open_claim(now)))
        };
        let kept: Vec<_> = leads.iter().copied().filter(may_be_sending).map(|lead| lead.simple()).collect();
        let expression = if kept.is_empty() { format!("REMOVE {LEADS}") } else { format!("SET {LEADS} = :kept") };
        let seen = get_text(&item, NONCE).ok_or_else(|| StoreError::unreadable(DESCRIPTION))?;
        let mut write = Write::update(&key, expression)
            .require(Condition::Unchanged, format!("{NONCE} = :seen"))
            .value(":seen", text(seen));
        if !kept.is_empty() {
            write = write.value(":kept", AttributeValue::Ss(kept));
        }
        match self.commit(vec![write]).await {
            Ok(()) => Ok(true),
            Err(CommitError::ConditionFailed { .. }) => Ok(false),
            Err(error) => Err(error.into_contended()),
        }
    }
}

/// Returns the write by which a message to `lead` uses a contact. It fails with
/// [`Condition::ContactNotSuppressed`] if the contact is suppressed, or has no room for another lead
/// ([`Store::make_room`]).
pub(super) fn join_contact(environment: Environment, id: SuppressionId, lead: LeadId, now: Timestamp) -> Write {
    let has_room = format!("attribute_not_exists({LEADS}) OR contains({LEADS}, :lead) OR size({LEADS}) < :max");
    let member = lead.simple();
    // The nonce changes with every message, also of a lead that is named already: `make_room` depends on it.
    Write::set(&keys::suppression(environment, id), format!("#ttl = :ttl ADD {LEADS} :leads"))
        .require(Condition::ContactNotSuppressed, format!("attribute_not_exists({ORIGIN}) AND ({has_room})"))
        .name("#ttl", TTL)
        .value(":ttl", number(now.after(IN_USE).seconds()))
        .value(":lead", text(&*member))
        .value(":leads", AttributeValue::Ss(vec![member]))
        .value(":max", number(MAX_LEADS))
}

/// Returns whether the item of a contact, as a failed write found it, is suppressed.
pub(super) fn is_suppressed(contact: Option<&Item>) -> bool {
    contact.is_some_and(|item| item.contains_key(ORIGIN))
}

/// Returns the leads that the item of a contact names.
fn leads_of(contact: &Item) -> Vec<LeadId> {
    let leads = contact.get(LEADS).and_then(|leads| leads.as_ss().ok());
    leads.into_iter().flatten().filter_map(|lead| LeadId::parse(lead)).collect()
}

/// Returns the index key after which a page begins.
fn start_key(environment: Environment, partition: &str, after: &Position) -> Option<Item> {
    let (_, id) = after.as_str().split_once('#')?;
    let key = keys::suppression(environment, SuppressionId::parse(id)?);
    Some(Item::from([
        (BUSINESS_PK.to_owned(), text(partition)),
        (AT.to_owned(), text(after.as_str())),
        (PK.to_owned(), text(key.pk)),
        (SK.to_owned(), text(key.sk)),
    ]))
}
