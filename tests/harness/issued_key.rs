//! API keys of a single test, written directly to the tables.

use super::Caller;
use auth::ApiKey;
use domain::accounts::rate_limit::Limits;
use domain::{Contract, KeyId, KeyRecord, Mode, Scopes, TenantId, Tier, Timestamp};
use local::LocalServer;

/// A valid key, with its stored record.
pub(crate) struct IssuedKey {
    pub(crate) key: String,
    pub(crate) record: KeyRecord,
}

impl IssuedKey {
    /// Issues a live key of the native demo tenant with every scope and these limits.
    pub(crate) async fn with_limits(server: &LocalServer, limits: Limits) -> Self {
        Self::new(server, |record| record.limits = limits).await
    }

    /// Issues a live key of the native demo tenant, after `adjust` has changed its record.
    pub(crate) async fn new(server: &LocalServer, adjust: impl FnOnce(&mut KeyRecord)) -> Self {
        let mut random = [0; 64];
        random[..16].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
        random[32..48].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
        let key = ApiKey::from_random("lh_live_", &random);
        let mut record = KeyRecord {
            id: KeyId::derived(&[key.prefix().as_bytes()]),
            tenant: TenantId::derived(&[b"demo", b"native"]),
            name: "a test's own".to_owned(),
            prefix: key.prefix().to_owned(),
            hash: key.hash(),
            mode: Mode::Live,
            contract: Contract::Native,
            scopes: Scopes::all(),
            business: None,
            tier: Tier::Enterprise,
            limits: Limits::UNLIMITED,
            created_at: Timestamp::EPOCH,
            expires_at: None,
            revoked_at: None,
            rotated_to: None,
        };
        adjust(&mut record);
        server.store.add_key(&record).await.unwrap();
        Self { key: key.reveal().to_owned(), record }
    }

    /// Returns a caller with this key.
    pub(crate) fn caller(&self, server: &LocalServer) -> Caller {
        Caller::new(&server.credentials.base_url, &self.key)
    }
}
