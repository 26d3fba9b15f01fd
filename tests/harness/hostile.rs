//! Receivers that mean no good: raw sockets that answer as no HTTP server would.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What a hostile receiver does with a connection.
#[derive(Clone, Debug)]
pub(crate) enum Misbehaviour {
    /// Closes it before anything was read: whoever writes meets a reset.
    HangsUp,
    /// Writes this and says no more, holding the connection open.
    Stalls(Vec<u8>),
    /// Writes this and closes.
    Closes(Vec<u8>),
    /// Writes the first, then the second again and again with pauses, for as long as it is read.
    GoesOn(Vec<u8>, Vec<u8>, Duration),
}

impl Misbehaviour {
    /// Writes `text` and holds the connection open.
    pub(crate) fn stalls(text: &str) -> Self {
        Self::Stalls(text.into())
    }

    /// Writes `text` and closes.
    pub(crate) fn closes(text: &str) -> Self {
        Self::Closes(text.into())
    }

    /// Writes `first`, then `again` once a second.
    pub(crate) fn drips(first: &str, again: &str) -> Self {
        Self::GoesOn(first.into(), again.into(), Duration::from_secs(1))
    }

    /// Writes `first`, then `again` as fast as it is taken, in pieces of some size.
    pub(crate) fn floods(first: &str, again: &str) -> Self {
        Self::GoesOn(first.into(), again.repeat((16 * 1024 / again.len()).max(1)).into(), Duration::ZERO)
    }

    async fn to(&self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> std::io::Result<()> {
        // The request, or as much of it as comes at once; it matters to nobody.
        let mut read = [0; 4096];
        match self {
            Self::HangsUp => {}
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
                // What is still on its way in would turn the end into a reset.
                while stream.read(&mut read).await? > 0 {}
            }
            Self::GoesOn(first, again, pause) => {
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

/// A hostile receiver on a free port; it ends with the test.
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
    /// One that does this to every connection.
    pub(crate) async fn new(deed: Misbehaviour) -> Self {
        Self::behind(None, deed).await
    }

    /// One that does this to every connection behind a TLS handshake.
    pub(crate) async fn over_tls(acceptor: TlsAcceptor, deed: Misbehaviour) -> Self {
        Self::behind(Some(acceptor), deed).await
    }

    async fn behind(acceptor: Option<TlsAcceptor>, deed: Misbehaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let serving = tokio::spawn(async move {
            // Dropped with this task, and every connection with it.
            let mut under_way = tokio::task::JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let (acceptor, deed) = (acceptor.clone(), deed.clone());
                under_way.spawn(async move {
                    // A house that hangs up is what most of them are for.
                    let _ = match acceptor {
                        None => deed.to(&mut stream).await,
                        Some(acceptor) => match acceptor.accept(stream).await {
                            Ok(mut stream) => deed.to(&mut stream).await,
                            Err(refused) => Err(refused),
                        },
                    };
                });
                while under_way.try_join_next().is_some() {}
            }
        });
        Self { port, connections, serving }
    }

    /// Its URL in plain HTTP.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// Its URL over TLS, by name.
    pub(crate) fn secure_url(&self) -> String {
        format!("https://localhost:{}/hook", self.port)
    }

    /// Connections that came in.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}
