//! Requests of the SDK as operations of the embedded database.
//!
//! A parameter that DynamoDB has and the crate `store` does not use is an error: it would be ignored otherwise.

use super::attribute_values::{Item, SdkItem, UnsupportedParameter, from_sdk_item};
use super::operation::Operation;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemInput;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_sdk_dynamodb::types::{KeysAndAttributes as SdkKeys, TransactWriteItem as SdkWrite};
use dynoxide::actions::batch_get_item::{BatchGetItemRequest, KeysAndAttributes};
use dynoxide::actions::delete_item::DeleteItemRequest;
use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::transact_write_items::{
    TransactConditionCheck, TransactDelete, TransactPut, TransactUpdate, TransactWriteItem, TransactWriteItemsRequest,
};
use dynoxide::actions::update_item::UpdateItemRequest;

type Converted = Result<Operation, UnsupportedParameter>;

/// Returns an error if any of these parameters of `$input` is given.
macro_rules! reject {
    ($input:ident: $($parameter:ident),*) => {
        $(if $input.$parameter.is_some() {
            return Err(UnsupportedParameter(stringify!($parameter)));
        })*
    };
}

/// Returns the name of an enum's value, as requests have it.
macro_rules! name {
    ($value:expr) => {
        $value.map(|value| value.as_str().to_owned())
    };
}

pub(super) fn get_item(input: GetItemInput) -> Converted {
    reject!(input: attributes_to_get, return_consumed_capacity);
    Ok(Operation::GetItem(GetItemRequest {
        table_name: input.table_name.unwrap_or_default(),
        key: item(input.key)?,
        consistent_read: input.consistent_read,
        projection_expression: input.projection_expression,
        expression_attribute_names: input.expression_attribute_names,
        ..GetItemRequest::default()
    }))
}

pub(super) fn put_item(input: PutItemInput) -> Converted {
    reject!(input: expected, conditional_operator, return_consumed_capacity, return_item_collection_metrics);
    Ok(Operation::PutItem(PutItemRequest {
        table_name: input.table_name.unwrap_or_default(),
        item: item(input.item)?,
        return_values: name!(input.return_values),
        condition_expression: input.condition_expression,
        expression_attribute_names: input.expression_attribute_names,
        expression_attribute_values: values(input.expression_attribute_values)?,
        return_values_on_condition_check_failure: name!(input.return_values_on_condition_check_failure),
        ..PutItemRequest::default()
    }))
}

pub(super) fn update_item(input: UpdateItemInput) -> Converted {
    reject!(input: attribute_updates, expected, conditional_operator, return_consumed_capacity);
    reject!(input: return_item_collection_metrics);
    Ok(Operation::UpdateItem(UpdateItemRequest {
        table_name: input.table_name.unwrap_or_default(),
        key: item(input.key)?,
        update_expression: input.update_expression,
        condition_expression: input.condition_expression,
        expression_attribute_names: input.expression_attribute_names,
        expression_attribute_values: values(input.expression_attribute_values)?,
        return_values: name!(input.return_values),
        return_values_on_condition_check_failure: name!(input.return_values_on_condition_check_failure),
        ..UpdateItemRequest::default()
    }))
}

pub(super) fn delete_item(input: DeleteItemInput) -> Converted {
    reject!(input: expected, conditional_operator, return_consumed_capacity, return_item_collection_metrics);
    Ok(Operation::DeleteItem(DeleteItemRequest {
        table_name: input.table_name.unwrap_or_default(),
        key: item(input.key)?,
        return_values: name!(input.return_values),
        condition_expression: input.condition_expression,
        expression_attribute_names: input.expression_attribute_names,
        expression_attribute_values: values(input.expression_attribute_values)?,
        return_values_on_condition_check_failure: name!(input.return_values_on_condition_check_failure),
        ..DeleteItemRequest::default()
    }))
}

pub(super) fn query(input: QueryInput) -> Converted {
    reject!(input: attributes_to_get, key_conditions, query_filter, conditional_operator, return_consumed_capacity);
    let limit = input.limit.map(usize::try_from).transpose().map_err(|_| UnsupportedParameter("a negative limit"))?;
    Ok(Operation::Query(QueryRequest {
        table_name: input.table_name.unwrap_or_default(),
        key_condition_expression: input.key_condition_expression,
        filter_expression: input.filter_expression,
        projection_expression: input.projection_expression,
        expression_attribute_names: input.expression_attribute_names,
        expression_attribute_values: values(input.expression_attribute_values)?,
        scan_index_forward: input.scan_index_forward.unwrap_or(true),
        limit,
        exclusive_start_key: values(input.exclusive_start_key)?,
        select: name!(input.select),
        consistent_read: input.consistent_read,
        index_name: input.index_name,
        ..QueryRequest::default()
    }))
}

