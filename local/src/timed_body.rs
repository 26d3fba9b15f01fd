//! The body of a request, which must keep arriving while it is read.

use axum::body::{Bytes, HttpBody};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};

/// A body that tells when no byte of it has arrived for a while.
pub(crate) struct TimedBody {
    body: Pin<Box<dyn HttpBody<Data = Bytes, Error = axum::BoxError> + Send>>,
    timeout: Duration,
    timer: Pin<Box<Sleep>>,
    /// True while the timer runs: only while a reader waits.
    is_waiting: bool,
    stalled: Option<oneshot::Sender<()>>,
}

impl TimedBody {
    /// Wraps `body`. The future that is returned too completes when the body stalls, and otherwise never.
    pub(crate) fn new<B>(body: B, timeout: Duration) -> (Self, impl Future<Output = ()> + Send)
    where
        B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let body = Box::pin(body.map_err(Into::into));
        let timer = Box::pin(tokio::time::sleep(timeout));
        let timed = Self { body, timeout, timer, is_waiting: false, stalled: Some(sender) };
        let stalled = async {
            if receiver.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        (timed, stalled)
    }
}

impl HttpBody for TimedBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        if let Poll::Ready(frame) = self.body.as_mut().poll_frame(context) {
            self.is_waiting = false;
            return Poll::Ready(frame);
        }
        if !std::mem::replace(&mut self.is_waiting, true) {
            let deadline = Instant::now() + self.timeout;
            self.timer.as_mut().reset(deadline);
        }
        if self.stalled.is_some() {
            std::task::ready!(self.timer.as_mut().poll(context));
        }
        if let Some(stalled) = self.stalled.take() {
            let _ = stalled.send(());
        }
        // Not an error, which the reader would respond to: whoever waits for the stall drops the reader.
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
