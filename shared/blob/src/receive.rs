//! Receiving a file locally as S3 does: while it streams to its place, held to what was declared.

use crate::{BlobError, BlobKey, Blobs, DeclaredUpload, StoredFile, UPLOADS_FOLDER, path_of};
use bytes::Bytes;
use domain::file::FileHash;
use futures_util::{Stream, StreamExt};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt};
use sha2::{Digest, Sha256};

/// A file that was not received. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// It has more bytes than declared.
    #[error("the file is larger than declared")]
    TooLarge,
    /// It has fewer bytes than declared, or the caller broke off.
    #[error("the file ended before its declared size")]
    Incomplete,
    /// It hashes to something else than declared.
    #[error("the file's SHA-256 is another than declared")]
    HashMismatch,
    /// A file lies there already.
    #[error("a file was uploaded already")]
    AlreadyUploaded,
    /// The place of files failed.
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
    /// Stores what `body` brings under `key`, if it is what was declared and nothing lies there. It is written piece
    /// by piece beside its place, and moved there in one step once it is whole.
    pub async fn receive<E: Send>(
        &self,
        key: &BlobKey,
        declared: &DeclaredUpload,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<StoredFile, ReceiveError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|_| BlobError::Unavailable("no randomness".to_owned()))?;
        let beside = Path::from(format!("{UPLOADS_FOLDER}/{}", hex::encode(random)));
        let mut upload = self.objects.put_multipart(&beside).await?;
        let found = match write(&mut *upload, declared, body).await {
            Ok(found) => found,
            Err(refused) => {
                upload.abort().await?;
                return Err(refused);
            }
        };
        upload.complete().await?;
        let moved = self.objects.copy_if_not_exists(&beside, &path_of(key)).await;
        self.objects.delete(&beside).await?;
        moved?;
        Ok(found)
    }
}

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
    use crate::LocalLinks;
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

    fn everything(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").path())
            .map(|path| if path.is_dir() { everything(&path) } else { 1 })
            .sum()
    }

    #[tokio::test]
    async fn what_is_not_as_declared_leaves_nothing_behind() {
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
        assert_eq!(everything(folder.path()), 0);

        let found = receive(declared(5), &[Ok("abc"), Ok("de")]).await.expect("received");
        assert_eq!(found.sha256.as_str(), "36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c");
        assert!(matches!(receive(declared(5), &[Ok("xyzzy")]).await, Err(ReceiveError::AlreadyUploaded)));
        assert_eq!(blobs.find(&key).await.expect("reached"), Some(found));
        assert_eq!(everything(folder.path()), 1);
    }

    #[tokio::test]
    async fn one_file_is_removed_and_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::in_folder(folder.path(), LocalLinks::new("", [0; 32])).expect("blobs");
        let all = [key(Mode::Live, b"a"), key(Mode::Live, b"b"), key(Mode::Test, b"c"), key(Mode::Test, b"d")];
        for key in &all {
            blobs.put(key, FileType::Text, Bytes::from_static(b"x")).await.expect("put");
        }
        blobs.delete(&all[0]).await.expect("deleted");
        blobs.delete(&all[0]).await.expect("again, as good");
        let left = [false, true, true, true];
        for (key, left) in all.iter().zip(left) {
            assert_eq!(blobs.find(key).await.expect("reached").is_some(), left, "{key}");
        }
    }
}
