//! The real terminal agent on a page. See `virtual-terminal --help` and the library's documentation.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use virtual_terminal::activation::{Activator, SecretKey};
use virtual_terminal::fleet::Fleet;
use virtual_terminal::options::{Options, USAGE};
use virtual_terminal::{api, stderr_log};

/// Longest wait for open requests when the process ends, in seconds.
const CLOSE_S: u64 = 3;

fn main() -> ExitCode {
    stderr_log::install();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let options = match Options::parse(arguments) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("virtual-terminal: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("virtual-terminal: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("virtual-terminal: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let activator = match &options.key_file {
        Some(file) => Some(Activator::new(options.service.clone(), read_key(file)?)?),
        None => None,
    };
    std::fs::create_dir_all(&options.data)?;
    let fleet = Arc::new(Fleet::new(options.data, options.service, activator));
    let listener = TcpListener::bind(options.listen).await?;
    let address = listener.local_addr()?;

    let mut terminals = options.terminals;
    for (serial, model) in fleet.remembered()? {
        if !terminals.iter().any(|(named, _)| *named == serial) {
            terminals.push((serial, model));
        }
    }
    for (serial, model) in terminals {
        let terminal = fleet.add(serial, model).await?;
        log::info!("{} {}: http://{address}/t/{}", model.name(), terminal.serial(), terminal.serial());
    }

    println!("listening on http://{address}");
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let closing = Arc::clone(&fleet);
    let stop = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        log::info!("closing");
        closing.close().await;
    };
    let mut closed = fleet.closing();
    let served = axum::serve(listener, api::router(Arc::clone(&fleet))).with_graceful_shutdown(stop);
    tokio::select! {
        result = served.into_future() => result?,
        () = async {
            // The sender lives in the fleet, which outlives this.
            let _ = closed.wait_for(|closed| *closed).await;
            tokio::time::sleep(Duration::from_secs(CLOSE_S)).await;
        } => {}
    }
    Ok(())
}

fn read_key(file: &Path) -> Result<SecretKey, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    SecretKey::parse(&text).ok_or_else(|| format!("{}: no secret key in it", file.display()))
}
