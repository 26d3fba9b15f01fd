//! The native contract, `/v2`: camelCase, UUIDs, RFC 3339 timestamps with milliseconds; errors and pages as in the
//! property-leads document.
//!
//! Besides its profile it has the requests and responses of resources that no other contract serves: keys, businesses,
//! subscriptions, deliveries, templates, batches, evidence packages, the audit log.

mod accounts;
mod audit;
pub(crate) mod disputes;
mod error;
mod follow_up;
mod health;
mod leads;
pub(crate) mod operations;
pub(crate) mod profile;
mod webhooks;

pub use accounts::{
    BusinessChange, BusinessRequest, KeyRequest, business_json, check_read_only_business_fields, key_json,
    parse_rotation_grace, purge_under_way_json, rights_of_shown_key, tenant_json,
};
pub use audit::{AuditListQuery, audit_entry_json};
pub use disputes::{
    DocumentLink, document_location_json, evidence_summary_json, linked_document, package_document_url, package_json,
    parse_package_request,
};
pub use follow_up::{
    ContactsRequest, SuppressionRequest, TemplateListQuery, TemplateRequest, built_in_template_json,
    check_read_only_template_fields, inbound_secret_json, parse_template_change, suppression_json,
    suppression_lookup_json, template_json,
};
pub use health::health_json;
pub use leads::{
    BatchResult, batch_json, check_lead_change, check_read_only_lead_fields, parse_batch, parse_lead_change,
};
pub use webhooks::{
    DeliveryListQuery, EventLogQuery, EventPayload, LogStart, LoggedContent, LoggedEvent, MAX_WAIT_SECONDS, Recovery,
    RecoveryRequest, SubscriptionChange, SubscriptionRequest, check_read_only_subscription_fields, delivery_json,
    delivery_summary_json, event_log_json, event_type_json, logged_example_json, parse_example_request,
    parse_secret_overlap, parse_test_request, ping_json, read_sample_contract, recovery_json, subscription_json,
};
