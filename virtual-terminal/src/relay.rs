//! The terminal's network: a TCP relay between the agent and mobilepayment that can be cut, slowed down, or made to
//! lose answers.
//!
//! It carries bytes and knows nothing of HTTP. Each terminal has its own, so that cutting one leaves the others alone.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// Most connections of one agent at once; it needs about three.
const MAX_CONNECTIONS: usize = 64;
/// Bytes carried at once in one direction of one connection.
const CHUNK_BYTES: usize = 16 * 1024;
/// Pause after the listener failed (no file handles, for instance), in milliseconds.
const ACCEPT_PAUSE_MS: u64 = 100;
/// Slowest network that can be chosen, in milliseconds of round trip.
pub const MAX_LATENCY_MS: u64 = 60_000;

/// What happens to the service's answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// They arrive.
    #[default]
    Pass,
    /// The request arrives, and the connection breaks when its answer begins.
    Cut,
    /// The request arrives, and its answer vanishes without a sign.
    Swallow,
}

/// The condition of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Connections work. When this becomes false, those that exist are reset, and new ones are reset at once.
    pub open: bool,
    /// Added to every round trip.
    pub latency_ms: u64,
    /// What happens to the service's answers.
    pub answers: Answers,
}

impl Default for Line {
    fn default() -> Self {
        Self { open: true, latency_ms: 0, answers: Answers::Pass }
    }
}

/// A running relay; dropping it closes its port.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    line: watch::Sender<Line>,
    accepting: JoinHandle<()>,
}

impl Relay {
    /// Listens on a free loopback port and carries everything to `upstream` (`host:port`).
    pub async fn start(upstream: String) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let port = listener.local_addr()?.port();
        let (line, watched) = watch::channel(Line::default());
        let accepting = tokio::spawn(accept(listener, upstream.into(), watched));
        Ok(Self { port, line, accepting })
    }

    /// The loopback port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The condition of the line.
    #[must_use]
    pub fn line(&self) -> Line {
        *self.line.borrow()
    }

    /// Changes it; a cut takes effect on open connections at once.
    pub fn set_line(&self, line: Line) {
        self.line.send_replace(line);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, upstream: Arc<str>, line: watch::Receiver<Line>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let client = match listener.accept().await {
            Ok((client, _)) => client,
            Err(error) => {
                log::warn!("relay cannot accept: {error}");
                tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                continue;
            }
        };
        let place = Arc::clone(&places).try_acquire_owned();
        let (Ok(place), true) = (place, line.borrow().open) else {
            reset(client);
            continue;
        };
        let (upstream, line) = (Arc::clone(&upstream), line.clone());
        tokio::spawn(async move {
            carry(client, &upstream, line).await;
            drop(place);
        });
    }
}

/// Carries one connection until either side ends it or the line is cut. The cut is looked at first: nothing slips through
/// a line that is closed.
async fn carry(mut client: TcpStream, upstream: &str, line: watch::Receiver<Line>) {
    let mut cut = line.clone();
    let connected = tokio::select! {
        biased;
        _ = cut.wait_for(|line| !line.open) => return reset(client),
        connected = TcpStream::connect(upstream) => connected,
    };
    let Ok(mut service) = connected else {
        return reset(client);
    };
    // Both are answered in small pieces; waiting to fill a segment only adds time.
    let _ = client.set_nodelay(true).and(service.set_nodelay(true));
    let broken = {
        let (from_client, to_client) = client.split();
        let (from_service, to_service) = service.split();
        tokio::select! {
        biased;
            _ = cut.wait_for(|line| !line.open) => true,
            both = async {
                tokio::try_join!(
                    pump(from_client, to_service, line.clone(), false),
                    pump(from_service, to_client, line.clone(), true),
                )
            } => both.is_err(),
        }
    };
    if broken {
        reset(client);
        reset(service);
    }
}

