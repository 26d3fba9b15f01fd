//! Webhook subscriptions and their deliveries over HTTP.
