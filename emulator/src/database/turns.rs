//! Turns at the database: one user at a time, with the least waking of threads.
//!
//! While nobody uses the worker, a caller executes its command on its own thread: handing it to another thread and
//! being notified by it would cost more than most operations. What arrives during a turn waits, and at its end the
//! database's thread executes all of it in groups, until nothing waits any more.

use super::{Command, Worker};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::{io, iter};

/// Maximum number of commands that are executed together. The first response waits for the last operation of its group.
const MAX_GROUP_SIZE: usize = 64;

/// The worker, for callers on any thread. Its own thread ends when it is dropped.
pub(super) struct SharedWorker(Arc<Turns>);

impl SharedWorker {
    /// Starts the thread.
    pub(super) fn new(worker: Worker) -> io::Result<Self> {
        let turns = Arc::new(Turns { worker: Mutex::new(worker), queue: Mutex::default(), thread: Condvar::new() });
        let of_thread = Arc::clone(&turns);
        std::thread::Builder::new().name("database".to_owned()).spawn(move || of_thread.run())?;
        Ok(Self(turns))
    }

    /// Executes `command`, before it returns if nobody uses the worker.
    pub(super) fn execute(&self, command: Command) {
        self.0.execute(command);
    }
}

impl Drop for SharedWorker {
    fn drop(&mut self) {
        lock(&self.0.queue).has_ended = true;
        self.0.thread.notify_one();
    }
}

/// The worker, and the commands that wait for it.
struct Turns {
    worker: Mutex<Worker>,
    queue: Mutex<TurnQueue>,
    /// Notified when it is the thread's turn, and when the thread is to end.
    thread: Condvar,
}

#[derive(Default)]
struct TurnQueue {
    user: User,
    /// Commands that arrived while somebody used the worker.
    waiting: VecDeque<Command>,
    has_ended: bool,
}

/// The user of the worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum User {
    #[default]
    Nobody,
    Caller,
    Thread,
}

impl Turns {
    /// Executes `command` if nobody uses the worker; otherwise leaves it to the thread.
    fn execute(&self, command: Command) {
        let mut queue = lock(&self.queue);
        if queue.user != User::Nobody {
            queue.waiting.push_back(command);
            return;
        }
        queue.user = User::Caller;
        drop(queue);
        let _end = EndOfTurn(self);
        lock(&self.worker).execute_all(iter::once(command));
    }

    /// Executes what arrives during the turns of callers, until the database is dropped.
    fn run(&self) {
        let mut queue = lock(&self.queue);
        loop {
            while queue.user != User::Thread {
                if queue.has_ended {
                    return;
                }
                queue = self.thread.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
            let count = queue.waiting.len().min(MAX_GROUP_SIZE);
            let group: Vec<_> = queue.waiting.drain(..count).collect();
            if group.is_empty() {
                queue.user = User::Nobody;
                continue;
            }
            drop(queue);
            lock(&self.worker).execute_all(group);
            queue = lock(&self.queue);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the turn of a caller when it is dropped: the thread is next if commands have arrived.
struct EndOfTurn<'a>(&'a Turns);

impl Drop for EndOfTurn<'_> {
    fn drop(&mut self) {
        let mut queue = lock(&self.0.queue);
        if queue.waiting.is_empty() {
            queue.user = User::Nobody;
        } else {
            queue.user = User::Thread;
            self.0.thread.notify_one();
        }
    }
}
