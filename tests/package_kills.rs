//! Kills at random moments while evidence packages are generated: receivers of every contract are notified of each package,
//! under one delivery id.

use crate::harness::packages::{add_evidence, dispute};
use crate::harness::{Binary, Caller, Receiver, eventually, text};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::Duration;

/// Default number of kills; the environment variable `LEADHOUSE_KILLS` overrides it.
const KILLS: usize = 100;

/// Maximum lifetime of a server after its request, in milliseconds.
const MAX_LIFETIME_MS: u64 = 250;

/// Returns a random number below `end`.
fn random_below(end: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    u64::from_be_bytes(bytes) % end
}

/// Returns the package that a body in the format of `contract` is about.
fn package_in<'a>(contract: &str, body: &'a Value) -> &'a Value {
    match contract {
        "native" | "vendorPad" => &body["data"],
        "leadRescue" => &body["package"],
        _ => body,
    }
}

async fn request(caller: &Caller, number: usize) -> String {
    let dispute = dispute(caller, json!({})).await;
    add_evidence(caller, &dispute, &format!("Number {number}")).await;
    let made = caller.post(&format!("{dispute}/packages"), json!({})).await.expect(201);
    text(&made, "id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_package_is_announced_through_kills() {
    let kills = std::env::var("LEADHOUSE_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--unlimited", "--speedup", "60"];
    let mut server = Binary::start(folder.path(), &arguments).await;
    let mut receivers = Vec::new();
    for contract in ["native", "revenueDefenders", "leadRescue", "vendorPad"] {
        let receiver = Receiver::new().await;
        let body = json!({ "url": receiver.url, "events": ["package.generated"], "contract": contract });
        server.native().post("/v2/webhooks", body).await.expect(201);
        receivers.push((contract, receiver));
    }
    let mut packages = BTreeSet::new();
    for number in 0..kills {
        packages.insert(request(&server.native(), number).await);
        tokio::time::sleep(Duration::from_millis(random_below(MAX_LIFETIME_MS))).await;
        server.kill().await;
        server = Binary::start(folder.path(), &arguments).await;
    }
    let native = server.native();
    for package in &packages {
        eventually(Duration::from_mins(2), "every package is finished", || async {
            let shown = native.get(&format!("/v2/packages/{package}")).await.expect(200);
            (shown["status"] != "PENDING").then_some(())
        })
        .await;
    }
    let mut requests = 0;
    for (contract, receiver) in &receivers {
        let announced = || -> BTreeMap<String, BTreeSet<String>> {
            let mut by_package: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
            for one in receiver.received() {
                let body = one.json();
                let package = text(package_in(contract, &body), "id").to_owned();
                by_package.entry(package).or_default().insert(one.header("webhook-id").to_owned());
            }
            by_package
        };
        let all = eventually(Duration::from_mins(1), "every package is announced", || async {
            let all = announced();
            (all.len() == packages.len()).then_some(all)
        })
        .await;
        assert_eq!(all.keys().cloned().collect::<BTreeSet<_>>(), packages, "{contract}");
        assert!(all.values().all(|deliveries| deliveries.len() == 1), "{contract}: repeats have the same id");
        requests += receiver.received().len();
    }
    let repeats = requests - receivers.len() * packages.len();
    let _ = writeln!(
        std::io::stderr(),
        "{kills} kills: {} packages announced to {} receivers in {requests} requests, {repeats} of them repeats",
        packages.len(),
        receivers.len(),
    );
    server.kill().await;
}
