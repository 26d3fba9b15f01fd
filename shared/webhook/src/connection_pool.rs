//! The pool of connections to receivers: opens them to vetted addresses only, and keeps them for a short time.
//!
//! Deliveries to one receiver often come in bursts, and a TLS handshake costs more than the delivery itself, so a
//! connection whose response was read to its end is kept for the next delivery to the same scheme, host and port.
//! Reuse must never cost an attempt:
//!
//! - A connection is kept for less time than common servers keep it ([`IDLE_TIMEOUT`]), and rests for a moment before
//!   it is used for the second time ([`MIN_IDLE_TIME`]), so that a receiver that closes it after its response has been
//!   noticed. One that has answered twice is kept open by its receiver, and is used again at once.
//! - If a reused connection turns out to be closed before anything was written to it, the sender takes the next one.
//! - If it is closed after that, but before the first byte of a response, the sender sends the request once more at once,
//!   on a new connection. The receiver has probably not read it. If it has, it gets the delivery twice with the same
//!   id, as deliveries are at least once.
//!
//! **Few connections.** At most [`MAX_IDLE_PER_ORIGIN`] connections to one receiver are kept. While as many are in use, an
//! attempt waits its turn for one of them, as long as turns end more often than another connection would take to open
//! ([`MAX_TURN_GAP`]): deliveries to a receiver that responds promptly share few connections, and a slow one delays no
//! other delivery for long.
//!
//! A new connection is made to exactly the addresses that [`Target::vet_with_policy`] has just checked. Nothing
//! resolves the host again in between, so DNS rebinding cannot redirect it.

use crate::connection::{AttemptError, Connection, MAX_READ_BYTES};
use crate::read_budget::{BudgetedStream, ReadBudget};
use crate::resolve::Resolve;
use crate::ssrf::TargetPolicy;
use crate::target::{Host, Target};
use rustls::pki_types::{CertificateDer, ServerName};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

/// Time for which an idle connection is kept. Shorter than the five seconds after which common servers close one, so that a
/// request is not written to a connection that is being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Minimum idle time before a connection is used for the second time. Many small receivers close the connection right after their
/// response without announcing it; by then that has been noticed.
const MIN_IDLE_TIME: Duration = Duration::from_millis(10);

/// Maximum number of idle connections to one origin, and the number in use from which an attempt waits its turn. Two
/// thousand deliveries a second to a receiver that responds within 2 ms.
const MAX_IDLE_PER_ORIGIN: usize = 4;

/// Maximum time since the last turn ended, or since an attempt began to wait, for which it waits its turn: about that of
/// a TCP and TLS handshake.
const MAX_TURN_GAP: Duration = Duration::from_millis(25);

/// Maximum time that an attempt waits its turn.
const MAX_TURN_WAIT: Duration = Duration::from_millis(250);

/// Maximum number of idle connections to all origins.
const MAX_IDLE_CONNECTIONS: usize = 256;

/// Timeout of a TCP connection while there is another address to try. TCP repeats a SYN after one and after three
/// seconds. The last address has the rest of the attempt's time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// Maximum number of a host's addresses that are tried.
const MAX_ADDRESSES: usize = 4;

/// The key of idle connections: whether they use TLS, the host, the port.
type Origin = (bool, String, u16);

fn origin(target: &Target) -> Origin {
    (target.is_https(), target.host().to_owned(), target.port())
}

/// Opens connections, and keeps idle ones for reuse.
pub(crate) struct ConnectionPool {
    policy: TargetPolicy,
    resolver: Arc<dyn Resolve>,
    tls: TlsConnector,
    idle: Mutex<HashMap<Origin, Vec<Connection>>>,
    /// The turns of origins with attempts in progress.
    turns: Mutex<HashMap<Origin, Weak<Turns>>>,
}

/// The turns of the attempts to one origin.
struct Turns {
    free: Arc<Semaphore>,
    /// When the last turn ended.
    last_end: Mutex<Instant>,
}

impl Turns {
    fn new() -> Self {
        Self { free: Arc::new(Semaphore::new(MAX_IDLE_PER_ORIGIN)), last_end: Mutex::new(Instant::now()) }
    }

    /// Returns until when an attempt that has waited since `began` waits its turn.
    fn deadline(&self, began: Instant) -> Instant {
        let last_end = *self.last_end.lock().unwrap_or_else(PoisonError::into_inner);
        (began.max(last_end) + MAX_TURN_GAP).min(began + MAX_TURN_WAIT)
    }
}

/// The turn of an attempt, until it is dropped; without a permit if others took too long.
pub(crate) struct Turn {
    turns: Arc<Turns>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.permit.is_some() {
            *self.turns.last_end.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
    }
}

