//! The data folder of a local server: private, used by one server, and named in errors.

use crate::harness::{Binary, Caller};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::ImageFormat;
use serde_json::json;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::process::Command;

/// Runs the program to its end under the usual umask.
async fn run(arguments: &[&str]) -> Output {
    let command = Command::new("sh")
        .args(["-c", "umask 022; exec \"$0\" \"$@\""])
        .arg(Binary::path())
        .args(arguments)
        .env_remove("LEADHOUSE_TABLE")
        .env_remove("LEADHOUSE_ACCESS_TABLE")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    tokio::time::timeout(Duration::from_secs(20), command).await.expect("it ends").unwrap()
}

fn errors(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Asserts the permissions of a folder and everything in it, apart from the named files.
fn assert_private(folder: &Path, apart_from: &[&str]) {
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        let found = fs::metadata(&path).unwrap();
        let expected = if found.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(found.permissions().mode() & 0o777, expected, "{}", path.display());
        if found.is_dir() {
            let entries = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path());
            left.extend(entries.filter(|path| !apart_from.iter().any(|name| path.ends_with(name))));
        }
    }
}

fn photo() -> String {
    let mut file = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(8, 8).write_to(&mut file, ImageFormat::Png).unwrap();
    STANDARD.encode(file.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_in_a_data_folder_is_private() {
    let parent = tempfile::tempdir().unwrap();
    // Made by a command, by the server, and by a user before.
    let by_command = parent.path().join("a/by-command");
    let created = run(&["tenant", "create", "--name", "A", "--data", by_command.to_str().unwrap()]).await;
    assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
    assert_private(&by_command, &[]);

    let by_user = parent.path().join("by-user");
    fs::create_dir_all(by_user.join("files")).unwrap();
    for name in ["", "files"] {
        fs::set_permissions(by_user.join(name), Permissions::from_mode(0o755)).unwrap();
    }
    let server = Binary::start(&by_user, &[]).await;
    let rescue = server.native().with_key(server.credentials["leadRescue"]["apiKey"].as_str().unwrap());
    let lead = json!({ "customer_name": "Eva", "phone": "+46701740605", "license_photo_b64": photo() });
    rescue.post("/v1/leads", lead).await.expect(201);
    assert_private(&by_user, &[]);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let server = Binary::start(folder.path(), &[]).await;
    let error = errors(&run(&["--listen", "127.0.0.1:0", "--data", path]).await);
    assert!(error.contains(path) && error.contains(&format!("process {}", server.process_id())), "{error}");
    server.native().get("/v2/me").await.expect(200);
    server.kill().await;
    // A killed server leaves no lock behind.
    let server = Binary::start(folder.path(), &[]).await;
    server.native().get("/v2/me").await.expect(200);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_name_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "no database").unwrap();
    let broken = folder.path().join("broken");
    fs::create_dir(&broken).unwrap();
    fs::write(broken.join("leadhouse.db"), "no database ".repeat(1_000)).unwrap();
    let unreadable = folder.path().join("keys");
    fs::create_dir(&unreadable).unwrap();
    fs::write(unreadable.join("master.json"), "{").unwrap();
    for path in [file.clone(), broken, unreadable] {
        let error = errors(&run(&["--listen", "127.0.0.1:0", "--data", path.to_str().unwrap()]).await);
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
    let credentials = file.join("credentials.json");
    let error = errors(&run(&["--listen", "127.0.0.1:0", "--credentials", credentials.to_str().unwrap()]).await);
    assert!(error.contains(credentials.to_str().unwrap()), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn listen_takes_host_names() {
    let folder = tempfile::tempdir().unwrap();
    let server = Binary::start(folder.path(), &["--listen", "localhost:0"]).await;
    let base_url = server.credentials["baseUrl"].as_str().unwrap();
    assert!(base_url.starts_with("http://127.0.0.1:") || base_url.starts_with("http://[::1]:"), "{base_url}");
    Caller::new(base_url, "").get("/v2/health").await.expect(200);
    server.kill().await;
    for bad in ["localhost", "8080x", "no.such.host.invalid:8080", "127.0.0.1:70000", "127.0.0.1"] {
        let error = errors(&run(&["--listen", bad]).await);
        assert!(error.contains("--listen") && error.contains("localhost:8080"), "{bad}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_folder_is_an_error_and_not_created() {
    let parent = tempfile::tempdir().unwrap();
    let missing = parent.path().join("mistyped");
    let path = missing.to_str().unwrap();
    let tenant = "018f0000-0000-7000-8000-000000000000";
    for command in [
        &["key", "list", "--tenant", tenant][..],
        &["key", "create", "--tenant", tenant],
        &["key", "revoke", "--tenant", tenant, "--key", tenant],
        &["key", "limit", "--tenant", tenant, "--key", tenant, "--per-minute", "1", "--per-day", "1"],
        &["tenant", "list"],
    ] {
        let error = errors(&run(&[command, &["--data", path]].concat()).await);
        assert!(error.contains(path), "{command:?}: {error}");
        assert!(!missing.exists(), "{command:?}");
    }
    // An existing folder without a database is none either.
    let error = errors(&run(&["tenant", "list", "--data", parent.path().to_str().unwrap()]).await);
    assert!(error.contains(parent.path().to_str().unwrap()), "{error}");
}
