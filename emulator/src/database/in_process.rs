//! The database for callers in this process: requests and responses are values, and nothing is written as JSON.

use super::Database;
use super::attribute_values::{SdkItem, UnsupportedParameter, to_sdk_item};
use super::operation::{Operation, Output};
use super::sdk_requests;
use aws_sdk_dynamodb::error::{ErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemError, BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemError, DeleteItemInput, DeleteItemOutput};
use aws_sdk_dynamodb::operation::get_item::{GetItemError, GetItemInput, GetItemOutput};
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemInput, PutItemOutput};
use aws_sdk_dynamodb::operation::query::{QueryError, QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::transact_write_items::{
    TransactWriteItemsError, TransactWriteItemsInput, TransactWriteItemsOutput,
};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemInput, UpdateItemOutput};
use aws_sdk_dynamodb::types::error::{ConditionalCheckFailedException, TransactionCanceledException};
use aws_sdk_dynamodb::types::{CancellationReason, KeysAndAttributes};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use dynoxide::DynoxideError;
use dynoxide::types::AttributeValue;
use std::collections::HashMap;
use store::{InProcessDatabase, OperationFuture};

impl InProcessDatabase for Database {
    fn get_item(&self, input: GetItemInput) -> OperationFuture<'_, GetItemOutput, GetItemError> {
        let output = |output| match output {
            Output::GetItem(found) => Some(GetItemOutput::builder().set_item(found.item.map(to_sdk_item)).build()),
            _ => None,
        };
        let error = |error: DynoxideError| GetItemError::generic(metadata(&error));
        Box::pin(self.execute_values(sdk_requests::get_item(input), output, error))
    }

    fn put_item(&self, input: PutItemInput) -> OperationFuture<'_, PutItemOutput, PutItemError> {
        let output = |output| match output {
            Output::PutItem(put) => {
                Some(PutItemOutput::builder().set_attributes(put.attributes.map(to_sdk_item)).build())
            }
            _ => None,
        };
        let error = |error| write_error(error, PutItemError::ConditionalCheckFailedException, PutItemError::generic);
        Box::pin(self.execute_values(sdk_requests::put_item(input), output, error))
    }

    fn update_item(&self, input: UpdateItemInput) -> OperationFuture<'_, UpdateItemOutput, UpdateItemError> {
        let output = |output| match output {
            Output::UpdateItem(updated) => {
                Some(UpdateItemOutput::builder().set_attributes(updated.attributes.map(to_sdk_item)).build())
            }
            _ => None,
        };
        let error =
            |error| write_error(error, UpdateItemError::ConditionalCheckFailedException, UpdateItemError::generic);
        Box::pin(self.execute_values(sdk_requests::update_item(input), output, error))
    }

    fn delete_item(&self, input: DeleteItemInput) -> OperationFuture<'_, DeleteItemOutput, DeleteItemError> {
        let output = |output| match output {
            Output::DeleteItem(deleted) => {
                Some(DeleteItemOutput::builder().set_attributes(deleted.attributes.map(to_sdk_item)).build())
            }
            _ => None,
        };
        let error =
            |error| write_error(error, DeleteItemError::ConditionalCheckFailedException, DeleteItemError::generic);
        Box::pin(self.execute_values(sdk_requests::delete_item(input), output, error))
    }

    fn query(&self, input: QueryInput) -> OperationFuture<'_, QueryOutput, QueryError> {
        let count = |items: usize| i32::try_from(items).unwrap_or(i32::MAX);
        let output = move |output| match output {
            Output::Query(page) => {
                let items = page.items.map(|items| items.into_iter().map(to_sdk_item).collect());
                let output = QueryOutput::builder()
                    .set_items(items)
                    .count(count(page.count))
                    .scanned_count(count(page.scanned_count))
                    .set_last_evaluated_key(page.last_evaluated_key.map(to_sdk_item));
                Some(output.build())
            }
            _ => None,
        };
        let error = |error: DynoxideError| QueryError::generic(metadata(&error));
        Box::pin(self.execute_values(sdk_requests::query(input), output, error))
    }

    fn batch_get_item(&self, input: BatchGetItemInput) -> OperationFuture<'_, BatchGetItemOutput, BatchGetItemError> {
        let output = |output| match output {
            Output::BatchGetItem(found) => {
                let items = |items: Vec<_>| items.into_iter().map(to_sdk_item).collect();
                let responses = found.responses.into_iter().map(|(table, found)| (table, items(found))).collect();
                let unprocessed = found.unprocessed_keys.into_iter();
                let unprocessed = unprocessed.map(|(table, keys)| Some((table, unprocessed_keys(keys)?)));
                let output = BatchGetItemOutput::builder()
                    .set_responses(Some(responses))
                    .set_unprocessed_keys(Some(unprocessed.collect::<Option<_>>()?));
                Some(output.build())
            }
            _ => None,
        };
        let error = |error: DynoxideError| BatchGetItemError::generic(metadata(&error));
        Box::pin(self.execute_values(sdk_requests::batch_get_item(input), output, error))
    }

    fn transact_write_items(
        &self,
        input: TransactWriteItemsInput,
    ) -> OperationFuture<'_, TransactWriteItemsOutput, TransactWriteItemsError> {
        let output = |output| match output {
            Output::TransactWriteItems(_) => Some(TransactWriteItemsOutput::builder().build()),
            _ => None,
        };
        Box::pin(self.execute_values(sdk_requests::transact_write_items(input), output, transaction_error))
    }
}

