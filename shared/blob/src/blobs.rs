//! The file storage: an S3 bucket or a folder, behind one type.

use crate::blob_key::BlobKey;
use crate::bucket::Bucket;
use crate::error::BlobError;
use crate::links::{DeclaredUpload, UploadLink};
use crate::local_links::LocalLinks;
use crate::presigned_links::PresignedLinks;
use bytes::Bytes;
use domain::Timestamp;
use domain::file::{FileHash, FileType};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The folder for local uploads that have not been completed.
pub(crate) const UPLOADS_FOLDER: &str = "uploading";

/// A stored file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// The length, in bytes.
    pub size: u64,
    /// The SHA-256.
    pub sha256: FileHash,
}

/// A stored file whose content is being read.
pub struct FileStream {
    /// The length, in bytes.
    pub size: u64,
    /// The content.
    pub bytes: BoxStream<'static, Result<Bytes, BlobError>>,
}

/// The signer of links.
enum Links {
    Presigned(PresignedLinks),
    Local(LocalLinks),
}

/// The file storage. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    pub(crate) objects: Arc<dyn ObjectStore>,
    links: Arc<Links>,
}

impl Blobs {
    /// Returns a storage in an S3 bucket.
    pub fn in_bucket(bucket: Bucket) -> Result<Self, BlobError> {
        let objects = Arc::new(bucket.store()?);
        Ok(Self { objects, links: Arc::new(Links::Presigned(PresignedLinks::new(bucket))) })
    }

    /// Returns a storage in a local folder, with links that the local server checks itself. Uploads that an earlier
    /// process has not completed are deleted.
    pub fn in_folder(folder: &std::path::Path, links: LocalLinks) -> Result<Self, BlobError> {
        let misconfigured = |error: std::io::Error| BlobError::Misconfigured(error.to_string());
        let uploading = folder.join(UPLOADS_FOLDER);
        if uploading.exists() {
            std::fs::remove_dir_all(&uploading).map_err(misconfigured)?;
        }
        std::fs::create_dir_all(&uploading).map_err(misconfigured)?;
        let objects =
            LocalFileSystem::new_with_prefix(folder).map_err(|error| BlobError::Misconfigured(error.to_string()))?;
        Ok(Self { objects: Arc::new(objects), links: Arc::new(Links::Local(links)) })
    }

    /// Returns a link to upload the declared file under `key`, once.
    pub fn upload_link(&self, key: &BlobKey, declared: &DeclaredUpload, now: Timestamp) -> UploadLink {
        match &*self.links {
            Links::Presigned(links) => links.upload(key, declared, now),
            Links::Local(links) => links.upload(key, declared, now),
        }
    }

    /// Returns a link to download the file under `key`.
    pub fn download_link(&self, key: &BlobKey, content_type: FileType, now: Timestamp) -> String {
        match &*self.links {
            Links::Presigned(links) => links.download(key, now),
            Links::Local(links) => links.download(key, content_type, now),
        }
    }

    /// Stores a file that Leadhouse itself has made. An existing file is replaced.
    pub async fn put(&self, key: &BlobKey, content_type: FileType, bytes: Bytes) -> Result<(), BlobError> {
        let mut attributes = object_store::Attributes::new();
        // A folder stores no types; there the download link carries it.
        if matches!(&*self.links, Links::Presigned(_)) {
            attributes.insert(object_store::Attribute::ContentType, content_type.name().into());
        }
        let options = PutOptions { mode: PutMode::Overwrite, attributes, ..PutOptions::default() };
        self.objects.put_opts(&path_of(key), bytes.into(), options).await?;
        Ok(())
    }

    /// Opens the file under `key`, if it exists.
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

    /// Reads the whole file under `key`, if it exists and is not larger than `max_bytes`.
    pub async fn read_whole(&self, key: &BlobKey, max_bytes: u64) -> Result<Option<Vec<u8>>, BlobError> {
        let Some(mut file) = self.read(key).await?.filter(|file| file.size <= max_bytes) else { return Ok(None) };
        let mut whole = Vec::with_capacity(usize::try_from(file.size).unwrap_or(0));
        while let Some(bytes) = file.bytes.try_next().await? {
            whole.extend_from_slice(&bytes);
        }
        Ok(Some(whole))
    }

    /// Returns the length and SHA-256 of the file under `key`, if it exists. The content is hashed as it is read.
    pub async fn find(&self, key: &BlobKey) -> Result<Option<StoredFile>, BlobError> {
        let Some(mut file) = self.read(key).await? else { return Ok(None) };
        let mut hash = Sha256::new();
        while let Some(bytes) = file.bytes.try_next().await? {
            hash.update(&bytes);
        }
        Ok(Some(StoredFile { size: file.size, sha256: FileHash::from_bytes(hash.finalize().into()) }))
    }

    /// Deletes the file under `key`. Succeeds if there is none.
    pub async fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        match self.objects.delete(&path_of(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Returns the path of `key` in the storage.
pub(crate) fn path_of(key: &BlobKey) -> Path {
    Path::from(key.as_str())
}
