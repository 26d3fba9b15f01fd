//! Entry points of functions under Lambda: HTTP functions behind API Gateway, and functions behind events.

use crate::http_adapter::{GatewayContext, HttpAdapter};
use crate::stream::StreamEvent;
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use axum::body::Body as AxumBody;
use bytes::Bytes;
use lambda_http::request::RequestContext;
use lambda_http::{Body, Error, Request, RequestExt, Response};
use lambda_runtime::LambdaEvent;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Serves HTTP requests of API Gateway with `adapter` until Lambda ends the process.
pub async fn serve(adapter: HttpAdapter) -> Result<(), Error> {
    lambda_http::run(lambda_http::service_fn(|request: Request| handle(&adapter, request))).await
}

/// Passes the payload of each event to `handler` until Lambda ends the process.
pub async fn serve_events<E, R, F>(mut handler: impl FnMut(E) -> F) -> Result<(), Error>
where
    E: DeserializeOwned,
    R: Serialize,
    F: Future<Output = Result<R, Error>>,
{
    lambda_runtime::run(lambda_runtime::service_fn(|event: LambdaEvent<E>| handler(event.payload))).await
}

/// Passes each batch of a stream, with the request id of its invocation, to `handler` until Lambda ends the process.
pub async fn serve_stream<F>(handler: impl Fn(StreamEvent, String) -> F) -> Result<(), Error>
where
    F: Future<Output = DynamoDbEventResponse>,
{
    lambda_runtime::run(lambda_runtime::service_fn(|event: LambdaEvent<StreamEvent>| {
        let handled = handler(event.payload, event.context.request_id);
        async { Ok::<_, Error>(handled.await) }
    }))
    .await
}

async fn handle(adapter: &HttpAdapter, request: Request) -> Result<Response<Body>, Error> {
    let gateway = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => GatewayContext {
            request_id: context.request_id.clone().unwrap_or_default(),
            source_ip: context.http.source_ip.as_deref().and_then(|ip| ip.parse().ok()),
        },
        _ => GatewayContext { request_id: request.lambda_context().request_id, source_ip: None },
    };
    // lambda_http has already decoded a body that the gateway had encoded in base64.
    let request = request.map(|body| AxumBody::from(Bytes::from(body.to_vec())));
    Ok(adapter.handle(request, gateway).await.map(|body| Body::from(body.to_vec())))
}
