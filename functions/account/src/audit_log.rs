//! `GET /v2/audit-log`: lists the audit log.

use api::{ApiError, ApiResponse, ApiState, Caller, ListPage, QueryParams, require};
use axum::extract::State;
use contract::{native, parse_id};
use domain::KeyId;
use domain::audit::{Action, SubjectId};
use store::{AuditFilter, Position};

/// Returns a page of the audit log of the caller's mode, newest first. A key that is bound to a business sees the
/// entries of that business.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::AuditRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let mut filter = AuditFilter {
        action: query.one_of("action", Action::ALL, Action::name),
        key: query.optional("keyId", parse_id(KeyId::parse)),
        subject: query.optional("subjectId", parse_id(SubjectId::parse)),
        business: caller.key.business,
        ..AuditFilter::default()
    };
    let created = query.range("createdFrom", "createdTo");
    let page = ListPage::read(&caller, "audit-log", query)?;
    (filter.from, filter.to) = api.businesses(&caller).instants(created, None).await?;
    let request = page.request(Position::parse_id_key)?;
    let found = api.store().audit_log(caller.environment(), &filter, &request, api.now()).await?;
    Ok(page.response(found.items.iter().map(native::audit_entry_json), found.next))
}