/// Carries one direction until its end; an error breaks the connection.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    line: watch::Receiver<Line>,
    answers: bool,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let length = from.read(&mut chunk).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        let now = *line.borrow();
        if now.latency_ms > 0 {
            tokio::time::sleep(Duration::from_micros(now.latency_ms * 500)).await;
        }
        match now.answers {
            Answers::Cut if answers => return Err(io::ErrorKind::ConnectionReset.into()),
            Answers::Swallow if answers => {}
            Answers::Pass | Answers::Cut | Answers::Swallow => to.write_all(&chunk[..length]).await?,
        }
    }
}

/// Ends a connection as a lost network does: with a reset, not with a polite end.
fn reset(stream: TcpStream) {
    // Where it cannot be set, the connection ends all the same.
    let _ = stream.set_zero_linger();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A service that answers every byte with the next one and counts what arrives.
    async fn service() -> (String, watch::Receiver<u64>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (arrived, seen) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let arrived = arrived.clone();
                tokio::spawn(async move {
                    while let Ok(byte) = stream.read_u8().await {
                        arrived.send_modify(|count| *count += 1);
                        let _ = stream.write_u8(byte + 1).await;
                    }
                });
            }
        });
        (address, seen)
    }

    async fn ask(port: u16, byte: u8) -> io::Result<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_u8(byte).await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn bytes_go_both_ways() {
        let (address, _) = service().await;
        let relay = Relay::start(address).await.unwrap();
        assert_eq!(ask(relay.port(), 7).await.unwrap(), 8);
    }

    #[tokio::test]
    async fn a_cut_breaks_open_connections_and_refuses_new_ones_until_it_is_mended() {
        let (address, seen) = service().await;
        let relay = Relay::start(address).await.unwrap();
        let mut open = TcpStream::connect(("127.0.0.1", relay.port())).await.unwrap();
        open.write_u8(1).await.unwrap();
        assert_eq!(open.read_u8().await.unwrap(), 2);
        let cut = Line { open: false, ..Line::default() };
        relay.set_line(cut);
        assert!(open.read_u8().await.is_err());
        assert!(ask(relay.port(), 3).await.is_err());
        assert_eq!(*seen.borrow(), 1);
        relay.set_line(Line::default());
        assert_eq!(ask(relay.port(), 4).await.unwrap(), 5);
    }

    #[tokio::test]
    async fn a_cut_answer_means_that_the_request_has_arrived() {
        let (address, mut seen) = service().await;
        let relay = Relay::start(address).await.unwrap();
        relay.set_line(Line { answers: Answers::Cut, ..Line::default() });
        assert!(ask(relay.port(), 1).await.is_err());
        seen.wait_for(|count| *count == 1).await.unwrap();
    }

    #[tokio::test]
    async fn a_swallowed_answer_leaves_the_connection_open_and_silent() {
        let (address, mut seen) = service().await;
        let relay = Relay::start(address).await.unwrap();
        relay.set_line(Line { answers: Answers::Swallow, ..Line::default() });
        let mut open = TcpStream::connect(("127.0.0.1", relay.port())).await.unwrap();
        open.write_u8(1).await.unwrap();
        seen.wait_for(|count| *count == 1).await.unwrap();
        relay.set_line(Line::default());
        open.write_u8(10).await.unwrap();
        let answer = open.read_u8().await.unwrap();
        assert!(
            answer == 11 || answer == 2,
            "the second answer, or the first that was still under way: {answer}"
        );
    }

    #[tokio::test]
    async fn latency_is_added_to_the_round_trip() {
        let (address, _) = service().await;
        let relay = Relay::start(address).await.unwrap();
        relay.set_line(Line { latency_ms: 80, ..Line::default() });
        let begin = std::time::Instant::now();
        ask(relay.port(), 1).await.unwrap();
        assert!(begin.elapsed() >= Duration::from_millis(80));
    }

    #[tokio::test]
    async fn a_service_that_is_down_looks_like_a_broken_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let relay = Relay::start(address).await.unwrap();
        assert!(ask(relay.port(), 1).await.is_err());
    }
}
