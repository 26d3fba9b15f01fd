//! `leadhouse listen` and `leadhouse trigger`: what is shown and forwarded, and what happens while the server or a receiver
//! is gone.

mod proxy;
mod scripted_log;

use crate::harness::{
    Binary, Caller, CannedResponse, DELIVERY_TIMEOUT, EFFECT_TIMEOUT, IssuedKey, Receiver, options, server, signature,
    text,
};
use domain::Scope;
use domain::webhooks::event_log::LogPosition;
use domain::{Clock, retention};
use local::{LocalServer, ServerOptions};
use proxy::Proxy;
use runtime::SystemClock;
use scripted_log::{Script, ScriptedLog};
use serde_json::{Value, json};
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::net::TcpSocket;
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// Environment variables that the commands read.
const VARIABLES: [&str; 5] =
    ["LEADHOUSE_BASE_URL", "LEADHOUSE_API_KEY", "LEADHOUSE_URL", "LEADHOUSE_KEY", "LEADHOUSE_WEBHOOK_SECRET"];

/// Returns a command of the program, without settings of whoever runs the tests.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(Binary::path());
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command
}

/// Runs a command to its end.
async fn run(arguments: &[&str]) -> Output {
    ended(command(arguments)).await
}

async fn ended(mut command: Command) -> Output {
    tokio::time::timeout(EFFECT_TIMEOUT, command.output()).await.expect("the command ends").unwrap()
}

/// Asserts that a command failed without a result, and returns its error.
#[track_caller]
fn error_of(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code().is_some_and(|code| code != 0), "{:?}: {error}", output.status);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    error
}

/// Asserts that a command succeeded, and returns its result.
#[track_caller]
fn result_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Adds the example of an event to the log, and returns the id of the event.
async fn add_example(caller: &Caller, event: &str) -> String {
    text(&caller.post("/v2/event-log", json!({ "event": event })).await.expect(202), "eventId").to_owned()
}

/// A running `leadhouse listen`; ends when dropped.
struct Listening {
    _process: Child,
    output: Lines<BufReader<ChildStdout>>,
    notes: Lines<BufReader<ChildStderr>>,
}

async fn line_of<R: AsyncRead + Unpin>(lines: &mut Lines<BufReader<R>>, expectation: &str) -> String {
    let next = tokio::time::timeout(EFFECT_TIMEOUT, lines.next_line()).await;
    next.unwrap_or_else(|_| panic!("no line in time: {expectation}")).unwrap().expect("the command ended")
}

impl Listening {
    /// Starts the command, and returns it once it listens.
    async fn start(url: &str, key: &str, arguments: &[&str]) -> Self {
        let mut process = command(&["listen", "--url", url, "--key", key])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        let notes = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut listening = Self { _process: process, output, notes };
        listening.note("Listening for events").await;
        listening
    }

    /// Returns the next line of the output.
    async fn line(&mut self) -> String {
        line_of(&mut self.output, "an event").await
    }

    /// Returns the ids of the next events that are shown.
    async fn ids(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        while ids.len() < count {
            let line = self.line().await;
            ids.push(line.split_whitespace().nth(2).unwrap_or_else(|| panic!("no id in {line}")).to_owned());
        }
        ids
    }

    /// Waits for a note with this text, and returns it.
    async fn note(&mut self, expected: &str) -> String {
        loop {
            let note = line_of(&mut self.notes, expected).await;
            if note.contains(expected) {
                return note;
            }
        }
    }
}

/// An address at which connections are refused, as long as it is kept.
struct Refusing {
    _socket: TcpSocket,
    address: String,
}

