//! Tests of the sender against real sockets, with well-behaved and hostile receivers.

mod connections;
mod receiver;
mod responses;

use super::*;

const SHORT_TIMEOUT: Duration = Duration::from_millis(400);

fn target(url: &str) -> Target {
    Target::parse(url, TargetPolicy::AllowLoopback).expect("a target")
}

fn settings() -> SenderSettings {
    SenderSettings { attempt_timeout: Duration::from_secs(10), ..SenderSettings::new(TargetPolicy::AllowLoopback) }
}

fn sender() -> Sender {
    Sender::new(settings()).expect("a sender")
}

fn impatient_sender() -> Sender {
    Sender::new(SenderSettings { attempt_timeout: SHORT_TIMEOUT, ..settings() }).expect("a sender")
}

async fn post(sender: &Sender, target: &Target) -> AttemptResult {
    sender.send(target, &[("X-Event", "ping".to_owned())], Bytes::from_static(b"{}")).await
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
