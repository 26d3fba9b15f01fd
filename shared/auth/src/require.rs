//! Scopes as types: a handler that takes `Caller<require::LeadsRead>` runs only for keys with `leads:read`.

use domain::Scope;

/// The scope that a handler requires.
pub trait RequiredScope: Send + Sync + 'static {
    /// The scope, or `None` where any valid key is accepted.
    const SCOPE: Option<Scope>;
}

macro_rules! require {
    ($($name:ident),* $(,)?) => {$(
        #[doc = concat!("Requires [`Scope::", stringify!($name), "`].")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl RequiredScope for $name {
            const SCOPE: Option<Scope> = Some(Scope::$name);
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
    const SCOPE: Option<Scope> = None;
}
