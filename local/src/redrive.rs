//! Redriving the parked records of a data folder, whose server may be running.
//!
//! The consumers of the stream run in this process, and nothing else of the server: they write to the tables only, in
//! single transactions, as a second consumer in a deployment would. Their queues deliver nothing. What they would have
//! enqueued is in the due index with a check time that has come, so that the sweeper of the running server enqueues it,
//! or that of the next start.

use crate::data_folder::{files_in, open_existing_store, parked_in};
use crate::{ServerOptions, StartError, master_keys};
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use blob::{Blobs, LocalLinks, ParkedRecords};
use bookkeeping::BookkeepingHandler;
use cli::{CommandError, CommandOutput, Consumer, InvokeError, RedriveCommand, StreamFunctions, StreamRedrive};
use dispatch::DispatchHandler;
use domain::Clock;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use runtime::stream::{Parking, StreamEvent};
use runtime::{Queue, QueueMessage, SendFuture, SystemClock, Timing};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Request id of what is processed here.
const REQUEST_ID: &str = "redrive";

/// Reason why the records of a data folder were not redriven.
#[derive(Debug, thiserror::Error)]
pub enum RedriveError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] StartError),
    /// The command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Redrives the parked records in the data folder `folder`.
pub async fn redrive(folder: &Path, command: &RedriveCommand) -> Result<CommandOutput, RedriveError> {
    let store = open_existing_store(folder).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let master_keys = master_keys::load_or_create(folder)?;
    let key = master_keys.derive(master_keys.current(), "file links", &[]).map_err(StartError::from)?;
    // No link is made here, so the address does not matter.
    let blobs =
        Blobs::in_folder(&files_in(folder), LocalLinks::new("http://127.0.0.1", key)).map_err(StartError::from)?;
    let records = ParkedRecords::in_folder(&parked_in(folder)).map_err(StartError::from)?;
    let parking = Parking { records: records.clone(), store: store.clone(), clock: Arc::clone(&clock) };
    // That of a server with default options: the address of the running one is not in the folder.
    let api_url = format!("http://{}", ServerOptions::default().listen);
    let functions = LocalFunctions {
        dispatch: DispatchHandler::new(dispatch::Dependencies {
            store: store.clone(),
            queue: Arc::new(NoQueue),
            follow_up_queue: Arc::new(NoQueue),
            package_queue: Arc::new(NoQueue),
            api_url: api_url.clone(),
            parking: parking.clone(),
            clock: Arc::clone(&clock),
            // Nothing is enqueued, so there is no message to wait for.
            timing: Timing { reenqueue_margin: Duration::ZERO, ..Timing::DEPLOYED },
        }),
        bookkeeping: BookkeepingHandler::new(bookkeeping::Dependencies {
            store: store.clone(),
            blobs,
            parking,
            api_url,
            clock,
        }),
    };
    let place = StreamRedrive { records: &records, store: &store, functions: &functions };
    Ok(command.run_in_folder(place).await?)
}

/// The consumers of the stream in this process.
struct LocalFunctions {
    dispatch: DispatchHandler,
    bookkeeping: BookkeepingHandler,
}

impl StreamFunctions for LocalFunctions {
    fn invoke(
        &self,
        consumer: Consumer,
        event: StreamEvent,
    ) -> BoxFuture<'_, Result<DynamoDbEventResponse, InvokeError>> {
        async move {
            Ok(match consumer {
                Consumer::Dispatch => self.dispatch.handle(event, REQUEST_ID).await,
                Consumer::Bookkeeping => self.bookkeeping.handle(event, REQUEST_ID).await,
            })
        }
        .boxed()
    }
}

/// A queue that delivers nothing: what is sent to it is in the due index.
struct NoQueue;

impl<M: QueueMessage> Queue<M> for NoQueue {
    fn send(&self, _messages: Vec<(M, Duration)>) -> SendFuture<'_> {
        Box::pin(async { Ok(()) })
    }
}
