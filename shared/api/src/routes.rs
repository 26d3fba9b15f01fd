//! A function's routes: the router, and the list of what it serves.

use axum::Router;
use axum::routing::MethodRouter;
use domain::Contract;
use http::Method;

/// One thing that can be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// How.
    pub method: Method,
    /// Where, with `{id}` for what varies.
    pub path: String,
}

/// Routes on their way to a router. What is served is also told, so that gateway, tests and documents agree with it.
pub struct Routes<S> {
    router: Router<S>,
    served: Vec<Route>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self { router: Router::new(), served: Vec::new() }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves these methods of `path` under `contract`'s base path.
    pub fn serve(mut self, contract: Contract, path: &str, methods: &[Method], handler: MethodRouter<S>) -> Self {
        let path = format!("{}{path}", contract.base_path());
        self.router = self.router.route(&path, handler);
        self.served.extend(methods.iter().map(|method| Route { method: method.clone(), path: path.clone() }));
        self
    }

    /// What is served.
    pub fn served(&self) -> &[Route] {
        &self.served
    }

    /// The router over `state`.
    pub fn with(self, state: S) -> Router {
        self.router.with_state(state)
    }
}
