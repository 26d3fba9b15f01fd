//! The operations that the crate `store` uses, as the embedded database takes them, and what they give.

use super::attribute_values::Item;
use dynoxide::DynoxideError;
use dynoxide::actions::batch_get_item::{self, BatchGetItemRequest, BatchGetItemResponse};
use dynoxide::actions::create_table::{self, CreateTableRequest, CreateTableResponse};
use dynoxide::actions::delete_item::{self, DeleteItemRequest, DeleteItemResponse};
use dynoxide::actions::get_item::{self, GetItemRequest, GetItemResponse};
use dynoxide::actions::put_item::{self, PutItemRequest, PutItemResponse};
use dynoxide::actions::query::{self, QueryRequest, QueryResponse};
use dynoxide::actions::scan::{self, ScanRequest, ScanResponse};
use dynoxide::actions::transact_write_items::{self, TransactWriteItemsRequest, TransactWriteItemsResponse};
use dynoxide::actions::update_item::{self, UpdateItemRequest, UpdateItemResponse};
use dynoxide::serde_errors::deserialize;
use dynoxide::storage::Storage;
use dynoxide::types::{AttributeValue, ConsumedCapacity};
use futures_util::FutureExt;
use serde::Serialize;
use std::future::Future;

/// An operation and its parameters.
#[derive(Debug)]
pub(super) enum Operation {
    GetItem(GetItemRequest),
    PutItem(PutItemRequest),
    UpdateItem(UpdateItemRequest),
    DeleteItem(DeleteItemRequest),
    Query(QueryRequest),
    Scan(ScanRequest),
    BatchGetItem(BatchGetItemRequest),
    TransactWriteItems(TransactWriteItemsRequest),
    CreateTable(CreateTableRequest),
}

/// The response of an [`Operation`].
#[derive(Debug)]
pub(super) enum Output {
    GetItem(GetItemResponse),
    PutItem(PutItemResponse),
    UpdateItem(UpdateItemResponse),
    DeleteItem(DeleteItemResponse),
    Query(QueryResponse),
    Scan(ScanResponse),
    BatchGetItem(BatchGetItemResponse),
    TransactWriteItems(TransactWriteItemsResponse),
    CreateTable(Box<CreateTableResponse>),
}

/// The result of an operation that was executed.
pub(super) type Response = Result<Output, DynoxideError>;

impl Operation {
    /// Reads a request of DynamoDB's JSON protocol.
    pub(super) fn parse(name: &str, body: &str) -> Result<Self, DynoxideError> {
        Ok(match name {
            "GetItem" => Self::GetItem(deserialize(body)?),
            "PutItem" => Self::PutItem(deserialize(body)?),
            "UpdateItem" => Self::UpdateItem(deserialize(body)?),
            "DeleteItem" => Self::DeleteItem(deserialize(body)?),
            "Query" => Self::Query(deserialize(body)?),
            "Scan" => Self::Scan(deserialize(body)?),
            "BatchGetItem" => Self::BatchGetItem(deserialize(body)?),
            "TransactWriteItems" => Self::TransactWriteItems(deserialize(body)?),
            "CreateTable" => Self::CreateTable(deserialize(body)?),
            other => {
                return Err(DynoxideError::InternalServerError(format!("the operation {other} is not supported")));
            }
        })
    }

    /// Executes the operation.
    pub(super) fn execute(self, storage: &Storage) -> Response {
        Ok(match self {
            Self::GetItem(request) => Output::GetItem(ready(get_item::execute(storage, request))?),
            Self::PutItem(request) => Output::PutItem(ready(put_item::execute(storage, request))?),
            Self::UpdateItem(request) => Output::UpdateItem(ready(update_item::execute(storage, request))?),
            Self::DeleteItem(request) => Output::DeleteItem(ready(delete_item::execute(storage, request))?),
            Self::Query(request) => Output::Query(ready(query::execute(storage, request))?),
            Self::Scan(request) => Output::Scan(ready(scan::execute(storage, request))?),
            Self::BatchGetItem(request) => Output::BatchGetItem(ready(batch_get_item::execute(storage, request))?),
            Self::TransactWriteItems(request) => {
                Output::TransactWriteItems(ready(transact_write_items::execute(storage, request))?)
            }
            Self::CreateTable(request) => {
                Output::CreateTable(Box::new(ready(create_table::execute(storage, request))?))
            }
        })
    }

    /// Returns a copy to execute, as long as this one may have to be executed again. `None` for the creation of a table,
    /// which is never repeated.
    pub(super) fn copy(&self) -> Option<Self> {
        Some(match self {
            Self::GetItem(request) => Self::GetItem(request.clone()),
            Self::PutItem(request) => Self::PutItem(request.clone()),
            Self::UpdateItem(request) => Self::UpdateItem(request.clone()),
            Self::DeleteItem(request) => Self::DeleteItem(request.clone()),
            Self::Query(request) => Self::Query(request.clone()),
            Self::Scan(request) => Self::Scan(request.clone()),
            Self::BatchGetItem(request) => Self::BatchGetItem(request.clone()),
            Self::TransactWriteItems(request) => Self::TransactWriteItems(request.clone()),
            Self::CreateTable(_) => return None,
        })
    }

