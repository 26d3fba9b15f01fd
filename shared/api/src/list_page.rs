//! Pages of lists: the limit and cursor that a caller sends, and the cursor of the next page.

use crate::api_error::ApiError;
use crate::api_response::ApiResponse;
use crate::caller::Identity;
use contract::{Cursor, Json, ListIdentity, NextCursor, Query};
use store::{Page, PageRequest, Position};

/// The page of a list that a caller asks for.
pub struct ListPage<'a> {
    caller: &'a Identity,
    list: ListIdentity,
    /// Maximum number of items.
    pub limit: usize,
    /// The position that the cursor holds.
    pub after: Option<String>,
}

impl<'a> ListPage<'a> {
    /// Reads the page of the list `name` from `query`, whose filters have been read before: a cursor is valid for the
    /// filters that it was returned for, and for the tenant, mode, contract and bound business of the key.
    pub fn read(caller: &'a Identity, name: &str, query: Query) -> Result<Self, ApiError> {
        let business = caller.key.business.map(|business| business.simple()).unwrap_or_default();
        let name = format!("{}/{name}/{business}", caller.profile().base_path());
        let (list, limit, after) = query.page(&name, caller.environment(), caller.profile().page_limits())?;
        Ok(Self { caller, list, limit, after })
    }

    /// Returns the request of a page whose positions `parse` reads.
    pub fn request(&self, parse: impl Fn(&str) -> Option<Position>) -> Result<PageRequest, ApiError> {
        let after = self.after.as_ref().map(|after| parse(after).ok_or_else(Cursor::error)).transpose()?;
        Ok(PageRequest { limit: self.limit, after })
    }

    /// Returns the page with these items and the cursor of the next one.
    pub fn response(self, items: impl Iterator<Item = Json>, next: Option<Position>) -> ApiResponse {
        self.response_after(items, next.as_ref().map(Position::as_str))
    }

    /// Returns the page with these items and a cursor behind the position `next`.
    pub fn response_after(self, items: impl Iterator<Item = Json>, next: Option<&str>) -> ApiResponse {
        let next = NextCursor::behind(next, &self.list);
        ApiResponse::ok(self.caller.profile().page_json(items.collect(), next))
    }

    /// Returns the page of a list that is the same for everybody, in this order. Its cursors hold names of items.
    pub fn response_of_fixed<T: Copy>(
        self,
        all: &[T],
        name_of: impl Fn(T) -> &'static str,
        json_of: impl Fn(T) -> Json,
    ) -> Result<ApiResponse, ApiError> {
        let start = match &self.after {
            None => 0,
            Some(after) => all.iter().position(|item| name_of(*item) == after).ok_or_else(Cursor::error)? + 1,
        };
        let rest = all.get(start..).unwrap_or_default();
        let shown = &rest[..rest.len().min(self.limit)];
        let next = shown.last().filter(|_| shown.len() < rest.len()).map(|last| name_of(*last));
        Ok(self.response_after(shown.iter().map(|item| json_of(*item)), next))
    }

    /// Returns the page of a list that is short enough to be read whole: of `all`, newest first, with ids in their
    /// plain form.
    pub fn of_all<T>(&self, mut all: Vec<T>, id: impl Fn(&T) -> String) -> Page<T> {
        all.retain(|item| self.after.as_ref().is_none_or(|after| id(item) < *after));
        let more = all.len() > self.limit;
        all.truncate(self.limit);
        let next = all.last().filter(|_| more).and_then(|last| Position::parse_id_key(&id(last)));
        Page { items: all, next }
    }
}
