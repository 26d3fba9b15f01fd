//! Leads over HTTP.
