use crate::aws::fake_aws::FakeAws;
use serde_json::json;

#[tokio::test]
async fn invocations_are_signed_and_return_the_result() {
    let aws = FakeAws::start(|_| (200, "", json!({ "batchItemFailures": [] }))).await;
    let lambda = aws.account().lambda().expect("a client");
    let result = lambda.invoke("stack-dispatch", br#"{"Records":[]}"#).await.expect("a result");
    assert_eq!(result, json!({ "batchItemFailures": [] }));
    let call = aws.calls().remove(0);
    assert_eq!(call.operation, "POST /2015-03-31/functions/stack-dispatch/invocations");
    assert_eq!(call.body, json!({ "Records": [] }));
    let header = |name: &str| call.head.lines().find_map(|line| line.strip_prefix(name)).expect("a header").to_owned();
    let authorization = header("authorization: ");
    assert!(authorization.contains("/eu-north-1/lambda/aws4_request"), "{authorization}");
    for signed in ["content-type", "host", "x-amz-date", "x-amz-security-token"] {
        assert!(authorization.contains(signed), "{signed}: {authorization}");
    }
}

#[tokio::test]
async fn errors_of_functions_and_calls_differ() {
    let error = json!({ "errorType": "Runtime.ExitError", "errorMessage": "exit\nstatus 1" });
    let aws = FakeAws::start(move |call| match &*call.operation {
        operation if operation.contains("broken") => (200, "x-amz-function-error: Unhandled\r\n", error.clone()),
        operation if operation.contains("event-invoke-config") => (404, "", json!({ "Message": "none" })),
        _ => (403, "", json!({ "Message": "not allowed" })),
    })
    .await;
    let lambda = aws.account().lambda().expect("a client");
    let failed = lambda.invoke("broken", b"{}").await.expect_err("failed");
    assert_eq!(failed.to_string(), "the function failed: Runtime.ExitError: exit status 1");
    let rejected = lambda.environment_variables("stack-dispatch").await.expect_err("rejected");
    assert_eq!(rejected.to_string(), "Lambda rejected the call for stack-dispatch: 403 not allowed");
    assert_eq!(lambda.failure_destination("stack-uploaded").await.expect("none"), None);
}

#[tokio::test]
async fn a_throttled_call_is_repeated() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let aws = FakeAws::start(move |_| match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0 => (429, "", json!({ "Type": "User" })),
        _ => (200, "", json!(null)),
    })
    .await;
    aws.account().lambda().expect("a client").invoke("f", b"{}").await.expect("invoked");
    assert_eq!(aws.calls().len(), 2);
}
