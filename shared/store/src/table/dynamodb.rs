//! The operations of DynamoDB: sent to AWS by the SDK, or executed by a database in this process.
//!
//! Everything else in the crate builds the SDK's requests and reads its responses, and does not know which of the two
//! it is. A database in this process takes the requests as values: writing each of them as an HTTP request with a JSON
//! body, and reading it again, takes a fifth of a lead's CPU time.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::batch_get_item::builders::BatchGetItemInputBuilder;
use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemError, BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemInputBuilder;
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemError, DeleteItemInput, DeleteItemOutput};
use aws_sdk_dynamodb::operation::get_item::builders::GetItemInputBuilder;
use aws_sdk_dynamodb::operation::get_item::{GetItemError, GetItemInput, GetItemOutput};
use aws_sdk_dynamodb::operation::put_item::builders::PutItemInputBuilder;
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemInput, PutItemOutput};
use aws_sdk_dynamodb::operation::query::builders::QueryInputBuilder;
use aws_sdk_dynamodb::operation::query::{QueryError, QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsInputBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::{
    TransactWriteItemsError, TransactWriteItemsInput, TransactWriteItemsOutput,
};
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemInputBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemInput, UpdateItemOutput};
use futures_util::future::BoxFuture;
use std::fmt;
use std::sync::Arc;

/// The future of an operation that a database in this process executes, with the SDK's own output and error.
pub type OperationFuture<'a, T, E> = BoxFuture<'a, Result<T, SdkError<E>>>;

/// The SDK's client, and a database in this process that takes its place for most operations, if there is one. Cheap to
/// clone.
#[derive(Clone, Debug)]
pub(crate) struct DynamoDb {
    sdk: Client,
    in_process: Option<Arc<dyn InProcessDatabase>>,
}

impl DynamoDb {
    pub(crate) fn new(sdk: Client) -> Self {
        Self { sdk, in_process: None }
    }

    pub(crate) fn with_in_process_database(self, database: Arc<dyn InProcessDatabase>) -> Self {
        Self { in_process: Some(database), ..self }
    }

    /// Returns the SDK's client, for operations that no call needs, such as creating tables.
    pub(crate) fn sdk(&self) -> &Client {
        &self.sdk
    }
}

/// Declares operations for both databases.
macro_rules! operations {
    ($($(#[$documentation:meta])* $operation:ident: $builder:ty, $input:ty => $output:ty, $error:ty;)*) => {
        /// A DynamoDB in this process, which executes the operations of calls and of background work.
        ///
        /// Errors are those that the SDK reads from DynamoDB's responses. A request lacks no required parameter, and is not
        /// retried.
        pub trait InProcessDatabase: fmt::Debug + Send + Sync {
            $($(#[$documentation])* fn $operation(&self, input: $input) -> OperationFuture<'_, $output, $error>;)*
        }

        impl DynamoDb {
            $(pub(crate) async fn $operation(&self, request: $builder) -> Result<$output, SdkError<$error>> {
                match &self.in_process {
                    Some(database) => {
                        database.$operation(request.build().map_err(SdkError::construction_failure)?).await
                    }
                    // The futures of the SDK are so deeply nested that the functions around ours would reach the
                    // compiler's depth limit.
                    None => Box::pin(request.send_with(&self.sdk)).await,
                }
            })*
        }
    };
}

operations! {
    /// Reads an item.
    get_item: GetItemInputBuilder, GetItemInput => GetItemOutput, GetItemError;
    /// Writes an item.
    put_item: PutItemInputBuilder, PutItemInput => PutItemOutput, PutItemError;
    /// Changes attributes of an item, or creates it.
    update_item: UpdateItemInputBuilder, UpdateItemInput => UpdateItemOutput, UpdateItemError;
    /// Deletes an item.
    delete_item: DeleteItemInputBuilder, DeleteItemInput => DeleteItemOutput, DeleteItemError;
    /// Reads items of a partition in the order of their sort keys.
    query: QueryInputBuilder, QueryInput => QueryOutput, QueryError;
    /// Reads items by their keys.
    batch_get_item: BatchGetItemInputBuilder, BatchGetItemInput => BatchGetItemOutput, BatchGetItemError;
    /// Makes several writes, or none of them.
    transact_write_items: TransactWriteItemsInputBuilder, TransactWriteItemsInput
        => TransactWriteItemsOutput, TransactWriteItemsError;
}
