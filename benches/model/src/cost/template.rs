//! The numbers of `template.yaml` that costs depend on: memory of functions, alarms, queues with a consumer.

const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// Returns each resource of the template with its lines.
fn resources() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let resources = TEMPLATE.split("\nResources:\n").nth(1).and_then(|text| text.split("\nOutputs:\n").next());
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in resources.unwrap_or_default().lines() {
        let is_name = line.starts_with("  ") && !line.starts_with("   ") && !line.trim_start().starts_with('#');
        match (is_name, all.last_mut()) {
            (true, _) => all.push((line.trim().trim_end_matches(':'), Vec::new())),
            (false, Some((_, lines))) => lines.push(line.trim()),
            (false, None) => {}
        }
    }
    all.into_iter()
}

fn has_line(lines: &[&str], wanted: &str) -> bool {
    lines.contains(&wanted)
}

/// Returns the memory of a function in GB.
pub(super) fn memory_gb(function: &str) -> f64 {
    let (_, lines) = resources().find(|(name, _)| *name == function).unwrap_or_else(|| panic!("no {function}"));
    let memory = lines.iter().find_map(|line| line.strip_prefix("MemorySize: "));
    let megabytes = memory.and_then(|memory| memory.split_whitespace().next()?.parse::<f64>().ok());
    megabytes.unwrap_or_else(|| panic!("{function} has no memory size")) / 1_024.0
}

/// Extent to which Lambda logs the start and the report of each successful invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InvocationLogs {
    /// Both are logged.
    All,
    /// Only failures are logged.
    Failures,
}

fn log_level<'a>(lines: &[&'a str]) -> Option<&'a str> {
    lines.iter().find_map(|line| line.strip_prefix("SystemLogLevel: "))
}

/// Returns what Lambda logs of the invocations of a function: its own level, or that of all functions.
pub(super) fn invocation_logs(function: &str) -> InvocationLogs {
    let own = resources().find(|(name, _)| *name == function).and_then(|(_, lines)| log_level(&lines));
    let globals: Vec<_> = TEMPLATE.split("\nResources:\n").next().unwrap_or_default().lines().map(str::trim).collect();
    match own.or_else(|| log_level(&globals)).map(|level| level.starts_with("WARN")) {
        Some(true) => InvocationLogs::Failures,
        Some(false) | None => InvocationLogs::All,
    }
}

/// Returns the number of metrics that the alarms of a stack with default parameters watch.
pub(super) fn alarm_metrics() -> usize {
    let alarms = resources().filter(|(_, lines)| {
        has_line(lines, "Type: AWS::CloudWatch::Alarm") && !has_line(lines, "Condition: HasFunctionAlarms")
    });
    alarms.map(|(_, lines)| lines.iter().filter(|line| **line == "MetricStat:").count().max(1)).sum()
}

/// Returns the number of event source mappings that report metrics of their events.
pub(super) fn counted_readers() -> usize {
    resources().map(|(_, lines)| lines.iter().filter(|line| **line == "MetricsConfig:").count()).sum()
}

/// Returns the number of queues that Lambda polls for a function.
pub(super) fn polled_queues() -> usize {
    let functions = resources().filter(|(_, lines)| has_line(lines, "Type: AWS::Serverless::Function"));
    // An event has properties; a destination of failures, which nobody polls, has none.
    let is_event = |pair: &&[&str]| **pair == ["Type: SQS", "Properties:"];
    functions.map(|(_, lines)| lines.windows(2).filter(is_event).count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_read() {
        assert!(memory_gb("DispatchFunction") >= 0.125);
        assert!(alarm_metrics() > 15);
        assert_eq!(invocation_logs("PackageFunction"), InvocationLogs::All);
        assert_eq!(invocation_logs("DeliverFunction"), InvocationLogs::Failures);
        assert!(polled_queues() >= 3);
        assert_eq!(counted_readers(), 2);
    }
}
