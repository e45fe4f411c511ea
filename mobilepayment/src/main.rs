//! The store's service between the PDV and its payment terminals: see the library's page.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use log::{error, info};
use mobilepayment::command_line::CommandLine;
use mobilepayment::environment::Environment;
use mobilepayment::registers::KeyHash;
use mobilepayment::state::{Administration, AppState};
use mobilepayment::store::Store;
use mobilepayment::{config, logging, serve, webhooks};
use tokio::net::TcpListener;
use tokio::sync::watch;

fn main() -> ExitCode {
    let environment = Environment::system();
    logging::start(environment.clone());
    let started = CommandLine::parse(std::env::args().skip(1))
        .map_err(Into::into)
        .and_then(|line| run(&line, environment));
    match started {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not through the log: this is for the person who started it.
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

type AnyError = Box<dyn std::error::Error>;

fn run(line: &CommandLine, environment: Environment) -> Result<(), AnyError> {
    let configuration = config::load(&line.config)?;
    let registers = Arc::new(configuration.registers);
    let store = Store::open(&line.data, registers, environment.clone())?;
    let administration = (configuration.admin_key, configuration.public_address);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve_until_told(
        line,
        store,
        administration,
        environment,
    ))
}

async fn serve_until_told(
    line: &CommandLine,
    store: Store,
    (admin_key, public_address): (Option<KeyHash>, Option<String>),
    environment: Environment,
) -> Result<(), AnyError> {
    let listener = TcpListener::bind(line.listen).await?;
    let listening = format!("http://{}", listener.local_addr()?);
    let address = public_address.unwrap_or_else(|| listening.clone());
    let administration = Arc::new(Administration { admin_key, address });
    let state = AppState { store, administration, environment };
    // The one line on stdout: who started the service with port 0 reads its address here.
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on {listening}")?;
    stdout.flush()?;

    let (stop, stopped) = watch::channel(false);
    let sweeper = tokio::spawn(state.store.clone().sweep(stopped.clone()));
    let teller = tokio::spawn(webhooks::run(state.clone(), stopped.clone()));
    let store = state.store.clone();
    let waiting = store.clone();
    let signal = tokio::spawn(async move {
        match told_to_stop().await {
            Ok(()) => info!("told to stop"),
            Err(error) => error!("cannot listen for signals: {error}"),
        }
        // Long-polls are answered at once, or the server would wait for each of them.
        waiting.stop_waiting();
        stop.send_replace(true);
    });
    serve::serve(listener, serve::router(state), stopped).await?;
    signal.await?;
    sweeper.await?;
    teller.await?;
    store.stop().await;
    info!("stopped");
    Ok(())
}

#[cfg(unix)]
async fn told_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn told_to_stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
