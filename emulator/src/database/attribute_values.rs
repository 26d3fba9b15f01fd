//! Items and attribute values: from the SDK's types to those of the embedded database, and back.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue as SdkValue;
use dynoxide::types::AttributeValue;
use std::collections::HashMap;

/// An item, or its key, as the SDK has it.
pub(super) type SdkItem = HashMap<String, SdkValue>;

/// An item, or its key, as the embedded database has it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// A part of a request that the embedded database does not take from the SDK.
#[derive(Debug, thiserror::Error)]
#[error("the database in this process does not support {0}")]
pub(super) struct UnsupportedParameter(pub(super) &'static str);

pub(super) fn from_sdk_item(item: SdkItem) -> Result<Item, UnsupportedParameter> {
    item.into_iter().map(|(name, value)| Ok((name, from_sdk(value)?))).collect()
}

pub(super) fn to_sdk_item(item: Item) -> SdkItem {
    item.into_iter().map(|(name, value)| (name, to_sdk(value))).collect()
}

fn from_sdk(value: SdkValue) -> Result<AttributeValue, UnsupportedParameter> {
    Ok(match value {
        SdkValue::S(text) => AttributeValue::S(text),
        SdkValue::N(number) => AttributeValue::N(number),
        SdkValue::B(bytes) => AttributeValue::B(bytes.into_inner()),
        SdkValue::Bool(value) => AttributeValue::BOOL(value),
        SdkValue::Null(value) => AttributeValue::NULL(value),
        SdkValue::Ss(texts) => AttributeValue::SS(texts),
        SdkValue::Ns(numbers) => AttributeValue::NS(numbers),
        SdkValue::Bs(values) => AttributeValue::BS(values.into_iter().map(Blob::into_inner).collect()),
        SdkValue::L(values) => AttributeValue::L(values.into_iter().map(from_sdk).collect::<Result<_, _>>()?),
        SdkValue::M(members) => AttributeValue::M(from_sdk_item(members)?),
        _ => return Err(UnsupportedParameter("this type of attribute")),
    })
}

fn to_sdk(value: AttributeValue) -> SdkValue {
    match value {
        AttributeValue::S(text) => SdkValue::S(text),
        AttributeValue::N(number) => SdkValue::N(number),
        AttributeValue::B(bytes) => SdkValue::B(Blob::new(bytes)),
        AttributeValue::BOOL(value) => SdkValue::Bool(value),
        AttributeValue::NULL(value) => SdkValue::Null(value),
        AttributeValue::SS(texts) => SdkValue::Ss(texts),
        AttributeValue::NS(numbers) => SdkValue::Ns(numbers),
        AttributeValue::BS(values) => SdkValue::Bs(values.into_iter().map(Blob::new).collect()),
        AttributeValue::L(values) => SdkValue::L(values.into_iter().map(to_sdk).collect()),
        AttributeValue::M(members) => SdkValue::M(to_sdk_item(members)),
    }
}
