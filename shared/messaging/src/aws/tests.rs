//! Tests against a stub with scripted responses, and against an emulator of AWS that keeps mail.

use super::{AwsConfig, AwsSender, WhatsappTemplate};
use crate::sender::{MessageSender, MessageSenders, OutgoingMessage, ProviderResult};
use aws_credential_types::Credentials;
use base64::Engine;
use domain::accounts::business::Channel;
use domain::follow_up::sequence::SendFailure;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The response of a stub to its request.
enum StubResponse {
    /// `status line [| header]`, a line break and the body.
    Complete(&'static str),
    /// This status and a part of the body, before the connection closes.
    Truncated(&'static str),
    /// No response.
    Hanging,
    /// The connection closes without a response.
    Closed,
}

fn aws(endpoint: &str) -> AwsConfig {
    AwsConfig {
        region: "eu-north-1".to_owned(),
        credentials: Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "tests"),
        endpoint: Some(endpoint.to_owned()),
        email_from: Some("hello@dealer.example".to_owned()),
        sms_from: Some("+46700000001".to_owned()),
        whatsapp_from: Some("phone-number-id-01234567890123456789012345678901".to_owned()),
        whatsapp_template: None,
    }
}

fn sender(aws: AwsConfig) -> AwsSender {
    AwsSender::new(aws).expect("a sender")
}

fn message(channel: Channel) -> OutgoingMessage {
    let to = if channel == Channel::Email { "jane@example.com" } else { "+46701234567" };
    OutgoingMessage {
        channel,
        to: to.to_owned(),
        subject: (channel == Channel::Email).then(|| "Your test drive\r\nBcc: x@example.com".to_owned()),
        body: "Hej Åsa!\nShall we say Friday? 🚗".to_owned(),
        id: "msg_0198c0de".to_owned(),
    }
}

/// A received request: its head, with lower-case header names, and its body.
struct ReceivedRequest {
    head: String,
    body: Value,
}

impl ReceivedRequest {
    fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no header {name} in {}", self.head))
    }
}

async fn read_request(stream: &mut TcpStream) -> ReceivedRequest {
    let mut bytes = Vec::new();
    loop {
        let mut some = [0; 4096];
        let read = stream.read(&mut some).await.expect("a request");
        bytes.extend_from_slice(&some[..read]);
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
            if body.len() >= length.parse().expect("a number") {
                return ReceivedRequest { head: head.to_owned(), body: serde_json::from_str(body).expect("JSON") };
            }
        }
        assert!(read > 0, "a whole request");
    }
}

/// Starts a stub that serves one request. Returns its endpoint and the request.
async fn stub(response: StubResponse) -> (String, JoinHandle<ReceivedRequest>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let arrived = read_request(&mut stream).await;
        match response {
            StubResponse::Complete(response) => {
                let (head, body) = response.split_once('\n').expect("a status line and a body");
                let (status, header) = head.split_once(" | ").unwrap_or((head, "x-amzn-requestid: r"));
                let length = body.len();
                let response = format!("HTTP/1.1 {status}\r\n{header}\r\ncontent-length: {length}\r\n\r\n{body}");
                stream.write_all(response.as_bytes()).await.expect("a response");
            }
            StubResponse::Truncated(status) => {
                let response = format!("HTTP/1.1 {status}\r\ncontent-length: 500\r\n\r\n{{\"Mess");
                stream.write_all(response.as_bytes()).await.expect("part of a response");
            }
            // Reads until the client gives up.
            StubResponse::Hanging => while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {},
            StubResponse::Closed => {}
        }
        arrived
    });
    (endpoint, served)
}

/// Returns the result of a message on `channel` if the provider responds like this.
async fn outcome(channel: Channel, response: StubResponse) -> ProviderResult {
    let (endpoint, served) = stub(response).await;
    let sent = sender(aws(&endpoint)).send(&message(channel)).await;
    served.await.expect("the stub was asked");
    sent
}

/// Sends a message that the stub accepts, and returns the request.
async fn arrived(aws: impl FnOnce(String) -> AwsConfig, channel: Channel) -> ReceivedRequest {
    let (endpoint, served) = stub(StubResponse::Complete("200 OK\n{\"MessageId\":\"p-1\"}")).await;
    let sent = sender(aws(endpoint)).send(&message(channel)).await;
    assert_eq!(sent, ProviderResult::Accepted { provider_id: Some("p-1".to_owned()) });
    served.await.expect("a request")
}

fn is_signed_for(arrived: &ReceivedRequest, service: &str) {
    let authorization = arrived.header("authorization");
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
    assert!(authorization.contains(&format!("/eu-north-1/{service}/aws4_request")), "{authorization}");
    for signed in ["content-type", "host", "x-amz-date", "x-amz-security-token"] {
        assert!(authorization.contains(signed), "{signed}: {authorization}");
    }
    assert_eq!(arrived.header("x-amz-security-token"), "session");
}

