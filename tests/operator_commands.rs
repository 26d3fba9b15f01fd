//! Operator commands on a folder of data, alone and beside a running server.

use crate::harness::{Binary, Caller, text};
use serde_json::{Value, json};
use std::path::Path;
use tokio::process::Command;

/// Runs a command that must succeed, and returns its output.
async fn run_json(folder: &Path, arguments: &[&str]) -> Value {
    let ended = Binary::run_command(folder, arguments).await;
    assert!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
    serde_json::from_slice(&ended.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_created_before_start_work() {
    let folder = tempfile::tempdir().unwrap();
    let create =
        ["tenant", "create", "--name", "Villa Sol", "--tier", "pro", "--country", "ES", "--time-zone", "Europe/Madrid"];
    let tenant = run_json(folder.path(), &create).await;
    assert_eq!((text(&tenant, "name"), text(&tenant, "tier")), ("Villa Sol", "pro"));
    let id = text(&tenant, "tenantId");
    let made = run_json(folder.path(), &["key", "create", "--tenant", id]).await;
    let narrow = run_json(
        folder.path(),
        &[
            "key",
            "create",
            "--tenant",
            id,
            "--name",
            "narrow",
            "--scopes",
            "leads:read",
            "--mode",
            "test",
            "--contract",
            "vendorPad",
        ],
    )
    .await;
    assert!(text(&narrow, "key").starts_with("vp_test_"));

    let server = Binary::start(folder.path(), &[]).await;
    let caller = server.native().with_key(text(&made, "key"));
    let me = caller.get("/v2/me").await.expect(200);
    assert_eq!((text(&me, "tenantId"), text(&me, "tier")), (id, "pro"));
    let lead = caller.post("/v2/leads", json!({ "name": "A", "email": "a@example.com" })).await.expect(201);
    assert_eq!(lead["businessId"], tenant["businessId"]);
    assert_eq!(caller.get("/v2/leads").await.header("x-ratelimit-limit"), "600", "the tenant's tier");
    let narrow = caller.with_key(text(&narrow, "key"));
    narrow.get("/v2/leads").await.expect(200);
    narrow.post("/v2/leads", json!({ "name": "A", "email": "a@example.com" })).await.expect(403);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_created_beside_a_running_server_work() {
    let folder = tempfile::tempdir().unwrap();
    let server = Binary::start(folder.path(), &[]).await;
    let native = server.native();
    let tenant = run_json(folder.path(), &["tenant", "create", "--name", "Villa Sol"]).await;
    let id = text(&tenant, "tenantId");
    let made = run_json(folder.path(), &["key", "create", "--tenant", id, "--contract", "revenueDefenders"]).await;
    let caller: Caller = native.with_key(text(&made, "key"));
    assert_eq!(text(&caller.get("/v2/me").await.expect(200), "tenantId"), id, "effective immediately");
    assert_eq!(caller.get("/api/v1/leads").await.header("ratelimit-policy"), "\"minute\";q=60;w=60", "premium");

    let key = text(&made, "id");
    let limit = ["key", "limit", "--tenant", id, "--key", key, "--per-minute", "600", "--per-day", "none"];
    assert_eq!(run_json(folder.path(), &limit).await, json!({ "id": key, "perMinute": 600, "perDay": null }));
    assert_eq!(caller.get("/v2/me").await.header("ratelimit-policy"), "\"minute\";q=600;w=60");

    let listed = run_json(folder.path(), &["key", "list", "--tenant", id]).await;
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!((&listed[0]["id"], &listed[0]["status"]), (&made["id"], &json!("ACTIVE")));
    assert!(!listed.to_string().contains(text(&made, "key")), "never the secret");

    let revoke = ["key", "revoke", "--tenant", id, "--key", key];
    for _ in 0..2 {
        assert_eq!(run_json(folder.path(), &revoke).await["status"], "REVOKED");
        caller.get("/v2/me").await.expect(401);
    }
    assert_eq!(run_json(folder.path(), &["key", "list", "--tenant", id]).await[0]["status"], "REVOKED");
    native.get("/v2/me").await.expect(200);

    let made = run_json(folder.path(), &["key", "create", "--tenant", id]).await;
    let log = native.with_key(text(&made, "key")).get("/v2/audit-log").await.expect(200)["data"].clone();
    let log: Vec<_> = log.as_array().unwrap().iter().map(|one| (text(one, "action"), text(one, "subjectId"))).collect();
    let expected = [
        ("key.created", text(&made, "id")),
        ("key.revoked", key),
        ("key.limited", key),
        ("key.created", key),
        ("business.created", text(&tenant, "businessId")),
        ("tenant.created", id),
    ];
    assert_eq!(log, expected, "every operator action, once");
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_show_tenants_limits_and_last_use() {
    let folder = tempfile::tempdir().unwrap();
    let server = Binary::start(folder.path(), &[]).await;
    let tenant = run_json(folder.path(), &["tenant", "create", "--name", "Villa Sol", "--tier", "pro"]).await;
    let id = text(&tenant, "tenantId");
    let tenants = run_json(folder.path(), &["tenant", "list", "--json"]).await;
    let tenants = tenants.as_array().unwrap();
    assert_eq!(tenants.len(), 5, "with the demo tenants: {tenants:?}");
    assert_eq!((&tenants[0]["tenantId"], &tenants[0]["name"]), (&tenant["tenantId"], &json!("Villa Sol")));
    assert_eq!(tenants[0]["tier"], "pro");

    let used = run_json(folder.path(), &["key", "create", "--tenant", id, "--name", "used"]).await;
    let limited = ["key", "create", "--tenant", id, "--name", "limited", "--per-minute", "7", "--per-day", "none"];
    let limited = run_json(folder.path(), &limited).await;
    assert_eq!((&limited["perMinute"], &limited["perDay"]), (&json!(7), &Value::Null));
    server.native().with_key(text(&used, "key")).get("/v2/me").await.expect(200);
    let keys = run_json(folder.path(), &["key", "list", "--tenant", id, "--json"]).await;
    let of = |name: &str| keys.as_array().unwrap().iter().find(|key| key["name"] == name).unwrap();
    assert!(of("used")["lastUsedAt"].is_string(), "{keys}");
    assert_eq!((&of("used")["perMinute"], &of("used")["perDay"]), (&json!(600), &json!(100_000)));
    assert_eq!((&of("limited")["perMinute"], &of("limited")["lastUsedAt"]), (&json!(7), &Value::Null));
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_maximum_of_active_keys_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let create = ["tenant", "create", "--name", "Villa Sol", "--tier", "enterprise"];
    let tenant = run_json(folder.path(), &create).await;
    let id = text(&tenant, "tenantId");
    let create = ["key", "create", "--tenant", id];
    run_json(folder.path(), &create).await;
    let set = run_json(folder.path(), &["tenant", "limit", "--tenant", id, "--max-keys", "2"]).await;
    assert_eq!(set, json!({ "tenantId": id, "mode": "live", "maxKeys": 2 }));
    let last = run_json(folder.path(), &create).await;
    let rejected = Binary::run_command(folder.path(), &create).await;
    let printed = String::from_utf8_lossy(&rejected.stderr);
    assert!(!rejected.status.success() && printed.contains("tenant limit"), "{printed}");
    run_json(folder.path(), &["key", "create", "--tenant", id, "--mode", "test"]).await;

    let server = Binary::start(folder.path(), &[]).await;
    let caller = server.native().with_key(text(&last, "key"));
    let new = json!({ "name": "k", "scopes": ["leads:read"] });
    let reply = caller.post("/v2/keys", new.clone()).await;
    assert!(reply.expect(409)["error"]["message"].as_str().unwrap().contains("at most 2 active"), "{}", reply.text);
    run_json(folder.path(), &["tenant", "limit", "--tenant", id, "--max-keys", "60", "--mode", "live"]).await;
    for _ in 2..60 {
        caller.post("/v2/keys", new.clone()).await.expect(201);
    }
    caller.post("/v2/keys", new).await.expect(409);
    let log = caller.get("/v2/audit-log?action=tenant.limited").await.expect(200);
    assert_eq!(log["data"].as_array().unwrap().len(), 2);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_gets_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = run_json(folder.path(), &["tenant", "create", "--name", "Villa Sol"]).await;
    let key = run_json(folder.path(), &["key", "create", "--tenant", text(&tenant, "tenantId")]).await;
    let on_terminal = async |command: &str| {
        let line = format!("{} {command} --data {}", Binary::path().display(), folder.path().display());
        // `script` runs the command on a terminal of its own.
        let ran = Command::new("script").args(["-qec", &line, "/dev/null"]).output().await;
        ran.ok().map(|ran| String::from_utf8(ran.stdout).unwrap().replace('\r', ""))
    };
    let Some(tenants) = on_terminal("tenant list").await else { return };
    assert!(tenants.starts_with("TENANT ") && tenants.contains("Villa Sol\n"), "{tenants}");
    let list = format!("key list --tenant {}", text(&tenant, "tenantId"));
    let keys = on_terminal(&list).await.unwrap();
    assert!(keys.starts_with("KEY ") && keys.contains(" LAST USED ") && keys.contains(text(&key, "id")), "{keys}");
    let keys = on_terminal(&format!("{list} --json")).await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(&keys).unwrap()[0]["id"], key["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_commands_create_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = run_json(folder.path(), &["tenant", "create", "--name", "Villa Sol"]).await;
    let id = text(&tenant, "tenantId");
    let unknown_id = "018f0000-0000-7000-8000-000000000000";
    let cases: [(&[&str], &str); 18] = [
        (&["tenant", "limit", "--tenant", unknown_id, "--max-keys", "60"], "tenant"),
        (&["tenant", "limit", "--tenant", id, "--max-keys", "0"], "1..=10000"),
        (&["tenant", "limit", "--tenant", id], "--max-keys"),
        (&["key", "create", "--tenant", unknown_id], "tenant"),
        (&["key", "create", "--tenant", "nobody"], "UUID"),
        (&["key", "create", "--tenant", id, "--scopes", "leads:fly"], "leads:read"),
        (&["key", "create", "--tenant", id, "--contract", "leadRescue"], "--business"),
        (&["key", "create", "--tenant", id, "--business", unknown_id], "business"),
        (&["key", "create", "--tenant", id, "--contract", "revenueDefenders", "--mode", "test"], "test"),
        (&["key", "create", "--tenant", id, "--tier", "gold"], "enterprise"),
        (&["key", "revoke", "--tenant", id, "--key", unknown_id], "key"),
        (&["key", "limit", "--tenant", id, "--key", unknown_id, "--per-minute", "1", "--per-day", "none"], "key"),
        (&["key", "create", "--tenant", id, "--per-minute", "0"], "from 1"),
        (&["key", "create", "--tenant", id, "--expires-at", "2020-01-01"], "in the past"),
        (&["tenant", "create", "--name", "B", "--country", "SE", "--currency", "ZZZ"], "ISO 4217"),
        (&["tenant", "create", "--name", "B", "--country", "Spain"], "ISO 3166-1"),
        (&["tenant", "create", "--name", " "], "empty"),
        (&["key", "create", "--tenant", id, "--name", ""], "empty"),
    ];
    for (arguments, expected) in cases {
        let ended = Binary::run_command(folder.path(), arguments).await;
        let printed = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success() && ended.stdout.is_empty(), "{arguments:?}");
        assert!(printed.contains(expected), "{arguments:?}: {printed}");
    }
    assert_eq!(run_json(folder.path(), &["key", "list", "--tenant", id]).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn help_says_what_goes_together() {
    let output = async |arguments: &[&str]| {
        let ran = Command::new(Binary::path())
            .args(arguments)
            .env_remove("LEADHOUSE_TABLE")
            .env_remove("LEADHOUSE_STACK")
            .output()
            .await
            .unwrap();
        String::from_utf8(ran.stdout).unwrap() + &String::from_utf8(ran.stderr).unwrap()
    };
    let commands: [&[&str]; 7] = [
        &["key", "create"],
        &["key", "list"],
        &["key", "limit"],
        &["key", "revoke"],
        &["tenant", "create"],
        &["tenant", "limit"],
        &["due"],
    ];
    for command in commands {
        let help = output(&[command, &["--help"]].concat()).await;
        let usage = help.lines().find(|line| line.starts_with("Usage: ")).unwrap();
        assert!(usage.contains("{--data <DIR> | --table <NAME> --access-table <NAME>}"), "{usage}");
    }
    let help = output(&["key", "create", "--help"]).await.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("[default: all]"), "{help}");
    for scope in domain::Scope::ALL {
        assert!(help.contains(scope.name()), "{}", scope.name());
    }
    let help = output(&["redrive", "--help"]).await;
    for said in ["{--data <DIR> | --stack <NAME>}", "undispatched", "exit", "--dry-run"] {
        assert!(help.contains(said), "{said}: {help}");
    }
    let without = output(&["redrive"]).await;
    assert!(without.contains("--data DIR") && without.contains("--stack NAME"), "{without}");
    let without = output(&["tenant", "list"]).await;
    assert!(without.contains("--data DIR, or --table NAME together with --access-table NAME"), "{without}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_use_names_the_option() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = Command::new(Binary::path()).args(["--listen", &address]).output().await.unwrap();
    let error = String::from_utf8(ran.stderr).unwrap();
    assert!(!ran.status.success() && error.contains(&address) && error.contains("--listen"), "{error}");
}
