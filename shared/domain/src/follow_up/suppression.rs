//! Suppressions: telephone numbers and e-mail addresses that receive no message, whichever lead has them.
//!
//! An opt-out is a person's, not a lead's: it holds for the number and the address within the environment, for other
//! leads too. A suppression outlives the lead, its erasure and its retention, so it must not hold the number or the
//! address itself. It holds an id derived from their HMAC-SHA256 under a key that is not in the tables: who has the
//! tables alone cannot find out, by trying out numbers, whom it is about.
//!
//! The key must never change: with another one, all suppressions would be lost.

use crate::accounts::tenant::Environment;
use crate::id::SuppressionId;
use crate::leads::Lead;
use crate::leads::contact::{Email, Phone};
use crate::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// Minimum number of digits of a number that could not be read: as many as the shortest numbers that people dial. Fewer
/// are of a text such as "call after 5", which people who have nothing to do with each other share.
const MIN_DIGITS: usize = 7;

/// The kind of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContactKind {
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
}

impl ContactKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Phone, Self::Email];

    /// Returns the name in API responses, which is also a part of the hash and must not change.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "PHONE",
            Self::Email => "EMAIL",
        }
    }
}

/// A telephone number or an e-mail address in the form in which two of them are the same if they are equal.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    kind: ContactKind,
    normalized: String,
}

impl Contact {
    /// Returns a number in E.164 form, or its digits if it could not be read; `None` if these are too few for a number.
    pub fn of_phone(phone: &Phone) -> Option<Self> {
        let digits = || phone.as_str().chars().filter(char::is_ascii_digit).collect::<String>();
        let normalized = phone.e164().map_or_else(digits, str::to_owned);
        let is_number = normalized.len() >= MIN_DIGITS;
        is_number.then_some(Self { kind: ContactKind::Phone, normalized })
    }

    /// Returns an address, trimmed and in lower case.
    pub fn of_email(email: &Email) -> Self {
        Self { kind: ContactKind::Email, normalized: email.normalized().trim().to_owned() }
    }

    /// Returns the number and the address of a lead, those that it has.
    pub fn all_of(lead: &Lead) -> Vec<Self> {
        let phone = lead.phone.as_ref().and_then(Self::of_phone);
        phone.into_iter().chain(lead.email.as_ref().map(Self::of_email)).collect()
    }

    /// Returns whether this is a number or an address.
    pub const fn kind(&self) -> ContactKind {
        self.kind
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({}, …)", self.kind.name())
    }
}

/// The key under which contacts are hashed. It never changes.
#[derive(Clone)]
pub struct SuppressionKey([u8; 32]);

impl SuppressionKey {
    /// Returns the key with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the id of the suppression of `contact` in `environment`, whether or not there is one.
    pub fn id(&self, environment: Environment, contact: &Contact) -> SuppressionId {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        let parts: [&[u8]; 4] = [
            environment.tenant.bytes(),
            environment.mode.name().as_bytes(),
            contact.kind.name().as_bytes(),
            contact.normalized.as_bytes(),
        ];
        for part in parts {
            // The length keeps ("ab", "c") and ("a", "bc") apart.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        SuppressionId::derived(&[b"suppression", &mac.finalize().into_bytes()])
    }

    /// Returns the ids of the suppressions of a lead's number and address.
    pub fn ids_of(&self, environment: Environment, lead: &Lead) -> Vec<SuppressionId> {
        Contact::all_of(lead).iter().map(|contact| self.id(environment, contact)).collect()
    }

    /// Returns the suppressions of a lead's number and address, as of `now`.
    pub fn suppressions_of(
        &self,
        environment: Environment,
        lead: &Lead,
        origin: SuppressionOrigin,
        now: Timestamp,
    ) -> Vec<Suppression> {
        let suppress = |contact: &Contact| Suppression {
            id: self.id(environment, contact),
            kind: contact.kind,
            origin,
            created_at: now,
        };
        Contact::all_of(lead).iter().map(suppress).collect()
    }
}

impl fmt::Debug for SuppressionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SuppressionKey(…)")
    }
}

