//! A request of the SDK, as DynamoDB's JSON protocol has it.

use bytes::Bytes;
use serde_json::{Map, Value};

/// HTTP status and JSON body of a response.
pub(super) type Response = (u16, String);

/// An operation and its parameters as JSON.
pub(super) struct Request {
    pub(super) operation: String,
    pub(super) body: Bytes,
}

impl Request {
    pub(super) fn body(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    pub(super) fn is_write(&self) -> bool {
        matches!(self.operation.as_str(), "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems")
    }

    /// Makes the response report consumed capacity units, if the operation can.
    pub(super) fn request_capacity_report(&mut self) {
        let is_read = matches!(self.operation.as_str(), "GetItem" | "BatchGetItem" | "Query");
        if (is_read || self.is_write())
            && let Ok(mut parameters) = serde_json::from_str::<Map<String, Value>>(self.body())
        {
            parameters.insert("ReturnConsumedCapacity".to_owned(), "INDEXES".into());
            self.body = Value::Object(parameters).to_string().into();
        }
    }
}
