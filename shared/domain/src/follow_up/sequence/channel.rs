//! How a lead can be reached.

use crate::accounts::business::Channel;
use crate::leads::Lead;
use crate::leads::contact::Phone;

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// How.
    pub channel: Channel,
    /// A telephone number as E.164, or an e-mail address.
    pub to: String,
}

/// Where `lead` is written to: by the `wanted` channel, else by the first of the business's `channels` that is
/// possible. `offered` says which ones the house can send by. `None` where there is no way.
pub fn choose_channel(
    lead: &Lead,
    wanted: Option<Channel>,
    channels: &[Channel],
    offered: impl Fn(Channel) -> bool,
) -> Option<Recipient> {
    let to = |channel: Channel| match channel {
        Channel::Whatsapp | Channel::Sms => lead.phone.as_ref().and_then(Phone::e164).map(str::to_owned),
        Channel::Email => lead.email.as_ref().map(|email| email.as_str().to_owned()),
    };
    let mut possible = wanted.into_iter().chain(channels.iter().copied()).filter(|channel| offered(*channel));
    possible.find_map(|channel| Some(Recipient { channel, to: to(channel)? }))
}
