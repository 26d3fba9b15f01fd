//! `GET /v2/audit-log`: lists the audit log.

use api::{ApiError, ApiResponse, ApiState, Caller, ListPage, QueryParams, require};
use axum::extract::State;
use contract::native;
use store::{AuditFilter, Position};

/// Returns a page of the audit log of the caller's mode, newest first. A key that is bound to a business sees the
/// entries of that business.
pub(crate) async fn list(
    State(api): State<ApiState>,
    caller: Caller<require::AuditRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let request = native::AuditListQuery::read(&mut query);
    let page = ListPage::read(&caller, "audit-log", query)?;
    let (from, to) = api.businesses(&caller).instants(request.created, None).await?;
    let filter = AuditFilter {
        action: request.action,
        key: request.key,
        subject: request.subject,
        business: caller.key.business,
        from,
        to,
    };
    let request = page.request(Position::parse_id_key)?;
    let found = api.store().audit_log(caller.environment(), &filter, &request, api.now()).await?;
    Ok(page.response(found.items.iter().map(native::audit_entry_json), found.next))
}
