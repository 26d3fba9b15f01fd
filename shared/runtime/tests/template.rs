//! Compares `template.yaml` with the functions, and with the operators' guide.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the text of the template's resource `name`.
fn resource<'a>(template: &'a str, name: &str) -> &'a str {
    let start = template.find(&format!("\n  {name}:\n")).unwrap_or_else(|| panic!("the template has no {name}")) + 1;
    let text = &template[start..];
    let indented = |line: &str| line.is_empty() || line.starts_with("   ");
    let length: usize = text.lines().skip(1).take_while(|line| indented(line)).map(|line| line.len() + 1).sum();
    &text[..(name.len() + 4 + length).min(text.len())]
}

/// Returns the logical ids of the functions, each with its folder below `functions/`.
fn functions(template: &str) -> Vec<(String, String)> {
    let mut resource = "";
    let mut found = Vec::new();
    for line in template.lines() {
        if let Some(name) = line.strip_prefix("  ").and_then(|line| line.strip_suffix(':'))
            && !name.starts_with([' ', '#'])
        {
            resource = name;
        }
        if let Some(folder) = line.trim().strip_prefix("CodeUri: functions/") {
            found.push((resource.to_owned(), folder.to_owned()));
        }
    }
    found
}

#[test]
fn functions_get_what_they_use_and_no_more() {
    let template = fs::read_to_string(root().join("template.yaml")).expect("the template");
    let functions = functions(&template);
    assert!(functions.len() >= 16, "{functions:?}");
    for (name, folder) in functions {
        let main = fs::read_to_string(root().join("functions").join(&folder).join("src/main.rs")).expect("a main.rs");
        let function = resource(&template, &name);
        let role = resource(&template, &format!("{}Role", name.strip_suffix("Function").expect("a function")));
        for (use_of_it, variable, action) in [
            (".master_keys()", "LEADHOUSE_MASTER_SECRET", Some("secretsmanager:")),
            (".blobs()", "LEADHOUSE_BUCKET", Some("FilesBucket")),
            (".parking()", "LEADHOUSE_PARKING_BUCKET", Some("UndispatchedBucket")),
            (".delivery_queue", "LEADHOUSE_QUEUE_URL", None),
            (".delivery_queues()", "LEADHOUSE_SLOW_QUEUE_URL", None),
            (".follow_up_queue()", "LEADHOUSE_FOLLOW_UP_QUEUE_URL", None),
            (".package_queue()", "LEADHOUSE_PACKAGE_QUEUE_URL", None),
            (".api_url()", "LEADHOUSE_API_URL", None),
            (".senders()", "LEADHOUSE_EMAIL_FROM", Some("ses:")),
        ] {
            let is_used = main.contains(use_of_it);
            assert_eq!(function.contains(&format!("{variable}:")), is_used, "{folder}: {variable}");
            assert_eq!(
                action.is_none_or(|action| role.contains(action)),
                is_used || action.is_none(),
                "{folder}: {use_of_it}"
            );
        }
    }
}

/// Returns the logical ids of the alarms.
fn alarms(template: &str) -> Vec<&str> {
    let lines: Vec<_> = template.lines().collect();
    let found = lines.windows(2).filter(|two| two[1] == "    Type: AWS::CloudWatch::Alarm");
    found.filter_map(|two| two[0].trim().strip_suffix(':')).collect()
}

#[test]
fn every_function_has_an_errors_alarm() {
    let template = fs::read_to_string(root().join("template.yaml")).expect("the template");
    let alarms: Vec<_> = alarms(&template).into_iter().map(|name| resource(&template, name)).collect();
    for (name, _) in functions(&template) {
        let dimension = format!("{{ Name: FunctionName, Value: !Ref {name} }}");
        let watches = |alarm: &&str| alarm.contains("MetricName: Errors") && alarm.contains(&dimension);
        assert!(alarms.iter().any(watches), "{name}");
    }
}

#[test]
fn the_operators_guide_explains_every_alarm() {
    let template = fs::read_to_string(root().join("template.yaml")).expect("the template");
    let guide = fs::read_to_string(root().join("docs/operations.md")).expect("the guide");
    let alarms = alarms(&template);
    assert!(alarms.len() >= 28, "{alarms:?}");
    for alarm in alarms {
        let is_of_one_function = resource(&template, alarm).contains("Condition: HasFunctionAlarms");
        let name = if is_of_one_function { "<Name>ErrorsAlarm" } else { alarm };
        assert!(guide.contains(&format!("`{name}`")), "{alarm}");
    }
}
