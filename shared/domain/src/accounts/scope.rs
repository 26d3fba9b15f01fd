//! Scopes: the permissions of an API key.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! scopes {
    ($($variant:ident $name:literal $doc:literal),* $(,)?) => {
        /// A permission of an API key. Each route requires one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Scope { $(#[doc = $doc] $variant,)* }

        impl Scope {
            /// Every scope, in display order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the name in API requests and responses.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

scopes! {
    LeadsRead "leads:read" "List and retrieve leads.",
    LeadsWrite "leads:write" "Create, update and erase leads.",
    SequencesWrite "sequences:write" "Start and stop sequences, manage sequence templates.",
    DisputesRead "disputes:read" "List and retrieve disputes.",
    DisputesWrite "disputes:write" "Open and update disputes.",
    EvidenceRead "evidence:read" "List evidence.",
    EvidenceWrite "evidence:write" "Create evidence.",
    CustomersRead "customers:read" "List customers.",
    CustomersWrite "customers:write" "Create customers.",
    TransactionsRead "transactions:read" "List transactions.",
    TransactionsWrite "transactions:write" "Create transactions.",
    EventsRead "events:read" "List a visitor's events.",
    EventsWrite "events:write" "Record events.",
    AnalyticsRead "analytics:read" "Retrieve KPIs.",
    WebhooksRead "webhooks:read" "List and retrieve webhook subscriptions and deliveries.",
    WebhooksWrite "webhooks:write" "Manage webhook subscriptions, resend deliveries.",
    InboundWrite "inbound:write" "Submit inbound messages.",
    KeysRead "keys:read" "List API keys, without the keys themselves.",
    KeysWrite "keys:write" "Create, rotate and revoke API keys, purge test data.",
    BusinessesRead "businesses:read" "List businesses.",
    BusinessesWrite "businesses:write" "Create and update businesses.",
    AuditRead "audit:read" "List the audit log.",
}

impl Scope {
    /// Scopes that reading an evidence package takes: it shows the evidence of a dispute, and messages of its lead.
    pub const TO_READ_PACKAGES: &'static [Self] = &[Self::DisputesRead, Self::EvidenceRead, Self::LeadsRead];

    /// Scopes that generating an evidence package takes.
    pub const TO_GENERATE_PACKAGES: &'static [Self] = &[Self::DisputesWrite, Self::EvidenceRead, Self::LeadsRead];

    /// Returns the scope with this name, or the reason, which lists all names, as a sentence fragment.
    pub fn parse(name: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|scope| scope.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|scope| scope.name()).collect();
            format!("must be one of {}", known.join(", "))
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
    /// Returns all scopes.
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    /// Returns whether the set contains `scope`.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Returns the scopes of this set that `other` lacks, in display order.
    pub fn difference(self, other: Self) -> Vec<Scope> {
        self.iter().filter(|scope| !other.contains(*scope)).collect()
    }

    /// Iterates over the scopes in display order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.contains(*scope))
    }

    /// Returns whether the set is empty.
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
        // A stored scope that this version does not know grants nothing.
        let names = Vec::<String>::deserialize(deserializer)?;
        Ok(names.iter().filter_map(|name| Scope::parse(name).ok()).collect())
    }
}
