//! How fast an order reaches its terminals. Every order is followed by its references, so that both see the same machine:
//! the disk of a shared machine is ten times slower in one second than in the next, and a round trip after a pause, as an
//! order's is, takes several times as long as one in a row of thousands.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use pos_connect_tests::pdv::{direct, listed};
use pos_connect_tests::shop::Shop;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::bare::Bare;
use crate::disk::OneRow;
use crate::service::{TERMINALS, address_of, pdv_authorization, serial};
use crate::table::{Samples, Table, Target};
use crate::wire::{Reply, Wire};

const DIRECT_ORDERS: usize = 1_000;
const LISTED_ORDERS: usize = 200;
/// Bytes of a page with one order; what the bare server answers when it stands for it.
const PAGE_BYTES: usize = 320;

/// A connection that waits for news from a cursor on: at the service, or at the bare server, which speaks alike.
pub(crate) struct Poller {
    wire: Wire,
    path: String,
    cursor: String,
}

impl Poller {
    /// A terminal that has read everything there is.
    pub(crate) async fn of_service(shop: &Shop, token: &str) -> Self {
        let wire = Wire::connect(address_of(shop), token).await;
        let mut poller =
            Self { wire, path: "/terminal/v1/feed?wait_s=55&since=".to_owned(), cursor: String::new() };
        loop {
            let path = format!("/terminal/v1/feed?wait_s=0&since={}", poller.cursor);
            let page = poller.wire.send("GET", &path, "").await;
            poller.follow(&page);
            if !contains(&page.body, "\"more\":true") {
                return poller;
            }
        }
    }

    /// A client of the bare server.
    pub(crate) async fn of_bare(address: SocketAddr, path: String) -> Self {
        Self { wire: Wire::connect(address, "").await, path, cursor: "0".to_owned() }
    }

    /// Asks and does not wait.
    pub(crate) async fn ask(&mut self) {
        self.wire.begin("GET", &format!("{}{}", self.path, self.cursor)).await;
    }

    /// What came, and when. Reads no more of it than the cursor: on a machine of two cores the reader competes with
    /// the server.
    async fn heard(&mut self) -> (Reply, Instant) {
        let reply = self.wire.answer().await;
        let at = Instant::now();
        self.follow(&reply);
        (reply, at)
    }

    fn follow(&mut self, page: &Reply) {
        const FIELD: &str = "\"cursor\":\"";
        let text = str::from_utf8(&page.body).expect("an answer is text");
        let (_, rest) = text.split_once(FIELD).unwrap_or_else(|| panic!("{} {text}", page.status));
        rest.split('"').next().expect("a split has a first part").clone_into(&mut self.cursor);
    }
}

/// Something that a waiting connection heard.
struct Heard {
    who: usize,
    at: Instant,
    body: Vec<u8>,
}

/// Waiting connections, each in a task of its own that asks again as soon as it heard something.
pub(crate) struct Crowd {
    heard: mpsc::UnboundedReceiver<Heard>,
    _tasks: JoinSet<()>,
}

impl Crowd {
    pub(crate) async fn of(pollers: Vec<Poller>) -> Self {
        let (tell, heard) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        for (who, mut poller) in pollers.into_iter().enumerate() {
            poller.ask().await;
            let tell = tell.clone();
            tasks.spawn(async move {
                loop {
                    let (reply, at) = poller.heard().await;
                    poller.ask().await;
                    if tell.send(Heard { who, at, body: reply.body }).is_err() {
                        return;
                    }
                }
            });
        }
        Self { heard, _tasks: tasks }
    }

    /// All terminals of a store.
    pub(crate) async fn of_terminals(shop: &Shop, tokens: &[String]) -> Self {
        let mut pollers = vec![];
        for token in tokens {
            pollers.push(Poller::of_service(shop, token).await);
        }
        Self::of(pollers).await
    }

    /// When the last of so many heard of `what`, and the size of what it heard.
    async fn until_told(&mut self, what: &str, many: usize, only: Option<usize>) -> (Instant, usize) {
        let (mut told, mut last, mut bytes) = (0, None, 0);
        while told < many {
            let news = self.heard.recv().await.expect("they wait");
            if only.is_none_or(|who| who == news.who) && contains(&news.body, what) {
                told += 1;
                last = last.max(Some(news.at));
                bytes = news.body.len();
            }
        }
        (last.expect("at least one was told"), bytes)
    }
}

