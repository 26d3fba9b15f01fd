//! The promises, black box over HTTP.
