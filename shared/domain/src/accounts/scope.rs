//! What a key may do.

use crate::validation::FieldError;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! scopes {
    ($($variant:ident $name:literal $doc:literal),* $(,)?) => {
        /// One thing that a key may do; a handler names the one it needs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Scope { $(#[doc = $doc] $variant,)* }

        impl Scope {
            /// Every scope, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

scopes! {
    LeadsRead "leads:read" "List and retrieve leads.",
    LeadsWrite "leads:write" "Create, change and erase leads.",
    SequencesWrite "sequences:write" "Start and stop sequences, keep their templates.",
    DisputesRead "disputes:read" "List and retrieve disputes.",
    DisputesWrite "disputes:write" "Open disputes and change them.",
    EvidenceRead "evidence:read" "List evidence.",
    EvidenceWrite "evidence:write" "Add evidence.",
    CustomersRead "customers:read" "List customers.",
    CustomersWrite "customers:write" "Add customers.",
    TransactionsRead "transactions:read" "List transactions.",
    TransactionsWrite "transactions:write" "Add transactions.",
    EventsRead "events:read" "List a visitor's events.",
    EventsWrite "events:write" "Record events.",
    AnalyticsRead "analytics:read" "See the figures.",
    WebhooksRead "webhooks:read" "See subscriptions and their deliveries.",
    WebhooksWrite "webhooks:write" "Keep subscriptions, resend deliveries.",
    InboundWrite "inbound:write" "Hand in what customers answered.",
    KeysRead "keys:read" "See keys, never their secrets.",
    KeysWrite "keys:write" "Make, rotate and revoke keys.",
    BusinessesRead "businesses:read" "See businesses.",
    BusinessesWrite "businesses:write" "Add and change businesses.",
    AuditRead "audit:read" "See who changed what.",
}

impl Scope {
    /// The scope of that name; the fault names `field` and what exists.
    pub fn parse(field: &str, name: &str) -> Result<Self, FieldError> {
        Self::ALL.iter().copied().find(|scope| scope.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|scope| scope.name()).collect();
            FieldError::new(field, format!("must be one of {}", known.join(", ")))
        })
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u32);

impl Scopes {
    /// Every scope there is.
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    /// Whether `scope` is in the set.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// The scopes of this set that `other` lacks, in order.
    pub fn difference(self, other: Self) -> Vec<Scope> {
        self.iter().filter(|scope| !other.contains(*scope)).collect()
    }

    /// The scopes in order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.contains(*scope))
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | scope.bit()))
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Scope::name))
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A name that this version does not know grants nothing.
        let names = Vec::<String>::deserialize(deserializer)?;
        Ok(names.iter().filter_map(|name| Scope::parse("scopes", name).ok()).collect())
    }
}
