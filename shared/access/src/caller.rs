//! The caller: proof, in a handler's argument type, that the key, its scope and its limits were checked.

use crate::api_error::ApiError;
use crate::gate::Gate;
use axum::extract::{FromRef, FromRequestParts};
use contract::{ContractProfile, ErrorKind, profile};
use domain::accounts::rate_limit::Quota;
use domain::{Contract, Environment};
use http::request::Parts;
use http::{HeaderMap, Method};
use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use store::AdmittedKey;

/// What the gateway says of a call; put into every request before it meets a router.
#[derive(Clone, Debug)]
pub struct Meta {
    /// The gateway's id of the request.
    pub request_id: String,
    /// Where it came from.
    pub source_ip: Option<IpAddr>,
    /// The key's quota once it is known: the answer's headers tell it, whatever the answer is.
    pub quota: Arc<OnceLock<Quota>>,
}

impl Meta {
    /// The meta of a call that nobody has looked at yet.
    pub fn new(request_id: String, source_ip: Option<IpAddr>) -> Self {
        Self { request_id, source_ip, quota: Arc::default() }
    }
}

/// The scopes as types: a handler that takes `Caller<needs::LeadsRead>` is reached only with `leads:read`.
pub mod needs {
    use domain::Scope;

    /// What a handler needs.
    pub trait Needs: Send + Sync + 'static {
        /// The scope, or none where any key will do.
        const SCOPE: Option<Scope>;
    }

    macro_rules! needs {
        ($($name:ident),* $(,)?) => {$(
            #[doc = concat!("Needs the scope `", stringify!($name), "`.")]
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Needs for $name {
                const SCOPE: Option<Scope> = Some(Scope::$name);
            }
        )*};
    }

    needs!(
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

    /// Any key will do.
    #[derive(Clone, Copy, Debug)]
    pub struct AnyKey;

    impl Needs for AnyKey {
        const SCOPE: Option<Scope> = None;
    }
}

/// An admitted caller whose key has the scope that `S` names.
#[derive(Clone)]
pub struct Caller<S> {
    /// The key it was admitted with.
    pub key: AdmittedKey,
    /// The contract whose path was called.
    pub contract: Contract,
    pub(crate) gate: Gate,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) source_ip: Option<IpAddr>,
    scope: PhantomData<S>,
}

impl<S> Caller<S> {
    /// The world that the key opens.
    pub fn environment(&self) -> Environment {
        self.key.environment
    }

    /// How the called contract spells things.
    pub fn profile(&self) -> &'static dyn ContractProfile {
        profile(self.contract)
    }

    /// What a cursor of the list `name` is bound to besides tenant, mode and filters: contract and bound business.
    pub fn list_name(&self, name: &str) -> String {
        let business = self.key.business.map(|business| business.simple()).unwrap_or_default();
        format!("{}/{name}/{business}", self.contract.base_path())
    }

    /// A header's text, if it was sent; it must be text and sent once.
    pub fn one_header(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let mut values = self.headers.get_all(name).iter();
        let Some(value) = values.next() else { return Ok(None) };
        match (value.to_str(), values.next()) {
            (Ok(text), None) => Ok(Some(text)),
            _ => Err(ErrorKind::field(name, "must be sent once, in visible ASCII characters").into()),
        }
    }
}

impl<S, T> FromRequestParts<T> for Caller<S>
where
    S: needs::Needs,
    T: Send + Sync,
    Gate: FromRef<T>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &T) -> Result<Self, ApiError> {
        let gate = Gate::from_ref(state);
        let meta = parts.extensions.get::<Meta>().cloned();
        let meta = meta.ok_or_else(|| ApiError::internal("a call came in without its meta"))?;
        let admitted = gate.admit(&parts.headers, S::SCOPE).await;
        let quota = match &admitted {
            Ok(admission) => Some(admission.quota),
            Err((_, quota)) => *quota,
        };
        if let Some(quota) = quota {
            let _ = meta.quota.set(quota);
        }
        let admission = admitted.map_err(|(error, _)| error)?;
        let path = parts.uri.path().to_owned();
        Ok(Self {
            key: admission.key,
            contract: Contract::of_path(&path),
            gate,
            method: parts.method.clone(),
            path,
            headers: parts.headers.clone(),
            source_ip: meta.source_ip,
            scope: PhantomData,
        })
    }
}
