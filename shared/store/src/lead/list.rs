//! Listing leads by business, or by business and status; other filters pass over what is read.

use super::StoredLead;
use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, get_text, is_expired, text};
use crate::keys::{self, AT, BUSINESS_INDEX, BUSINESS_PK, PK, SK, STATUS_INDEX, STATUS_PK};
use crate::list::{Page, PageRequest, Position, Run, Start, bounded, merge};
use domain::lead::{Category, Source};
use domain::{BusinessId, Lead, LeadId, LeadStatus, Timestamp, World};

/// Items that a filtered page reads at most: what a megabyte holds of ordinary leads.
const FILTERED_READS: usize = 1_000;

/// Thirteen digits are text in order of time until the year 2286.
const LATEST: Timestamp = Timestamp::from_millis(9_999_999_999_998);

/// Which leads are meant.
#[derive(Clone, Debug, Default)]
pub struct LeadFilter {
    /// Only in this status.
    pub status: Option<LeadStatus>,
    /// Only of this category.
    pub category: Option<Category>,
    /// Only from this source.
    pub source: Option<Source>,
    /// Only with this address, in its normal form.
    pub email: Option<String>,
    /// Only made at or after this.
    pub created_from: Option<Timestamp>,
    /// Only made at or before this.
    pub created_to: Option<Timestamp>,
}

impl LeadFilter {
    /// Whether anything is passed over that the index gives.
    fn passes_over(&self) -> bool {
        self.category.is_some() || self.source.is_some() || self.email.is_some()
    }

    fn passes(&self, lead: &Lead) -> bool {
        self.category.is_none_or(|category| lead.category == category)
            && self.source.as_ref().is_none_or(|source| lead.source == *source)
            && self.email.as_ref().is_none_or(|email| lead.email.as_ref().is_some_and(|own| own.normalized() == *email))
    }
}

impl Store {
    /// A page of the leads of `businesses`, newest first.
    pub async fn leads(
        &self,
        world: World,
        businesses: &[BusinessId],
        filter: &LeadFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Lead>, StoreError> {
        let runs = businesses.iter().map(|business| self.leads_of(world, *business, filter, page, now)).collect();
        let runs = bounded(runs).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(merge(runs, page.limit))
    }

    async fn leads_of(
        &self,
        world: World,
        business: BusinessId,
        filter: &LeadFilter,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Run<Lead>, StoreError> {
        let (index, pk_name, pk) = match filter.status {
            Some(status) => (STATUS_INDEX, STATUS_PK, keys::leads_in_status(world, business, status)),
            None => (BUSINESS_INDEX, BUSINESS_PK, keys::leads_of_business(world, business)),
        };
        // One more than fits tells whether another page follows.
        let reads = if filter.passes_over() { FILTERED_READS } else { page.limit + 1 };
        let from = filter.created_from.unwrap_or(Timestamp::EPOCH).min(LATEST);
        let to = filter.created_to.unwrap_or(LATEST).min(LATEST);
        let (from, to) = (format!("{:013}", from.millis()), format!("{:013}#~", to.millis()));
        let start = match page.start(&from, &to) {
            Start::AtTheEnd => None,
            Start::Behind(after) => start_key(world, pk_name, &pk, after),
            Start::Nowhere => return Ok(Run::empty()),
        };
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .key_condition_expression(format!("{pk_name} = :pk AND #at BETWEEN :from AND :to"))
            .expression_attribute_names("#at", AT)
            .expression_attribute_values(":pk", text(&*pk))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
            .scan_index_forward(false)
            .limit(i32::try_from(reads).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await?;
        let stopped_at = found.last_evaluated_key.and_then(|key| Some(Position::from_key(get_text(&key, AT)?)));
        let mut items = Vec::new();
        for item in found.items.unwrap_or_default() {
            if is_expired(&item, now) {
                continue;
            }
            let at = get_text(&item, AT).map(Position::from_key).ok_or_else(|| StoreError::unreadable("a lead"))?;
            let lead = StoredLead::read(item)?.lead;
            if filter.passes(&lead) {
                items.push((at, lead));
            }
        }
        Ok(Run { items, stopped_at })
    }
}

/// The key that a page starts behind: the position names the lead, whichever business's list is read from there.
fn start_key(world: World, pk_name: &str, pk: &str, after: &Position) -> Option<Item> {
    let (_, id) = after.as_str().split_once('#')?;
    let key = keys::lead(world, LeadId::parse(id)?);
    Some(Item::from([
        (pk_name.to_owned(), text(pk)),
        (AT.to_owned(), text(after.as_str())),
        (PK.to_owned(), text(key.pk)),
        (SK.to_owned(), text(key.sk)),
    ]))
}