impl Database {
    /// Executes an operation and converts its output and its error.
    async fn execute_values<T, E>(
        &self,
        operation: Result<Operation, UnsupportedParameter>,
        to_output: impl FnOnce(Output) -> Option<T>,
        to_error: impl FnOnce(DynoxideError) -> E,
    ) -> Result<T, SdkError<E>> {
        let operation = operation.map_err(SdkError::construction_failure)?;
        let no_response = || SdkError::dispatch_failure(super::connector_error("the operation gave no response"));
        match self.execute(operation, self.durability).await.ok_or_else(no_response)? {
            Ok(output) => to_output(output).ok_or_else(no_response),
            Err(error) => {
                let status = StatusCode::try_from(error.status_code()).map_err(SdkError::construction_failure)?;
                Err(SdkError::service_error(to_error(error), HttpResponse::new(status, SdkBody::empty())))
            }
        }
    }
}

/// Returns an error's code and message, as the SDK reads them from a response.
fn metadata(error: &DynoxideError) -> ErrorMetadata {
    let code = error.error_type();
    let code = code.rsplit_once('#').map_or(code, |(_, code)| code);
    ErrorMetadata::builder().code(code).message(error.to_string()).build()
}

/// Returns the error of a single write, of which a failed condition is one of its own.
fn write_error<E>(
    error: DynoxideError,
    condition_failed: impl FnOnce(ConditionalCheckFailedException) -> E,
    generic: impl FnOnce(ErrorMetadata) -> E,
) -> E {
    let metadata = metadata(&error);
    match error {
        DynoxideError::ConditionalCheckFailedException(message, item) => {
            let failed = ConditionalCheckFailedException::builder().message(message).meta(metadata);
            condition_failed(failed.set_item(item.map(to_sdk_item)).build())
        }
        _ => generic(metadata),
    }
}

/// Returns the error of a transaction, of which a cancellation has a reason for each write.
fn transaction_error(error: DynoxideError) -> TransactWriteItemsError {
    let metadata = metadata(&error);
    let DynoxideError::TransactionCanceledException(message, reasons) = error else {
        return TransactWriteItemsError::generic(metadata);
    };
    let reasons = reasons.into_iter().map(|reason| {
        let item: Option<SdkItem> = reason.item.map(to_sdk_item);
        CancellationReason::builder().code(reason.code).set_message(reason.message).set_item(item).build()
    });
    let cancelled = TransactionCanceledException::builder().message(message).meta(metadata);
    let cancelled = cancelled.set_cancellation_reasons(Some(reasons.collect()));
    TransactWriteItemsError::TransactionCanceledException(cancelled.build())
}

/// Reads the keys that a batch left unprocessed, which the embedded database has as JSON.
fn unprocessed_keys(mut keys: serde_json::Value) -> Option<KeysAndAttributes> {
    let keys: Vec<HashMap<String, AttributeValue>> = serde_json::from_value(keys.get_mut("Keys")?.take()).ok()?;
    KeysAndAttributes::builder().set_keys(Some(keys.into_iter().map(to_sdk_item).collect())).build().ok()
}

#[cfg(test)]
mod tests;
