//! The real service with 200 terminals in long-polls: how fast an order reaches one, how fast it reaches all, how many
//! orders are accepted, and what an idle terminal costs.

use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

use pos_connect_tests::pdv::listed;
use pos_connect_tests::shop::{Plan, Shop};
use serde_json::json;
use tokio::task::JoinSet;

use crate::bare::Bare;
use crate::disk::{OneRow, disk};
use crate::reach::{Crowd, Poller, direct_orders, listed_orders};
use crate::table::{Table, Target};
use crate::wire::Wire;

pub(crate) const TERMINALS: usize = 200;
const CLIENTS: usize = 64;
const ORDERS_PER_CLIENT: usize = 100;
/// Single commits before and after.
const COMMITS: u32 = 1_000;
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

pub(crate) fn serial(n: usize) -> String {
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

pub(crate) fn pdv_authorization(shop: &Shop) -> String {
    shop.pdv.http.header("authorization").expect("the PDV has a key").to_owned()
}

pub(crate) fn address_of(shop: &Shop) -> std::net::SocketAddr {
    shop.service_address().trim_start_matches("http://").parse().expect("an address")
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
    let disk = OneRow::new();
    let before = disk.per_second(&body, COMMITS);
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
    let single = f64::midpoint(before, disk.per_second(&body, COMMITS));
    let reference = (single, "one row per synced commit, same database and disk");
    table.add(
        "orders accepted, full sync, 64 clients",
        per_second,
        "1/s",
        reference,
        &Target::RatioAtLeast(1.0),
    );
}

async fn memory(table: &mut Table, shop: &Shop, bare: &Bare, tokens: &[String]) {
    let pid = shop.service_pid();
    // Once up and down, so that what grows once has grown.
    drop(Crowd::of_terminals(shop, tokens).await);
    settle(shop).await;
    let before = resident_kb(pid);
    let crowd = Crowd::of_terminals(shop, tokens).await;
    settle(shop).await;
    let with = resident_kb(pid);
    drop(crowd);

    let bare_before = resident_kb(bare.pid());
    let mut waiting = vec![];
    for _ in 0..TERMINALS {
        let mut poller = Poller::of_bare(bare.address, "/wait?after=".to_owned()).await;
        poller.ask().await;
        waiting.push(poller);
    }
    let mut wire = Wire::connect(bare.address, "").await;
    let _ = wire.send("POST", "/echo", "").await;
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
