//! The caller: proof, in a handler's argument type, that the key, its scope and its limits were checked.

use crate::api_error::ApiError;
use crate::request_context::RequestContext;
use crate::state::ApiState;
use auth::require::RequiredScope;
use axum::extract::{FromRef, FromRequestParts};
use contract::{ContractProfile, ErrorKind, profile};
use domain::{Contract, Environment};
use http::request::Parts;
use http::{HeaderMap, Method};
use std::marker::PhantomData;
use std::net::IpAddr;
use store::AuthenticatedKey;

/// An admitted caller whose key has the scope that `S` names.
#[derive(Clone)]
pub struct Caller<S> {
    /// The key it was admitted with.
    pub key: AuthenticatedKey,
    /// The contract whose path was called.
    pub contract: Contract,
    pub(crate) key_prefix: String,
    pub(crate) state: ApiState,
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
    S: RequiredScope,
    T: Send + Sync,
    ApiState: FromRef<T>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &T) -> Result<Self, ApiError> {
        let state = ApiState::from_ref(state);
        let context = parts.extensions.get::<RequestContext>().cloned();
        let context = context.ok_or_else(|| ApiError::internal("a request has no context"))?;
        let authenticated = state.authenticator().authenticate(&parts.headers, S::SCOPE).await;
        let quota = match &authenticated {
            Ok(authenticated) => Some(authenticated.quota),
            Err(error) => error.quota(),
        };
        if let Some(quota) = quota {
            let _ = context.quota.set(quota);
        }
        let authenticated = authenticated?;
        let path = parts.uri.path().to_owned();
        Ok(Self {
            key: authenticated.key,
            contract: Contract::of_path(&path),
            key_prefix: authenticated.key_prefix,
            state,
            method: parts.method.clone(),
            path,
            headers: parts.headers.clone(),
            source_ip: context.source_ip,
            scope: PhantomData,
        })
    }
}
