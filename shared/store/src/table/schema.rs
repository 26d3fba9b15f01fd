//! The declaration of both tables, for the local server and tests. `template.yaml` declares the same tables for a
//! deployment; a change must be made in both.

use crate::table::client::Store;
use crate::table::error::StoreError;
use crate::table::key_schema::{
    AT, BUSINESS_INDEX, BUSINESS_PK, DUE_CHECK, DUE_INDEX, DUE_SHARD, PK, SK, STATUS_INDEX, STATUS_PK,
};
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType,
};

/// Attributes that the index `due` holds besides its keys: what the sweeper needs to enqueue work without reading it.
const DUE_PROJECTION: [&str; 4] = ["attempts", "dueAt", "lead", "subscription"];

fn attribute(name: &str, of: ScalarAttributeType) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder().attribute_name(name).attribute_type(of).build()
}

fn key(name: &str, of: KeyType) -> Result<KeySchemaElement, BuildError> {
    KeySchemaElement::builder().attribute_name(name).key_type(of).build()
}

/// Declares an index with these keys, and with all attributes or only those in `projected`.
fn index(name: &str, pk: &str, sk: &str, projected: Option<&[&str]>) -> Result<GlobalSecondaryIndex, BuildError> {
    let projection = match projected {
        None => Projection::builder().projection_type(ProjectionType::All),
        Some(names) => Projection::builder()
            .projection_type(ProjectionType::Include)
            .set_non_key_attributes(Some(names.iter().map(|name| (*name).to_owned()).collect())),
    };
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .key_schema(key(pk, KeyType::Hash)?)
        .key_schema(key(sk, KeyType::Range)?)
        .projection(projection.build())
        .build()
}

impl Store {
    /// Creates both tables, unless they exist.
    pub async fn create_tables(&self) -> Result<(), StoreError> {
        let broken = |error: BuildError| StoreError::Internal(error.to_string());
        let strings = [PK, SK, BUSINESS_PK, STATUS_PK, AT, DUE_SHARD];
        let mut attributes = strings
            .into_iter()
            .map(|name| attribute(name, ScalarAttributeType::S))
            .collect::<Result<Vec<_>, _>>()
            .map_err(broken)?;
        attributes.push(attribute(DUE_CHECK, ScalarAttributeType::N).map_err(broken)?);
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewAndOldImages)
            .build()
            .map_err(broken)?;
        let main = self
            .database
            .sdk()
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(attributes))
            .key_schema(key(PK, KeyType::Hash).map_err(broken)?)
            .key_schema(key(SK, KeyType::Range).map_err(broken)?)
            .global_secondary_indexes(index(BUSINESS_INDEX, BUSINESS_PK, AT, None).map_err(broken)?)
            .global_secondary_indexes(index(STATUS_INDEX, STATUS_PK, AT, None).map_err(broken)?)
            .global_secondary_indexes(index(DUE_INDEX, DUE_SHARD, DUE_CHECK, Some(&DUE_PROJECTION)).map_err(broken)?)
            .stream_specification(stream)
            .send()
            .await;
        created(main)?;
        let access = self
            .database
            .sdk()
            .create_table()
            .table_name(&self.access_table)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute(PK, ScalarAttributeType::S).map_err(broken)?)
            .key_schema(key(PK, KeyType::Hash).map_err(broken)?)
            .send()
            .await;
        created(access)
    }
}

/// Returns the result of creating a table: one that exists already is as good.
fn created<T, E>(result: Result<T, aws_sdk_dynamodb::error::SdkError<E>>) -> Result<(), StoreError>
where
    E: ProvideErrorMetadata,
{
    match result {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some("ResourceInUseException") => Ok(()),
        Err(error) => Err(error.into()),
    }
}
