use super::*;
use crate::accounts::business::Currency;
use crate::disputes::dispute::{DisputeReason, NewDispute};
use crate::disputes::money::Money;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn dispute() -> Dispute {
    let new = NewDispute {
        business: BusinessId::derived(&[b"b"]),
        reason: DisputeReason::General,
        money: Money { cents: 1, currency: Currency::parse("EUR").expect("a code") },
        customer: None,
        transaction: None,
        lead: None,
        customer_claim: None,
        evidence_due_by: None,
    };
    Dispute::new(DisputeId::derived(&[b"d"]), new, NOW)
}

fn package() -> Package {
    let dispute = dispute();
    let id = Package::id_of(dispute.id, "f", 0);
    Package::new(id, &dispute, NetworkProfile::default(), NOW.plus_months(24), NOW)
}

#[test]
fn only_the_next_attempt_is_claimed() {
    let package = package();
    for attempt in [0, 2, 3] {
        assert_eq!(package.claimed(attempt, NOW), Err(NotClaimable::Stale), "{attempt}");
    }
    let claimed = package.claimed(1, NOW).expect("claimed");
    assert_eq!((claimed.attempts, claimed.version), (1, 2));
    assert_eq!(claimed.claimed(2, NOW), Err(NotClaimable::Stale), "the claim is open");
    let later = NOW.after(PACKAGE_CLAIM_DURATION);
    assert_eq!(claimed.claimed(2, later).map(|again| (again.attempts, again.unfinished)), Ok((2, 1)));
    let failed = claimed.failed("No.".to_owned(), later);
    assert_eq!(failed.claimed(2, later), Err(NotClaimable::Stale));
}

#[test]
fn unfinished_attempts_are_bounded() {
    let (mut package, mut now, mut claims) = (package(), NOW, 0);
    while let Ok(claimed) = package.claimed(package.attempts + 1, now) {
        claims += 1;
        now = now.after(PACKAGE_CLAIM_DURATION);
        package = claimed;
    }
    assert_eq!(claims, MAX_UNFINISHED_ATTEMPTS);
    assert_eq!(package.claimed(package.attempts + 1, now), Err(NotClaimable::Exhausted));
}

#[test]
fn postponed_attempts_are_bounded_with_growing_pauses() {
    let (mut package, mut now, mut pauses) = (package(), NOW, Vec::new());
    while let Ok(claimed) = package.claimed(package.attempts + 1, now) {
        pauses.push(claimed.retry_delay().as_secs());
        now = now.after(claimed.retry_delay());
        package = claimed.postponed(now, claimed.unfinished, now);
    }
    assert_eq!(pauses, [30, 120, 480, 1_920, 7_680, 30_720]);
}

#[test]
fn a_released_claim_counts_as_no_failure() {
    let mut package = package();
    for _ in 0..50 {
        package = package.claimed(1, NOW).expect("claimed").released(NOW);
    }
    assert_eq!((package.attempts, package.unfinished), (0, 0));
}

#[test]
fn ids_depend_on_content_and_generation() {
    let dispute = dispute().id;
    let id = Package::id_of(dispute, "f", 0);
    assert_eq!(id, Package::id_of(dispute, "f", 0));
    assert_ne!(id, Package::id_of(dispute, "f", 1));
    assert_ne!(id, Package::id_of(dispute, "g", 0));
}