pub(crate) async fn direct_orders(table: &mut Table, shop: &Shop, bare: &Bare, tokens: &[String]) {
    let mut crowd = Crowd::of_terminals(shop, tokens).await;
    let mut pdv = Wire::connect(address_of(shop), &pdv_authorization(shop)).await;
    let mut echo = Wire::connect(bare.address, "").await;
    let disk = OneRow::new();
    let (mut orders, mut trips, mut floors) = (vec![], vec![], vec![]);
    for n in 0..DIRECT_ORDERS {
        let terminal = n * 7 % TERMINALS;
        let body = direct(&serial(terminal), "debit", 1_000).0.to_string();
        let began = Instant::now();
        let id = id_of(&pdv.send("POST", "/core/v5/orders", &body).await);
        let (at, _) = crowd.until_told(&id, 1, Some(terminal)).await;
        orders.push(at - began);

        let began = Instant::now();
        let _ = echo.send("POST", &format!("/echo?bytes={PAGE_BYTES}"), &body).await;
        trips.push(began.elapsed());
        disk.commit(&body);
        floors.push(began.elapsed());
    }
    let (orders, trips, floors) = (Samples::from(orders), Samples::from(trips), Samples::from(floors));
    let name = |percent: usize| format!("direct order to one of {TERMINALS} terminals, p{percent}");
    for percent in [50, 99] {
        let reference = (trips.median_us(), "a bare round trip of the same stack, median");
        table.add(&name(percent), orders.percentile_us(percent), "us", reference, &Target::RatioAtMost(10.0));
    }
    // An accepted order is on the disk: none can be faster than one synced write.
    for percent in [50, 99] {
        let against = "a bare round trip and one row in a synced commit, same percentile";
        let reference = (floors.percentile_us(percent), against);
        let name = format!("  the same, p{percent}, beside what the disk takes");
        table.add(&name, orders.percentile_us(percent), "us", reference, &Target::RatioAtMost(2.0));
    }
}

pub(crate) async fn listed_orders(table: &mut Table, shop: &Shop, bare: &Bare, tokens: &[String]) {
    let mut crowd = Crowd::of_terminals(shop, tokens).await;
    let mut waiting = vec![];
    for _ in 0..TERMINALS {
        waiting.push(Poller::of_bare(bare.address, format!("/wait?bytes={PAGE_BYTES}&after=")).await);
    }
    let mut bare_crowd = Crowd::of(waiting).await;
    let mut pdv = Wire::connect(address_of(shop), &pdv_authorization(shop)).await;
    let mut trigger = Wire::connect(bare.address, "").await;
    let disk = OneRow::new();
    let (mut orders, mut bares, mut floors): (Vec<Duration>, Vec<Duration>, Vec<Duration>) =
        (vec![], vec![], vec![]);
    for n in 0..LISTED_ORDERS {
        let body = listed(&format!("Mesa {n}"), 1_000).0.to_string();
        let began = Instant::now();
        let id = id_of(&pdv.send("POST", "/core/v5/orders", &body).await);
        let (last, bytes) = crowd.until_told(&id, TERMINALS, None).await;
        orders.push(last - began);
        assert!(bytes.abs_diff(PAGE_BYTES) < PAGE_BYTES / 4, "a page has {bytes} bytes: change PAGE_BYTES");

        let began = Instant::now();
        let _ = trigger.send("POST", "/go", &body).await;
        let (last, _) = bare_crowd.until_told("cursor", TERMINALS, None).await;
        bares.push(last - began);
        let began = Instant::now();
        disk.commit(&body);
        floors.push(began.elapsed());
    }
    let ms = |samples: &Samples| samples.median_us() / 1e3;
    let (orders, bares, floors) = (Samples::from(orders), Samples::from(bares), Samples::from(floors));
    let reference = (ms(&bares), "as many bare answers of the same size, same stack");
    let name = format!("listed order to all of {TERMINALS} terminals");
    table.add(&name, ms(&orders), "ms", reference, &Target::RatioAtMost(1.5));
    let reference = (ms(&bares) + ms(&floors), "as many bare answers and one row in a synced commit");
    table.add(
        "  the same, beside what the disk takes",
        ms(&orders),
        "ms",
        reference,
        &Target::RatioAtMost(1.5),
    );
}

fn id_of(reply: &Reply) -> String {
    reply.json()["id"].as_str().expect("an order has an id").to_owned()
}

fn contains(body: &[u8], what: &str) -> bool {
    body.windows(what.len()).any(|window| window == what.as_bytes())
}
