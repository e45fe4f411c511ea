//! A PDV's webhook receiver on loopback: keeps what it got and answers as it is told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

/// How long a test waits for what must come, in seconds.
const PATIENCE_S: u64 = 30;

/// One POST as it came.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) headers: HeaderMap,
    pub(crate) raw: Bytes,
    pub(crate) event: Value,
}

impl Post {
    pub(crate) fn kind(&self) -> &str {
        self.event["type"].as_str().unwrap()
    }

    /// The order that the event is about.
    pub(crate) fn order(&self) -> String {
        let data = &self.event["data"];
        let id = if self.kind().starts_with("order.") { &data["id"] } else { &data["order"]["id"] };
        id.as_str().unwrap().to_owned()
    }
}

#[derive(Clone)]
struct Shared {
    posts: mpsc::UnboundedSender<Post>,
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
    /// Events of this order are refused.
    refused_order: Arc<Mutex<Option<String>>>,
    gate: watch::Receiver<bool>,
}

pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    posts: mpsc::UnboundedReceiver<Post>,
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
    refused_order: Arc<Mutex<Option<String>>>,
    gate: watch::Sender<bool>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, posts) = mpsc::unbounded_channel();
        let (gate, opened) = watch::channel(true);
        let (answers, refused_order) = (Arc::default(), Arc::default());
        let shared = Shared {
            posts: sender,
            answers: Arc::clone(&answers),
            refused_order: Arc::clone(&refused_order),
            gate: opened,
        };
        let router = Router::new().fallback(take).with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, posts, answers, refused_order, gate }
    }

    /// Lines of the configuration for this receiver.
    pub(crate) fn configuration(&self) -> String {
        format!("webhook_url = \"http://{}/eventos\"\nwebhook_secret = \"whsec_0123456789\"\n", self.address)
    }

    /// The next posts are answered with these, then with 200.
    pub(crate) fn answer(&self, statuses: &[u16]) {
        let statuses = statuses.iter().map(|s| StatusCode::from_u16(*s).unwrap());
        self.answers.lock().unwrap().extend(statuses);
    }

    pub(crate) fn refuse_order(&self, order: Option<String>) {
        *self.refused_order.lock().unwrap() = order;
    }

    /// While shut, posts arrive and are not answered.
    pub(crate) fn shut(&self, shut: bool) {
        self.gate.send_replace(!shut);
    }

    pub(crate) async fn next(&mut self) -> Post {
        let next = tokio::time::timeout(Duration::from_secs(PATIENCE_S), self.posts.recv());
        next.await.expect("a webhook was expected").unwrap()
    }

    pub(crate) fn nothing_came(&mut self) -> bool {
        self.posts.try_recv().is_err()
    }
}

async fn take(State(mut shared): State<Shared>, headers: HeaderMap, raw: Bytes) -> Response {
    let event = serde_json::from_slice(&raw).unwrap();
    let post = Post { headers, raw, event };
    let refused = shared.refused_order.lock().unwrap().as_ref() == Some(&post.order());
    let _ = shared.posts.send(post);
    let _ = shared.gate.wait_for(|open| *open).await;
    let answer = shared.answers.lock().unwrap().pop_front().unwrap_or(StatusCode::OK);
    if refused {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    if answer.is_redirection() {
        return (answer, [(header::LOCATION, "/outro")]).into_response();
    }
    answer.into_response()
}