/// Origin of a suppression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SuppressionOrigin {
    /// A reply of the person.
    Reply,
    /// An opt-out event of the messaging provider.
    OptOutEvent,
    /// A caller who set a lead's status.
    Status,
    /// A caller of the suppressions API.
    Api,
}

impl SuppressionOrigin {
    /// Every origin.
    pub const ALL: [Self; 4] = [Self::Reply, Self::OptOutEvent, Self::Status, Self::Api];

    /// Returns the name in API responses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reply => "REPLY",
            Self::OptOutEvent => "OPT_OUT_EVENT",
            Self::Status => "STATUS",
            Self::Api => "API",
        }
    }
}

/// The suppression of a number or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suppression {
    /// Id, which is derived from the keyed hash of the contact.
    pub id: SuppressionId,
    /// Kind of the contact.
    pub kind: ContactKind,
    /// Origin.
    pub origin: SuppressionOrigin,
    /// Time of the first opt-out.
    pub created_at: Timestamp,
}

impl Suppression {
    /// Returns whether both were made by the same opt-out, which suppresses a person's number and address at once.
    pub fn is_of_same_opt_out(&self, other: &Self) -> bool {
        self.created_at == other.created_at && self.origin == other.origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::business::Country;
    use crate::{Mode, TenantId};

    fn environment(tenant: &str, mode: Mode) -> Environment {
        Environment { tenant: TenantId::derived(&[tenant.as_bytes()]), mode }
    }

    fn email(text: &str) -> Contact {
        Contact::of_email(&Email::parse(text).expect("an address"))
    }

    fn phone(text: &str, country: &str) -> Contact {
        let phone = Phone::parse(text, &Country::parse(country).expect("a country")).expect("a number");
        Contact::of_phone(&phone).expect("digits")
    }

    #[test]
    fn spellings_of_a_contact_have_the_same_id() {
        let key = SuppressionKey::new([7; 32]);
        let id = |contact: &Contact| key.id(environment("t", Mode::Live), contact);
        assert_eq!(id(&email("jane@example.com")), id(&email(" Jane@Example.COM ")));
        assert_eq!(id(&phone("070-123 45 67", "SE")), id(&phone("+46 70 123 45 67", "US")));
        let unreadable = [phone("123456789012345678-90", "SE"), phone("(12345678901234567890)", "SE")];
        assert_eq!(id(&unreadable[0]), id(&unreadable[1]), "digits of an unreadable number");
        assert_ne!(id(&email("jane@example.com")), id(&email("joan@example.com")));
    }

    #[test]
    fn ids_depend_on_key_tenant_and_mode() {
        let (key, contact) = (SuppressionKey::new([7; 32]), email("jane@example.com"));
        let id = key.id(environment("t", Mode::Live), &contact);
        assert_ne!(id, key.id(environment("u", Mode::Live), &contact));
        assert_ne!(id, key.id(environment("t", Mode::Test), &contact));
        assert_ne!(id, SuppressionKey::new([8; 32]).id(environment("t", Mode::Live), &contact));
    }

    /// Stored suppressions depend on this value. Python's hmac and hashlib give the same.
    #[test]
    fn ids_never_change() {
        let environment = Environment { tenant: TenantId::parse(&"1".repeat(32)).expect("an id"), mode: Mode::Live };
        let id = SuppressionKey::new([7; 32]).id(environment, &email("jane@example.com"));
        assert_eq!(id.simple(), "149b5e71590883669ebe715bffe75d39");
    }

    #[test]
    fn debug_output_hides_contact_and_key() {
        let printed = format!("{:?} {:?}", email("jane@example.com"), SuppressionKey::new([7; 32]));
        assert_eq!(printed, "Contact(EMAIL, …) SuppressionKey(…)");
    }
}
