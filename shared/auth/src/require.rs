//! Scopes as types: a handler that takes `Caller<require::LeadsRead>` runs only for keys with `leads:read`.

use domain::Scope;

/// The scopes that a handler requires.
pub trait RequiredScope: Send + Sync + 'static {
    /// The scopes, all of which the key must have. None where any valid key is accepted.
    const SCOPES: &'static [Scope];
}

macro_rules! require {
    ($($name:ident),* $(,)?) => {$(
        #[doc = concat!("Requires [`Scope::", stringify!($name), "`].")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl RequiredScope for $name {
            const SCOPES: &'static [Scope] = &[Scope::$name];
        }
    )*};
}

require!(
    LeadsRead,
    LeadsWrite,
    SequencesWrite,
    DisputesRead,
    DisputesWrite,
    EvidenceRead,
    EvidenceWrite,
    CustomersRead,
    CustomersWrite,
    TransactionsRead,
    TransactionsWrite,
    EventsRead,
    EventsWrite,
    AnalyticsRead,
    WebhooksRead,
    WebhooksWrite,
    InboundWrite,
    KeysRead,
    KeysWrite,
    BusinessesRead,
    BusinessesWrite,
    AuditRead,
);

/// Requires a valid key and no particular scope.
#[derive(Clone, Copy, Debug)]
pub struct AnyKey;

impl RequiredScope for AnyKey {
    const SCOPES: &'static [Scope] = &[];
}

/// Requires the scopes of those who generate an evidence package: it shows evidence, and messages of the lead.
#[derive(Clone, Copy, Debug)]
pub struct PackagesWrite;

impl RequiredScope for PackagesWrite {
    const SCOPES: &'static [Scope] = Scope::TO_GENERATE_PACKAGES;
}

/// Requires the scopes of those who read an evidence package, or what one would show.
#[derive(Clone, Copy, Debug)]
pub struct PackagesRead;

impl RequiredScope for PackagesRead {
    const SCOPES: &'static [Scope] = Scope::TO_READ_PACKAGES;
}
