//! What visitors did: listed by visitor under the word that stands for one, and erased with them.

use crate::Store;
use crate::business_record::{BusinessRecord, RecordFilter};
use crate::error::StoreError;
use crate::item::text;
use crate::keys::{self, Key, PK, SK, STATUS_INDEX, STATUS_PK};
use crate::list::{Page, PageRequest, bounded};
use domain::{BusinessId, Environment, Timestamp, VisitorEvent, VisitorId};

impl BusinessRecord for VisitorEvent {
    const KIND: &'static str = "VE";
    const DESCRIPTION: &'static str = "a visitor's event";

    fn id(&self) -> String {
        self.id.simple()
    }

    fn business(&self) -> BusinessId {
        self.business
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn expires_at(&self) -> Timestamp {
        self.expires_at()
    }

    fn index_value(&self) -> Option<&str> {
        Some(&self.visitor_key)
    }
}

impl Store {
    /// A page of what a visitor did on the sites of `businesses`, newest first.
    pub async fn visitor_events(
        &self,
        environment: Environment,
        businesses: &[BusinessId],
        visitor: &VisitorId,
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<VisitorEvent>, StoreError> {
        let key = visitor.key(environment.tenant);
        let filter = RecordFilter { index_value: Some(&key), ..RecordFilter::default() };
        self.records(environment, businesses, &filter, page, now).await
    }

    /// Erases all that a visitor did on the sites of `businesses`; `key` stands for the visitor. Doing it again does no
    /// harm; what is recorded meanwhile may stay.
    pub(crate) async fn erase_visitor_events(
        &self,
        environment: Environment,
        businesses: &[BusinessId],
        key: &str,
    ) -> Result<(), StoreError> {
        for business in businesses {
            let pk = keys::indexed_records(VisitorEvent::KIND, environment, *business, key);
            let mut from = None;
            loop {
                let page = self
                    .client
                    .query()
                    .table_name(&self.table)
                    .index_name(STATUS_INDEX)
                    .key_condition_expression(format!("{STATUS_PK} = :pk"))
                    .expression_attribute_values(":pk", text(&*pk))
                    .projection_expression(format!("{PK}, {SK}"))
                    .set_exclusive_start_key(from)
                    .send()
                    .await?;
                let found = page.items.unwrap_or_default();
                let keys: Vec<_> = found.iter().filter_map(Key::of).collect();
                let deletions = keys.iter().map(|key| self.delete(key)).collect();
                bounded(deletions).await.into_iter().collect::<Result<(), _>>()?;
                from = page.last_evaluated_key;
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }
}
