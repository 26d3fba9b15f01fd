//! Rate limits under concurrency: the limit is exact, and no clock can reset it. The single write of authentication
//! runs against the database with a given time.

use crate::harness::{IssuedKey, RandomNumbers, options, server};
use domain::accounts::rate_limit::Limits;
use domain::{Scope, Scopes, Timestamp};
use emulator::FaultInjector;
use futures_util::future::join_all;
use local::LocalServer;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use store::{AuthenticatedCall, CountCallError};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A time early in the afternoon.
const NOON: i64 = 20_000 * DAY + 13 * 60 * MINUTE;

fn limits(minute: impl Into<Option<u64>>, day: impl Into<Option<u64>>) -> Limits {
    Limits { minute: minute.into(), day: day.into() }
}

/// Returns the outcome of a call as a short text.
fn outcome(accepted: &Result<AuthenticatedCall, CountCallError>) -> &'static str {
    match accepted {
        Ok(_) => "accepted",
        Err(CountCallError::UnknownKey) => "unknown",
        Err(CountCallError::MissingScope { .. }) => "scope",
        Err(CountCallError::RateLimited { .. }) => "exhausted",
        Err(CountCallError::ClockAhead(_)) => "clock",
        Err(CountCallError::Store(error)) => panic!("{error}"),
    }
}

/// Authenticates a call at `millis`, with a scope that the key has.
async fn call(server: &LocalServer, key: &IssuedKey, millis: i64) -> Result<AuthenticatedCall, CountCallError> {
    server.store.authenticate(&key.record.hash, Some(Scope::LeadsRead), Timestamp::from_millis(millis)).await
}

