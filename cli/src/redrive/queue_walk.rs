//! A walk through the messages of a queue, which receives each of them once.

use super::queue_error::{QueueError, failed};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use std::collections::BTreeSet;

/// Time for which a received message is hidden from others, in seconds: longer than ten invocations of a function.
const VISIBILITY_TIMEOUT: i32 = 900;

/// Maximum number of messages of one call, set by SQS.
const MAX_MESSAGES: i32 = 10;

/// Number of empty responses in a row after which the queue counts as empty: SQS asks only some of its servers at a time.
const MAX_EMPTY_RESPONSES: u32 = 3;

/// A walk through a queue.
pub(crate) struct QueueWalk<'a> {
    sqs: &'a Client,
    url: String,
    seen: BTreeSet<String>,
    /// Receipts of messages that stay in the queue.
    kept: Vec<String>,
    empty_responses: u32,
}

impl<'a> QueueWalk<'a> {
    pub(crate) fn new(sqs: &'a Client, url: String) -> Self {
        Self { sqs, url, seen: BTreeSet::new(), kept: Vec::new(), empty_responses: 0 }
    }

    /// Returns the number of messages that were received.
    pub(crate) fn seen(&self) -> usize {
        self.seen.len()
    }

    /// Returns whether every message was received.
    pub(crate) fn is_complete(&self) -> bool {
        self.empty_responses > 0
    }

    /// Receives at most `limit` messages that were not received before; none if there are no more.
    pub(crate) async fn next(&mut self, limit: usize) -> Result<Vec<Message>, QueueError> {
        let limit = i32::try_from(limit).unwrap_or(MAX_MESSAGES).min(MAX_MESSAGES);
        while limit > 0 && self.empty_responses < MAX_EMPTY_RESPONSES {
            let receive = self.sqs.receive_message().queue_url(&self.url).max_number_of_messages(limit);
            let receive = receive
                .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
                .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
                .visibility_timeout(VISIBILITY_TIMEOUT);
            let messages = receive.send().await.map_err(failed("ReceiveMessage"))?.messages.unwrap_or_default();
            self.empty_responses = if messages.is_empty() { self.empty_responses + 1 } else { 0 };
            let mut is_new = |message: &Message| self.seen.insert(message.message_id.clone().unwrap_or_default());
            let new: Vec<_> = messages.into_iter().filter(|message| is_new(message)).collect();
            if !new.is_empty() {
                return Ok(new);
            }
        }
        Ok(Vec::new())
    }

    /// Deletes a message.
    pub(crate) async fn delete(&self, message: &Message) -> Result<(), QueueError> {
        let delete = self.sqs.delete_message().queue_url(&self.url).set_receipt_handle(message.receipt_handle.clone());
        delete.send().await.map(drop).map_err(failed("DeleteMessage"))
    }

    /// Keeps a message in the queue.
    pub(crate) fn keep(&mut self, message: &Message) {
        self.kept.extend(message.receipt_handle.clone());
    }

    /// Shows the kept messages to others again.
    pub(crate) async fn end(self) {
        for receipt in self.kept {
            let change = self.sqs.change_message_visibility().queue_url(&self.url).receipt_handle(receipt);
            // Otherwise it shows again when its time is up.
            let _ = change.visibility_timeout(0).send().await;
        }
    }
}
