//! The routes of a function: its router, and the list of what it serves.

use crate::location::LocationTemplate;
use crate::request_context::RequestContext;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::handler::Handler;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{self, MethodRouter};
use contract::{Deprecation, profile};
use domain::Contract;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// A method and path that a function serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: Method,
    /// The path, with `{id}` for a variable segment.
    pub path: String,
}

/// The routes of a function, each named once. Gateway, tests and documents read the list of them.
pub struct Routes<S> {
    router: Router<S>,
    routes: Vec<Route>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self { router: Router::new(), routes: Vec::new() }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Returns no routes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves `GET` of `path` under the base path of `contract`.
    pub fn get<H: Handler<T, S>, T: 'static>(self, contract: Contract, path: &str, handler: H) -> Self {
        self.route(Method::GET, contract, path, routing::get(handler))
    }

    /// Serves `GET` of `path`, which is under no contract's base path.
    pub fn get_outside_contracts<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.add(Method::GET, path.to_owned(), routing::get(handler), None)
    }

    /// Serves `POST` of `path` under the base path of `contract`.
    pub fn post<H: Handler<T, S>, T: 'static>(self, contract: Contract, path: &str, handler: H) -> Self {
        self.route(Method::POST, contract, path, routing::post(handler))
    }

    /// Serves `POST` of `path` like [`post`](Self::post). A 201 response gets a `Location` below the same base path:
    /// `location` with `{field}` replaced by that field of the response, such as `/leads/{id}`.
    pub fn post_creating<H: Handler<T, S>, T: 'static>(
        self,
        contract: Contract,
        path: &str,
        handler: H,
        location: &'static str,
    ) -> Self {
        let location = LocationTemplate { base_path: profile(contract).base_path(), template: location };
        // Around the handler, so that a replay has the header too.
        let add_location =
            move |request: Request, next: Next| async move { location.add_to(next.run(request).await).await };
        self.route(Method::POST, contract, path, routing::post(handler).route_layer(middleware::from_fn(add_location)))
    }

    /// Serves `PATCH` of `path` under the base path of `contract`.
    pub fn patch<H: Handler<T, S>, T: 'static>(self, contract: Contract, path: &str, handler: H) -> Self {
        self.route(Method::PATCH, contract, path, routing::patch(handler))
    }

    /// Serves `DELETE` of `path` under the base path of `contract`.
    pub fn delete<H: Handler<T, S>, T: 'static>(self, contract: Contract, path: &str, handler: H) -> Self {
        self.route(Method::DELETE, contract, path, routing::delete(handler))
    }

    /// Serves a method of `path` under the base path of `contract`. Responses announce that it will end if the
    /// contract's profile says so.
    fn route(self, method: Method, contract: Contract, path: &str, handler: MethodRouter<S>) -> Self {
        let profile = profile(contract);
        let deprecation = profile.deprecation(&method.as_str().to_ascii_lowercase(), path);
        self.add(method, format!("{}{path}", profile.base_path()), handler, deprecation)
    }

    /// The router merges what is served under one path.
    fn add(
        mut self,
        method: Method,
        path: String,
        mut handler: MethodRouter<S>,
        deprecation: Option<&Deprecation>,
    ) -> Self {
        if let Some(values) = deprecation.and_then(Deprecation::header_values) {
            let headers: HeaderMap = Deprecation::HEADERS.into_iter().zip(values).filter_map(header).collect();
            handler = handler.route_layer(middleware::from_fn_with_state(headers, add_headers));
        }
        self.router = self.router.route(&path, handler);
        self.routes.push(Route { method, path });
        self
    }

    /// Returns what is served.
    pub fn served(&self) -> &[Route] {
        &self.routes
    }

    /// Returns the router with its state.
    pub fn with(self, state: S) -> Router {
        self.router.route_layer(middleware::from_fn(record_route)).with_state(state)
    }
}

fn header((name, value): (&str, String)) -> Option<(HeaderName, HeaderValue)> {
    Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
}

/// Adds headers to every response of a route, errors too.
async fn add_headers(State(headers): State<HeaderMap>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().extend(headers);
    response
}

/// Records the route that a request matched, for the log: unlike the path, it names nobody.
async fn record_route(request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    if let (Some(context), Some(path)) = (extensions.get::<RequestContext>(), extensions.get::<MatchedPath>()) {
        let _ = context.route.set(path.as_str().to_owned());
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http::StatusCode;
    use tower::ServiceExt;

    #[tokio::test]
    async fn deprecated_routes_announce_their_end() {
        let days = ["2026-01-01", "2027-11-06"].map(|day| day.parse().expect("a day"));
        let old = Deprecation { method: "get", path: "/old", since: days[0], sunset: days[1] };
        let failing = || routing::get(|| async { StatusCode::NOT_FOUND });
        let routes = Routes::<()>::new().add(Method::GET, "/v2/old".to_owned(), failing(), Some(&old)).add(
            Method::GET,
            "/v2/new".to_owned(),
            failing(),
            None,
        );
        let router = routes.with(());
        let get = async |path: &str| {
            let request = http::Request::get(path).body(Body::empty()).expect("a request");
            let response = router.clone().oneshot(request).await.expect("a response");
            Deprecation::HEADERS
                .map(|name| response.headers().get(name).map(|value| value.to_str().unwrap_or("").to_owned()))
        };
        let announced = ["@1767225600", "Sat, 06 Nov 2027 00:00:00 GMT"].map(|text| Some(text.to_owned()));
        assert_eq!(get("/v2/old").await, announced);
        assert_eq!(get("/v2/new").await, [None, None]);
    }
}
