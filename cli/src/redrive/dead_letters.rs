//! Dead-letter queues, whose messages go back to the queue that they came from: SQS itself moves a whole queue; some of the
//! messages are received, sent and deleted here.
//!
//! A message that fails again is a dead letter again after five more attempts.

use super::queue_error::{QueueError, failed};
use super::queue_walk::QueueWalk;
use super::report::SourceReport;
use super::source::Source;
use super::{Extent, Mode, progress};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{ListMessageMoveTasksResultEntry, Message, MessageSystemAttributeName, QueueAttributeName};
use domain::{TenantId, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// Interval between two looks at a task.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// Maximum time that the command waits for a task. SQS goes on with it.
const MAX_WAIT: Duration = Duration::from_mins(10);

/// A queue of the stack, by the function that it invokes.
pub(crate) struct WorkQueue {
    pub(crate) function: &'static str,
    pub(crate) url: String,
}

/// The part of a message that tells whose it is.
#[derive(Debug, Deserialize)]
struct OwnedMessage {
    tenant: TenantId,
}

/// Redrives the dead letters of a queue.
pub(crate) async fn redrive(sqs: &Client, queue: &WorkQueue, extent: Extent) -> SourceReport {
    let mut report = SourceReport::new(Source::DeadLetters.name(), queue.function, 0);
    if let Err(error) = redrive_queue(sqs, queue, extent, &mut report).await {
        report.stop(error);
    }
    report
}

async fn redrive_queue(
    sqs: &Client,
    queue: &WorkQueue,
    extent: Extent,
    report: &mut SourceReport,
) -> Result<(), QueueError> {
    let policy = attribute(sqs, &queue.url, QueueAttributeName::RedrivePolicy).await?;
    let policy: Value = serde_json::from_str(&policy).unwrap_or_default();
    let no_dead_letters = || QueueError::NoDeadLetters(queue.url.clone());
    let dead_letters = policy["deadLetterTargetArn"].as_str().ok_or_else(no_dead_letters)?;
    let url = queue_url(sqs, dead_letters).await?;
    report.found = message_count(sqs, &url).await?;
    if report.found == 0 {
        return Ok(());
    }
    match (extent.mode, extent.tenant) {
        (Mode::DryRun, None) => report.would_redrive_up_to(extent.limit),
        (Mode::Redrive, None) if extent.limit >= report.found => {
            move_all(sqs, queue, dead_letters, report).await?;
        }
        (_, _) => {
            let mut walk = QueueWalk::new(sqs, url);
            let result = move_some(&mut walk, sqs, &queue.url, extent, report).await;
            walk.end().await;
            result?;
        }
    }
    Ok(())
}

/// Moves the selected messages one by one. Of two equal messages, one is ignored.
async fn move_some(
    walk: &mut QueueWalk<'_>,
    sqs: &Client,
    destination: &str,
    extent: Extent,
    report: &mut SourceReport,
) -> Result<(), QueueError> {
    let mut selected = 0;
    if extent.tenant.is_some() {
        // The number of all says nothing about those of one tenant.
        report.found = 0;
    }
    loop {
        // More than are wanted may have to be received, to find those of a tenant.
        let limit = extent.tenant.map_or(extent.limit - selected, |_| usize::MAX);
        let messages = walk.next(limit).await?;
        if messages.is_empty() {
            return Ok(());
        }
        for message in messages {
            if !is_selected(&message, extent.tenant) || selected == extent.limit {
                walk.keep(&message);
                continue;
            }
            selected += 1;
            report.found = report.found.max(selected);
            let since = sent_at(&message);
            report.see(since);
            if extent.mode == Mode::DryRun {
                report.would_redrive("dead letter", message.message_id.as_deref().unwrap_or_default(), since);
                walk.keep(&message);
                continue;
            }
            send_again(sqs, destination, &message).await?;
            walk.delete(&message).await?;
            report.redriven += 1;
        }
        progress(&*report);
        if selected == extent.limit {
            return Ok(());
        }
    }
}

fn is_selected(message: &Message, tenant: Option<TenantId>) -> bool {
    let owned: Option<OwnedMessage> = serde_json::from_str(message.body.as_deref().unwrap_or_default()).ok();
    tenant.is_none_or(|tenant| owned.is_some_and(|owned| owned.tenant == tenant))
}

/// Returns the time at which a message was sent.
fn sent_at(message: &Message) -> Option<Timestamp> {
    let sent = message.attributes.as_ref()?.get(&MessageSystemAttributeName::SentTimestamp)?;
    Some(Timestamp::from_millis(sent.parse().ok()?))
}

/// Sends a message to a queue, in the fairness group that it had.
async fn send_again(sqs: &Client, url: &str, message: &Message) -> Result<(), QueueError> {
    let group = message.attributes.as_ref().and_then(|all| all.get(&MessageSystemAttributeName::MessageGroupId));
    let send = sqs.send_message().queue_url(url).set_message_body(message.body.clone());
    send.set_message_group_id(group.cloned()).send().await.map(drop).map_err(failed("SendMessage"))
}

/// Lets SQS move all messages.
async fn move_all(
    sqs: &Client,
    queue: &WorkQueue,
    dead_letters: &str,
    report: &mut SourceReport,
) -> Result<(), QueueError> {
    let queue_arn = attribute(sqs, &queue.url, QueueAttributeName::QueueArn).await?;
    let start = sqs.start_message_move_task().source_arn(dead_letters).destination_arn(queue_arn).send().await;
    start.map_err(failed("StartMessageMoveTask"))?;
    let mut waited = Duration::ZERO;
    loop {
        let task = latest_task(sqs, dead_letters).await?;
        report.redriven = usize::try_from(task.approximate_number_of_messages_moved()).unwrap_or_default();
        report.found = report.found.max(report.redriven);
        progress(&*report);
        match task.status() {
            Some("COMPLETED") => return Ok(()),
            Some("RUNNING" | "CANCELLING") if waited < MAX_WAIT => {}
            Some("RUNNING" | "CANCELLING") => return Err(QueueError::StillMoving),
            status => {
                let reason = task.failure_reason().or(status).unwrap_or("unknown");
                return Err(QueueError::TaskFailed(reason.to_owned()));
            }
        }
        tokio::time::sleep(POLL_INTERVAL).await;
        waited += POLL_INTERVAL;
    }
}

/// Returns the task that was started last.
async fn latest_task(sqs: &Client, source_arn: &str) -> Result<ListMessageMoveTasksResultEntry, QueueError> {
    let listed = sqs.list_message_move_tasks().source_arn(source_arn).max_results(1).send().await;
    let listed = listed.map_err(failed("ListMessageMoveTasks"))?;
    let latest = listed.results.unwrap_or_default().into_iter().next();
    latest.ok_or_else(|| QueueError::TaskFailed("not listed".to_owned()))
}

async fn attribute(sqs: &Client, url: &str, name: QueueAttributeName) -> Result<String, QueueError> {
    let read = sqs.get_queue_attributes().queue_url(url).attribute_names(name.clone()).send().await;
    let mut attributes = read.map_err(failed("GetQueueAttributes"))?.attributes.unwrap_or_default();
    Ok(attributes.remove(&name).unwrap_or_default())
}

/// Returns the URL of a queue with this ARN.
pub(crate) async fn queue_url(sqs: &Client, arn: &str) -> Result<String, QueueError> {
    let name = arn.rsplit(':').next().unwrap_or_default();
    let found = sqs.get_queue_url().queue_name(name).send().await.map_err(failed("GetQueueUrl"))?;
    Ok(found.queue_url.unwrap_or_default())
}

/// Returns the approximate number of messages that can be received.
pub(crate) async fn message_count(sqs: &Client, url: &str) -> Result<usize, QueueError> {
    let count = attribute(sqs, url, QueueAttributeName::ApproximateNumberOfMessages).await?;
    Ok(count.parse().unwrap_or_default())
}
