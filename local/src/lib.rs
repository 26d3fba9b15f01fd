#![doc = include_str!("../README.md")]

mod banner;
mod caller_address;
mod connection_count;
mod connection_io;
mod data_folder;
mod demo_credentials;
mod demo_data;
mod error;
mod folder_lock;
mod gateway;
mod http_limits;
mod local_server;
mod master_keys;
mod open_files;
mod permissions;
mod private_file;
mod reenqueue;
mod request_id;
mod server_options;
mod temp_dir;
mod timed_body;
mod timing;
mod uploads;
mod wiring;

pub use caller_address::parse_public_url;
pub use data_folder::{open_existing_store, open_store};
pub use demo_credentials::DemoCredentials;
pub use error::StartError;
pub use gateway::ServedRoute;
pub use http_limits::HttpLimits;
pub use local_server::LocalServer;
pub use open_files::raise_open_file_limit;
pub use permissions::restrict_new_files;
pub use private_file::write_private;
pub use server_options::{QueueDecorator, ServerOptions};
pub use temp_dir::TempDir;
