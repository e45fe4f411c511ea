//! The real service with 200 terminals in long-polls: how fast an order reaches one, how fast it reaches all, how many
//! orders are accepted, and what an idle terminal costs.

use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

use pos_connect_tests::pdv::{direct, listed};
use pos_connect_tests::shop::{Plan, Shop};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::bare::Bare;
use crate::disk::disk;
use crate::table::{Samples, Table, Target};
use crate::wire::{Reply, Wire};

const TERMINALS: usize = 200;
const DIRECT_ORDERS: usize = 1_000;
const LISTED_ORDERS: usize = 100;
const CLIENTS: usize = 64;
const ORDERS_PER_CLIENT: usize = 100;
const ROUND_TRIPS: usize = 5_000;
const COMMITS: usize = 1_000;
/// The window in which the service counts activations, and a little more.
const ACTIVATION_PAUSE: Duration = Duration::from_secs(61);

pub(crate) fn measure(table: &mut Table) {
    let plan = Plan {
        registered: (0..TERMINALS).map(|n| (serial(n), "A8".to_owned())).collect(),
        ..Plan::default()
    };
    let plan = Plan { terminals: vec![], webhooks: false, directory: Some(disk()), ..plan };
    let shop = Shop::with(&plan);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let bare = Bare::start();
        let tokens = activate_all(&shop);
        memory(table, &shop, &bare, &tokens).await;
        direct_orders(table, &shop, &bare, &tokens).await;
        listed_orders(table, &shop, &bare, &tokens).await;
        throughput(table, &shop).await;
    });
}

fn serial(n: usize) -> String {
    format!("BENCH{n:04}")
}

/// Activates every terminal over the API, as stores do, and returns their device tokens. The service lets so many try in
/// a minute, so that codes cannot be guessed: this takes a few minutes.
fn activate_all(shop: &Shop) -> Vec<String> {
    eprintln!("activating {TERMINALS} terminals; the service allows 60 in a minute");
    let stranger = pos_connect_tests::http::Http::new(shop.service_address(), vec![]);
    let activate = |n: usize| loop {
        let body = json!({"code": shop.activation_code(&serial(n)), "serial": serial(n)});
        let answer = stranger.post("/terminal/v1/activate", &body);
        if answer.status != 429 {
            return format!("Bearer {}", answer.ok()["device_token"].as_str().expect("a token"));
        }
        std::thread::sleep(ACTIVATION_PAUSE);
    };
    (0..TERMINALS).map(activate).collect()
}

/// A terminal's connection that is up to date.
struct Poller {
    wire: Wire,
    cursor: String,
}

impl Poller {
    async fn connect(shop: &Shop, token: &str) -> Self {
        let address = shop.service_address().trim_start_matches("http://").parse().expect("an address");
        let mut wire = Wire::connect(address, token).await;
        let mut cursor = String::new();
        loop {
            let since = if cursor.is_empty() { String::new() } else { format!("since={cursor}&") };
            let page = wire.send("GET", &format!("/terminal/v1/feed?{since}wait_s=0"), "").await.json();
            cursor = page["cursor"].as_str().expect("a cursor").to_owned();
            if page["more"] != true {
                return Self { wire, cursor };
            }
        }
    }

    async fn poll(&mut self) {
        self.wire.begin("GET", &format!("/terminal/v1/feed?since={}&wait_s=55", self.cursor)).await;
    }

    /// What the long-poll brings, and when it came. Reads no more of it than the cursor: the work of 200 terminals is
    /// not the service's, and here they share its processors.
    async fn heard(&mut self) -> (Reply, Instant) {
        let reply = self.wire.answer().await;
        let at = Instant::now();
        let cursor = text_after(&reply, "\"cursor\":\"").split('"').next().expect("a first part");
        self.cursor = cursor.to_owned();
        (reply, at)
    }
}

/// What follows the first `mark` in a body.
fn text_after<'a>(reply: &'a Reply, mark: &str) -> &'a str {
    let body = std::str::from_utf8(&reply.body).expect("JSON is UTF-8");
    body.split_once(mark).expect("every page has it").1
}

/// Something a polling task heard: which terminal, when, what.
struct Heard {
    terminal: usize,
    at: Instant,
    reply: Reply,
}

impl Heard {
    fn tells_of(&self, order: &str) -> bool {
        std::str::from_utf8(&self.reply.body).expect("JSON is UTF-8").contains(order)
    }
}

