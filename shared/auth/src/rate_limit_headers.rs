//! Response headers with the limits of a key and the calls it has left.

use domain::Timestamp;
use domain::accounts::rate_limit::{Quota, Window};
use http::{HeaderMap, HeaderName, HeaderValue};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const X_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const X_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const X_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Returns `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10) with every window, and the
/// older `X-RateLimit-…` headers with the tighter one. A key without limits has none of them.
pub fn rate_limit_headers(quota: &Quota, now: Timestamp) -> HeaderMap {
    let windows: Vec<(&str, Window)> = [("minute", quota.minute_window()), ("day", quota.day_window())]
        .into_iter()
        .filter_map(|(name, window)| Some((name, window?)))
        .collect();
    let mut headers = HeaderMap::new();
    let Some(tighter) = quota.tightest_window() else { return headers };
    let left = |window: &Window| window.resets_at.since(now).as_millis().div_ceil(1_000);
    let policy: Vec<_> =
        windows.iter().map(|(name, window)| format!("\"{name}\";q={};w={}", window.limit, window.seconds)).collect();
    let limit: Vec<_> =
        windows.iter().map(|(name, window)| format!("\"{name}\";r={};t={}", window.remaining, left(window))).collect();
    for (name, text) in [(POLICY, policy.join(", ")), (LIMIT, limit.join(", "))] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
    headers.insert(X_LIMIT, HeaderValue::from(tighter.limit));
    headers.insert(X_REMAINING, HeaderValue::from(tighter.remaining));
    headers.insert(X_RESET, HeaderValue::from(tighter.resets_at.seconds()));
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Tier;

    #[test]
    fn headers_list_every_window_and_repeat_the_tighter_one() {
        let quota = Quota { limits: Tier::Free.limits(), minute: 10, minute_count: 1, day_count: 1 };
        let headers = rate_limit_headers(&quota, Timestamp::from_millis(10 * 60_000 + 30_000));
        assert_eq!(headers["ratelimit-policy"], "\"minute\";q=60;w=60, \"day\";q=5000;w=86400");
        assert_eq!(headers["ratelimit"], "\"minute\";r=59;t=30, \"day\";r=4999;t=85770");
        assert_eq!(headers["x-ratelimit-limit"], "60");
        assert_eq!(headers["x-ratelimit-remaining"], "59");
        assert_eq!(headers["x-ratelimit-reset"], "660");
    }
}
