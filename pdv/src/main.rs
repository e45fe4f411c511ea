//! The reference PDV: see the library's page.

use std::io::Write;
use std::process::ExitCode;

use log::info;
use pdv::command_line::{CommandLine, USAGE};
use pdv::db::{Db, registers};
use pdv::desk::Desk;
use pdv::service::client::{Service, http_client};
use pdv::{follow, logging, outbox, sample, web};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

fn main() -> ExitCode {
    logging::start();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let line = match CommandLine::parse(arguments) {
        Ok(line) => line,
        Err(error) => {
            eprintln!("pdv: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let ran = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(line)));
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pdv: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(line: CommandLine) -> Result<(), Box<dyn std::error::Error>> {
    let (db, is_new) = Db::open(&line.data)?;
    if let Some(file) = line.sample.as_ref().filter(|_| is_new) {
        sample::fill(&db, file).await?;
    }
    let desk = Desk::new(db);
    let listener = TcpListener::bind(line.listen).await?;
    // The one line on stdout: who started it with port 0 reads its address here.
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
    stdout.flush()?;

    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let client = http_client()?;
    for company in desk.db.read(registers::connected).await? {
        let service = Service::new(client.clone(), &line.service, &company.secret_key);
        tasks.spawn(outbox::run(desk.clone(), company.id, service.clone(), stopped.clone()));
        tasks.spawn(follow::run(desk.clone(), company.id, service, stopped.clone()));
    }
    let router = web::router(desk, stopped.clone());
    tokio::spawn(async move {
        told_to_stop().await;
        info!("told to stop");
        stop.send_replace(true);
    });
    let mut ending = stopped;
    let stopping = async move {
        let _ = ending.wait_for(|stop| *stop).await;
    };
    axum::serve(listener, router).with_graceful_shutdown(stopping).await?;
    while tasks.join_next().await.is_some() {}
    info!("stopped");
    Ok(())
}

#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let both = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = both else {
        log::error!("cannot listen for signals");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}
