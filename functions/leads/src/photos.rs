//! Photos that come with leads: read and written anew beside the calls, kept apart, shown by expiring links.

use api::ApiError;
use blob::{BlobError, BlobKey, Blobs};
use contract::{ErrorKind, lead_rescue};
use domain::file::FileType;
use domain::leads::Photo;
use domain::{Environment, Lead, PhotoId, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Pictures that are decoded at once: one may take half a gigabyte.
const AT_ONCE: usize = 2;

/// What every photo is once it has been written anew.
pub(crate) const WRITTEN: FileType = FileType::Jpeg;

/// Where photos lie, and who may decode one. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Photos {
    blobs: Blobs,
    turns: Arc<Semaphore>,
}

impl Photos {
    pub(crate) fn new(blobs: Blobs) -> Self {
        Self { blobs, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The picture that `base64` holds, as it is kept. It takes a processor's time, so it is done beside the calls.
    pub(crate) async fn read(&self, base64: String) -> Result<Vec<u8>, ApiError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| ApiError::internal("no turns to decode a picture"))?;
        let cleaned = tokio::task::spawn_blocking(move || {
            // To the end of the work, though the caller may be gone.
            let _turn = turn;
            photo::reencode(&photo::decode_base64(&base64)?)
        });
        let error = match cleaned.await {
            Ok(Ok(picture)) => return Ok(picture),
            Ok(Err(error)) => error,
            Err(_) => {
                tracing::error!("a picture broke its decoder");
                photo::PhotoError::Corrupt
            }
        };
        Err(ErrorKind::field(lead_rescue::PHOTO, error.to_string()).into())
    }

    /// Puts a picture in its place; the same one may lie there already.
    pub(crate) async fn put(&self, environment: Environment, photo: &Photo, picture: Vec<u8>) -> Result<(), ApiError> {
        let key = BlobKey::of_photo(environment, photo.id);
        self.blobs.put(&key, photo.content_type, picture.into()).await.map_err(|error| unreachable(&error))
    }

    /// Removes a photo that no lead names. What cannot be removed now the bucket removes in time.
    pub(crate) async fn remove(&self, environment: Environment, photo: PhotoId) {
        if let Err(error) = self.blobs.delete(&BlobKey::of_photo(environment, photo)).await {
            tracing::error!(%error, "a photo without a lead was not removed");
        }
    }

    /// A link to the lead's photo, if it has one.
    pub(crate) fn link(&self, environment: Environment, lead: &Lead, now: Timestamp) -> Option<String> {
        Some(self.link_to(environment, lead.photo.as_ref()?, now))
    }

    /// A link to a photo.
    pub(crate) fn link_to(&self, environment: Environment, photo: &Photo, now: Timestamp) -> String {
        self.blobs.download_link(&BlobKey::of_photo(environment, photo.id), photo.content_type, now)
    }
}

fn unreachable(error: &BlobError) -> ApiError {
    tracing::error!(%error, "photos cannot be reached");
    ApiError::retry_after(ErrorKind::Unavailable, Duration::from_secs(1))
}
