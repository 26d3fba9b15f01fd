//! Unit tests with a server that stands for all of AWS.

use super::*;
use crate::FollowUpMessage;
use domain::time::Speedup;
use domain::{Environment, LeadId, Mode, TenantId};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A request that waits for its response.
struct Received {
    socket: TcpStream,
    /// The service and operation, as the header `X-Amz-Target` names them.
    target: String,
}

impl Received {
    async fn respond(mut self, body: &str) {
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}", body.len());
        self.socket.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await.expect("the caller waits");
    }
}

/// Starts a server, and returns services that send all requests to it.
async fn services() -> (AppServices, UnboundedReceiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, requests) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(receive(socket, sender.clone()));
        }
    });
    let settings = Settings {
        region: "eu-north-1".to_owned(),
        table: "table".to_owned(),
        access_table: "access".to_owned(),
        delivery_queue_url: None,
        slow_delivery_queue_url: None,
        delivery_lane: DeliveryLane::Prompt,
        follow_up_queue_url: Some(format!("{endpoint}/queue")),
        package_queue_url: None,
        api_url: None,
        master_secret: Some("secret".to_owned()),
        bucket: None,
        parking_bucket: None,
        email_from: None,
        sms_from: None,
        whatsapp_from: None,
        whatsapp_template: None,
        target_policy: TargetPolicy::PublicOnly,
        speedup: Speedup::NONE,
        max_event_log_wait: Duration::ZERO,
        endpoint: Some(endpoint),
    };
    let credentials = Credentials::new("id", "secret", None, None, "test");
    (AppServices::new(settings, credentials).expect("services"), requests)
}

async fn receive(mut socket: TcpStream, requests: UnboundedSender<Received>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match socket.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let header =
        |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    let mut body = vec![0; header("content-length:").parse().unwrap_or(0)];
    if socket.read_exact(&mut body).await.is_ok() {
        let _ = requests.send(Received { socket, target: header("x-amz-target:") });
    }
}

#[tokio::test]
async fn the_secret_is_read_while_the_table_connects() {
    let (services, mut requests) = services().await;
    let server = async {
        // Neither gets a response before both have arrived.
        let mut received = vec![requests.recv().await.expect("a request"), requests.recv().await.expect("another")];
        received.sort_by_key(|request| request.target.clone());
        let [table, secret] = received.try_into().unwrap_or_else(|_| panic!("two requests"));
        assert_eq!(table.target, "dynamodb_20120810.getitem");
        assert_eq!(secret.target, "secretsmanager.getsecretvalue");
        table.respond("{}").await;
        let text = r#"{\"current\":1,\"1\":\"0123456789012345678901234567890123456789012345678901234567890123\"}"#;
        secret.respond(&format!(r#"{{"SecretString":"{text}"}}"#)).await;
    };
    let both = async { tokio::join!(services.master_keys(), server).0 };
    let keys = tokio::time::timeout(Duration::from_secs(5), both).await.expect("no request waits for another");
    assert_eq!(keys.expect("the master keys").current(), 1);
}

#[tokio::test]
async fn a_silent_table_does_not_delay_the_start() {
    let (services, mut requests) = services().await;
    let server = async {
        let mut silent = Vec::new();
        loop {
            let request = requests.recv().await.expect("a request");
            if request.target.starts_with("secretsmanager") {
                let text =
                    r#"{\"current\":1,\"1\":\"0123456789012345678901234567890123456789012345678901234567890123\"}"#;
                request.respond(&format!(r#"{{"SecretString":"{text}"}}"#)).await;
            } else {
                silent.push(request);
            }
        }
    };
    let started = Instant::now();
    tokio::select! {
        keys = services.master_keys() => assert!(keys.is_ok()),
        () = server => {}
    }
    assert!(started.elapsed() < CONNECT_TIMEOUT * 2, "{:?}", started.elapsed());
}

#[tokio::test]
async fn silent_services_time_out() {
    let (services, mut requests) = services().await;
    let mut silent = Vec::new();
    let server = async {
        while let Some(request) = requests.recv().await {
            silent.push(request);
        }
    };
    let environment = Environment { tenant: TenantId::derived(&[b"tenant"]), mode: Mode::Live };
    let message = FollowUpMessage::new(environment, LeadId::derived(&[b"lead"]), 1);
    let queue = services.follow_up_queue().expect("a queue");
    let started = Instant::now();
    let calls = async { tokio::join!(services.master_keys(), queue.send(vec![(message, Duration::ZERO)])) };
    tokio::select! {
        (keys, sent) = calls => assert!(keys.is_err() && sent.is_err()),
        () = server => {}
    }
    // The queue is asked twice.
    let longest = SECRET_TIMEOUT.max(SQS_TIMEOUT * 2) + Duration::from_secs(2);
    assert!(started.elapsed() < longest, "{:?}", started.elapsed());
}
