//! The changelog of the API tells of the version that the service has.

use contract::profile;
use domain::{Contract, EventType};

#[test]
fn the_newest_entry_is_the_version_of_the_contract() {
    let changelog = include_str!("../../../CHANGELOG.md");
    let versions: Vec<_> = changelog.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let version = profile(Contract::Native).api_version();
    assert_eq!(versions.first(), Some(&version));
    assert_eq!(openapi::document(Contract::Native)["info"]["version"], version);
    assert_eq!(versions[versions.len() - 4..], ["1.4.0", "1.3.0", "1.2.0", "1.1.0"]);
    let health: serde_json::Value = serde_json::from_str(contract::native::health_json().as_str()).expect("JSON");
    assert_eq!(health["version"], version);
}

#[test]
fn every_event_has_a_version_of_the_changelog() {
    let changelog = include_str!("../../../CHANGELOG.md");
    for event in EventType::ALL {
        let heading = format!("## {}\n", event.since());
        assert!(changelog.contains(&heading), "{}", event.name());
    }
}
