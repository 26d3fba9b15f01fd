//! HTTP functions under Lambda, behind an HTTP API of API Gateway.

use crate::http_adapter::{GatewayContext, HttpAdapter};
use axum::body::Body as AxumBody;
use bytes::Bytes;
use lambda_http::request::RequestContext;
use lambda_http::{Body, Error, Request, RequestExt, Response, service_fn};

/// Serves `adapter` until Lambda ends the process.
pub async fn serve(adapter: HttpAdapter) -> Result<(), Error> {
    lambda_http::run(service_fn(|request: Request| answer(&adapter, request))).await
}

async fn answer(adapter: &HttpAdapter, request: Request) -> Result<Response<Body>, Error> {
    let gateway = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => GatewayContext {
            request_id: context.request_id.clone().unwrap_or_default(),
            source_ip: context.http.source_ip.as_deref().and_then(|ip| ip.parse().ok()),
        },
        _ => GatewayContext { request_id: request.lambda_context().request_id, source_ip: None },
    };
    // The adapter has undone the gateway's base64 already.
    let request = request.map(|body| AxumBody::from(Bytes::from(body.to_vec())));
    Ok(adapter.handle(request, gateway).await.map(|body| Body::from(body.to_vec())))
}
