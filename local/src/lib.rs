#![doc = include_str!("../README.md")]

mod banner;
mod data_folder;
mod demo_credentials;
mod demo_data;
mod error;
mod gateway;
mod local_server;
mod master_keys;
mod private_file;
mod reenqueue;
mod server_options;
mod temp_dir;
mod timing;
mod uploads;
mod wiring;

pub use data_folder::open_store;
pub use demo_credentials::DemoCredentials;
pub use error::StartError;
pub use gateway::ServedRoute;
pub use local_server::LocalServer;
pub use private_file::write_private;
pub use server_options::{QueueDecorator, ServerOptions};
pub use temp_dir::TempDir;
