//! The operator's commands `redrive` and `due`: what was given up is put back once its cause is fixed, and nothing is
//! done twice.

use crate::harness::{
    Binary, Caller, DELIVERY_TIMEOUT, EFFECT_TIMEOUT, FaultSet, Receiver, database_client, error_response, eventually,
    options, text,
};
use crate::stream::{create_leads, delivered_leads, parked, store_unreadable_lead};
use aws_sdk_dynamodb::types::AttributeValue;
use blob::{BlobKey, ParkedName};
use domain::Clock;
use domain::accounts::rate_limit::Limits;
use domain::{Environment, EvidenceId, Mode, TenantId};
use local::{LocalServer, ServerOptions};
use runtime::SystemClock;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Reason of a lead that no version can read.
const UNREADABLE: &str = "an item cannot be read: a lead";

/// Starts a server on `folder` whose `dispatch` can write no delivery, and which sweeps every second.
async fn server_without_deliveries(folder: &Path) -> (LocalServer, Arc<FaultSet>) {
    let faults = Arc::<FaultSet>::default();
    let options = ServerOptions {
        data: Some(folder.to_owned()),
        speedup: 60.0,
        demo_limits: Some(Limits::UNLIMITED),
        fault_injector: Some(Arc::<FaultSet>::clone(&faults)),
        ..options()
    };
    let server = LocalServer::start(options).await.unwrap();
    faults.fail_all("PutItem", "\"D#", error_response(400, "ValidationException"));
    (server, faults)
}

async fn wait_for_parked(server: &LocalServer, count: usize) {
    eventually(EFFECT_TIMEOUT, &format!("{count} records are parked"), || async {
        (parked(server, "dispatch").await.len() == count).then_some(())
    })
    .await;
}

/// Runs a command, and returns whether it succeeded, and its report.
async fn run(folder: &Path, arguments: &[&str]) -> (bool, Value) {
    let ended = Binary::run_command(folder, arguments).await;
    let report = serde_json::from_slice(&ended.stdout);
    (ended.status.success(), report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ended.stderr))))
}

/// Returns the report of one function.
fn of<'a>(report: &'a Value, function: &str) -> &'a Value {
    report["sources"].as_array().unwrap().iter().find(|source| source["function"] == function).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn redriven_records_are_delivered_once() {
    let folder = tempfile::tempdir().unwrap();
    let (server, faults) = server_without_deliveries(folder.path()).await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    let mut created = create_leads(&native, 0..6).await;
    wait_for_parked(&server, 6).await;
    faults.clear();
    let erased = created.pop_last().unwrap();
    native.delete(&format!("/v2/leads/{erased}")).await.expect(204);

    let (succeeded, dry_run) = run(folder.path(), &["redrive", "--dry-run"]).await;
    let shown = of(&dry_run, "dispatch");
    assert!(succeeded && dry_run["dryRun"] == true, "{dry_run}");
    assert_eq!((&shown["found"], &shown["wouldRedrive"], &shown["erased"]), (&json!(6), &json!(5), &json!(1)));
    assert_eq!(shown["reasons"][0]["count"], 5, "{shown}");
    assert_eq!(parked(&server, "dispatch").await.len(), 6, "a dry run changes nothing");
    assert_eq!(receiver.received().len(), 0);

    for redriven in [5, 0] {
        let (succeeded, report) = run(folder.path(), &["redrive"]).await;
        assert!(succeeded, "{report}");
        assert_eq!(of(&report, "dispatch")["redriven"], redriven);
    }
    receiver.wait_for(5, DELIVERY_TIMEOUT * 2).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(delivered_leads(&receiver), created);
    assert_eq!(receiver.received().len(), 5, "nothing twice");
    assert_eq!(parked(&server, "dispatch").await, []);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_still_fails_stays_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (server, faults) = server_without_deliveries(folder.path()).await;
    let native = Caller::native(&server);
    let receiver = Receiver::new().await;
    native.subscribe(&receiver.url).await;
    let tenant = text(&native.get("/v2/me").await.expect(200), "tenantId").to_owned();
    store_unreadable_lead(&server, &tenant).await;
    let created = create_leads(&native, 0..3).await;
    wait_for_parked(&server, 4).await;
    faults.clear();
    server.stop().await;

    let (succeeded, report) = run(folder.path(), &["redrive", "--only", "parked"]).await;
    assert!(!succeeded && report["complete"] == false, "{report}");
    let dispatch = of(&report, "dispatch");
    assert_eq!((&dispatch["redriven"], &dispatch["failed"]), (&json!(3), &json!(1)), "{dispatch}");
    let reason = &dispatch["reasons"][0];
    assert_eq!((&reason["reason"], &reason["count"]), (&json!(UNREADABLE), &json!(1)));
    assert!(text(reason, "example").starts_with("parked/dispatch/"), "{reason}");

    let overdue = async |kind: &str| {
        let (succeeded, due) = run(folder.path(), &["due"]).await;
        assert!(succeeded && due["more"] == false, "{due}");
        let kinds = due["kinds"].as_array().unwrap().clone();
        kinds.into_iter().find(|one| one["kind"] == kind).unwrap()
    };
    let deliveries = overdue("deliveries").await;
    assert_eq!((&deliveries["overdue"], &deliveries["overOneHour"]), (&json!(3), &json!(0)), "{deliveries}");
    assert!(deliveries["oldest"].is_string());
    assert_eq!(overdue("unreadable").await["overdue"], 0);

    let server = Binary::start(folder.path(), &[]).await;
    receiver.wait_for(3, DELIVERY_TIMEOUT * 2).await;
    assert_eq!(delivered_leads(&receiver), created);
    assert_eq!(receiver.received().len(), 3, "nothing twice");
    eventually(EFFECT_TIMEOUT, "nothing is overdue", || async {
        (overdue("deliveries").await["overdue"] == 0).then_some(())
    })
    .await;
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redrive_selects_consumers_and_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _faults) = server_without_deliveries(folder.path()).await;
    let native = Caller::native(&server);
    native.subscribe(&Receiver::new().await.url).await;
    create_leads(&native, 0..3).await;
    wait_for_parked(&server, 3).await;
    server.stop().await;
    let (_, report) = run(folder.path(), &["redrive", "--consumer", "bookkeeping"]).await;
    assert_eq!(report["sources"].as_array().unwrap().len(), 1, "{report}");
    let (succeeded, report) = run(folder.path(), &["redrive", "--consumer", "dispatch", "--limit", "2"]).await;
    assert!(succeeded);
    let dispatch = of(&report, "dispatch");
    assert_eq!((&dispatch["found"], &dispatch["redriven"], &dispatch["left"]), (&json!(3), &json!(2), &json!(1)));
    let wrong = Binary::run_command(folder.path(), &["redrive", "--only", "uploads"]).await;
    let error = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(!wrong.status.success() && error.contains("--stack NAME"), "{error}");
}

