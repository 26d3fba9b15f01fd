//! The routes of a function: its router, and the list of what it serves.

use crate::location::LocationTemplate;
use crate::request_context::RequestContext;
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::handler::Handler;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{self, MethodRouter};
use contract::profile;
use domain::Contract;
use http::Method;

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

    /// The router merges what is served under one path.
    fn route(mut self, method: Method, contract: Contract, path: &str, handler: MethodRouter<S>) -> Self {
        let path = format!("{}{path}", profile(contract).base_path());
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

/// Records the route that a request matched, for the log: unlike the path, it names nobody.
async fn record_route(request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    if let (Some(context), Some(path)) = (extensions.get::<RequestContext>(), extensions.get::<MatchedPath>()) {
        let _ = context.route.set(path.as_str().to_owned());
    }
    next.run(request).await
}
