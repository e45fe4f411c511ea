//! A real proxy process, as between the acquirer's SIM card and the world.

use std::io::{BufRead, BufReader};
use std::net::TcpListener as StdListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc as std_mpsc;

use tokio_rustls::TlsAcceptor;

use super::tls::{certificate, encrypted, start};
use super::*;

/// tinyproxy on loopback. Killed when it is dropped.
struct Tinyproxy {
    process: Child,
    port: u16,
    lines: std_mpsc::Receiver<String>,
}

impl Tinyproxy {
    fn start(dir: &std::path::Path) -> Self {
        // Free a moment ago; nobody else takes ports of this test's making.
        let port = StdListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self::start_on(dir, port)
    }

    fn start_on(dir: &std::path::Path, port: u16) -> Self {
        let config = dir.join("tinyproxy.conf");
        let text = format!("Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nLogLevel Info\nTimeout 60\n");
        std::fs::write(&config, text).unwrap();
        let mut process = Command::new("tinyproxy")
            .arg("-d")
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::piped())
            .spawn()
            .expect("tinyproxy is installed (Debian: tinyproxy-bin)");
        let (tell, lines) = std_mpsc::channel();
        let output = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        let proxy = Self { process, port, lines };
        proxy.said("Accepting connections");
        proxy
    }

    /// Waits for a line of its log.
    fn said(&self, part: &str) {
        while !self
            .lines
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|_| panic!("never said {part}"))
            .contains(part)
        {}
    }

    fn proxy(&self) -> Proxy {
        Proxy::new("127.0.0.1", self.port).unwrap()
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The service under an address that is this machine's but is not called loopback, so that proxies apply.
async fn service() -> (Hub, u16) {
    let certificate = certificate("0.0.0.0", 2020, 4000);
    let url = start(certificate.server).await.replace("localhost", "0.0.0.0");
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    (Hub::with_roots(&url, certificate.authority).unwrap(), port)
}

async fn answers(hub: &Hub) -> bool {
    matches!(hub.call(&feed(), PATIENCE).await, Ok(Reply::Feed(_)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_go_through_the_proxy_as_long_as_the_system_has_one() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, port) = service().await;
    let proxy = Tinyproxy::start(dir.path());
    hub.go_through(Some(&proxy.proxy()));
    assert!(answers(&hub).await);
    proxy.said(&format!("CONNECT 0.0.0.0:{port} HTTP/1.1"));

    let gone = (proxy.port, drop(proxy)).0;
    assert_eq!(hub.call(&feed(), PATIENCE).await, unreachable(Unreachable::NoConnection));
    let back = Tinyproxy::start_on(dir.path(), gone);
    assert!(answers(&hub).await, "the proxy is back");
    drop(back);

    hub.go_through(None);
    assert!(answers(&hub).await, "the other way");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn this_very_machine_is_reached_without_the_proxy() {
    let dir = tempfile::tempdir().unwrap();
    let proxy = Tinyproxy::start(dir.path());
    let server = Server::start(http("200 OK", EMPTY_PAGE)).await;
    let hub = server.hub();
    hub.go_through(Some(&proxy.proxy()));
    drop(proxy);
    assert!(answers(&hub).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_cannot_stand_in_for_the_service() {
    // A proxy that answers CONNECT and then speaks with a certificate of its own.
    let certificate = certificate("0.0.0.0", 2020, 4000);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(certificate.server));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.read(&mut [0; 1024]).await;
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            tokio::spawn(encrypted(acceptor.clone(), socket));
        }
    });
    let (hub, _) = service().await;
    hub.go_through(Some(&Proxy::new("127.0.0.1", port).unwrap()));
    assert_eq!(hub.call(&feed(), PATIENCE).await, unreachable(Unreachable::Certificate));
}
