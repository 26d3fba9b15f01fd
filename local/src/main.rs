//! `leadhouse`: the local server, and the operator's commands.

use clap::{Parser, Subcommand};
use cli::{CommandOutput, ListenCommand, Location, OperatorCommand, RedriveCommand, RedriveLocation, TriggerCommand};
use domain::accounts::rate_limit::Limits;
use local::{LocalServer, ServerOptions, parse_public_url, write_private};
use runtime::SystemClock;
use std::io::{self, IsTerminal, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use webhook::ssrf::TargetPolicy;

/// With the system's allocator, a fifth of the time to process a lead would go into memory management.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Lead platform: stores leads and notifies subscribers by signed webhooks
#[derive(Parser)]
#[command(name = "leadhouse", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Start the local server (the default command)
    Serve(Serve),
    #[command(flatten)]
    Operator(OperatorCommand),
    /// Put back what was given up: parked records, undispatched batches, dead letters and failed uploads
    #[command(long_about = REDRIVE_HELP, override_usage = REDRIVE_USAGE)]
    Redrive(RedriveCommand),
    /// Show events of a server as they occur, and forward them to a receiver on this machine
    Listen(ListenCommand),
    /// Add the example of an event to the event log, which `listen` shows
    Trigger(TriggerCommand),
}

/// The usage of `redrive`. What clap generates would not say that one of the places is needed.
const REDRIVE_USAGE: &str =
    "leadhouse redrive {--data <DIR> | --stack <NAME>} [--only <SOURCES>] [--consumer <NAME>] [OPTIONS]";

/// The description of `redrive`.
const REDRIVE_HELP: &str = "\
Put back what was given up, once its cause is fixed, and delete what is processed this time:

  parked        records of the stream that a function could never process; one that fails again stays, with its reason
  undispatched  batches of the stream that could not be processed for 23 hours
  dead-letters  deliveries and steps of sequences that failed five times; SQS moves them to the queue they came from
  uploads       events of uploaded files that failed three times

Nothing is done twice by repeating the command. Progress is on standard error; the report on standard output. The exit
code is 1 if something still fails.";

#[derive(clap::Args)]
struct Serve {
    /// Address to listen on, such as 127.0.0.1:8080 or localhost:8080; port 0 selects a free port
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080", value_parser = listen_address)]
    listen: SocketAddr,
    /// URL under which callers reach the server, for links in responses [default: the address that each caller used]
    #[arg(long, value_name = "URL", value_parser = parse_public_url)]
    public_url: Option<String>,
    /// Folder to keep data in; without it, all data is deleted when the server stops
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Factor by which scheduled waits are shortened, 1 to 1000000
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speedup)]
    speedup: f64,
    /// File to write the demo credentials to (mode 0600) when the server is ready
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
    /// Apply the production rules to webhook URLs: https only, no loopback addresses
    #[arg(long)]
    strict_targets: bool,
    /// Also allow webhook URLs in private networks, such as those of containers; never in a deployment
    #[arg(long, conflicts_with = "strict_targets")]
    allow_private_receivers: bool,
    /// Disable the rate limits of the demo keys, for load tests
    #[arg(long)]
    unlimited: bool,
}

fn speedup(text: &str) -> Result<f64, String> {
    let accepted = text.parse().ok().filter(|factor| (1.0..=1e6).contains(factor));
    accepted.ok_or_else(|| "must be a number from 1 to 1000000".to_owned())
}

/// Parses a host and port, and resolves a host name. Of several addresses the first IPv4 one is used, which every
/// program on the machine can reach.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    const ACCEPTED: &str = "must be an address and port such as 127.0.0.1:8080, [::1]:8080 or localhost:8080";
    let addresses: Vec<_> = text.to_socket_addrs().map_err(|error| format!("{ACCEPTED} ({error})"))?.collect();
    let first = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
    first.copied().ok_or_else(|| ACCEPTED.to_owned())
}

impl Serve {
    fn target_policy(&self) -> TargetPolicy {
        match (self.strict_targets, self.allow_private_receivers) {
            (true, _) => TargetPolicy::PublicOnly,
            (false, true) => TargetPolicy::AllowPrivate,
            (false, false) => TargetPolicy::AllowLoopback,
        }
    }
}

/// Any error, of which only the text is printed.
type AnyError = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // What is created from here on, also by the database and the file storage, is private to its owner.
    local::restrict_new_files();
    let result = match arguments.command {
        None => serve(arguments.serve).await,
        Some(Command::Serve(options)) => serve(options).await,
        Some(Command::Operator(command)) => operate(command).await,
        Some(Command::Redrive(command)) => redrive(command).await,
        Some(Command::Listen(command)) => listen(command).await,
        Some(Command::Trigger(command)) => trigger(command).await,
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(io::stderr(), "leadhouse: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn operate(command: OperatorCommand) -> Result<ExitCode, AnyError> {
    let store = match command.location()? {
        Location::DataFolder(folder) if command.creates_tables() => local::open_store(folder).await?,
        Location::DataFolder(folder) => local::open_existing_store(folder).await?,
        Location::Deployment { table, access_table } => cli::connect_deployment(table, access_table).await?,
    };
    let wants_json = command.wants_json();
    print(command.run(&store, &SystemClock).await?, wants_json)
}

async fn redrive(command: RedriveCommand) -> Result<ExitCode, AnyError> {
    let result = match command.location()? {
        RedriveLocation::DataFolder(folder) => local::redrive(folder, &command).await?,
        RedriveLocation::Stack(name) => command.run_on_stack(name).await?,
    };
    print(result, command.wants_json())
}

async fn listen(command: ListenCommand) -> Result<ExitCode, AnyError> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (mut out, mut notes) = (io::stdout(), io::stderr());
    tokio::select! {
        listened = command.run(&SystemClock, &mut out, &mut notes) => listened?,
        _ = interrupt.recv() => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn trigger(command: TriggerCommand) -> Result<ExitCode, AnyError> {
    let wants_json = command.wants_json();
    print(command.run().await?, wants_json)
}

/// Prints the result of a command, on a terminal as a table unless JSON is asked for.
fn print(result: CommandOutput, wants_json: bool) -> Result<ExitCode, AnyError> {
    let code = if result.is_incomplete() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    if io::stdout().is_terminal() && !wants_json {
        write!(io::stdout(), "{}", result.table())?;
    } else {
        writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&result.json())?)?;
    }
    Ok(code)
}

async fn serve(options: Serve) -> Result<ExitCode, AnyError> {
    local::raise_open_file_limit();
    // Handlers are installed before anyone can know that the server is up: a signal then always stops it gracefully.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("warn,leadhouse::call=info,deliver=info,messaging=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(io::stdout().is_terminal())
        .compact()
        .init();
    let server = LocalServer::start(ServerOptions {
        target_policy: options.target_policy(),
        listen: options.listen,
        data: options.data,
        speedup: options.speedup,
        public_url: options.public_url,
        demo_limits: options.unlimited.then_some(Limits::UNLIMITED),
        ..ServerOptions::default()
    })
    .await?;
    if let Some(file) = &options.credentials {
        write_private(file, &serde_json::to_string_pretty(&server.credentials)?)
            .map_err(|error| format!("cannot write the credentials to {}: {error}", file.display()))?;
    }
    let banner = if io::stdout().is_terminal() { server.banner() } else { server.banner_with_key_files()? };
    writeln!(io::stdout(), "{banner}")?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    server.stop().await;
    Ok(ExitCode::SUCCESS)
}
