//! The schema of disputes in payloads: their lead has the short id of this contract.

use crate::disputes::dispute::UpdatedDispute;
use crate::schema::ShortLeadId;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;
use std::borrow::Cow;

/// Stands for [`UpdatedDispute`] in the schemas of this contract.
pub(super) struct DisputeWithShortLeadId;

impl JsonSchema for DisputeWithShortLeadId {
    fn schema_name() -> Cow<'static, str> {
        UpdatedDispute::schema_name()
    }

    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        let mut schema = UpdatedDispute::json_schema(schemas);
        let lead_id = Option::<ShortLeadId>::json_schema(schemas).to_value();
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.insert("lead_id".to_owned(), lead_id);
        }
        schema
    }
}
