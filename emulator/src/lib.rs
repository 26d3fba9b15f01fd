#![doc = include_str!("../README.md")]

mod database;
mod file_server;
mod queue;
mod stream;
mod stream_filter;
mod stream_positions;
mod temporary_tables;
mod upload_slots;

pub use database::{CapacityMeter, Database, DatabaseError, Durability, FaultInjector};
pub use file_server::{FileServer, Upload, UploadError, UploadHandler, UploadState};
pub use queue::LocalQueue;
pub use stream::{StreamReader, StreamSettings};
pub use stream_filter::StreamFilter;
pub use temporary_tables::{TemporaryTables, TemporaryTablesError};
pub use upload_slots::UploadSlots;