impl ConnectionPool {
    /// Creates a pool that verifies certificates against Mozilla's roots and `extra_roots`.
    pub(crate) fn new(
        policy: TargetPolicy,
        resolver: Arc<dyn Resolve>,
        extra_roots: Vec<CertificateDer<'static>>,
    ) -> Result<Self, rustls::Error> {
        let mut roots = https_client::mozilla_roots();
        for root in extra_roots {
            roots.add(root)?;
        }
        let mut tls = https_client::tls_config(roots)?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            policy,
            resolver,
            tls: TlsConnector::from(Arc::new(tls)),
            idle: Mutex::default(),
            turns: Mutex::default(),
        })
    }

    /// Waits, in the order of arrival, until few attempts to `target` are in progress, or until they take too long.
    pub(crate) async fn turn(&self, target: &Target) -> Turn {
        let turns = self.turns_of(target);
        let began = Instant::now();
        let mut acquire = pin!(Arc::clone(&turns.free).acquire_owned());
        loop {
            if let Ok(permit) = timeout_at(turns.deadline(began), &mut acquire).await {
                return Turn { permit: permit.ok(), turns };
            }
            // Unless a turn has ended meanwhile, which puts the deadline off.
            if Instant::now() >= turns.deadline(began) {
                return Turn { permit: None, turns };
            }
        }
    }

    fn turns_of(&self, target: &Target) -> Arc<Turns> {
        let mut all = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let key = origin(target);
        if let Some(turns) = all.get(&key).and_then(Weak::upgrade) {
            return turns;
        }
        all.retain(|_, turns| turns.strong_count() > 0);
        let turns = Arc::new(Turns::new());
        all.insert(key, Arc::downgrade(&turns));
        turns
    }

    /// Returns an idle connection to `target`, or opens one to a vetted address.
    pub(crate) async fn get(&self, target: &Target) -> Result<Connection, AttemptError> {
        if let Some(idle) = self.take_idle(target) {
            return Ok(idle);
        }
        if let Some(rest) = self.remaining_rest(target) {
            tokio::time::sleep(rest).await;
            if let Some(rested) = self.take_idle(target) {
                return Ok(rested);
            }
        }
        self.open(target).await
    }

    /// Returns how long the first idle connection to `target` still rests, if with those in use there are as many as are
    /// kept: another one would be opened for nothing. In a burst, the first connections would otherwise be as many as
    /// the attempts of [`MIN_IDLE_TIME`].
    fn remaining_rest(&self, target: &Target) -> Option<Duration> {
        // One of those in use is the turn of the attempt that asks.
        let in_use_by_others = (MAX_IDLE_PER_ORIGIN - 1).saturating_sub(self.turns_of(target).free.available_permits());
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let of_origin = idle.get(&origin(target))?;
        let longest = of_origin.iter().map(Connection::idle_time).max()?;
        (of_origin.len() + in_use_by_others >= MAX_IDLE_PER_ORIGIN).then(|| MIN_IDLE_TIME.saturating_sub(longest))
    }

    /// Opens a connection to a vetted address of `target`.
    pub(crate) async fn open(&self, target: &Target) -> Result<Connection, AttemptError> {
        let addresses = target.vet_with_policy(self.policy, &*self.resolver).await?;
        let stream = connect(&addresses).await?;
        // With Nagle's algorithm the body would wait until the receiver has acknowledged the head.
        stream.set_nodelay(true).map_err(AttemptError::Connect)?;
        // The budget applies below TLS, because TLS records can be as wasteful as HTTP framing.
        let read_budget = ReadBudget::new(MAX_READ_BYTES);
        let stream = BudgetedStream::new(stream, read_budget.clone());
        if !target.is_https() {
            return Connection::handshake(stream, read_budget).await;
        }
        let name = match target.parsed_host() {
            Host::Address(ip) => ServerName::from(*ip),
            Host::Name(name) => ServerName::try_from(name.clone()).map_err(|_| AttemptError::Unresolved)?,
        };
        let stream = self.tls.connect(name, stream).await.map_err(AttemptError::Tls)?;
        Connection::handshake(stream, read_budget).await
    }

    /// Keeps `connection`, whose last response was read to its end, for the next delivery to `target`.
    pub(crate) fn keep(&self, target: &Target, mut connection: Connection) {
        connection.mark_idle();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|_, of_origin| {
            of_origin.retain(|connection| connection.idle_time() < IDLE_TIMEOUT);
            !of_origin.is_empty()
        });
        let total: usize = idle.values().map(Vec::len).sum();
        let of_origin = idle.entry(origin(target)).or_default();
        if total < MAX_IDLE_CONNECTIONS && of_origin.len() < MAX_IDLE_PER_ORIGIN {
            of_origin.push(connection);
        }
    }

    /// Removes and returns the usable connection to `target` that has been idle for the shortest time.
    fn take_idle(&self, target: &Target) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let of_origin = idle.get_mut(&origin(target))?;
        of_origin.retain(|connection| connection.idle_time() < IDLE_TIMEOUT && !connection.is_closed());
        let is_rested = |one: &Connection| one.is_kept_open() || one.idle_time() >= MIN_IDLE_TIME;
        let usable = |connection: &Connection| is_rested(connection) && connection.is_ready();
        of_origin.iter().rposition(usable).map(|index| of_origin.remove(index))
    }
}

/// Opens a TCP connection to the first of `addresses` that accepts one.
async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, AttemptError> {
    let candidates = &addresses[..addresses.len().min(MAX_ADDRESSES)];
    let Some((last, others)) = candidates.split_last() else {
        return Err(AttemptError::Unresolved);
    };
    for address in others {
        if let Ok(Ok(stream)) = timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            return Ok(stream);
        }
    }
    TcpStream::connect(last).await.map_err(AttemptError::Connect)
}
