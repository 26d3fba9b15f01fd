//! The routes of a function: its router, and the list of what it serves.

use axum::Router;
use axum::handler::Handler;
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
        self.router.with_state(state)
    }
}
