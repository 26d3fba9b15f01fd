//! SIGKILL during operation: no accepted lead is lost.

use crate::harness::{Binary, Caller, CannedResponse, Receiver, eventually, id, leads};
use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

async fn create(caller: &Caller, from: usize, count: usize) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for number in from..from + count {
        let body = leads::numbered(number);
        let lead = caller.post_idempotent("/v2/leads", &format!("form-{number}"), body).await.expect(201);
        ids.insert(id(&lead));
    }
    ids
}

fn delivered_leads(receiver: &Receiver) -> BTreeSet<String> {
    receiver.received().iter().map(|one| one.json()["data"]["id"].as_str().unwrap().to_owned()).collect()
}

async fn stored(caller: &Caller) -> Vec<String> {
    let data = caller.get("/v2/leads?limit=100").await.expect(200)["data"].clone();
    data.as_array().unwrap().iter().map(|lead| id(lead)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_leads_are_delivered_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::new().await;
    let mut server = Binary::start(folder.path(), &[]).await;
    server.native().subscribe(&receiver.url).await;
    let mut leads = BTreeSet::new();
    for repetition in 0..3 {
        // The process is killed three times, each time right after the last lead was accepted.
        leads.append(&mut create(&server.native(), repetition * 10, 10).await);
        server.kill().await;
        server = Binary::start(folder.path(), &[]).await;
    }
    eventually(Duration::from_mins(1), "every lead is delivered", || async {
        (delivered_leads(&receiver) == leads).then_some(())
    })
    .await;
    let stored = stored(&server.native()).await;
    assert_eq!(stored.len(), 30, "every accepted lead is stored once");
    assert_eq!(stored.into_iter().collect::<BTreeSet<_>>(), leads);
    server.native().wait_for_deliveries(30, Duration::from_mins(1)).await;
    // Repeating the calls returns the leads that were created before the kills.
    assert_eq!(create(&server.native(), 0, 30).await, leads);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_does_not_delay_retries() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::responding(|number| CannedResponse::status(if number <= 6 { 500 } else { 200 })).await;
    let faster = ["--speedup", "300"];
    let server = Binary::start(folder.path(), &faster).await;
    server.native().subscribe(&receiver.url).await;
    let leads = create(&server.native(), 0, 6).await;
    receiver.wait_for(6, Duration::from_secs(30)).await;
    let recorded = |status: &'static str, attempts: u64| {
        let native = server.native();
        async move {
            eventually(Duration::from_secs(20), "the attempts are recorded", || async {
                let page = native.get("/v2/deliveries").await.expect(200);
                let data = page["data"].as_array().unwrap();
                let all =
                    data.iter().all(|one| one["status"] == status && one["attemptCount"].as_u64() >= Some(attempts));
                (all && data.len() == 6).then_some(())
            })
            .await;
        }
    };
    recorded("PENDING", 1).await;
    server.kill().await;
    let server = Binary::start(folder.path(), &faster).await;
    receiver.wait_for(12, Duration::from_mins(1)).await;
    assert_eq!(delivered_leads(&receiver), leads);
    server.native().wait_for_deliveries(6, Duration::from_mins(1)).await;
    let ids: BTreeSet<_> = receiver.received().iter().map(|one| one.header("x-delivery").to_owned()).collect();
    assert_eq!(ids.len(), 6, "a delivery keeps its id through a restart");
    server.kill().await;
}

/// Starts the server, and returns the process with the credentials of this start.
async fn start(folder: &std::path::Path, file: &std::path::Path) -> (Child, Value) {
    let child = Command::new(Binary::path())
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .arg("--credentials")
        .arg(file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let credentials = eventually(Duration::from_secs(30), "the server starts", || async {
        std::fs::read_to_string(file).ok().map(|text| serde_json::from_str(&text).unwrap())
    })
    .await;
    (child, credentials)
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_stops_cleanly_and_credentials_persist() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen: Option<Value> = None;
    for signal in ["TERM", "INT", "TERM"] {
        let file = folder.path().join("credentials.json");
        let _ = std::fs::remove_file(&file);
        let (mut child, mut credentials) = start(folder.path(), &file).await;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let caller =
            Caller::new(credentials["baseUrl"].as_str().unwrap(), credentials["native"]["apiKey"].as_str().unwrap());
        create(&caller, 0, 2).await;
        assert_eq!(stored(&caller).await.len(), 2);
        // Everything except the port stays the same.
        credentials["baseUrl"] = Value::Null;
        assert_eq!(*seen.get_or_insert_with(|| credentials.clone()), credentials);
        let id = child.id().unwrap().to_string();
        let asked = Instant::now();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().await.unwrap().success());
        let ended = tokio::time::timeout(Duration::from_secs(20), child.wait()).await;
        assert_eq!(ended.expect("it ends").unwrap().code(), Some(0), "SIG{signal}, after {:?}", asked.elapsed());
    }
    let other = tempfile::tempdir().unwrap();
    let (_child, credentials) = start(other.path(), &other.path().join("credentials.json")).await;
    assert_ne!(seen.unwrap()["native"]["apiKey"], credentials["native"]["apiKey"], "other data, other keys");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_removes_folders_of_killed_servers() {
    let credentials: Vec<_> = (0..4).map(|_| tempfile::tempdir().unwrap()).collect();
    let lives = Binary::start_with_temporary_data(credentials[0].path()).await;
    let dies = Binary::start_with_temporary_data(credentials[1].path()).await;
    let leads = create(&lives.native(), 0, 2).await;
    let (stays, goes) = (lives.folder(), dies.folder());
    assert!(stays != goes && goes.join("leadhouse.db").exists());
    dies.kill().await;
    let next = Binary::start_with_temporary_data(credentials[2].path()).await;
    assert!(!goes.exists(), "{} of a stopped server", goes.display());
    assert!(stays.join("leadhouse.db").exists(), "{} of a running server", stays.display());
    assert_eq!(stored(&lives.native()).await.into_iter().collect::<BTreeSet<_>>(), leads);
    // Two temporary servers are killed; the next server with persistent data removes the data of both.
    let left = [stays, next.folder()];
    lives.kill().await;
    next.kill().await;
    let keeps = Binary::start(credentials[3].path(), &[]).await;
    assert_eq!(left.map(|folder| folder.exists()), [false; 2]);
    keeps.kill().await;
}