#[tokio::test]
async fn email_requests_match_the_api_reference() {
    let request = arrived(|endpoint| aws(&endpoint), Channel::Email).await;
    assert!(request.head.starts_with("POST /v2/email/outbound-emails HTTP/1.1\r\n"), "{}", request.head);
    is_signed_for(&request, "ses");
    let text = |text: &str| json!({ "Data": text, "Charset": "UTF-8" });
    let content = json!({ "Simple": {
        "Subject": text("Your test drive Bcc: x@example.com"),
        "Body": { "Text": text("Hej Åsa!\nShall we say Friday? 🚗") },
    } });
    assert_eq!(
        request.body,
        json!({
            "FromEmailAddress": "hello@dealer.example",
            "Destination": { "ToAddresses": ["jane@example.com"] },
            "Content": content,
            "EmailTags": [{ "Name": "leadhouse-message", "Value": "msg_0198c0de" }],
        })
    );
}

#[tokio::test]
async fn sms_requests_match_the_api_reference() {
    let request = arrived(|endpoint| aws(&endpoint), Channel::Sms).await;
    assert!(request.head.starts_with("POST / HTTP/1.1\r\n"), "{}", request.head);
    is_signed_for(&request, "sms-voice");
    assert_eq!(request.header("x-amz-target"), "PinpointSMSVoiceV2.SendTextMessage");
    assert_eq!(request.header("content-type"), "application/x-amz-json-1.0");
    assert_eq!(
        request.body,
        json!({
            "DestinationPhoneNumber": "+46701234567",
            "OriginationIdentity": "+46700000001",
            "MessageBody": "Hej Åsa!\nShall we say Friday? 🚗",
            "MessageType": "TRANSACTIONAL",
            "Context": { "leadhouse-message": "msg_0198c0de" },
        })
    );
}

/// Returns the message object in a request to send by `WhatsApp`.
fn object_of(request: &ReceivedRequest) -> Value {
    assert!(request.head.starts_with("POST /v1/whatsapp/send HTTP/1.1\r\n"), "{}", request.head);
    is_signed_for(request, "social-messaging");
    assert_eq!(request.body["originationPhoneNumberId"], "phone-number-id-01234567890123456789012345678901");
    assert_eq!(request.body["metaApiVersion"], "v20.0");
    let object = base64::engine::general_purpose::STANDARD.decode(request.body["message"].as_str().expect("a message"));
    serde_json::from_slice(&object.expect("base64")).expect("JSON")
}

#[tokio::test]
async fn whatsapp_sends_plain_text_or_a_template() {
    let plain = object_of(&arrived(|endpoint| aws(&endpoint), Channel::Whatsapp).await);
    assert_eq!(
        plain,
        json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "+46701234567",
            "biz_opaque_callback_data": "msg_0198c0de",
            "type": "text",
            "text": { "body": "Hej Åsa!\nShall we say Friday? 🚗", "preview_url": false },
        })
    );
    let template = WhatsappTemplate { name: "follow_up".to_owned(), language: "sv".to_owned() };
    let with = |endpoint: String| AwsConfig { whatsapp_template: Some(template), ..aws(&endpoint) };
    let object = object_of(&arrived(with, Channel::Whatsapp).await);
    let parameter = json!({ "type": "text", "text": "Hej Åsa! Shall we say Friday? 🚗" });
    assert_eq!(object["type"], "template");
    assert_eq!(
        object["template"],
        json!({
            "name": "follow_up",
            "language": { "code": "sv" },
            "components": [{ "type": "body", "parameters": [parameter] }],
        })
    );
}

