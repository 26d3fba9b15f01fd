//! Outcomes of responses, and the limits on what is read of them.

use super::receiver::Receiver;
use super::{SHORT_TIMEOUT, impatient_sender, ok, post, sender, target};
use bytes::Bytes;
use domain::webhooks::attempt::Outcome;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

#[tokio::test]
async fn a_2xx_is_delivered() {
    let receiver = Receiver::responding(ok("thanks")).await;
    let result = post(&sender(), &receiver.target()).await;
    assert_eq!((result.outcome, result.status), (Outcome::Delivered, Some(200)));
    assert_eq!(result.response, "thanks");
    let expected = format!(
        "POST /hooks?x=1 HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nx-event: ping\r\ncontent-length: 2\r\n\r\n{{}}",
        receiver.port
    );
    assert_eq!(receiver.requests(), [expected]);
}

#[tokio::test]
async fn other_statuses_are_refused_redirects_too() {
    let elsewhere = Receiver::responding(ok("")).await;
    for status in [300, 301, 302, 303, 304, 307, 308, 400, 401, 404, 410, 429, 500, 502, 503, 599, 600, 999] {
        let response = format!(
            "HTTP/1.1 {status} So\r\nLocation: http://127.0.0.1:{}/\r\nContent-Length: 0\r\n\r\n",
            elsewhere.port
        );
        let receiver = Receiver::responding(response).await;
        let result = post(&sender(), &receiver.target()).await;
        assert_eq!((result.outcome, result.status), (Outcome::ErrorStatus, Some(status)));
        assert_eq!(receiver.requests().len(), 1, "{status}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn retry_after_is_returned() {
    for (value, expected) in [("120", Some("120")), (&"1".repeat(65), None), ("\u{fffd}", None)] {
        let response = format!("HTTP/1.1 503 Busy\r\nRetry-After: {value}\r\nContent-Length: 4\r\n\r\nbusy");
        let receiver = Receiver::responding(response).await;
        let result = post(&sender(), &receiver.target()).await;
        assert_eq!((result.outcome, result.response.as_str()), (Outcome::ErrorStatus, "busy"));
        assert_eq!(result.retry_after.as_deref(), expected, "{value}");
    }
}

#[tokio::test]
async fn a_silent_receiver_times_out() {
    let receiver = Receiver::start(|stream| async move {
        std::future::pending::<()>().await;
        Some(stream)
    })
    .await;
    let result = post(&impatient_sender(), &receiver.target()).await;
    assert_eq!((result.outcome, result.status), (Outcome::Timeout, None));
    assert!(result.latency >= SHORT_TIMEOUT && result.latency < SHORT_TIMEOUT * 3, "{:?}", result.latency);
}

#[tokio::test]
async fn a_dripping_response_times_out() {
    for (beginning, status) in [("HTTP/1.1 200 OK\r\nX-Slow: ", None), (ok("").as_str(), Some(200))] {
        let beginning = beginning.replace("Content-Length: 0", "Content-Length: 900");
        let receiver = Receiver::start(move |mut stream| {
            let beginning = beginning.clone();
            async move {
                stream.write_all(beginning.as_bytes()).await.ok()?;
                while stream.write_all(b"x").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                None
            }
        })
        .await;
        let result = post(&impatient_sender(), &receiver.target()).await;
        assert_eq!((result.outcome, result.status), (Outcome::Timeout, status));
        assert!(result.latency < SHORT_TIMEOUT * 3, "{:?}", result.latency);
    }
}

#[tokio::test]
async fn an_endless_body_closes_the_connection() {
    let closed = Arc::new(tokio::sync::Notify::new());
    let noticed = closed.clone();
    let receiver = Receiver::start(move |mut stream| {
        let closed = closed.clone();
        async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.ok()?;
            while stream.write_all(b"4\r\nabcd\r\n").await.is_ok() {}
            closed.notify_one();
            None
        }
    })
    .await;
    let result = post(&sender(), &receiver.target()).await;
    assert_eq!(result.outcome, Outcome::Delivered);
    assert_eq!(result.response, "abcd".repeat(256));
    timeout(Duration::from_secs(5), noticed.notified()).await.expect("the connection is closed");
}

#[tokio::test]
async fn the_first_kilobyte_is_stored() {
    let receiver = Receiver::responding(ok(&format!("x{}", "ö".repeat(1000)))).await;
    let result = post(&sender(), &receiver.target()).await;
    assert_eq!(result.response, format!("x{}", "ö".repeat(511)));
    let receiver = Receiver::responding(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\xffb".as_slice()).await;
    assert_eq!(post(&sender(), &receiver.target()).await.response, "a\u{fffd}b");
}

#[tokio::test]
async fn a_compressed_body_is_not_decompressed() {
    // A kilobyte of zeros: `gzip.compress(bytes(1024), 9, mtime=0)` of Python.
    let packed = hex::decode("1f8b080000000000020363601805a360148c5400002eafb5ef00040000").expect("hexadecimal");
    let mut response =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len()).into_bytes();
    response.extend_from_slice(&packed);
    let result = post(&sender(), &Receiver::responding(response).await.target()).await;
    assert_eq!(result.outcome, Outcome::Delivered);
    assert_eq!(result.response, String::from_utf8_lossy(&packed));
}

#[tokio::test]
async fn an_invalid_response_is_unreachable() {
    let responses = [
        "",
        "HTTP/1.1 200 OK\r\nContent-Len",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 99999 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ];
    for response in responses {
        let receiver = Receiver::start(move |mut stream| async move {
            let _ = stream.write_all(response.as_bytes()).await;
            None
        })
        .await;
        let result = post(&sender(), &receiver.target()).await;
        assert_eq!((result.outcome, result.status), (Outcome::Unreachable, None), "{response:?}");
        assert_eq!(receiver.requests().len(), 1, "{response:?}");
    }
}

#[tokio::test]
async fn a_2xx_with_a_truncated_body_is_delivered() {
    let receiver = Receiver::start(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\nhalf").await.ok()?;
        None
    })
    .await;
    let result = post(&sender(), &receiver.target()).await;
    assert_eq!((result.outcome, result.status, result.response.as_str()), (Outcome::Delivered, Some(202), "half"));
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("an address").port();
    let result = post(&sender(), &target(&format!("http://127.0.0.1:{port}/"))).await;
    assert_eq!(result.outcome, Outcome::Unreachable);
}