    /// Returns whether the operation writes items.
    pub(super) fn is_write(&self) -> bool {
        match self {
            Self::PutItem(_) | Self::UpdateItem(_) | Self::DeleteItem(_) | Self::TransactWriteItems(_) => true,
            Self::GetItem(_) | Self::Query(_) | Self::Scan(_) | Self::BatchGetItem(_) | Self::CreateTable(_) => false,
        }
    }

    /// Returns whether the operation changes nothing.
    pub(super) fn is_read(&self) -> bool {
        matches!(self, Self::GetItem(_) | Self::Query(_) | Self::Scan(_) | Self::BatchGetItem(_))
    }

    /// Returns whether `matches` holds for the key of an item that the operation writes.
    pub(super) fn writes_item(&self, matches: impl Fn(&Item) -> bool) -> bool {
        match self {
            Self::PutItem(request) => matches(&request.item),
            Self::UpdateItem(request) => matches(&request.key),
            Self::DeleteItem(request) => matches(&request.key),
            Self::TransactWriteItems(request) => request.transact_items.iter().any(|item| {
                item.put.as_ref().is_some_and(|put| matches(&put.item))
                    || item.update.as_ref().is_some_and(|update| matches(&update.key))
                    || item.delete.as_ref().is_some_and(|delete| matches(&delete.key))
            }),
            Self::GetItem(_) | Self::Query(_) | Self::Scan(_) | Self::BatchGetItem(_) | Self::CreateTable(_) => false,
        }
    }

    /// Makes the response report consumed capacity units, if the operation can.
    pub(super) fn request_capacity_report(&mut self) {
        let reported = match self {
            Self::GetItem(request) => &mut request.return_consumed_capacity,
            Self::PutItem(request) => &mut request.return_consumed_capacity,
            Self::UpdateItem(request) => &mut request.return_consumed_capacity,
            Self::DeleteItem(request) => &mut request.return_consumed_capacity,
            Self::Query(request) => &mut request.return_consumed_capacity,
            Self::Scan(request) => &mut request.return_consumed_capacity,
            Self::BatchGetItem(request) => &mut request.return_consumed_capacity,
            Self::TransactWriteItems(request) => &mut request.return_consumed_capacity,
            Self::CreateTable(_) => return,
        };
        *reported = Some("INDEXES".to_owned());
    }
}

impl Output {
    /// Returns the response in DynamoDB's JSON protocol.
    pub(super) fn to_json(&self) -> Result<String, DynoxideError> {
        match self {
            Self::GetItem(response) => to_json(response),
            Self::PutItem(response) => to_json(response),
            Self::UpdateItem(response) => to_json(response),
            Self::DeleteItem(response) => to_json(response),
            Self::Query(response) => to_json(response),
            Self::Scan(response) => to_json(response),
            Self::BatchGetItem(response) => to_json(response),
            Self::TransactWriteItems(response) => to_json(response),
            Self::CreateTable(response) => to_json(response),
        }
    }

    /// Returns whether it is the response of an operation that writes items.
    pub(super) fn is_write(&self) -> bool {
        match self {
            Self::PutItem(_) | Self::UpdateItem(_) | Self::DeleteItem(_) | Self::TransactWriteItems(_) => true,
            Self::GetItem(_) | Self::Query(_) | Self::Scan(_) | Self::BatchGetItem(_) | Self::CreateTable(_) => false,
        }
    }

    /// Returns the capacity units that the response reports, of all tables and their indexes.
    pub(super) fn capacity_units(&self) -> f64 {
        let sum = |tables: &[ConsumedCapacity]| tables.iter().map(|table| table.capacity_units).sum();
        match self {
            Self::GetItem(response) => sum(response.consumed_capacity.as_slice()),
            Self::PutItem(response) => sum(response.consumed_capacity.as_slice()),
            Self::UpdateItem(response) => sum(response.consumed_capacity.as_slice()),
            Self::DeleteItem(response) => sum(response.consumed_capacity.as_slice()),
            Self::Query(response) => sum(response.consumed_capacity.as_slice()),
            Self::Scan(response) => sum(response.consumed_capacity.as_slice()),
            Self::BatchGetItem(response) => sum(response.consumed_capacity.as_deref().unwrap_or_default()),
            Self::TransactWriteItems(response) => sum(response.consumed_capacity.as_deref().unwrap_or_default()),
            Self::CreateTable(_) => 0.0,
        }
    }
}

/// Returns the partition key and the sort key of an item; empty where there is none.
pub(super) fn key_of(item: &Item) -> (&str, &str) {
    let text = |name| match item.get(name) {
        Some(AttributeValue::S(text)) => text.as_str(),
        _ => "",
    };
    (text("pk"), text("sk"))
}

/// Returns the result of an operation. With the native storage, none of the library's futures ever waits.
fn ready<T>(operation: impl Future<Output = Result<T, DynoxideError>>) -> Result<T, DynoxideError> {
    let not_ready = || DynoxideError::InternalServerError("an operation of the database waits".to_owned());
    operation.now_or_never().unwrap_or_else(|| Err(not_ready()))
}

fn to_json<T: Serialize>(response: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(response).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
