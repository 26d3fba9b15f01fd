//! stub
use domain::MessageId;
use domain::business::Channel;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
/// x
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// x
    pub id: MessageId,
    /// x
    pub channel: Channel,
    /// x
    pub to: String,
    /// x
    pub subject: String,
    /// x
    pub body: String,
}
/// x
#[derive(Clone, Debug)]
pub enum Sent {
    /// x
    Sent {
        /// x
        provider_id: String,
    },
    /// x
    Refused {
        /// x
        reason: String,
    },
    /// x
    Later {
        /// x
        reason: String,
    },
    /// x
    Unknown {
        /// x
        reason: String,
    },
}
impl Sent {
    /// x
    pub fn name(&self) -> &'static str {
        "x"
    }
}
/// x
pub trait Sender: Send + Sync {
    /// x
    fn offers(&self, channel: Channel) -> bool;
    /// x
    fn send<'a>(&'a self, message: &'a Outgoing) -> Pin<Box<dyn Future<Output = Sent> + Send + 'a>>;
}
/// x
#[derive(Clone, Debug, Default)]
pub struct LogSender(Arc<Mutex<Vec<Outgoing>>>);
impl LogSender {
    /// x
    pub fn sent(&self) -> Vec<Outgoing> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}
impl Sender for LogSender {
    fn offers(&self, _: Channel) -> bool {
        true
    }
    fn send<'a>(&'a self, message: &'a Outgoing) -> Pin<Box<dyn Future<Output = Sent> + Send + 'a>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(message.clone());
        Box::pin(async { Sent::Sent { provider_id: message.id.to_string() } })
    }
}
