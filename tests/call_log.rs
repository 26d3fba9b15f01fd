//! The log of the program: one readable line for each call, on by default, without personal data.

use crate::harness::Binary;
use http::Method;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use tokio::process::Command;

/// Returns the lines of the log, without colours.
fn lines(log: &Path) -> Vec<String> {
    std::fs::read_to_string(log).unwrap().lines().map(str::to_owned).collect()
}

/// Waits for the line of the call with this request id, and returns it.
async fn line_of(log: &Path, request_id: &str) -> String {
    crate::harness::eventually(Duration::from_secs(5), "the line of the call", || async {
        let lines = lines(log);
        let mut found = lines.into_iter().filter(|line| line.contains(request_id) && line.contains("duration_ms="));
        let line = found.next();
        assert_eq!(found.next(), None, "one line for each call");
        line
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_has_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let server = Binary::start_with_log(folder.path(), &log, &[]).await;
    let native = server.native();
    let tenant = native.get("/v2/me").await.expect(200)["tenantId"].as_str().unwrap().to_owned();
    let prefix = &native.key[..=native.key.rfind('_').unwrap()];
    let unknown = "018f0000-0000-7000-8000-000000000000";
    let person = json!({ "name": "Quagmire", "email": "glenn@quahog.example", "phone": "+1 212 555 0100" });
    let calls = [
        (native.post("/v2/leads", person).await, "POST", "/v2/leads", 201),
        (native.get(&format!("/v2/leads/{unknown}?email=glenn@quahog.example")).await, "GET", "/v2/leads/{id}", 404),
        (native.get("/v2/glenn@quahog.example").await, "GET", "none", 404),
        (native.delete("/v2/leads").await, "DELETE", "/v2/leads", 405),
        (native.with_key("").get("/v2/leads").await, "GET", "/v2/leads", 401),
        (native.with_key("").get("/v2/health").await, "GET", "/v2/health", 200),
        (native.get("/files/Quagmire").await, "GET", "/files/{*key}", 403),
        (native.send(Method::GET, "/v2/leads", &[("Host", "a b")], None).await, "GET", "none", 400),
    ];
    for (reply, method, route, status) in &calls {
        assert_eq!(reply.status, *status, "{route}");
        let line = line_of(&log, reply.header("x-request-id")).await;
        for part in [format!("method={method} "), format!("route={route} "), format!("status={status} ")] {
            assert!(line.contains(&part), "{part}: {line}");
        }
        let authenticated = [201, 404].contains(status) && *route != "none";
        assert_eq!(line.contains(&format!("key_prefix={prefix}")), authenticated, "{line}");
        assert_eq!(line.contains(&format!("tenant={tenant}")), authenticated, "{line}");
    }
    server.kill().await;
    let whole = lines(&log).join("\n");
    for secret in ["Quagmire", "glenn", "quahog", "555 0100", "5550100", &native.key] {
        assert!(!whole.contains(secret), "{secret}: {whole}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_call_has_its_request_id() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let server = Binary::start_with_log(folder.path(), &log, &[]).await;
    // Photos cannot be stored any more, which the handler logs.
    let files = folder.path().join("files");
    std::fs::remove_dir_all(&files).unwrap();
    std::fs::write(&files, "").unwrap();
    let rescue = server.native().with_key(server.credentials["leadRescue"]["apiKey"].as_str().unwrap());
    let lead = json!({ "customer_name": "Eva", "phone": "+46701740605", "license_photo_b64": PNG });
    let failed = rescue.post("/v1/leads", lead).await;
    assert_eq!(failed.status, 503, "{}", failed.text);
    let id = failed.header("x-request-id");
    line_of(&log, id).await;
    server.kill().await;
    let lines = lines(&log);
    let cause = lines.iter().find(|line| line.contains("the storage of photos is unavailable")).unwrap();
    assert!(cause.contains(id), "{cause}");
}

/// A picture of one pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// The banner goes to a log here. A key in it would be read by whoever may read the log.
#[tokio::test(flavor = "multi_thread")]
async fn the_banner_keeps_keys_out_of_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("owner's data");
    std::fs::create_dir(&data).unwrap();
    let log = folder.path().join("log");
    let server = Binary::start_with_log(&data, &log, &[]).await;
    let whole = loop {
        let whole = lines(&log).join("\n");
        if whole.contains("Press Ctrl-C") {
            break whole;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let credentials = server.credentials.to_string();
    for key in credentials.split('"').filter(|text| text.contains("_live_") || text.starts_with("rd_")) {
        assert!(!whole.contains(key), "{whole}");
    }
    // The commands work as they are printed.
    let commands: Vec<_> = whole.lines().filter(|line| line.contains("curl -s ")).collect();
    assert_eq!(commands.len(), 5, "{whole}");
    for command in commands {
        let ran = Command::new("sh").args(["-c", command]).output().await.unwrap();
        let created: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {command}"));
        assert!(created["id"].is_string() || created["lead_id"].is_string(), "{command}: {created}");
    }
    for file in ["native", "revenue-defenders", "lead-rescue", "vendor-pad"] {
        let mode = std::fs::metadata(data.join("demo-keys").join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
