//! The options of `redrive`, and the sources that they select.

use super::report::{SourceReport, output};
use super::source::Source;
use super::stack::Stack;
use super::{Consumer, Extent, Mode, StreamRedrive, parked};
use crate::output::CommandOutput;
use crate::value_parsers::{item_limit, stack_name, tenant_id};
use crate::{CommandError, aws::AwsAccount};
use clap::Args;
use domain::TenantId;
use std::path::{Path, PathBuf};

/// Options of `redrive`. That a place is given is checked by `location`, whose error says which options there are.
#[derive(Args, Clone, Debug)]
pub struct RedriveCommand {
    /// Data folder of a local server, which may be running; it has parked records only
    #[arg(long, value_name = "DIR", conflicts_with = "stack")]
    data: Option<PathBuf>,
    /// Name of a deployed stack, in the AWS account and region that your AWS configuration selects
    #[arg(long, value_name = "NAME", env = "LEADHOUSE_STACK", value_parser = stack_name)]
    stack: Option<String>,
    /// Redrive these only, separated by commas [default: all]
    #[arg(long, value_name = "SOURCES", value_enum, value_delimiter = ',')]
    only: Vec<Source>,
    /// Redrive parked records and undispatched batches of this function only
    #[arg(long, value_name = "NAME", value_enum)]
    consumer: Option<Consumer>,
    /// Redrive the dead letters of this tenant only
    #[arg(long, value_name = "TENANT", value_parser = tenant_id, conflicts_with = "consumer")]
    tenant: Option<TenantId>,
    /// Maximum number of items of each source and function that are tried; of parked records and undispatched batches the
    /// oldest first
    #[arg(long, value_name = "N", value_parser = item_limit)]
    limit: Option<usize>,
    /// Show what would be redriven, with counts, reasons and ages, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON on a terminal too; without it, a terminal gets tables and anything else JSON
    #[arg(long)]
    json: bool,
}

/// The place whose items are redriven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedriveLocation<'a> {
    /// The data folder of a local server.
    DataFolder(&'a Path),
    /// A deployed stack.
    Stack(&'a str),
}

impl RedriveCommand {
    /// Returns the place whose items are redriven.
    pub fn location(&self) -> Result<RedriveLocation<'_>, CommandError> {
        match (&self.data, &self.stack) {
            (Some(folder), _) => Ok(RedriveLocation::DataFolder(folder)),
            (None, Some(stack)) => Ok(RedriveLocation::Stack(stack)),
            (None, None) => Err(CommandError::NoRedriveLocation),
        }
    }

    /// Returns whether the result is to be printed as JSON wherever it goes.
    pub fn wants_json(&self) -> bool {
        self.json
    }

    /// Redrives what a local server has parked.
    pub async fn run_in_folder(&self, place: StreamRedrive<'_>) -> Result<CommandOutput, CommandError> {
        let source = self.tenant.map(|_| Source::DeadLetters);
        if let Some(source) = source.iter().chain(&self.only).find(|source| **source != Source::Parked) {
            return Err(CommandError::OnlyOnDeployment(source.name()));
        }
        let mut reports = Vec::new();
        for consumer in self.consumers() {
            reports.push(parked::redrive(place, consumer, self.extent()).await?);
        }
        Ok(output(&reports, self.extent().mode))
    }

    /// Redrives what a deployed stack has given up.
    pub async fn run_on_stack(&self, name: &str) -> Result<CommandOutput, CommandError> {
        let sources = self.sources()?;
        let stack = Stack::find(&AwsAccount::from_configuration().await?, name).await?;
        let mut reports = Vec::new();
        for source in sources {
            reports.extend(self.redrive_on_stack(source, &stack).await?);
        }
        Ok(output(&reports, self.extent().mode))
    }

    async fn redrive_on_stack(&self, source: Source, stack: &Stack) -> Result<Vec<SourceReport>, CommandError> {
        let (extent, consumers) = (self.extent(), self.consumers());
        match source {
            Source::Undispatched => stack.redrive_undispatched(&consumers, extent).await,
            Source::Parked => stack.redrive_parked(&consumers, extent).await,
            Source::DeadLetters => Ok(stack.redrive_dead_letters(extent).await),
            Source::Uploads => Ok(vec![stack.redrive_uploads(extent).await]),
        }
    }

    /// Returns the selected sources, in the order in which they are redriven.
    fn sources(&self) -> Result<Vec<Source>, CommandError> {
        let of_consumer = self.consumer.is_some();
        if let Some(source) = self.only.iter().find(|source| of_consumer && !source.is_of_stream()) {
            return Err(CommandError::NotOfConsumer(source.name()));
        }
        let of_tenant = self.tenant.is_some();
        if let Some(source) = self.only.iter().find(|source| of_tenant && **source != Source::DeadLetters) {
            return Err(CommandError::NotOfTenant(source.name()));
        }
        let selected = |source: &Source| {
            let fits = (!of_consumer || source.is_of_stream()) && (!of_tenant || *source == Source::DeadLetters);
            if self.only.is_empty() { fits } else { self.only.contains(source) }
        };
        Ok(Source::ALL.into_iter().filter(selected).collect())
    }

    fn consumers(&self) -> Vec<Consumer> {
        self.consumer.map_or(Consumer::ALL.to_vec(), |consumer| vec![consumer])
    }

    fn extent(&self) -> Extent {
        let mode = if self.dry_run { Mode::DryRun } else { Mode::Redrive };
        Extent { limit: self.limit.unwrap_or(usize::MAX), tenant: self.tenant, mode }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        command: RedriveCommand,
    }

    fn parse(arguments: &str) -> RedriveCommand {
        let arguments = format!("leadhouse --stack s {arguments}");
        Program::try_parse_from(arguments.split_whitespace()).expect("valid options").command
    }

    #[test]
    fn options_select_sources() {
        let all = [Source::Undispatched, Source::Parked, Source::DeadLetters, Source::Uploads];
        for (arguments, expected) in [
            ("", &all[..]),
            ("--consumer bookkeeping", &all[..2]),
            ("--only uploads,parked", &[Source::Parked, Source::Uploads]),
            ("--only parked --consumer dispatch", &[Source::Parked]),
            ("--tenant 0199b1c2-0000-7000-8000-000000000000", &[Source::DeadLetters]),
        ] {
            assert_eq!(parse(arguments).sources().expect("sources"), expected, "{arguments}");
        }
        let error = parse("--only dead-letters --consumer dispatch").sources().expect_err("no consumer");
        assert!(error.to_string().contains("dead-letters"), "{error}");
        let tenant = "--only uploads --tenant 0199b1c2-0000-7000-8000-000000000000";
        let error = parse(tenant).sources().expect_err("no tenant");
        assert!(error.to_string().contains("not uploads"), "{error}");
    }

    #[test]
    fn a_stack_has_a_name_of_cloudformation() {
        for name in ["", "a/b", "-a", "ä"] {
            assert!(Program::try_parse_from(["leadhouse", "--stack", name]).is_err(), "{name}");
        }
        assert!(Program::try_parse_from(["leadhouse", "--stack", "leadhouse-2"]).is_ok());
    }
}
