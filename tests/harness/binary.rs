//! The real `leadhouse` program as a child process.

use super::Caller;
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// A `leadhouse` process that may not be ready yet; killed when dropped.
pub(crate) struct Launched {
    child: Child,
    credentials: PathBuf,
}

/// A running `leadhouse` process; killed when dropped.
pub(crate) struct Binary {
    child: Child,
    pub(crate) credentials: Value,
}

impl Binary {
    /// Returns the path of the program.
    pub(crate) fn path() -> &'static Path {
        Path::new(env!("CARGO_BIN_EXE_leadhouse"))
    }

    /// Starts the server on a free port with its data in `folder`, and waits until it is ready.
    pub(crate) async fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::launch(folder, arguments).ready().await
    }

    /// Starts the server with its whole output appended to the file `log`, and waits until it is ready.
    pub(crate) async fn start_with_log(folder: &Path, log: &Path, arguments: &[&str]) -> Self {
        let output = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        let errors = output.try_clone().unwrap();
        Self::launch_into(folder, arguments, output.into(), errors.into()).ready().await
    }

    /// Starts the server with temporary data, and waits until it is ready; `folder` holds only its credentials.
    pub(crate) async fn start_with_temporary_data(folder: &Path) -> Self {
        Self::spawn(folder, &[], Stdio::null(), Stdio::inherit()).ready().await
    }

    /// Starts the server without waiting.
    pub(crate) fn launch(folder: &Path, arguments: &[&str]) -> Launched {
        Self::launch_into(folder, arguments, Stdio::null(), Stdio::inherit())
    }

    fn launch_into(folder: &Path, arguments: &[&str], out: Stdio, errors: Stdio) -> Launched {
        let data = [OsStr::new("--data"), folder.as_os_str()];
        let arguments: Vec<_> = data.into_iter().chain(arguments.iter().map(OsStr::new)).collect();
        Self::spawn(folder, &arguments, out, errors)
    }

    fn spawn(folder: &Path, arguments: &[&OsStr], out: Stdio, errors: Stdio) -> Launched {
        let file: PathBuf = folder.join("credentials.json");
        let _ = std::fs::remove_file(&file);
        let listen: &[&str] =
            if arguments.contains(&OsStr::new("--listen")) { &[] } else { &["--listen", "127.0.0.1:0"] };
        let child = Command::new(Self::path())
            .args(listen)
            .arg("--credentials")
            .arg(&file)
            .args(arguments)
            .stdout(out)
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Launched { child, credentials: file }
    }

    /// Runs an operator's command on the data in `folder` to its end.
    pub(crate) async fn run_command(folder: &Path, arguments: &[&str]) -> std::process::Output {
        Command::new(Self::path())
            .args(arguments)
            .arg("--data")
            .arg(folder)
            .env_remove("LEADHOUSE_TABLE")
            .env_remove("LEADHOUSE_ACCESS_TABLE")
            .env_remove("LEADHOUSE_STACK")
            .output()
            .await
            .unwrap()
    }

    /// Returns the id of the process.
    pub(crate) fn process_id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Returns the peak memory of the process (`VmHWM` of Linux), in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Returns the folder of its database, found among the open files that Linux lists.
    pub(crate) fn folder(&self) -> PathBuf {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.child.id().unwrap())).unwrap();
        let mut files = open.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
        files.find(|file| file.ends_with("leadhouse.db")).unwrap().parent().unwrap().to_owned()
    }

    /// Returns a caller of the native demo tenant.
    pub(crate) fn native(&self) -> Caller {
        Caller::new(
            self.credentials["baseUrl"].as_str().unwrap(),
            self.credentials["native"]["apiKey"].as_str().unwrap(),
        )
    }

    /// Kills the process with SIGKILL: it cannot finish or report anything.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

impl Launched {
    /// Waits until the server is ready.
    pub(crate) async fn ready(mut self) -> Binary {
        let started = Instant::now();
        loop {
            if let Ok(text) = std::fs::read_to_string(&self.credentials) {
                return Binary { child: self.child, credentials: serde_json::from_str(&text).unwrap() };
            }
            assert_eq!(self.child.try_wait().unwrap(), None, "the server exited instead of starting");
            assert!(started.elapsed() < Duration::from_secs(30), "the server did not start");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Kills the process with SIGKILL at any point of its start.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}
