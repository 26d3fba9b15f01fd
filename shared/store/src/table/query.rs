//! Queries: reading items of one partition, or of one partition of an index, in the order of their sort keys.
//!
//! Every query of the crate is built here, so that a scan cannot be written by mistake. One that is read page by page
//! goes on where the page before ended; DynamoDB ends a page at the limit or at 1 MB, whichever comes first.

use crate::table::client::Store;
use crate::table::dynamodb::DynamoDb;
use crate::table::error::StoreError;
use crate::table::item::{Item, text};
use crate::table::key_schema::{
    AT, BUSINESS_INDEX, BUSINESS_PK, DUE_CHECK, DUE_INDEX, DUE_SHARD, PK, SK, STATUS_INDEX, STATUS_PK,
};
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::operation::query::builders::QueryInputBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

/// A table or an index that can be queried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The single table, read strongly consistently unless [`Query::eventually_consistent`] is called.
    Table,
    /// The index `business`: the records of a business by creation time.
    BusinessIndex,
    /// The index `status`: the records of a business with a status, a category or a visitor, by creation time.
    StatusIndex,
    /// The index `due`: unfinished work by the time at which it is to be checked.
    DueIndex,
}

impl Source {
    /// Returns the name of the index.
    fn index(self) -> Option<&'static str> {
        match self {
            Self::Table => None,
            Self::BusinessIndex => Some(BUSINESS_INDEX),
            Self::StatusIndex => Some(STATUS_INDEX),
            Self::DueIndex => Some(DUE_INDEX),
        }
    }

    /// Returns the attribute that is the partition key.
    pub(crate) fn partition_key(self) -> &'static str {
        match self {
            Self::Table => PK,
            Self::BusinessIndex => BUSINESS_PK,
            Self::StatusIndex => STATUS_PK,
            Self::DueIndex => DUE_SHARD,
        }
    }

    /// Returns the attribute that is the sort key.
    pub(crate) fn sort_key(self) -> &'static str {
        match self {
            Self::Table => SK,
            Self::BusinessIndex | Self::StatusIndex => AT,
            Self::DueIndex => DUE_CHECK,
        }
    }
}

/// A query of one partition.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    database: DynamoDb,
    source: Source,
    request: QueryInputBuilder,
    condition: String,
}

/// One page of the items that a query finds.
#[derive(Debug)]
pub(crate) struct QueryPage {
    /// The items, in order.
    pub(crate) items: Vec<Item>,
    /// The key after which the next page begins; `None` at the end of the partition.
    pub(crate) last_key: Option<Item>,
}

impl Store {
    /// Returns a query of all items of a partition of `source`.
    pub(crate) fn query(&self, source: Source, partition: impl Into<String>) -> Query {
        let request = QueryInput::builder()
            .table_name(&self.table)
            .set_index_name(source.index().map(str::to_owned))
            // Indexes have no consistent reads.
            .set_consistent_read((source == Source::Table).then_some(true))
            .expression_attribute_values(":pk", text(partition));
        Query {
            database: self.database.clone(),
            source,
            request,
            condition: format!("{} = :pk", source.partition_key()),
        }
    }
}

impl Query {
    /// Finds only items whose sort key begins with `prefix`.
    pub(crate) fn sort_key_prefix(self, prefix: &str) -> Self {
        self.sort_key("begins_with(#sk, :prefix)", [(":prefix", text(prefix))])
    }

    /// Finds only items whose sort key is between `from` and `to`, both included.
    pub(crate) fn sort_key_between(self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.sort_key("#sk BETWEEN :from AND :to", [(":from", text(from)), (":to", text(to))])
    }

    /// Finds only items whose sort key is `bound` or less.
    pub(crate) fn sort_key_up_to(self, bound: AttributeValue) -> Self {
        self.sort_key("#sk <= :to", [(":to", bound)])
    }

    fn sort_key<const N: usize>(mut self, condition: &str, values: [(&str, AttributeValue); N]) -> Self {
        self.condition = format!("{} AND {condition}", self.condition);
        self.request = self.request.expression_attribute_names("#sk", self.source.sort_key());
        for (placeholder, value) in values {
            self.request = self.request.expression_attribute_values(placeholder, value);
        }
        self
    }

    /// Reads at half the cost what may be some milliseconds old.
    pub(crate) fn eventually_consistent(self) -> Self {
        self.map(|request| request.set_consistent_read(None))
    }

    /// Reads in descending order of the sort key: for most items, the newest first.
    pub(crate) fn descending(self) -> Self {
        self.map(|request| request.scan_index_forward(false))
    }

    /// Reads at most `limit` items for each page.
    pub(crate) fn limit(self, limit: usize) -> Self {
        self.map(|request| request.limit(i32::try_from(limit).unwrap_or(i32::MAX)))
    }

    /// Reads only these attributes: comma-separated names, none of them a reserved word.
    pub(crate) fn project(self, attributes: String) -> Self {
        self.map(|request| request.projection_expression(attributes))
    }

    /// Returns only items that `condition` holds for. What it leaves out is read all the same.
    pub(crate) fn filter<const N: usize>(
        mut self,
        condition: &'static str,
        values: [(&'static str, AttributeValue); N],
    ) -> Self {
        for (placeholder, value) in values {
            self.request = self.request.expression_attribute_values(placeholder, value);
        }
        self.map(|request| request.filter_expression(condition))
    }

    /// Begins after the item with this key.
    pub(crate) fn start_after(self, key: Option<Item>) -> Self {
        self.map(|request| request.set_exclusive_start_key(key))
    }

    fn map(self, change: impl FnOnce(QueryInputBuilder) -> QueryInputBuilder) -> Self {
        Self { request: change(self.request), ..self }
    }

    /// Reads one page.
    pub(crate) async fn page(self) -> Result<QueryPage, StoreError> {
        let found = self.database.query(self.request.key_condition_expression(self.condition)).await?;
        Ok(QueryPage { items: found.items.unwrap_or_default(), last_key: found.last_evaluated_key })
    }

    /// Returns the pages of the query, from the first to the last.
    pub(crate) fn pages(self) -> QueryPages {
        QueryPages { next: Some(self) }
    }

    /// Reads all items, to the last page. Only for partitions whose size is bounded.
    pub(crate) async fn all(self) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut pages = self.pages();
        while let Some(page) = pages.next().await? {
            items.extend(page);
        }
        Ok(items)
    }
}

/// The pages of a query that are still to be read.
#[derive(Debug)]
pub(crate) struct QueryPages {
    next: Option<Query>,
}

impl QueryPages {
    /// Returns whether the last page was read.
    pub(crate) fn is_at_end(&self) -> bool {
        self.next.is_none()
    }

    /// Reads the items of the next page; `None` after the last one. A page may be empty.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Item>>, StoreError> {
        let Some(query) = self.next.take() else { return Ok(None) };
        let page = query.clone().page().await?;
        self.next = page.last_key.map(|key| query.start_after(Some(key)));
        Ok(Some(page.items))
    }
}
