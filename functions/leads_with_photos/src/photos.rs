//! Photos of leads: decoded and encoded again without their metadata, stored as files, shown by expiring links.

use crate::photo_permits::PhotoPermits;
use api::ApiError;
use blob::{BlobError, BlobKey, Blobs};
use contract::{ErrorKind, lead_rescue};
use domain::file::FileType;
use domain::leads::Photo;
use domain::{Environment, Lead, PhotoId, TenantId, Timestamp};
use std::time::Duration;

/// Time after which a caller whose photo could not be decoded now may try again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The type of every stored photo, whatever type was sent.
pub(crate) const STORED_TYPE: FileType = FileType::Jpeg;

/// The photos of leads. Cheap to clone; clones share the permits to decode.
#[derive(Clone)]
pub(crate) struct Photos {
    blobs: Blobs,
    permits: PhotoPermits,
}

impl Photos {
    pub(crate) fn new(blobs: Blobs) -> Self {
        Self { blobs, permits: PhotoPermits::new() }
    }

    /// Decodes the photo in `base64` and returns it as it is stored. This takes processor time, so it runs on a thread
    /// that handles no requests. Fails if `tenant` has too many photos being decoded.
    pub(crate) async fn read(&self, tenant: TenantId, base64: String) -> Result<Vec<u8>, ApiError> {
        let permit = self.permits.acquire(tenant).await;
        let permit = permit.ok_or(ApiError::retry_after(ErrorKind::Unavailable, RETRY_AFTER))?;
        let span = tracing::Span::current();
        let cleaned = tokio::task::spawn_blocking(move || {
            // Held until the work ends, which goes on even if the request is cancelled.
            let _permit = permit;
            span.in_scope(|| photo::reencode(&photo::decode_base64(&base64)?))
        });
        let error = match cleaned.await {
            Ok(Ok(jpeg)) => return Ok(jpeg),
            Ok(Err(error)) => error,
            Err(_) => {
                tracing::error!("decoding a photo panicked");
                photo::PhotoError::Corrupt
            }
        };
        Err(ErrorKind::field(lead_rescue::LICENSE_PHOTO, error.to_string()).into())
    }

    /// Stores a photo. Storing it again has the same result.
    pub(crate) async fn put(&self, environment: Environment, photo: &Photo, jpeg: Vec<u8>) -> Result<(), ApiError> {
        let key = BlobKey::of_photo(environment, photo.id);
        self.blobs.put(&key, photo.content_type, jpeg.into()).await.map_err(|error| unavailable(&error))
    }

    /// Deletes a photo that no lead names. If that fails, the bucket's lifecycle rule deletes it later.
    pub(crate) async fn remove(&self, environment: Environment, photo: PhotoId) {
        if let Err(error) = self.blobs.delete(&BlobKey::of_photo(environment, photo)).await {
            tracing::error!(%error, "a photo without a lead was not deleted");
        }
    }

    /// Returns a link to the lead's photo, if it has one.
    pub(crate) fn link(&self, environment: Environment, lead: &Lead, now: Timestamp) -> Option<String> {
        Some(self.link_to(environment, lead.photo.as_ref()?, now))
    }

    /// Returns a link to a photo.
    pub(crate) fn link_to(&self, environment: Environment, photo: &Photo, now: Timestamp) -> String {
        self.blobs.download_link(&BlobKey::of_photo(environment, photo.id), photo.content_type, now)
    }
}

fn unavailable(error: &BlobError) -> ApiError {
    tracing::error!(%error, "the storage of photos is unavailable");
    ApiError::retry_after(ErrorKind::Unavailable, Duration::from_secs(1))
}