#[tokio::test]
async fn a_huge_head_is_not_read_to_the_end() {
    let long = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "x".repeat(1 << 20));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Many: x\r\n".repeat(101));
    for response in [long, many] {
        let result = post(&sender(), &Receiver::responding(response).await.target()).await;
        assert_eq!((result.outcome, result.status), (Outcome::Unreachable, None));
        assert!(result.latency < Duration::from_secs(5), "{:?}", result.latency);
    }
}

#[tokio::test]
async fn endless_framing_is_cut() {
    let receiver = Receiver::start(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n").await.ok()?;
        while stream.write_all(&[b'0'; 4096]).await.is_ok() {}
        None
    })
    .await;
    let result = post(&sender(), &receiver.target()).await;
    assert_eq!((result.outcome, result.response.as_str()), (Outcome::Delivered, "a"));
    assert!(result.latency < Duration::from_secs(5), "{:?}", result.latency);
}

#[tokio::test]
async fn each_response_has_a_full_read_budget() {
    // Together more than one response may take.
    let receiver = Receiver::responding(ok(&"x".repeat(15 * 1024))).await;
    let (sender, target) = (sender(), receiver.target());
    for _ in 0..60 {
        assert_eq!(post(&sender, &target).await.outcome, Outcome::Delivered);
        tokio::time::sleep(Duration::from_millis(12)).await;
    }
    assert_eq!((receiver.connections(), receiver.requests().len()), (1, 60));
}

#[tokio::test]
async fn interim_responses_are_limited() {
    let few = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(3) + &ok("done");
    let result = post(&sender(), &Receiver::responding(few).await.target()).await;
    assert_eq!((result.outcome, result.response.as_str()), (Outcome::Delivered, "done"));

    let receiver = Receiver::start(|mut stream| async move {
        while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_ok() {}
        None
    })
    .await;
    let result = post(&sender(), &receiver.target()).await;
    assert_eq!((result.outcome, result.status), (Outcome::Unreachable, None));
    assert!(result.latency < Duration::from_secs(5), "{:?}", result.latency);
}

#[tokio::test]
async fn an_invalid_header_is_not_sent() {
    let receiver = Receiver::responding(ok("")).await;
    let result = sender().send(&receiver.target(), &[("X-Event", "a\r\nb".to_owned())], Bytes::new()).await;
    assert_eq!(result.outcome, Outcome::Unreachable);
    assert!(receiver.requests().is_empty());
}
