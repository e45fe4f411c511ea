//! The least HTTP/1.1 client there is, so that what is measured is the server: one kept connection, one request at a time.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Largest answer read.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A connection.
pub(crate) struct Wire {
    stream: TcpStream,
    authorization: String,
    buffer: Vec<u8>,
}

/// An answer: status and body.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Wire {
    /// Connects; `authorization` goes with every request unless it is empty.
    pub(crate) async fn connect(address: SocketAddr, authorization: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a TCP socket");
        Self { stream, authorization: authorization.to_owned(), buffer: Vec::with_capacity(8 * 1024) }
    }

    /// One request and its answer.
    pub(crate) async fn send(&mut self, method: &str, path: &str, body: &str) -> Reply {
        let request = self.request(method, path, body);
        self.stream.write_all(request.as_bytes()).await.expect("the server takes a request");
        self.answer().await
    }

    /// The request alone; [`Wire::answer`] waits for its answer.
    pub(crate) async fn begin(&mut self, method: &str, path: &str) {
        let request = self.request(method, path, "");
        self.stream.write_all(request.as_bytes()).await.expect("the server takes a request");
    }

    fn request(&self, method: &str, path: &str, body: &str) -> String {
        let authorization = if self.authorization.is_empty() {
            String::new()
        } else {
            format!("authorization: {}\r\n", self.authorization)
        };
        format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{authorization}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    /// The answer to what was sent.
    pub(crate) async fn answer(&mut self) -> Reply {
        let head_end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            self.fill().await;
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
        let length: usize = head
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next())
            .and_then(|length| length.trim().parse().ok())
            .expect("an answer of known length");
        assert!(length <= ANSWER_BYTES_MAX, "an answer of {length} bytes");
        while self.buffer.len() < head_end + length {
            self.fill().await;
        }
        let body = self.buffer[head_end..head_end + length].to_vec();
        self.buffer.drain(..head_end + length);
        Reply { status, body }
    }

    async fn fill(&mut self) {
        let read = self.stream.read_buf(&mut self.buffer).await.expect("the connection holds");
        assert!(read > 0, "the server closed the connection");
    }
}

impl Reply {
    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        assert!(self.status < 300, "{} {}", self.status, String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).expect("JSON")
    }
}