/// All terminals in long-polls, each in a task of its own that polls again as soon as it heard something.
async fn poll_all(shop: &Shop, tokens: &[String]) -> (JoinSet<()>, mpsc::UnboundedReceiver<Heard>) {
    let (tell, heard) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    for (terminal, token) in tokens.iter().enumerate() {
        let mut poller = Poller::connect(shop, token).await;
        poller.poll().await;
        let tell = tell.clone();
        tasks.spawn(async move {
            loop {
                let (reply, at) = poller.heard().await;
                poller.poll().await;
                if tell.send(Heard { terminal, at, reply }).is_err() {
                    return;
                }
            }
        });
    }
    (tasks, heard)
}

fn pdv_authorization(shop: &Shop) -> String {
    shop.pdv.http.header("authorization").expect("the PDV has a key").to_owned()
}

fn address_of(shop: &Shop) -> std::net::SocketAddr {
    shop.service_address().trim_start_matches("http://").parse().expect("an address")
}

async fn direct_orders(table: &mut Table, shop: &Shop, bare: &Bare, tokens: &[String]) {
    let (tasks, mut heard) = poll_all(shop, tokens).await;
    let mut pdv = Wire::connect(address_of(shop), &pdv_authorization(shop)).await;
    let mut to_feed = vec![];
    let mut body_bytes = 0;
    for n in 0..DIRECT_ORDERS {
        let terminal = n * 7 % TERMINALS;
        let body = direct(&serial(terminal), "debit", 1_000).0.to_string();
        body_bytes = body.len();
        let began = Instant::now();
        let created = pdv.send("POST", "/core/v5/orders", &body).await.json();
        let id = created["id"].as_str().expect("an order has an id").to_owned();
        loop {
            let news = heard.recv().await.expect("terminals poll");
            if news.terminal == terminal && news.tells_of(&id) {
                to_feed.push(news.at - began);
                break;
            }
        }
    }
    drop(tasks);
    let to_feed = Samples::from(to_feed);
    let mut wire = Wire::connect(bare.address, "").await;
    let body = " ".repeat(body_bytes);
    let mut trips = vec![];
    for _ in 0..ROUND_TRIPS {
        let began = Instant::now();
        let _ = wire.send("POST", "/echo?bytes=600", &body).await;
        trips.push(began.elapsed());
    }
    let trips = Samples::from(trips);
    let against = "a bare round trip of the same stack, median";
    let reference = (trips.median_us(), against);
    let target = Target::RatioAtMost(10.0);
    table.add("direct order to one of 200 terminals, p50", to_feed.median_us(), "us", reference, &target);
    table.add(
        "direct order to one of 200 terminals, p99",
        to_feed.percentile_us(99),
        "us",
        reference,
        &target,
    );
    // An accepted order is on the disk: no order can be faster than one synced write.
    let floor = trips.median_us() + one_row_commit(body_bytes).median_us();
    let reference = (floor, "a bare round trip and one synced commit of one row, median");
    let target = Target::RatioAtMost(2.0);
    table.add("the same, p50, beside what the disk takes", to_feed.median_us(), "us", reference, &target);
}

async fn listed_orders(table: &mut Table, shop: &Shop, bare: &Bare, tokens: &[String]) {
    let (tasks, mut heard) = poll_all(shop, tokens).await;
    let mut pdv = Wire::connect(address_of(shop), &pdv_authorization(shop)).await;
    let (mut to_all, mut bytes) = (vec![], 0);
    for n in 0..LISTED_ORDERS {
        let body = listed(&format!("Mesa {n}"), 1_000).0.to_string();
        let began = Instant::now();
        let created = pdv.send("POST", "/core/v5/orders", &body).await.json();
        let id = created["id"].as_str().expect("an order has an id").to_owned();
        let (mut told, mut last) = (0, began);
        while told < TERMINALS {
            let news = heard.recv().await.expect("terminals poll");
            if news.tells_of(&id) {
                told += 1;
                last = last.max(news.at);
                bytes = news.reply.body.len();
            }
        }
        to_all.push(last - began);
    }
    drop(tasks);
    let reference = Samples::from(bare_fan_out(bare, bytes).await);
    let against = "as many bare answers of the same size, same stack";
    let value = Samples::from(to_all).median_us() / 1e3;
    let reference = (reference.median_us() / 1e3, against);
    table.add("listed order to all of 200 terminals", value, "ms", reference, &Target::RatioAtMost(1.5));
}

