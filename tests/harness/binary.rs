//! The real binary, started as an operator would.

use super::Caller;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// A running `leadhouse`; killed when the test ends.
pub(crate) struct Binary {
    child: Child,
    pub(crate) credentials: Value,
}

impl Binary {
    /// The program.
    pub(crate) fn path() -> &'static Path {
        Path::new(env!("CARGO_BIN_EXE_leadhouse"))
    }

    /// Starts it on a free port with data in `folder`, and waits until it is ready to serve.
    pub(crate) async fn start(folder: &Path, arguments: &[&str]) -> Self {
        let file: PathBuf = folder.join("credentials.json");
        let _ = std::fs::remove_file(&file);
        let child = Command::new(Self::path())
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .arg("--credentials")
            .arg(&file)
            .args(arguments)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let started = Instant::now();
        let credentials = loop {
            if let Ok(text) = std::fs::read_to_string(&file) {
                break serde_json::from_str(&text).unwrap();
            }
            assert!(started.elapsed() < Duration::from_secs(30), "the house did not start");
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        Self { child, credentials }
    }

    /// The native demo tenant's caller.
    pub(crate) fn native(&self) -> Caller {
        Caller::new(
            self.credentials["baseUrl"].as_str().unwrap(),
            self.credentials["native"]["apiKey"].as_str().unwrap(),
        )
    }

    /// SIGKILL: nothing is finished, nothing is said.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}
