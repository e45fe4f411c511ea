//! The agent in process: one event with 1,000 orders listed, the screen it leads to, and a receipt.

use std::hint::black_box;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pos_connect::acquirer::Acquirer;
use pos_connect::acquirer::stone::{ReturnScheme, Stone};
use pos_connect::flow::{
    Agent, AgentConfig, CallId, DeviceToken, Effect, Event, HubCall, Moment, Record, Reply, Serials, Step,
};
use pos_connect::{receipt, view};
use pos_connect_tests::receipt_image::long_receipt;
use protocol::feed::{Cursor, FeedPage, Settings};
use protocol::method::ContractedMethod;
use protocol::order::{OrderKind, OrderStatus, OrderView};
use protocol::{Centavos, Method, OrderId, Serial, UnixMillis};

use crate::table::{Samples, Table, Target};

const ORDERS: u64 = 1_000;
const RUNS: usize = 5_000;

pub(crate) fn measure(table: &mut Table) {
    let mut terminal = Terminal::with_orders();
    let mut number = 0;
    let page_json = |number| {
        serde_json::to_string(&page(number, vec![order(number % ORDERS, number)])).expect("a page is JSON")
    };
    let parse = Samples::of(
        RUNS,
        || page_json(ORDERS + 1),
        |text| {
            black_box(serde_json::from_str::<FeedPage>(&text).expect("a page"));
        },
    );
    let event = Samples::of(
        RUNS,
        || {
            number += 1;
            page(ORDERS + number, vec![order(number * 7 % ORDERS, ORDERS + number)])
        },
        |page| {
            black_box(terminal.feed(page));
        },
    );
    let reference = (parse.median_us(), "parsing the same feed page with serde_json");
    table.add(
        "agent: one event, 1,000 orders listed",
        event.median_us(),
        "us",
        reference,
        &Target::Below(20.0),
    );

    let screen = view::screen(&terminal.agent, terminal.now);
    let write = Samples::of(
        RUNS,
        || (),
        |()| {
            black_box(serde_json::to_string(&screen).expect("a screen is JSON"));
        },
    );
    let draw = Samples::of(
        RUNS,
        || (),
        |()| {
            black_box(view::screen(&terminal.agent, terminal.now));
        },
    );
    let reference = (write.median_us(), "writing that screen as JSON with serde_json");
    table.add(
        "agent: the screen, 1,000 orders listed",
        draw.median_us(),
        "us",
        reference,
        &Target::Below(200.0),
    );

    receipt_figure(table);
}

fn receipt_figure(table: &mut Table) {
    let text = long_receipt();
    let bytes = STANDARD.decode(&text).expect("our own base64");
    let acquirer = stone();
    let limits = acquirer.capabilities().print.expect("Stone prints");
    let decode = Samples::of(
        100,
        || (),
        |()| {
            let mut reader =
                png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().expect("our own PNG");
            let mut pixels = vec![0; reader.output_buffer_size().expect("it fits memory")];
            reader.next_frame(&mut pixels).expect("our own PNG");
            black_box(pixels);
        },
    );
    let prepare = Samples::of(
        100,
        || (),
        |()| {
            let printable = receipt::prepare(&text, &limits).expect("a good receipt");
            black_box(printable.requests().len());
        },
    );
    let reference = (decode.median_us() / 1e3, "decoding the same PNG with the png crate");
    table.add(
        "receipt 384 x 3,000, base64 to slices",
        prepare.median_us() / 1e3,
        "ms",
        reference,
        &Target::Below(15.0),
    );
}

fn stone() -> Stone {
    Stone::new(ReturnScheme::parse("posconnect").expect("a scheme"))
}

/// An agent that has its orders, and the call under way that brings the next ones.
struct Terminal {
    agent: Agent,
    call: CallId,
    now: Moment,
}

impl Terminal {
    fn with_orders() -> Self {
        let config = AgentConfig {
            serials: Serials::provisioned(Serial::parse("PB0423L300117").expect("a serial number")),
            version: "bench".into(),
            service: "https://pos.example".into(),
        };
        let mut agent = Agent::new(config, Arc::new(stone()), 7);
        agent.replay(&Record::Activated {
            token: DeviceToken::new("token".into()),
            settings: settings(),
            serial: None,
        });
        let now = Moment { wall: UnixMillis(1_780_000_000_000), mono_ms: 1_000 };
        let step = agent.handle(Event::Booted, now);
        let call = feed_call(&step).expect("an active terminal asks for its feed");
        let mut terminal = Self { agent, call, now };
        for chunk in 0..2 {
            let orders = (chunk * 500..(chunk + 1) * 500).map(|n| order(n, n + 1)).collect();
            let mut first = page(chunk, orders);
            first.snapshot = true;
            first.more = chunk == 0;
            terminal.feed(first);
        }
        assert_eq!(terminal.agent.durable().orders.len() as u64, ORDERS);
        terminal
    }

    fn feed(&mut self, page: FeedPage) -> Step {
        self.now.mono_ms += 1;
        let result = Ok(Reply::Feed(Box::new(page)));
        let step = self.agent.handle(Event::Answered { call: self.call, result }, self.now);
        if let Some(call) = feed_call(&step) {
            self.call = call;
        }
        step
    }
}

fn feed_call(step: &Step) -> Option<CallId> {
    step.effects.iter().find_map(|effect| {
        if let Effect::Call { call, request: HubCall::Feed { .. }, .. } = effect { Some(*call) } else { None }
    })
}

pub(crate) fn settings() -> Settings {
    let line = |method| ContractedMethod { method, merchant_installments_max: 1, issuer_installments_max: 1 };
    Settings {
        store_name: "Loja".into(),
        acquirer_cnpj: "16501555000157".into(),
        methods: Method::ALL.map(line).into(),
        delivery: true,
        counter: true,
        feed_wait_s: 25,
        answer_timeout_s: 180,
    }
}

pub(crate) fn page(sequence: u64, orders: Vec<OrderView>) -> FeedPage {
    FeedPage {
        cursor: Cursor { epoch: 1, sequence },
        server_time: UnixMillis(1_780_000_000_000),
        snapshot: false,
        more: false,
        restored: false,
        orders,
        receipts: vec![],
        receipts_gone: vec![],
        reversals_wanted: vec![],
        settings: None,
    }
}

pub(crate) fn order(number: u64, revision: u64) -> OrderView {
    OrderView {
        id: OrderId::parse(&format!("or_{number:020}")).expect("an order id"),
        number: number.to_string(),
        display_name: format!("Mesa {number}"),
        kind: OrderKind::Listed,
        status: OrderStatus::Open,
        total: Centavos::new(1_000 + number).expect("a small amount"),
        paid: Centavos::ZERO,
        reserved: Centavos::ZERO,
        fixed: None,
        claim: None,
        attempts: vec![],
        receipt_expected: false,
        created_at: UnixMillis(1_779_000_000_000 + i64::try_from(number).expect("small")),
        expires_at: None,
        revision,
    }
}
