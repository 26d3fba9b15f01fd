//! `GET /v2/audit-log`: who did what, newest first.

use crate::Account;
use api::{ApiError, ApiResponse, Caller, QueryParams, require};
use axum::extract::State;
use contract::{Cursor, native};
use domain::KeyId;
use domain::audit::{Action, SubjectId};
use store::{AuditFilter, PageRequest, Position};

/// A page of the log of the caller's mode; a key that is bound to a business sees what belongs to that.
pub(crate) async fn list(
    State(account): State<Account>,
    caller: Caller<require::AuditRead>,
    QueryParams(mut query): QueryParams,
) -> Result<ApiResponse, ApiError> {
    let profile = caller.profile();
    let uuid = || "must be a valid UUID".to_owned();
    let mut filter = AuditFilter {
        action: query.one_of("action", Action::ALL, Action::name),
        key: query.optional("keyId", |text| KeyId::parse(text).ok_or_else(uuid)),
        subject: query.optional("subjectId", |text| SubjectId::parse(text).ok_or_else(uuid)),
        business: caller.key.business,
        ..AuditFilter::default()
    };
    (filter.from, filter.to) = query.range("createdFrom", "createdTo");
    let (list, limit, after) =
        query.page(&caller.list_name("audit-log"), caller.environment(), profile.page_limits())?;
    let request = PageRequest {
        limit,
        after: after.map(|after| Position::parse_id_key(&after).ok_or_else(Cursor::error)).transpose()?,
    };
    let page = account.api.store().audit_log(caller.environment(), &filter, &request, account.api.now()).await?;
    let next = page.next.map(|next| Cursor::encode(next.as_str(), &list));
    Ok(ApiResponse::ok(profile.page(page.items.iter().map(native::audit_entry).collect(), next)))
}
