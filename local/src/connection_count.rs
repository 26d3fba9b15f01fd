//! The number of open connections, in all and of each address.

use crate::HttpLimits;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts open connections. Cheap to clone; clones share the counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionCount(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_peer: HashMap<IpAddr, usize>,
}

/// One open connection. It counts until this is dropped, which must be after its socket.
#[derive(Debug)]
pub(crate) struct ConnectionSlot {
    count: ConnectionCount,
    peer: IpAddr,
}

impl ConnectionCount {
    /// Counts a connection from `peer`. Returns none if that would exceed `limits`.
    pub(crate) fn open(&self, peer: IpAddr, limits: &HttpLimits) -> Option<ConnectionSlot> {
        let mut open = self.lock();
        let of_peer = open.by_peer.get(&peer).copied().unwrap_or(0);
        if open.total >= limits.max_connections || of_peer >= limits.max_connections_per_peer {
            return None;
        }
        open.total += 1;
        open.by_peer.insert(peer, of_peer + 1);
        Some(ConnectionSlot { count: self.clone(), peer })
    }

    /// Returns the number of open connections.
    pub(crate) fn total(&self) -> usize {
        self.lock().total
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut open = self.count.lock();
        open.total -= 1;
        if let Some(of_peer) = open.by_peer.get_mut(&self.peer) {
            *of_peer -= 1;
            if *of_peer == 0 {
                open.by_peer.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_bounded_in_all_and_per_peer() {
        let limits = HttpLimits { max_connections: 3, max_connections_per_peer: 2, ..HttpLimits::default() };
        let count = ConnectionCount::default();
        let peer = |last| IpAddr::from([127, 0, 0, last]);
        let first = count.open(peer(1), &limits).expect("room");
        let _second = count.open(peer(1), &limits).expect("room");
        assert!(count.open(peer(1), &limits).is_none(), "two of one peer");
        let third = count.open(peer(2), &limits).expect("room");
        assert!(count.open(peer(3), &limits).is_none(), "three in all");
        drop(first);
        assert!(count.open(peer(1), &limits).is_some());
        drop(third);
        assert_eq!((count.total(), count.lock().by_peer.len()), (1, 1));
    }
}
