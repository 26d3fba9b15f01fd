//! KPI counters: kept up to date by a reader of the stream, so that KPIs of a year are one query.
//!
//! **Counting once.** The stream may repeat a change. The id of each counted event is therefore recorded in the same
//! transaction as the counters that it adds to, on the condition that it is absent ([`counted_events`]). A repeated
//! event meets its id and is left out. Many events of one business share a transaction ([`count`]).
//!
//! **Size decides the cost.** An update of an item costs a write unit for each KB that the item has, in a transaction
//! two. A month's counters are therefore spread over items of eight days each, as flat attributes that exist only
//! where something was counted ([`layout`]). And each of these is one of four: a batch of events selects one by its
//! first event's id, so that concurrent transactions rarely meet in one item.
//!
//! **Bounded sources.** Leads are counted by source, and sources are free text. An item distinguishes a limited number,
//! which it names in a set; leads of further ones are counted under `OTHER` ([`update`]).

mod count;
mod counted_events;
mod layout;
mod read;
mod update;