pub(super) fn batch_get_item(input: BatchGetItemInput) -> Converted {
    reject!(input: return_consumed_capacity);
    let tables = input.request_items.unwrap_or_default().into_iter();
    Ok(Operation::BatchGetItem(BatchGetItemRequest {
        request_items: tables.map(|(table, keys)| Ok((table, keys_of_table(keys)?))).collect::<Result<_, _>>()?,
        return_consumed_capacity: None,
    }))
}

fn keys_of_table(requested: SdkKeys) -> Result<KeysAndAttributes, UnsupportedParameter> {
    reject!(requested: attributes_to_get);
    Ok(KeysAndAttributes {
        keys: requested.keys.into_iter().map(from_sdk_item).collect::<Result<_, _>>()?,
        projection_expression: requested.projection_expression,
        expression_attribute_names: requested.expression_attribute_names,
        consistent_read: requested.consistent_read,
        attributes_to_get: None,
    })
}

pub(super) fn transact_write_items(input: TransactWriteItemsInput) -> Converted {
    reject!(input: return_consumed_capacity, return_item_collection_metrics);
    let writes = input.transact_items.unwrap_or_default().into_iter();
    Ok(Operation::TransactWriteItems(TransactWriteItemsRequest {
        transact_items: writes.map(transact_write_item).collect::<Result<_, _>>()?,
        client_request_token: input.client_request_token,
        ..TransactWriteItemsRequest::default()
    }))
}

fn transact_write_item(write: SdkWrite) -> Result<TransactWriteItem, UnsupportedParameter> {
    Ok(TransactWriteItem {
        put: write.put.map(put).transpose()?,
        update: write.update.map(update).transpose()?,
        delete: write.delete.map(delete).transpose()?,
        condition_check: write.condition_check.map(condition_check).transpose()?,
    })
}

fn put(put: aws_sdk_dynamodb::types::Put) -> Result<TransactPut, UnsupportedParameter> {
    Ok(TransactPut {
        table_name: put.table_name,
        item: from_sdk_item(put.item)?,
        condition_expression: put.condition_expression,
        expression_attribute_names: put.expression_attribute_names,
        expression_attribute_values: values(put.expression_attribute_values)?,
        return_values_on_condition_check_failure: name!(put.return_values_on_condition_check_failure),
    })
}

fn update(update: aws_sdk_dynamodb::types::Update) -> Result<TransactUpdate, UnsupportedParameter> {
    Ok(TransactUpdate {
        table_name: update.table_name,
        key: from_sdk_item(update.key)?,
        update_expression: update.update_expression,
        condition_expression: update.condition_expression,
        expression_attribute_names: update.expression_attribute_names,
        expression_attribute_values: values(update.expression_attribute_values)?,
        return_values_on_condition_check_failure: name!(update.return_values_on_condition_check_failure),
    })
}

fn delete(delete: aws_sdk_dynamodb::types::Delete) -> Result<TransactDelete, UnsupportedParameter> {
    Ok(TransactDelete {
        table_name: delete.table_name,
        key: from_sdk_item(delete.key)?,
        condition_expression: delete.condition_expression,
        expression_attribute_names: delete.expression_attribute_names,
        expression_attribute_values: values(delete.expression_attribute_values)?,
        return_values_on_condition_check_failure: name!(delete.return_values_on_condition_check_failure),
    })
}

fn condition_check(
    check: aws_sdk_dynamodb::types::ConditionCheck,
) -> Result<TransactConditionCheck, UnsupportedParameter> {
    Ok(TransactConditionCheck {
        table_name: check.table_name,
        key: from_sdk_item(check.key)?,
        condition_expression: check.condition_expression,
        expression_attribute_names: check.expression_attribute_names,
        expression_attribute_values: values(check.expression_attribute_values)?,
        return_values_on_condition_check_failure: name!(check.return_values_on_condition_check_failure),
    })
}

fn item(item: Option<SdkItem>) -> Result<Item, UnsupportedParameter> {
    from_sdk_item(item.unwrap_or_default())
}

fn values(values: Option<SdkItem>) -> Result<Option<Item>, UnsupportedParameter> {
    values.map(from_sdk_item).transpose()
}
