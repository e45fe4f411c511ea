//! The reference: the same HTTP stack (tokio, hyper, axum) with nothing behind it. `POST /echo` answers at once with as
//! many bytes as `?bytes=` says; `GET /wait?after=N` answers likewise, when `POST /go` was called more than N times.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The server, in a process of its own as the service is.
pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (go, _) = watch::channel(0_usize);
        let routes = Router::new()
            .route("/echo", post(echo))
            .route("/wait", get(wait))
            .route("/go", post(start))
            .with_state(go);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        println!("listening on http://{}", listener.local_addr().expect("a bound socket"));
        axum::serve(
            axum::serve::ListenerExt::tap_io(listener, |stream| stream.set_nodelay(true).expect("TCP")),
            routes,
        )
        .await
        .expect("serves until it is killed");
    });
}

type Asked = Query<HashMap<String, usize>>;

async fn echo(Query(asked): Asked, body: Bytes) -> impl IntoResponse {
    drop(body);
    answer(&asked, 0)
}

async fn wait(State(go): State<watch::Sender<usize>>, Query(asked): Asked) -> impl IntoResponse {
    let seen = asked.get("after").copied().unwrap_or_default();
    let mut told = go.subscribe();
    let number =
        *told.wait_for(|number| *number > seen).await.expect("the sender lives as long as the server");
    answer(&asked, number)
}

async fn start(State(go): State<watch::Sender<usize>>, body: Bytes) -> impl IntoResponse {
    drop(body);
    go.send_modify(|number| *number += 1);
    answer(&HashMap::new(), 0)
}

/// As long as asked for, and with a cursor as a page of the feed has one.
fn answer(asked: &HashMap<String, usize>, cursor: usize) -> impl IntoResponse + use<> {
    let mut body = format!("{{\"cursor\":\"{cursor}\"}}");
    let missing = asked.get("bytes").map_or(0, |bytes| bytes.saturating_sub(body.len()));
    body.extend(std::iter::repeat_n(' ', missing));
    ([(CONTENT_TYPE, "application/json")], body)
}

/// A running reference server; dropping it kills it.
pub(crate) struct Bare {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Bare {
    pub(crate) fn start() -> Self {
        use std::io::BufRead;
        let own = std::env::current_exe().expect("a running program has a file");
        let mut child = Command::new(own)
            .arg("bare")
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started again");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("stdout was piped");
        std::io::BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let address = line.trim().trim_start_matches("listening on http://").parse().expect("an address");
        Self { child, address }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // Gone already, which is what is wanted.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
