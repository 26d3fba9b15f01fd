//! Erasing a lead: a tombstone without personal data takes its place in one write, and with it goes the key that seals
//! what was told of it. Then all that lies in its partition or hangs on it is deleted; until that is done the
//! tombstone stands in the due index.

use super::{FINGERPRINT, StoredLead, is_lead};
use crate::Store;
use crate::commit::{NONCE, Table, Write};
use crate::condition::Condition;
use crate::due::{due_shard, shard_key};
use crate::error::StoreError;
use crate::item::{Item, get_text, is_expired, number, text};
use crate::keys::{self, CHILD_PREFIX, DUE_CHECK, DUE_SHARD, LEAD_KIND, PK, SEQUENCE_SK, SK, TTL};
use crate::list::bounded;
use domain::{BusinessId, Environment, LeadId, Timestamp};
use std::time::Duration;

/// When the sweep is to look whether an erasure came to its end: longer than a call may take.
const UNFINISHED_AFTER: Duration = Duration::from_mins(1);

/// What stands for the visitor that the person was, until what they did is erased.
const VISITOR: &str = "visitorKey";

/// What a sequence has while a message of it is on its way.
const CLAIM: &str = "claim";

/// The one business in which what the visitor did may be erased, where whoever erases sees no other.
const VISITED: &str = "visited";

/// A lead, or what is left of it.
#[derive(Clone, Debug)]
pub enum LeadState {
    /// It is there.
    Stored(Box<StoredLead>),
    /// It was erased; it belonged to this business.
    Erased(BusinessId),
}

impl Store {
    /// What stands under a lead's id, unless its time is over.
    pub async fn lead_state(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
    ) -> Result<Option<LeadState>, StoreError> {
        let found = self.item(&keys::lead(environment, lead)).await?;
        let Some(item) = found.filter(|item| !is_expired(item, now)) else { return Ok(None) };
        if is_lead(&item) {
            return Ok(Some(LeadState::Stored(Box::new(StoredLead::read(item)?))));
        }
        // What a call was answered instead of making a lead has none.
        Ok(get_text(&item, "business").and_then(BusinessId::parse).map(LeadState::Erased))
    }

    /// The write that leaves nothing of a lead but that there was one, if nobody changed it meanwhile.
    ///
    /// A replay of the call that made it is known by what is left for as long as the lead would have been kept. What
    /// the person did as a visitor is erased in the business that `within` names, or in all of the tenant's.
    pub fn erase_lead(
        &self,
        environment: Environment,
        old: &StoredLead,
        within: Option<BusinessId>,
        now: Timestamp,
    ) -> Write {
        let id = old.lead.id;
        let mut item = keys::lead(environment, id).with(Item::from([
            ("business".to_owned(), text(old.lead.business.to_string())),
            ("erasedAt".to_owned(), number(now.millis())),
            (VISITOR.to_owned(), text(old.lead.visitor_id().key(environment.tenant))),
            (TTL.to_owned(), number(old.lead.expires_at().seconds())),
            (DUE_SHARD.to_owned(), text(shard_key(due_shard(id.bytes())))),
            (DUE_CHECK.to_owned(), number(now.after(UNFINISHED_AFTER).millis())),
        ]));
        if let Some(business) = within {
            item.insert(VISITED.to_owned(), text(business.to_string()));
        }
        if let Some(fingerprint) = old.item.get(FINGERPRINT) {
            item.insert(FINGERPRINT.to_owned(), fingerprint.clone());
        }
        Write::put(Table::Main, item).require_version(old.lead.version)
    }

    /// Deletes once more all that an erased lead has left behind, and takes it out of the due index. Done a moment
    /// later, as an index may not have shown what was written right before.
    pub async fn finish_erasure(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.delete_child_records(environment, lead, now).await?;
        let removed = format!("REMOVE {DUE_SHARD}, {DUE_CHECK}, {NONCE}, {VISITOR}, {VISITED}");
        let finished = Write::update(&keys::lead(environment, lead), removed)
            .require(Condition::Exists, "attribute_exists(erasedAt)");
        match self.commit(vec![finished]).await {
            // Its time was over meanwhile.
            Ok(()) | Err(crate::CommitError::ConditionFailed { .. }) => Ok(()),
            Err(error) => Err(error.into_contended()),
        }
    }

    /// Deletes all that an erased lead has left behind. Done as often as it takes. A message that is on its way comes to
    /// its end first: nobody is written to after this.
    pub async fn delete_child_records(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tombstone = keys::lead(environment, lead);
        let mut from = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression(format!("{PK} = :pk"))
                .expression_attribute_values(":pk", text(&*tombstone.pk))
                .projection_expression(format!("{SK}, {VISITOR}, {VISITED}, {CLAIM}"))
                .consistent_read(true)
                .scan_index_forward(false)
                .set_exclusive_start_key(from)
                .send()
                .await?;
            let found = page.items.unwrap_or_default();
            if let Some(left) = found.iter().find(|item| item.contains_key(VISITOR)) {
                let visitor = get_text(left, VISITOR).unwrap_or_default();
                let businesses = match get_text(left, VISITED).and_then(BusinessId::parse) {
                    Some(only) => vec![only],
                    None => self.businesses(environment.tenant).await?.iter().map(|business| business.id).collect(),
                };
                self.erase_visitor_events(environment, &businesses, visitor).await?;
            }
            // The last come first, and the sequence last of all: once it is gone nobody tells of a message any more.
            if let Some(sequence) = found.iter().find(|item| get_text(item, SK) == Some(SEQUENCE_SK)) {
                if sequence.contains_key(CLAIM) {
                    self.await_claim(environment, lead, now).await?;
                }
                self.delete(&keys::sequence(environment, lead)).await?;
            }
            let sort_keys =
                found.iter().filter_map(|item| get_text(item, SK)).filter(|sk| ![LEAD_KIND, SEQUENCE_SK].contains(sk));
            let deletions = sort_keys.map(|sk| self.delete_child_record(environment, &tombstone.pk, sk)).collect();
            bounded(deletions).await.into_iter().collect::<Result<(), _>>()?;
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(());
            }
        }
    }

    /// Deletes what hangs on a lead, and then its place there: what failed in between is found again.
    async fn delete_child_record(&self, environment: Environment, pk: &str, sk: &str) -> Result<(), StoreError> {
        let hanging = sk.strip_prefix(CHILD_PREFIX).and_then(|hanging| hanging.split_once('#'));
        if let Some((kind, id)) = hanging {
            self.delete(&keys::record(kind, environment, id)).await?;
        }
        self.delete(&keys::Key { pk: pk.to_owned(), sk: sk.to_owned() }).await
    }
}
