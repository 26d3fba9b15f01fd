//! What every function's main needs: configuration, clients, tracing, the HTTP adapter.