async fn outcomes_at(server: &LocalServer, key: &IssuedKey, times: &[i64]) -> Vec<&'static str> {
    let mut outcomes = Vec::new();
    for millis in times {
        outcomes.push(outcome(&call(server, key, *millis).await));
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn the_minute_limit_resets_each_minute() {
    let server = server().await;
    let key = IssuedKey::with_limits(&server, limits(3, 100)).await;
    let exhausted = ["accepted", "accepted", "accepted", "exhausted", "exhausted"];
    assert_eq!(outcomes_at(&server, &key, &[NOON, NOON + 1, NOON + 59_999, NOON + 2, NOON]).await, exhausted);
    let next = NOON + MINUTE;
    assert_eq!(outcomes_at(&server, &key, &[next; 5]).await, exhausted);
    let much_later = NOON + 77 * MINUTE;
    assert_eq!(outcomes_at(&server, &key, &[much_later; 5]).await, exhausted);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_limit_is_independent_of_minutes() {
    let server = server().await;
    let key = IssuedKey::with_limits(&server, limits(3, 5)).await;
    let start = 20_000 * DAY;
    let times = [start, start, start + MINUTE, start + 2 * MINUTE, start + DAY - 1, start + DAY - 1];
    let outcomes = outcomes_at(&server, &key, &times).await;
    assert_eq!(outcomes, ["accepted", "accepted", "accepted", "accepted", "accepted", "exhausted"]);
    let next = start + DAY;
    let outcomes = outcomes_at(&server, &key, &[next, next, next, next]).await;
    assert_eq!(outcomes, ["accepted", "accepted", "accepted", "exhausted"], "a new day, and its first minute");
    let last = call(&server, &key, next + MINUTE).await.unwrap().quota;
    assert_eq!((last.minute_count, last.day_count), (1, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_day_limit_only_minutes_count() {
    let server = server().await;
    let premium = IssuedKey::with_limits(&server, limits(2, None)).await;
    for minute in 0..4 {
        let at = NOON + minute * MINUTE;
        assert_eq!(outcomes_at(&server, &premium, &[at, at, at]).await, ["accepted", "accepted", "exhausted"]);
    }
    let unlimited = IssuedKey::with_limits(&server, Limits::UNLIMITED).await;
    assert_eq!(outcomes_at(&server, &unlimited, &[NOON; 20]).await, ["accepted"; 20]);
    let daily = IssuedKey::with_limits(&server, limits(None, 2)).await;
    assert_eq!(
        outcomes_at(&server, &daily, &[NOON, NOON + MINUTE, NOON, NOON + DAY]).await,
        ["accepted", "accepted", "exhausted", "accepted"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_calls_are_not_counted() {
    let server = server().await;
    let now = Timestamp::from_millis(NOON);
    let expiring = IssuedKey::new(&server, |record| record.expires_at = Some(now)).await;
    assert_eq!(
        outcomes_at(&server, &expiring, &[NOON - 1, NOON, NOON + MINUTE]).await,
        ["accepted", "unknown", "unknown"]
    );

    let revoked = IssuedKey::with_limits(&server, limits(1, 1)).await;
    assert_eq!(outcomes_at(&server, &revoked, &[NOON, NOON]).await, ["accepted", "exhausted"]);
    let writes = server.store.revoke_key(&revoked.record, now).unwrap();
    server.store.commit(writes).await.unwrap();
    assert_eq!(outcomes_at(&server, &revoked, &[NOON, NOON + DAY]).await, ["unknown", "unknown"]);

    let unknown = server.store.authenticate(&"0".repeat(64), None, now).await;
    assert_eq!(outcome(&unknown), "unknown");

    let narrow = IssuedKey::new(&server, |record| {
        record.limits = limits(2, 2);
        record.scopes = [Scope::LeadsRead].into_iter().collect();
    })
    .await;
    for at in [NOON, NOON + MINUTE, NOON + DAY] {
        let lacking =
            server.store.authenticate(&narrow.record.hash, Some(Scope::LeadsWrite), Timestamp::from_millis(at)).await;
        assert_eq!(outcome(&lacking), "scope");
        let Err(CountCallError::MissingScope { quota, .. }) = lacking else { panic!("accepted") };
        assert_eq!((quota.minute_count, quota.day_count), (0, 0), "a rejected call is not counted");
    }
    assert_eq!(outcomes_at(&server, &narrow, &[NOON, NOON, NOON]).await, ["accepted", "accepted", "exhausted"]);

    let scopeless = IssuedKey::new(&server, |record| record.scopes = Scopes::default()).await;
    assert_eq!(outcomes_at(&server, &scopeless, &[NOON]).await, ["scope"]);
    assert!(server.store.authenticate(&scopeless.record.hash, None, now).await.is_ok(), "any key will do");
}

#[tokio::test(flavor = "multi_thread")]
async fn clock_skew_never_resets_a_window() {
    let server = server().await;
    let key = IssuedKey::with_limits(&server, limits(4, 100)).await;
    let midnight = 20_001 * DAY;
    assert_eq!(outcomes_at(&server, &key, &[midnight]).await, ["accepted"]);
    // A minute behind, which is the day before: counted in the stored minute of the stored day.
    let behind = call(&server, &key, midnight - 1).await.unwrap().quota;
    assert_eq!((behind.minute * MINUTE, behind.minute_count, behind.day_count), (midnight, 2, 2));
    // Two minutes behind: the stored window is further ahead than clocks may differ.
    let rejected = call(&server, &key, midnight - MINUTE - 1).await;
    assert!(matches!(rejected, Err(CountCallError::ClockAhead(2))), "{rejected:?}");
    // Callers with a slow clock use the remaining calls and reset nothing.
    let outcomes = outcomes_at(&server, &key, &[midnight - 1, midnight, midnight - 1, midnight, midnight - 1]).await;
    assert_eq!(outcomes, ["accepted", "accepted", "exhausted", "exhausted", "exhausted"]);
    // A clock one minute ahead advances the window, and all callers are counted there.
    let ahead = midnight + MINUTE;
    assert_eq!(
        outcomes_at(&server, &key, &[ahead, midnight, midnight, ahead, midnight, ahead]).await,
        ["accepted", "accepted", "accepted", "accepted", "exhausted", "exhausted"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_is_exact_at_a_window_boundary() {
    let server = server().await;
    let yesterday = 20_000 * DAY + DAY - 1;
    for (minute, day, before, at) in [
        (7, 1_000, NOON, NOON + MINUTE),
        (7, 1_000, yesterday, yesterday + 1),
        (1_000, 7, yesterday, yesterday + 1),
        (1_000, 9, NOON, NOON + MINUTE),
    ] {
        let key = IssuedKey::with_limits(&server, limits(minute, day)).await;
        for _ in 0..2 {
            assert_eq!(outcomes_at(&server, &key, &[before]).await, ["accepted"]);
        }
        let operations = server.database.operations();
        let calls = 60;
        let accepted = join_all((0..calls).map(|_| call(&server, &key, at))).await;
        let outcomes: Vec<_> = accepted.iter().map(outcome).collect();
        assert_eq!(
            outcomes.iter().filter(|outcome| **outcome == "accepted").count(),
            7,
            "of {minute} and {day}: {outcomes:?}"
        );
        assert!(outcomes.iter().all(|outcome| ["accepted", "exhausted"].contains(outcome)));
        // The sweeper reads its eight shards now and then.
        let used = server.database.operations() - operations;
        assert!(used <= 4 * calls + 16, "{used} operations for {calls} calls");
        let last = call(&server, &key, at + DAY).await.unwrap().quota;
        assert_eq!((last.minute_count, last.day_count), (1, 1));
    }
}

/// Sequential model of the rate limit.
#[derive(Default)]
struct Model {
    minute: i64,
    minute_count: u64,
    day_count: u64,
}

impl Model {
    fn call(&mut self, millis: i64, minute_limit: u64, day_limit: u64) -> &'static str {
        let minute = millis.div_euclid(MINUTE);
        if self.minute > minute + 1 {
            return "clock";
        }
        if minute > self.minute {
            let another_day = (minute * MINUTE).div_euclid(DAY) > (self.minute * MINUTE).div_euclid(DAY);
            let day_count = if another_day { 0 } else { self.day_count };
            if day_count >= day_limit {
                return "exhausted";
            }
            *self = Self { minute, minute_count: 1, day_count: day_count + 1 };
            return "accepted";
        }
        if self.minute_count >= minute_limit || self.day_count >= day_limit {
            return "exhausted";
        }
        self.minute_count += 1;
        self.day_count += 1;
        "accepted"
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sequential_calls_match_the_reference_model() {
    let server = server().await;
    let random = RandomNumbers::new(7);
    for _ in 0..6 {
        let (minute_limit, day_limit) = (1 + random.below(4), 4 + random.below(12));
        let key = IssuedKey::with_limits(&server, limits(minute_limit, day_limit)).await;
        let mut model = Model::default();
        // Around midnight, mostly forwards, with clocks that differ by up to three minutes.
        let mut at = 20_001 * DAY - 4 * MINUTE;
        for step in 0..60 {
            at += i64::try_from(random.below(30)).unwrap() * 1_000;
            let clock = at + (i64::try_from(random.below(7)).unwrap() - 3) * MINUTE / 2;
            let accepted = call(&server, &key, clock).await;
            assert_eq!(outcome(&accepted), model.call(clock, minute_limit, day_limit), "step {step} at {clock}");
            if let Ok(AuthenticatedCall { quota, .. }) = accepted {
                assert_eq!(
                    (quota.minute, quota.minute_count, quota.day_count),
                    (model.minute, model.minute_count, model.day_count)
                );
            }
        }
    }
}

/// Delays each operation by a varying time, so that calls overtake each other everywhere.
struct VaryingDelay(RandomNumbers);

impl FaultInjector for VaryingDelay {
    fn before(&self, _: &str, _: &str) -> Option<(u16, String)> {
        std::thread::sleep(Duration::from_micros(self.0.below(3_000)));
        None
    }

    fn after(&self, _: &str, _: &str) -> Option<(u16, String)> {
        None
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_calls_never_exceed_a_limit() {
    let faults = VaryingDelay(RandomNumbers::new(11));
    let server =
        LocalServer::start(local::ServerOptions { fault_injector: Some(Arc::new(faults)), ..options() }).await.unwrap();
    let random = RandomNumbers::new(13);
    for _ in 0..3 {
        let (minute_limit, day_limit) = (3 + random.below(5), 12 + random.below(12));
        let key = IssuedKey::with_limits(&server, limits(minute_limit, day_limit)).await;
        let midnight = 20_001 * DAY;
        let mut accepted: Vec<AuthenticatedCall> = Vec::new();
        for wave in 0..4 {
            // Two clocks one minute apart, which is within the tolerated difference.
            let at = midnight + (wave - 2) * MINUTE;
            let calls = (0..40).map(|_| call(&server, &key, at + i64::try_from(random.below(2)).unwrap() * MINUTE));
            for (number, result) in join_all(calls).await.into_iter().enumerate() {
                match result {
                    Ok(call) => accepted.push(call),
                    Err(CountCallError::RateLimited { quota, .. }) => {
                        let exhausted = quota.minute_count == minute_limit || quota.day_count == day_limit;
                        assert!(exhausted, "call {number} was rejected at {quota:?}");
                    }
                    Err(error) => panic!("call {number}: {error}"),
                }
            }
        }
        let mut minutes: BTreeMap<i64, BTreeSet<u64>> = BTreeMap::new();
        let mut days: BTreeMap<i64, BTreeSet<u64>> = BTreeMap::new();
        for AuthenticatedCall { quota, .. } in &accepted {
            let day = (quota.minute * MINUTE).div_euclid(DAY);
            assert!(minutes.entry(quota.minute).or_default().insert(quota.minute_count), "counted twice: {quota:?}");
            assert!(days.entry(day).or_default().insert(quota.day_count), "counted twice: {quota:?}");
        }
        for (counts, limit) in
            minutes.values().map(|counts| (counts, minute_limit)).chain(days.values().map(|counts| (counts, day_limit)))
        {
            let all: BTreeSet<_> = (1..=counts.len() as u64).collect();
            assert_eq!(*counts, all, "no count is left out");
            assert!(counts.len() as u64 <= limit, "{counts:?} is beyond {limit}");
        }
        // Every wave requests more calls than a minute allows: the last minute is used up, or its day is.
        let last = minutes.last_key_value().unwrap();
        let day = days.last_key_value().unwrap();
        assert!(last.1.len() as u64 == minute_limit || day.1.len() as u64 == day_limit);
    }
}
