//! Receiving an upload locally, with the checks that S3 makes when deployed.
//!
//! The file is streamed to a temporary name while its length and hash are checked, and moved to its key in one step
//! once it is complete and as declared. Readers therefore never see a part of a file, and of two concurrent uploads one
//! wins.

use crate::blob_key::BlobKey;
use crate::blobs::{Blobs, StoredFile, UPLOADS_FOLDER, path_of};
use crate::error::BlobError;
use crate::links::DeclaredUpload;
use bytes::Bytes;
use domain::file::FileHash;
use futures_util::{Stream, StreamExt};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt};
use sha2::{Digest, Sha256};

/// An upload was rejected. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The file has more bytes than declared.
    #[error("the file is larger than declared")]
    TooLarge,
    /// The file has fewer bytes than declared, or the caller disconnected.
    #[error("the file ended before its declared size")]
    Incomplete,
    /// The file's SHA-256 differs from the declared one.
    #[error("the file's SHA-256 differs from the declared one")]
    HashMismatch,
    /// A file exists under the key already.
    #[error("the file has been uploaded already")]
    AlreadyUploaded,
    /// The file storage failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl From<object_store::Error> for ReceiveError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::AlreadyExists { .. } => Self::AlreadyUploaded,
            error => Self::Blob(error.into()),
        }
    }
}

impl Blobs {
    /// Stores `body` under `key`, if it is as declared and no file exists there.
    pub async fn receive<E: Send>(
        &self,
        key: &BlobKey,
        declared: &DeclaredUpload,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<StoredFile, ReceiveError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)
            .map_err(|_| BlobError::Unavailable("the system's random number generator failed".to_owned()))?;
        let temporary = Path::from(format!("{UPLOADS_FOLDER}/{}", hex::encode(random)));
        let mut upload = self.objects.put_multipart(&temporary).await?;
        let found = match write(&mut *upload, declared, body).await {
            Ok(found) => found,
            Err(error) => {
                upload.abort().await?;
                return Err(error);
            }
        };
        upload.complete().await?;
        let moved = self.objects.copy_if_not_exists(&temporary, &path_of(key)).await;
        self.objects.delete(&temporary).await?;
        moved?;
        Ok(found)
    }
}

/// Writes `body` to `upload` while checking it against `declared`.
async fn write<E: Send>(
    upload: &mut dyn MultipartUpload,
    declared: &DeclaredUpload,
    body: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<StoredFile, ReceiveError> {
    let mut hash = Sha256::new();
    let mut size: u64 = 0;
    let mut body = std::pin::pin!(body);
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| ReceiveError::Incomplete)?;
        size += piece.len() as u64;
        if size > declared.size {
            return Err(ReceiveError::TooLarge);
        }
        hash.update(&piece);
        upload.put_part(piece.into()).await?;
    }
    if size < declared.size {
        return Err(ReceiveError::Incomplete);
    }
    let sha256 = FileHash::from_bytes(hash.finalize().into());
    if declared.sha256.as_ref().is_some_and(|declared| *declared != sha256) {
        return Err(ReceiveError::HashMismatch);
    }
    Ok(StoredFile { size, sha256 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local_links::LocalLinks;
    use domain::file::FileType;
    use domain::{Environment, EvidenceId, Mode, TenantId};
    use futures_util::stream;

    fn environment(mode: Mode) -> Environment {
        Environment { tenant: TenantId::derived(&[b"t"]), mode }
    }

    fn key(mode: Mode, name: &[u8]) -> BlobKey {
        BlobKey::of_evidence(environment(mode), EvidenceId::derived(&[name]))
    }

    fn pieces(pieces: &[Result<&'static str, ()>]) -> impl Stream<Item = Result<Bytes, ()>> + Send + use<> {
        stream::iter(
            pieces.iter().map(|piece| piece.map(|text| Bytes::from_static(text.as_bytes()))).collect::<Vec<_>>(),
        )
    }

    fn declared(size: u64) -> DeclaredUpload {
        DeclaredUpload { content_type: FileType::Text, size, sha256: None }
    }

    /// Returns the number of files in a folder and its subfolders.
    fn file_count(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").path())
            .map(|path| if path.is_dir() { file_count(&path) } else { 1 })
            .sum()
    }

    #[tokio::test]
    async fn a_rejected_upload_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::in_folder(folder.path(), LocalLinks::new("", [0; 32])).expect("blobs");
        let key = key(Mode::Live, b"a");
        let receive = |declared: DeclaredUpload, sent: &[Result<&'static str, ()>]| {
            let (blobs, key, sent) = (blobs.clone(), key.clone(), pieces(sent));
            async move { blobs.receive(&key, &declared, sent).await }
        };
        assert!(matches!(receive(declared(4), &[Ok("abc"), Ok("de")]).await, Err(ReceiveError::TooLarge)));
        assert!(matches!(receive(declared(6), &[Ok("abc"), Ok("de")]).await, Err(ReceiveError::Incomplete)));
        assert!(matches!(receive(declared(5), &[Ok("abc"), Err(())]).await, Err(ReceiveError::Incomplete)));
        let other = Some(FileHash::from_bytes([1; 32]));
        let other = DeclaredUpload { sha256: other, ..declared(5) };
        assert!(matches!(receive(other, &[Ok("abcde")]).await, Err(ReceiveError::HashMismatch)));
        assert_eq!(file_count(folder.path()), 0);

        let found = receive(declared(5), &[Ok("abc"), Ok("de")]).await.expect("received");
        assert_eq!(found.sha256.as_str(), "36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c");
        assert!(matches!(receive(declared(5), &[Ok("xyzzy")]).await, Err(ReceiveError::AlreadyUploaded)));
        assert_eq!(blobs.find(&key).await.expect("reached"), Some(found));
        assert_eq!(file_count(folder.path()), 1);
    }

    #[tokio::test]
    async fn delete_removes_one_file_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::in_folder(folder.path(), LocalLinks::new("", [0; 32])).expect("blobs");
        let all = [key(Mode::Live, b"a"), key(Mode::Live, b"b"), key(Mode::Test, b"c"), key(Mode::Test, b"d")];
        for key in &all {
            blobs.put(key, FileType::Text, Bytes::from_static(b"x")).await.expect("put");
        }
        blobs.delete(&all[0]).await.expect("deleted");
        blobs.delete(&all[0]).await.expect("deleted again");
        let left = [false, true, true, true];
        for (key, left) in all.iter().zip(left) {
            assert_eq!(blobs.find(key).await.expect("reached").is_some(), left, "{key}");
        }
    }
}