/// Of a record of an erased lead only the ids are kept, which is enough to delete its file.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_an_erased_lead_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _faults) = server_without_deliveries(folder.path()).await;
    let environment = Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live };
    let evidence = EvidenceId::derived(&[b"e"]);
    let file = folder.path().join("files").join(BlobKey::of_evidence(environment, evidence).to_string());
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "roof").unwrap();
    let key = json!({
        "pk": { "S": format!("EV#{}#L#{}", environment.tenant.simple(), evidence.simple()) },
        "sk": { "S": "EV" },
    });
    let mut image = key.clone();
    image["file"] = json!({ "M": {} });
    let change = json!({
        "ApproximateCreationDateTime": 1_780_306_200, "Keys": key, "OldImage": image, "NewImage": {}, "SizeBytes": 1,
        "SequenceNumber": "1",
    });
    let record = json!({ "eventID": "e", "eventName": "REMOVE", "awsRegion": "local", "dynamodb": change });
    let parked_record =
        json!({ "consumer": "bookkeeping", "reason": "r", "requestId": "r", "parkedAt": 1, "record": record });
    let name = ParkedName::new("bookkeeping", "1-0123456789abcdef");
    server.parked.put(&name, parked_record.to_string().into()).await.unwrap();
    let (succeeded, report) = run(folder.path(), &["redrive"]).await;
    assert!(succeeded && of(&report, "bookkeeping")["redriven"] == 1, "{report}");
    assert!(!file.exists());
    assert_eq!(parked(&server, "bookkeeping").await, []);
}

/// Stores items in a shard of the due index that no version can read, to be checked as many minutes ago.
async fn store_unreadable_work(server: &LocalServer, shard: &str, minutes: &[u64]) {
    let client = database_client(&server.database);
    for (number, minutes) in minutes.iter().enumerate() {
        let check_at = SystemClock.now().before(Duration::from_mins(*minutes));
        let text = |text: String| AttributeValue::S(text);
        let put = client.put_item().table_name("leadhouse").item("pk", text(format!("NEW#{number}")));
        let put = put.item("sk", text("N".to_owned())).item("dp", text(shard.to_owned()));
        put.item("da", AttributeValue::N(check_at.millis().to_string())).send().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn due_shows_ages_and_says_when_more_exists() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _faults) = server_without_deliveries(folder.path()).await;
    store_unreadable_work(&server, "due#0", &[2, 3, 70, 60 * 25]).await;
    server.stop().await;
    let (succeeded, due) = run(folder.path(), &["due"]).await;
    assert!(succeeded && due["more"] == false, "{due}");
    let unreadable = due["kinds"].as_array().unwrap().iter().find(|one| one["kind"] == "unreadable").unwrap();
    let counts = ["overdue", "overOneMinute", "overOneHour", "overOneDay"].map(|name| unreadable[name].clone());
    assert_eq!(counts, [4, 4, 2, 1].map(Value::from), "{due}");
    assert!(!due.to_string().contains("NEW#"), "no ids");
    let (_, bounded) = run(folder.path(), &["due", "--limit", "10"]).await;
    assert_eq!(bounded["more"], true, "one entry of each shard: {bounded}");
    let unreadable = bounded["kinds"].as_array().unwrap().iter().find(|one| one["kind"] == "unreadable").unwrap();
    assert_eq!((&unreadable["overdue"], &unreadable["overOneDay"]), (&json!(1), &json!(1)), "the oldest first");
}

/// For a rollback to a release that reads the first eight shards only.
#[tokio::test(flavor = "multi_thread")]
async fn unfinished_work_is_folded_into_eight_shards() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _faults) = server_without_deliveries(folder.path()).await;
    store_unreadable_work(&server, "due#41", &[2, 3]).await;
    server.stop().await;
    let (succeeded, folded) = run(folder.path(), &["due", "--fold-into", "8"]).await;
    assert!(succeeded && folded["shards"] == 8 && folded["moved"].as_u64() >= Some(2), "{folded}");
    let (_, again) = run(folder.path(), &["due", "--fold-into", "8"]).await;
    assert_eq!(again["moved"], 0, "{again}");
    let (_, due) = run(folder.path(), &["due"]).await;
    let unreadable = due["kinds"].as_array().unwrap().iter().find(|one| one["kind"] == "unreadable").unwrap();
    assert_eq!(unreadable["overdue"], 2, "they are found by this release too");
    assert!(!Binary::run_command(folder.path(), &["due", "--fold-into", "0"]).await.status.success());
}
