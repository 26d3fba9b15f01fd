//! An address that stays while the server behind it goes and comes back at another one.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Hands connections over to a server. A connection is closed at once if the server is gone. Stops when dropped.
pub(super) struct Proxy {
    pub(super) url: String,
    server: Arc<Mutex<SocketAddr>>,
    accepting: JoinHandle<()>,
}

fn address(url: &str) -> SocketAddr {
    url.strip_prefix("http://").unwrap().parse().unwrap()
}

impl Proxy {
    /// Starts a proxy of the server at `url`.
    pub(super) async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own_url = format!("http://{}", listener.local_addr().unwrap());
        let server = Arc::new(Mutex::new(address(url)));
        let shared = Arc::clone(&server);
        let accepting = tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let server = *shared.lock().unwrap();
                tokio::spawn(async move {
                    if let Ok(mut server) = TcpStream::connect(server).await {
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        Self { url: own_url, server, accepting }
    }

    /// Hands new connections over to the server at `url`.
    pub(super) fn lead_to(&self, url: &str) {
        *self.server.lock().unwrap() = address(url);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
