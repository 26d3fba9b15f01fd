//! Permits to decode a photo: bounded memory, and no tenant that waits behind another's photos.

use domain::TenantId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Number of photos that are decoded concurrently for all tenants: decoding one may take 450 MB of memory.
const CONCURRENCY: usize = 3;

/// Number of photos of one tenant that are decoded concurrently. Its others wait for these, so that each tenant has at
/// most one photo in the queue of all, and a tenant with twenty takes turns with a tenant that has one.
const TENANT_CONCURRENCY: usize = 1;

/// Maximum time to wait for a permit: that of three or four of the largest photos. The caller is then told to try later.
const WAIT_TIMEOUT: Duration = Duration::from_secs(3);

/// The permits of all tenants. Cheap to clone; clones share them.
#[derive(Clone)]
pub(crate) struct PhotoPermits(Arc<Shared>);

struct Shared {
    all: Arc<Semaphore>,
    /// The semaphores of tenants that hold a permit or wait for one.
    tenants: Mutex<HashMap<TenantId, Weak<Semaphore>>>,
}

/// A permit, which is returned when it is dropped.
#[derive(Debug)]
pub(crate) struct PhotoPermit {
    _tenant: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl PhotoPermits {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared { all: Arc::new(Semaphore::new(CONCURRENCY)), tenants: Mutex::default() }))
    }

    /// Waits for a permit of `tenant`. Returns none if there is none in time.
    pub(crate) async fn acquire(&self, tenant: TenantId) -> Option<PhotoPermit> {
        let of_tenant = self.semaphore(tenant);
        let both = async {
            // In this order: what waits for the tenant's permit takes up no room in the queue of all.
            let tenant = of_tenant.acquire_owned().await.ok()?;
            let all = Arc::clone(&self.0.all).acquire_owned().await.ok()?;
            Some(PhotoPermit { _tenant: tenant, _all: all })
        };
        tokio::time::timeout(WAIT_TIMEOUT, both).await.ok().flatten()
    }

    /// Returns the semaphore of a tenant. Each permit, and each that waits for one, keeps it.
    fn semaphore(&self, tenant: TenantId) -> Arc<Semaphore> {
        let mut tenants = self.0.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(semaphore) = tenants.get(&tenant).and_then(Weak::upgrade) {
            return semaphore;
        }
        tenants.retain(|_, semaphore| semaphore.strong_count() > 0);
        let semaphore = Arc::new(Semaphore::new(TENANT_CONCURRENCY));
        tenants.insert(tenant, Arc::downgrade(&semaphore));
        semaphore
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn tenant(name: &str) -> TenantId {
        TenantId::derived(&[name.as_bytes()])
    }

    #[tokio::test]
    async fn a_tenant_does_not_block_others() {
        let permits = PhotoPermits::new();
        let first = permits.acquire(tenant("busy")).await.expect("a permit");
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let permits = permits.clone();
                tokio::spawn(async move { permits.acquire(tenant("busy")).await })
            })
            .collect();
        tokio::task::yield_now().await;
        let started = Instant::now();
        assert!(permits.acquire(tenant("other")).await.is_some());
        assert!(started.elapsed() < WAIT_TIMEOUT / 4, "{:?}", started.elapsed());
        // The first is still being decoded when the others have waited long enough.
        for waiting in waiting {
            assert!(waiting.await.expect("no panic").is_none());
        }
        assert!(started.elapsed() < WAIT_TIMEOUT * 2, "{:?}", started.elapsed());
        drop(first);
        assert!(permits.acquire(tenant("busy")).await.is_some());
    }

    #[tokio::test]
    async fn permits_are_bounded_over_all_tenants() {
        let permits = PhotoPermits::new();
        let mut held = Vec::new();
        for number in 0..CONCURRENCY {
            held.push(permits.acquire(tenant(&number.to_string())).await.expect("a permit"));
        }
        assert!(permits.acquire(tenant("another")).await.is_none());
        held.pop();
        assert!(permits.acquire(tenant("another")).await.is_some());
    }

    #[tokio::test]
    async fn tenants_without_photos_are_forgotten() {
        let permits = PhotoPermits::new();
        for number in 0..100 {
            drop(permits.acquire(tenant(&number.to_string())).await.expect("a permit"));
        }
        assert_eq!(permits.0.tenants.lock().expect("no panic").len(), 1);
    }
}
