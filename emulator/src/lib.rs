#![doc = include_str!("../README.md")]

mod database;
mod file_server;
mod queue;
mod stream;
mod stream_filter;
mod upload_slots;

pub use database::{CapacityMeter, Database, DatabaseError, FaultInjector};
pub use file_server::{FileServer, Upload, UploadError, UploadHandler, UploadState};
pub use queue::LocalQueue;
pub use stream::StreamReader;
pub use upload_slots::UploadSlots;
