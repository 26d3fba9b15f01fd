//! Operations on API keys.

use crate::examples::{self, NOW, random_bytes};
use crate::fields::UnknownFields::Rejected;
use crate::native::accounts::key::{KeyJson, KeyRequest, key_json, parse_rotation_grace};
use crate::native::profile::{Native, PAGE_LIMITS};
use crate::operation::{Access, Operation};
use domain::{KeyId, KeyRecord, Mode, Scope, Tier};

const TAG: &str = "Keys";

const KEY: &str = r#"{
  "name": "Website form",
  "scopes": ["leads:read", "leads:write"],
  "expiresAt": "2027-11-26T00:00:00Z"
}"#;

/// The public prefix of the key of the examples.
const PREFIX: &str = "lh_live_Ab12Cd34_";

/// Returns the key of the examples.
pub(super) fn key() -> KeyRecord {
    let request = examples::read(KEY, |fields| KeyRequest::parse(fields, |_| &Native));
    let tier = Tier::Pro;
    KeyRecord {
        id: KeyId::new(NOW, random_bytes("key")),
        tenant: examples::tenant().id,
        name: request.name,
        prefix: PREFIX.to_owned(),
        hash: String::new(),
        mode: Mode::Live,
        contract: request.contract,
        scopes: request.scopes,
        business: request.business,
        tier,
        limits: tier.limits(),
        created_at: NOW,
        expires_at: request.expires_at,
        revoked_at: None,
        rotated_to: None,
    }
}

/// Returns every operation on API keys.
pub(super) fn operations() -> Vec<Operation> {
    let read = Access::Scope(Scope::KeysRead);
    let write = Access::Scope(Scope::KeysWrite);
    let key = key();
    let id = key.id.to_string();
    let shown = key_json(&key, None, Some(NOW), NOW);
    let secret = format!("{PREFIX}{}", "0".repeat(44));
    let created = key_json(&key, Some(&secret), None, NOW);
    vec![
        Operation::get("/keys", "listKeys", read)
            .texts(
                TAG,
                "List keys",
                "Lists the keys that can do no more than the one of the request, the newest first: their prefix, \
                 scopes and last use, never the key itself. A page may have fewer items than `limit`, or none, and \
                 be followed by another.",
            )
            .page_of::<KeyJson<'_>>(PAGE_LIMITS, shown.clone()),
        Operation::post("/keys", "createKey", write)
            .texts(
                TAG,
                "Create a key",
                "Creates an API key. Only this response shows it. It gets no scope, business, mode, tier or expiry \
                 beyond those of the key of the request (403). Without `mode`, it has that of the key of the \
                 request. Keys of some contracts are always bound to a business, and then `businessId` is required. A \
                 tenant has at most 50 active keys in each mode (409), unless the operator has set another number: \
                 keys that were neither revoked nor have expired.",
            )
            .checked_body(Rejected, |fields| KeyRequest::parse(fields, |_| &Native), KEY)
            .json::<KeyJson<'_>>(201, "The key.", created.clone())
            .located()
            .errors(&[404]),
        Operation::get("/keys/{id}", "getKey", read)
            .texts(TAG, "Retrieve a key", "Returns prefix, scopes and last use of a key, never the key itself.")
            .path_example(id.clone())
            .json::<KeyJson<'_>>(200, "The key.", shown),
        Operation::delete("/keys/{id}", "revokeKey", write)
            .texts(
                TAG,
                "Revoke a key",
                "Revokes a key, which stops working immediately. Revoking it again has the same result.",
            )
            .path_example(id.clone())
            .empty(204, "The key is revoked."),
        Operation::post("/keys/{id}/rotate", "rotateKey", write)
            .texts(
                TAG,
                "Rotate a key",
                "Creates a key with the same properties. Only this response shows it. The old one stays valid for \
                 `graceSeconds`, 24 hours by default, and counts as an active key until then: at the maximum of active \
                 keys, only 0 seconds are possible. A key that was revoked or rotated, or has expired, is a conflict \
                 (409).",
            )
            .path_example(id)
            .checked_body(Rejected, parse_rotation_grace, r#"{ "graceSeconds": 3600 }"#)
            .body_is_optional()
            .json::<KeyJson<'_>>(201, "The new key.", created)
            .located(),
    ]
}
