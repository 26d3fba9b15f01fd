//! Responses of the server's HTTP layer before a function is reached: over raw sockets, as broken clients speak.

use crate::harness::{Caller, eventually, options, server};
use http::Method;
use local::{HttpLimits, LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A response as it was read from a socket.
struct RawResponse {
    status: u16,
    head: String,
    body: String,
}

impl RawResponse {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }
}

/// Sends bytes, and reads until the server closes the connection.
async fn exchange(server: &LocalServer, request: &[u8]) -> RawResponse {
    let mut socket = TcpStream::connect(server.address()).await.unwrap();
    socket.write_all(request).await.unwrap();
    read_response(&mut socket).await
}

async fn read_response(socket: &mut TcpStream) -> RawResponse {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut bytes)).await;
    read.expect("the connection is closed").unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no response: {text:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    RawResponse { status, head: head.to_owned(), body: body.to_owned() }
}

fn get(path: &str, more: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{more}\r\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn http_errors_have_the_contracts_shape() {
    let server = server().await;
    let large_header = format!("X-Large: {}\r\n", "a".repeat(600_000));
    let many_headers = "X-Many: a\r\n".repeat(150);
    let long_path = format!("/v2/leads?x={}", "a".repeat(70_000));
    let cases = [
        (get("/v2/leads", &large_header), 431, "object"),
        (get("/api/v1/leads", &large_header), 431, "text"),
        (get("/api/v1/developer/leads", &many_headers), 431, "object"),
        (get("/v1/leads", &many_headers), 431, "object"),
        (get(&long_path, ""), 414, "object"),
        (get(&long_path.replace("/v2", "/api/v1"), ""), 414, "text"),
        (b"nonsense\r\n\r\n".to_vec(), 400, "object"),
        (get("/api/v1/leads", "no colon\r\n"), 400, "text"),
        (get("/v2/leads", "Content-Length: x\r\n"), 400, "object"),
        (get("/api/v1/leads", "Host: other\r\n"), 400, "text"),
    ];
    let mut ids = HashSet::new();
    for (request, status, shape) in cases {
        let start = String::from_utf8_lossy(&request[..request.len().min(40)]).into_owned();
        let response = exchange(&server, &request).await;
        assert_eq!(response.status, status, "{start}");
        let error = &response.json()["error"];
        match shape {
            "text" => assert!(error.is_string(), "{start}: {error}"),
            _ => assert!(error["code"].is_string() && error["message"].is_string(), "{start}: {error}"),
        }
        let id = response.header("x-request-id").unwrap_or_else(|| panic!("{start}: {}", response.head));
        assert!(ids.insert(id.to_owned()), "{start}");
        assert_eq!(response.header("content-type"), Some("application/json"), "{start}");
        assert_eq!(response.header("cache-control"), Some("no-store"), "{start}");
        assert_eq!(response.header("access-control-allow-origin"), Some("*"), "{start}");
        assert_eq!(response.header("content-length"), Some(&*response.body.len().to_string()), "{start}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_is_rejected_before_it_is_sent() {
    let server = server().await;
    let key = &server.credentials.native.api_key;
    for (path, length) in [("/v2/leads", 1_048_577_u64), ("/v1/leads", 5_900_001), ("/v2/leads", 10_000_000_000)] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Length: {length}\r\n"
        );
        // Neither a caller that waits for permission nor one that does not has sent any of the body.
        for expect in ["Expect: 100-continue\r\n", ""] {
            let started = Instant::now();
            let response = exchange(&server, format!("{head}{expect}\r\n").as_bytes()).await;
            assert_eq!(response.status, 413, "{path} {expect}");
            assert_eq!(response.json()["error"]["code"], "PAYLOAD_TOO_LARGE");
            assert!(started.elapsed() < Duration::from_secs(5));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_on_sending_sees_the_rejection() {
    let server = server().await;
    let key = &server.credentials.native.api_key;
    let length = 8 * 1024 * 1024;
    let head = format!(
        "POST /v2/leads HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Length: {length}\r\n\r\n"
    );
    let mut socket = TcpStream::connect(server.address()).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let part = vec![b' '; 64 * 1024];
    for _ in 0..length / part.len() {
        socket.write_all(&part).await.expect("the connection is not reset");
    }
    assert_eq!(read_response(&mut socket).await.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_names_the_path_that_exists() {
    let server = server().await;
    let native = Caller::native(&server);
    let id = "018f0000-0000-7000-8000-000000000000";
    for (path, meant) in [
        ("/v2/leads/".to_owned(), "/v2/leads".to_owned()),
        ("/v2//leads?limit=1".to_owned(), "/v2/leads".to_owned()),
        ("//v2/leads".to_owned(), "/v2/leads".to_owned()),
        (format!("/v2/leads/{id}/"), format!("/v2/leads/{id}")),
        (format!("/v2/webhooks/{id}//test"), format!("/v2/webhooks/{id}/test")),
        ("/v1/leads/".to_owned(), "/v1/leads".to_owned()),
        ("/api/v1/developer/leads/".to_owned(), "/api/v1/developer/leads".to_owned()),
        ("/api/v1/disputes//".to_owned(), "/api/v1/disputes".to_owned()),
    ] {
        for method in [Method::GET, Method::POST] {
            let reply = native.send(method, &path, &[], None).await;
            assert_eq!(reply.status, 404, "{path}");
            assert!(reply.text.contains(&format!("Did you mean {meant}?")), "{path}: {}", reply.text);
        }
    }
    for path in ["/v2/nowhere/", "/v2/leads/a/b/c/", "/nowhere"] {
        let reply = native.get(path).await;
        assert_eq!(reply.expect(404)["error"]["message"], "No such path.", "{path}");
    }
}

/// Paths under no contract's base path.
const OUTSIDE_CONTRACTS: [&str; 2] = ["/", "/assets/api-reference.js"];

#[tokio::test(flavor = "multi_thread")]
async fn every_served_path_is_known_to_its_contract() {
    let server = server().await;
    let served: HashSet<_> = server.routes.iter().map(|served| served.route.path.clone()).collect();
    let known: HashSet<_> = domain::Contract::ALL
        .into_iter()
        .map(contract::profile)
        .flat_map(|profile| {
            let paths = profile.paths().iter().chain(&contract::DOCUMENTATION_PATHS);
            paths.map(move |path| format!("{}{path}", profile.base_path()))
        })
        .chain(OUTSIDE_CONTRACTS.map(str::to_owned))
        .collect();
    assert_eq!(served.difference(&known).collect::<Vec<_>>(), [""; 0], "missing in `ContractProfile::paths`");
    assert_eq!(known.difference(&served).collect::<Vec<_>>(), [""; 0], "in `ContractProfile::paths`, and not served");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_served_route_is_described() {
    let server = server().await;
    let routes = server.routes.iter().map(|served| &served.route);
    let of_contracts = routes.filter(|route| !OUTSIDE_CONTRACTS.contains(&route.path.as_str()));
    let served: HashSet<_> =
        of_contracts.map(|route| format!("{} {}", route.method.as_str().to_lowercase(), route.path)).collect();
    let described: HashSet<_> = domain::Contract::ALL
        .into_iter()
        .flat_map(|contract| {
            let base_path = contract::profile(contract).base_path();
            let operations = contract::describe(contract).operations;
            let own = operations.into_iter().map(|operation| (operation.method, operation.path));
            // Described where the documents are put together, for they are the same for every contract.
            let documentation = contract::DOCUMENTATION_PATHS.map(|path| ("get", path));
            own.chain(documentation).map(move |(method, path)| format!("{method} {base_path}{path}"))
        })
        .collect();
    assert_eq!(served.difference(&described).collect::<Vec<_>>(), [""; 0], "missing in the contract's operations");
    assert_eq!(
        described.difference(&served).collect::<Vec<_>>(),
        [""; 0],
        "in a contract's operations, and not served"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn file_errors_carry_a_request_id() {
    let server = server().await;
    let anonymous = Caller::native(&server).with_key("");
    for (method, status) in [(Method::GET, 403), (Method::PUT, 403), (Method::DELETE, 405)] {
        let reply = anonymous.send(method.clone(), "/files/L/none?signature=00", &[], None).await;
        let error = reply.expect(status)["error"].clone();
        assert!(error["code"].is_string() && error["message"].is_string(), "{method}: {error}");
        assert!(!reply.header("x-request-id").is_empty(), "{method}");
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    let headers =
        [("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "content-type,baggage")];
    let reply = anonymous.send(Method::OPTIONS, "/files/L/none", &headers, None).await;
    assert_eq!((reply.status, reply.header("access-control-allow-headers")), (204, "*"));
}

/// Starts a server with short time limits and few connections.
async fn impatient_server(data: &Path) -> LocalServer {
    let http_limits = HttpLimits {
        request_timeout: Duration::from_secs(3),
        body_stall_timeout: Duration::from_millis(300),
        max_connections: 4,
        max_connections_per_peer: 3,
        ..HttpLimits::default()
    };
    LocalServer::start(ServerOptions { http_limits, data: Some(data.to_owned()), ..options() }).await.unwrap()
}

fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

async fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let found = eventually(Duration::from_secs(5), what, || std::future::ready(is_true().then_some(())));
    found.await;
}

/// Returns the head of an upload of `size` bytes by a new link.
async fn upload_head(caller: &Caller, size: usize) -> String {
    let file = json!({ "contentType": "text/plain", "size": size });
    let made =
        caller.post("/v2/evidence", json!({ "category": "OTHER", "title": "A", "file": file })).await.expect(201);
    let url = made["uploadUrl"].as_str().unwrap();
    let path = url.split_once("://").unwrap().1.split_once('/').unwrap().1;
    format!("PUT /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_body_frees_everything() {
    let folder = tempfile::tempdir().unwrap();
    let server = impatient_server(folder.path()).await;
    let native = Caller::native(&server);
    let upload = upload_head(&native, 1_000).await;
    wait_until("idle connections are closed", || server.open_connections() <= 1).await;
    let before = tasks();
    let key = &server.credentials.native.api_key;
    let lead = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Length: 100\r\n\r\n{{"
        )
    };
    for request in [lead("/v2/leads"), lead("/api/v1/leads"), format!("{upload}half of it"), upload] {
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let started = Instant::now();
        let response = read_response(&mut socket).await;
        assert_eq!(response.status, 408, "{request}: {}", response.body);
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        assert_eq!(response.header("connection"), Some("close"));
        assert!(response.json()["error"].is_object() || request.contains("/api/v1/"), "{}", response.body);
    }
    wait_until("the connections are closed", || server.open_connections() <= 1).await;
    wait_until("the tasks have ended", || tasks() <= before).await;
    let unfinished = || std::fs::read_dir(folder.path().join("files/uploading")).unwrap().count();
    wait_until("the temporary files are deleted", || unfinished() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trickling_body_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = impatient_server(folder.path()).await;
    let head = upload_head(&Caller::native(&server), 1_000).await;
    let mut socket = TcpStream::connect(server.address()).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = socket.into_split();
    let trickling = tokio::spawn(async move {
        while writer.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let mut start = [0; 12];
    let read = tokio::time::timeout(Duration::from_secs(6), reader.read_exact(&mut start)).await;
    read.expect("a response").unwrap();
    assert_eq!(std::str::from_utf8(&start), Ok("HTTP/1.1 408"));
    trickling.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let server = impatient_server(folder.path()).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(TcpStream::connect(server.address()).await.unwrap());
    }
    wait_until("they are accepted", || server.open_connections() == 3).await;
    let mut fourth = TcpStream::connect(server.address()).await.unwrap();
    let rejected = read_response(&mut fourth).await;
    assert_eq!((rejected.status, rejected.header("retry-after")), (503, Some("1")));
    assert_eq!(rejected.json()["error"]["code"], "UNAVAILABLE");
    assert!(rejected.header("x-request-id").is_some());
    // Another address has room.
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = other.connect(server.address()).await.unwrap();
    other.write_all(&get("/v2/health", "")).await.unwrap();
    assert_eq!(read_response(&mut other).await.status, 200);
    // And the first one has again, once it has closed a connection.
    drop(held.pop());
    wait_until("it is closed", || server.open_connections() <= 2).await;
    assert_eq!(exchange(&server, &get("/v2/health", "")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_of_one_file_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let server = LocalServer::start(ServerOptions { data: Some(folder.path().to_owned()), ..options() }).await.unwrap();
    let head = upload_head(&Caller::native(&server), 5).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        socket.write_all(format!("{head}1").as_bytes()).await.unwrap();
        held.push(socket);
    }
    let unfinished = || std::fs::read_dir(folder.path().join("files/uploading")).unwrap().count();
    wait_until("four uploads are in progress", || unfinished() == 4).await;
    let fifth = exchange(&server, head.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").as_bytes()).await;
    assert_eq!(fifth.status, 409, "{}", fifth.body);
    assert!(fifth.body.contains("in progress"), "{}", fifth.body);
    // One that ends makes room; it is also the one that stores the file.
    let mut first = held.remove(0);
    first.write_all(b"2345").await.unwrap();
    let mut start = [0; 12];
    first.read_exact(&mut start).await.unwrap();
    assert_eq!(std::str::from_utf8(&start), Ok("HTTP/1.1 200"));
}
