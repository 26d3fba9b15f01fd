//! The authenticated caller of a handler.

use crate::api_error::ApiError;
use crate::request_context::RequestContext;
use crate::state::ApiState;
use auth::require::RequiredScope;
use axum::extract::{FromRef, FromRequestParts};
use contract::{ContractProfile, contract_of_path, profile};
use domain::audit::Actor;
use domain::{BusinessId, Contract, Environment};
use http::request::Parts;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::ops::Deref;
use store::AuthenticatedKey;

/// The identity of a caller: its key, the contract it called, and where the call came from.
///
/// It carries no service. What a handler does for a caller is done by [`ApiState`] and the types that it returns.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The key that authenticated the call.
    pub key: AuthenticatedKey,
    /// The public beginning of the key.
    pub key_prefix: String,
    /// The SHA-256 of the key in hexadecimal, under which the access table stores it.
    pub key_hash: String,
    /// The contract whose path was called.
    pub contract: Contract,
    /// The address of the client.
    pub source_ip: Option<IpAddr>,
}

impl Identity {
    /// Returns the environment that the key opens.
    pub fn environment(&self) -> Environment {
        self.key.environment
    }

    /// Returns the formats of the called contract.
    pub fn profile(&self) -> &'static dyn ContractProfile {
        profile(self.contract)
    }

    /// Returns whether the key may access what belongs to `business`; `None` belongs to the whole tenant.
    pub fn may_access(&self, business: Option<BusinessId>) -> bool {
        self.key.business.is_none() || self.key.business == business
    }

    /// Returns the actor that audit entries of this call name.
    pub fn actor(&self) -> Actor {
        Actor::Key { id: self.key.id, prefix: self.key_prefix.clone(), address: self.source_ip }
    }
}

/// An authenticated caller whose key has the scope `S`, one of [`crate::require`].
///
/// A handler that takes one runs only for calls that were authenticated, authorized and counted: extracting it does all
/// three.
#[derive(Clone, Debug)]
pub struct Caller<S> {
    identity: Identity,
    scope: PhantomData<S>,
}

impl<S> Deref for Caller<S> {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl<S, T> FromRequestParts<T> for Caller<S>
where
    S: RequiredScope,
    T: Send + Sync,
    ApiState: FromRef<T>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &T) -> Result<Self, ApiError> {
        let context = parts.extensions.get::<RequestContext>();
        let context = context.ok_or_else(|| ApiError::internal("a request has no context"))?;
        if let Some(prefix) = auth::key_prefix(&parts.headers) {
            let _ = context.key_prefix.set(prefix);
        }
        let authenticator = ApiState::from_ref(state).authenticator().clone();
        let authenticated = authenticator.authenticate(&parts.headers, S::SCOPES).await;
        let quota = match &authenticated {
            Ok(authenticated) => Some(authenticated.quota),
            Err(error) => error.quota(),
        };
        if let Some(quota) = quota {
            let _ = context.quota.set(quota);
        }
        let authenticated = authenticated?;
        let _ = context.tenant.set(authenticated.key.environment.tenant);
        let identity = Identity {
            key: authenticated.key,
            key_prefix: authenticated.key_prefix,
            key_hash: authenticated.key_hash,
            contract: contract_of_path(parts.uri.path()),
            source_ip: context.source_ip,
        };
        Ok(Self { identity, scope: PhantomData })
    }
}
