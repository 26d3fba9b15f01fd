//! `leadhouse`: the local house and the operator's commands.

use clap::{Parser, Subcommand};
use domain::accounts::tenant::Limits;
use local::{LocalServer, Operator, ServerOptions, write_private};
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use webhook::ssrf::TargetPolicy;

/// A fifth of a lead's time goes into memory with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A lead platform: stores leads and tells subscribers by signed webhooks
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
    /// Run the whole house in this process (what happens without a command, too)
    Serve(Serve),
    #[command(flatten)]
    Operator(Operator),
}

#[derive(clap::Args)]
struct Serve {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Keep everything in this folder; without it, nothing is kept
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Every scheduled wait passes this many times faster
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speedup)]
    speedup: f64,
    /// Write the demo credentials to this file, mode 0600, when ready to serve
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
    /// Hold webhook targets to the rules of production: https, no loopback
    #[arg(long)]
    strict_targets: bool,
    /// Demo keys without limits, for load
    #[arg(long)]
    unlimited: bool,
}

fn speedup(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|n| (1.0..=1e6).contains(n)).ok_or_else(|| "a number from 1 to 1000000".to_owned())
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        None => serve(arguments.serve).await,
        Some(Command::Serve(options)) => serve(options).await,
        Some(Command::Operator(command)) => operate(command).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "leadhouse: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn operate(command: Operator) -> Result<(), Failed> {
    let told = command.run().await?;
    writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&told)?)?;
    Ok(())
}

async fn serve(options: Serve) -> Result<(), Failed> {
    // Signals are waited for before anybody can know that the house is up.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,deliver=info,messaging=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(io::stdout().is_terminal())
        .compact()
        .init();
    let house = LocalServer::start(ServerOptions {
        listen: options.listen,
        data: options.data,
        speedup: options.speedup,
        policy: if options.strict_targets { TargetPolicy::PublicOnly } else { TargetPolicy::AllowLoopback },
        demo_limits: options.unlimited.then_some(Limits::UNLIMITED),
        ..ServerOptions::default()
    })
    .await?;
    if let Some(file) = &options.credentials {
        write_private(file, &serde_json::to_string_pretty(&house.credentials)?)?;
    }
    writeln!(io::stdout(), "{}", house.banner())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    house.stop().await;
    Ok(())
}