#[tokio::test]
async fn errors_map_to_results() {
    let later = |failure| ProviderResult::RetryLater { failure };
    let rejected = |failure| ProviderResult::Rejected { failure };
    let unknown = |failure| ProviderResult::Unknown { failure };
    let (email, sms, whatsapp) = (Channel::Email, Channel::Sms, Channel::Whatsapp);
    for (channel, response, expected) in [
        (
            email,
            "429 T | x-amzn-errortype: TooManyRequestsException:http://internal/\n{}",
            later(SendFailure::Throttled),
        ),
        (email, "400 B | x-amzn-errortype: LimitExceededException\n{}", later(SendFailure::QuotaExceeded)),
        (email, "400 B | x-amzn-errortype: AccountSuspendedException\n{}", later(SendFailure::SendingPaused)),
        (email, "400 B | x-amzn-errortype: SendingPausedException\n{}", later(SendFailure::SendingPaused)),
        (email, "400 B | x-amzn-errortype: MailFromDomainNotVerifiedException\n{}", later(SendFailure::NotConfigured)),
        (email, "400 B | x-amzn-errortype: MessageRejected\n{\"message\":\"virus\"}", rejected(SendFailure::Rejected)),
        (
            email,
            "400 B | x-amzn-errortype: MessageRejected\n{\"message\":\"Email address is not verified. x\"}",
            later(SendFailure::NotConfigured),
        ),
        (email, "400 B | x-amzn-errortype: BadRequestException\n{}", rejected(SendFailure::Rejected)),
        (email, "403 F | x-amzn-errortype: ExpiredTokenException\n{}", later(SendFailure::NotConfigured)),
        (email, "500 I\n{}", unknown(SendFailure::ProviderError)),
        (email, "503 S\nnot JSON", unknown(SendFailure::ProviderError)),
        (email, "302 Found\n", later(SendFailure::NotConfigured)),
        (sms, "400 B\n{\"__type\":\"com.amazonaws#ThrottlingException\"}", later(SendFailure::Throttled)),
        (sms, "503 S\n{\"__type\":\"ThrottlingException\"}", later(SendFailure::Throttled)),
        (
            sms,
            "400 B\n{\"__type\":\"ConflictException\",\"Reason\":\"DESTINATION_PHONE_NUMBER_OPTED_OUT\"}",
            rejected(SendFailure::OptedOut),
        ),
        (
            sms,
            "400 B\n{\"__type\":\"ConflictException\",\"Reason\":\"NO_ORIGINATION_IDENTITIES_FOUND\"}",
            later(SendFailure::NotConfigured),
        ),
        (
            sms,
            "400 B\n{\"__type\":\"ValidationException\",\"Reason\":\"DESTINATION_COUNTRY_BLOCKED\"}",
            rejected(SendFailure::Blocked),
        ),
        (
            sms,
            "400 B\n{\"__type\":\"ValidationException\",\"Reason\":\"INVALID_PARAMETER\"}",
            rejected(SendFailure::Rejected),
        ),
        (sms, "400 B\n{\"__type\":\"ServiceQuotaExceededException\"}", later(SendFailure::QuotaExceeded)),
        (sms, "400 B\n{\"__type\":\"AccessDeniedException\"}", later(SendFailure::NotConfigured)),
        (sms, "500 I\n{\"__type\":\"InternalServerException\"}", unknown(SendFailure::ProviderError)),
        (whatsapp, "429 T | x-amzn-errortype: ThrottledRequestException\n{}", later(SendFailure::Throttled)),
        (whatsapp, "502 B | x-amzn-errortype: DependencyException\n{}", unknown(SendFailure::ProviderError)),
        (whatsapp, "400 B | x-amzn-errortype: InvalidParametersException\n{}", rejected(SendFailure::Rejected)),
        (whatsapp, "404 N | x-amzn-errortype: ResourceNotFoundException\n{}", later(SendFailure::NotConfigured)),
    ] {
        assert_eq!(outcome(channel, StubResponse::Complete(response)).await, expected, "{response}");
    }
}

#[tokio::test]
async fn lost_connections_give_unknown_results() {
    for channel in Channel::ALL {
        assert_eq!(
            outcome(channel, StubResponse::Closed).await,
            ProviderResult::Unknown { failure: SendFailure::ConnectionLost }
        );
        let yes = outcome(channel, StubResponse::Truncated("200 OK")).await;
        assert_eq!(yes, ProviderResult::Accepted { provider_id: None }, "the status has said yes");
        assert_eq!(
            outcome(channel, StubResponse::Truncated("500 I")).await,
            ProviderResult::Unknown { failure: SendFailure::ProviderError }
        );

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let nobody = format!("http://{}", listener.local_addr().expect("an address"));
        drop(listener);
        let sent = sender(aws(&nobody)).send(&message(channel)).await;
        assert_eq!(sent, ProviderResult::RetryLater { failure: SendFailure::NoConnection });
        let sent = sender(aws("http://nowhere.invalid")).send(&message(channel)).await;
        assert_eq!(sent, ProviderResult::RetryLater { failure: SendFailure::NoConnection }, "no such name");
    }
}

#[tokio::test]
async fn attempts_time_out() {
    let sender_with_timeout =
        |endpoint: &str| AwsSender::with_timeout(aws(endpoint), Duration::from_secs(1)).expect("a sender");
    let (endpoint, served) = stub(StubResponse::Hanging).await;
    let sent = sender_with_timeout(&endpoint).send(&message(Channel::Sms)).await;
    assert_eq!(sent, ProviderResult::Unknown { failure: SendFailure::Timeout }, "the request had gone out");
    served.await.expect("the stub was asked");
    // Nothing of a request is sent before the TLS handshake.
    let (endpoint, served) = stub(StubResponse::Hanging).await;
    let sent = sender_with_timeout(&endpoint.replace("http:", "https:")).send(&message(Channel::Sms)).await;
    assert_eq!(sent, ProviderResult::RetryLater { failure: SendFailure::NoConnection }, "it speaks no TLS");
    served.abort();
}

