//! Storage of parked stream records: a prefix of an S3 bucket, or a folder.
//!
//! It is apart from the files of callers: nothing links to it, and its objects expire after 14 days.

use crate::bucket::Bucket;
use crate::error::BlobError;
use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::fmt;
use std::sync::Arc;

/// Prefix of all parked records. Part of stored names, so it never changes. In the same bucket, Lambda itself stores
/// records that have become too old, under [`UNDISPATCHED_PREFIX`].
const PREFIX: &str = "parked";

/// Prefix of the batches that Lambda stores because they have become too old. Set by Lambda.
const UNDISPATCHED_PREFIX: &str = "aws/lambda";

/// The name of a parked record, `parked/<consumer>/<sequence number>-<beginning of its SHA-256>.json`, or of a batch that
/// Lambda has stored, `aws/lambda/<event source mapping>/<shard>/<time>-<id>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ParkedName(String);

impl ParkedName {
    /// Returns the name of a record of a consumer; `id` must be made of letters, digits and hyphens. A record that is
    /// parked again has the same name.
    pub fn new(consumer: &str, id: &str) -> Self {
        Self(format!("{PREFIX}/{consumer}/{id}.json"))
    }

    /// Returns the text of the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ParkedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The storage of parked records. Cheap to clone.
#[derive(Clone)]
pub struct ParkedRecords {
    objects: Arc<dyn ObjectStore>,
}

impl ParkedRecords {
    /// Returns the storage in an S3 bucket.
    pub fn in_bucket(bucket: &Bucket) -> Result<Self, BlobError> {
        Ok(Self { objects: Arc::new(bucket.store()?) })
    }

    /// Returns the storage in a folder, which is created if necessary.
    pub fn in_folder(folder: &std::path::Path) -> Result<Self, BlobError> {
        std::fs::create_dir_all(folder).map_err(|error| BlobError::Misconfigured(error.to_string()))?;
        let objects =
            LocalFileSystem::new_with_prefix(folder).map_err(|error| BlobError::Misconfigured(error.to_string()))?;
        Ok(Self { objects: Arc::new(objects) })
    }

    /// Stores a record. One that is parked under the same name already is replaced.
    pub async fn put(&self, name: &ParkedName, json: Bytes) -> Result<(), BlobError> {
        self.objects.put(&Path::from(name.as_str()), json.into()).await?;
        Ok(())
    }

    /// Lists all parked records of a consumer, in the order of their sequence numbers.
    pub async fn list(&self, consumer: &str) -> Result<Vec<ParkedName>, BlobError> {
        let mut names = self.names(&format!("{PREFIX}/{consumer}")).await?;
        // Sequence numbers are decimal numbers of unequal length: of two, the shorter one is smaller.
        names.sort_by(|left, right| (left.0.len(), &left.0).cmp(&(right.0.len(), &right.0)));
        Ok(names)
    }

    /// Lists all batches that Lambda has stored because they had become too old, in the order of their names: those of
    /// one shard by their time.
    pub async fn list_undispatched(&self) -> Result<Vec<ParkedName>, BlobError> {
        let mut names = self.names(UNDISPATCHED_PREFIX).await?;
        names.sort();
        Ok(names)
    }

    async fn names(&self, prefix: &str) -> Result<Vec<ParkedName>, BlobError> {
        let names = self.objects.list(Some(&Path::from(prefix)));
        Ok(names.map_ok(|found| ParkedName(found.location.to_string())).try_collect().await?)
    }

    /// Reads a parked record or a stored batch, if it still exists.
    pub async fn read(&self, name: &ParkedName) -> Result<Option<Bytes>, BlobError> {
        match self.objects.get(&Path::from(name.as_str())).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a parked record or a stored batch. Succeeds if there is none.
    pub async fn delete(&self, name: &ParkedName) -> Result<(), BlobError> {
        match self.objects.delete(&Path::from(name.as_str())).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn records_are_listed_by_consumer_and_number() {
        let folder = tempfile::tempdir().expect("a folder");
        let parked = ParkedRecords::in_folder(&folder.path().join("parked")).expect("a storage");
        assert_eq!(parked.list("dispatch").await.expect("listed"), []);
        let name = |consumer: &str, number: u32| ParkedName::new(consumer, &format!("{number}-0123456789abcdef"));
        for (consumer, number) in [("dispatch", 100), ("dispatch", 9), ("bookkeeping", 1), ("dispatch", 11)] {
            parked.put(&name(consumer, number), Bytes::from(number.to_string())).await.expect("put");
        }
        let expected = [9, 11, 100].map(|number| name("dispatch", number));
        assert_eq!(parked.list("dispatch").await.expect("listed"), expected);
        assert_eq!(parked.read(&expected[2]).await.expect("read").as_deref(), Some(&b"100"[..]));
        parked.delete(&expected[2]).await.expect("deleted");
        parked.delete(&expected[2]).await.expect("deleted again");
        assert_eq!(parked.read(&expected[2]).await.expect("read"), None);
        assert_eq!(parked.list("dispatch").await.expect("listed").len(), 2);
    }

    #[tokio::test]
    async fn batches_of_lambda_are_listed_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let parked = ParkedRecords::in_folder(folder.path()).expect("a storage");
        let batch = ParkedName("aws/lambda/mapping/shardId-1/2026/11/29/2026-11-29T10.00.00-id".to_owned());
        for name in [&batch, &ParkedName::new("dispatch", "1-0123456789abcdef")] {
            parked.put(name, Bytes::from_static(b"{}")).await.expect("put");
        }
        assert_eq!(parked.list_undispatched().await.expect("listed"), [batch]);
    }
}
