//! The HTTP server: plain HTTP/1.1 behind the shop's network or a TLS proxy, tuned so that thousands of long-polling
//! terminals cost little memory.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use log::{info, warn};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::state::AppState;
use crate::stop::told;
use crate::{admin, pdv, terminals};

/// Connections at the same time: every one costs memory and a file descriptor.
const CONNECTIONS_MAX: usize = 16_384;
/// Buffer of one connection, in bytes: the largest head that is accepted. Bodies pass through it in pieces.
const BUFFER_BYTES_MAX: usize = 16 * 1024;
/// Longest time for a request's head to arrive, counted from the last answer: ends idle and dawdling connections.
const HEAD_TIME_MAX: Duration = Duration::from_secs(75);
/// How long a stopping server waits for answers that are on their way.
const STOP_TIME_MAX: Duration = Duration::from_secs(10);
/// Rest after a failed accept: it fails when file descriptors run out, and trying at once would only burn CPU.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// Every route of the service.
pub fn router(state: AppState) -> Router {
    pdv::router(&state).merge(admin::router()).merge(terminals::router()).with_state(state)
}

/// Serves until `stop` turns true and what was asked before is answered.
pub async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) -> io::Result<()> {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let permit = Arc::clone(&permits).acquire_owned().await.expect("this semaphore is never closed");
        let accepted = tokio::select! {
            () = told(&mut stop) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (router, stop) = (router.clone(), stop.clone());
                tokio::spawn(async move {
                    connection(stream, router, stop).await;
                    drop(permit);
                });
            }
            Err(error) => {
                warn!("cannot accept a connection: {error}");
                tokio::time::sleep(ACCEPT_REST).await;
            }
        }
    }
    drop(listener);
    info!("stopping: no new connections");
    let all = u32::try_from(CONNECTIONS_MAX).expect("a few thousand");
    let ended = tokio::time::timeout(STOP_TIME_MAX, permits.acquire_many(all)).await;
    if ended.is_err() {
        warn!("some connections did not end in time");
    }
    Ok(())
}

async fn connection(stream: TcpStream, router: Router, mut stop: watch::Receiver<bool>) {
    // Answers are small and waited for; without it each waits for the other side's delayed acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        warn!("cannot set TCP_NODELAY: {error}");
    }
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .max_buf_size(BUFFER_BYTES_MAX)
        .writev(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    // A connection that breaks is the network's business: the other side asks again.
    tokio::select! {
        biased;
        _ = connection.as_mut() => {}
        () = told(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
