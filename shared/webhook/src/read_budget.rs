//! A limit on how many bytes a receiver can make the sender read.
//!
//! The HTTP parser bounds response heads and the sender bounds bodies, but some bytes belong to neither: leading zeros
//! of a chunk size, empty TLS records, interim responses. The limit is therefore enforced on the raw TCP stream, below
//! TLS and HTTP, where nothing can bypass it. A connection shares its [`ReadBudget`] with its stream and resets it
//! before each request, so that a reused connection starts with a full budget.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The number of bytes that may still be read from a connection. Clones share the same counter.
#[derive(Clone, Debug)]
pub(crate) struct ReadBudget(Arc<AtomicUsize>);

impl ReadBudget {
    /// Creates a budget of `bytes`.
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// Sets the remaining budget to `bytes`, whatever was left.
    pub(crate) fn reset(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// Subtracts `bytes`, down to zero: the last read may have returned more than was left.
    fn consume(&self, bytes: usize) {
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(bytes)));
    }

    /// Returns the number of bytes that may still be read.
    pub(crate) fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn is_exhausted(&self) -> bool {
        self.left() == 0
    }
}

/// A stream whose reads fail once its budget is exhausted. Writes are not limited.
pub(crate) struct BudgetedStream<I> {
    stream: I,
    read_budget: ReadBudget,
}

impl<I> BudgetedStream<I> {
    pub(crate) fn new(stream: I, read_budget: ReadBudget) -> Self {
        Self { stream, read_budget }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for BudgetedStream<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read_budget.is_exhausted() {
            return Poll::Ready(Err(io::Error::other("the receiver sent too many bytes")));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.read_budget.consume(buffer.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for BudgetedStream<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
