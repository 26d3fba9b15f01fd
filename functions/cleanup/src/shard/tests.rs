use super::*;
use crate::Dependencies;
use crate::lanes::{MAX_WAITING_SLOW_ITEMS, WaitingSlowItems};
use blob::{Blobs, LocalLinks};
use domain::disputes::evidence::{DeclaredFile, EvidenceCategory};
use domain::file::FileType;
use domain::{BusinessId, Clock, Environment, Evidence, EvidenceId, LeadId, Mode, NewEvidence, TenantId};
use emulator::TemporaryTables;
use std::sync::Arc;
use std::time::Duration;
use store::{DueDeletion, DueErasure, DueUpload, Store};
use uploads::EvidenceFiles;

const CREATED_AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const NOW: Timestamp = Timestamp::from_millis(1_800_003_600_000);

struct TestClock;

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// A handler, and lanes from which nothing is taken.
struct Fixture {
    cleanup: Cleanup,
    store: Store,
    lanes: Lanes,
    waiting: WaitingSlowItems,
    _tables: TemporaryTables,
}

impl Fixture {
    async fn new() -> Self {
        let tables = TemporaryTables::create(None).await.expect("tables");
        let store = tables.store.clone();
        let links = LocalLinks::new("http://files.invalid", [0; 32]);
        let blobs = Blobs::in_folder(&tables.folder().join("files"), links).expect("a storage");
        let clock: Arc<dyn Clock> = Arc::new(TestClock);
        let cleanup = Cleanup::new(Dependencies {
            store: store.clone(),
            files: EvidenceFiles::new(store.clone(), blobs, Arc::clone(&clock)),
            clock,
            max_run_time: crate::MAX_RUN_TIME,
            max_overtime: crate::MAX_OVERTIME,
        });
        let (lanes, waiting) = Lanes::new();
        Self { cleanup, store, lanes, waiting, _tables: tables }
    }

    /// Reads a shard, with all the time it needs.
    async fn read(&self, shard: DueShard) -> DueSummary {
        let ends_at = Instant::now() + Duration::from_hours(1);
        self.cleanup.read_shard(shard, NOW, self.lanes.clone(), ends_at).await
    }
}

fn environment(tenant: TenantId) -> Environment {
    Environment { tenant, mode: Mode::Test }
}

/// Adds evidence that awaits its files to a shard.
async fn add_uploads(store: &Store, shard: u8, count: usize) {
    let ids = (0_u32..).map(|number| EvidenceId::derived(&[&number.to_be_bytes()]));
    let ids: Vec<_> = ids.filter(|id| id.bytes()[11] % 2 == shard).take(count).collect();
    for some in ids.chunks(100) {
        let writes = some.iter().flat_map(|id| {
            let new = NewEvidence {
                business: BusinessId::derived(&[b"b"]),
                category: EvidenceCategory::Photo,
                dispute: None,
                lead: None,
                title: None,
                description: None,
                file: Some(DeclaredFile { content_type: FileType::Png, size: 5, sha256: None, name: None }),
            };
            let evidence = Evidence::new(*id, new, CREATED_AT);
            store.put_record(environment(TenantId::derived(&[b"t"])), &evidence).expect("an item")
        });
        store.commit(writes.collect()).await.expect("stored");
    }
}

/// Adds purges of test data to a shard.
async fn add_purges(store: &Store, shard: u8, count: usize) {
    let tenants = (0_u32..).map(|number| TenantId::derived(&[&number.to_be_bytes()]));
    let tenants: Vec<_> = tenants.filter(|tenant| tenant.bytes()[11] % 2 == shard).take(count).collect();
    for some in tenants.chunks(50) {
        let writes = some.iter().flat_map(|tenant| store.request_purge(environment(*tenant), CREATED_AT));
        store.commit(writes.collect()).await.expect("stored");
    }
}

#[tokio::test]
async fn a_full_lane_ends_the_reading_of_files() {
    let fixture = Fixture::new().await;
    add_uploads(&fixture.store, 0, 2 * DUE_PAGE_SIZE + 50).await;
    let (environment, evidence) = (environment(TenantId::derived(&[b"t"])), EvidenceId::derived(&[b"e"]));
    let other = DueUpload { environment, evidence, check_at: CREATED_AT };
    // The lane has room for the first page and for half of the second.
    for _ in 0..MAX_WAITING_SLOW_ITEMS - DUE_PAGE_SIZE * 3 / 2 {
        fixture.lanes.pass_upload(other);
    }
    let summary = fixture.read(DueShard::Uploads(0)).await;
    let half = DUE_PAGE_SIZE / 2;
    assert_eq!((summary.continued, summary.unfinished_shards, summary.failed), (half, 1, 0), "no third page is read");
    assert_eq!(fixture.waiting.uploads.len(), MAX_WAITING_SLOW_ITEMS);
}

#[tokio::test]
async fn files_are_read_to_the_end_if_there_is_room() {
    let fixture = Fixture::new().await;
    add_uploads(&fixture.store, 1, DUE_PAGE_SIZE + 50).await;
    let summary = fixture.read(DueShard::Uploads(1)).await;
    assert_eq!((summary.continued, summary.unfinished_shards, summary.failed), (0, 0, 0));
    assert_eq!(fixture.waiting.uploads.len(), DUE_PAGE_SIZE + 50);
}

#[tokio::test]
async fn a_full_lane_ends_the_reading_of_deletions() {
    let fixture = Fixture::new().await;
    add_purges(&fixture.store, 1, 2 * DUE_PAGE_SIZE).await;
    let (environment, lead) = (environment(TenantId::derived(&[b"t"])), LeadId::derived(&[b"l"]));
    for _ in 0..MAX_WAITING_SLOW_ITEMS {
        fixture.lanes.pass_deletion(DueDeletion::Erasure(DueErasure { environment, lead, check_at: CREATED_AT }));
    }
    let summary = fixture.read(DueShard::Deletions(1)).await;
    assert_eq!((summary.continued, summary.unfinished_shards, summary.failed), (DUE_PAGE_SIZE, 1, 0));
    let uploads = fixture.read(DueShard::Uploads(1)).await;
    assert_eq!((uploads.continued, uploads.unfinished_shards), (0, 0), "files have a lane of their own");
}
