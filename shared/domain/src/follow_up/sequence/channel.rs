//! Choice of the channel by which a lead is contacted.

use crate::accounts::business::Channel;
use crate::leads::Lead;
use crate::leads::contact::Phone;

/// The recipient of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Channel of the message.
    pub channel: Channel,
    /// Telephone number in E.164 form, or e-mail address.
    pub address: String,
}

/// Returns the recipient of a message to `lead`: on the `preferred` channel if possible, otherwise on the first
/// possible one of the business's `channels`. A channel is possible if it is `supported` by a message sender and the
/// lead has an address for it. Returns `None` if no channel is possible.
pub fn choose_channel(
    lead: &Lead,
    preferred: Option<Channel>,
    channels: &[Channel],
    supported: impl Fn(Channel) -> bool,
) -> Option<Recipient> {
    let address_on = |channel: Channel| match channel {
        Channel::Whatsapp | Channel::Sms => lead.phone.as_ref().and_then(Phone::e164).map(str::to_owned),
        Channel::Email => lead.email.as_ref().map(|email| email.as_str().to_owned()),
    };
    let mut candidates = preferred.into_iter().chain(channels.iter().copied()).filter(|channel| supported(*channel));
    candidates.find_map(|channel| Some(Recipient { channel, address: address_on(channel)? }))
}
