#![doc = include_str!("../README.md")]

mod blob_key;
mod blobs;
mod bucket;
mod error;
mod links;
mod local_links;
mod parked_records;
mod presigned_links;
mod receive;

pub use blob_key::BlobKey;
pub use blobs::{Blobs, FileStream, StoredFile};
pub use bucket::Bucket;
pub use error::BlobError;
pub use links::{DeclaredUpload, LINK_LIFETIME, UploadLink};
pub use local_links::{LinkError, LocalLinks};
pub use parked_records::{ParkedName, ParkedRecords};
pub use receive::ReceiveError;
