//! The whole house in one process, and the operator's command line.
//!
//! DynamoDB is embedded and the real SDK talks to it; the stream, the queue and the sweep are loops that call the
//! handlers that Lambda would call. Nothing in `functions/` or `shared/` knows about it.

mod credentials;
mod database;
mod demo;
mod files;
mod gateway;
mod greeting;
mod house;
mod master;
mod operator;
mod passing;
mod queue;
mod stream;

pub use credentials::Credentials;
pub use database::{Database, Faults, Meter};
pub use house::{House, Options, Served, Wrapped};
pub use master::write_private;
pub use operator::{KeyCommand, Operator, Place, TenantCommand};
pub use passing::PassingFolder;
pub use queue::LocalQueue;
