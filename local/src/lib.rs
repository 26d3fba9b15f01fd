//! The whole house in one process, and the operator's command line.
//!
//! DynamoDB is embedded and the real SDK talks to it; the stream, the queue and the sweep are loops that call the
//! handlers that Lambda would call. Nothing in `functions/` or `shared/` knows about it.

mod banner;
mod credentials;
mod demo;
mod gateway;
mod local_server;
mod master;
mod operator;
mod temp_dir;
mod uploads;

pub use credentials::Credentials;
pub use local_server::{LocalServer, Served, ServerOptions, Wrapped};
pub use master::write_private;
pub use operator::{KeyCommand, Operator, Place, TenantCommand};
pub use temp_dir::TempDir;