#[tokio::test]
async fn channels_need_a_sender_address() {
    let aws = AwsConfig { sms_from: None, ..aws("http://127.0.0.1:9") };
    let senders = MessageSenders::new(vec![Arc::new(sender(aws))]);
    assert!(senders.supports(Channel::Email) && senders.supports(Channel::Whatsapp) && !senders.supports(Channel::Sms));
    assert_eq!(
        senders.send(&message(Channel::Sms)).await,
        ProviderResult::RetryLater { failure: SendFailure::NotConfigured }
    );
}

#[tokio::test]
async fn the_log_keeps_messages_without_showing_them() {
    let log = crate::LogSender::new();
    let kept = log.sent();
    for channel in Channel::ALL {
        let sent = log.send(&message(channel)).await;
        assert_eq!(sent, ProviderResult::Accepted { provider_id: Some("log-msg_0198c0de".to_owned()) });
    }
    assert_eq!(kept.messages(), Channel::ALL.map(message));
    let shown = format!("{kept:?}");
    assert!(shown.contains("msg_0198c0de") && !shown.contains("jane") && !shown.contains("Friday"), "{shown}");
}

/// An emulator of AWS that keeps e-mail. It is killed with the test.
struct Emulator(Child);

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Emulator {
    /// Starts the emulator on a free port. Returns `None` if the Python packages of `tests/python` are not installed,
    /// which is an error in CI.
    async fn start() -> Option<(Self, String)> {
        let python = std::env::var("LEADHOUSE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let imports = Command::new(&python).args(["-c", "import ministack"]).stderr(Stdio::null()).status();
        if !imports.is_ok_and(|ended| ended.success()) {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI must have tests/python/requirements.txt");
            let _ = writeln!(std::io::stderr(), "skipped: there is no Python with ministack (LEADHOUSE_TEST_PYTHON)");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").await.ok()?.local_addr().ok()?.port();
        let mut command = Command::new(&python);
        command
            .args(["-m", "ministack"])
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("LAMBDA_EXECUTOR", "local")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let emulator = Self(command.spawn().expect("the emulator starts"));
        let endpoint = format!("http://127.0.0.1:{port}");
        let http = sender(aws(&endpoint)).http;
        for _ in 0..600 {
            if http
                .get(format!("{endpoint}/_ministack/health"))
                .send()
                .await
                .is_ok_and(|response| response.status() == 200)
            {
                return Some((emulator, endpoint));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the emulator does not response");
    }
}

#[tokio::test]
async fn the_emulator_receives_email_of_verified_senders() {
    let Some((_emulator, endpoint)) = Emulator::start().await else { return };
    let http = sender(aws(&endpoint)).http;
    // Identities belong to regions, and the emulator takes the region from the scope of the signature.
    let scope =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-north-1/ses/aws4_request, SignedHeaders=, Signature=";
    let identity = json!({ "EmailIdentity": "hello@dealer.example" }).to_string();
    let identities = http.post(format!("{endpoint}/v2/email/identities")).header("authorization", scope);
    let verified = identities.body(identity).send().await.expect("a response");
    assert!(verified.status().is_success(), "{}", verified.status());

    let sender = sender(aws(&endpoint));
    let ProviderResult::Accepted { provider_id: Some(id) } = sender.send(&message(Channel::Email)).await else {
        panic!("the emulator takes it");
    };
    let kept = http.get(format!("{endpoint}/_ministack/ses/messages")).send().await.expect("a response");
    let kept: Value = serde_json::from_str(&kept.text().await.expect("a body")).expect("JSON");
    let mails: Vec<_> =
        kept["messages"].as_object().expect("accounts").values().flat_map(|m| m.as_array().expect("mails")).collect();
    assert_eq!(mails.len(), 1, "{kept}");
    assert_eq!(mails[0]["MessageId"], id.as_str());
    assert_eq!(mails[0]["Source"], "hello@dealer.example");
    assert_eq!(mails[0]["To"], json!(["jane@example.com"]));
    assert_eq!(mails[0]["BodyText"], "Hej Åsa!\nShall we say Friday? 🚗");
    assert_eq!(mails[0]["Subject"], "Your test drive Bcc: x@example.com");

    let stranger = AwsConfig { email_from: Some("nobody@unknown.example".to_owned()), ..aws(&endpoint) };
    let sent = self::sender(stranger).send(&message(Channel::Email)).await;
    assert_eq!(
        sent,
        ProviderResult::RetryLater { failure: SendFailure::NotConfigured },
        "an identity that is not verified"
    );
}
