//! Keys, businesses, the audit log, the caller's own account and the service's health over HTTP.
//!
//! This function also responds to requests for paths that no function serves.

mod audit_log;
mod businesses;
mod keys;
mod me;
mod test_data;

use api::{ApiState, Routes};
use domain::Contract::Native;

/// Returns the routes of this function.
pub fn routes() -> Routes<ApiState> {
    Routes::new()
        .get(Native, "/keys", keys::list)
        .post_creating(Native, "/keys", keys::create, "/keys/{id}")
        .get(Native, "/keys/{id}", keys::get)
        .delete(Native, "/keys/{id}", keys::revoke)
        .post_creating(Native, "/keys/{id}/rotate", keys::rotate, "/keys/{id}")
        .get(Native, "/me", me::me)
        .get(Native, "/businesses", businesses::list)
        .post_creating(Native, "/businesses", businesses::create, "/businesses/{id}")
        .get(Native, "/businesses/{id}", businesses::get)
        .patch(Native, "/businesses/{id}", businesses::change)
        .get(Native, "/audit-log", audit_log::list)
        .delete(Native, "/test-data", test_data::purge)
        .get(Native, "/health", me::health)
}
