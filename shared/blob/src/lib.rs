//! Files apart from the tables: S3 when deployed, a folder locally, and the expiring links to them.
//!
//! The house hands out links and never bytes. A link to put a file says what the file must be, to the byte: S3 holds
//! an upload to what was signed, locally [`Blobs::receive`] does. A file is put once; nothing replaces it.

mod blob_key;
mod local_links;
mod presigned;
mod receive;

pub use blob_key::BlobKey;
pub use local_links::{LinkError, LocalLinks};
pub use presigned::Bucket;
pub use receive::ReceiveError;

use bytes::Bytes;
use domain::Timestamp;
use domain::file::{FileHash, FileType};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use presigned::PresignedLinks;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a link works, to read or to put: long enough for a person with a slow line, too short to be passed on.
pub const LINK_LIFETIME: Duration = Duration::from_mins(15);

/// Where files on their way in lie locally.
const UPLOADS_FOLDER: &str = "uploading";

/// What a file must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredUpload {
    /// What it is.
    pub content_type: FileType,
    /// How many bytes it has.
    pub size: u64,
    /// What they hash to, if that was said.
    pub sha256: Option<FileHash>,
}

/// Where and how a file is put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadLink {
    /// Where.
    pub url: String,
    /// What must be sent with it.
    pub headers: BTreeMap<String, String>,
    /// Until when.
    pub expires_at: Timestamp,
}

/// A file as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// How many bytes it has.
    pub size: u64,
    /// What they hash to.
    pub sha256: FileHash,
}

/// A file that is being read.
pub struct FileStream {
    /// How many bytes it has.
    pub size: u64,
    /// The bytes.
    pub bytes: BoxStream<'static, Result<Bytes, BlobError>>,
}

/// Files could not be reached. None of it is the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The place of files answered with an error, or not at all.
    #[error("files are unavailable: {0}")]
    Unavailable(String),
    /// The place of files cannot be used as it is configured.
    #[error("files cannot be used: {0}")]
    Unusable(String),
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        // Keys hold ids and nothing of a person.
        Self::Unavailable(error.to_string())
    }
}

enum Links {
    Presigned(PresignedLinks),
    Signed(LocalLinks),
}

/// The place of files. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    links: Arc<Links>,
}

impl Blobs {
    /// Files in a bucket of S3.
    pub fn in_bucket(bucket: Bucket) -> Result<Self, BlobError> {
        let objects = Arc::new(bucket.store()?);
        Ok(Self { objects, links: Arc::new(Links::Presigned(PresignedLinks::new(bucket))) })
    }

    /// Files in a folder, behind the house's own links. What was on its way in when the house ended is gone.
    pub fn in_folder(folder: &std::path::Path, links: LocalLinks) -> Result<Self, BlobError> {
        let unusable = |error: std::io::Error| BlobError::Unusable(error.to_string());
        let uploading = folder.join(UPLOADS_FOLDER);
        if uploading.exists() {
            std::fs::remove_dir_all(&uploading).map_err(unusable)?;
        }
        std::fs::create_dir_all(&uploading).map_err(unusable)?;
        let objects =
            LocalFileSystem::new_with_prefix(folder).map_err(|error| BlobError::Unusable(error.to_string()))?;
        Ok(Self { objects: Arc::new(objects), links: Arc::new(Links::Signed(links)) })
    }

    /// A link to put what was declared under `key`, once.
    pub fn upload_link(&self, key: &BlobKey, declared: &DeclaredUpload, now: Timestamp) -> UploadLink {
        match &*self.links {
            Links::Presigned(links) => links.upload(key, declared, now),
            Links::Signed(links) => links.upload(key, declared, now),
        }
    }

    /// A link to read what lies under `key`.
    pub fn download_link(&self, key: &BlobKey, content_type: FileType, now: Timestamp) -> String {
        match &*self.links {
            Links::Presigned(links) => links.download(key, now),
            Links::Signed(links) => links.download(key, content_type, now),
        }
    }

    /// Stores what the house itself has made; what lay there before is replaced.
    pub async fn put(&self, key: &BlobKey, content_type: FileType, bytes: Bytes) -> Result<(), BlobError> {
        let mut attributes = object_store::Attributes::new();
        // Folders keep no types; the link that reads says it.
        if matches!(&*self.links, Links::Presigned(_)) {
            attributes.insert(object_store::Attribute::ContentType, content_type.name().into());
        }
        let options = PutOptions { mode: PutMode::Overwrite, attributes, ..PutOptions::default() };
        self.objects.put_opts(&path_of(key), bytes.into(), options).await?;
        Ok(())
    }

    /// The file under `key`, if there is one.
    pub async fn read(&self, key: &BlobKey) -> Result<Option<FileStream>, BlobError> {
        match self.objects.get(&path_of(key)).await {
            Ok(found) => {
                let size = found.meta.size;
                Ok(Some(FileStream { size, bytes: found.into_stream().map_err(BlobError::from).boxed() }))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What lies under `key`, hashed piece by piece.
    pub async fn find(&self, key: &BlobKey) -> Result<Option<StoredFile>, BlobError> {
        let Some(mut reading) = self.read(key).await? else { return Ok(None) };
        let mut hash = Sha256::new();
        while let Some(bytes) = reading.bytes.try_next().await? {
            hash.update(&bytes);
        }
        Ok(Some(StoredFile { size: reading.size, sha256: FileHash::from_bytes(hash.finalize().into()) }))
    }

    /// Removes the file under `key`; that there is none is as good.
    pub async fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        match self.objects.delete(&path_of(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn path_of(key: &BlobKey) -> Path {
    Path::from(key.as_str())
}