impl Refusing {
    fn new() -> Self {
        // Bound, so that nobody else gets the port, but not listening.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = socket.local_addr().unwrap().to_string();
        Self { _socket: socket, address }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn listen_shows_and_forwards_events() {
    const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let server = server().await;
    let (url, key) = (&server.credentials.base_url, &server.credentials.native.test_api_key);
    let receiver = Receiver::new().await;
    let arguments = ["--forward-to", &receiver.url, "--secret", SECRET, "--contract", "vendor-pad"];
    let mut listening = Listening::start(url, key, &arguments).await;
    let triggered = result_of(&run(&["trigger", "lead.won", "--url", url, "--key", key]).await);
    let received = receiver.wait_for(1, DELIVERY_TIMEOUT).await.pop().unwrap();
    assert_eq!(received.header("webhook-id"), text(&triggered, "eventId"));
    assert_eq!(received.header("x-vendorpad-event"), "lead.won");
    assert!(signature::is_signed_with("vendorPad", SECRET, &received));
    assert_eq!(received.header("webhook-signature"), signature::standard_signature(SECRET, &received));
    let line = listening.line().await;
    assert!(line.contains("lead.won") && line.contains("-> 200"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_is_shown_and_gets_the_next_event() {
    let server = server().await;
    let (url, key, caller) =
        (&server.credentials.base_url, &server.credentials.native.test_api_key, Caller::native_test(&server));
    let fails_first = |number| CannedResponse::status(if number == 1 { 500 } else { 204 });
    let receiver = Receiver::responding(fails_first).await;
    let mut listening = Listening::start(url, key, &["--forward-to", &receiver.url]).await;
    let mut added = Vec::new();
    for event in ["lead.created", "lead.won"] {
        added.push(add_example(&caller, event).await);
    }
    let lines = [listening.line().await, listening.line().await];
    assert!(lines[0].contains(&added[0]) && lines[0].contains("-> 500 ("), "{lines:?}");
    assert!(lines[1].contains(&added[1]) && lines[1].contains("-> 204 ("), "{lines:?}");
    let received = receiver.wait_for(2, DELIVERY_TIMEOUT).await;
    let ids: Vec<_> = received.iter().map(|one| one.header("webhook-id")).collect();
    assert_eq!(ids, added, "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_cannot_be_reached_is_shown() {
    let server = server().await;
    let (url, key, caller) =
        (&server.credentials.base_url, &server.credentials.native.test_api_key, Caller::native_test(&server));
    let refusing = Refusing::new();
    let target = format!("http://{}/hook", refusing.address);
    let mut listening = Listening::start(url, key, &["--forward-to", &target]).await;
    let added = [add_example(&caller, "lead.created").await, add_example(&caller, "lead.won").await];
    for id in added {
        let line = listening.line().await;
        assert!(line.contains(&id) && line.ends_with(&format!("-> cannot reach {target}")), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_output_has_payloads_only() {
    let server = server().await;
    let (url, key, caller) =
        (&server.credentials.base_url, &server.credentials.native.test_api_key, Caller::native_test(&server));
    let receiver = Receiver::responding(|_| CannedResponse::status(500)).await;
    let arguments = ["--json", "--contract", "leadRescue", "--forward-to", &receiver.url];
    let mut listening = Listening::start(url, key, &arguments).await;
    for event in ["lead.created", "lead.won"] {
        let id = add_example(&caller, event).await;
        let sample = caller.get(&format!("/v2/event-types/{event}/sample?contract=leadRescue")).await.expect(200);
        assert_eq!(serde_json::from_str::<Value>(&listening.line().await).unwrap(), sample);
        let note = listening.note("-> 500").await;
        assert!(note.contains(event) && note.contains(&id), "{note}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_selected_events_are_shown_and_forwarded() {
    let server = server().await;
    let (url, key, caller) =
        (&server.credentials.base_url, &server.credentials.native.test_api_key, Caller::native_test(&server));
    let receiver = Receiver::new().await;
    let arguments = ["--events", "lead.won,LEAD.LOST", "--forward-to", &receiver.url];
    let mut listening = Listening::start(url, key, &arguments).await;
    let mut selected = Vec::new();
    for event in ["lead.created", "lead.won", "lead.status_changed", "lead.lost"] {
        let id = add_example(&caller, event).await;
        selected.extend(["lead.won", "lead.lost"].contains(&event).then_some(id));
    }
    assert_eq!(listening.ids(2).await, selected);
    let received = receiver.wait_for(2, DELIVERY_TIMEOUT).await;
    assert_eq!(received.iter().map(|one| one.header("webhook-id")).collect::<Vec<_>>(), selected);
}

#[tokio::test(flavor = "multi_thread")]
async fn listening_begins_where_after_says() {
    let server = server().await;
    let (url, key, caller) =
        (&server.credentials.base_url, &server.credentials.native.test_api_key, Caller::native_test(&server));
    let mut added = Vec::new();
    for event in ["lead.created", "lead.status_changed", "lead.won"] {
        added.push(add_example(&caller, event).await);
    }
    let first = caller.get("/v2/event-log?limit=1").await.expect(200)["data"][0].clone();
    assert_eq!(text(&first, "id"), added[0]);
    let mut oldest = Listening::start(url, key, &["--after", "oldest"]).await;
    let mut position = Listening::start(url, key, &["--after", text(&first, "position")]).await;
    let mut latest = Listening::start(url, key, &[]).await;
    added.push(add_example(&caller, "lead.lost").await);
    assert_eq!(oldest.ids(4).await, added);
    assert_eq!(position.ids(3).await, added[1..]);
    assert_eq!(latest.ids(1).await, added[3..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn listen_says_why_it_cannot() {
    let server = server().await;
    let (url, key) = (server.credentials.base_url.as_str(), server.credentials.native.test_api_key.as_str());
    let listen = async |arguments: &[&str]| error_of(&run(&[&["listen"], arguments].concat()).await);
    let stranger = listen(&["--url", url, "--key", "lh_test_nobody"]).await;
    assert!(stranger.contains("401") && stranger.contains("LEADHOUSE_API_KEY"), "{stranger}");
    assert!(listen(&["--url", "localhost:8080", "--key", "k"]).await.contains("--url"));
    let forward = listen(&["--url", url, "--key", "k", "--forward-to", "not a url"]).await;
    assert!(forward.contains("--forward-to"), "{forward}");
    let position = listen(&["--url", url, "--key", key, "--after", "yesterday"]).await;
    assert!(position.contains("400") && position.contains("after must be a position"), "{position}");
    let expired = SystemClock.now().before(retention::EVENT_LOG + Duration::from_hours(1));
    let expired = LogPosition { batch: 1, index: 1, as_of: expired }.to_string();
    let expired = listen(&["--url", url, "--key", key, "--after", &expired]).await;
    assert!(expired.contains("after is older than 30 days"), "{expired}");
    let event = listen(&["--url", url, "--key", key, "--events", "lead.wno"]).await;
    assert!(event.contains("lead.wno") && event.contains("lead.won"), "{event}");
}

#[tokio::test(flavor = "multi_thread")]
async fn listening_goes_on_when_the_server_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = Binary::start(folder.path(), &[]).await;
    let key = text(&server.credentials["native"], "testApiKey").to_owned();
    let proxy = Proxy::to(text(&server.credentials, "baseUrl")).await;
    let mut listening = Listening::start(&proxy.url, &key, &[]).await;
    let caller = server.native().with_key(&key);
    let shown = [add_example(&caller, "lead.created").await, add_example(&caller, "lead.won").await];
    assert_eq!(listening.ids(2).await, shown);
    server.kill().await;
    listening.note("trying again").await;
    // These are recorded while the command cannot reach the server, the last one afterwards.
    let server = Binary::start(folder.path(), &[]).await;
    let caller = server.native().with_key(&key);
    let mut missed = vec![add_example(&caller, "lead.created").await, add_example(&caller, "lead.lost").await];
    proxy.lead_to(text(&server.credentials, "baseUrl"));
    missed.push(add_example(&caller, "lead.won").await);
    assert_eq!(listening.ids(3).await, missed, "none is lost or shown again");
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_listed_twice_is_shown_once() {
    let log = ScriptedLog::start(vec![
        Script::Page { ids: &[], next: "p0" },
        Script::Page { ids: &["a", "b"], next: "p1" },
        Script::BrokenOff,
        Script::Unavailable,
        Script::Page { ids: &["b", "c"], next: "p2" },
    ])
    .await;
    let mut listening = Listening::start(&log.url, "lh_test_key", &[]).await;
    assert_eq!(listening.ids(3).await, ["a", "b", "c"]);
    let asked = log.asked_after();
    assert_eq!(asked[..5], ["latest", "p0", "p1", "p1", "p1"], "what failed is asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_wait_is_asked_again() {
    let waits = ServerOptions { max_event_log_wait: Duration::ZERO, ..options() };
    let server = LocalServer::start(waits).await.unwrap();
    let (url, key) = (&server.credentials.base_url, &server.credentials.native.test_api_key);
    let mut listening = Listening::start(url, key, &[]).await;
    listening.note("The server answers without waiting for events").await;
    let added = add_example(&Caller::native_test(&server), "lead.won").await;
    assert_eq!(listening.ids(1).await, [added]);
}

#[tokio::test(flavor = "multi_thread")]
async fn trigger_says_why_it_cannot() {
    let server = server().await;
    let (url, key) = (server.credentials.base_url.as_str(), server.credentials.native.test_api_key.as_str());
    let trigger =
        async |event: &str, url: &str, key: &str| error_of(&run(&["trigger", event, "--url", url, "--key", key]).await);
    let unknown = trigger("lead.wno", url, key).await;
    assert!(unknown.contains("lead.wno") && unknown.contains("must be one of") && unknown.contains("lead.won"));
    let stranger = trigger("lead.won", url, "lh_test_nobody").await;
    assert!(stranger.contains("401"), "{stranger}");
    let reader = IssuedKey::new(&server, |record| record.scopes = [Scope::WebhooksRead].into_iter().collect()).await;
    let without_scope = trigger("lead.won", url, &reader.key).await;
    assert!(without_scope.contains("403") && without_scope.contains("webhooks:write"), "{without_scope}");
    let refusing = Refusing::new();
    let nobody = trigger("lead.won", &format!("http://{}", refusing.address), key).await;
    assert!(nobody.contains(&format!("http://{} did not respond", refusing.address)), "{nobody}");
    let other = ScriptedLog::start(vec![Script::Page { ids: &[], next: "p0" }]).await;
    let other = trigger("lead.won", &other.url, key).await;
    assert!(other.contains("not one of Leadhouse"), "{other}");
    for caller in [Caller::native(&server), Caller::native_test(&server)] {
        assert_eq!(caller.get("/v2/event-log").await.expect(200)["data"], json!([]), "nothing was added");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_variables_of_the_sdks_stand_for_the_options() {
    let server = server().await;
    let (url, key) = (server.credentials.base_url.as_str(), server.credentials.native.test_api_key.as_str());
    let present = [("LEADHOUSE_BASE_URL", url), ("LEADHOUSE_API_KEY", key)];
    let former = [("LEADHOUSE_URL", url), ("LEADHOUSE_KEY", key)];
    let wrong_former = [("LEADHOUSE_URL", "http://127.0.0.1:1"), ("LEADHOUSE_KEY", "lh_test_nobody")];
    for variables in [&present[..], &former[..], &[present, wrong_former].concat()[..]] {
        let mut trigger = command(&["trigger", "lead.won"]);
        let triggered = result_of(
            &ended({
                trigger.envs(variables.iter().copied());
                trigger
            })
            .await,
        );
        assert_eq!(text(&triggered, "event"), "lead.won", "{variables:?}");
    }
    let without_key = error_of(&run(&["trigger", "lead.won", "--url", url]).await);
    assert!(without_key.contains("--key") && without_key.contains("LEADHOUSE_API_KEY"), "{without_key}");
    for command in ["listen", "trigger"] {
        let help = run(&[command, "--help"]).await;
        let help = String::from_utf8_lossy(&help.stdout).into_owned();
        for name in present.iter().chain(&former).map(|(name, _)| name) {
            assert!(help.contains(name), "{command} --help: {name} in {help}");
        }
    }
}
