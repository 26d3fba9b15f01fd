//! Hostile receivers: raw sockets that violate HTTP in some way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Behaviour of a hostile receiver on a connection.
#[derive(Clone, Debug)]
pub(crate) enum Misbehaviour {
    /// Closes the connection before reading anything: the sender's write meets a reset.
    ClosesImmediately,
    /// Writes this and then nothing more, keeping the connection open.
    Stalls(Vec<u8>),
    /// Writes this and closes the connection.
    Closes(Vec<u8>),
    /// Writes the first text, then the second repeatedly with pauses, as long as the peer reads.
    Repeats(Vec<u8>, Vec<u8>, Duration),
}

impl Misbehaviour {
    /// Writes `text` and keeps the connection open.
    pub(crate) fn stalls(text: &str) -> Self {
        Self::Stalls(text.into())
    }

    /// Writes `text` and closes the connection.
    pub(crate) fn closes(text: &str) -> Self {
        Self::Closes(text.into())
    }

    /// Writes `first`, then `again` once a second.
    pub(crate) fn drips(first: &str, again: &str) -> Self {
        Self::Repeats(first.into(), again.into(), Duration::from_secs(1))
    }

    /// Writes `first`, then `again` in large pieces as fast as the peer reads.
    pub(crate) fn floods(first: &str, again: &str) -> Self {
        Self::Repeats(first.into(), again.repeat((16 * 1024 / again.len()).max(1)).into(), Duration::ZERO)
    }

    async fn to(&self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> std::io::Result<()> {
        // Reads the request, or its first part; its content does not matter.
        let mut read = [0; 4096];
        match self {
            Self::ClosesImmediately => {}
            Self::Stalls(said) => {
                let _ = stream.read(&mut read).await?;
                stream.write_all(said).await?;
                stream.flush().await?;
                while stream.read(&mut read).await? > 0 {}
            }
            Self::Closes(said) => {
                let _ = stream.read(&mut read).await?;
                stream.write_all(said).await?;
                stream.shutdown().await?;
                // Unread input would turn the close into a reset.
                while stream.read(&mut read).await? > 0 {}
            }
            Self::Repeats(first, again, pause) => {
                let _ = stream.read(&mut read).await?;
                stream.write_all(first).await?;
                loop {
                    stream.write_all(again).await?;
                    stream.flush().await?;
                    tokio::time::sleep(*pause).await;
                }
            }
        }
        Ok(())
    }
}

/// A hostile receiver on a free port; stops when dropped.
pub(crate) struct Hostile {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Hostile {
    /// Starts a receiver with this behaviour on every connection.
    pub(crate) async fn new(behaviour: Misbehaviour) -> Self {
        Self::behind(None, behaviour).await
    }

    /// Starts a receiver with this behaviour on every connection, behind a TLS handshake.
    pub(crate) async fn over_tls(acceptor: TlsAcceptor, behaviour: Misbehaviour) -> Self {
        Self::behind(Some(acceptor), behaviour).await
    }

    async fn behind(acceptor: Option<TlsAcceptor>, behaviour: Misbehaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let serving = tokio::spawn(async move {
            // Dropped with this task, and every connection with it.
            let mut under_way = tokio::task::JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let (acceptor, behaviour) = (acceptor.clone(), behaviour.clone());
                under_way.spawn(async move {
                    // Most behaviours end with the sender closing the connection.
                    let _ = match acceptor {
                        None => behaviour.to(&mut stream).await,
                        Some(acceptor) => match acceptor.accept(stream).await {
                            Ok(mut stream) => behaviour.to(&mut stream).await,
                            Err(rejected) => Err(rejected),
                        },
                    };
                });
                while under_way.try_join_next().is_some() {}
            }
        });
        Self { port, connections, serving }
    }

    /// Returns its URL in plain HTTP.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// Returns its URL over TLS, with a host name.
    pub(crate) fn secure_url(&self) -> String {
        format!("https://localhost:{}/hook", self.port)
    }

    /// Returns the number of accepted connections.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}