/// The same with the bare server: one request, and 200 waiting requests are answered.
async fn bare_fan_out(bare: &Bare, bytes: usize) -> Vec<Duration> {
    let (tell, mut heard) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    for _ in 0..TERMINALS {
        let mut wire = Wire::connect(bare.address, "").await;
        wire.begin("GET", &format!("/wait?bytes={bytes}&after=0")).await;
        let tell = tell.clone();
        tasks.spawn(async move {
            for round in 1.. {
                let _ = wire.answer().await;
                let at = Instant::now();
                wire.begin("GET", &format!("/wait?bytes={bytes}&after={round}")).await;
                if tell.send(at).is_err() {
                    return;
                }
            }
        });
    }
    let mut trigger = Wire::connect(bare.address, "").await;
    let mut to_all = vec![];
    for _ in 0..LISTED_ORDERS {
        let began = Instant::now();
        let _ = trigger.send("POST", "/go", "").await;
        let mut last = began;
        for _ in 0..TERMINALS {
            last = last.max(heard.recv().await.expect("they wait"));
        }
        to_all.push(last - began);
    }
    drop(tasks);
    to_all
}

async fn throughput(table: &mut Table, shop: &Shop) {
    let mut clients = JoinSet::new();
    let authorization = pdv_authorization(shop);
    let address = address_of(shop);
    let body = listed("Venda", 1_000).on(&[&serial(0)]).0.to_string();
    let mut wires = vec![];
    for _ in 0..CLIENTS {
        wires.push(Wire::connect(address, &authorization).await);
    }
    let began = Instant::now();
    for mut wire in wires {
        let body = body.clone();
        clients.spawn(async move {
            for _ in 0..ORDERS_PER_CLIENT {
                let reply = wire.send("POST", "/core/v5/orders", &body).await;
                assert!(reply.status < 300, "{} {}", reply.status, String::from_utf8_lossy(&reply.body));
            }
        });
    }
    while let Some(ended) = clients.join_next().await {
        ended.expect("a client does not panic");
    }
    let count = f64::from(u32::try_from(CLIENTS * ORDERS_PER_CLIENT).expect("few"));
    let per_second = count / began.elapsed().as_secs_f64();
    let reference =
        (1e6 / one_row_commit(body.len()).mean_us(), "one row per synced commit, same database and disk");
    table.add(
        "orders accepted, full sync, 64 clients",
        per_second,
        "1/s",
        reference,
        &Target::RatioAtLeast(1.0),
    );
}

/// How long one row takes when it is its own commit: the same database, settings and disk.
fn one_row_commit(bytes: usize) -> Samples {
    let directory =
        tempfile::Builder::new().prefix("bench-").tempdir_in(disk()).expect("a directory on the disk");
    let connection =
        rusqlite::Connection::open(directory.path().join("reference.db")).expect("a new database");
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE row (id INTEGER PRIMARY KEY, body TEXT) STRICT;")
        .expect("SQLite knows these");
    let body = "x".repeat(bytes);
    Samples::of(
        COMMITS,
        || (),
        |()| {
            connection.execute("INSERT INTO row (body) VALUES (?1)", [&body]).expect("there is room");
        },
    )
}

async fn memory(table: &mut Table, shop: &Shop, bare: &Bare, tokens: &[String]) {
    let pid = shop.service_pid();
    // Once up and down, so that what grows once has grown.
    let (tasks, _heard) = poll_all(shop, tokens).await;
    drop(tasks);
    settle(shop).await;
    let before = resident_kb(pid);
    let (tasks, _heard) = poll_all(shop, tokens).await;
    settle(shop).await;
    let with = resident_kb(pid);
    drop(tasks);

    let bare_before = resident_kb(bare.pid());
    let mut wires = vec![];
    for _ in 0..TERMINALS {
        let mut wire = Wire::connect(bare.address, "").await;
        let _ = wire.send("POST", "/echo", "").await;
        wire.begin("GET", "/wait").await;
        wires.push(wire);
    }
    let bare_with = resident_kb(bare.pid());
    let each = |after: f64, before: f64| {
        (after - before).max(0.0) / f64::from(u32::try_from(TERMINALS).expect("few"))
    };
    let reference = (each(bare_with, bare_before).max(0.01), "an idle request of the bare server");
    table.add("service memory per idle terminal", each(with, before), "KB", reference, &Target::Below(30.0));
}

/// A few round trips: what was sent before has been taken in.
async fn settle(shop: &Shop) {
    let mut wire = Wire::connect(address_of(shop), "").await;
    for _ in 0..50 {
        let _ = wire.send("GET", "/health", "").await;
    }
}

/// Resident memory of a process in KB.
fn resident_kb(pid: u32) -> f64 {
    let mut path = String::from("/proc/");
    write!(path, "{pid}/status").expect("a text takes a number");
    let status = fs::read_to_string(path).expect("the process runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("Linux tells it");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("a number of KB")
}
